//! The living instances. The host is given a number for each, never an address, so that whatever it gives back can be
//! looked up and is never dereferenced.

use core::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::effect::Effect;
use crate::error::Error;
use crate::handle::Effect as EffectHandle;
use crate::instance::Instance;

/// An instance with its effect, or with the error that its creation ended in.
pub(crate) struct Bound<E> {
    pub(crate) instance: Arc<Instance>,
    pub(crate) effect: Result<E, Error>,
}

struct Entry {
    instance: Arc<Instance>,
    bound: Arc<dyn Any + Send + Sync>,
}

#[derive(Default)]
struct Live {
    entries: HashMap<usize, Entry>,
    tokens: HashMap<usize, usize>,
}

static LIVE: LazyLock<RwLock<Live>> = LazyLock::new(RwLock::default);
static NEXT_TOKEN: AtomicUsize = AtomicUsize::new(1);

/// Keeps an instance; the token finds it again. A forgotten instance with the same handle is dropped.
pub(crate) fn add<E: Effect>(bound: Bound<E>) -> usize {
    let token = NEXT_TOKEN.fetch_add(1, Ordering::Relaxed);
    let handle = bound.instance.handle().address();
    let instance = Arc::clone(&bound.instance);
    let mut live = LIVE.write().unwrap_or_else(PoisonError::into_inner);
    live.entries.insert(token, Entry { instance, bound: Arc::new(bound) });
    let forgotten = live.tokens.insert(handle, token).and_then(|old| live.entries.remove(&old));
    drop(live);
    // Effects are dropped outside of the lock: they may do anything.
    drop(forgotten);
    token
}

/// The instance with this handle or, for a handle never seen, with the token that the host keeps.
pub(crate) fn find<E: Effect>(
    handle: EffectHandle,
    token: impl FnOnce() -> Option<usize>,
) -> Option<Arc<Bound<E>>> {
    let live = LIVE.read().unwrap_or_else(PoisonError::into_inner);
    let known = live.tokens.get(&handle.address()).copied();
    let bound = match known {
        Some(token) => live.entries.get(&token).map(|e| Arc::clone(&e.bound)),
        None => {
            // The host is asked without the lock held.
            drop(live);
            let token = token()?;
            let live = LIVE.read().unwrap_or_else(PoisonError::into_inner);
            live.entries.get(&token).map(|e| Arc::clone(&e.bound))
        }
    };
    bound?.downcast().ok()
}

/// The instance with this handle, whatever its effect.
pub(crate) fn instance(handle: EffectHandle) -> Option<Arc<Instance>> {
    let live = LIVE.read().unwrap_or_else(PoisonError::into_inner);
    let token = live.tokens.get(&handle.address())?;
    live.entries.get(token).map(|e| Arc::clone(&e.instance))
}

/// Lets go of an instance. It lives on until actions that still run on other threads are done.
pub(crate) fn remove(handle: EffectHandle, token: Option<usize>) -> bool {
    let mut live = LIVE.write().unwrap_or_else(PoisonError::into_inner);
    let token = live.tokens.remove(&handle.address()).or(token);
    let entry = token.and_then(|t| live.entries.remove(&t));
    drop(live);
    entry.is_some()
}

/// How many instances live, for tests of leaks.
#[doc(hidden)]
pub fn count() -> usize {
    LIVE.read().unwrap_or_else(PoisonError::into_inner).entries.len()
}
