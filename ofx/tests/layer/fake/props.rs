//! Property sets.

use core::ffi::{CStr, c_char, c_int, c_void};
use std::collections::{HashMap, HashSet};
use std::ffi::CString;
use std::sync::{Arc, Mutex};

use ofx_sys as sys;

use super::Record;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Int(i32),
    Double(f64),
    Text(CString),
    Pointer(usize),
}

impl From<i32> for Value {
    fn from(v: i32) -> Self {
        Self::Int(v)
    }
}

impl From<f64> for Value {
    fn from(v: f64) -> Self {
        Self::Double(v)
    }
}

impl From<&CStr> for Value {
    fn from(v: &CStr) -> Self {
        Self::Text(v.to_owned())
    }
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(CString::new(v).unwrap())
    }
}

impl From<*mut c_void> for Value {
    fn from(v: *mut c_void) -> Self {
        Self::Pointer(v.expose_provenance())
    }
}

#[derive(Default)]
pub struct Props {
    values: Mutex<HashMap<CString, Vec<Value>>>,
    /// Properties that throw, as unknown ones do in Nuke and Natron.
    refused: Mutex<HashSet<CString>>,
    host: Mutex<Option<(Arc<Record>, HashSet<String>)>>,
}

impl Props {
    pub fn leak() -> &'static Self {
        Box::leak(Box::default())
    }

    pub fn handle(&self) -> sys::OfxPropertySetHandle {
        core::ptr::from_ref(self).cast_mut().cast()
    }

    /// The set behind a handle of this host's.
    pub fn of<'a>(handle: sys::OfxPropertySetHandle) -> Option<&'a Self> {
        // SAFETY: every handle that this host gives out points to a set that is never freed.
        unsafe { handle.cast_const().cast::<Self>().as_ref() }
    }

    pub fn set(&self, name: &CStr, value: impl Into<Value>) {
        self.set_all(name, &[value.into()]);
    }

    pub fn set_all(&self, name: &CStr, values: &[Value]) {
        self.values.lock().unwrap().insert(name.to_owned(), values.to_vec());
    }

    pub fn remove(&self, name: &CStr) {
        self.values.lock().unwrap().remove(name);
    }

    pub fn refuse(&self, name: &CStr) {
        self.refused.lock().unwrap().insert(name.to_owned());
    }

    pub fn get(&self, name: &CStr) -> Option<Value> {
        self.all(name).first().cloned()
    }

    pub fn all(&self, name: &CStr) -> Vec<Value> {
        self.values.lock().unwrap().get(name).cloned().unwrap_or_default()
    }

    pub fn texts(&self, name: &CStr) -> Vec<String> {
        let text = |v| match v {
            Value::Text(t) => t.into_string().unwrap(),
            other => panic!("{other:?} is no text"),
        };
        self.all(name).into_iter().map(text).collect()
    }

    pub fn attach(&self, record: Arc<Record>, missing: HashSet<String>) {
        *self.host.lock().unwrap() = Some((record, missing));
    }

    pub fn lacks_suite(&self, name: &str) -> bool {
        self.host.lock().unwrap().as_ref().is_none_or(|(_, missing)| missing.contains(name))
    }

    fn put(&self, name: &CStr, index: c_int, value: Value) -> i32 {
        if self.refused.lock().unwrap().contains(name) {
            return sys::kOfxStatErrUnknown;
        }
        let mut values = self.values.lock().unwrap();
        let list = values.entry(name.to_owned()).or_default();
        let index = index as usize;
        if index > list.len() {
            return sys::kOfxStatErrBadIndex;
        }
        list.truncate(list.len().max(index + 1));
        if index == list.len() {
            list.push(value)
        } else {
            list[index] = value
        }
        sys::kOfxStatOK
    }

    fn look(&self, name: &CStr, index: c_int) -> Result<Value, i32> {
        let values = self.values.lock().unwrap();
        let list = values.get(name).ok_or(sys::kOfxStatErrUnknown)?;
        list.get(index as usize).cloned().ok_or(sys::kOfxStatErrBadIndex)
    }
}

/// The name as a string.
fn named<'a>(name: *const c_char) -> &'a CStr {
    // SAFETY: the layer passes terminated strings.
    unsafe { CStr::from_ptr(name) }
}

