//! Params.

use core::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::sync::Mutex;

use ofx_sys as sys;

use super::props::{Value, reply};
use super::{FakeEffect, Props};

#[derive(Clone, Debug, PartialEq)]
pub enum Held {
    Ints(c_int),
    Doubles([f64; 4]),
    Text(CString),
}

std::thread_local! {
    /// What the host does when keys are deleted: Natron tells the plug-in that the artist did it.
    pub static ECHO: core::cell::Cell<Option<fn()>> = const { core::cell::Cell::new(None) };
}

/// A param; its value is that of the last key before a time, or the still one.
pub struct FakeParam {
    pub kind: CString,
    pub props: &'static Props,
    pub value: Mutex<Option<Held>>,
    pub keys: Mutex<BTreeMap<i64, Held>>,
}

impl FakeParam {
    fn of<'a>(handle: sys::OfxParamHandle) -> Option<&'a Self> {
        // SAFETY: every handle that this host gives out points to a param that is never freed.
        unsafe { handle.cast_const().cast::<Self>().as_ref() }
    }

    fn dimensions(&self) -> usize {
        match self.kind.as_c_str() {
            k if k == sys::kOfxParamTypeDouble => 1,
            k if k == sys::kOfxParamTypeDouble2D => 2,
            k if k == sys::kOfxParamTypeDouble3D || k == sys::kOfxParamTypeRGB => 3,
            k if k == sys::kOfxParamTypeRGBA => 4,
            _ => 0,
        }
    }

    fn is_text(&self) -> bool {
        self.kind.as_c_str() == sys::kOfxParamTypeString || self.kind.as_c_str() == sys::kOfxParamTypeCustom
    }

    fn default(&self) -> Held {
        let all = self.props.all(sys::kOfxParamPropDefault);
        let mut doubles = [0.0; 4];
        for (d, v) in doubles.iter_mut().zip(&all) {
            match v {
                Value::Int(i) => return Held::Ints(*i),
                Value::Text(t) => return Held::Text(t.clone()),
                Value::Double(v) => *d = *v,
                Value::Pointer(_) => {}
            }
        }
        Held::Doubles(doubles)
    }

    pub fn at(&self, time: Option<f64>) -> Held {
        let keys = self.keys.lock().unwrap();
        let key = time.and_then(|t| keys.range(..=t as i64).next_back().or(keys.iter().next()));
        let still = || self.value.lock().unwrap().clone().unwrap_or_else(|| self.default());
        key.map_or_else(still, |(_, v)| v.clone())
    }

    fn get(&self, time: Option<f64>, out: [*mut c_void; 4]) -> i32 {
        // SAFETY: the layer passes as many pointers as the type needs; the others are not looked at.
        unsafe {
            match self.at(time) {
                Held::Ints(v) => *out[0].cast::<c_int>() = v,
                Held::Text(v) => *out[0].cast::<*mut c_char>() = reply(&v),
                Held::Doubles(v) => {
                    for i in 0..self.dimensions() {
                        *out[i].cast::<f64>() = v[i];
                    }
                }
            }
        }
        sys::kOfxStatOK
    }

    fn put(&self, time: Option<f64>, word: usize, doubles: [f64; 4]) -> i32 {
        let value = if self.is_text() {
            let text = core::ptr::with_exposed_provenance::<c_char>(word);
            // SAFETY: the layer passes a terminated string for texts.
            Held::Text(unsafe { CStr::from_ptr(text) }.to_owned())
        } else if self.dimensions() > 0 {
            let mut kept = [0.0; 4];
            kept[..self.dimensions()].copy_from_slice(&doubles[..self.dimensions()]);
            Held::Doubles(kept)
        } else {
            Held::Ints(word as u32 as c_int)
        };
        match time {
            Some(t) => _ = self.keys.lock().unwrap().insert(t as i64, value),
            None => *self.value.lock().unwrap() = Some(value),
        }
        sys::kOfxStatOK
    }
}

