//! The timeline suite.

use std::ffi::{c_double, c_void};

use ofx_sys::{OfxStatus, OfxTimeLineSuiteV1};

use crate::call::{answer, put};
use crate::handle;
use crate::object::EffectObject;
use crate::shared::lock;
use crate::status::Status;

pub(super) static SUITE: OfxTimeLineSuiteV1 = OfxTimeLineSuiteV1 {
    getTime: Some(get_time),
    gotoTime: Some(goto_time),
    getTimeBounds: Some(get_bounds),
};

/// For hosts that have it in name only.
pub(super) static UNSUPPORTED: OfxTimeLineSuiteV1 =
    OfxTimeLineSuiteV1 { getTime: Some(no_time), gotoTime: Some(no_goto), getTimeBounds: Some(no_bounds) };

unsafe extern "C" fn get_time(effect: *mut c_void, to: *mut c_double) -> OfxStatus {
    answer("getTime", || {
        let effect = handle::find::<EffectObject>(effect, "getTime")?;
        // SAFETY: the plug-in gives room for a number.
        unsafe { put(to, effect.time(), "getTime") }
    })
}

unsafe extern "C" fn goto_time(effect: *mut c_void, time: c_double) -> OfxStatus {
    answer("gotoTime", || {
        let effect = handle::find::<EffectObject>(effect, "gotoTime")?;
        if !time.is_finite() {
            return Err(Status::VALUE);
        }
        lock(&effect.place).time = time;
        Ok(())
    })
}

unsafe extern "C" fn get_bounds(effect: *mut c_void, first: *mut c_double, last: *mut c_double) -> OfxStatus {
    answer("getTimeBounds", || {
        let effect = handle::find::<EffectObject>(effect, "getTimeBounds")?;
        let range = lock(&effect.place).project.range;
        // SAFETY: the plug-in gives room for two numbers.
        unsafe {
            put(first, range.0, "getTimeBounds")?;
            put(last, range.1, "getTimeBounds")
        }
    })
}

unsafe extern "C" fn no_time(_: *mut c_void, _: *mut c_double) -> OfxStatus {
    Status::UNSUPPORTED.0
}

unsafe extern "C" fn no_goto(_: *mut c_void, _: c_double) -> OfxStatus {
    Status::UNSUPPORTED.0
}

unsafe extern "C" fn no_bounds(_: *mut c_void, _: *mut c_double, _: *mut c_double) -> OfxStatus {
    Status::UNSUPPORTED.0
}
