//! The one door between host and effects: null checks, panics, statuses, log, message.

use core::any::TypeId;
use core::ffi::{CStr, c_char, c_void};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use ofx_sys as sys;

use crate::action::{Doing, doing};
use crate::args::{
    Changed, ClipComponents, ClipPreferences, FramesNeeded, IdentityArgs, Reason, Regions, RegionsArgs,
    RenderArgs, SequenceArgs, Target, TimeArgs,
};
use crate::describe::{Describe, DescribeInContext, Described};
use crate::effect::Effect;
use crate::error::{Error, Result};
use crate::handle::{Effect as EffectHandle, Props};
use crate::host::Host;
use crate::instance::{Instance, effect_props};
use crate::kinds::Context;
use crate::live::{self, Bound};
use crate::panics;
use crate::props::{PropertySet, optional};

/// What the host gave to `setHost`.
struct RawHost(sys::OfxHost);

// SAFETY: OpenFX lets the host structure be used from any thread that an action runs on; this crate only copies it.
unsafe impl Send for RawHost {}
// SAFETY: as for `Send`.
unsafe impl Sync for RawHost {}

/// What is kept for each effect type between actions.
#[derive(Default)]
struct Slot {
    raw: RwLock<Option<RawHost>>,
    host: RwLock<Option<Arc<Host>>>,
    described: RwLock<HashMap<Context, Arc<Described>>>,
}

/// The slot of an effect type; made once, and kept for the life of the process.
fn slot<E: Effect>() -> &'static Slot {
    static SLOTS: LazyLock<RwLock<HashMap<TypeId, &'static Slot>>> = LazyLock::new(RwLock::default);
    let id = TypeId::of::<E>();
    if let Some(slot) = SLOTS.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return slot;
    }
    let mut slots = SLOTS.write().unwrap_or_else(PoisonError::into_inner);
    slots.entry(id).or_insert_with(|| Box::leak(Box::default()))
}

impl Slot {
    /// The host, read anew after each `setHost` and each load.
    fn host(&self) -> Result<Arc<Host>> {
        if let Some(host) = &*self.host.read().unwrap_or_else(PoisonError::into_inner) {
            return Ok(Arc::clone(host));
        }
        let raw = self.raw.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|raw| raw.0);
        let raw =
            raw.ok_or_else(|| Error::host("setHost was never called", sys::kOfxStatErrMissingHostFeature))?;
        // SAFETY: this is what the application gave to setHost, and an action is running.
        let host = Arc::new(unsafe { Host::new(&raw) }?);
        *self.host.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&host));
        Ok(host)
    }

    /// How the effect was described in this context, or where the host has confused contexts, in another.
    fn described(&self, context: Option<Context>) -> Arc<Described> {
        let described = self.described.read().unwrap_or_else(PoisonError::into_inner);
        let here = context.and_then(|c| described.get(&c));
        here.or_else(|| described.values().next()).cloned().unwrap_or_default()
    }

    fn forget_host(&self) {
        self.host.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// `setHost` of an effect's plug-in structure. Different hosts may follow each other; living instances keep theirs.
///
/// # Safety
/// `host` is null, or points to a host structure whose functions stay callable until unload.
pub unsafe extern "C" fn set_host<E: Effect>(host: *mut sys::OfxHost) {
    panics::install_hook();
    let done = panics::guarded(|| {
        if host.is_null() || !host.is_aligned() {
            return;
        }
        // SAFETY: the caller's promise; the structure is copied, so it need not outlive this call.
        let raw = RawHost(unsafe { *host });
        let slot = slot::<E>();
        *slot.raw.write().unwrap_or_else(PoisonError::into_inner) = Some(raw);
        slot.forget_host();
    });
    if let Err(caught) = done {
        log::error!("setHost: {}", caught.into_text());
    }
}

/// `mainEntry` of an effect's plug-in structure.
///
/// # Safety
/// The arguments are what OpenFX defines for the action: handles of the host, or null.
pub unsafe extern "C" fn main_entry<E: Effect>(
    action: *const c_char,
    handle: *const c_void,
    in_args: sys::OfxPropertySetHandle,
    out_args: sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    if action.is_null() {
        return sys::kOfxStatErrBadHandle;
    }
    // SAFETY: a terminated string, says OpenFX; it lives through the call.
    let action = unsafe { CStr::from_ptr(action) };
    let effect = EffectHandle::new(handle.cast_mut().cast());
    let call = Call { action, effect, in_args: Props::new(in_args), out_args: Props::new(out_args) };
    panics::install_hook();
    let result = panics::guarded(|| {
        doing(Doing::of(action), || {
            log::trace!("{} {} {handle:p}", E::INFO.identifier.to_string_lossy(), action.to_string_lossy());
            call.dispatch::<E>()
        })
    });
    let error = match result {
        Ok(Ok(status)) => return status,
        Ok(Err(error)) => error,
        Err(caught) => Error::Failed(own_mistake::<E>(caught)),
    };
    // Telling the artist must not bring the host down either.
    let told = panics::guarded(|| call.report::<E>(&error));
    if let Err(caught) = told {
        log::error!("showing an error: {}", caught.into_text());
    }
    error.status()
}

/// A panic, in words for the artist.
pub(crate) fn own_mistake<E: Effect>(caught: panics::Caught) -> String {
    let label = E::INFO.label.to_string_lossy();
    format!("{label} stumbled over a mistake of its own: {}", caught.into_text())
}

/// An action as it came.
struct Call<'c> {
    action: &'c CStr,
    effect: Option<EffectHandle>,
    in_args: Option<Props>,
    out_args: Option<Props>,
}

