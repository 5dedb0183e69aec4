//! The image effect suite.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

use ofx_sys::{
    OfxImageClipHandle, OfxImageEffectHandle, OfxImageEffectSuiteV1, OfxParamSetHandle, OfxPropertySetHandle,
    OfxRectD, OfxStatus, OfxTime,
};

use super::memory;
use crate::call::{self, answer, null, put, text};
use crate::clip::Clip;
use crate::fetch;
use crate::geometry::RectD;
use crate::handle;
use crate::image;
use crate::object::{EffectObject, Role};
use crate::shared::lock;
use crate::status::Status;
use crate::violation::{Rule, Severity};

pub(super) static SUITE: OfxImageEffectSuiteV1 = OfxImageEffectSuiteV1 {
    getPropertySet: Some(get_property_set),
    getParamSet: Some(get_param_set),
    clipDefine: Some(clip_define),
    clipGetHandle: Some(clip_get_handle),
    clipGetPropertySet: Some(clip_get_property_set),
    clipGetImage: Some(clip_get_image),
    clipReleaseImage: Some(clip_release_image),
    clipGetRegionOfDefinition: Some(clip_get_definition),
    abort: Some(abort),
    imageMemoryAlloc: Some(memory::image_alloc),
    imageMemoryFree: Some(memory::image_free),
    imageMemoryLock: Some(memory::image_lock),
    imageMemoryUnlock: Some(memory::image_unlock),
};

unsafe extern "C" fn get_property_set(
    effect: OfxImageEffectHandle,
    to: *mut OfxPropertySetHandle,
) -> OfxStatus {
    answer("getPropertySet", || {
        let effect = handle::find::<EffectObject>(effect as *const c_void, "getPropertySet")?;
        // SAFETY: the plug-in gives room for a handle.
        unsafe { put(to, effect.props.handle.as_ptr(), "getPropertySet") }
    })
}

unsafe extern "C" fn get_param_set(effect: OfxImageEffectHandle, to: *mut OfxParamSetHandle) -> OfxStatus {
    answer("getParamSet", || {
        let effect = handle::find::<EffectObject>(effect as *const c_void, "getParamSet")?;
        // SAFETY: the plug-in gives room for a handle.
        unsafe { put(to, effect.params.handle.as_ptr(), "getParamSet") }
    })
}

unsafe extern "C" fn clip_define(
    effect: OfxImageEffectHandle,
    name: *const c_char,
    to: *mut OfxPropertySetHandle,
) -> OfxStatus {
    answer("clipDefine", || {
        let effect = handle::find::<EffectObject>(effect as *const c_void, "clipDefine")?;
        // SAFETY: the plug-in gives a C string.
        let name = unsafe { text(name, "clipDefine") }?;
        let described = call::current().is_some_and(|c| {
            c.action == ofx_sys::kOfxImageEffectActionDescribeInContext
                && c.effect.is_some_and(|e| Arc::ptr_eq(&e, &effect))
        });
        if !matches!(effect.role, Role::Context(_)) || !described {
            let message = format!("clipDefine of {} outside of describeInContext", name.to_string_lossy());
            call::violate(Rule::ForbiddenCall, Severity::Error, message);
            return Err(Status::FAILED);
        }
        if effect.clip(name).is_some() {
            let message = format!("the clip {} is defined twice", name.to_string_lossy());
            call::violate(Rule::BadDescription, Severity::Error, message);
            return Err(Status::EXISTS);
        }
        let clip = Clip::describe(&effect.shared, name, Arc::downgrade(&effect));
        effect.add_clip(clip.clone());
        // Plug-ins may not want the properties.
        if to.is_null() {
            return Ok(());
        }
        // SAFETY: the plug-in gives room for a handle.
        unsafe { put(to, clip.props.handle.as_ptr(), "clipDefine") }
    })
}

