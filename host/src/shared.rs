//! The part of a host that its objects and the suites share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use ofx_sys::OfxHost;

use crate::call;
use crate::profile::Profile;
use crate::property::PropSet;
use crate::report::{Message, Progress};
use crate::suites;
use crate::suites::memory::Block;
use crate::violation::{Rule, Severity, Violation};

type MessageHook = Arc<dyn Fn(&Message) -> bool + Send + Sync>;
type ProgressHook = Arc<dyn Fn(&Progress) -> bool + Send + Sync>;

/// Locks, whoever panicked before.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// See the module.
pub(crate) struct Shared {
    pub profile: Profile,
    /// The host descriptor.
    pub props: OnceLock<Arc<PropSet>>,
    /// Address of what plug-ins hold: 16 bytes that are never freed, since they may keep the pointer for as long as they
    /// like.
    ofx: OnceLock<usize>,
    log: Mutex<Vec<Violation>>,
    messages: Mutex<Vec<Message>>,
    message_hook: Mutex<Option<MessageHook>>,
    progress_hook: Mutex<Option<ProgressHook>>,
    /// Actions that run now.
    pub active: AtomicUsize,
    /// Blocks of the memory suite, by address.
    pub blocks: Mutex<HashMap<usize, Block>>,
    /// Mutexes that plug-ins made, by handle.
    pub mutexes: Mutex<HashMap<usize, Arc<suites::thread::HostMutex>>>,
}

static HOSTS: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

impl Shared {
    pub fn new(profile: Profile) -> Arc<Shared> {
        let shared = Arc::new(Shared {
            profile,
            props: OnceLock::new(),
            ofx: OnceLock::new(),
            log: Mutex::default(),
            messages: Mutex::default(),
            message_hook: Mutex::default(),
            progress_hook: Mutex::default(),
            active: AtomicUsize::new(0),
            blocks: Mutex::default(),
            mutexes: Mutex::default(),
        });
        let props = PropSet::host(&shared);
        let ofx = OfxHost { host: props.handle.as_ptr(), fetchSuite: Some(suites::fetch) };
        let _ = shared.ofx.set(std::ptr::from_mut(Box::leak(Box::new(ofx))) as usize);
        let _ = shared.props.set(props);
        let mut hosts = lock(&HOSTS);
        hosts.retain(|h| h.strong_count() > 0);
        hosts.push(Arc::downgrade(&shared));
        shared
    }

    /// What plug-ins hold.
    pub fn ofx(&self) -> *mut OfxHost {
        self.ofx.get().map_or(std::ptr::null_mut(), |address| *address as *mut OfxHost)
    }

    /// All hosts of this process.
    pub fn all() -> Vec<Arc<Shared>> {
        lock(&HOSTS).iter().filter_map(Weak::upgrade).collect()
    }

    /// Hosts that may be meant where no action runs on this thread: those with one running elsewhere, or else all.
    pub fn suspects() -> Vec<Arc<Shared>> {
        let all = Shared::all();
        let busy: Vec<_> = all.iter().filter(|h| h.active.load(Ordering::SeqCst) > 0).cloned().collect();
        if busy.is_empty() { all } else { busy }
    }

    pub fn report(&self, rule: Rule, severity: Severity, message: String) {
        let (effect, action) = call::current()
            .map(|c| (c.plugin.to_string(), c.action.to_string_lossy().into_owned()))
            .unwrap_or_default();
        log::warn!("{effect}: {action}: {message}");
        let mut log = lock(&self.log);
        let same = log
            .iter_mut()
            .find(|v| v.rule == rule && v.message == message && v.effect == effect && v.action == action);
        match same {
            Some(v) => v.count += 1,
            None => log.push(Violation { rule, severity, effect, action, message, count: 1 }),
        }
    }

    pub fn violations(&self) -> Vec<Violation> {
        lock(&self.log).clone()
    }

    pub fn take_violations(&self) -> Vec<Violation> {
        std::mem::take(&mut lock(&self.log))
    }

    /// Keeps a message and asks the hook; a question without a hook is answered yes.
    pub fn hear(&self, message: Message) -> bool {
        let hook = lock(&self.message_hook).clone();
        let answer = hook.map(|hook| hook(&message));
        lock(&self.messages).push(message);
        answer.unwrap_or(true)
    }

    pub fn messages(&self) -> Vec<Message> {
        lock(&self.messages).clone()
    }

    pub fn on_message(&self, hook: MessageHook) {
        *lock(&self.message_hook) = Some(hook);
    }

    pub fn on_progress(&self, hook: ProgressHook) {
        *lock(&self.progress_hook) = Some(hook);
    }

    /// Tells the hook of a step; it answers whether to go on.
    pub fn progress(&self, step: &Progress) -> bool {
        let hook = lock(&self.progress_hook).clone();
        hook.is_none_or(|hook| hook(step))
    }
}