impl Call<'_> {
    fn report<E: Effect>(&self, error: &Error) {
        if *error == Error::Aborted {
            return;
        }
        let effect = E::INFO.identifier.to_string_lossy();
        log::error!("{effect} {}: {error}", self.action.to_string_lossy());
        if let Some(instance) = self.effect.and_then(live::instance) {
            instance.show_error(error, Doing::of(self.action));
        } else if self.action == sys::kOfxActionCreateInstance {
            // Descriptors have no messages, and a null handle is more than some hosts can take.
            if let (Some(effect), Ok(host)) = (self.effect, slot::<E>().host()) {
                let text = error.to_string();
                optional(crate::message::post(&host, effect, crate::Severity::Error, &text, false));
            }
        }
    }

    fn dispatch<E: Effect>(&self) -> Result<sys::OfxStatus> {
        let action = self.action;
        if action == sys::kOfxActionLoad {
            return self.load::<E>();
        }
        if action == sys::kOfxActionUnload {
            slot::<E>().forget_host();
            return Ok(sys::kOfxStatOK);
        }
        let Some(effect) = self.effect else { return Ok(sys::kOfxStatErrBadHandle) };
        if action == sys::kOfxActionDescribe {
            return describe::<E>(effect);
        }
        if action == sys::kOfxImageEffectActionDescribeInContext {
            return self.describe_in_context::<E>(effect);
        }
        if action == sys::kOfxActionCreateInstance {
            return create::<E>(effect);
        }
        if action == sys::kOfxActionDestroyInstance {
            return destroy::<E>(effect);
        }
        if !INSTANCE_ACTIONS.contains(&action) {
            return Ok(sys::kOfxStatReplyDefault);
        }
        let Some(bound) = find::<E>(effect) else { return Ok(sys::kOfxStatErrBadHandle) };
        match &bound.effect {
            Ok(e) => self.on_instance(e, &bound.instance),
            Err(error) if action == sys::kOfxImageEffectActionRender => Err(error.clone()),
            Err(_) => Ok(sys::kOfxStatReplyDefault),
        }
    }

    fn load<E: Effect>(&self) -> Result<sys::OfxStatus> {
        crate::library::pin();
        slot::<E>().forget_host();
        match slot::<E>().host() {
            Ok(_) => Ok(sys::kOfxStatOK),
            Err(error) => {
                log::error!("{}: {error}", E::INFO.identifier.to_string_lossy());
                Ok(sys::kOfxStatErrMissingHostFeature)
            }
        }
    }

    fn describe_in_context<E: Effect>(&self, effect: EffectHandle) -> Result<sys::OfxStatus> {
        let slot = slot::<E>();
        let host = slot.host()?;
        let name = match self.in_args {
            Some(args) => host.props(args).c_string(sys::kOfxImageEffectPropContext, 0)?,
            None => return Ok(sys::kOfxStatErrBadHandle),
        };
        let Some(context) = Context::from_name(&name) else { return Ok(sys::kOfxStatErrUnsupported) };
        let mut d = DescribeInContext::new(&host, effect)?;
        E::describe_in_context(&mut d, context)?;
        let described = Arc::new(d.finish());
        slot.described.write().unwrap_or_else(PoisonError::into_inner).insert(context, described);
        Ok(sys::kOfxStatOK)
    }

    /// The action's arguments, or what to reply without any.
    fn args<'h>(&self, host: &'h Host) -> Result<PropertySet<'h>> {
        let null = || Error::host("an action came without arguments", sys::kOfxStatErrBadHandle);
        Ok(host.props(self.in_args.ok_or_else(null)?))
    }

    fn answers<'h>(&self, host: &'h Host) -> Result<PropertySet<'h>> {
        let null = || Error::host("an action came without room for answers", sys::kOfxStatErrBadHandle);
        Ok(host.props(self.out_args.ok_or_else(null)?))
    }

    fn on_instance<E: Effect>(&self, effect: &E, instance: &Instance) -> Result<sys::OfxStatus> {
        let (action, host) = (self.action, instance.host());
        let ok = |done: Result<()>| done.map(|()| sys::kOfxStatOK);
        let if_given = |given: bool| if given { sys::kOfxStatOK } else { sys::kOfxStatReplyDefault };
        match action {
            a if a == sys::kOfxImageEffectActionRender => {
                let args = RenderArgs::read(&self.args(host)?)?;
                effect.render(instance, &args)?;
                instance.clear_error(Doing::Render);
                Ok(sys::kOfxStatOK)
            }
            a if a == sys::kOfxImageEffectActionBeginSequenceRender => {
                ok(effect.begin_sequence_render(instance, &SequenceArgs::read(&self.args(host)?)))
            }
            a if a == sys::kOfxImageEffectActionEndSequenceRender => {
                ok(effect.end_sequence_render(instance, &SequenceArgs::read(&self.args(host)?)))
            }
            a if a == sys::kOfxImageEffectActionGetRegionOfDefinition => {
                let args = TimeArgs::read(&self.args(host)?)?;
                let Some(r) = effect.region_of_definition(instance, &args)? else {
                    return Ok(sys::kOfxStatReplyDefault);
                };
                let name = sys::kOfxImageEffectPropRegionOfDefinition;
                ok(self.answers(host)?.set_doubles(name, &[r.x1, r.y1, r.x2, r.y2]))
            }
            a if a == sys::kOfxImageEffectActionGetRegionsOfInterest => {
                let mut regions = Regions::new(self.answers(host)?);
                let args = RegionsArgs::read(&self.args(host)?)?;
                effect.regions_of_interest(instance, &args, &mut regions)?;
                Ok(if_given(regions.given()))
            }
            a if a == sys::kOfxImageEffectActionGetFramesNeeded => {
                let mut frames = FramesNeeded::new(self.answers(host)?);
                effect.frames_needed(instance, &TimeArgs::read(&self.args(host)?)?, &mut frames)?;
                Ok(if_given(frames.given()))
            }
            a if a == sys::kOfxImageEffectActionGetClipPreferences => {
                let mut preferences = ClipPreferences::new(self.answers(host)?);
                effect.clip_preferences(instance, &mut preferences)?;
                Ok(if_given(preferences.given()))
            }
            a if a == sys::kFnOfxImageEffectActionGetClipComponents => {
                let mut components = ClipComponents::new(self.answers(host)?);
                effect.clip_components(instance, &TimeArgs::read(&self.args(host)?)?, &mut components)?;
                Ok(if_given(components.given()))
            }
            a if a == sys::kOfxImageEffectActionIsIdentity => {
                let args = IdentityArgs::read(&self.args(host)?)?;
                let Some(identity) = effect.is_identity(instance, &args)? else {
                    return Ok(sys::kOfxStatReplyDefault);
                };
                let out = self.answers(host)?;
                out.set_string(sys::kOfxPropName, 0, identity.clip)?;
                ok(out.set_double(sys::kOfxPropTime, 0, identity.time))
            }
            a if a == sys::kOfxImageEffectActionGetTimeDomain => {
                let Some(range) = effect.time_domain(instance)? else {
                    return Ok(sys::kOfxStatReplyDefault);
                };
                let name = sys::kOfxImageEffectPropFrameRange;
                ok(self.answers(host)?.set_doubles(name, &[range.min, range.max]))
            }
            a if a == sys::kOfxActionInstanceChanged => changed(effect, instance, &self.args(host)?),
            a if a == sys::kOfxActionBeginInstanceChanged => ok(effect.begin_changed(instance)),
            a if a == sys::kOfxActionEndInstanceChanged => ok(effect.end_changed(instance)),
            a if a == sys::kOfxActionBeginInstanceEdit => ok(effect.begin_edit(instance)),
            a if a == sys::kOfxActionEndInstanceEdit => ok(effect.end_edit(instance)),
            a if a == sys::kOfxActionSyncPrivateData => ok(effect.sync_private_data(instance)),
            a if a == sys::kOfxActionPurgeCaches => ok(effect.purge_caches(instance)),
            _ => Ok(sys::kOfxStatReplyDefault),
        }
    }
}

