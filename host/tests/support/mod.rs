//! A plug-in inside the test's own process: a well-behaved filter, and the means to make it misbehave. It knows one host
//! at a time, so each test has its own.

#![allow(dead_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::sync::Arc;

pub use ofx_sys::*;

use host::{Bundle, Components, Context, Depth, FrameSource, Host, Node, Picture, Profile, RectI};
use host::{SourceError, SourceFormat, Violation};

/// Suites as a plug-in fetches them; `None` where the host has none.
#[derive(Clone, Copy)]
pub struct Api {
    pub host: *mut OfxHost,
}

unsafe impl Send for Api {}
unsafe impl Sync for Api {}

pub type Entry =
    unsafe extern "C" fn(*const c_char, *const c_void, OfxPropertySetHandle, OfxPropertySetHandle) -> i32;

/// An action as it reaches a plug-in.
#[derive(Clone, Copy)]
pub struct Act<'a> {
    pub name: &'a CStr,
    pub handle: *const c_void,
    pub inputs: OfxPropertySetHandle,
    pub outputs: OfxPropertySetHandle,
}

impl Act<'_> {
    pub fn is(&self, name: &CStr) -> bool {
        self.name == name
    }

    pub fn effect(&self) -> OfxImageEffectHandle {
        self.handle as OfxImageEffectHandle
    }
}

