//! Handles of the host's objects: looked at by nobody but the host.

use core::fmt;

/// An opaque pointer that only the host dereferences.
pub(crate) struct Handle<T>(*mut T);

// SAFETY: the pointer is a token that this crate never dereferences; it only gives it back to the host, whose suites
// OpenFX requires to accept handles on any thread that an action or a multi-thread suite call runs on.
unsafe impl<T> Send for Handle<T> {}
// SAFETY: as for `Send`.
unsafe impl<T> Sync for Handle<T> {}

impl<T> Handle<T> {
    /// None for the null pointer.
    pub(crate) fn new(raw: *mut T) -> Option<Self> {
        (!raw.is_null()).then_some(Self(raw))
    }

    pub(crate) fn raw(self) -> *mut T {
        self.0
    }

    pub(crate) fn address(self) -> usize {
        self.0.addr()
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Handle<T> {}

impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:p}", self.0)
    }
}

pub(crate) type Props = Handle<ofx_sys::OfxPropertySetStruct>;
pub(crate) type Effect = Handle<ofx_sys::OfxImageEffectStruct>;
pub(crate) type ClipHandle = Handle<ofx_sys::OfxImageClipStruct>;
pub(crate) type ParamSet = Handle<ofx_sys::OfxParamSetStruct>;
pub(crate) type ParamHandle = Handle<ofx_sys::OfxParamStruct>;
pub(crate) type Interact = Handle<ofx_sys::OfxInteract>;
pub(crate) type DrawContext = Handle<ofx_sys::OfxDrawContext>;
