//! What all params share.

use core::ffi::CStr;

use ofx_sys as sys;

use super::raw::RawParam;
use crate::error::Result;
use crate::host::{ApiVersion, Host};
use crate::props::{PropertySet, optional};

/// Which rendered frames a change of the param makes stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalidates {
    /// Those whose own value changes. What hosts assume.
    ValueChange,
    /// All from the change on.
    ToEnd,
    /// All.
    All,
}

/// When a param is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secret {
    No,
    AtFirst,
    Always,
}

/// What all params share. Made by the params' builders.
#[derive(Debug, Clone, Copy)]
pub struct Common<'a> {
    pub(crate) name: &'a CStr,
    pub(crate) label: &'a CStr,
    pub(crate) help: Option<&'a CStr>,
    pub(crate) secret: Secret,
    pub(crate) enabled: bool,
    pub(crate) animates: bool,
    pub(crate) undo: bool,
    pub(crate) persistent: bool,
    pub(crate) evaluate: bool,
    pub(crate) invalidates: Invalidates,
}

impl<'a> Common<'a> {
    pub(crate) const fn new(name: &'a CStr, label: &'a CStr) -> Self {
        Self {
            name,
            label,
            help: None,
            secret: Secret::No,
            enabled: true,
            animates: true,
            undo: true,
            persistent: true,
            evaluate: true,
            invalidates: Invalidates::ValueChange,
        }
    }

    pub(crate) const fn still(mut self) -> Self {
        self.animates = false;
        self
    }

    /// Sets what every value-holding param has.
    pub(crate) fn describe_value(&self, p: &ParamProps<'_>, host_animates: bool) {
        let yes = |name, on: bool| optional(p.set_int(name, 0, on.into()));
        yes(sys::kOfxParamPropAnimates, self.animates && host_animates);
        yes(sys::kOfxParamPropCanUndo, self.undo);
        yes(sys::kOfxParamPropPersistant, self.persistent);
        yes(sys::kOfxParamPropEvaluateOnChange, self.evaluate);
        let stale = match self.invalidates {
            Invalidates::ValueChange => return,
            Invalidates::ToEnd => sys::kOfxParamInvalidateValueChangeToEnd,
            Invalidates::All => sys::kOfxParamInvalidateAll,
        };
        optional(p.set_string(sys::kOfxParamPropCacheInvalidation, 0, stale));
    }
}

/// The properties of a param that is being described.
pub struct ParamProps<'h> {
    pub(crate) props: PropertySet<'h>,
    pub(crate) host: &'h Host,
}

impl ParamProps<'_> {
    pub(crate) fn since(&self, major: u32, minor: u32) -> bool {
        self.host.api() >= ApiVersion(major, minor)
    }
}

impl<'h> core::ops::Deref for ParamProps<'h> {
    type Target = PropertySet<'h>;

    fn deref(&self) -> &Self::Target {
        &self.props
    }
}

/// A param that can be described.
pub trait Param {
    /// What all params share.
    #[doc(hidden)]
    fn common(&self) -> Common<'_>;

    /// OpenFX's name of the type.
    #[doc(hidden)]
    fn kind(&self) -> &'static CStr;

    /// Sets what is the type's own.
    #[doc(hidden)]
    fn describe(&self, p: &ParamProps<'_>) -> Result<()>;

    /// A default that depends on the project's size, to be set by ourselves where the host cannot.
    #[doc(hidden)]
    fn normalised_default(&self) -> Option<crate::PointD> {
        None
    }

    /// The script name.
    fn name(&self) -> &CStr {
        self.common().name
    }
}

/// A param that holds a value.
pub trait Valued: Param {
    /// What reading gives.
    type Value;
    /// What writing takes.
    type Input<'v>;

    /// Reads, now or at a time.
    #[doc(hidden)]
    fn read(&self, raw: &RawParam<'_>, time: Option<f64>) -> Result<Self::Value>;

    /// Writes, now or at a time.
    #[doc(hidden)]
    fn write(&self, raw: &RawParam<'_>, time: Option<f64>, value: Self::Input<'_>) -> Result<()>;

    /// Copies what `from` holds at `from_time` to `to` at `to_time`.
    #[doc(hidden)]
    fn transfer(&self, from: (&RawParam<'_>, Option<f64>), to: (&RawParam<'_>, Option<f64>)) -> Result<()>;
}

/// `transfer` for params whose `Input` is their `Value`.
macro_rules! transfer_by_value {
    () => {
        fn transfer(
            &self,
            (from, from_time): (&RawParam<'_>, Option<f64>),
            (to, to_time): (&RawParam<'_>, Option<f64>),
        ) -> Result<()> {
            self.write(to, to_time, self.read(from, from_time)?)
        }
    };
}
pub(crate) use transfer_by_value;

/// The builders that all params have; `value` adds those of params that hold a value.
macro_rules! builders {
    (all $type:ident $(, $t:ident : $bound:ident)?) => {
        impl<'a $(, $t: $bound)?> $type<'a $(, $t)?> {
            /// What the artist reads when pointing at it.
            pub const fn help(mut self, help: &'a core::ffi::CStr) -> Self {
                self.common.help = Some(help);
                self
            }

            /// Hidden at first; `Instance::set_secret` reveals it, in Nuke too.
            pub const fn secret(mut self) -> Self {
                self.common.secret = crate::param::common::Secret::AtFirst;
                self
            }

            /// Hidden for good. (MLT does not save such params.)
            pub const fn hidden(mut self) -> Self {
                self.common.secret = crate::param::common::Secret::Always;
                self
            }

            /// Greyed out at first.
            pub const fn disabled(mut self) -> Self {
                self.common.enabled = false;
                self
            }
        }
    };
    (value $type:ident $(, $t:ident : $bound:ident)?) => {
        crate::param::common::builders!(all $type $(, $t: $bound)?);
        impl<'a $(, $t: $bound)?> $type<'a $(, $t)?> {
            /// Holds one value for all frames.
            pub const fn no_animation(mut self) -> Self {
                self.common.animates = false;
                self
            }

            /// Changes do not go to the host's undo list.
            pub const fn no_undo(mut self) -> Self {
                self.common.undo = false;
                self
            }

            /// Not saved with the project.
            pub const fn not_persistent(mut self) -> Self {
                self.common.persistent = false;
                self
            }

            /// Whether a change makes the host render again. (Resolve always does.)
            pub const fn evaluate_on_change(mut self, evaluate: bool) -> Self {
                self.common.evaluate = evaluate;
                self
            }

            /// Which rendered frames a change makes stale.
            pub const fn invalidates(mut self, which: crate::param::Invalidates) -> Self {
                self.common.invalidates = which;
                self
            }
        }
    };
}
pub(crate) use builders;
