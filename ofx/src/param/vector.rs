//! Several numbers: colours, points, directions.

use core::ffi::CStr;

use ofx_sys as sys;

use super::common::{Common, Param, ParamProps, Valued, builders, transfer_by_value};
use super::number::{DoubleKind, describe_doubles};
use super::raw::RawParam;
use crate::error::Result;
use crate::geometry::PointD;
use crate::props::optional;

/// A colour of 3 or 4 channels.
macro_rules! colour {
    ($(#[$doc:meta])* $type:ident, $n:literal, $kind:ident, $get:ident, $set:ident, $start:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $type<'a> {
            common: Common<'a>,
            default: [f64; $n],
        }

        impl<'a> $type<'a> {
            /// Black at first (opaque, if there is alpha).
            pub const fn new(name: &'a CStr, label: &'a CStr) -> Self {
                Self { common: Common::new(name, label), default: $start }
            }

            /// The value of a new instance.
            pub const fn default(mut self, default: [f64; $n]) -> Self {
                self.default = default;
                self
            }
        }

        builders!(value $type);

        impl Param for $type<'_> {
            fn common(&self) -> Common<'_> {
                self.common
            }

            fn kind(&self) -> &'static CStr {
                sys::$kind
            }

            fn describe(&self, p: &ParamProps<'_>) -> Result<()> {
                self.common.describe_value(p, true);
                p.set_doubles(sys::kOfxParamPropDefault, &self.default)
            }
        }

        impl Valued for $type<'_> {
            type Value = [f64; $n];
            type Input<'v> = [f64; $n];

            fn read(&self, raw: &RawParam<'_>, time: Option<f64>) -> Result<Self::Value> {
                raw.$get(time)
            }

            fn write(&self, raw: &RawParam<'_>, time: Option<f64>, value: Self::Value) -> Result<()> {
                raw.$set(time, value)
            }

            transfer_by_value!();
        }
    };
}

colour!(
    /// A colour: red, green, blue.
    Rgb, 3, kOfxParamTypeRGB, get_3, set_3, [0.0; 3]
);
colour!(
    /// A colour with alpha: red, green, blue, alpha.
    Rgba, 4, kOfxParamTypeRGBA, get_4, set_4, [0.0, 0.0, 0.0, 1.0]
);

/// Two real numbers: a position in the picture, a size, or just a pair. Positions are canonical.
#[derive(Debug, Clone, Copy)]
pub struct Double2<'a> {
    common: Common<'a>,
    default: [f64; 2],
    normalised: bool,
    range: (f64, f64),
    display: Option<(f64, f64)>,
    increment: f64,
    kind: DoubleKind,
    labels: Option<[&'a CStr; 2]>,
    handle: bool,
}

impl<'a> Double2<'a> {
    /// 0, 0 at first, without limits.
    pub const fn new(name: &'a CStr, label: &'a CStr) -> Self {
        Self {
            common: Common::new(name, label),
            default: [0.0; 2],
            normalised: false,
            range: (-f64::MAX, f64::MAX),
            display: None,
            increment: 0.0,
            kind: DoubleKind::Plain,
            labels: None,
            handle: false,
        }
    }

    /// A position in the picture (canonical), in the middle of the project at first.
    pub const fn position(name: &'a CStr, label: &'a CStr) -> Self {
        Self::new(name, label).kind(DoubleKind::XyAbsolute).default_normalised(0.5, 0.5)
    }

    /// The value of a new instance.
    pub const fn default(mut self, x: f64, y: f64) -> Self {
        self.default = [x, y];
        self.normalised = false;
        self
    }

    /// The value of a new instance as a part of the project's window: 0, 0 is its bottom left, 1, 1 its top right.
    /// In hosts that do not know such defaults (Resolve), it is set when the instance is created.
    pub const fn default_normalised(mut self, x: f64, y: f64) -> Self {
        self.default = [x, y];
        self.normalised = true;
        self
    }

    /// What the host lets through in each dimension, ends included.
    pub const fn range(mut self, min: f64, max: f64) -> Self {
        self.range = (min, max);
        self
    }

    /// The ends of the sliders.
    pub const fn display(mut self, min: f64, max: f64) -> Self {
        self.display = Some((min, max));
        self
    }

    /// The step of the sliders.
    pub const fn increment(mut self, step: f64) -> Self {
        self.increment = step;
        self
    }

    /// What it means.
    pub const fn kind(mut self, kind: DoubleKind) -> Self {
        self.kind = kind;
        self
    }

