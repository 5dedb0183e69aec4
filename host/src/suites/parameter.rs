//! The parameter suite; its variadic functions are in param_shim.c and values.rs.

mod values;

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ofx_sys::{
    OfxParamHandle, OfxParamSetHandle, OfxParameterSuiteV1, OfxPropertySetHandle, OfxRangeD, OfxStatus,
    OfxTime,
};

use crate::call::{self, Reply, answer, null, put, text};
use crate::handle;
use crate::object::{EffectObject, Role};
use crate::param::{Param, ParamSet};
use crate::property::PropSet;
use crate::shared::lock;
use crate::status::Status;
use crate::value::{ParamKind, Wire};
use crate::violation::{Rule, Severity};

pub(super) static SUITE: OfxParameterSuiteV1 = OfxParameterSuiteV1 {
    paramDefine: Some(define),
    paramGetHandle: Some(get_handle),
    paramSetGetPropertySet: Some(set_get_property_set),
    paramGetPropertySet: Some(get_property_set),
    paramGetValue: Some(values::ofxhost_param_get_value),
    paramGetValueAtTime: Some(values::ofxhost_param_get_value_at_time),
    paramGetDerivative: Some(values::ofxhost_param_get_derivative),
    paramGetIntegral: Some(values::ofxhost_param_get_integral),
    paramSetValue: Some(values::ofxhost_param_set_value),
    paramSetValueAtTime: Some(values::ofxhost_param_set_value_at_time),
    paramGetNumKeys: Some(get_num_keys),
    paramGetKeyTime: Some(get_key_time),
    paramGetKeyIndex: Some(get_key_index),
    paramDeleteKey: Some(delete_key),
    paramDeleteAllKeys: Some(delete_all_keys),
    paramCopy: Some(copy),
    paramEditBegin: Some(edit_begin),
    paramEditEnd: Some(edit_end),
};

/// The effect of a param of an instance; a descriptor's has no values.
pub(super) fn instance_of(param: &Param, function: &str) -> Result<Arc<EffectObject>, Status> {
    let effect = param.set.upgrade().and_then(|s| s.effect.upgrade()).ok_or(Status::BAD_HANDLE)?;
    if matches!(effect.role, Role::Instance(_)) {
        return Ok(effect);
    }
    let message = format!("{function} on {}, a param of a descriptor", param.name());
    call::violate(Rule::ForbiddenCall, Severity::Error, message);
    Err(Status::FAILED)
}

unsafe extern "C" fn define(
    set: OfxParamSetHandle,
    kind: *const c_char,
    name: *const c_char,
    to: *mut OfxPropertySetHandle,
) -> OfxStatus {
    answer("paramDefine", || {
        let set = handle::find::<ParamSet>(set as *const c_void, "paramDefine")?;
        // SAFETY: the plug-in gives C strings.
        let (kind, name) = unsafe { (text(kind, "paramDefine")?, text(name, "paramDefine")?) };
        let effect = set.effect.upgrade().ok_or(Status::BAD_HANDLE)?;
        let described = call::current().is_some_and(|c| {
            c.action == ofx_sys::kOfxImageEffectActionDescribeInContext
                && c.effect.is_some_and(|e| Arc::ptr_eq(&e, &effect))
        });
        let Role::Context(context) = effect.role else {
            let message = format!("paramDefine of {} outside of describeInContext", name.to_string_lossy());
            call::violate(Rule::ForbiddenCall, Severity::Error, message);
            return Err(Status::FAILED);
        };
        if !described {
            let message = format!("paramDefine of {} outside of describeInContext", name.to_string_lossy());
            call::violate(Rule::ForbiddenCall, Severity::Error, message);
            return Err(Status::FAILED);
        }
        let bad = |message: String, status| {
            call::violate(Rule::BadDescription, Severity::Error, message);
            Err(status)
        };
        let Some(kind) = ParamKind::from_ofx_name(kind) else {
            let message =
                format!("{} has the unknown type {}", name.to_string_lossy(), kind.to_string_lossy());
            return bad(message, Status::UNKNOWN);
        };
        if set.get(name).is_some() {
            return bad(format!("the param {} is defined twice", name.to_string_lossy()), Status::EXISTS);
        }
        let profile = &effect.shared.profile;
        if kind == ParamKind::Parametric && profile.offers(crate::profile::Suite::ParametricV1).is_none() {
            return bad(
                format!("{} is parametric, which this host has not", name.to_string_lossy()),
                Status::UNKNOWN,
            );
        }
        let most = usize::try_from(profile.supports.max_params).unwrap_or(usize::MAX);
        if set.all().len() >= most {
            return bad(format!("more than {most} params"), Status::FAILED);
        }
        if context == crate::context::Context::Generator
            && profile.quirks.generator_crashes_on.contains(&kind)
        {
            let message =
                format!("{} is {kind}, on which this host crashes in a generator", name.to_string_lossy());
            call::violate(Rule::BadDescription, Severity::Error, message);
        }
        let props = PropSet::param(&effect.shared, kind, name);
        let param = set.define(kind, name, props);
        if to.is_null() {
            return Ok(());
        }
        // SAFETY: the plug-in gives room for a handle.
        unsafe { put(to, param.props.handle.as_ptr(), "paramDefine") }
    })
}

