//! The multithread suite: real threads, and mutexes that a thread may lock more than once.

use std::ffi::{c_int, c_uint, c_void};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::ThreadId;

use ofx_sys::{OfxMultiThreadSuiteV1, OfxMutexHandle, OfxStatus, OfxThreadFunctionV1};

use crate::call::{self, answer, null, put};
use crate::handle::{self, Handle, Object};
use crate::shared::{Shared, lock};
use crate::status::Status;
use crate::violation::{Rule, Severity};

pub(super) static SUITE: OfxMultiThreadSuiteV1 = OfxMultiThreadSuiteV1 {
    multiThread: Some(multi_thread),
    multiThreadNumCPUs: Some(cpus),
    multiThreadIndex: Some(index),
    multiThreadIsSpawnedThread: Some(is_spawned),
    mutexCreate: Some(mutex_create),
    mutexDestroy: Some(mutex_destroy),
    mutexLock: Some(mutex_lock),
    mutexUnLock: Some(mutex_unlock),
    mutexTryLock: Some(mutex_try_lock),
};

fn processors() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(1))
}

/// The plug-in's argument, which it shares between its threads on its own account.
#[derive(Clone, Copy)]
struct Argument(*mut c_void);

// SAFETY: handing it to several threads is what the plug-in asks for with `multiThread`.
unsafe impl Send for Argument {}
// SAFETY: as above.
unsafe impl Sync for Argument {}

impl Argument {
    fn get(self) -> *mut c_void {
        self.0
    }
}

unsafe extern "C" fn multi_thread(
    function: OfxThreadFunctionV1,
    threads: c_uint,
    arg: *mut c_void,
) -> OfxStatus {
    answer("multiThread", || {
        let Some(function) = function else { return Err(null("multiThread")) };
        let call = call::current();
        if call.as_ref().is_some_and(|c| c.thread.is_some()) {
            let message = "multiThread was called on a thread of multiThread".to_owned();
            call::violate(Rule::ForbiddenCall, Severity::Warning, message);
            return Err(Status::EXISTS);
        }
        let n = if threads == 0 { processors() } else { threads };
        let arg = Argument(arg);
        std::thread::scope(|scope| {
            for i in 0..n {
                let call = call.clone();
                scope.spawn(move || {
                    let entered = call.map(|c| call::enter(call::Call { thread: Some((i, n)), ..c }));
                    // SAFETY: the plug-in's function with the plug-in's argument.
                    unsafe { function(i, n, arg.get()) };
                    drop(entered);
                });
            }
        });
        Ok(())
    })
}

unsafe extern "C" fn cpus(to: *mut c_uint) -> OfxStatus {
    // SAFETY: the plug-in gives room for a number.
    answer("multiThreadNumCPUs", || unsafe { put(to, processors(), "multiThreadNumCPUs") })
}

unsafe extern "C" fn index(to: *mut c_uint) -> OfxStatus {
    answer("multiThreadIndex", || {
        let (i, _) = call::current().and_then(|c| c.thread).ok_or(Status::FAILED)?;
        // SAFETY: the plug-in gives room for a number.
        unsafe { put(to, i, "multiThreadIndex") }
    })
}

unsafe extern "C" fn is_spawned() -> c_int {
    c_int::from(call::current().is_some_and(|c| c.thread.is_some()))
}

/// A mutex of a plug-in.
pub(crate) struct HostMutex {
    pub handle: Handle,
    pub plugin: Arc<str>,
    /// Who holds it and how many times.
    held: Mutex<(Option<ThreadId>, i64)>,
    freed: Condvar,
}

impl HostMutex {
    fn lock(&self, wait: bool) -> bool {
        let me = std::thread::current().id();
        let mut held = lock(&self.held);
        while held.1 > 0 && held.0 != Some(me) {
            if !wait {
                return false;
            }
            held = self.freed.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        *held = (Some(me), held.1 + 1);
        true
    }

    fn unlock(&self) -> bool {
        let mut held = lock(&self.held);
        if held.1 <= 0 {
            return false;
        }
        held.1 -= 1;
        if held.1 == 0 {
            held.0 = None;
            self.freed.notify_one();
        }
        true
    }

    pub fn is_locked(&self) -> bool {
        lock(&self.held).1 > 0
    }
}

unsafe extern "C" fn mutex_create(to: *mut OfxMutexHandle, locks: c_int) -> OfxStatus {
    answer("mutexCreate", || {
        let call = call::current();
        let shared = call.as_ref().map(|c| c.shared.clone());
        let shared = shared.or_else(|| Shared::suspects().into_iter().next()).ok_or(Status::FAILED)?;
        let plugin = call.map_or_else(|| "".into(), |c| c.plugin);
        let holder = (locks > 0).then(|| std::thread::current().id());
        let mutex = Arc::new_cyclic(|me| HostMutex {
            handle: Handle::new(Object::Mutex(me.clone())),
            plugin,
            held: Mutex::new((holder, i64::from(locks.max(0)))),
            freed: Condvar::new(),
        });
        // SAFETY: the plug-in gives room for a handle.
        unsafe { put(to, mutex.handle.as_ptr(), "mutexCreate") }?;
        lock(&shared.mutexes).insert(mutex.handle.raw(), mutex);
        Ok(())
    })
}

unsafe extern "C" fn mutex_destroy(mutex: OfxMutexHandle) -> OfxStatus {
    answer("mutexDestroy", || {
        let mutex = handle::find::<HostMutex>(mutex as *const c_void, "mutexDestroy")?;
        if mutex.is_locked() {
            let message = "mutexDestroy on a mutex that is locked".to_owned();
            call::violate(Rule::LeakedMutex, Severity::Error, message);
        }
        Shared::all().iter().for_each(|h| {
            lock(&h.mutexes).remove(&mutex.handle.raw());
        });
        Ok(())
    })
}

unsafe extern "C" fn mutex_lock(mutex: OfxMutexHandle) -> OfxStatus {
    answer("mutexLock", || {
        handle::find::<HostMutex>(mutex as *const c_void, "mutexLock")?.lock(true);
        Ok(())
    })
}

unsafe extern "C" fn mutex_unlock(mutex: OfxMutexHandle) -> OfxStatus {
    answer("mutexUnLock", || {
        if !handle::find::<HostMutex>(mutex as *const c_void, "mutexUnLock")?.unlock() {
            let message = "mutexUnLock on a mutex that is not locked".to_owned();
            call::violate(Rule::ForbiddenCall, Severity::Error, message);
            return Err(Status::FAILED);
        }
        Ok(())
    })
}

unsafe extern "C" fn mutex_try_lock(mutex: OfxMutexHandle) -> OfxStatus {
    answer("mutexTryLock", || {
        let mutex = handle::find::<HostMutex>(mutex as *const c_void, "mutexTryLock")?;
        if mutex.lock(false) { Ok(()) } else { Err(Status::FAILED) }
    })
}
