//! An instance: one node of the artist's, with its params and clips.

use core::ffi::CStr;
use core::ptr;
use core::sync::atomic::{AtomicU8, AtomicUsize};
use std::collections::HashMap;
use std::ffi::CString;
use std::sync::{Arc, PoisonError, RwLock};

use ofx_sys as sys;

use crate::clip::Clip;
use crate::describe::Described;
use crate::error::{Error, Result, check};
use crate::geometry::{PointD, RectD};
use crate::handle::{Effect as EffectHandle, ParamHandle, ParamSet, Props};
use crate::host::Host;
use crate::image::OutputImage;
use crate::kinds::Context;
use crate::message::Messages;
use crate::param::{Param, Parametric, RawParam, Valued};
use crate::props::{PropertySet, optional};

/// An instance of an effect in the host: its params, clips, messages, threads and project.
pub struct Instance {
    host: Arc<Host>,
    handle: EffectHandle,
    props: Props,
    param_set: ParamSet,
    context: Context,
    described: Arc<Described>,
    params: RwLock<HashMap<CString, (ParamHandle, Option<Props>)>>,
    pub(crate) messages: Messages,
    pub(crate) progress_open: AtomicUsize,
    pub(crate) changing: AtomicUsize,
    pub(crate) modifiers: AtomicU8,
}

impl Instance {
    pub(crate) fn new(
        host: Arc<Host>,
        handle: EffectHandle,
        described: impl FnOnce(Option<Context>) -> Arc<Described>,
    ) -> Result<Self> {
        let props = effect_props(&host, handle)?;
        let name = host.props(props).c_string(sys::kOfxImageEffectPropContext, 0).unwrap_or_default();
        let context = Context::from_name(&name);
        Ok(Self {
            context: context.unwrap_or(Context::General),
            described: described(context),
            param_set: param_set(&host, handle)?,
            host,
            handle,
            props,
            params: RwLock::default(),
            messages: Messages::default(),
            progress_open: AtomicUsize::new(0),
            changing: AtomicUsize::new(0),
            modifiers: AtomicU8::new(0),
        })
    }

    /// Does what describing has left to the creation.
    pub(crate) fn settle(&self) {
        for name in &self.described.secret {
            optional(self.raw(name).and_then(|p| p.properties()?.set_int(sys::kOfxParamPropSecret, 0, 1)));
        }
        for (name, part) in &self.described.positions {
            optional(self.settle_position(name, *part));
        }
    }

    /// Turns an untouched default that is a part of the project's window into a position.
    fn settle_position(&self, name: &CStr, part: PointD) -> Result<()> {
        let raw = self.raw(name)?;
        let window = self.project_window();
        if raw.get_2(None)? != [part.x, part.y] || window.is_empty() {
            return Ok(());
        }
        raw.set_2(None, [window.x1 + part.x * window.width(), window.y1 + part.y * window.height()])
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// What the effect is used as.
    pub fn context(&self) -> Context {
        self.context
    }

    /// The instance's own properties, for what this crate has no name for.
    pub fn properties(&self) -> PropertySet<'_> {
        self.host.props(self.props)
    }

    pub(crate) fn handle(&self) -> EffectHandle {
        self.handle
    }

    /// The project's window, canonical: where pictures lie. Empty if the host does not say.
    pub fn project_window(&self) -> RectD {
        let p = self.properties();
        let pair = |name: &CStr| p.doubles::<2>(name);
        let Ok([w, h]) = pair(sys::kOfxImageEffectPropProjectSize) else { return RectD::default() };
        let [x, y] = pair(sys::kOfxImageEffectPropProjectOffset).unwrap_or([0.0; 2]);
        RectD { x1: x, y1: y, x2: x + w, y2: y + h }
    }

    /// The project's size from the origin on, canonical. Zero if the host does not say.
    pub fn project_extent(&self) -> PointD {
        let [x, y] = self.properties().doubles(sys::kOfxImageEffectPropProjectExtent).unwrap_or([0.0; 2]);
        PointD { x, y }
    }

    /// Width of the project's pixels by their height.
    pub fn project_pixel_aspect(&self) -> f64 {
        let par = self.properties().double_or(sys::kOfxImageEffectPropProjectPixelAspectRatio, 1.0);
        crate::geometry::positive_or_one(par)
    }

    /// Frames a second; 0 if the host does not say.
    pub fn frame_rate(&self) -> f64 {
        self.properties().double_or(sys::kOfxImageEffectPropFrameRate, 0.0)
    }

    /// How many frames the effect lasts; 0 if the host does not say.
    pub fn duration(&self) -> f64 {
        self.properties().double_or(sys::kOfxImageEffectInstancePropEffectDuration, 0.0)
    }

