//! Panics: caught before they reach the host (since Rust 1.81 they would abort it), and never printed.

use core::any::Any;
use core::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<u32> = const { Cell::new(0) };
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What a panic said, and how to raise it again on another thread.
pub(crate) struct Caught {
    /// The message with its place in the source.
    pub(crate) text: String,
    payload: Box<dyn Any + Send>,
}

impl Caught {
    /// Goes on panicking, on the thread that asked for the work.
    pub(crate) fn resume(self) -> ! {
        LAST.set(Some(self.text));
        panic::resume_unwind(self.payload)
    }

    /// The message alone.
    pub(crate) fn into_text(self) -> String {
        // A payload may panic when dropped.
        if let Err(second) = panic::catch_unwind(AssertUnwindSafe(move || drop(self.payload))) {
            core::mem::forget(second);
        }
        self.text
    }
}

/// Makes panics under [`guarded`] and on rayon's threads go to the log instead of stderr. Others are left alone.
pub(crate) fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let inside = GUARDED.try_with(Cell::get).unwrap_or(0) > 0;
            if !inside && rayon::current_thread_index().is_none() {
                before(info);
                return;
            }
            let text = info.location().map_or_else(
                || text_of(info.payload()),
                |at| format!("{} ({}:{})", text_of(info.payload()), at.file(), at.line()),
            );
            log::error!("panic: {text}");
            let _ = LAST.try_with(|last| last.replace(Some(text)));
        }));
    });
}

fn text_of(payload: &dyn Any) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a panic without words".to_owned(),
    }
}

/// Runs `f`; a panic in it comes back as an error.
pub(crate) fn guarded<T>(f: impl FnOnce() -> T) -> Result<T, Caught> {
    GUARDED.set(GUARDED.get() + 1);
    LAST.set(None);
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    GUARDED.set(GUARDED.get() - 1);
    result.map_err(|payload| {
        let text = LAST.take().unwrap_or_else(|| text_of(&*payload));
        Caught { text, payload }
    })
}
