//! The property suite.

use std::ffi::{CStr, CString, c_char, c_double, c_int, c_void};
use std::sync::Arc;

use ofx_sys::{OfxPropertySetHandle, OfxPropertySuiteV1, OfxStatus};

use crate::call::{Reply, answer, null, put, text};
use crate::handle;
use crate::property::{PropSet, Values};
use crate::scratch;
use crate::status::Status;

pub(super) static SUITE: OfxPropertySuiteV1 = OfxPropertySuiteV1 {
    propSetPointer: Some(set_pointer),
    propSetString: Some(set_string),
    propSetDouble: Some(set_double),
    propSetInt: Some(set_int),
    propSetPointerN: Some(set_pointers),
    propSetStringN: Some(set_strings),
    propSetDoubleN: Some(set_doubles),
    propSetIntN: Some(set_ints),
    propGetPointer: Some(get_pointer),
    propGetString: Some(get_string),
    propGetDouble: Some(get_double),
    propGetInt: Some(get_int),
    propGetPointerN: Some(get_pointers),
    propGetStringN: Some(get_strings),
    propGetDoubleN: Some(get_doubles),
    propGetIntN: Some(get_ints),
    propReset: Some(reset),
    propGetDimension: Some(get_dimension),
};

/// The set and the name that every function begins with.
///
/// # Safety
/// `name` is null or a C string.
unsafe fn begin<'a>(
    set: OfxPropertySetHandle,
    name: *const c_char,
    function: &str,
) -> Result<(Arc<PropSet>, &'a CStr), Status> {
    let set = handle::find::<PropSet>(set.cast(), function)?;
    // SAFETY: the caller's promise.
    Ok((set, unsafe { text(name, function) }?))
}

fn index_of(index: c_int) -> Result<usize, Status> {
    usize::try_from(index).map_err(|_| Status::BAD_INDEX)
}

/// An array that a plug-in gave.
///
/// # Safety
/// `values` is null or points to `count` values.
unsafe fn array<'a, T>(values: *const T, count: c_int, function: &str) -> Result<&'a [T], Status> {
    let count = index_of(count)?;
    if count == 0 {
        return Ok(&[]);
    }
    if values.is_null() {
        return Err(null(function));
    }
    // SAFETY: not null, and the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(values, count) })
}

/// Writes an array that a plug-in wants.
///
/// # Safety
/// `to` is null or points to room for as many values.
unsafe fn put_all<T>(to: *mut T, values: Vec<T>, function: &str) -> Reply {
    if to.is_null() && !values.is_empty() {
        return Err(null(function));
    }
    for (i, value) in values.into_iter().enumerate() {
        // SAFETY: not null, and the caller's promise.
        unsafe { to.add(i).write(value) };
    }
    Ok(())
}

macro_rules! setter {
    ($name:ident, $plural:ident, $ofx:literal, $ofx_plural:literal, $type:ty, $array:ty, $values:expr) => {
        unsafe extern "C" fn $name(
            set: OfxPropertySetHandle,
            name: *const c_char,
            index: c_int,
            value: $type,
        ) -> OfxStatus {
            answer($ofx, || {
                // SAFETY: arguments as OpenFX specifies them.
                let (set, name) = unsafe { begin(set, name, $ofx) }?;
                set.put(name, index_of(index)?, $values(&[value], $ofx)?, false, $ofx)
            })
        }

        unsafe extern "C" fn $plural(
            set: OfxPropertySetHandle,
            name: *const c_char,
            count: c_int,
            values: $array,
        ) -> OfxStatus {
            answer($ofx_plural, || {
                // SAFETY: arguments as OpenFX specifies them.
                let (set, name) = unsafe { begin(set, name, $ofx_plural) }?;
                // SAFETY: as above.
                let values = unsafe { array(values, count, $ofx_plural) }?;
                set.put(name, 0, $values(values, $ofx_plural)?, true, $ofx_plural)
            })
        }
    };
}

fn ints(values: &[c_int], _: &str) -> Result<Values, Status> {
    Ok(Values::Int(values.to_vec()))
}

fn doubles(values: &[c_double], _: &str) -> Result<Values, Status> {
    Ok(Values::Double(values.to_vec()))
}

fn pointers(values: &[*mut c_void], _: &str) -> Result<Values, Status> {
    Ok(Values::Pointer(values.iter().map(|p| *p as usize).collect()))
}

