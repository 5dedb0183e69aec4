//! Progress, shown by the host while something long runs.

use core::ffi::c_void;
use core::sync::atomic::{AtomicBool, Ordering};
use std::ffi::CString;

use ofx_sys as sys;

use crate::error::{Error, Result};
use crate::instance::Instance;

/// A progress bar, closed on drop. Where the host has none, it only listens for abort.
///
/// While it is open, presses of this instance's buttons are ignored: Natron lets events through on each update. In
/// headless Natron nobody can cancel.
pub struct Progress<'i> {
    instance: &'i Instance,
    open: bool,
    cancelled: AtomicBool,
}

impl Instance {
    /// Opens a progress bar.
    pub fn progress(&self, label: &str) -> Progress<'_> {
        let text = CString::new(label.replace('\0', " ")).unwrap_or_default();
        let suites = &self.host().suites;
        let handle = self.handle().raw().cast::<c_void>();
        let open = if let Some(start) = suites.progress2.and_then(|s| s.progressStart) {
            // SAFETY: the host's own function with the handle of a living instance; strings live through the call.
            unsafe { start(handle, text.as_ptr(), c"".as_ptr()) == sys::kOfxStatOK }
        } else if let Some(start) = suites.progress1.and_then(|s| s.progressStart) {
            // SAFETY: as above.
            unsafe { start(handle, text.as_ptr()) == sys::kOfxStatOK }
        } else {
            false
        };
        self.progress_open.fetch_add(1, Ordering::Relaxed);
        Progress { instance: self, open, cancelled: AtomicBool::new(false) }
    }
}

impl Progress<'_> {
    /// Shows how much is done, from 0 to 1. [`Error::Aborted`] if the artist wants to stop. On the thread that opened
    /// it.
    pub fn update(&self, done: f64) -> Result<()> {
        if self.cancelled.load(Ordering::Relaxed) || self.told_to_stop(done) || self.instance.aborted() {
            self.cancelled.store(true, Ordering::Relaxed);
            return Err(Error::Aborted);
        }
        Ok(())
    }

    /// Whether the artist has wanted to stop.
    pub fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn told_to_stop(&self, done: f64) -> bool {
        let suites = &self.instance.host().suites;
        let update = suites
            .progress2
            .and_then(|s| s.progressUpdate)
            .or(suites.progress1.and_then(|s| s.progressUpdate));
        let handle = self.instance.handle().raw().cast::<c_void>();
        match update {
            // SAFETY: the host's own function with the handle of a living instance, after a successful start.
            Some(update) if self.open => unsafe {
                update(handle, done.clamp(0.0, 1.0)) == sys::kOfxStatReplyNo
            },
            _ => false,
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.instance.progress_open.fetch_sub(1, Ordering::Relaxed);
        if !self.open {
            return;
        }
        let suites = &self.instance.host().suites;
        let end =
            suites.progress2.and_then(|s| s.progressEnd).or(suites.progress1.and_then(|s| s.progressEnd));
        if let Some(end) = end {
            // SAFETY: the host's own function with the handle of a living instance, after a successful start.
            unsafe { end(self.instance.handle().raw().cast()) };
        }
    }
}