unsafe extern "C" fn get_handle(
    set: OfxParamSetHandle,
    name: *const c_char,
    to: *mut OfxParamHandle,
    props: *mut OfxPropertySetHandle,
) -> OfxStatus {
    answer("paramGetHandle", || {
        let set = handle::find::<ParamSet>(set as *const c_void, "paramGetHandle")?;
        // SAFETY: the plug-in gives a C string.
        let name = unsafe { text(name, "paramGetHandle") }?;
        let param = set.get(name).ok_or(Status::UNKNOWN)?;
        if !props.is_null() {
            // SAFETY: not null, room for a handle.
            unsafe { put(props, param.props.handle.as_ptr(), "paramGetHandle") }?;
        }
        if to.is_null() && !props.is_null() {
            return Ok(());
        }
        // SAFETY: the plug-in gives room for a handle.
        unsafe { put(to, param.handle.as_ptr(), "paramGetHandle") }
    })
}

unsafe extern "C" fn set_get_property_set(
    set: OfxParamSetHandle,
    to: *mut OfxPropertySetHandle,
) -> OfxStatus {
    answer("paramSetGetPropertySet", || {
        let set = handle::find::<ParamSet>(set as *const c_void, "paramSetGetPropertySet")?;
        // SAFETY: the plug-in gives room for a handle.
        unsafe { put(to, set.props.handle.as_ptr(), "paramSetGetPropertySet") }
    })
}

unsafe extern "C" fn get_property_set(param: OfxParamHandle, to: *mut OfxPropertySetHandle) -> OfxStatus {
    answer("paramGetPropertySet", || {
        let param = handle::find::<Param>(param as *const c_void, "paramGetPropertySet")?;
        // SAFETY: the plug-in gives room for a handle.
        unsafe { put(to, param.props.handle.as_ptr(), "paramGetPropertySet") }
    })
}

/// A param that can have keys.
fn keyed(param: OfxParamHandle, function: &str) -> Result<(Arc<Param>, Arc<EffectObject>), Status> {
    let param = handle::find::<Param>(param as *const c_void, function)?;
    let effect = instance_of(&param, function)?;
    match param.kind.wire() {
        Wire::Nothing => Err(Status::UNSUPPORTED),
        _ => Ok((param, effect)),
    }
}

unsafe extern "C" fn get_num_keys(param: OfxParamHandle, to: *mut c_uint) -> OfxStatus {
    answer("paramGetNumKeys", || {
        let (param, _) = keyed(param, "paramGetNumKeys")?;
        let n = lock(&param.track).keys().len();
        // SAFETY: the plug-in gives room for a number.
        unsafe { put(to, c_uint::try_from(n).unwrap_or(c_uint::MAX), "paramGetNumKeys") }
    })
}

unsafe extern "C" fn get_key_time(param: OfxParamHandle, nth: c_uint, to: *mut OfxTime) -> OfxStatus {
    answer("paramGetKeyTime", || {
        let (param, _) = keyed(param, "paramGetKeyTime")?;
        let time = lock(&param.track).keys().get(nth as usize).map(|k| k.0).ok_or(Status::BAD_INDEX)?;
        // SAFETY: the plug-in gives room for a time.
        unsafe { put(to, time, "paramGetKeyTime") }
    })
}

