//! Handles: numbers that stand for the host's objects. They are looked up and never dereferenced, and they are no
//! addresses, so that a plug-in that looks into one stops at once.

use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};

use crate::call;
use crate::clip::Clip;
use crate::draw::Canvas;
use crate::interact::Interact;
use crate::object::EffectObject;
use crate::param::{Param, ParamSet};
use crate::property::PropSet;
use crate::status::Status;
use crate::suites::memory::ImageMemory;
use crate::suites::thread::HostMutex;
use crate::violation::{Rule, Severity};

/// What a handle can stand for.
pub(crate) enum Object {
    Properties(Weak<PropSet>),
    Effect(Weak<EffectObject>),
    ParamSet(Weak<ParamSet>),
    Param(Weak<Param>),
    Clip(Weak<Clip>),
    Interact(Weak<Interact>),
    Canvas(Weak<Canvas>),
    Memory(Weak<ImageMemory>),
    Mutex(Weak<HostMutex>),
}

impl Object {
    fn noun(&self) -> &'static str {
        match self {
            Object::Properties(_) => "a property set",
            Object::Effect(_) => "an effect",
            Object::ParamSet(_) => "a param set",
            Object::Param(_) => "a param",
            Object::Clip(_) => "a clip",
            Object::Interact(_) => "an interact",
            Object::Canvas(_) => "a draw context",
            Object::Memory(_) => "image memory",
            Object::Mutex(_) => "a mutex",
        }
    }
}

/// Not canonical on any 64-bit machine: reading there is a fault.
#[cfg(target_pointer_width = "64")]
const BASE: usize = 0x0FE1_0000_0000_0000;
#[cfg(not(target_pointer_width = "64"))]
const BASE: usize = 0x1000;
const STEP: usize = 16;

static NEXT: AtomicUsize = AtomicUsize::new(1);

fn table() -> &'static RwLock<HashMap<usize, Object>> {
    static TABLE: OnceLock<RwLock<HashMap<usize, Object>>> = OnceLock::new();
    TABLE.get_or_init(Default::default)
}

/// A number in the table; dropping it makes it stale.
#[derive(Debug)]
pub(crate) struct Handle(usize);

impl Handle {
    pub fn new(object: Object) -> Handle {
        let raw = BASE + NEXT.fetch_add(1, Ordering::Relaxed) * STEP;
        table().write().unwrap_or_else(PoisonError::into_inner).insert(raw, object);
        Handle(raw)
    }

    /// What the plug-in is given.
    pub fn as_ptr<T>(&self) -> *mut T {
        self.0 as *mut T
    }

    pub fn raw(&self) -> usize {
        self.0
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        table().write().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// Objects that handles stand for.
pub(crate) trait Handled: Sized {
    const NOUN: &'static str;
    fn of(object: &Object) -> Option<&Weak<Self>>;
}

macro_rules! handled {
    ($($type:ty, $variant:ident, $noun:literal;)*) => {$(
        impl Handled for $type {
            const NOUN: &'static str = $noun;
            fn of(object: &Object) -> Option<&Weak<Self>> {
                match object {
                    Object::$variant(weak) => Some(weak),
                    _ => None,
                }
            }
        }
    )*};
}

handled! {
    PropSet, Properties, "a property set";
    EffectObject, Effect, "an effect";
    ParamSet, ParamSet, "a param set";
    Param, Param, "a param";
    Clip, Clip, "a clip";
    Interact, Interact, "an interact";
    Canvas, Canvas, "a draw context";
    ImageMemory, Memory, "image memory";
    HostMutex, Mutex, "a mutex";
}

/// The object behind a handle that a plug-in gave, without a word where there is none.
pub(crate) fn peek<T: Handled>(raw: *const c_void) -> Option<Arc<T>> {
    let table = table().read().unwrap_or_else(PoisonError::into_inner);
    T::of(table.get(&(raw as usize))?)?.upgrade()
}

/// The object behind a handle that a plug-in gave to `function`; reports it where there is none.
pub(crate) fn find<T: Handled>(raw: *const c_void, function: &str) -> Result<Arc<T>, Status> {
    peek(raw).ok_or_else(|| {
        call::violate(
            Rule::BadHandle,
            Severity::Error,
            format!("{function} was given {} where {} belongs", what(raw as usize), T::NOUN),
        );
        Status::BAD_HANDLE
    })
}

fn what(raw: usize) -> &'static str {
    if raw == 0 {
        return "NULL";
    }
    if let Some(object) = table().read().unwrap_or_else(PoisonError::into_inner).get(&raw) {
        return object.noun();
    }
    let ours =
        raw > BASE && (raw - BASE).is_multiple_of(STEP) && (raw - BASE) / STEP < NEXT.load(Ordering::Relaxed);
    if ours { "a stale handle" } else { "a pointer that is no handle" }
}
