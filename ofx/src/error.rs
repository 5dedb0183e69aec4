//! What can go wrong, and what the host and the artist are told about it.

use core::fmt::Display;
use ofx_sys as sys;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Why an action cannot go on.
///
/// Returned from an action, it becomes the action's status, and its text (but for [`Error::Aborted`]) the message
/// that the artist reads on the node.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The artist's message: one sentence that says what went wrong and what to do.
    #[error("{0}")]
    Failed(String),
    /// An input that the effect needs is not connected, or its image is missing.
    #[error("Nothing is connected to \u{201c}{0}\u{201d}, or it has no image on this frame.")]
    MissingClip(String),
    /// The host lacks something that this needs.
    #[error("This host cannot do that: {0}.")]
    Unsupported(String),
    /// The artist or the host asked to stop. Not a failure: nothing is shown.
    #[error("Stopped.")]
    Aborted,
    /// Memory ran out.
    #[error("Out of memory.")]
    Memory,
    /// A call into the host failed, or the host's data made no sense.
    #[error("The host failed: {what} ({}).", status_name(*.status))]
    Host {
        /// What was asked of the host.
        what: String,
        /// The status it replied.
        status: sys::OfxStatus,
    },
}

impl Error {
    /// The artist's message.
    pub fn failed(message: impl Display) -> Self {
        Self::Failed(message.to_string())
    }

    /// A feature that the host lacks.
    pub fn unsupported(what: impl Display) -> Self {
        Self::Unsupported(what.to_string())
    }

    pub(crate) fn host(what: impl Display, status: sys::OfxStatus) -> Self {
        match status {
            sys::kOfxStatErrMemory => Self::Memory,
            _ => Self::Host { what: what.to_string(), status },
        }
    }

    /// A host that lacks a function which its suite should have.
    pub(crate) fn no_function(what: &str) -> Self {
        Self::host(what, sys::kOfxStatErrMissingHostFeature)
    }

    /// The status that the host gets for this error.
    pub fn status(&self) -> sys::OfxStatus {
        match self {
            // A stopped action is a finished one: the host, which asked, throws the result away.
            Self::Aborted => sys::kOfxStatOK,
            Self::Memory => sys::kOfxStatErrMemory,
            Self::Unsupported(_) => sys::kOfxStatErrUnsupported,
            Self::Failed(_) | Self::MissingClip(_) | Self::Host { .. } => sys::kOfxStatFailed,
        }
    }
}

impl From<String> for Error {
    fn from(message: String) -> Self {
        Self::Failed(message)
    }
}

impl From<&str> for Error {
    fn from(message: &str) -> Self {
        Self::Failed(message.to_owned())
    }
}

/// `Ok` if the host's status says so; `what` says what was asked of it.
pub(crate) fn check<D: Display>(status: sys::OfxStatus, what: impl FnOnce() -> D) -> Result<()> {
    if status == sys::kOfxStatOK { Ok(()) } else { Err(Error::host(what(), status)) }
}

/// The header's name of a status.
pub fn status_name(status: sys::OfxStatus) -> &'static str {
    match status {
        sys::kOfxStatOK => "kOfxStatOK",
        sys::kOfxStatFailed => "kOfxStatFailed",
        sys::kOfxStatErrFatal => "kOfxStatErrFatal",
        sys::kOfxStatErrUnknown => "kOfxStatErrUnknown",
        sys::kOfxStatErrMissingHostFeature => "kOfxStatErrMissingHostFeature",
        sys::kOfxStatErrUnsupported => "kOfxStatErrUnsupported",
        sys::kOfxStatErrExists => "kOfxStatErrExists",
        sys::kOfxStatErrFormat => "kOfxStatErrFormat",
        sys::kOfxStatErrMemory => "kOfxStatErrMemory",
        sys::kOfxStatErrBadHandle => "kOfxStatErrBadHandle",
        sys::kOfxStatErrBadIndex => "kOfxStatErrBadIndex",
        sys::kOfxStatErrValue => "kOfxStatErrValue",
        sys::kOfxStatReplyYes => "kOfxStatReplyYes",
        sys::kOfxStatReplyNo => "kOfxStatReplyNo",
        sys::kOfxStatReplyDefault => "kOfxStatReplyDefault",
        sys::kOfxStatErrImageFormat => "kOfxStatErrImageFormat",
        _ => "unknown status",
    }
}