unsafe extern "C" fn get_key_index(
    param: OfxParamHandle,
    time: OfxTime,
    direction: c_int,
    to: *mut c_int,
) -> OfxStatus {
    answer("paramGetKeyIndex", || {
        let (param, _) = keyed(param, "paramGetKeyIndex")?;
        let index = lock(&param.track).key_index(time, direction).ok_or(Status::FAILED)?;
        // SAFETY: the plug-in gives room for a number.
        unsafe { put(to, c_int::try_from(index).unwrap_or(c_int::MAX), "paramGetKeyIndex") }
    })
}

unsafe extern "C" fn delete_key(param: OfxParamHandle, time: OfxTime) -> OfxStatus {
    answer("paramDeleteKey", || {
        let (param, effect) = keyed(param, "paramDeleteKey")?;
        values::may_set(&effect, &param, "paramDeleteKey")?;
        if !lock(&param.track).delete_key(time) {
            return Err(Status::BAD_INDEX);
        }
        param.update_animating();
        values::tell(&effect, &param, ofx_sys::kOfxChangePluginEdited, 1);
        Ok(())
    })
}

unsafe extern "C" fn delete_all_keys(param: OfxParamHandle) -> OfxStatus {
    answer("paramDeleteAllKeys", || {
        let (param, effect) = keyed(param, "paramDeleteAllKeys")?;
        values::may_set(&effect, &param, "paramDeleteAllKeys")?;
        let time = effect.time();
        lock(&param.track).delete_keys(time);
        param.update_animating();
        let dimensions = match param.kind.wire() {
            Wire::Int(n) | Wire::Double(n) => n,
            _ => 1,
        };
        match effect.shared.profile.quirks.delete_all_keys_echo {
            true => values::tell(&effect, &param, ofx_sys::kOfxChangeUserEdited, dimensions),
            false => values::tell(&effect, &param, ofx_sys::kOfxChangePluginEdited, 1),
        }
        Ok(())
    })
}

unsafe extern "C" fn copy(
    to: OfxParamHandle,
    from: OfxParamHandle,
    offset: OfxTime,
    range: *const OfxRangeD,
) -> OfxStatus {
    answer("paramCopy", || {
        let (to, effect) = keyed(to, "paramCopy")?;
        let (from, _) = keyed(from, "paramCopy")?;
        if to.kind != from.kind {
            let message =
                format!("paramCopy from {} to {}, which is of another type", from.name(), to.name());
            call::violate(Rule::ForbiddenCall, Severity::Error, message);
            return Err(Status::FAILED);
        }
        values::may_set(&effect, &to, "paramCopy")?;
        if effect.shared.profile.quirks.param_copy_does_nothing {
            return Ok(());
        }
        // SAFETY: the plug-in gives a range or NULL.
        let range = (!range.is_null()).then(|| unsafe { range.read() });
        let track = lock(&from.track).clone();
        if !track.is_animated() {
            to.store(None, track.constant().clone());
        }
        for (time, value) in track.keys() {
            if range.is_none_or(|r| (r.min..=r.max).contains(time)) {
                to.store(Some(time + offset), value.clone());
            }
        }
        values::tell(&effect, &to, ofx_sys::kOfxChangePluginEdited, 1);
        Ok(())
    })
}

fn edit(set: OfxParamSetHandle, function: &str) -> Result<Arc<ParamSet>, Status> {
    let set = handle::find::<ParamSet>(set as *const c_void, function)?;
    let effect = set.effect.upgrade().ok_or(Status::BAD_HANDLE)?;
    if matches!(effect.role, Role::Instance(_)) {
        return Ok(set);
    }
    call::violate(Rule::ForbiddenCall, Severity::Error, format!("{function} on a descriptor"));
    Err(Status::FAILED)
}

unsafe extern "C" fn edit_begin(set: OfxParamSetHandle, name: *const c_char) -> OfxStatus {
    answer("paramEditBegin", || {
        let set = edit(set, "paramEditBegin")?;
        if name.is_null() {
            return Err(null("paramEditBegin"));
        }
        set.edits.fetch_add(1, Ordering::SeqCst);
        Ok(())
    })
}

unsafe extern "C" fn edit_end(set: OfxParamSetHandle) -> OfxStatus {
    answer("paramEditEnd", || -> Reply {
        let set = edit(set, "paramEditEnd")?;
        let before = set.edits.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if before.is_err() {
            let message = "paramEditEnd without paramEditBegin".to_owned();
            call::violate(Rule::OpenEdit, Severity::Error, message);
            return Err(Status::FAILED);
        }
        Ok(())
    })
}
