//! The parameter suite's variadic calls, with the exact C types.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;
use std::ffi::CString;

use ofx_sys as sys;

use crate::error::{Error, Result, check};
use crate::handle::{ParamHandle, Props};
use crate::host::Host;
use crate::props::PropertySet;

/// A param of an instance.
#[derive(Clone, Copy)]
pub struct RawParam<'h> {
    pub(crate) host: &'h Host,
    pub(crate) handle: ParamHandle,
    pub(crate) props: Option<Props>,
    pub(crate) name: &'h CStr,
}

/// Calls `paramGetValue` or `paramGetValueAtTime`, or their setting twins.
macro_rules! call {
    ($self:ident, $now:ident, $at:ident, $time:expr $(, $arg:expr)+) => {{
        let suite = &$self.host.suites.param;
        let handle = $self.handle.raw();
        let (status, what) = match $time {
            None => {
                let f = suite.$now.ok_or_else(|| Error::no_function(stringify!($now)))?;
                // SAFETY: the host's own function with a handle it gave for this instance. OpenFX fixes what follows
                // by the param's type: a pointer to each component for reading, each component (C's double, int or
                // string pointer) for writing; the callers below pass those. All pointers live through the call.
                (unsafe { f(handle $(, $arg)+) }, stringify!($now))
            }
            Some(time) => {
                let time: f64 = time;
                let f = suite.$at.ok_or_else(|| Error::no_function(stringify!($at)))?;
                // SAFETY: as above.
                (unsafe { f(handle, time $(, $arg)+) }, stringify!($at))
            }
        };
        check(status, || format!("{what} {}", $self.name.to_string_lossy()))
    }};
}

impl<'h> RawParam<'h> {
    pub(crate) fn get_int(&self, time: Option<f64>) -> Result<i32> {
        let mut v: c_int = 0;
        call!(self, paramGetValue, paramGetValueAtTime, time, &raw mut v)?;
        Ok(v)
    }

    pub(crate) fn get_1(&self, time: Option<f64>) -> Result<f64> {
        let mut v = 0.0f64;
        call!(self, paramGetValue, paramGetValueAtTime, time, &raw mut v)?;
        Ok(v)
    }

    pub(crate) fn get_2(&self, time: Option<f64>) -> Result<[f64; 2]> {
        let (mut a, mut b) = (0.0f64, 0.0f64);
        call!(self, paramGetValue, paramGetValueAtTime, time, &raw mut a, &raw mut b)?;
        Ok([a, b])
    }

    pub(crate) fn get_3(&self, time: Option<f64>) -> Result<[f64; 3]> {
        let (mut a, mut b, mut c) = (0.0f64, 0.0f64, 0.0f64);
        call!(self, paramGetValue, paramGetValueAtTime, time, &raw mut a, &raw mut b, &raw mut c)?;
        Ok([a, b, c])
    }

    pub(crate) fn get_4(&self, time: Option<f64>) -> Result<[f64; 4]> {
        let (mut a, mut b, mut c, mut d) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
        call!(
            self,
            paramGetValue,
            paramGetValueAtTime,
            time,
            &raw mut a,
            &raw mut b,
            &raw mut c,
            &raw mut d
        )?;
        Ok([a, b, c, d])
    }

    /// Copied at once: the host overwrites it with its next reply.
    pub(crate) fn get_string(&self, time: Option<f64>) -> Result<String> {
        let mut v: *mut c_char = ptr::null_mut();
        call!(self, paramGetValue, paramGetValueAtTime, time, &raw mut v)?;
        if v.is_null() {
            return Ok(String::new());
        }
        // SAFETY: the host replied OK with a terminated string, valid at least until its next suite call.
        Ok(unsafe { CStr::from_ptr(v) }.to_string_lossy().into_owned())
    }

    pub(crate) fn set_int(&self, time: Option<f64>, v: i32) -> Result<()> {
        let v: c_int = v;
        self.writing(|| call!(self, paramSetValue, paramSetValueAtTime, time, v))
    }

    pub(crate) fn set_1(&self, time: Option<f64>, v: f64) -> Result<()> {
        self.writing(|| call!(self, paramSetValue, paramSetValueAtTime, time, v))
    }

    pub(crate) fn set_2(&self, time: Option<f64>, [a, b]: [f64; 2]) -> Result<()> {
        self.writing(|| call!(self, paramSetValue, paramSetValueAtTime, time, a, b))
    }

    pub(crate) fn set_3(&self, time: Option<f64>, [a, b, c]: [f64; 3]) -> Result<()> {
        self.writing(|| call!(self, paramSetValue, paramSetValueAtTime, time, a, b, c))
    }

    pub(crate) fn set_4(&self, time: Option<f64>, [a, b, c, d]: [f64; 4]) -> Result<()> {
        self.writing(|| call!(self, paramSetValue, paramSetValueAtTime, time, a, b, c, d))
    }