    /// Whether an artist sits in front of it.
    pub fn is_interactive(&self) -> bool {
        self.properties().bool_or(sys::kOfxPropIsInteractive, false)
    }

    /// Tells the host that `Effect::sync_private_data` has something to save.
    pub fn needs_syncing(&self) {
        if self.host.api() >= crate::ApiVersion(1, 2) {
            optional(self.properties().set_int(sys::kOfxPropParamSetNeedsSyncing, 0, 1));
        }
    }

    /// Whether the host wants the running action to stop.
    pub fn aborted(&self) -> bool {
        // SAFETY: the host's own function with the handle of a living instance.
        self.host.suites.effect.abort.is_some_and(|abort| unsafe { abort(self.handle.raw()) } != 0)
    }

    /// [`Error::Aborted`] if the host wants the running action to stop.
    pub fn check_abort(&self) -> Result<()> {
        if self.aborted() { Err(Error::Aborted) } else { Ok(()) }
    }

    /// A clip, by its name or its [`ClipSpec`](crate::ClipSpec).
    pub fn clip(&self, name: impl AsRef<CStr>) -> Result<Clip<'_>> {
        Clip::new(self, name.as_ref())
    }

    /// The image to render into.
    pub fn output(&self, time: f64) -> Result<OutputImage<'_>> {
        let clip = self.clip(sys::kOfxImageEffectOutputClipName)?;
        clip.output_image(time)?.ok_or_else(|| Error::MissingClip("Output".to_owned()))
    }

    /// One plane of the output, to render into (Nuke, Natron; see [`RenderArgs::planes`](crate::RenderArgs::planes)).
    pub fn output_plane(&self, time: f64, plane: &CStr, view: i32) -> Result<OutputImage<'_>> {
        let clip = self.clip(sys::kOfxImageEffectOutputClipName)?;
        clip.output_plane(time, plane, view)?.ok_or_else(|| Error::MissingClip("Output".to_owned()))
    }

    // ---- params

    /// The param's value now. In a render prefer [`Instance::get_at`].
    pub fn get<P: Valued>(&self, param: &P) -> Result<P::Value> {
        param.read(&self.typed(param)?, None)
    }

    /// The param's value on a frame. (MLT ignores the frame and gives the one of the running render.)
    pub fn get_at<P: Valued>(&self, param: &P, time: f64) -> Result<P::Value> {
        param.read(&self.typed(param)?, Some(time))
    }

    /// Sets the param's value. In `changed` and overlay actions only: Nuke crashes when it happens in a render or in
    /// the creation of an instance, so it is refused there. While Natron's viewer plays, sets are queued: do not
    /// trust an immediate read-back.
    pub fn set<P: Valued>(&self, param: &P, value: P::Input<'_>) -> Result<()> {
        param.write(&self.typed(param)?, None, value)
    }

    /// Sets a key. See [`Instance::set`].
    pub fn set_at<P: Valued>(&self, param: &P, time: f64, value: P::Input<'_>) -> Result<()> {
        param.write(&self.typed(param)?, Some(time), value)
    }

    /// Replaces all keys. This is how values that an effect has found show up in every host's panel and curve editor:
    /// Nuke shows what a plug-in sets only in animated params.
    pub fn set_keys<'v, P: Valued>(
        &self,
        param: &P,
        keys: impl IntoIterator<Item = (f64, P::Input<'v>)>,
    ) -> Result<()> {
        let raw = self.typed(param)?;
        if raw.key_count()? > 0 {
            raw.delete_all_keys()?;
        }
        keys.into_iter().try_for_each(|(time, value)| param.write(&raw, Some(time), value))
    }

    /// How many keys there are.
    pub fn key_count(&self, param: &impl Valued) -> Result<usize> {
        self.typed(param)?.key_count()
    }

    /// The frame of a key; keys are in order of time.
    pub fn key_time(&self, param: &impl Valued, index: usize) -> Result<f64> {
        self.typed(param)?.key_time(index)
    }

    /// The frames of all keys, in order.
    pub fn key_times(&self, param: &impl Valued) -> Result<Vec<f64>> {
        let raw = self.typed(param)?;
        (0..raw.key_count()?).map(|i| raw.key_time(i)).collect()
    }

    /// The key on this frame.
    pub fn key_index(&self, param: &impl Valued, time: f64) -> Result<Option<usize>> {
        self.typed(param)?.key_index(time, 0)
    }

    /// The first key after this frame.
    pub fn key_after(&self, param: &impl Valued, time: f64) -> Result<Option<usize>> {
        self.typed(param)?.key_index(time, 1)
    }

    /// The last key before this frame.
    pub fn key_before(&self, param: &impl Valued, time: f64) -> Result<Option<usize>> {
        self.typed(param)?.key_index(time, -1)
    }

    /// Deletes the key on this frame, if there is one.
    pub fn delete_key(&self, param: &impl Valued, time: f64) -> Result<()> {
        self.typed(param)?.delete_key(time)
    }

    /// Deletes all keys.
    pub fn delete_all_keys(&self, param: &impl Valued) -> Result<()> {
        self.typed(param)?.delete_all_keys()
    }

    /// Copies value and keys from one param to another of its type. (Resolve's own copy does nothing; there we copy.)
    pub fn copy<P: Valued>(&self, from: &P, to: &P) -> Result<()> {
        let (source, dest) = (self.typed(from)?, self.typed(to)?);
        if !self.host.is_resolve() && dest.copy_from(&source, 0.0).is_ok() {
            return Ok(());
        }
        let keys = source.key_count().unwrap_or(0);
        if dest.key_count().unwrap_or(0) > 0 {
            dest.delete_all_keys()?;
        }
        if keys == 0 {
            return from.transfer((&source, None), (&dest, None));
        }
        (0..keys).try_for_each(|i| {
            let time = Some(source.key_time(i)?);
            from.transfer((&source, time), (&dest, time))
        })
    }

    /// Hides or shows a param.
    pub fn set_secret(&self, param: &impl Param, secret: bool) -> Result<()> {
        self.raw(param.name())?.properties()?.set_int(sys::kOfxParamPropSecret, 0, secret.into())
    }

    /// Greys a param out, or not.
    pub fn set_enabled(&self, param: &impl Param, enabled: bool) -> Result<()> {
        self.raw(param.name())?.properties()?.set_int(sys::kOfxParamPropEnabled, 0, enabled.into())
    }

    /// Changes the name that artists read.
    pub fn set_label(&self, param: &impl Param, label: &str) -> Result<()> {
        let label = CString::new(label).map_err(|_| Error::failed("a label cannot hold a zero byte"))?;
        self.raw(param.name())?.properties()?.set_string(sys::kOfxPropLabel, 0, &label)
    }

    /// Makes all sets inside one entry of the host's undo list. Not around long work: Natron shows nothing meanwhile.
    pub fn edit_block<T>(&self, label: &str, edit: impl FnOnce() -> Result<T>) -> Result<T> {
        let _block = EditBlock::begin(self, label);
        edit()
    }

    /// The height of a curve at `x`, on a frame; in hosts without curves, that of the default.
    pub fn curve_at(&self, param: &Parametric<'_>, curve: usize, time: f64, x: f64) -> Result<f64> {
        let get = self.host.suites.parametric.and_then(|s| s.parametricParamGetValue);
        let Some(get) = get else { return Ok(param.default_at(x)) };
        let raw = self.typed(param)?;
        let mut y = 0.0;
        // SAFETY: the host's own function and handle; the reply pointer lives through the call.
        let status = unsafe { get(raw.handle.raw(), to_index(curve)?, time, x, &raw mut y) };
        check(status, || "parametricParamGetValue")?;
        Ok(y)
    }

    /// The control points of a curve on a frame; in hosts without curves, the default ones.
    pub fn curve_points(&self, param: &Parametric<'_>, curve: usize, time: f64) -> Result<Vec<PointD>> {
        let Some(suite) = self.host.suites.parametric else {
            return Ok(param.points.iter().copied().map(PointD::from).collect());
        };
        let (Some(count), Some(nth)) =
            (suite.parametricParamGetNControlPoints, suite.parametricParamGetNthControlPoint)
        else {
            return Err(Error::no_function("parametricParamGetNthControlPoint"));
        };
        let (raw, curve) = (self.typed(param)?, to_index(curve)?);
        let mut n = 0;
        // SAFETY: the host's own function and handle; the reply pointer lives through the call.
        let status = unsafe { count(raw.handle.raw(), curve, time, &raw mut n) };
        check(status, || "parametricParamGetNControlPoints")?;
        (0..n)
            .map(|i| {
                let mut p = PointD::default();
                // SAFETY: as above.
                let status = unsafe { nth(raw.handle.raw(), curve, time, i, &raw mut p.x, &raw mut p.y) };
                check(status, || "parametricParamGetNthControlPoint")?;
                Ok(p)
            })
            .collect()
    }

    /// Whether the instance has a param of this name.
    pub(crate) fn has_param(&self, name: &CStr) -> bool {
        self.raw(name).is_ok()
    }

    /// Whether the param is a button.
    pub(crate) fn is_button(&self, name: &CStr) -> bool {
        let kind = self.raw(name).and_then(|p| p.properties()?.c_string(sys::kOfxParamPropType, 0));
        kind.is_ok_and(|k| k.as_c_str() == sys::kOfxParamTypePushButton)
    }

    /// A param that holds values of the key's type. Reading it as any other would have the host write to the wrong
    /// memory, and two keys can have the same name by mistake.
    fn typed<'h>(&'h self, param: &'h impl Param) -> Result<RawParam<'h>> {
        let raw = self.raw(param.name())?;
        let same = match self.described.kinds.get(param.name()) {
            Some(kind) => *kind == param.kind(),
            // The host's own.
            None => raw.properties()?.c_string(sys::kOfxParamPropType, 0)?.as_c_str() == param.kind(),
        };
        let what = || format!("the param {} has another type", param.name().to_string_lossy());
        if same { Ok(raw) } else { Err(Error::host(what(), sys::kOfxStatErrValue)) }
    }

    fn raw<'h>(&'h self, name: &'h CStr) -> Result<RawParam<'h>> {
        let known = self.params.read().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        if let Some((handle, props)) = known {
            return Ok(RawParam { host: &self.host, handle, props, name });
        }
        let raw = find_param(&self.host, self.param_set, name)?;
        let mut params = self.params.write().unwrap_or_else(PoisonError::into_inner);
        params.insert(name.to_owned(), (raw.handle, raw.props));
        Ok(raw)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        log::debug!("instance {:?} gone", self.handle);
    }
}