macro_rules! accessors {
    ($set:ident, $get:ident, $type:ty, $variant:ident, $to:expr, $from:expr) => {
        unsafe extern "C" fn $set(
            set: sys::OfxPropertySetHandle,
            name: *const c_char,
            index: c_int,
            value: $type,
        ) -> i32 {
            let Some(set) = Props::of(set) else { return sys::kOfxStatErrBadHandle };
            set.put(named(name), index, Value::$variant($to(value)))
        }

        unsafe extern "C" fn $get(
            set: sys::OfxPropertySetHandle,
            name: *const c_char,
            index: c_int,
            value: *mut $type,
        ) -> i32 {
            let Some(set) = Props::of(set) else { return sys::kOfxStatErrBadHandle };
            match set.look(named(name), index) {
                Ok(Value::$variant(v)) => {
                    // SAFETY: the layer passes a pointer to write to.
                    unsafe { *value = $from(v) };
                    sys::kOfxStatOK
                }
                Ok(_) => sys::kOfxStatErrValue,
                Err(status) => status,
            }
        }
    };
}

accessors!(set_int, get_int, c_int, Int, |v| v, |v| v);
accessors!(set_double, get_double, f64, Double, |v| v, |v| v);
accessors!(set_pointer, get_pointer, *mut c_void, Pointer, expose, core::ptr::with_exposed_provenance_mut);

fn expose(p: *mut c_void) -> usize {
    p.expose_provenance()
}

unsafe extern "C" fn set_string(
    set: sys::OfxPropertySetHandle,
    name: *const c_char,
    index: c_int,
    value: *const c_char,
) -> i32 {
    let Some(set) = Props::of(set) else { return sys::kOfxStatErrBadHandle };
    set.put(named(name), index, Value::Text(named(value).to_owned()))
}

std::thread_local! {
    /// The reply to the last string get: overwritten by the next, as in Natron.
    static REPLY: core::cell::RefCell<Vec<u8>> = const { core::cell::RefCell::new(Vec::new()) };
}

/// A string in the thread's one reply buffer.
pub fn reply(text: &CStr) -> *mut c_char {
    REPLY.with_borrow_mut(|r| {
        // Old readers of the buffer shall see rubbish.
        r.iter_mut().for_each(|b| *b = b'#');
        r.resize(r.len().max(4096).max(text.count_bytes() + 1), b'#');
        r[..=text.count_bytes()].copy_from_slice(text.to_bytes_with_nul());
        r.as_mut_ptr().cast()
    })
}

unsafe extern "C" fn get_string(
    set: sys::OfxPropertySetHandle,
    name: *const c_char,
    index: c_int,
    value: *mut *mut c_char,
) -> i32 {
    let Some(set) = Props::of(set) else { return sys::kOfxStatErrBadHandle };
    match set.look(named(name), index) {
        Ok(Value::Text(v)) => {
            // SAFETY: the layer passes a pointer to write to.
            unsafe { *value = reply(&v) };
            sys::kOfxStatOK
        }
        Ok(_) => sys::kOfxStatErrValue,
        Err(status) => status,
    }
}

unsafe extern "C" fn dimension(
    set: sys::OfxPropertySetHandle,
    name: *const c_char,
    count: *mut c_int,
) -> i32 {
    let Some(set) = Props::of(set) else { return sys::kOfxStatErrBadHandle };
    // SAFETY: the layer passes a pointer to write to.
    unsafe { *count = set.all(named(name)).len() as c_int };
    sys::kOfxStatOK
}

pub static SUITE: sys::OfxPropertySuiteV1 = sys::OfxPropertySuiteV1 {
    propSetPointer: Some(set_pointer),
    propSetString: Some(set_string),
    propSetDouble: Some(set_double),
    propSetInt: Some(set_int),
    propSetPointerN: None,
    propSetStringN: None,
    propSetDoubleN: None,
    propSetIntN: None,
    propGetPointer: Some(get_pointer),
    propGetString: Some(get_string),
    propGetDouble: Some(get_double),
    propGetInt: Some(get_int),
    propGetPointerN: None,
    propGetStringN: None,
    propGetDoubleN: None,
    propGetIntN: None,
    propReset: None,
    propGetDimension: Some(dimension),
};
