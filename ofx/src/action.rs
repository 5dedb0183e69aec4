//! What the running thread is doing for the host: which action, and whether we are changing a param ourselves.

use core::cell::Cell;
use core::ffi::CStr;

use ofx_sys as sys;

use crate::error::{Error, Result};
use crate::host::Host;

/// The actions that matter to rules of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Nothing for a host: a thread of our own, or a test.
    Nothing,
    /// Creating an instance.
    Create,
    /// Rendering, or beginning or ending it.
    Render,
    /// Anything else.
    Other,
}

impl Doing {
    pub(crate) fn of(action: &CStr) -> Self {
        if action == sys::kOfxActionCreateInstance {
            Self::Create
        } else if action == sys::kOfxImageEffectActionRender
            || action == sys::kOfxImageEffectActionBeginSequenceRender
            || action == sys::kOfxImageEffectActionEndSequenceRender
        {
            Self::Render
        } else {
            Self::Other
        }
    }
}

thread_local! {
    static DOING: Cell<Doing> = const { Cell::new(Doing::Nothing) };
    static WRITING: Cell<u32> = const { Cell::new(0) };
}

/// Undoes a thread's change of state when dropped, also on panic.
struct Reset<F: FnMut()>(F);

impl<F: FnMut()> Drop for Reset<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Runs `f` as part of an action.
pub(crate) fn doing<T>(what: Doing, f: impl FnOnce() -> T) -> T {
    let before = DOING.replace(what);
    let _reset = Reset(|| DOING.set(before));
    f()
}

pub(crate) fn current() -> Doing {
    DOING.get()
}

/// Runs a call that changes a param. What the host echoes meanwhile on this thread is our own doing.
pub(crate) fn writing<T>(f: impl FnOnce() -> T) -> T {
    WRITING.set(WRITING.get() + 1);
    let _reset = Reset(|| WRITING.set(WRITING.get() - 1));
    f()
}

pub(crate) fn is_writing() -> bool {
    WRITING.get() > 0
}

/// Refuses where the host is known to crash.
pub(crate) fn may_write_params(host: &Host) -> Result<()> {
    if host.refuses_sets_in_render() && matches!(current(), Doing::Create | Doing::Render) {
        return Err(Error::unsupported(format!(
            "{} must not have its controls changed while it renders or creates a node",
            host.label()
        )));
    }
    Ok(())
}

/// Refuses where the host is known to crash: Natron, asked for an image by a thread that it does not know.
pub(crate) fn may_fetch_images(host: &Host) -> Result<()> {
    if host.is_natron() && current() == Doing::Nothing {
        return Err(Error::unsupported("fetching an image on a thread of the plug-in's own"));
    }
    Ok(())
}
