//! One number.

use core::ffi::CStr;

use ofx_sys as sys;

use super::common::{Common, Param, ParamProps, Valued, builders, transfer_by_value};
use super::raw::RawParam;
use crate::error::Result;
use crate::props::optional;

/// What a real number means, so that the host can show it well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoubleKind {
    /// Just a number.
    Plain,
    /// A factor.
    Scale,
    /// Degrees.
    Angle,
    /// A duration in frames.
    Time,
    /// A frame.
    AbsoluteTime,
    /// A horizontal length, canonical. Needs OpenFX 1.2.
    X,
    /// A vertical length, canonical. Needs OpenFX 1.2.
    Y,
    /// A horizontal position, canonical. Needs OpenFX 1.2.
    XAbsolute,
    /// A vertical position, canonical. Needs OpenFX 1.2.
    YAbsolute,
    /// A 2-D size, canonical. Needs OpenFX 1.2.
    Xy,
    /// A 2-D position, canonical. Needs OpenFX 1.2.
    XyAbsolute,
}

impl DoubleKind {
    pub(crate) fn describe(self, p: &ParamProps<'_>) {
        let (name, old_enough) = match self {
            Self::Plain => (sys::kOfxParamDoubleTypePlain, true),
            Self::Scale => (sys::kOfxParamDoubleTypeScale, true),
            Self::Angle => (sys::kOfxParamDoubleTypeAngle, true),
            Self::Time => (sys::kOfxParamDoubleTypeTime, true),
            Self::AbsoluteTime => (sys::kOfxParamDoubleTypeAbsoluteTime, true),
            Self::X => (sys::kOfxParamDoubleTypeX, p.since(1, 2)),
            Self::Y => (sys::kOfxParamDoubleTypeY, p.since(1, 2)),
            Self::XAbsolute => (sys::kOfxParamDoubleTypeXAbsolute, p.since(1, 2)),
            Self::YAbsolute => (sys::kOfxParamDoubleTypeYAbsolute, p.since(1, 2)),
            Self::Xy => (sys::kOfxParamDoubleTypeXY, p.since(1, 2)),
            Self::XyAbsolute => (sys::kOfxParamDoubleTypeXYAbsolute, p.since(1, 2)),
        };
        if old_enough && self != Self::Plain {
            optional(p.set_string(sys::kOfxParamPropDoubleType, 0, name));
        }
    }
}

/// The slider's ends: as given, or the range if it is finite, or something around 0, 1 and the default.
pub(crate) fn display_of(range: (f64, f64), display: Option<(f64, f64)>, default: f64) -> (f64, f64) {
    let (lo, hi) = display.unwrap_or((
        if range.0 > -f64::MAX { range.0 } else { default.min(0.0) * 2.0 },
        if range.1 < f64::MAX { range.1 } else { (default * 2.0).max(1.0) },
    ));
    (lo.max(range.0), hi.min(range.1))
}

/// A real number.
#[derive(Debug, Clone, Copy)]
pub struct Double<'a> {
    common: Common<'a>,
    default: f64,
    range: (f64, f64),
    display: Option<(f64, f64)>,
    increment: f64,
    digits: i32,
    kind: DoubleKind,
}

impl<'a> Double<'a> {
    /// 0 at first, without limits.
    pub const fn new(name: &'a CStr, label: &'a CStr) -> Self {
        Self {
            common: Common::new(name, label),
            default: 0.0,
            range: (-f64::MAX, f64::MAX),
            display: None,
            increment: 0.0,
            digits: -1,
            kind: DoubleKind::Plain,
        }
    }

    /// The value of a new instance.
    pub const fn default(mut self, default: f64) -> Self {
        self.default = default;
        self
    }

    /// What the host lets through, ends included.
    pub const fn range(mut self, min: f64, max: f64) -> Self {
        self.range = (min, max);
        self
    }

    /// The ends of the slider.
    pub const fn display(mut self, min: f64, max: f64) -> Self {
        self.display = Some((min, max));
        self
    }

    /// The step of the slider.
    pub const fn increment(mut self, step: f64) -> Self {
        self.increment = step;
        self
    }

    /// How many digits after the point are shown.
    pub const fn digits(mut self, digits: i32) -> Self {
        self.digits = digits;
        self
    }

    /// What it means.
    pub const fn kind(mut self, kind: DoubleKind) -> Self {
        self.kind = kind;
        self
    }
}

