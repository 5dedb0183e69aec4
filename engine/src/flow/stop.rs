//! Work on the thread pool that listens to the caller's `cancel`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use super::FlowError;

/// How often `cancel` is asked.
const PATIENCE: Duration = Duration::from_millis(5);

/// Whether the work shall end.
pub(super) struct Stop<'a> {
    flag: AtomicBool,
    /// Asked directly if the work runs on the caller's own thread.
    cancel: Option<&'a (dyn Fn() -> bool + Sync)>,
}

impl Stop<'_> {
    /// For loops on any thread.
    pub fn is_set(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// For the work's own thread, between steps.
    pub fn check(&self) -> Result<(), FlowError> {
        if self.is_set() || self.cancel.is_some_and(|cancel| cancel()) {
            self.flag.store(true, Ordering::Relaxed);
            return Err(FlowError::Cancelled);
        }
        Ok(())
    }
}

/// Runs `work` in the pool, where its many short parallel loops need not wait to be let in one by one, and meanwhile asks
/// `cancel` from the calling thread. A caller that is itself a thread of the pool does the work, as it may be the only one.
pub(super) fn in_pool<R: Send>(
    cancel: &(dyn Fn() -> bool + Sync),
    work: impl FnOnce(&Stop) -> Result<R, FlowError> + Send,
) -> Result<R, FlowError> {
    if rayon::current_thread_index().is_some() {
        return work(&Stop { flag: AtomicBool::new(false), cancel: Some(cancel) });
    }
    let stop = Stop { flag: AtomicBool::new(cancel()), cancel: None };
    rayon::in_place_scope(|scope| {
        let (done, result) = channel();
        let stop = &stop;
        // The receiver is gone only if the caller's `cancel` panicked.
        scope.spawn(move |_| drop(done.send(work(stop))));
        loop {
            match result.recv_timeout(PATIENCE) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Timeout) => {
                    if cancel() {
                        stop.flag.store(true, Ordering::Relaxed);
                    }
                }
                // The work panicked; the scope passes that on.
                Err(RecvTimeoutError::Disconnected) => return Err(FlowError::Cancelled),
            }
        }
    })
}