/// A plug-in whose every action goes through a function `fn(&Api, Act) -> i32`.
#[macro_export]
macro_rules! plugin {
    ($name:ident, $act:expr) => {
        mod $name {
            use super::*;
            use std::ffi::{c_char, c_void};
            use std::sync::atomic::{AtomicPtr, Ordering};
            static HOST: AtomicPtr<OfxHost> = AtomicPtr::new(std::ptr::null_mut());

            unsafe extern "C" fn set_host(host: *mut OfxHost) {
                HOST.store(host, Ordering::SeqCst);
            }

            unsafe extern "C" fn entry(
                action: *const c_char,
                handle: *const c_void,
                inputs: OfxPropertySetHandle,
                outputs: OfxPropertySetHandle,
            ) -> i32 {
                let api = $crate::support::Api { host: HOST.load(Ordering::SeqCst) };
                let name = unsafe { std::ffi::CStr::from_ptr(action) };
                let act: fn(&$crate::support::Api, $crate::support::Act<'_>) -> i32 = $act;
                act(&api, $crate::support::Act { name, handle, inputs, outputs })
            }

            pub fn bundle() -> host::Bundle {
                let plugin = OfxPlugin {
                    pluginApi: kOfxImageEffectPluginApi.as_ptr(),
                    apiVersion: 1,
                    pluginIdentifier: concat!("test.", stringify!($name), "\0").as_ptr().cast(),
                    pluginVersionMajor: 1,
                    pluginVersionMinor: 2,
                    setHost: Some(set_host),
                    mainEntry: Some(entry),
                };
                host::Bundle::from_entry(&[Box::leak(Box::new(plugin))]).unwrap()
            }
        }
    };
}

impl Api {
    pub fn suite<T>(&self, name: &CStr, version: c_int) -> Option<&'static T> {
        unsafe {
            let fetch = (*self.host).fetchSuite.unwrap();
            fetch((*self.host).host, name.as_ptr(), version).cast::<T>().as_ref()
        }
    }

    pub fn props(&self) -> &'static OfxPropertySuiteV1 {
        self.suite(kOfxPropertySuite, 1).unwrap()
    }

    pub fn effects(&self) -> &'static OfxImageEffectSuiteV1 {
        self.suite(kOfxImageEffectSuite, 1).unwrap()
    }

    pub fn params(&self) -> &'static OfxParameterSuiteV1 {
        self.suite(kOfxParameterSuite, 1).unwrap()
    }

    pub fn set_text(&self, set: OfxPropertySetHandle, name: &CStr, index: c_int, value: &CStr) -> i32 {
        unsafe { self.props().propSetString.unwrap()(set, name.as_ptr(), index, value.as_ptr()) }
    }

    pub fn set_int(&self, set: OfxPropertySetHandle, name: &CStr, index: c_int, value: c_int) -> i32 {
        unsafe { self.props().propSetInt.unwrap()(set, name.as_ptr(), index, value) }
    }

    pub fn set_double(&self, set: OfxPropertySetHandle, name: &CStr, index: c_int, value: f64) -> i32 {
        unsafe { self.props().propSetDouble.unwrap()(set, name.as_ptr(), index, value) }
    }

    pub fn set_pointer(&self, set: OfxPropertySetHandle, name: &CStr, value: *mut c_void) -> i32 {
        unsafe { self.props().propSetPointer.unwrap()(set, name.as_ptr(), 0, value) }
    }

    pub fn text(&self, set: OfxPropertySetHandle, name: &CStr) -> Option<String> {
        let mut p = std::ptr::null_mut();
        let status = unsafe { self.props().propGetString.unwrap()(set, name.as_ptr(), 0, &mut p) };
        (status == 0).then(|| unsafe { CStr::from_ptr(p) }.to_string_lossy().into_owned())
    }

    pub fn int(&self, set: OfxPropertySetHandle, name: &CStr, index: c_int) -> Option<i32> {
        let mut v = 0;
        let status = unsafe { self.props().propGetInt.unwrap()(set, name.as_ptr(), index, &mut v) };
        (status == 0).then_some(v)
    }

    pub fn double(&self, set: OfxPropertySetHandle, name: &CStr, index: c_int) -> Option<f64> {
        let mut v = 0.0;
        let status = unsafe { self.props().propGetDouble.unwrap()(set, name.as_ptr(), index, &mut v) };
        (status == 0).then_some(v)
    }

    pub fn pointer(&self, set: OfxPropertySetHandle, name: &CStr) -> Option<*mut c_void> {
        let mut v = std::ptr::null_mut();
        let status = unsafe { self.props().propGetPointer.unwrap()(set, name.as_ptr(), 0, &mut v) };
        (status == 0).then_some(v)
    }

    pub fn effect_props(&self, effect: OfxImageEffectHandle) -> OfxPropertySetHandle {
        let mut p = std::ptr::null_mut();
        unsafe { self.effects().getPropertySet.unwrap()(effect, &mut p) };
        p
    }

    pub fn param_set(&self, effect: OfxImageEffectHandle) -> OfxParamSetHandle {
        let mut p = std::ptr::null_mut();
        unsafe { self.effects().getParamSet.unwrap()(effect, &mut p) };
        p
    }

    pub fn define(&self, effect: OfxImageEffectHandle, kind: &CStr, name: &CStr) -> OfxPropertySetHandle {
        let mut p = std::ptr::null_mut();
        let set = self.param_set(effect);
        unsafe { self.params().paramDefine.unwrap()(set, kind.as_ptr(), name.as_ptr(), &mut p) };
        p
    }

    pub fn param(&self, effect: OfxImageEffectHandle, name: &CStr) -> OfxParamHandle {
        let mut p = std::ptr::null_mut();
        let set = self.param_set(effect);
        unsafe { self.params().paramGetHandle.unwrap()(set, name.as_ptr(), &mut p, std::ptr::null_mut()) };
        p
    }

    pub fn clip(&self, effect: OfxImageEffectHandle, name: &CStr) -> OfxImageClipHandle {
        let mut p = std::ptr::null_mut();
        unsafe { self.effects().clipGetHandle.unwrap()(effect, name.as_ptr(), &mut p, std::ptr::null_mut()) };
        p
    }

    pub fn clip_props(&self, effect: OfxImageEffectHandle, name: &CStr) -> OfxPropertySetHandle {
        let mut p = std::ptr::null_mut();
        unsafe { self.effects().clipGetPropertySet.unwrap()(self.clip(effect, name), &mut p) };
        p
    }

    pub fn image_at(
        &self,
        effect: OfxImageEffectHandle,
        clip: &CStr,
        time: f64,
        region: Option<OfxRectD>,
    ) -> (i32, OfxPropertySetHandle) {
        let mut image = std::ptr::null_mut();
        let region = region.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let status = unsafe {
            self.effects().clipGetImage.unwrap()(self.clip(effect, clip), time, region, &mut image)
        };
        (status, image)
    }

    pub fn release(&self, image: OfxPropertySetHandle) -> i32 {
        unsafe { self.effects().clipReleaseImage.unwrap()(image) }
    }

    pub fn define_clip(&self, effect: OfxImageEffectHandle, name: &CStr) -> OfxPropertySetHandle {
        let mut p = std::ptr::null_mut();
        unsafe { self.effects().clipDefine.unwrap()(effect, name.as_ptr(), &mut p) };
        for (i, c) in
            [kOfxImageComponentRGBA, kOfxImageComponentRGB, kOfxImageComponentAlpha].iter().enumerate()
        {
            self.set_text(p, kOfxImageEffectPropSupportedComponents, i as c_int, c);
        }
        p
    }

    pub fn pixels(&self, image: OfxPropertySetHandle) -> Pixels {
        let rect = |name| [0, 1, 2, 3].map(|i| self.int(image, name, i).unwrap());
        let components = self.text(image, kOfxImageEffectPropComponents).unwrap();
        let depth = self.text(image, kOfxImageEffectPropPixelDepth).unwrap();
        let channels = match components.as_str() {
            "OfxImageComponentRGBA" => 4,
            "OfxImageComponentRGB" => 3,
            "OfxImageComponentAlpha" => 1,
            _ => 2,
        };
        let bytes = match depth.as_str() {
            "OfxBitDepthByte" => 1,
            "OfxBitDepthFloat" => 4,
            _ => 2,
        };
        Pixels {
            data: self.pointer(image, kOfxImagePropData).unwrap().cast(),
            bounds: rect(kOfxImagePropBounds),
            row_bytes: self.int(image, kOfxImagePropRowBytes, 0).unwrap() as isize,
            pixel: channels * bytes,
            depth,
            components,
        }
    }
}

