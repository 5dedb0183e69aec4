//! Keeps the binary mapped: rayon's threads live as long as the process, and code that is unmapped under a sleeping
//! thread crashes the host when it wakes.

use std::sync::Once;

/// Pins the library that this code is in. Does nothing the second time, or in an executable.
pub(crate) fn this_library() {
    static ONCE: Once = Once::new();
    ONCE.call_once(platform::pin);
}

#[cfg(unix)]
mod platform {
    use core::ffi::{CStr, c_char, c_int, c_void};
    use core::mem::MaybeUninit;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

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
    const NO_DELETE: c_int = 0x80 | 0x10;
    #[cfg(not(target_os = "macos"))]
    const NO_DELETE: c_int = 0x1000 | 0x4;

    pub(super) fn pin() {
        let mut info = MaybeUninit::<DlInfo>::uninit();
        // SAFETY: any address may be asked about; a non-zero reply means that all of `info` is written.
        let found = unsafe { dladdr(pin as *const c_void, info.as_mut_ptr()) } != 0;
        if !found {
            return;
        }
        // SAFETY: as above.
        let file = unsafe { info.assume_init() }.file;
        if file.is_null() {
            return;
        }
        // SAFETY: dladdr gives the terminated path of a file that is mapped, and stays so.
        let path = OsStr::from_bytes(unsafe { CStr::from_ptr(file) }.to_bytes());
        // SAFETY: RTLD_NOLOAD: nothing is loaded, so no foreign initialiser runs; only flags and counts change.
        if let Ok(library) = unsafe { Library::open(Some(path), RTLD_NOW | NO_DELETE) } {
            core::mem::forget(library);
        }
    }
}

#[cfg(windows)]
mod platform {
    use core::ffi::c_void;

    const FROM_ADDRESS: u32 = 4;
    const PIN: u32 = 1;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, name: *const c_void, module: *mut *mut c_void) -> i32;
    }

    pub(super) fn pin() {
        let mut module = core::ptr::null_mut();
        // SAFETY: with these flags the name is an address inside the module, and the reply is only written to.
        unsafe { GetModuleHandleExW(FROM_ADDRESS | PIN, pin as *const c_void, &raw mut module) };
    }
}