/// The actions that need an instance and are not ignored.
const INSTANCE_ACTIONS: [&CStr; 17] = [
    sys::kOfxImageEffectActionRender,
    sys::kOfxImageEffectActionBeginSequenceRender,
    sys::kOfxImageEffectActionEndSequenceRender,
    sys::kOfxImageEffectActionGetRegionOfDefinition,
    sys::kOfxImageEffectActionGetRegionsOfInterest,
    sys::kOfxImageEffectActionGetFramesNeeded,
    sys::kOfxImageEffectActionGetClipPreferences,
    sys::kFnOfxImageEffectActionGetClipComponents,
    sys::kOfxImageEffectActionIsIdentity,
    sys::kOfxImageEffectActionGetTimeDomain,
    sys::kOfxActionInstanceChanged,
    sys::kOfxActionBeginInstanceChanged,
    sys::kOfxActionEndInstanceChanged,
    sys::kOfxActionBeginInstanceEdit,
    sys::kOfxActionEndInstanceEdit,
    sys::kOfxActionSyncPrivateData,
    sys::kOfxActionPurgeCaches,
];

fn describe<E: Effect>(effect: EffectHandle) -> Result<sys::OfxStatus> {
    let host = slot::<E>().host()?;
    let props = host.props(effect_props(&host, effect)?);
    let mut d = Describe::new(&host, props);
    E::describe(&mut d)?;
    if E::OVERLAY {
        d.overlay(Some(crate::overlay::opengl_entry::<E>), Some(crate::overlay::draw_suite_entry::<E>));
    }
    d.finish(&E::INFO)?;
    Ok(sys::kOfxStatOK)
}

