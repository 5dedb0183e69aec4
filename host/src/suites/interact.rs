//! The interact suite.

use std::ffi::c_void;
use std::sync::atomic::Ordering;

use ofx_sys::{OfxInteractHandle, OfxInteractSuiteV1, OfxPropertySetHandle, OfxStatus};

use crate::call::{answer, put};
use crate::handle;
use crate::interact::Interact;

pub(super) static SUITE: OfxInteractSuiteV1 = OfxInteractSuiteV1 {
    interactSwapBuffers: Some(swap_buffers),
    interactRedraw: Some(redraw),
    interactGetPropertySet: Some(get_property_set),
};

unsafe extern "C" fn swap_buffers(interact: OfxInteractHandle) -> OfxStatus {
    answer("interactSwapBuffers", || {
        handle::find::<Interact>(interact as *const c_void, "interactSwapBuffers")?;
        Ok(())
    })
}

unsafe extern "C" fn redraw(interact: OfxInteractHandle) -> OfxStatus {
    answer("interactRedraw", || {
        let interact = handle::find::<Interact>(interact as *const c_void, "interactRedraw")?;
        interact.redraw.store(true, Ordering::SeqCst);
        Ok(())
    })
}

unsafe extern "C" fn get_property_set(
    interact: OfxInteractHandle,
    to: *mut OfxPropertySetHandle,
) -> OfxStatus {
    answer("interactGetPropertySet", || {
        let interact = handle::find::<Interact>(interact as *const c_void, "interactGetPropertySet")?;
        // SAFETY: the plug-in gives room for a handle.
        unsafe { put(to, interact.props.handle.as_ptr(), "interactGetPropertySet") }
    })
}
