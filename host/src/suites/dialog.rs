//! The dialog suite: there is no user interface, so the host calls the plug-in's dialog action at once.

use std::ffi::c_void;

use ofx_sys::{OfxDialogSuiteV1, OfxStatus};

use crate::call::{self, Call, answer};
use crate::status::Status;

pub(super) static SUITE: OfxDialogSuiteV1 =
    OfxDialogSuiteV1 { RequestDialog: Some(request), NotifyRedrawPending: Some(redraw) };

unsafe extern "C" fn request(data: *mut c_void) -> OfxStatus {
    answer("RequestDialog", || {
        let call = call::current().ok_or(Status::FAILED)?;
        let effect = call.effect.clone().ok_or(Status::FAILED)?;
        let entry = effect.plugin.ofx().mainEntry.ok_or(Status::FAILED)?;
        let action = ofx_sys::kOfxActionDialog;
        let entered = call::enter(Call { action, serial: call::serial(), ..call });
        let null = std::ptr::null_mut;
        // SAFETY: the plug-in's entry point; the handle of this action is the plug-in's own pointer.
        let status = Status(unsafe { entry(action.as_ptr(), data, null(), null()) });
        drop(entered);
        if status.is_fine() { Ok(()) } else { Err(status) }
    })
}

unsafe extern "C" fn redraw() -> OfxStatus {
    Status::REPLY_DEFAULT.0
}
