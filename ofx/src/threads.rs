//! Work on several threads: the host's if it lends any, else rayon's one pool.

use core::ffi::{c_uint, c_void};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use ofx_sys as sys;
use rayon::prelude::*;

use crate::action::{Doing, current, doing};
use crate::error::{Error, Result};
use crate::instance::Instance;
use crate::panics::{Caught, guarded};

/// `count` pieces of work, taken one by one by any number of threads.
struct Work<'w> {
    next: AtomicUsize,
    count: usize,
    stop: AtomicBool,
    each: &'w (dyn Fn(usize) -> Result<()> + Sync),
    error: Mutex<Option<Error>>,
    panic: Mutex<Option<Caught>>,
    doing: Doing,
}

impl Work<'_> {
    /// Takes pieces until none is left or one fails. Never panics.
    fn take_all(&self) {
        doing(self.doing, || {
            while !self.stop.load(Ordering::Relaxed) {
                let i = self.next.fetch_add(1, Ordering::Relaxed);
                if i >= self.count {
                    break;
                }
                match guarded(|| (self.each)(i)) {
                    Ok(Ok(())) => continue,
                    Ok(Err(e)) => keep_first(&self.error, e),
                    Err(caught) => keep_first(&self.panic, caught),
                }
                self.stop.store(true, Ordering::Relaxed);
            }
        });
    }

    fn finish(self) -> Result<()> {
        if let Some(caught) = self.panic.into_inner().unwrap_or_else(PoisonError::into_inner) {
            caught.resume();
        }
        self.error.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }
}

fn keep_first<T>(slot: &Mutex<Option<T>>, value: T) {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    slot.get_or_insert(value);
}

unsafe extern "C" fn host_thread(_: c_uint, _: c_uint, work: *mut c_void) {
    // SAFETY: `on_host_threads` passes a `Work` that outlives the multiThread call, which returns only after all its
    // threads have; only shared references to it exist meanwhile.
    let work = unsafe { &*work.cast_const().cast::<Work<'_>>() };
    work.take_all();
}

impl Instance {
    /// Runs `each(0)` to `each(count - 1)` on several threads and waits for all. After the first error (or panic, which
    /// goes on in the caller) the rest is left out.
    ///
    /// Inside, images may be fetched only where [`Host::has_threads`](crate::Host::has_threads): Natron crashes when
    /// threads that it does not know ask it for images. Nested calls run on the calling thread.
    pub fn parallel(&self, count: usize, each: impl Fn(usize) -> Result<()> + Sync) -> Result<()> {
        let work = Work {
            next: AtomicUsize::new(0),
            count,
            stop: AtomicBool::new(false),
            each: &each,
            error: Mutex::new(None),
            panic: Mutex::new(None),
            doing: current(),
        };
        match &self.host().suites.threads {
            _ if count < 2 => work.take_all(),
            Some(suite) => on_host_threads(suite, &work),
            None => {
                let threads = rayon::current_num_threads().min(count);
                (0..threads).into_par_iter().for_each(|_| work.take_all());
            }
        }
        // What no thread took, because the host refused, is done here.
        work.take_all();
        work.finish()
    }

    /// Gives each item to `each` on several threads: the rows of an output image, for instance. As
    /// [`Instance::parallel`].
    pub fn parallel_each<T: Send>(&self, items: Vec<T>, each: impl Fn(T) -> Result<()> + Sync) -> Result<()> {
        let items: Vec<Mutex<Option<T>>> = items.into_iter().map(|i| Mutex::new(Some(i))).collect();
        self.parallel(items.len(), |i| {
            let item = items.get(i).and_then(|m| m.lock().unwrap_or_else(PoisonError::into_inner).take());
            item.map_or(Ok(()), &each)
        })
    }

    /// How many threads [`Instance::parallel`] uses at most.
    pub fn threads(&self) -> usize {
        self.host().suites.threads.as_ref().map_or_else(rayon::current_num_threads, host_cpus)
    }
}

fn host_cpus(suite: &sys::OfxMultiThreadSuiteV1) -> usize {
    let Some(count) = suite.multiThreadNumCPUs else { return 1 };
    let mut cpus: c_uint = 0;
    // SAFETY: the host's own function; the reply lives through the call.
    match unsafe { count(&raw mut cpus) } {
        sys::kOfxStatOK => (cpus as usize).max(1),
        _ => 1,
    }
}

fn on_host_threads(suite: &sys::OfxMultiThreadSuiteV1, work: &Work<'_>) {
    // OpenFX forbids multiThread inside multiThread.
    // SAFETY: the host's own function without arguments.
    let nested = suite.multiThreadIsSpawnedThread.is_some_and(|spawned| unsafe { spawned() } != 0);
    let threads = host_cpus(suite).min(work.count);
    let (Some(run), false, true) = (suite.multiThread, nested, threads > 1) else { return };
    let pointer = core::ptr::from_ref(work).cast_mut().cast::<c_void>();
    // SAFETY: the host's own function. It calls `host_thread` with our pointer on its threads and returns when they are
    // done; `work` is borrowed until then and shared soundly (all its fields are `Sync`).
    let status = unsafe { run(Some(host_thread), threads as c_uint, pointer) };
    if status != sys::kOfxStatOK {
        log::debug!("multiThread: {}", crate::error::status_name(status));
    }
}