/// Ends an edit block, also on panic.
struct EditBlock<'i> {
    instance: &'i Instance,
    begun: bool,
}

impl<'i> EditBlock<'i> {
    fn begin(instance: &'i Instance, label: &str) -> Self {
        let label = CString::new(label).unwrap_or_default();
        let begun = instance.host.suites.param.paramEditBegin.is_some_and(|begin| {
            // SAFETY: the host's own function and param set; the host copies the label.
            unsafe { begin(instance.param_set.raw(), label.as_ptr()) == sys::kOfxStatOK }
        });
        Self { instance, begun }
    }
}

impl Drop for EditBlock<'_> {
    fn drop(&mut self) {
        if let (true, Some(end)) = (self.begun, self.instance.host.suites.param.paramEditEnd) {
            // SAFETY: the host's own function and param set, after its begin.
            unsafe { end(self.instance.param_set.raw()) };
        }
    }
}

fn to_index(index: usize) -> Result<i32> {
    i32::try_from(index).map_err(|_| Error::host("an index", sys::kOfxStatErrBadIndex))
}

/// The property set of an effect descriptor or instance.
pub(crate) fn effect_props(host: &Host, effect: EffectHandle) -> Result<Props> {
    let get = host.suites.effect.getPropertySet.ok_or_else(|| Error::no_function("getPropertySet"))?;
    let mut raw = ptr::null_mut();
    // SAFETY: the host's own function with a handle that it passed to the running action.
    let status = unsafe { get(effect.raw(), &raw mut raw) };
    check(status, || "getPropertySet")?;
    Props::new(raw).ok_or_else(|| Error::host("getPropertySet", sys::kOfxStatErrBadHandle))
}