fn strings(values: &[*const c_char], function: &str) -> Result<Values, Status> {
    let owned = values.iter().map(|p| {
        // SAFETY: plug-ins give C strings, or NULL by mistake, which is caught.
        unsafe { text(*p, function) }.map(CStr::to_owned)
    });
    owned.collect::<Result<_, _>>().map(Values::Text)
}

setter!(set_int, set_ints, "propSetInt", "propSetIntN", c_int, *const c_int, ints);
setter!(set_double, set_doubles, "propSetDouble", "propSetDoubleN", c_double, *const c_double, doubles);
setter!(
    set_pointer,
    set_pointers,
    "propSetPointer",
    "propSetPointerN",
    *mut c_void,
    *const *mut c_void,
    pointers
);
setter!(
    set_string,
    set_strings,
    "propSetString",
    "propSetStringN",
    *const c_char,
    *const *const c_char,
    strings
);

macro_rules! getter {
    ($name:ident, $plural:ident, $ofx:literal, $ofx_plural:literal, $type:ty, $like:expr, $take:expr) => {
        unsafe extern "C" fn $name(
            set: OfxPropertySetHandle,
            name: *const c_char,
            index: c_int,
            value: *mut $type,
        ) -> OfxStatus {
            answer($ofx, || {
                // SAFETY: arguments as OpenFX specifies them.
                let (set, name) = unsafe { begin(set, name, $ofx) }?;
                let found = set.take(name, index_of(index)?, 1, &$like, $ofx)?;
                let found: Vec<$type> = $take(found, &set);
                let first = found.into_iter().next().ok_or(Status::BAD_INDEX)?;
                // SAFETY: as above.
                unsafe { put(value, first, $ofx) }
            })
        }

        unsafe extern "C" fn $plural(
            set: OfxPropertySetHandle,
            name: *const c_char,
            count: c_int,
            values: *mut $type,
        ) -> OfxStatus {
            answer($ofx_plural, || {
                // SAFETY: arguments as OpenFX specifies them.
                let (set, name) = unsafe { begin(set, name, $ofx_plural) }?;
                let found = set.take(name, 0, index_of(count)?, &$like, $ofx_plural)?;
                // SAFETY: as above.
                unsafe { put_all(values, $take(found, &set), $ofx_plural) }
            })
        }
    };
}

fn take_ints(values: Values, _: &PropSet) -> Vec<c_int> {
    if let Values::Int(v) = values { v } else { Vec::new() }
}

fn take_doubles(values: Values, _: &PropSet) -> Vec<c_double> {
    if let Values::Double(v) = values { v } else { Vec::new() }
}

fn take_pointers(values: Values, _: &PropSet) -> Vec<*mut c_void> {
    if let Values::Pointer(v) = values {
        v.into_iter().map(|p| p as *mut c_void).collect()
    } else {
        Vec::new()
    }
}

fn take_strings(values: Values, set: &PropSet) -> Vec<*mut c_char> {
    let texts: Vec<CString> = if let Values::Text(v) = values { v } else { Vec::new() };
    scratch::lend(texts, set.is_transient())
}

getter!(get_int, get_ints, "propGetInt", "propGetIntN", c_int, Values::Int(Vec::new()), take_ints);
getter!(
    get_double,
    get_doubles,
    "propGetDouble",
    "propGetDoubleN",
    c_double,
    Values::Double(Vec::new()),
    take_doubles
);
getter!(
    get_pointer,
    get_pointers,
    "propGetPointer",
    "propGetPointerN",
    *mut c_void,
    Values::Pointer(Vec::new()),
    take_pointers
);
getter!(
    get_string,
    get_strings,
    "propGetString",
    "propGetStringN",
    *mut c_char,
    Values::Text(Vec::new()),
    take_strings
);

unsafe extern "C" fn reset(set: OfxPropertySetHandle, name: *const c_char) -> OfxStatus {
    answer("propReset", || {
        // SAFETY: arguments as OpenFX specifies them.
        let (set, name) = unsafe { begin(set, name, "propReset") }?;
        set.reset(name)
    })
}

unsafe extern "C" fn get_dimension(
    set: OfxPropertySetHandle,
    name: *const c_char,
    count: *mut c_int,
) -> OfxStatus {
    answer("propGetDimension", || {
        // SAFETY: arguments as OpenFX specifies them.
        let (set, name) = unsafe { begin(set, name, "propGetDimension") }?;
        let n = c_int::try_from(set.dimension(name)?).unwrap_or(c_int::MAX);
        // SAFETY: as above.
        unsafe { put(count, n, "propGetDimension") }
    })
}
