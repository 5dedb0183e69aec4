//! Curves that the artist draws, in hosts that have the parametric suite.

use core::ffi::CStr;

use ofx_sys as sys;

use super::common::{Common, Param, ParamProps, builders};
use crate::error::Result;
use crate::props::optional;

/// One or several curves over a range. Left out in hosts without the parametric suite.
#[derive(Debug, Clone, Copy)]
pub struct Parametric<'a> {
    common: Common<'a>,
    pub(crate) curves: &'a [&'a CStr],
    pub(crate) points: &'a [(f64, f64)],
    range: (f64, f64),
}

impl<'a> Parametric<'a> {
    /// Curves with these labels over 0..1, straight from (0, 0) to (1, 1) at first.
    pub const fn new(name: &'a CStr, label: &'a CStr, curves: &'a [&'a CStr]) -> Self {
        Self {
            common: Common::new(name, label),
            curves,
            points: &[(0.0, 0.0), (1.0, 1.0)],
            range: (0.0, 1.0),
        }
    }

    /// Where the curves are defined.
    pub const fn range(mut self, min: f64, max: f64) -> Self {
        self.range = (min, max);
        self
    }

    /// The control points of every curve of a new instance.
    pub const fn points(mut self, points: &'a [(f64, f64)]) -> Self {
        self.points = points;
        self
    }

    /// The curve of a new instance at `x`: straight lines between the points.
    pub fn default_at(&self, x: f64) -> f64 {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else { return 0.0 };
        if x <= first.0 {
            return first.1;
        }
        self.points
            .windows(2)
            .find(|w| x <= w[1].0)
            .map_or(last.1, |w| w[0].1 + (w[1].1 - w[0].1) * (x - w[0].0) / (w[1].0 - w[0].0))
    }
}

builders!(value Parametric);

impl Param for Parametric<'_> {
    fn common(&self) -> Common<'_> {
        self.common
    }

    fn kind(&self) -> &'static CStr {
        sys::kOfxParamTypeParametric
    }

    fn describe(&self, p: &ParamProps<'_>) -> Result<()> {
        self.common.describe_value(p, p.host.capabilities().parametric_animation);
        let curves = i32::try_from(self.curves.len()).unwrap_or(1);
        p.set_int(sys::kOfxParamPropParametricDimension, 0, curves)?;
        optional(p.set_doubles(sys::kOfxParamPropParametricRange, &[self.range.0, self.range.1]));
        optional(p.set_strings(sys::kOfxParamPropDimensionLabel, self.curves));
        Ok(())
    }
}
