//! The action that runs on this thread: who is asking when a suite is called.

use std::cell::RefCell;
use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ofx_sys::OfxStatus;

use crate::object::EffectObject;
use crate::render::RenderState;
use crate::shared::Shared;
use crate::status::Status;
use crate::violation::{Rule, Severity};

/// An action in progress. Threads of the multithread suite have the one of the thread that started them.
#[derive(Clone)]
pub(crate) struct Call {
    pub shared: Arc<Shared>,
    /// The plug-in's identifier.
    pub plugin: Arc<str>,
    pub effect: Option<Arc<EffectObject>>,
    pub action: &'static CStr,
    /// Tells actions apart.
    pub serial: u64,
    pub render: Option<Arc<RenderState>>,
    /// Index and number of the thread, on a thread of the multithread suite.
    pub thread: Option<(u32, u32)>,
}

thread_local! {
    static STACK: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

static SERIAL: AtomicU64 = AtomicU64::new(1);

/// A number for a new action.
pub(crate) fn serial() -> u64 {
    SERIAL.fetch_add(1, Ordering::Relaxed)
}

/// Leaves the action on drop.
pub(crate) struct Entered(());

impl Drop for Entered {
    fn drop(&mut self) {
        let call = STACK.with_borrow_mut(Vec::pop);
        if let Some(call) = call {
            call.shared.active.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

pub(crate) fn enter(call: Call) -> Entered {
    call.shared.active.fetch_add(1, Ordering::SeqCst);
    STACK.with_borrow_mut(|s| s.push(call));
    Entered(())
}

/// The innermost action of this thread.
pub(crate) fn current() -> Option<Call> {
    STACK.with_borrow(|s| s.last().cloned())
}

/// An action of this name runs on this thread, innermost or further out.
pub(crate) fn is_within(action: &CStr) -> bool {
    STACK.with_borrow(|s| s.iter().any(|c| c.action == action))
}

/// Reports to the host that this thread works for, or else to those that may be meant.
pub(crate) fn violate(rule: Rule, severity: Severity, message: String) {
    match current() {
        Some(call) => call.shared.report(rule, severity, message),
        None => Shared::suspects().iter().for_each(|h| h.report(rule, severity, message.clone())),
    }
}

/// What a suite function does, before it becomes a status.
pub(crate) type Reply = Result<(), Status>;

/// The one door of the suites: no panic gets through it.
pub(crate) fn answer(function: &str, body: impl FnOnce() -> Reply) -> OfxStatus {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => Status::OK.0,
        Ok(Err(status)) => status.0,
        Err(_) => {
            violate(Rule::HostBug, Severity::Error, format!("{function} met a bug of this host"));
            Status::FATAL.0
        }
    }
}

/// Writes an answer where a plug-in wants it.
///
/// # Safety
/// `to` is null or valid for a write of `T`.
pub(crate) unsafe fn put<T>(to: *mut T, value: T, function: &str) -> Reply {
    if to.is_null() {
        return Err(null(function));
    }
    // SAFETY: not null, and the caller of the suite function guarantees the rest.
    unsafe { to.write(value) };
    Ok(())
}

/// Reads a name that a plug-in gave.
///
/// # Safety
/// `text` is null or a C string that lives as long as the answer is used.
pub(crate) unsafe fn text<'a>(text: *const std::ffi::c_char, function: &str) -> Result<&'a CStr, Status> {
    if text.is_null() {
        return Err(null(function));
    }
    // SAFETY: not null, and the caller of the suite function guarantees the rest.
    Ok(unsafe { CStr::from_ptr(text) })
}

/// Reports a null pointer.
pub(crate) fn null(function: &str) -> Status {
    violate(Rule::NullPointer, Severity::Error, format!("{function} was given NULL where a pointer belongs"));
    Status::VALUE
}

/// Actions within actions on this thread.
pub(crate) fn depth() -> usize {
    STACK.with_borrow(Vec::len)
}
