//! The binary that this code is in: where it lies, and keeping it mapped.

use std::path::PathBuf;
use std::sync::Once;

/// The path of the plug-in binary. What a bundle carries lies beside it, or in `Contents/Resources`.
pub fn path() -> Option<PathBuf> {
    platform::path()
}

/// Keeps the binary mapped: rayon's threads live as long as the process, and code that is unmapped under a sleeping
/// thread crashes the host when it wakes. Does nothing the second time, or in an executable.
pub(crate) fn pin() {
    static ONCE: Once = Once::new();
    ONCE.call_once(platform::pin);
}

#[cfg(unix)]
mod platform {
    use core::ffi::{CStr, c_char, c_int, c_void};
    use core::mem::MaybeUninit;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::PathBuf;

    use libloading::os::unix::{Library, RTLD_NOW};

    #[repr(C)]
    struct DlInfo {
        file: *const c_char,
        base: *mut c_void,
        symbol: *const c_char,
        address: *mut c_void,
    }

    unsafe extern "C" {
        fn dladdr(address: *const c_void, info: *mut DlInfo) -> c_int;
    }

    #[cfg(target_os = "macos")]
    const NO_DELETE_NO_LOAD: c_int = 0x80 | 0x10;
    #[cfg(not(target_os = "macos"))]
    const NO_DELETE_NO_LOAD: c_int = 0x1000 | 0x4;

    pub(super) fn path() -> Option<PathBuf> {
        let mut info = MaybeUninit::<DlInfo>::uninit();
        // SAFETY: any address may be asked about; `info` is only written to.
        let found = unsafe { dladdr(pin as *const c_void, info.as_mut_ptr()) } != 0;
        if !found {
            return None;
        }
        // SAFETY: a non-zero reply means that all of `info` is written.
        let file = unsafe { info.assume_init() }.file;
        if file.is_null() {
            return None;
        }
        // SAFETY: dladdr gives the terminated path of a file that is mapped, and stays so during this call.
        let file = unsafe { CStr::from_ptr(file) };
        Some(PathBuf::from(OsStr::from_bytes(file.to_bytes())))
    }

    pub(super) fn pin() {
        let Some(path) = path() else { return };
        // SAFETY: without loading, no foreign initialiser runs; only flags and counts change.
        if let Ok(library) = unsafe { Library::open(Some(path), RTLD_NOW | NO_DELETE_NO_LOAD) } {
            core::mem::forget(library);
        }
    }
}

#[cfg(windows)]
mod platform {
    use core::ffi::c_void;
    use core::ptr;
    use std::ffi::OsString;
    use std::os::windows::ffi::OsStringExt;
    use std::path::PathBuf;

    const FROM_ADDRESS: u32 = 4;
    const UNCHANGED_COUNT: u32 = 2;
    const PIN: u32 = 1;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, name: *const c_void, module: *mut *mut c_void) -> i32;
        fn GetModuleFileNameW(module: *mut c_void, name: *mut u16, size: u32) -> u32;
    }

    fn module(flags: u32) -> *mut c_void {
        let mut module = ptr::null_mut();
        // SAFETY: with FROM_ADDRESS the name is an address inside the module, and the reply is only written to.
        unsafe { GetModuleHandleExW(FROM_ADDRESS | flags, pin as *const c_void, &raw mut module) };
        module
    }

    pub(super) fn path() -> Option<PathBuf> {
        let mut name = vec![0u16; 32_768];
        // SAFETY: the module is this one; at most `size` units are written.
        let length =
            unsafe { GetModuleFileNameW(module(UNCHANGED_COUNT), name.as_mut_ptr(), name.len() as u32) };
        let name = name.get(..length as usize).filter(|n| !n.is_empty())?;
        Some(PathBuf::from(OsString::from_wide(name)))
    }

    pub(super) fn pin() {
        module(PIN);
    }
}
