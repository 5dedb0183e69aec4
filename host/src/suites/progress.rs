//! The progress suites.

use std::ffi::{c_char, c_double, c_void};

use ofx_sys::{OfxProgressSuiteV1, OfxProgressSuiteV2, OfxStatus};

use crate::call::{Reply, answer, text};
use crate::handle;
use crate::object::EffectObject;
use crate::report::Progress;
use crate::shared::lock;
use crate::status::Status;

pub(super) static V1: OfxProgressSuiteV1 = OfxProgressSuiteV1 {
    progressStart: Some(start_v1),
    progressUpdate: Some(update),
    progressEnd: Some(end),
};

pub(super) static V2: OfxProgressSuiteV2 = OfxProgressSuiteV2 {
    progressStart: Some(start_v2),
    progressUpdate: Some(update),
    progressEnd: Some(end),
};

/// For hosts that show nothing and always go on.
pub(super) static STUB_V1: OfxProgressSuiteV1 = OfxProgressSuiteV1 {
    progressStart: Some(stub_start_v1),
    progressUpdate: Some(stub_update),
    progressEnd: Some(stub_end),
};

/// As [`STUB_V1`].
pub(super) static STUB_V2: OfxProgressSuiteV2 = OfxProgressSuiteV2 {
    progressStart: Some(stub_start_v2),
    progressUpdate: Some(stub_update),
    progressEnd: Some(stub_end),
};

fn start(effect: *mut c_void, label: *const c_char) -> Reply {
    let effect = handle::find::<EffectObject>(effect, "progressStart")?;
    // SAFETY: the plug-in gives a C string.
    let label = unsafe { text(label, "progressStart") }?.to_string_lossy().into_owned();
    step(&effect, &Progress::Start { label })
}

/// The hook or the cancel token may stop it.
fn step(effect: &EffectObject, step: &Progress) -> Reply {
    let on = effect.shared.progress(step);
    let cancelled = lock(&effect.cancel).is_cancelled();
    if on && !cancelled { Ok(()) } else { Err(Status::REPLY_NO) }
}

unsafe extern "C" fn start_v1(effect: *mut c_void, label: *const c_char) -> OfxStatus {
    answer("progressStart", || match start(effect, label) {
        // Only an update may be refused.
        Err(Status::REPLY_NO) => Ok(()),
        other => other,
    })
}

unsafe extern "C" fn start_v2(effect: *mut c_void, label: *const c_char, _id: *const c_char) -> OfxStatus {
    // SAFETY: as this function.
    unsafe { start_v1(effect, label) }
}

unsafe extern "C" fn update(effect: *mut c_void, part: c_double) -> OfxStatus {
    answer("progressUpdate", || {
        let effect = handle::find::<EffectObject>(effect, "progressUpdate")?;
        let again = lock(&effect.impatient).take();
        if let Some(button) = again {
            effect.changed(&button, ofx_sys::kOfxTypeParameter, ofx_sys::kOfxChangeUserEdited);
        }
        step(&effect, &Progress::Update(part))
    })
}

unsafe extern "C" fn end(effect: *mut c_void) -> OfxStatus {
    answer("progressEnd", || {
        let effect = handle::find::<EffectObject>(effect, "progressEnd")?;
        effect.shared.progress(&Progress::End);
        Ok(())
    })
}

unsafe extern "C" fn stub_start_v1(_: *mut c_void, _: *const c_char) -> OfxStatus {
    Status::OK.0
}

unsafe extern "C" fn stub_start_v2(_: *mut c_void, _: *const c_char, _: *const c_char) -> OfxStatus {
    Status::OK.0
}

unsafe extern "C" fn stub_update(_: *mut c_void, _: c_double) -> OfxStatus {
    Status::OK.0
}

unsafe extern "C" fn stub_end(_: *mut c_void) -> OfxStatus {
    Status::OK.0
}