unsafe extern "C" fn clip_get_handle(
    effect: OfxImageEffectHandle,
    name: *const c_char,
    to: *mut OfxImageClipHandle,
    props: *mut OfxPropertySetHandle,
) -> OfxStatus {
    answer("clipGetHandle", || {
        let effect = handle::find::<EffectObject>(effect as *const c_void, "clipGetHandle")?;
        // SAFETY: the plug-in gives a C string.
        let name = unsafe { text(name, "clipGetHandle") }?;
        if !matches!(effect.role, Role::Instance(_)) {
            call::violate(Rule::ForbiddenCall, Severity::Error, "clipGetHandle on a descriptor".into());
            return Err(Status::BAD_HANDLE);
        }
        let clip = effect.clip(name).ok_or(Status::UNKNOWN)?;
        if !props.is_null() {
            // SAFETY: not null, room for a handle.
            unsafe { put(props, clip.props.handle.as_ptr(), "clipGetHandle") }?;
        }
        // SAFETY: the plug-in gives room for a handle.
        unsafe { put(to, clip.handle.as_ptr(), "clipGetHandle") }
    })
}

unsafe extern "C" fn clip_get_property_set(
    clip: OfxImageClipHandle,
    to: *mut OfxPropertySetHandle,
) -> OfxStatus {
    answer("clipGetPropertySet", || {
        let clip = handle::find::<Clip>(clip as *const c_void, "clipGetPropertySet")?;
        // SAFETY: the plug-in gives room for a handle.
        unsafe { put(to, clip.props.handle.as_ptr(), "clipGetPropertySet") }
    })
}

/// A region that a plug-in gave, or NULL for none.
///
/// # Safety
/// `region` is null or points to a rectangle.
pub(super) unsafe fn region_of(region: *const OfxRectD) -> Option<RectD> {
    if region.is_null() {
        return None;
    }
    // SAFETY: not null, and the caller's promise.
    let r = unsafe { region.read() };
    Some(RectD::new(r.x1, r.y1, r.x2, r.y2))
}

unsafe extern "C" fn clip_get_image(
    clip: OfxImageClipHandle,
    time: OfxTime,
    region: *const OfxRectD,
    to: *mut OfxPropertySetHandle,
) -> OfxStatus {
    answer("clipGetImage", || {
        let clip = handle::find::<Clip>(clip as *const c_void, "clipGetImage")?;
        if to.is_null() {
            return Err(null("clipGetImage"));
        }
        // SAFETY: not null, room for a handle.
        unsafe { to.write(std::ptr::null_mut()) };
        // SAFETY: the plug-in gives a rectangle or NULL.
        let region = unsafe { region_of(region) };
        let image = fetch::image(&clip, time, region, None, "clipGetImage")?;
        // SAFETY: as above.
        unsafe { put(to, image, "clipGetImage") }
    })
}

unsafe extern "C" fn clip_release_image(image: OfxPropertySetHandle) -> OfxStatus {
    answer("clipReleaseImage", || image::release(image, "clipReleaseImage"))
}

unsafe extern "C" fn clip_get_definition(
    clip: OfxImageClipHandle,
    time: OfxTime,
    to: *mut OfxRectD,
) -> OfxStatus {
    answer("clipGetRegionOfDefinition", || {
        let clip = handle::find::<Clip>(clip as *const c_void, "clipGetRegionOfDefinition")?;
        let r = definition(&clip, time)?;
        let r = OfxRectD { x1: r.x1, y1: r.y1, x2: r.x2, y2: r.y2 };
        // SAFETY: the plug-in gives room for a rectangle.
        unsafe { put(to, r, "clipGetRegionOfDefinition") }
    })
}

/// A clip's region: that of its source; of the output the one being rendered, or the project's.
pub(super) fn definition(clip: &Clip, time: f64) -> Result<RectD, Status> {
    let effect = clip.effect.upgrade().ok_or(Status::BAD_HANDLE)?;
    if !matches!(effect.role, Role::Instance(_)) {
        call::violate(
            Rule::ForbiddenCall,
            Severity::Error,
            "a region of definition of a descriptor's clip".into(),
        );
        return Err(Status::FAILED);
    }
    if clip.is_output() {
        let render = fetch::render_of(&effect, time);
        return Ok(render.map_or_else(|| lock(&effect.place).project.format, |r| r.definition));
    }
    match clip.definition() {
        Some(r) => Ok(r),
        None if effect.shared.profile.quirks.phantom_connections => Ok(lock(&effect.place).project.format),
        None => Err(Status::FAILED),
    }
}

unsafe extern "C" fn abort(effect: OfxImageEffectHandle) -> c_int {
    let mut stop = 0;
    answer("abort", || {
        let effect = handle::find::<EffectObject>(effect as *const c_void, "abort")?;
        stop = c_int::from(lock(&effect.cancel).is_cancelled());
        Ok(())
    });
    stop
}