/// The memory of an image.
pub struct Pixels {
    pub data: *mut u8,
    pub bounds: [i32; 4],
    pub row_bytes: isize,
    pub pixel: usize,
    pub depth: String,
    pub components: String,
}

impl Pixels {
    pub fn at(&self, x: i32, y: i32) -> *mut u8 {
        let (dx, dy) = ((x - self.bounds[0]) as isize, (y - self.bounds[1]) as isize);
        unsafe { self.data.offset(dy * self.row_bytes + dx * self.pixel as isize) }
    }

    pub fn has(&self, x: i32, y: i32) -> bool {
        let [x1, y1, x2, y2] = self.bounds;
        (x1..x2).contains(&x) && (y1..y2).contains(&y)
    }
}

pub const OK: i32 = 0;
pub const DEFAULT: i32 = 14;

/// A filter that copies its source, and describes one param of each kind that is named.
pub fn copier(api: &Api, act: Act<'_>) -> i32 {
    let effect = act.effect();
    if act.is(kOfxActionDescribe) {
        let p = api.effect_props(effect);
        api.set_text(p, kOfxPropLabel, 0, c"Copier");
        let contexts = [kOfxImageEffectContextFilter, kOfxImageEffectContextGeneral];
        contexts.iter().enumerate().for_each(|(i, c)| {
            api.set_text(p, kOfxImageEffectPropSupportedContexts, i as c_int, c);
        });
        let depths = [kOfxBitDepthByte, kOfxBitDepthShort, kOfxBitDepthHalf, kOfxBitDepthFloat];
        depths.iter().enumerate().for_each(|(i, d)| {
            api.set_text(p, kOfxImageEffectPropSupportedPixelDepths, i as c_int, d);
        });
        return OK;
    }
    if act.is(kOfxImageEffectActionDescribeInContext) {
        api.define_clip(effect, c"Source");
        api.define_clip(effect, c"Output");
        return OK;
    }
    if act.is(kOfxImageEffectActionRender) {
        return copy_source(api, act, 0.0, None);
    }
    // In some hosts no control appears where these two are not handled.
    if act.is(kOfxActionCreateInstance) || act.is(kOfxActionDestroyInstance) {
        return OK;
    }
    DEFAULT
}

