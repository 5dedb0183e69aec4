//! The host's time line.

use core::ffi::c_void;

use ofx_sys as sys;

use crate::error::{Error, Result, check};
use crate::geometry::RangeD;
use crate::instance::Instance;

/// The time line that an instance is on.
pub struct TimeLine<'i> {
    suite: &'i sys::OfxTimeLineSuiteV1,
    handle: *mut c_void,
}

impl Instance {
    /// The time line, if the host has one. (MLT has one that knows nothing.)
    pub fn timeline(&self) -> Option<TimeLine<'_>> {
        let suite = self.host().suites.timeline.as_ref()?;
        Some(TimeLine { suite, handle: self.handle().raw().cast() })
    }
}

impl TimeLine<'_> {
    /// The current frame.
    pub fn time(&self) -> Result<f64> {
        let get = self.suite.getTime.ok_or_else(|| Error::no_function("getTime"))?;
        let mut time = 0.0;
        // SAFETY: the host's own function with the handle of a living instance; the reply lives through the call.
        check(unsafe { get(self.handle, &raw mut time) }, || "getTime")?;
        Ok(time)
    }

    /// Moves to a frame.
    pub fn go_to(&self, time: f64) -> Result<()> {
        let go = self.suite.gotoTime.ok_or_else(|| Error::no_function("gotoTime"))?;
        // SAFETY: the host's own function with the handle of a living instance.
        check(unsafe { go(self.handle, time) }, || "gotoTime")
    }

    /// The first and last frame.
    pub fn bounds(&self) -> Result<RangeD> {
        let get = self.suite.getTimeBounds.ok_or_else(|| Error::no_function("getTimeBounds"))?;
        let mut range = RangeD::default();
        // SAFETY: the host's own function with the handle of a living instance; the replies live through the call.
        let status = unsafe { get(self.handle, &raw mut range.min, &raw mut range.max) };
        check(status, || "getTimeBounds")?;
        Ok(range)
    }
}
