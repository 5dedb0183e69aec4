//! The host: what plug-ins see of it, and what it has seen of them.

use crate::bundle::Bundle;
use crate::effect::Effect;
use crate::error::{Error, Result};
use crate::profile::Profile;
use crate::report::{Message, Progress};
use crate::violation::Violation;

/// A headless host. Clones are the same host.
#[derive(Clone)]
pub struct Host {
    profile: Profile,
}

impl Host {
    /// A host with the character of a profile.
    pub fn new(profile: Profile) -> Host {
        Host { profile }
    }

    /// Its character.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// All effects of a bundle, loaded and described, in its order.
    pub fn effects(&self, bundle: &Bundle) -> Result<Vec<Effect>> {
        bundle.ids().iter().map(|id| self.effect(bundle, id)).collect()
    }

    /// One effect of a bundle, loaded and described.
    pub fn effect(&self, bundle: &Bundle, id: &str) -> Result<Effect> {
        let _ = bundle.plugins();
        Err(Error::UnknownEffect { id: id.to_owned(), known: bundle.ids().join(", ") })
    }

    /// Every rule broken so far, in the order of the first time.
    pub fn violations(&self) -> Vec<Violation> {
        Vec::new()
    }

    /// As [`Host::violations`], and forgets them.
    pub fn take_violations(&self) -> Vec<Violation> {
        Vec::new()
    }

    /// Every message so far.
    pub fn messages(&self) -> Vec<Message> {
        Vec::new()
    }

    /// Calls `hook` at each step of a plug-in's progress; it answers whether to go on.
    pub fn on_progress(&self, hook: impl Fn(&Progress) -> bool + Send + Sync + 'static) {
        let _ = hook;
    }

    /// Calls `hook` with each message; its answer is that to a question.
    pub fn on_message(&self, hook: impl Fn(&Message) -> bool + Send + Sync + 'static) {
        let _ = hook;
    }
}