/// Copies the frame `offset` away from the one rendered, of the region or of all.
pub fn copy_source(api: &Api, act: Act<'_>, offset: f64, region: Option<OfxRectD>) -> i32 {
    let time = api.double(act.inputs, kOfxPropTime, 0).unwrap();
    let window = [0, 1, 2, 3].map(|i| api.int(act.inputs, kOfxImageEffectPropRenderWindow, i).unwrap());
    let (status, source) = api.image_at(act.effect(), c"Source", time + offset, region);
    let (out_status, output) = api.image_at(act.effect(), c"Output", time, None);
    if status != OK || out_status != OK || source.is_null() {
        if out_status == OK {
            api.release(output);
        }
        return 1;
    }
    let (from, to) = (api.pixels(source), api.pixels(output));
    for y in window[1]..window[3] {
        for x in window[0]..window[2] {
            unsafe {
                if from.has(x, y) {
                    to.at(x, y).copy_from_nonoverlapping(from.at(x, y), to.pixel);
                } else {
                    to.at(x, y).write_bytes(0, to.pixel);
                }
            }
        }
    }
    api.release(source);
    api.release(output);
    OK
}

/// Frames that differ in time and place, in any form.
pub struct Frames {
    pub format: SourceFormat,
    pub range: (f64, f64),
}

impl Frames {
    pub fn new(width: i32, height: i32, components: Components, depth: Depth) -> Arc<Frames> {
        Arc::new(Frames {
            format: SourceFormat {
                bounds: RectI::of_size(width, height),
                components,
                depth,
                pixel_aspect: 1.0,
                premultiplication: host::Premultiplication::Premultiplied,
                planes: vec!["forward".into()],
            },
            range: (1.0, 10.0),
        })
    }

    pub fn usual() -> Arc<Frames> {
        Frames::new(40, 24, Components::Rgba, Depth::Float)
    }

    pub fn at(&self, time: f64) -> Picture {
        let f = &self.format;
        let place = move |x: i32, y: i32| {
            [x as f32 / 64.0, y as f32 / 64.0, time as f32 / 16.0, 0.25 + (x + y) as f32 / 256.0]
        };
        Picture::from_fn(f.bounds, f.components, place).convert(f.components, f.depth)
    }
}

impl FrameSource for Frames {
    fn format(&self) -> SourceFormat {
        self.format.clone()
    }

    fn frame_range(&self) -> (f64, f64) {
        self.range
    }

    fn picture(&self, time: f64) -> Result<Arc<Picture>, SourceError> {
        if time < self.range.0 || time > self.range.1 {
            return Err(SourceError::Missing(format!("no frame {time}")));
        }
        Ok(Arc::new(self.at(time)))
    }

    fn plane(&self, time: f64, name: &str) -> Result<Option<Arc<Picture>>, SourceError> {
        let vectors =
            Picture::from_fn(self.format.bounds, Components::Xy, |_, _| [time as f32, 2.0, 0.0, 0.0]);
        Ok((name == "forward").then(|| Arc::new(vectors)))
    }
}

pub fn host(profile: &str) -> Host {
    Host::new(Profile::named(profile).unwrap())
}

/// A filter node of a bundle's only effect, with the usual frames.
pub fn node(host: &Host, bundle: &Bundle) -> Node {
    let mut node = host.effects(bundle).unwrap()[0].create(Context::Filter).unwrap();
    node.connect("Source", Frames::usual()).unwrap();
    node
}

/// The rules broken, in order.
pub fn rules(violations: &[Violation]) -> Vec<host::Rule> {
    violations.iter().map(|v| v.rule).collect()
}

pub fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

/// The copier with a button named "go".
pub fn with_button(api: &Api, act: Act<'_>, press: impl FnOnce(&Api, OfxImageEffectHandle) -> i32) -> i32 {
    if act.is(kOfxImageEffectActionDescribeInContext) {
        api.define(act.effect(), kOfxParamTypePushButton, c"go");
    }
    if act.is(kOfxActionInstanceChanged) && api.text(act.inputs, kOfxPropName).unwrap() == "go" {
        return press(api, act.effect());
    }
    copier(api, act)
}
