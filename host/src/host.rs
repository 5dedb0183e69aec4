//! The host: what plug-ins see of it, and what it has seen of them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, Weak};

use crate::bundle::{Bundle, Plugin};
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
    /// Private copies of bundles that another host of this process uses.
    copies: Arc<Mutex<HashMap<PathBuf, Bundle>>>,
}

/// The host that each plug-in was told of, by the plug-in's address. A binary knows one host at a time.
static TOLD: Mutex<Option<HashMap<usize, Weak<Shared>>>> = Mutex::new(None);

impl Host {
    /// A host with the character of a profile.
    pub fn new(profile: Profile) -> Host {
        Host { shared: Shared::new(profile), loaded: Arc::default(), copies: Arc::default() }
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
    ///
    /// A binary knows one host at a time. Where another host of this process has told this one of itself, this host
    /// opens a private copy, as [`Bundle::load_isolated`] does, so that each sees what it would in its own process.
    pub fn effect(&self, bundle: &Bundle, id: &str) -> Result<Effect> {
        let plugin = find(bundle, id)?;
        let plugin = if self.claims(&plugin) { plugin } else { find(&self.copy_of(bundle)?, id)? };
        let plugin = &plugin;
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

    /// The plug-in knows no other host; from now on it knows this one.
    fn claims(&self, plugin: &Plugin) -> bool {
        let mut told = lock(&TOLD);
        let told = told.get_or_insert_default();
        told.retain(|_, host| host.strong_count() > 0);
        let known = told.entry(plugin.address()).or_insert_with(|| Arc::downgrade(&self.shared));
        // One that lives in this process has no copy.
        plugin.path.as_os_str().is_empty() || known.upgrade().is_some_and(|h| Arc::ptr_eq(&h, &self.shared))
    }

    fn copy_of(&self, bundle: &Bundle) -> Result<Bundle> {
        let mut copies = lock(&self.copies);
        if let Some(copy) = copies.get(bundle.path()) {
            return Ok(copy.clone());
        }
        let copy = Bundle::load_isolated(bundle.path())?;
        copies.insert(bundle.path().to_owned(), copy.clone());
        Ok(copy)
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

/// Of several versions hosts take the newest.
fn find(bundle: &Bundle, id: &str) -> Result<Arc<Plugin>> {
    let plugin = bundle.plugins().iter().filter(|p| p.id == id).max_by_key(|p| p.version);
    plugin.cloned().ok_or_else(|| Error::UnknownEffect { id: id.to_owned(), known: bundle.ids().join(", ") })
}