builders!(value Double);

impl Param for Double<'_> {
    fn common(&self) -> Common<'_> {
        self.common
    }

    fn kind(&self) -> &'static CStr {
        sys::kOfxParamTypeDouble
    }

    fn describe(&self, p: &ParamProps<'_>) -> Result<()> {
        self.common.describe_value(p, true);
        describe_doubles(p, &[self.default], self.range, self.display)?;
        if self.increment > 0.0 {
            optional(p.set_double(sys::kOfxParamPropIncrement, 0, self.increment));
        }
        if self.digits >= 0 {
            optional(p.set_int(sys::kOfxParamPropDigits, 0, self.digits));
        }
        self.kind.describe(p);
        Ok(())
    }
}

/// Default, range and display range of one or several real numbers: Resolve needs both ranges.
pub(crate) fn describe_doubles(
    p: &ParamProps<'_>,
    default: &[f64],
    range: (f64, f64),
    display: Option<(f64, f64)>,
) -> Result<()> {
    for (i, &d) in default.iter().enumerate() {
        p.set_double(sys::kOfxParamPropDefault, i, d)?;
        let (lo, hi) = display_of(range, display, d);
        optional(p.set_double(sys::kOfxParamPropMin, i, range.0));
        optional(p.set_double(sys::kOfxParamPropMax, i, range.1));
        optional(p.set_double(sys::kOfxParamPropDisplayMin, i, lo));
        optional(p.set_double(sys::kOfxParamPropDisplayMax, i, hi));
    }
    Ok(())
}

impl Valued for Double<'_> {
    type Value = f64;
    type Input<'v> = f64;

    fn read(&self, raw: &RawParam<'_>, time: Option<f64>) -> Result<f64> {
        raw.get_1(time)
    }

    fn write(&self, raw: &RawParam<'_>, time: Option<f64>, value: f64) -> Result<()> {
        raw.set_1(time, value)
    }

    transfer_by_value!();
}

/// A whole number.
#[derive(Debug, Clone, Copy)]
pub struct Int<'a> {
    common: Common<'a>,
    default: i32,
    range: (i32, i32),
    display: Option<(i32, i32)>,
}

impl<'a> Int<'a> {
    /// 0 at first, without limits.
    pub const fn new(name: &'a CStr, label: &'a CStr) -> Self {
        Self { common: Common::new(name, label), default: 0, range: (i32::MIN, i32::MAX), display: None }
    }

    /// The value of a new instance.
    pub const fn default(mut self, default: i32) -> Self {
        self.default = default;
        self
    }

    /// What the host lets through, ends included.
    pub const fn range(mut self, min: i32, max: i32) -> Self {
        self.range = (min, max);
        self
    }

    /// The ends of the slider.
    pub const fn display(mut self, min: i32, max: i32) -> Self {
        self.display = Some((min, max));
        self
    }
}

builders!(value Int);

impl Param for Int<'_> {
    fn common(&self) -> Common<'_> {
        self.common
    }

    fn kind(&self) -> &'static CStr {
        sys::kOfxParamTypeInteger
    }

    fn describe(&self, p: &ParamProps<'_>) -> Result<()> {
        self.common.describe_value(p, true);
        p.set_int(sys::kOfxParamPropDefault, 0, self.default)?;
        let (min, max) = self.range;
        let (lo, hi) = self.display.unwrap_or((
            if min > i32::MIN { min } else { self.default.saturating_mul(2).min(0) },
            if max < i32::MAX { max } else { self.default.saturating_mul(2).max(100) },
        ));
        optional(p.set_int(sys::kOfxParamPropMin, 0, min));
        optional(p.set_int(sys::kOfxParamPropMax, 0, max));
        optional(p.set_int(sys::kOfxParamPropDisplayMin, 0, lo.max(min)));
        optional(p.set_int(sys::kOfxParamPropDisplayMax, 0, hi.min(max)));
        Ok(())
    }
}

impl Valued for Int<'_> {
    type Value = i32;
    type Input<'v> = i32;

    fn read(&self, raw: &RawParam<'_>, time: Option<f64>) -> Result<i32> {
        raw.get_int(time)
    }

    fn write(&self, raw: &RawParam<'_>, time: Option<f64>, value: i32) -> Result<()> {
        raw.set_int(time, value)
    }

    transfer_by_value!();
}