/// The param set of an effect descriptor or instance.
pub(crate) fn param_set(host: &Host, effect: EffectHandle) -> Result<ParamSet> {
    let get = host.suites.effect.getParamSet.ok_or_else(|| Error::no_function("getParamSet"))?;
    let mut raw = ptr::null_mut();
    // SAFETY: the host's own function with a handle that it passed to the running action.
    let status = unsafe { get(effect.raw(), &raw mut raw) };
    check(status, || "getParamSet")?;
    ParamSet::new(raw).ok_or_else(|| Error::host("getParamSet", sys::kOfxStatErrBadHandle))
}

/// Asks the host for a param.
pub(crate) fn find_param<'h>(host: &'h Host, set: ParamSet, name: &'h CStr) -> Result<RawParam<'h>> {
    let what = || format!("no param {}", name.to_string_lossy());
    let get = host.suites.param.paramGetHandle.ok_or_else(|| Error::no_function("paramGetHandle"))?;
    let (mut raw, mut props) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the host's own function and param set; name and reply pointers live through the call.
    let status = unsafe { get(set.raw(), name.as_ptr(), &raw mut raw, &raw mut props) };
    check(status, what)?;
    let handle = ParamHandle::new(raw).ok_or_else(|| Error::host(what(), sys::kOfxStatErrBadHandle))?;
    Ok(RawParam { host, handle, props: Props::new(props), name })
}