    pub(crate) fn set_string(&self, time: Option<f64>, v: &str) -> Result<()> {
        let text = CString::new(v).map_err(|_| {
            Error::failed(format!(
                "a text with a zero byte cannot be kept in {}",
                self.name.to_string_lossy()
            ))
        })?;
        self.writing(|| call!(self, paramSetValue, paramSetValueAtTime, time, text.as_ptr()))
    }

    pub(crate) fn key_count(&self) -> Result<usize> {
        let f = self.function(self.host.suites.param.paramGetNumKeys, "paramGetNumKeys")?;
        let mut count = 0;
        // SAFETY: the host's own function, its own handle, a pointer that lives through the call.
        let status = unsafe { f(self.handle.raw(), &raw mut count) };
        self.check(status, "paramGetNumKeys")?;
        Ok(count as usize)
    }

    pub(crate) fn key_time(&self, index: usize) -> Result<f64> {
        let f = self.function(self.host.suites.param.paramGetKeyTime, "paramGetKeyTime")?;
        let nth =
            u32::try_from(index).map_err(|_| Error::host("paramGetKeyTime", sys::kOfxStatErrBadIndex))?;
        let mut time = 0.0;
        // SAFETY: as in `key_count`.
        let status = unsafe { f(self.handle.raw(), nth, &raw mut time) };
        self.check(status, "paramGetKeyTime")?;
        Ok(time)
    }

    /// `direction`: the key at (0), after (> 0) or before (< 0) the time.
    pub(crate) fn key_index(&self, time: f64, direction: i32) -> Result<Option<usize>> {
        let f = self.function(self.host.suites.param.paramGetKeyIndex, "paramGetKeyIndex")?;
        let mut index: c_int = -1;
        // SAFETY: as in `key_count`.
        let status = unsafe { f(self.handle.raw(), time, direction, &raw mut index) };
        if status == sys::kOfxStatFailed {
            return Ok(None);
        }
        self.check(status, "paramGetKeyIndex")?;
        Ok(usize::try_from(index).ok())
    }

    pub(crate) fn delete_key(&self, time: f64) -> Result<()> {
        let f = self.function(self.host.suites.param.paramDeleteKey, "paramDeleteKey")?;
        self.writing(|| {
            // SAFETY: the host's own function, its own handle.
            let status = unsafe { f(self.handle.raw(), time) };
            // No key there: nothing to delete.
            if status == sys::kOfxStatErrBadIndex { Ok(()) } else { self.check(status, "paramDeleteKey") }
        })
    }

    pub(crate) fn delete_all_keys(&self) -> Result<()> {
        let f = self.function(self.host.suites.param.paramDeleteAllKeys, "paramDeleteAllKeys")?;
        self.writing(|| {
            // SAFETY: the host's own function, its own handle.
            let status = unsafe { f(self.handle.raw()) };
            self.check(status, "paramDeleteAllKeys")
        })
    }

    /// The host's own copy: value and, where it animates, keys shifted by `offset`.
    pub(crate) fn copy_from(&self, from: &RawParam<'_>, offset: f64) -> Result<()> {
        let f = self.function(self.host.suites.param.paramCopy, "paramCopy")?;
        self.writing(|| {
            // SAFETY: the host's own function, two handles of its own; a null range copies everything.
            let status = unsafe { f(self.handle.raw(), from.handle.raw(), offset, ptr::null()) };
            self.check(status, "paramCopy")
        })
    }

    /// The param's properties, if the host gave them.
    pub(crate) fn properties(&self) -> Result<PropertySet<'h>> {
        if let Some(p) = self.props {
            return Ok(self.host.props(p));
        }
        let f = self.function(self.host.suites.param.paramGetPropertySet, "paramGetPropertySet")?;
        let mut raw = ptr::null_mut();
        // SAFETY: as in `key_count`.
        let status = unsafe { f(self.handle.raw(), &raw mut raw) };
        self.check(status, "paramGetPropertySet")?;
        let p =
            Props::new(raw).ok_or_else(|| Error::host("paramGetPropertySet", sys::kOfxStatErrBadHandle))?;
        Ok(self.host.props(p))
    }

    /// Runs a call that changes the param: not where the host would crash, and marked as our own doing.
    fn writing(&self, f: impl FnOnce() -> Result<()>) -> Result<()> {
        crate::action::may_write_params(self.host)?;
        crate::action::writing(f)
    }

    fn function<F>(&self, f: Option<F>, name: &str) -> Result<F> {
        f.ok_or_else(|| Error::no_function(name))
    }

    fn check(&self, status: sys::OfxStatus, what: &str) -> Result<()> {
        check(status, || format!("{what} {}", self.name.to_string_lossy()))
    }
}
