//! Effects and clips.

use core::ffi::{CStr, c_char, c_int, c_void};
use std::collections::HashMap;
use std::ffi::CString;
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering};
use std::sync::{Arc, Mutex};

use ofx_sys as sys;

use super::images::FakeImage;
use super::params::FakeParam;
use super::{Props, Record, Value};

/// Descriptor and instance in one.
pub struct FakeEffect {
    pub props: &'static Props,
    pub params: Mutex<HashMap<CString, &'static FakeParam>>,
    pub param_order: Mutex<Vec<CString>>,
    pub clips: Mutex<HashMap<CString, &'static FakeClip>>,
    pub record: Arc<Record>,
    pub abort: AtomicBool,
}

pub struct FakeClip {
    pub props: &'static Props,
    pub image: Mutex<Option<&'static FakeImage>>,
    pub planes: Mutex<HashMap<CString, &'static FakeImage>>,
    /// Images fetched and not released.
    pub held: AtomicIsize,
}

impl FakeEffect {
    pub fn leak(context: &CStr, record: Arc<Record>) -> &'static Self {
        let props = Props::leak();
        props.set(sys::kOfxImageEffectPropContext, context);
        let size = [Value::Double(640.0), Value::Double(480.0)];
        props.set_all(sys::kOfxImageEffectPropProjectSize, &size);
        props.set_all(sys::kOfxImageEffectPropProjectOffset, &[Value::Double(0.0), Value::Double(0.0)]);
        props.set(sys::kOfxPropInstanceData, core::ptr::null_mut::<c_void>());
        Box::leak(Box::new(Self {
            props,
            params: Mutex::default(),
            param_order: Mutex::default(),
            clips: Mutex::default(),
            record,
            abort: AtomicBool::new(false),
        }))
    }

    pub fn param(&self, name: &CStr) -> &'static FakeParam {
        self.params.lock().unwrap()[name]
    }

    pub fn clip(&self, name: &CStr) -> &'static FakeClip {
        self.clips.lock().unwrap()[name]
    }

    pub fn connect(&self, clip: &CStr, image: &'static FakeImage) {
        let clip = self.clip(clip);
        clip.props.set(sys::kOfxImageClipPropConnected, 1);
        *clip.image.lock().unwrap() = Some(image);
    }

    pub fn of<'a>(handle: *mut sys::OfxImageEffectStruct) -> Option<&'a Self> {
        // SAFETY: every handle that this host gives out points to an effect that is never freed.
        unsafe { handle.cast_const().cast::<Self>().as_ref() }
    }
}

unsafe extern "C" fn get_props(
    effect: sys::OfxImageEffectHandle,
    out: *mut sys::OfxPropertySetHandle,
) -> i32 {
    let Some(effect) = FakeEffect::of(effect) else { return sys::kOfxStatErrBadHandle };
    // SAFETY: the layer passes a pointer to write to.
    unsafe { *out = effect.props.handle() };
    sys::kOfxStatOK
}

unsafe extern "C" fn get_params(effect: sys::OfxImageEffectHandle, out: *mut sys::OfxParamSetHandle) -> i32 {
    // SAFETY: the layer passes a pointer to write to. An effect is its own param set.
    unsafe { *out = effect.cast() };
    sys::kOfxStatOK
}

unsafe extern "C" fn clip_define(
    effect: sys::OfxImageEffectHandle,
    name: *const c_char,
    out: *mut sys::OfxPropertySetHandle,
) -> i32 {
    let Some(effect) = FakeEffect::of(effect) else { return sys::kOfxStatErrBadHandle };
    let clip: &'static FakeClip = Box::leak(Box::new(FakeClip {
        props: Props::leak(),
        image: Mutex::new(None),
        planes: Mutex::default(),
        held: AtomicIsize::new(0),
    }));
    // SAFETY: the layer passes a terminated string and a pointer to write to.
    unsafe {
        effect.clips.lock().unwrap().insert(CStr::from_ptr(name).to_owned(), clip);
        *out = clip.props.handle();
    }
    sys::kOfxStatOK
}

unsafe extern "C" fn clip_handle(
    effect: sys::OfxImageEffectHandle,
    name: *const c_char,
    out: *mut sys::OfxImageClipHandle,
    props: *mut sys::OfxPropertySetHandle,
) -> i32 {
    let Some(effect) = FakeEffect::of(effect) else { return sys::kOfxStatErrBadHandle };
    let clips = effect.clips.lock().unwrap();
    // SAFETY: the layer passes a terminated string and pointers to write to.
    unsafe {
        let Some(clip) = clips.get(CStr::from_ptr(name)) else { return sys::kOfxStatErrBadHandle };
        *out = core::ptr::from_ref(*clip).cast_mut().cast();
        *props = clip.props.handle();
    }
    sys::kOfxStatOK
}

