//! Truths, choices and buttons.

use core::ffi::CStr;
use core::marker::PhantomData;

use ofx_sys as sys;

use super::common::{Common, Param, ParamProps, Valued, builders, transfer_by_value};
use super::raw::RawParam;
use crate::error::Result;

/// A check box.
#[derive(Debug, Clone, Copy)]
pub struct Bool<'a> {
    common: Common<'a>,
    default: bool,
}

impl<'a> Bool<'a> {
    /// Off at first.
    pub const fn new(name: &'a CStr, label: &'a CStr) -> Self {
        Self { common: Common::new(name, label), default: false }
    }

    /// The value of a new instance.
    pub const fn default(mut self, default: bool) -> Self {
        self.default = default;
        self
    }
}

builders!(value Bool);

impl Param for Bool<'_> {
    fn common(&self) -> Common<'_> {
        self.common
    }

    fn kind(&self) -> &'static CStr {
        sys::kOfxParamTypeBoolean
    }

    fn describe(&self, p: &ParamProps<'_>) -> Result<()> {
        self.common.describe_value(p, p.host.capabilities().boolean_animation);
        p.set_int(sys::kOfxParamPropDefault, 0, self.default.into())
    }
}

impl Valued for Bool<'_> {
    type Value = bool;
    type Input<'v> = bool;

    fn read(&self, raw: &RawParam<'_>, time: Option<f64>) -> Result<bool> {
        Ok(raw.get_int(time)? != 0)
    }

    fn write(&self, raw: &RawParam<'_>, time: Option<f64>, value: bool) -> Result<()> {
        raw.set_int(time, value.into())
    }

    transfer_by_value!();
}

/// One of several options, by index. The options are fixed: Nuke takes no others after describing.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    common: Common<'a>,
    options: &'a [&'a CStr],
    default: usize,
}

impl<'a> Choice<'a> {
    /// The first option at first.
    pub const fn new(name: &'a CStr, label: &'a CStr, options: &'a [&'a CStr]) -> Self {
        Self { common: Common::new(name, label), options, default: 0 }
    }

    /// The value of a new instance.
    pub const fn default(mut self, index: usize) -> Self {
        self.default = index;
        self
    }
}

builders!(value Choice);

impl Param for Choice<'_> {
    fn common(&self) -> Common<'_> {
        self.common
    }

    fn kind(&self) -> &'static CStr {
        sys::kOfxParamTypeChoice
    }

    fn describe(&self, p: &ParamProps<'_>) -> Result<()> {
        describe_choice(&self.common, p, self.options.iter().copied(), self.default)
    }
}

fn describe_choice<'o>(
    common: &Common<'_>,
    p: &ParamProps<'_>,
    options: impl Iterator<Item = &'o CStr>,
    default: usize,
) -> Result<()> {
    common.describe_value(p, p.host.capabilities().choice_animation);
    for (i, option) in options.enumerate() {
        p.set_string(sys::kOfxParamPropChoiceOption, i, option)?;
    }
    p.set_int(sys::kOfxParamPropDefault, 0, index_to_int(default))
}

fn index_to_int(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}

fn read_index(raw: &RawParam<'_>, time: Option<f64>, count: usize) -> Result<usize> {
    let index = usize::try_from(raw.get_int(time)?).unwrap_or(0);
    Ok(index.min(count.saturating_sub(1)))
}

impl Valued for Choice<'_> {
    type Value = usize;
    type Input<'v> = usize;

    /// Always the index of an option, whatever the host replies.
    fn read(&self, raw: &RawParam<'_>, time: Option<f64>) -> Result<usize> {
        read_index(raw, time, self.options.len())
    }

    fn write(&self, raw: &RawParam<'_>, time: Option<f64>, value: usize) -> Result<()> {
        raw.set_int(time, index_to_int(value))
    }

    transfer_by_value!();
}

/// An enum whose variants are the options of a [`ChoiceOf`].
///
/// ```
/// use ofx::param::{ChoiceOf, Options};
///
/// #[derive(Clone, Copy, PartialEq)]
/// enum Output {
///     Matte,
///     Source,
/// }
///
/// impl Options for Output {
///     const ALL: &'static [(Self, &'static core::ffi::CStr)] =
///         &[(Self::Matte, c"Matte"), (Self::Source, c"Source")];
/// }
///
/// const OUTPUT: ChoiceOf<Output> = ChoiceOf::new(c"output", c"Output", Output::Matte);
/// ```
pub trait Options: Copy + PartialEq + 'static {
    /// Every variant with its label, in the order the artist sees. Not empty.
    const ALL: &'static [(Self, &'static CStr)];
}

/// One of several options, by an enum of yours.
#[derive(Debug, Clone, Copy)]
pub struct ChoiceOf<'a, T: Options> {
    common: Common<'a>,
    default: T,
    options: PhantomData<T>,
}

impl<'a, T: Options> ChoiceOf<'a, T> {
    /// A choice with the value of a new instance.
    pub const fn new(name: &'a CStr, label: &'a CStr, default: T) -> Self {
        Self { common: Common::new(name, label), default, options: PhantomData }
    }
}

builders!(value ChoiceOf, T: Options);

fn index_of<T: Options>(value: T) -> usize {
    T::ALL.iter().position(|(v, _)| *v == value).unwrap_or(0)
}

impl<T: Options> Param for ChoiceOf<'_, T> {
    fn common(&self) -> Common<'_> {
        self.common
    }

    fn kind(&self) -> &'static CStr {
        sys::kOfxParamTypeChoice
    }

    fn describe(&self, p: &ParamProps<'_>) -> Result<()> {
        describe_choice(&self.common, p, T::ALL.iter().map(|(_, label)| *label), index_of(self.default))
    }
}

impl<T: Options> Valued for ChoiceOf<'_, T> {
    type Value = T;
    type Input<'v> = T;

    fn read(&self, raw: &RawParam<'_>, time: Option<f64>) -> Result<T> {
        let index = read_index(raw, time, T::ALL.len())?;
        Ok(T::ALL.get(index).map_or(self.default, |(v, _)| *v))
    }

    fn write(&self, raw: &RawParam<'_>, time: Option<f64>, value: T) -> Result<()> {
        raw.set_int(time, index_to_int(index_of(value)))
    }

    transfer_by_value!();
}

/// A button. Pressing it arrives as `Effect::changed` (never in MLT).
#[derive(Debug, Clone, Copy)]
pub struct Push<'a> {
    common: Common<'a>,
}

impl<'a> Push<'a> {
    /// A button.
    pub const fn new(name: &'a CStr, label: &'a CStr) -> Self {
        Self { common: Common::new(name, label) }
    }
}

builders!(all Push);

impl Param for Push<'_> {
    fn common(&self) -> Common<'_> {
        self.common
    }

    fn kind(&self) -> &'static CStr {
        sys::kOfxParamTypePushButton
    }

    fn describe(&self, _: &ParamProps<'_>) -> Result<()> {
        Ok(())
    }
}
