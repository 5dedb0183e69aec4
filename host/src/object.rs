//! What an effect handle stands for: a descriptor, a context's descriptor, or an instance.

use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::bundle::Plugin;
use crate::call::{self, Call};
use crate::clip::Clip;
use crate::context::Context;
use crate::error::Error;
use crate::geometry::RectD;
use crate::handle::{Handle, Object};
use crate::image;
use crate::job::CancelToken;
use crate::param::{Param, ParamSet};
use crate::property::{PropSet, Values, Write};
use crate::render::RenderState;
use crate::report::Message;
use crate::shared::{Shared, lock};
use crate::status::Status;
use crate::suites::memory::ImageMemory;
use crate::value::Value;
use crate::violation::{Rule, Severity};

/// A change of a param that waits: to a constant, or to a key.
pub(crate) struct Change {
    pub param: Arc<Param>,
    pub time: Option<f64>,
    pub value: Value,
}

/// Which kind of effect object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Descriptor,
    Context(Context),
    Instance(Context),
}

/// The project that a node stands in.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// Region that the project's format covers, canonical.
    pub format: RectD,
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
    /// Frames a second.
    pub frame_rate: f64,
    /// First and last frame.
    pub range: (f64, f64),
}

impl Default for Project {
    fn default() -> Self {
        Project {
            format: RectD::new(0.0, 0.0, 1920.0, 1080.0),
            pixel_aspect: 1.0,
            frame_rate: 24.0,
            range: (1.0, 100.0),
        }
    }
}

/// Where an instance stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub time: f64,
    pub project: Project,
}

/// See the module.
pub(crate) struct EffectObject {
    pub handle: Handle,
    pub role: Role,
    pub shared: Arc<Shared>,
    pub plugin: Arc<Plugin>,
    pub id: Arc<str>,
    pub props: Arc<PropSet>,
    pub params: Arc<ParamSet>,
    clips: RwLock<Vec<Arc<Clip>>>,
    pub place: Mutex<Place>,
    pub cancel: Mutex<CancelToken>,
    /// Renders that run now, for calls from threads that the host does not know.
    pub renders: Mutex<Vec<Arc<RenderState>>>,
    pub memory: Mutex<HashMap<usize, Arc<ImageMemory>>>,
    pub persistent: Mutex<Option<Message>>,
    /// A button to press once more from within the next progress update.
    pub impatient: Mutex<Option<CString>>,
    /// Changes of params that wait for the end of the action, while the host plays.
    pub waiting: Mutex<Option<Vec<Change>>>,
    /// What the plug-in said last in the action that runs.
    pub said: Mutex<Option<String>>,
    /// Actions that run now, for images fetched on threads that the host does not know.
    acting: Mutex<Vec<u64>>,
    /// The descriptor's properties: its own, or those of what this is an instance of.
    pub description: Arc<PropSet>,
}

impl EffectObject {
    /// A descriptor, or with `of` something made from it.
    pub fn new(
        shared: &Arc<Shared>,
        plugin: &Arc<Plugin>,
        role: Role,
        of: Option<&EffectObject>,
    ) -> Arc<EffectObject> {
        let (props, description) = match (role, of) {
            (Role::Instance(context), Some(of)) => {
                let props = PropSet::effect_instance(shared, format!("the instance of {}", plugin.id));
                props.set_text(ofx_sys::kOfxImageEffectPropContext, context.ofx_name());
                props.set_pointer::<u8>(ofx_sys::kOfxImageEffectPropPluginHandle, of.handle.as_ptr());
                let tiles = of.props.int(ofx_sys::kOfxImageEffectPropSupportsTiles);
                props.set_int(ofx_sys::kOfxImageEffectPropSupportsTiles, tiles);
                let label = of.props.text(ofx_sys::kOfxPropLabel);
                props.set_text(ofx_sys::kOfxPropLabel, &label);
                (props, of.props.clone())
            }
            (_, Some(of)) => {
                let props = of.props.copy(format!("the context descriptor of {}", plugin.id));
                (props.clone(), props)
            }
            (_, None) => {
                let props = PropSet::effect(shared, format!("the descriptor of {}", plugin.id));
                (props.clone(), props)
            }
        };
        let path = CString::new(plugin.path.to_string_lossy().as_bytes()).unwrap_or_default();
        props.set_text(ofx_sys::kOfxPluginPropFilePath, &path);
        Arc::new_cyclic(|me| EffectObject {
            handle: Handle::new(Object::Effect(me.clone())),
            role,
            shared: shared.clone(),
            plugin: plugin.clone(),
            id: plugin.id.as_str().into(),
            props,
            params: ParamSet::new(PropSet::param_set(shared), me.clone()),
            clips: RwLock::default(),
            place: Mutex::default(),
            cancel: Mutex::default(),
            renders: Mutex::default(),
            memory: Mutex::default(),
            persistent: Mutex::default(),
            impatient: Mutex::default(),
            waiting: Mutex::default(),
            said: Mutex::default(),
            acting: Mutex::default(),
            description,
        })
    }