/// Replies OK whatever becomes of the effect: Resolve shows no controls otherwise.
fn create<E: Effect>(handle: EffectHandle) -> Result<sys::OfxStatus> {
    let slot = slot::<E>();
    let host = slot.host()?;
    let instance = Arc::new(Instance::new(Arc::clone(&host), handle, |context| slot.described(context))?);
    instance.settle();
    let effect = E::create(&instance);
    if let Err(error) = &effect {
        log::error!("{}: {error}", E::INFO.identifier.to_string_lossy());
        instance.show_error(error, Doing::Create);
    }
    let token = live::add(Bound { instance, effect });
    let props = host.props(effect_props(&host, handle)?);
    // SAFETY: OpenFX lets a plug-in keep any pointer here, and no host follows it; this one is only a number.
    optional(unsafe {
        props.set_pointer(sys::kOfxPropInstanceData, 0, core::ptr::without_provenance_mut(token))
    });
    Ok(sys::kOfxStatOK)
}

fn destroy<E: Effect>(handle: EffectHandle) -> Result<sys::OfxStatus> {
    let token = token_of::<E>(handle);
    if !live::remove(handle, token) {
        log::debug!("destroying an instance that is not there");
    }
    if let Ok(host) = slot::<E>().host() {
        // SAFETY: null points nowhere.
        optional(effect_props(&host, handle).and_then(|p| unsafe {
            host.props(p).set_pointer(sys::kOfxPropInstanceData, 0, core::ptr::null_mut())
        }));
    }
    Ok(sys::kOfxStatOK)
}

/// The instance that a handle of the host's stands for.
pub(crate) fn find<E: Effect>(handle: EffectHandle) -> Option<Arc<Bound<E>>> {
    live::find(handle, || token_of::<E>(handle))
}

/// The number that the host keeps for an instance; null and nonsense are fine.
fn token_of<E: Effect>(handle: EffectHandle) -> Option<usize> {
    let host = slot::<E>().host().ok()?;
    let props = host.props(effect_props(&host, handle).ok()?);
    let data = props.pointer(sys::kOfxPropInstanceData, 0).ok()?;
    (!data.is_null()).then_some(data.addr())
}

fn changed<E: Effect>(effect: &E, instance: &Instance, args: &PropertySet<'_>) -> Result<sys::OfxStatus> {
    use core::sync::atomic::Ordering::Relaxed;

    let nested = instance.changing.load(Relaxed) > 0;
    let change = Changed::read(args, crate::action::is_writing(), nested);
    if let Target::Param(name) = &change.target {
        // Hosts report params of their own, too.
        if !instance.has_param(name) {
            return Ok(sys::kOfxStatReplyDefault);
        }
        let busy = instance.progress_open.load(Relaxed) > 0;
        if busy && change.reason == Reason::User && instance.is_button(name) {
            log::info!("{} pressed while another press is being worked on", name.to_string_lossy());
            return Ok(sys::kOfxStatReplyDefault);
        }
    }
    instance.changing.fetch_add(1, Relaxed);
    let _done = Changing(instance);
    effect.changed(instance, &change)?;
    if change.reason == Reason::User && !nested {
        instance.clear_error(Doing::Other);
    }
    Ok(sys::kOfxStatOK)
}

/// Counts a change as dealt with, also on panic.
struct Changing<'i>(&'i Instance);

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.0.changing.fetch_sub(1, core::sync::atomic::Ordering::Relaxed);
    }
}

/// The host that an effect has now.
pub(crate) fn host_of<E: Effect>() -> Result<Arc<Host>> {
    slot::<E>().host()
}