unsafe extern "C" fn define(
    set: sys::OfxParamSetHandle,
    kind: *const c_char,
    name: *const c_char,
    out: *mut sys::OfxPropertySetHandle,
) -> i32 {
    let Some(effect) = FakeEffect::of(set.cast()) else { return sys::kOfxStatErrBadHandle };
    // SAFETY: the layer passes terminated strings.
    let (kind, name) = unsafe { (CStr::from_ptr(kind).to_owned(), CStr::from_ptr(name).to_owned()) };
    let props = Props::leak();
    props.set(sys::kOfxParamPropType, kind.as_c_str());
    let param = FakeParam { kind, props, value: Mutex::new(None), keys: Mutex::default() };
    effect.param_order.lock().unwrap().push(name.clone());
    effect.params.lock().unwrap().insert(name, Box::leak(Box::new(param)));
    // SAFETY: the layer passes a pointer to write to.
    unsafe { *out = props.handle() };
    sys::kOfxStatOK
}

unsafe extern "C" fn handle(
    set: sys::OfxParamSetHandle,
    name: *const c_char,
    out: *mut sys::OfxParamHandle,
    props: *mut sys::OfxPropertySetHandle,
) -> i32 {
    let Some(effect) = FakeEffect::of(set.cast()) else { return sys::kOfxStatErrBadHandle };
    let params = effect.params.lock().unwrap();
    // SAFETY: the layer passes a terminated string and pointers to write to.
    unsafe {
        let Some(param) = params.get(CStr::from_ptr(name)) else { return sys::kOfxStatErrUnknown };
        *out = core::ptr::from_ref(*param).cast_mut().cast();
        *props = param.props.handle();
    }
    sys::kOfxStatOK
}

type Pointer = *mut c_void;

unsafe extern "C" fn get(param: sys::OfxParamHandle, a: Pointer, b: Pointer, c: Pointer, d: Pointer) -> i32 {
    FakeParam::of(param).map_or(sys::kOfxStatErrBadHandle, |p| p.get(None, [a, b, c, d]))
}

unsafe extern "C" fn get_at(
    param: sys::OfxParamHandle,
    time: f64,
    a: Pointer,
    b: Pointer,
    c: Pointer,
    d: Pointer,
) -> i32 {
    FakeParam::of(param).map_or(sys::kOfxStatErrBadHandle, |p| p.get(Some(time), [a, b, c, d]))
}

unsafe extern "C" fn set(param: sys::OfxParamHandle, word: Pointer, a: f64, b: f64, c: f64, d: f64) -> i32 {
    let word = word.expose_provenance();
    FakeParam::of(param).map_or(sys::kOfxStatErrBadHandle, |p| p.put(None, word, [a, b, c, d]))
}

unsafe extern "C" fn set_at(
    param: sys::OfxParamHandle,
    time: f64,
    word: Pointer,
    a: f64,
    b: f64,
    c: f64,
    d: f64,
) -> i32 {
    let word = word.expose_provenance();
    FakeParam::of(param).map_or(sys::kOfxStatErrBadHandle, |p| p.put(Some(time), word, [a, b, c, d]))
}

unsafe extern "C" fn key_count(param: sys::OfxParamHandle, out: *mut c_uint) -> i32 {
    let Some(param) = FakeParam::of(param) else { return sys::kOfxStatErrBadHandle };
    // SAFETY: the layer passes a pointer to write to.
    unsafe { *out = param.keys.lock().unwrap().len() as c_uint };
    sys::kOfxStatOK
}

unsafe extern "C" fn key_time(param: sys::OfxParamHandle, nth: c_uint, out: *mut f64) -> i32 {
    let Some(param) = FakeParam::of(param) else { return sys::kOfxStatErrBadHandle };
    let keys = param.keys.lock().unwrap();
    let Some(time) = keys.keys().nth(nth as usize) else { return sys::kOfxStatErrBadIndex };
    // SAFETY: the layer passes a pointer to write to.
    unsafe { *out = *time as f64 };
    sys::kOfxStatOK
}

