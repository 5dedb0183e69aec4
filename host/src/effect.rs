//! An effect, loaded and described.

use std::collections::HashMap;
use std::ffi::CStr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::bundle::Plugin;
use crate::call::{self, Call};
use crate::context::Context;
use crate::description::{ContextInfo, EffectInfo, ThreadSafety};
use crate::error::{Error, Result};
use crate::inspect;
use crate::node::Node;
use crate::object::{EffectObject, Role};
use crate::property::{PropSet, Values, Write};
use crate::shared::{Shared, lock};
use crate::status::Status;
use crate::violation::{Rule, Severity};

/// A plug-in between load and unload.
pub(crate) struct Loaded {
    pub shared: Arc<Shared>,
    pub plugin: Arc<Plugin>,
    info: EffectInfo,
    descriptor: Arc<EffectObject>,
    contexts: Mutex<HashMap<Context, Arc<EffectObject>>>,
}

/// Calls an action that has no object.
fn act_globally(shared: &Arc<Shared>, plugin: &Plugin, action: &'static CStr) -> Status {
    let entered = call::enter(Call {
        shared: shared.clone(),
        plugin: plugin.id.as_str().into(),
        effect: None,
        action,
        serial: call::serial(),
        render: None,
        thread: None,
    });
    let (null, none) = (std::ptr::null(), std::ptr::null_mut());
    let status = match plugin.ofx().mainEntry {
        // SAFETY: the plug-in's entry point; load and unload have no handle and no arguments.
        Some(entry) => Status(unsafe { entry(action.as_ptr(), null, none, none) }),
        None => Status::FATAL,
    };
    drop(entered);
    status
}

fn set_host(shared: &Shared, plugin: &Plugin) {
    if let Some(set_host) = plugin.ofx().setHost {
        // SAFETY: the struct lives for ever.
        unsafe { set_host(shared.ofx()) };
    }
}

impl Loaded {
    /// setHost, load, describe.
    pub fn load(shared: &Arc<Shared>, plugin: &Arc<Plugin>) -> Result<Arc<Loaded>> {
        let descriptor = Loaded::describe(shared, plugin)?;
        let info = info_of(&descriptor);
        inspect::effect(&descriptor, &info);
        Ok(Arc::new(Loaded {
            shared: shared.clone(),
            plugin: plugin.clone(),
            info,
            descriptor,
            contexts: Mutex::default(),
        }))
    }

    fn describe(shared: &Arc<Shared>, plugin: &Arc<Plugin>) -> Result<Arc<EffectObject>> {
        set_host(shared, plugin);
        let failed = |action: &CStr, status: Status| Error::Action {
            effect: plugin.id.clone(),
            action: action.to_string_lossy().into_owned(),
            status,
            message: shared.messages().last().map(|m| m.text.clone()),
        };
        let status = act_globally(shared, plugin, ofx_sys::kOfxActionLoad);
        if !status.is_fine() {
            return Err(failed(ofx_sys::kOfxActionLoad, status));
        }
        let descriptor = EffectObject::new(shared, plugin, Role::Descriptor, None);
        let status = descriptor.act(ofx_sys::kOfxActionDescribe, None, None, None);
        if status != Status::OK {
            let error = failed(ofx_sys::kOfxActionDescribe, status);
            act_globally(shared, plugin, ofx_sys::kOfxActionUnload);
            return Err(error);
        }
        descriptor.props.settle();
        Ok(descriptor)
    }

    fn describe_context(descriptor: &Arc<EffectObject>, context: Context) -> Result<Arc<EffectObject>> {
        let (shared, plugin) = (&descriptor.shared, &descriptor.plugin);
        let object = EffectObject::new(shared, plugin, Role::Context(context), Some(descriptor));
        let args = object.arguments("inArgs");
        let name = Values::Text(vec![context.ofx_name().to_owned()]);
        args.define(ofx_sys::kOfxImageEffectPropContext, name, 1, Write::Host);
        let action = ofx_sys::kOfxImageEffectActionDescribeInContext;
        let status = object.act(action, Some(&args), None, None);
        if status != Status::OK {
            return Err(object.failed(action, status));
        }
        object.props.settle();
        object.params.settle();
        object.clips().iter().for_each(|c| c.props.settle());
        Ok(object)
    }

    /// The descriptor of a context, described the first time it is asked for.
    pub fn context(&self, context: Context) -> Result<Arc<EffectObject>> {
        let refuse = |reason: &str| {
            Err(Error::Context {
                effect: self.info.id.clone(),
                context: context.to_string(),
                reason: reason.to_owned(),
            })
        };
        if !self.info.contexts.contains(&context) {
            return refuse("it does not claim this context");
        }
        if !self.shared.profile.contexts.contains(&context) {
            return refuse(&format!("the {} profile does not have it", self.shared.profile.name));
        }
        let mut contexts = lock(&self.contexts);
        if let Some(known) = contexts.get(&context) {
            return Ok(known.clone());
        }
        let object = Loaded::describe_context(&self.descriptor, context)?;
        inspect::context(&object, context);
        contexts.insert(context, object.clone());
        Ok(object)
    }

