//! A node: an instance of an effect with its inputs, its params and its place in time.

mod overlay;
mod params;
mod rendering;
mod state;

use std::ffi::CString;
use std::sync::{Arc, Mutex};

use crate::context::Context;
use crate::description::ThreadSafety;
use crate::effect::Effect;
use crate::error::{Error, Result};
use crate::interact::Interact;
use crate::job::CancelToken;
use crate::object::{EffectObject, Project, Role};
use crate::preferences::Preferences;
use crate::profile::Lifecycle;
use crate::report::Message;
use crate::shared::lock;
use crate::source::FrameSource;
use crate::status::Status;
use crate::violation::{Rule, Severity};

/// A node. It is destroyed, and the plug-in told so, on drop.
pub struct Node {
    effect: Effect,
    context: Context,
    object: Arc<EffectObject>,
    /// CreateInstance was called on the object.
    created: bool,
    cancel: CancelToken,
    /// The project was set and does not follow what is connected.
    project_is_set: bool,
    /// Clip preferences, until something changes.
    preferences: Mutex<Option<Preferences>>,
    /// Held by renders of an effect that is safe per instance only.
    renders: Mutex<()>,
    overlay: Option<Arc<Interact>>,
}

impl Node {
    pub(crate) fn create(effect: &Effect, context: Context) -> Result<Node> {
        Node::create_with(effect, context, |_| Ok(()))
    }

    /// `fill` may set params before the plug-in is told of its instance, as hosts do that load a project.
    pub(crate) fn create_with(
        effect: &Effect,
        context: Context,
        fill: impl FnOnce(&EffectObject) -> Result<()>,
    ) -> Result<Node> {
        let description = effect.0.context(context)?;
        let project = Project::default();
        let object = instance_of(&description, context, &project);
        fill(&object)?;
        let mut node = Node {
            effect: effect.clone(),
            context,
            object,
            created: false,
            cancel: CancelToken::new(),
            project_is_set: false,
            preferences: Mutex::default(),
            renders: Mutex::default(),
            overlay: None,
        };
        *lock(&node.object.cancel) = node.cancel.clone();
        create_instance(&node.object)?;
        node.created = true;
        Ok(node)
    }

    /// The effect.
    pub fn effect(&self) -> &Effect {
        &self.effect
    }

    /// How it is used.
    pub fn context(&self) -> Context {
        self.context
    }

    /// Each frame gets objects of its own, beside those of the node.
    fn lives_per_frame(&self) -> bool {
        self.object.shared.profile.quirks.lifecycle == Lifecycle::PerFrame
            && self.effect.info().thread_safety != ThreadSafety::Unsafe
    }

    /// The project, which follows the first source connected until it is set.
    pub fn project(&self) -> Project {
        lock(&self.object.place).project.clone()
    }

    /// Sets the project, from then on whatever is connected.
    pub fn set_project(&mut self, project: Project) {
        self.project_is_set = true;
        self.change_project(project);
    }

    fn change_project(&mut self, project: Project) {
        lock(&self.object.place).project = project;
        self.object.update_project();
        self.update_clips();
        self.changed();
    }

    fn update_clips(&self) {
        let project = self.project();
        for clip in self.object.clips() {
            clip.update(&self.object.shared, project.frame_rate, project.range);
        }
    }

    /// What was settled before no longer is.
    fn changed(&self) {
        *lock(&self.preferences) = None;
    }

    /// The current frame.
    pub fn time(&self) -> f64 {
        self.object.time()
    }

    /// Goes to a frame.
    pub fn set_time(&mut self, time: f64) {
        lock(&self.object.place).time = time;
    }

    /// Names of the inputs.
    pub fn inputs(&self) -> Vec<String> {
        self.object.clips().iter().filter(|c| !c.is_output()).map(|c| c.name()).collect()
    }

    /// Connects an input, and tells the plug-in as the artist's change.
    pub fn connect(&mut self, clip: &str, source: Arc<dyn FrameSource>) -> Result<()> {
        self.attach(clip, Some(source))
    }

    /// Disconnects an input, and tells the plug-in.
    pub fn disconnect(&mut self, clip: &str) -> Result<()> {
        self.attach(clip, None)
    }

