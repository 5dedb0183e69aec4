//! Property sets: the host's dictionaries.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;
use std::ffi::CString;

use ofx_sys as sys;

use crate::error::{Error, Result, check};
use crate::handle::Props;

/// A property set of the host. Strings are copied at once, because hosts overwrite them.
#[derive(Clone, Copy)]
pub struct PropertySet<'h> {
    suite: &'h sys::OfxPropertySuiteV1,
    handle: Props,
}

macro_rules! get {
    ($self:ident . $function:ident ( $name:ident, $index:ident ) from $start:expr) => {{
        let Some(f) = $self.suite.$function else {
            return Err(Error::no_function(stringify!($function)));
        };
        let mut value = $start;
        // SAFETY: `f` is the host's own property function, the handle is one that the host gave for the length of
        // the running action (or of the instance), the name is a terminated string, `value` lives through the call.
        let status = unsafe { f($self.handle.raw(), $name.as_ptr(), $index, &raw mut value) };
        check(status, || format!("reading {}[{}]", $name.to_string_lossy(), $index))?;
        value
    }};
}

macro_rules! set {
    ($self:ident . $function:ident ( $name:ident, $index:ident, $value:expr )) => {{
        let Some(f) = $self.suite.$function else {
            return Err(Error::no_function(stringify!($function)));
        };
        // SAFETY: `f` is the host's own property function, the handle is one that the host gave for the length of
        // the running action (or of the instance), name and value live through the call; the host copies strings.
        let status = unsafe { f($self.handle.raw(), $name.as_ptr(), $index, $value) };
        check(status, || format!("setting {}[{}]", $name.to_string_lossy(), $index))
    }};
}

impl<'h> PropertySet<'h> {
    pub(crate) fn new(suite: &'h sys::OfxPropertySuiteV1, handle: Props) -> Self {
        Self { suite, handle }
    }

    /// One number.
    pub fn int(&self, name: &CStr, index: usize) -> Result<i32> {
        let index = to_int(index)?;
        Ok(get!(self.propGetInt(name, index) from 0 as c_int))
    }

    /// One number.
    pub fn double(&self, name: &CStr, index: usize) -> Result<f64> {
        let index = to_int(index)?;
        Ok(get!(self.propGetDouble(name, index) from 0.0))
    }

    /// One string, copied; null reads as empty.
    pub fn string(&self, name: &CStr, index: usize) -> Result<String> {
        Ok(self.c_string(name, index)?.to_string_lossy().into_owned())
    }

    pub(crate) fn c_string(&self, name: &CStr, index: usize) -> Result<CString> {
        let index = to_int(index)?;
        let raw = get!(self.propGetString(name, index) from ptr::null_mut::<c_char>());
        if raw.is_null() {
            return Ok(CString::default());
        }
        // SAFETY: the host replied OK with a terminated string, valid at least until its next suite call.
        Ok(unsafe { CStr::from_ptr(raw) }.to_owned())
    }

    pub(crate) fn pointer(&self, name: &CStr, index: usize) -> Result<*mut c_void> {
        let index = to_int(index)?;
        Ok(get!(self.propGetPointer(name, index) from ptr::null_mut::<c_void>()))
    }

    /// How many values the property has.
    pub fn dimension(&self, name: &CStr) -> Result<usize> {
        let Some(f) = self.suite.propGetDimension else {
            return Err(Error::no_function("propGetDimension"));
        };
        let mut count: c_int = 0;
        // SAFETY: as in `get!`.
        let status = unsafe { f(self.handle.raw(), name.as_ptr(), &raw mut count) };
        check(status, || format!("counting {}", name.to_string_lossy()))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// The first number as a truth, or `default` if the host does not say.
    pub fn bool_or(&self, name: &CStr, default: bool) -> bool {
        self.int(name, 0).map_or(default, |v| v != 0)
    }

    /// The first number, or `default` if the host does not say.
    pub fn int_or(&self, name: &CStr, default: i32) -> i32 {
        self.int(name, 0).unwrap_or(default)
    }

    /// The first number, or `default` if the host does not say.
    pub fn double_or(&self, name: &CStr, default: f64) -> f64 {
        self.double(name, 0).unwrap_or(default)
    }

    /// The first string; empty if the host does not say.
    pub fn string_or_empty(&self, name: &CStr) -> String {
        self.string(name, 0).unwrap_or_default()
    }

    /// `N` numbers.
    pub fn doubles<const N: usize>(&self, name: &CStr) -> Result<[f64; N]> {
        let mut values = [0.0; N];
        for (i, v) in values.iter_mut().enumerate() {
            *v = self.double(name, i)?;
        }
        Ok(values)
    }

    /// `N` numbers.
    pub fn ints<const N: usize>(&self, name: &CStr) -> Result<[i32; N]> {
        let mut values = [0; N];
        for (i, v) in values.iter_mut().enumerate() {
            *v = self.int(name, i)?;
        }
        Ok(values)
    }

    /// Every string; empty if the host does not know the property.
    pub fn strings(&self, name: &CStr) -> Vec<String> {
        let count = self.dimension(name).unwrap_or(0);
        (0..count).map_while(|i| self.string(name, i).ok()).collect()
    }

    /// Sets one number.
    pub fn set_int(&self, name: &CStr, index: usize, value: i32) -> Result<()> {
        let index = to_int(index)?;
        set!(self.propSetInt(name, index, value))
    }

    /// Sets one number.
    pub fn set_double(&self, name: &CStr, index: usize, value: f64) -> Result<()> {
        let index = to_int(index)?;
        set!(self.propSetDouble(name, index, value))
    }

    /// Sets one string.
    pub fn set_string(&self, name: &CStr, index: usize, value: &CStr) -> Result<()> {
        let index = to_int(index)?;
        set!(self.propSetString(name, index, value.as_ptr()))
    }

    /// Sets one pointer.
    ///
    /// # Safety
    /// The host may keep the pointer and use it as the property's documentation says.
    pub(crate) unsafe fn set_pointer(&self, name: &CStr, index: usize, value: *mut c_void) -> Result<()> {
        let index = to_int(index)?;
        set!(self.propSetPointer(name, index, value))
    }

    /// Sets several numbers, from index 0.
    pub fn set_doubles(&self, name: &CStr, values: &[f64]) -> Result<()> {
        values.iter().enumerate().try_for_each(|(i, &v)| self.set_double(name, i, v))
    }

    /// Sets several strings, from index 0.
    pub fn set_strings(&self, name: &CStr, values: &[&CStr]) -> Result<()> {
        values.iter().enumerate().try_for_each(|(i, v)| self.set_string(name, i, v))
    }
}

fn to_int(index: usize) -> Result<c_int> {
    c_int::try_from(index).map_err(|_| Error::host("property index", sys::kOfxStatErrBadIndex))
}

/// Sets a property that not every host has: a refusal is logged and forgotten.
pub(crate) fn optional(result: Result<()>) {
    if let Err(e) = result {
        log::debug!("optional property left out: {e}");
    }
}