    pub fn clips(&self) -> Vec<Arc<Clip>> {
        self.clips.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn clip(&self, name: &CStr) -> Option<Arc<Clip>> {
        self.clips().into_iter().find(|c| c.name.as_c_str() == name)
    }

    pub fn add_clip(&self, clip: Arc<Clip>) {
        self.clips.write().unwrap_or_else(PoisonError::into_inner).push(clip);
    }

    pub fn time(&self) -> f64 {
        lock(&self.place).time
    }

    /// Calls the plug-in and checks what it leaves behind.
    pub fn act(
        self: &Arc<Self>,
        action: &'static CStr,
        inputs: Option<&PropSet>,
        outputs: Option<&PropSet>,
        render: Option<Arc<RenderState>>,
    ) -> Status {
        let serial = call::serial();
        if call::depth() == 0 {
            *lock(&self.said) = None;
        }
        lock(&self.acting).push(serial);
        let before = self.params.edits.load(Ordering::SeqCst);
        let plugin: Arc<str> = self.id.clone();
        let entered = call::enter(Call {
            shared: self.shared.clone(),
            plugin,
            effect: Some(self.clone()),
            action,
            serial,
            render,
            thread: None,
        });
        let pointer = |set: Option<&PropSet>| set.map_or(std::ptr::null_mut(), |s| s.handle.as_ptr());
        let status = match self.plugin.ofx().mainEntry {
            // SAFETY: the plug-in's entry point, with handles that outlive the call.
            Some(entry) => Status(unsafe {
                entry(
                    action.as_ptr(),
                    self.handle.as_ptr::<std::ffi::c_void>(),
                    pointer(inputs),
                    pointer(outputs),
                )
            }),
            None => Status::FATAL,
        };
        lock(&self.acting).retain(|s| *s != serial);
        image::reclaim(&self.shared, serial);
        self.check_edits(before);
        drop(entered);
        if call::depth() == 0 {
            self.settle_waiting();
        }
        status
    }

    /// The action that runs, for a thread that is in none.
    pub fn acting(&self) -> u64 {
        lock(&self.acting).last().copied().unwrap_or(0)
    }

    /// Both the plug-in and the host take parts of pictures.
    pub fn takes_tiles(&self) -> bool {
        let own = match self.role {
            Role::Instance(_) => self.props.values(ofx_sys::kOfxImageEffectPropSupportsTiles),
            _ => None,
        };
        let described = self.description.int(ofx_sys::kOfxImageEffectPropSupportsTiles) != 0;
        let now = own.map_or(described, |_| self.props.int(ofx_sys::kOfxImageEffectPropSupportsTiles) != 0);
        self.shared.profile.supports.tiles && now
    }

    /// An action failed.
    pub fn failed(&self, action: &CStr, status: Status) -> Error {
        Error::Action {
            effect: self.id.to_string(),
            action: action.to_string_lossy().into_owned(),
            status,
            message: lock(&self.said).clone(),
        }
    }

    /// The arguments of an action, to be filled.
    pub fn arguments(&self, which: &str) -> Arc<PropSet> {
        PropSet::arguments(&self.shared, which)
    }

    /// A param changed: tells the plug-in, where the host does. Within begin and end, as the specification wants.
    pub fn param_changed(self: &Arc<Self>, param: &Param, reason: &'static CStr) -> Status {
        self.changed(&param.name, ofx_sys::kOfxTypeParameter, reason)
    }

    pub fn changed(self: &Arc<Self>, name: &CStr, of_type: &CStr, reason: &'static CStr) -> Status {
        if self.shared.profile.quirks.no_instance_changed {
            return Status::REPLY_DEFAULT;
        }
        let around = self.arguments("inArgs");
        around.define(ofx_sys::kOfxPropChangeReason, Values::Text(vec![reason.to_owned()]), 1, Write::Host);
        self.act(ofx_sys::kOfxActionBeginInstanceChanged, Some(&around), None, None);
        let args = self.arguments("inArgs");
        args.define(ofx_sys::kOfxPropType, Values::Text(vec![of_type.to_owned()]), 1, Write::Host);
        args.define(ofx_sys::kOfxPropName, Values::Text(vec![name.to_owned()]), 1, Write::Host);
        args.define(ofx_sys::kOfxPropChangeReason, Values::Text(vec![reason.to_owned()]), 1, Write::Host);
        args.define(ofx_sys::kOfxPropTime, Values::Double(vec![self.time()]), 1, Write::Host);
        args.define(ofx_sys::kOfxImageEffectPropRenderScale, Values::Double(vec![1.0, 1.0]), 2, Write::Host);
        let status = self.act(ofx_sys::kOfxActionInstanceChanged, Some(&args), None, None);
        let said = lock(&self.said).clone();
        self.act(ofx_sys::kOfxActionEndInstanceChanged, Some(&around), None, None);
        *lock(&self.said) = said;
        status
    }

    /// Tells readers of the property set where the instance stands.
    pub fn update_project(&self) {
        let place = lock(&self.place).clone();
        let (p, f) = (&self.props, place.project.format);
        p.set_doubles(ofx_sys::kOfxImageEffectPropProjectSize, &[f.x2 - f.x1, f.y2 - f.y1]);
        p.set_doubles(ofx_sys::kOfxImageEffectPropProjectOffset, &[f.x1, f.y1]);
        p.set_doubles(ofx_sys::kOfxImageEffectPropProjectExtent, &[f.x2, f.y2]);
        p.set_doubles(ofx_sys::kOfxImageEffectPropProjectPixelAspectRatio, &[place.project.pixel_aspect]);
        p.set_doubles(ofx_sys::kOfxImageEffectPropFrameRate, &[place.project.frame_rate]);
        let (first, last) = place.project.range;
        p.set_doubles(ofx_sys::kOfxImageEffectInstancePropEffectDuration, &[last - first + 1.0]);
        let interactive = !self.shared.profile.supports.background;
        p.set_int(ofx_sys::kOfxPropIsInteractive, i32::from(interactive));
    }

    /// Makes the changes that waited.
    pub fn settle_waiting(&self) {
        let changes = lock(&self.waiting).as_mut().map(std::mem::take).unwrap_or_default();
        changes.into_iter().for_each(|c| c.param.store(c.time, c.value));
    }

    /// Reports edit blocks beyond those that were open before. An overlay may keep one open from pen down to pen up.
    pub fn check_edits(&self, before: usize) {
        let now = self.params.edits.swap(before, Ordering::SeqCst);
        if now > before {
            let message = format!("{} paramEditBegin without paramEditEnd", now - before);
            self.shared.report(Rule::OpenEdit, Severity::Error, message);
        } else {
            self.params.edits.store(now, Ordering::SeqCst);
        }
    }

    /// Reports image memory that is still held: at the end of an instance.
    pub fn check_memory(&self) {
        let held = std::mem::take(&mut *lock(&self.memory));
        if !held.is_empty() {
            let message = format!("{} blocks of image memory were not freed", held.len());
            self.shared.report(Rule::LeakedMemory, Severity::Error, message);
        }
    }
}
