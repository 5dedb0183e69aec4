//! Large memory from the host, which then knows how much is in use.

use core::ffi::c_void;
use core::ops::{Deref, DerefMut};
use core::ptr::{self, NonNull};
use core::slice;

use ofx_sys as sys;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::instance::Instance;

/// A buffer of zeros at first, from the host's memory suite, or from our own heap where it has none.
pub struct Buffer<'i>(Store<'i>);

enum Store<'i> {
    Host { host: &'i Host, data: NonNull<f32>, len: usize },
    Own(Vec<f32>),
}

// SAFETY: the memory is exclusively the buffer's until it is freed, and OpenFX lets any thread free it.
unsafe impl Send for Buffer<'_> {}
// SAFETY: shared access is read only.
unsafe impl Sync for Buffer<'_> {}

impl Instance {
    /// A buffer of `len` zeros.
    pub fn buffer(&self, len: usize) -> Result<Buffer<'_>> {
        let host = self.host();
        let bytes = len.checked_mul(size_of::<f32>()).ok_or(Error::Memory)?;
        if let (Some(alloc), true) = (host.suites.memory.and_then(|s| s.memoryAlloc), len > 0) {
            let mut raw: *mut c_void = ptr::null_mut();
            // SAFETY: the host's own function with the handle of a living instance; the reply lives through the call.
            let status = unsafe { alloc(self.handle().raw().cast(), bytes, &raw mut raw) };
            let aligned = raw.cast::<f32>().is_aligned();
            if let (sys::kOfxStatOK, Some(data), true) = (status, NonNull::new(raw.cast::<f32>()), aligned) {
                // SAFETY: the host has just given `bytes` bytes.
                unsafe { data.as_ptr().write_bytes(0, len) };
                return Ok(Buffer(Store::Host { host, data, len }));
            }
            if let (Some(free), false) = (host.suites.memory.and_then(|s| s.memoryFree), raw.is_null()) {
                // SAFETY: what the host gave and we cannot use goes back.
                unsafe { free(raw) };
            }
        }
        let mut own = Vec::new();
        own.try_reserve_exact(len).map_err(|_| Error::Memory)?;
        own.resize(len, 0.0);
        Ok(Buffer(Store::Own(own)))
    }
}

impl Deref for Buffer<'_> {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match &self.0 {
            // SAFETY: `len` initialised values, ours until drop.
            Store::Host { data, len, .. } => unsafe { slice::from_raw_parts(data.as_ptr(), *len) },
            Store::Own(own) => own,
        }
    }
}

impl DerefMut for Buffer<'_> {
    fn deref_mut(&mut self) -> &mut [f32] {
        match &mut self.0 {
            // SAFETY: as above, borrowed exclusively.
            Store::Host { data, len, .. } => unsafe { slice::from_raw_parts_mut(data.as_ptr(), *len) },
            Store::Own(own) => own,
        }
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        if let Store::Host { host, data, .. } = &self.0
            && let Some(free) = host.suites.memory.and_then(|s| s.memoryFree)
        {
            // SAFETY: the host's own memory, freed once.
            unsafe { free(data.as_ptr().cast()) };
        }
    }
}
