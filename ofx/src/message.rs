//! Messages to the artist, in the host's own message area.

use core::ffi::{CStr, c_void};
use std::ffi::CString;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ofx_sys as sys;

use crate::action::Doing;
use crate::error::{Error, Result, check};
use crate::handle::Effect as EffectHandle;
use crate::host::Host;
use crate::instance::Instance;

/// How grave a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// For the artist's information.
    Note,
    /// It goes on, but not as well as it could.
    Warning,
    /// It cannot go on.
    Error,
}

impl Severity {
    fn name(self) -> &'static CStr {
        match self {
            Self::Note => sys::kOfxMessageMessage,
            Self::Warning => sys::kOfxMessageWarning,
            Self::Error => sys::kOfxMessageError,
        }
    }
}

/// The error that an instance shows now, and in what action it came up.
#[derive(Default)]
pub(crate) struct Messages {
    error: Mutex<Option<(Doing, String)>>,
}

impl Messages {
    fn error(&self) -> MutexGuard<'_, Option<(Doing, String)>> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Instance {
    /// Shows a message on the node until [`Instance::clear_message`], or once where the host cannot keep it.
    ///
    /// Errors need not be shown: returning one does that, and takes it away again when a later render succeeds.
    pub fn message(&self, severity: Severity, text: &str) -> Result<()> {
        post(self.host(), self.handle(), severity, text, true)
    }

    /// Takes the node's message away.
    pub fn clear_message(&self) {
        self.messages.error().take();
        let clear = self.host().suites.message2.and_then(|s| s.clearPersistentMessage);
        if let Some(clear) = clear {
            // SAFETY: the host's own function with the handle of a living instance.
            unsafe { clear(self.handle().raw().cast()) };
        }
    }

    /// Asks the artist; false where nobody can answer.
    pub fn ask(&self, question: &str) -> bool {
        send(self.host(), self.handle(), sys::kOfxMessageQuestion, question, false)
            == Ok(sys::kOfxStatReplyYes)
    }

    /// Shows the error of a failed action, once: hosts without persistent messages open a dialog for each.
    pub(crate) fn show_error(&self, error: &Error, action: Doing) {
        if *error == Error::Aborted {
            return;
        }
        let text = error.to_string();
        let mut shown = self.messages.error();
        if shown.as_ref().is_some_and(|(_, old)| *old == text) {
            return;
        }
        *shown = Some((action, text.clone()));
        drop(shown);
        crate::props::optional(post(self.host(), self.handle(), Severity::Error, &text, true));
    }

    /// After an action that succeeded: the error of an earlier one of its kind is past. (A render that succeeds says
    /// nothing about a button that failed.)
    pub(crate) fn clear_error(&self, action: Doing) {
        let past = self.messages.error().as_ref().is_some_and(|(then, _)| *then == action);
        if past {
            self.clear_message();
        }
    }
}

/// Shows a message: persistent if wanted and possible, else transient, else only in the log.
pub(crate) fn post(
    host: &Host,
    effect: EffectHandle,
    severity: Severity,
    text: &str,
    persistent: bool,
) -> Result<()> {
    log::log!(
        match severity {
            Severity::Note => log::Level::Info,
            Severity::Warning => log::Level::Warn,
            Severity::Error => log::Level::Error,
        },
        "to the artist: {text}"
    );
    let status = send(host, effect, severity.name(), text, persistent)?;
    check(status, || "showing a message")
}

/// The host's status for a message.
fn send(
    host: &Host,
    effect: EffectHandle,
    kind: &CStr,
    text: &str,
    persistent: bool,
) -> Result<sys::OfxStatus> {
    // The text is the format itself, without arguments: Natron 2.5 loses those.
    let format = CString::new(text.replace('\0', " ").replace('%', "%%")).unwrap_or_default();
    let handle: *mut c_void = effect.raw().cast();
    // Resolve 14 has the suite but not its functions.
    let keep = host.suites.message2.and_then(|s| s.setPersistentMessage);
    let show = host.suites.message2.and_then(|s| s.message);
    let show = show.or(host.suites.message1.and_then(|s| s.message));
    if let (true, Some(keep)) = (persistent, keep) {
        // SAFETY: the host's own variadic function; the format takes no arguments, because each `%` in it is doubled,
        // and all strings live through the call.
        let status = unsafe { keep(handle, kind.as_ptr(), c"".as_ptr(), format.as_ptr()) };
        if status == sys::kOfxStatOK {
            return Ok(status);
        }
    }
    let show = show.ok_or_else(|| Error::no_function("message"))?;
    // SAFETY: as above.
    Ok(unsafe { show(handle, kind.as_ptr(), c"".as_ptr(), format.as_ptr()) })
}