unsafe extern "C" fn get_image(
    clip: sys::OfxImageClipHandle,
    _: f64,
    _: *const sys::OfxRectD,
    out: *mut sys::OfxPropertySetHandle,
) -> i32 {
    // SAFETY: a handle of this host's; clips are never freed.
    let Some(clip) = (unsafe { clip.cast_const().cast::<FakeClip>().as_ref() }) else {
        return sys::kOfxStatErrBadHandle;
    };
    clip.give(*clip.image.lock().unwrap(), out)
}

impl FakeClip {
    /// OK and null for what is not there, as Resolve does it.
    fn give(&self, image: Option<&'static FakeImage>, out: *mut sys::OfxPropertySetHandle) -> i32 {
        let handle = image.map_or(core::ptr::null_mut(), |image| {
            self.held.fetch_add(1, Ordering::SeqCst);
            let props = image.describe();
            props.set(c"FakeClip", core::ptr::from_ref(self).cast_mut().cast::<c_void>());
            props.handle()
        });
        // SAFETY: the layer passes a pointer to write to.
        unsafe { *out = handle };
        sys::kOfxStatOK
    }
}

unsafe extern "C" fn plane_1(
    clip: sys::OfxImageClipHandle,
    _: f64,
    plane: *const c_char,
    _: *const sys::OfxRectD,
    out: *mut sys::OfxPropertySetHandle,
) -> i32 {
    // SAFETY: a handle of this host's; clips are never freed. The layer passes a terminated string.
    let (clip, plane) = unsafe { (&*clip.cast_const().cast::<FakeClip>(), CStr::from_ptr(plane)) };
    match clip.planes.lock().unwrap().get(plane) {
        Some(image) => clip.give(Some(image), out),
        None => sys::kOfxStatFailed,
    }
}

unsafe extern "C" fn plane_2(
    clip: sys::OfxImageClipHandle,
    time: f64,
    view: c_int,
    plane: *const c_char,
    region: *const sys::OfxRectD,
    out: *mut sys::OfxPropertySetHandle,
) -> i32 {
    if view != 0 {
        return sys::kOfxStatFailed;
    }
    // SAFETY: the same arguments.
    unsafe { plane_1(clip, time, plane, region, out) }
}

pub static PLANES1: sys::FnOfxImageEffectPlaneSuiteV1 =
    sys::FnOfxImageEffectPlaneSuiteV1 { clipGetImagePlane: Some(plane_1) };
pub static PLANES2: sys::FnOfxImageEffectPlaneSuiteV2 = sys::FnOfxImageEffectPlaneSuiteV2 {
    clipGetImagePlane: Some(plane_2),
    clipGetRegionOfDefinition: None,
    getViewName: None,
    getViewCount: None,
};

unsafe extern "C" fn release_image(image: sys::OfxPropertySetHandle) -> i32 {
    let Some(Value::Pointer(clip)) = Props::of(image).and_then(|p| p.get(c"FakeClip")) else {
        return sys::kOfxStatErrBadHandle;
    };
    // SAFETY: put there by `get_image`; clips are never freed.
    let clip = unsafe { &*core::ptr::with_exposed_provenance::<FakeClip>(clip) };
    clip.held.fetch_sub(1, Ordering::SeqCst);
    sys::kOfxStatOK
}

unsafe extern "C" fn rod(_: sys::OfxImageClipHandle, _: f64, out: *mut sys::OfxRectD) -> i32 {
    // SAFETY: the layer passes a pointer to write to.
    unsafe { *out = sys::OfxRectD { x1: 0.0, y1: 0.0, x2: 640.0, y2: 480.0 } };
    sys::kOfxStatOK
}

unsafe extern "C" fn abort(effect: sys::OfxImageEffectHandle) -> c_int {
    FakeEffect::of(effect).is_some_and(|e| e.abort.load(Ordering::SeqCst)).into()
}

pub static SUITE: sys::OfxImageEffectSuiteV1 = sys::OfxImageEffectSuiteV1 {
    getPropertySet: Some(get_props),
    getParamSet: Some(get_params),
    clipDefine: Some(clip_define),
    clipGetHandle: Some(clip_handle),
    clipGetPropertySet: None,
    clipGetImage: Some(get_image),
    clipReleaseImage: Some(release_image),
    clipGetRegionOfDefinition: Some(rod),
    abort: Some(abort),
    imageMemoryAlloc: None,
    imageMemoryFree: None,
    imageMemoryLock: None,
    imageMemoryUnlock: None,
};