    /// Everything from setHost to describeInContext once more, as hosts do that describe on every frame.
    pub fn describe_again(&self, context: Context) -> Result<Arc<EffectObject>> {
        let descriptor = Loaded::describe(&self.shared, &self.plugin)?;
        Loaded::describe_context(&descriptor, context)
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        let status = act_globally(&self.shared, &self.plugin, ofx_sys::kOfxActionUnload);
        if !status.is_fine() {
            let message = format!("{} failed to unload with {status}", self.plugin.id);
            self.shared.report(Rule::BadReply, Severity::Error, message);
        }
        let mine = |plugin: &str| plugin == self.plugin.id;
        let mut leaked = Vec::new();
        lock(&self.shared.blocks).retain(|_, b| {
            let gone = mine(&b.plugin);
            leaked.extend(gone.then_some((Rule::LeakedMemory, "a block of the memory suite was not freed")));
            !gone
        });
        lock(&self.shared.mutexes).retain(|_, m| {
            let gone = mine(&m.plugin);
            leaked.extend(gone.then_some((Rule::LeakedMutex, "a mutex was not destroyed")));
            !gone
        });
        for (rule, what) in leaked {
            let message = format!("{what} by {} when it was unloaded", self.plugin.id);
            self.shared.report(rule, Severity::Error, message);
        }
    }
}

/// An effect of a bundle in a host. Clones are the same effect.
#[derive(Clone)]
pub struct Effect(pub(crate) Arc<Loaded>);

impl Effect {
    /// The identifier.
    pub fn id(&self) -> &str {
        &self.0.info.id
    }

    /// What the descriptor says.
    pub fn info(&self) -> &EffectInfo {
        &self.0.info
    }

    /// The contexts that both the effect and the host have.
    pub fn contexts(&self) -> Vec<Context> {
        let offered = &self.0.shared.profile.contexts;
        self.0.info.contexts.iter().copied().filter(|c| offered.contains(c)).collect()
    }

    /// The params and clips of a context.
    pub fn describe_in_context(&self, context: Context) -> Result<ContextInfo> {
        let object = self.0.context(context)?;
        Ok(ContextInfo {
            params: object.params.all().iter().map(|p| p.info()).collect(),
            clips: object.clips().iter().map(|c| c.info()).collect(),
        })
    }

    /// A node of this effect.
    pub fn create(&self, context: Context) -> Result<Node> {
        Node::create(self, context)
    }
}

fn info_of(descriptor: &EffectObject) -> EffectInfo {
    let p: &PropSet = &descriptor.props;
    let flag = |name: &CStr| p.int(name) != 0;
    let safety = p.text(ofx_sys::kOfxImageEffectPluginRenderThreadSafety);
    let thread_safety = if safety.as_c_str() == ofx_sys::kOfxImageEffectRenderUnsafe {
        ThreadSafety::Unsafe
    } else if safety.as_c_str() == ofx_sys::kOfxImageEffectRenderFullySafe {
        ThreadSafety::FullySafe
    } else {
        ThreadSafety::InstanceSafe
    };
    let contexts = p.texts(ofx_sys::kOfxImageEffectPropSupportedContexts);
    EffectInfo {
        id: descriptor.plugin.id.clone(),
        version: descriptor.plugin.version,
        label: p.string(ofx_sys::kOfxPropLabel),
        short_label: p.string(ofx_sys::kOfxPropShortLabel),
        long_label: p.string(ofx_sys::kOfxPropLongLabel),
        grouping: p.string(ofx_sys::kOfxImageEffectPluginPropGrouping),
        description: p.string(ofx_sys::kOfxPropPluginDescription),
        contexts: contexts.iter().filter_map(|c| Context::from_ofx_name(c)).collect(),
        depths: p.strings(ofx_sys::kOfxImageEffectPropSupportedPixelDepths),
        thread_safety,
        host_frame_threading: flag(ofx_sys::kOfxImageEffectPluginPropHostFrameThreading),
        single_instance: flag(ofx_sys::kOfxImageEffectPluginPropSingleInstance),
        multi_resolution: flag(ofx_sys::kOfxImageEffectPropSupportsMultiResolution),
        tiles: flag(ofx_sys::kOfxImageEffectPropSupportsTiles),
        temporal: flag(ofx_sys::kOfxImageEffectPropTemporalClipAccess),
        multiple_depths: flag(ofx_sys::kOfxImageEffectPropSupportsMultipleClipDepths),
        multiple_pixel_aspects: flag(ofx_sys::kOfxImageEffectPropSupportsMultipleClipPARs),
        sequential: flag(ofx_sys::kOfxImageEffectInstancePropSequentialRender),
        overlay_v1: p.pointer(ofx_sys::kOfxImageEffectPluginPropOverlayInteractV1) != 0,
        overlay_v2: p.pointer(ofx_sys::kOfxImageEffectPluginPropOverlayInteractV2) != 0,
        icon: icon_of(&descriptor.plugin),
    }
}

fn icon_of(plugin: &Plugin) -> Option<PathBuf> {
    let folder = plugin.path.join("Contents").join("Resources");
    ["svg", "png"].iter().map(|e| folder.join(format!("{}.{e}", plugin.id))).find(|p| p.is_file())
}