    fn attach(&mut self, name: &str, source: Option<Arc<dyn FrameSource>>) -> Result<()> {
        let named = CString::new(name).ok().and_then(|n| self.object.clip(&n)).filter(|c| !c.is_output());
        let Some(clip) = named else {
            let known = self.inputs().join(", ");
            return Err(Error::UnknownClip {
                effect: self.effect.id().to_owned(),
                name: name.to_owned(),
                known,
            });
        };
        let first = !self.object.clips().iter().any(|c| c.is_connected());
        let follow = source.as_ref().filter(|_| first && !self.project_is_set).map(|source| {
            let format = source.format();
            Project {
                format: crate::geometry::RectD::from_pixels(format.bounds, (1.0, 1.0), format.pixel_aspect),
                pixel_aspect: format.pixel_aspect,
                range: source.frame_range(),
                ..self.project()
            }
        });
        clip.connect(source);
        match follow {
            Some(project) => self.change_project(project),
            None => self.update_clips(),
        }
        self.changed();
        if self.created {
            let status =
                self.object.changed(&clip.name, ofx_sys::kOfxTypeClip, ofx_sys::kOfxChangeUserEdited);
            if !status.is_fine() {
                return Err(self.object.failed(ofx_sys::kOfxActionInstanceChanged, status));
            }
        }
        Ok(())
    }

    /// The message that the plug-in left in the node.
    pub fn persistent_message(&self) -> Option<Message> {
        lock(&self.object.persistent).clone()
    }

    /// Cancels whatever this node is doing, from any thread.
    pub fn cancel_token(&self) -> CancelToken {
        self.cancel.clone()
    }

    /// Calls `kOfxActionPurgeCaches`: memory is short.
    pub fn purge_caches(&mut self) -> Result<()> {
        if !self.created {
            return Ok(());
        }
        let action = ofx_sys::kOfxActionPurgeCaches;
        let status = self.object.act(action, None, None, None);
        if status.is_fine() { Ok(()) } else { Err(self.object.failed(action, status)) }
    }

    /// Opens or closes the panel: `kOfxActionBeginInstanceEdit` and `kOfxActionEndInstanceEdit`.
    pub fn show_panel(&mut self, open: bool) -> Result<()> {
        if !self.created {
            return Ok(());
        }
        let action =
            if open { ofx_sys::kOfxActionBeginInstanceEdit } else { ofx_sys::kOfxActionEndInstanceEdit };
        let status = self.object.act(action, None, None, None);
        if status.is_fine() { Ok(()) } else { Err(self.object.failed(action, status)) }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.close_overlay();
        if self.created {
            destroy_instance(&self.object);
        }
    }
}

/// An instance with default values, of which the plug-in has not been told.
pub(crate) fn instance_of(
    description: &Arc<EffectObject>,
    context: Context,
    project: &Project,
) -> Arc<EffectObject> {
    let shared = &description.shared;
    let object = EffectObject::new(shared, &description.plugin, Role::Instance(context), Some(description));
    lock(&object.place).project = project.clone();
    let size = (project.format.x2 - project.format.x1, project.format.y2 - project.format.y1);
    object.params.instantiate(&description.params, &shared.profile.quirks, size);
    for clip in description.clips() {
        object.add_clip(clip.instantiate(shared, Arc::downgrade(&object)));
    }
    object.update_project();
    object
}

/// CreateInstance.
pub(crate) fn create_instance(object: &Arc<EffectObject>) -> Result<()> {
    let action = ofx_sys::kOfxActionCreateInstance;
    let status = object.act(action, None, None, None);
    let strict = object.shared.profile.quirks.lifecycle_must_say_ok;
    if status == Status::OK || (status.is_fine() && !strict) {
        return Ok(());
    }
    Err(object.failed(action, status))
}

/// DestroyInstance, and what is left behind.
pub(crate) fn destroy_instance(object: &Arc<EffectObject>) {
    let action = ofx_sys::kOfxActionDestroyInstance;
    let status = object.act(action, None, None, None);
    let strict = object.shared.profile.quirks.lifecycle_must_say_ok;
    if !(status == Status::OK || (status.is_fine() && !strict)) {
        let message = format!("{} answered DestroyInstance with {status}", object.id);
        object.shared.report(Rule::BadReply, Severity::Error, message);
    }
    object.check_memory();
}
