//! OpenFX status codes with their names.

use std::fmt;

/// What an action or a suite call returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Status(pub i32);

impl Status {
    /// All is well.
    pub const OK: Status = Status(ofx_sys::kOfxStatOK);
    /// Failed, a message may say why.
    pub const FAILED: Status = Status(ofx_sys::kOfxStatFailed);
    /// The plug-in can do no more.
    pub const FATAL: Status = Status(ofx_sys::kOfxStatErrFatal);
    /// Unknown name or object.
    pub const UNKNOWN: Status = Status(ofx_sys::kOfxStatErrUnknown);
    /// The host lacks what is needed.
    pub const MISSING_HOST_FEATURE: Status = Status(ofx_sys::kOfxStatErrMissingHostFeature);
    /// Not supported.
    pub const UNSUPPORTED: Status = Status(ofx_sys::kOfxStatErrUnsupported);
    /// Exists already.
    pub const EXISTS: Status = Status(ofx_sys::kOfxStatErrExists);
    /// Not enough memory.
    pub const MEMORY: Status = Status(ofx_sys::kOfxStatErrMemory);
    /// A handle that is none.
    pub const BAD_HANDLE: Status = Status(ofx_sys::kOfxStatErrBadHandle);
    /// An index out of range.
    pub const BAD_INDEX: Status = Status(ofx_sys::kOfxStatErrBadIndex);
    /// An illegal value.
    pub const VALUE: Status = Status(ofx_sys::kOfxStatErrValue);
    /// The answer is yes.
    pub const REPLY_YES: Status = Status(ofx_sys::kOfxStatReplyYes);
    /// The answer is no.
    pub const REPLY_NO: Status = Status(ofx_sys::kOfxStatReplyNo);
    /// Not handled: do as by default.
    pub const REPLY_DEFAULT: Status = Status(ofx_sys::kOfxStatReplyDefault);

    /// OK or default: what most actions may return.
    pub fn is_fine(self) -> bool {
        self == Status::OK || self == Status::REPLY_DEFAULT
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            ofx_sys::kOfxStatOK => "kOfxStatOK",
            ofx_sys::kOfxStatFailed => "kOfxStatFailed",
            ofx_sys::kOfxStatErrFatal => "kOfxStatErrFatal",
            ofx_sys::kOfxStatErrUnknown => "kOfxStatErrUnknown",
            ofx_sys::kOfxStatErrMissingHostFeature => "kOfxStatErrMissingHostFeature",
            ofx_sys::kOfxStatErrUnsupported => "kOfxStatErrUnsupported",
            ofx_sys::kOfxStatErrExists => "kOfxStatErrExists",
            ofx_sys::kOfxStatErrFormat => "kOfxStatErrFormat",
            ofx_sys::kOfxStatErrMemory => "kOfxStatErrMemory",
            ofx_sys::kOfxStatErrBadHandle => "kOfxStatErrBadHandle",
            ofx_sys::kOfxStatErrBadIndex => "kOfxStatErrBadIndex",
            ofx_sys::kOfxStatErrValue => "kOfxStatErrValue",
            ofx_sys::kOfxStatReplyYes => "kOfxStatReplyYes",
            ofx_sys::kOfxStatReplyNo => "kOfxStatReplyNo",
            ofx_sys::kOfxStatReplyDefault => "kOfxStatReplyDefault",
            ofx_sys::kOfxStatErrImageFormat => "kOfxStatErrImageFormat",
            other => return write!(f, "status {other}"),
        };
        f.write_str(name)
    }
}
