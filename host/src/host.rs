//! The host: what plug-ins see of it, and what it has seen of them.

use std::sync::{Arc, Mutex, Weak};

use crate::bundle::Bundle;
use crate::effect::{Effect, Loaded};
use crate::error::{Error, Result};
use crate::profile::Profile;
use crate::report::{Message, Progress};
use crate::shared::{Shared, lock};
use crate::violation::Violation;

/// A headless host. Clones are the same host.
#[derive(Clone)]
pub struct Host {
    shared: Arc<Shared>,
    /// Effects that are loaded.
    loaded: Arc<Mutex<Vec<Weak<Loaded>>>>,
}

impl Host {
    /// A host with the character of a profile.
    pub fn new(profile: Profile) -> Host {
        Host { shared: Shared::new(profile), loaded: Arc::default() }
    }

    /// Its character.
    pub fn profile(&self) -> &Profile {
        &self.shared.profile
    }

    /// All effects of a bundle, loaded and described, in its order.
    pub fn effects(&self, bundle: &Bundle) -> Result<Vec<Effect>> {
        bundle.ids().iter().map(|id| self.effect(bundle, id)).collect()
    }

    /// One effect of a bundle, loaded and described. It is unloaded when the last that uses it is dropped.
    pub fn effect(&self, bundle: &Bundle, id: &str) -> Result<Effect> {
        // Of several versions hosts take the newest.
        let plugin = bundle.plugins().iter().filter(|p| p.id == id).max_by_key(|p| p.version);
        let Some(plugin) = plugin else {
            return Err(Error::UnknownEffect { id: id.to_owned(), known: bundle.ids().join(", ") });
        };
        let mut loaded = lock(&self.loaded);
        loaded.retain(|l| l.strong_count() > 0);
        let known = loaded.iter().filter_map(Weak::upgrade).find(|l| Arc::ptr_eq(&l.plugin, plugin));
        if let Some(known) = known {
            return Ok(Effect(known));
        }
        let new = Loaded::load(&self.shared, plugin)?;
        loaded.push(Arc::downgrade(&new));
        Ok(Effect(new))
    }

    /// Every rule broken so far, in the order of the first time.
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.violations()
    }

    /// As [`Host::violations`], and forgets them.
    pub fn take_violations(&self) -> Vec<Violation> {
        self.shared.take_violations()
    }

    /// Every message so far.
    pub fn messages(&self) -> Vec<Message> {
        self.shared.messages()
    }

    /// Calls `hook` at each step of a plug-in's progress; it answers whether to go on.
    pub fn on_progress(&self, hook: impl Fn(&Progress) -> bool + Send + Sync + 'static) {
        self.shared.on_progress(Arc::new(hook));
    }

    /// Calls `hook` with each message; its answer is that to a question.
    pub fn on_message(&self, hook: impl Fn(&Message) -> bool + Send + Sync + 'static) {
        self.shared.on_message(Arc::new(hook));
    }
}