    /// The names of the two dimensions.
    pub const fn dimension_labels(mut self, x: &'a CStr, y: &'a CStr) -> Self {
        self.labels = Some([x, y]);
        self
    }

    /// The host draws its own handle in the picture, where it has one (OpenFX 1.2).
    pub const fn host_handle(mut self) -> Self {
        self.handle = true;
        self
    }
}

builders!(value Double2);

impl Param for Double2<'_> {
    fn common(&self) -> Common<'_> {
        self.common
    }

    fn kind(&self) -> &'static CStr {
        sys::kOfxParamTypeDouble2D
    }

    fn describe(&self, p: &ParamProps<'_>) -> Result<()> {
        self.common.describe_value(p, true);
        if self.normalised && p.host.knows_normalised_defaults() {
            let normalised = sys::kOfxParamCoordinatesNormalised;
            optional(p.set_string(sys::kOfxParamPropDefaultCoordinateSystem, 0, normalised));
        }
        let display = match self.display {
            // Coordinates have no useful slider of their own; a normalised default says nothing about their size.
            None if self.normalised => Some((-10_000.0, 10_000.0)),
            other => other,
        };
        describe_doubles(p, &self.default, self.range, display)?;
        if self.increment > 0.0 {
            optional(p.set_double(sys::kOfxParamPropIncrement, 0, self.increment));
            optional(p.set_double(sys::kOfxParamPropIncrement, 1, self.increment));
        }
        self.kind.describe(p);
        if let Some(labels) = self.labels {
            optional(p.set_strings(sys::kOfxParamPropDimensionLabel, &labels));
        }
        if self.handle && p.since(1, 2) {
            optional(p.set_int(sys::kOfxParamPropUseHostOverlayHandle, 0, 1));
        }
        Ok(())
    }

    fn normalised_default(&self) -> Option<PointD> {
        self.normalised.then_some(PointD { x: self.default[0], y: self.default[1] })
    }
}

impl Valued for Double2<'_> {
    type Value = PointD;
    type Input<'v> = PointD;

    fn read(&self, raw: &RawParam<'_>, time: Option<f64>) -> Result<PointD> {
        Ok(raw.get_2(time)?.into())
    }

    fn write(&self, raw: &RawParam<'_>, time: Option<f64>, value: PointD) -> Result<()> {
        raw.set_2(time, value.into())
    }

    transfer_by_value!();
}

/// Three real numbers.
#[derive(Debug, Clone, Copy)]
pub struct Double3<'a> {
    common: Common<'a>,
    default: [f64; 3],
    range: (f64, f64),
    display: Option<(f64, f64)>,
    labels: Option<[&'a CStr; 3]>,
}

impl<'a> Double3<'a> {
    /// Zeros at first, without limits.
    pub const fn new(name: &'a CStr, label: &'a CStr) -> Self {
        Self {
            common: Common::new(name, label),
            default: [0.0; 3],
            range: (-f64::MAX, f64::MAX),
            display: None,
            labels: None,
        }
    }

    /// The value of a new instance.
    pub const fn default(mut self, default: [f64; 3]) -> Self {
        self.default = default;
        self
    }

    /// What the host lets through in each dimension, ends included.
    pub const fn range(mut self, min: f64, max: f64) -> Self {
        self.range = (min, max);
        self
    }

    /// The ends of the sliders.
    pub const fn display(mut self, min: f64, max: f64) -> Self {
        self.display = Some((min, max));
        self
    }

    /// The names of the dimensions.
    pub const fn dimension_labels(mut self, labels: [&'a CStr; 3]) -> Self {
        self.labels = Some(labels);
        self
    }
}

builders!(value Double3);

impl Param for Double3<'_> {
    fn common(&self) -> Common<'_> {
        self.common
    }

    fn kind(&self) -> &'static CStr {
        sys::kOfxParamTypeDouble3D
    }

    fn describe(&self, p: &ParamProps<'_>) -> Result<()> {
        self.common.describe_value(p, true);
        describe_doubles(p, &self.default, self.range, self.display)?;
        if let Some(labels) = self.labels {
            optional(p.set_strings(sys::kOfxParamPropDimensionLabel, &labels));
        }
        Ok(())
    }
}

impl Valued for Double3<'_> {
    type Value = [f64; 3];
    type Input<'v> = [f64; 3];

    fn read(&self, raw: &RawParam<'_>, time: Option<f64>) -> Result<[f64; 3]> {
        raw.get_3(time)
    }

    fn write(&self, raw: &RawParam<'_>, time: Option<f64>, value: [f64; 3]) -> Result<()> {
        raw.set_3(time, value)
    }

    transfer_by_value!();
}