unsafe extern "C" fn key_index(
    param: sys::OfxParamHandle,
    time: f64,
    direction: c_int,
    out: *mut c_int,
) -> i32 {
    let Some(param) = FakeParam::of(param) else { return sys::kOfxStatErrBadHandle };
    let keys = param.keys.lock().unwrap();
    let times: Vec<i64> = keys.keys().copied().collect();
    let time = time as i64;
    let found = match direction {
        0 => times.iter().position(|&t| t == time),
        d if d > 0 => times.iter().position(|&t| t > time),
        _ => times.iter().rposition(|&t| t < time),
    };
    let Some(found) = found else { return sys::kOfxStatFailed };
    // SAFETY: the layer passes a pointer to write to.
    unsafe { *out = found as c_int };
    sys::kOfxStatOK
}

unsafe extern "C" fn delete_key(param: sys::OfxParamHandle, time: f64) -> i32 {
    let Some(param) = FakeParam::of(param) else { return sys::kOfxStatErrBadHandle };
    let gone = param.keys.lock().unwrap().remove(&(time as i64));
    if gone.is_some() { sys::kOfxStatOK } else { sys::kOfxStatErrBadIndex }
}

unsafe extern "C" fn delete_all(param: sys::OfxParamHandle) -> i32 {
    let Some(param) = FakeParam::of(param) else { return sys::kOfxStatErrBadHandle };
    param.keys.lock().unwrap().clear();
    if let Some(echo) = ECHO.get() {
        echo();
    }
    sys::kOfxStatOK
}

unsafe extern "C" fn edit_begin(set: sys::OfxParamSetHandle, name: *const c_char) -> i32 {
    let Some(effect) = FakeEffect::of(set.cast()) else { return sys::kOfxStatErrBadHandle };
    // SAFETY: the layer passes a terminated string.
    let name = unsafe { CStr::from_ptr(name) };
    effect.record.edits.lock().unwrap().push(format!("begin {}", name.to_string_lossy()));
    sys::kOfxStatOK
}

unsafe extern "C" fn edit_end(set: sys::OfxParamSetHandle) -> i32 {
    let Some(effect) = FakeEffect::of(set.cast()) else { return sys::kOfxStatErrBadHandle };
    effect.record.edits.lock().unwrap().push("end".to_owned());
    sys::kOfxStatOK
}

type Get = unsafe extern "C" fn(sys::OfxParamHandle, ...) -> i32;
type GetAt = unsafe extern "C" fn(sys::OfxParamHandle, f64, ...) -> i32;

pub fn suite() -> sys::OfxParameterSuiteV1 {
    // SAFETY: see the head of the test crate: on these targets a variadic call passes these arguments in the same
    // registers as a call of the fixed function.
    let (get, get_at, set, set_at) = unsafe {
        (
            core::mem::transmute::<*const (), Get>(get as *const ()),
            core::mem::transmute::<*const (), GetAt>(get_at as *const ()),
            core::mem::transmute::<*const (), Get>(set as *const ()),
            core::mem::transmute::<*const (), GetAt>(set_at as *const ()),
        )
    };
    sys::OfxParameterSuiteV1 {
        paramDefine: Some(define),
        paramGetHandle: Some(handle),
        paramSetGetPropertySet: None,
        paramGetPropertySet: None,
        paramGetValue: Some(get),
        paramGetValueAtTime: Some(get_at),
        paramGetDerivative: None,
        paramGetIntegral: None,
        paramSetValue: Some(set),
        paramSetValueAtTime: Some(set_at),
        paramGetNumKeys: Some(key_count),
        paramGetKeyTime: Some(key_time),
        paramGetKeyIndex: Some(key_index),
        paramDeleteKey: Some(delete_key),
        paramDeleteAllKeys: Some(delete_all),
        paramCopy: None,
        paramEditBegin: Some(edit_begin),
        paramEditEnd: Some(edit_end),
    }
}
