//! Nuke's plane suites: the layers of a clip beside its colour.

use std::ffi::{c_char, c_int, c_void};

use ofx_sys::{
    FnOfxImageEffectPlaneSuiteV1, FnOfxImageEffectPlaneSuiteV2, OfxImageClipHandle, OfxImageEffectHandle,
    OfxPropertySetHandle, OfxRectD, OfxStatus, OfxTime,
};

use super::effect::{definition, region_of};
use crate::call::{Reply, answer, null, put, text};
use crate::clip::Clip;
use crate::fetch;
use crate::handle;
use crate::object::EffectObject;
use crate::scratch;
use crate::status::Status;

pub(super) static V1: FnOfxImageEffectPlaneSuiteV1 =
    FnOfxImageEffectPlaneSuiteV1 { clipGetImagePlane: Some(get_plane_v1) };

pub(super) static V2: FnOfxImageEffectPlaneSuiteV2 = FnOfxImageEffectPlaneSuiteV2 {
    clipGetImagePlane: Some(get_plane_v2),
    clipGetRegionOfDefinition: Some(get_definition),
    getViewName: Some(view_name),
    getViewCount: Some(view_count),
};

/// The one view there is.
fn check_view(view: c_int) -> Reply {
    if view == 0 { Ok(()) } else { Err(Status::BAD_INDEX) }
}

unsafe extern "C" fn get_plane_v1(
    clip: OfxImageClipHandle,
    time: OfxTime,
    plane: *const c_char,
    region: *const OfxRectD,
    to: *mut OfxPropertySetHandle,
) -> OfxStatus {
    answer("clipGetImagePlane", || {
        let clip = handle::find::<Clip>(clip as *const c_void, "clipGetImagePlane")?;
        if to.is_null() {
            return Err(null("clipGetImagePlane"));
        }
        // SAFETY: not null, room for a handle.
        unsafe { to.write(std::ptr::null_mut()) };
        // SAFETY: the plug-in gives a C string, and a rectangle or NULL.
        let (plane, region) = unsafe { (text(plane, "clipGetImagePlane")?, region_of(region)) };
        let image = fetch::image(&clip, time, region, Some(plane), "clipGetImagePlane")?;
        // SAFETY: as above.
        unsafe { put(to, image, "clipGetImagePlane") }
    })
}

unsafe extern "C" fn get_plane_v2(
    clip: OfxImageClipHandle,
    time: OfxTime,
    view: c_int,
    plane: *const c_char,
    region: *const OfxRectD,
    to: *mut OfxPropertySetHandle,
) -> OfxStatus {
    match check_view(view) {
        // SAFETY: as this function.
        Ok(()) => unsafe { get_plane_v1(clip, time, plane, region, to) },
        Err(status) => status.0,
    }
}

unsafe extern "C" fn get_definition(
    clip: OfxImageClipHandle,
    time: OfxTime,
    view: c_int,
    to: *mut OfxRectD,
) -> OfxStatus {
    answer("clipGetRegionOfDefinition", || {
        check_view(view)?;
        let clip = handle::find::<Clip>(clip as *const c_void, "clipGetRegionOfDefinition")?;
        let r = definition(&clip, time)?;
        let r = OfxRectD { x1: r.x1, y1: r.y1, x2: r.x2, y2: r.y2 };
        // SAFETY: the plug-in gives room for a rectangle.
        unsafe { put(to, r, "clipGetRegionOfDefinition") }
    })
}

unsafe extern "C" fn view_name(
    effect: OfxImageEffectHandle,
    view: c_int,
    to: *mut *const c_char,
) -> OfxStatus {
    answer("getViewName", || {
        check_view(view)?;
        let effect = handle::find::<EffectObject>(effect as *const c_void, "getViewName")?;
        let lent = scratch::lend(vec![c"main".to_owned()], effect.props.is_transient());
        let name = lent.first().copied().unwrap_or(std::ptr::null_mut());
        // SAFETY: the plug-in gives room for a pointer.
        unsafe { put(to, name.cast_const(), "getViewName") }
    })
}

unsafe extern "C" fn view_count(effect: OfxImageEffectHandle, to: *mut c_int) -> OfxStatus {
    answer("getViewCount", || {
        handle::find::<EffectObject>(effect as *const c_void, "getViewCount")?;
        // SAFETY: the plug-in gives room for a number.
        unsafe { put(to, 1, "getViewCount") }
    })
}
