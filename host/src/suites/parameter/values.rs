//! The Rust side of param_shim.c: values go in and come out.

use std::ffi::{CStr, c_char, c_double, c_int, c_void};
use std::sync::Arc;

use ofx_sys::{OfxParamHandle, OfxStatus, OfxTime};

use super::instance_of;
use crate::call::{self, Reply, answer, null, put};
use crate::handle;
use crate::interpolate;
use crate::object::{Change, EffectObject};
use crate::param::Param;
use crate::scratch;
use crate::shared::lock;
use crate::status::Status;
use crate::value::{ParamKind, Value, Wire};
use crate::violation::{Rule, Severity};

unsafe extern "C" {
    pub(super) fn ofxhost_param_get_value(param: OfxParamHandle, ...) -> OfxStatus;
    pub(super) fn ofxhost_param_get_value_at_time(param: OfxParamHandle, time: OfxTime, ...) -> OfxStatus;
    pub(super) fn ofxhost_param_get_derivative(param: OfxParamHandle, time: OfxTime, ...) -> OfxStatus;
    pub(super) fn ofxhost_param_get_integral(
        param: OfxParamHandle,
        from: OfxTime,
        to: OfxTime,
        ...
    ) -> OfxStatus;
    pub(super) fn ofxhost_param_set_value(param: OfxParamHandle, ...) -> OfxStatus;
    pub(super) fn ofxhost_param_set_value_at_time(param: OfxParamHandle, time: OfxTime, ...) -> OfxStatus;
}

/// Names of the functions by the shim's indices.
const FUNCTIONS: [&str; 6] = [
    "paramGetValue",
    "paramGetValueAtTime",
    "paramGetDerivative",
    "paramGetIntegral",
    "paramSetValue",
    "paramSetValueAtTime",
];
const GET: c_int = 0;
const DERIVATIVE: c_int = 2;
const INTEGRAL: c_int = 3;

fn name_of(function: c_int) -> &'static str {
    usize::try_from(function).ok().and_then(|i| FUNCTIONS.get(i)).copied().unwrap_or_default()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ofxhost_param_wire(
    param: *mut c_void,
    function: c_int,
    wire: *mut c_int,
    count: *mut c_int,
) -> OfxStatus {
    let name = name_of(function);
    answer(name, || {
        let param = handle::find::<Param>(param, name)?;
        instance_of(&param, name)?;
        let (w, n) = match param.kind.wire() {
            Wire::Int(n) => (0, n),
            Wire::Double(n) => (1, n),
            Wire::Text => (2, 1),
            Wire::Nothing => {
                let message = format!("{name} on {}, which holds no value", param.name());
                call::violate(Rule::ForbiddenCall, Severity::Error, message);
                return Err(Status::UNSUPPORTED);
            }
        };
        // SAFETY: both are the shim's own.
        unsafe {
            put(wire, w, name)?;
            put(count, c_int::try_from(n).unwrap_or(0), name)
        }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ofxhost_param_get(
    param: *mut c_void,
    function: c_int,
    time: c_double,
    end: c_double,
    to: *const *mut c_void,
    count: c_int,
) -> OfxStatus {
    let name = name_of(function);
    answer(name, || {
        let param = handle::find::<Param>(param, name)?;
        let effect = instance_of(&param, name)?;
        let n = usize::try_from(count).unwrap_or(0);
        // SAFETY: the shim gives an array of `count` pointers.
        let to = unsafe { std::slice::from_raw_parts(to, n) };
        if to.iter().any(|p| p.is_null()) {
            return Err(null(name));
        }
        let value = match function {
            DERIVATIVE => Value::Doubles(lock(&param.track).derivative(time)),
            INTEGRAL => Value::Doubles(lock(&param.track).integral(time, end)),
            _ => {
                let now = function == GET || effect.shared.profile.quirks.param_ignores_time;
                interpolate::value(&effect, &param, if now { current_time(&effect) } else { time })
            }
        };
        // Slopes and areas are doubles for doubles alone.
        if matches!(function, DERIVATIVE | INTEGRAL) && !matches!(param.kind.wire(), Wire::Double(_)) {
            return Err(Status::UNSUPPORTED);
        }
        match param.kind.wire() {
            Wire::Text => {
                let lent = scratch::lend(vec![value.to_c_text()], param.props.is_transient());
                let first = lent.first().copied().unwrap_or(std::ptr::null_mut());
                // SAFETY: not null, and the plug-in gives room for a string's pointer.
                unsafe { to[0].cast::<*mut c_char>().write(first) };
            }
            Wire::Double(_) => {
                for (to, v) in to.iter().zip(value.to_doubles()) {
                    // SAFETY: not null, and the plug-in gives room for a double.
                    unsafe { to.cast::<c_double>().write(v) };
                }
            }
            _ => {
                for (to, v) in to.iter().zip(value.to_doubles()) {
                    // SAFETY: not null, and the plug-in gives room for an int.
                    unsafe { to.cast::<c_int>().write(v.round() as c_int) };
                }
            }
        }
        Ok(())
    })
}

/// The time that "now" is: that of the render, or of the node.
fn current_time(effect: &EffectObject) -> f64 {
    call::current().and_then(|c| c.render).map_or_else(|| effect.time(), |r| r.time)
}

fn set(param: *mut c_void, at: c_int, time: c_double, value: Value) -> Reply {
    let name = if at != 0 { FUNCTIONS[5] } else { FUNCTIONS[4] };
    let param = handle::find::<Param>(param, name)?;
    let effect = instance_of(&param, name)?;
    may_set(&effect, &param, name)?;
    let value = value.fit(param.kind).map_err(|_| Status::VALUE)?;
    check_value(&param, &value, name);
    if at != 0 && !time.is_finite() {
        let message = format!("{name} on {} at the time {time}", param.name());
        call::violate(Rule::ForbiddenCall, Severity::Error, message);
        return Err(Status::VALUE);
    }
    let animated = lock(&param.track).is_animated();
    let keyed = at != 0 && !effect.shared.profile.quirks.param_ignores_time;
    let time = if keyed { Some(time) } else { animated.then(|| current_time(&effect)) };
    match lock(&effect.waiting).as_mut() {
        Some(waiting) => waiting.push(Change { param: param.clone(), time, value }),
        None => param.store(time, value),
    }
    tell(&effect, &param, ofx_sys::kOfxChangePluginEdited, 1);
    Ok(())
}

fn check_value(param: &Param, value: &Value, function: &str) {
    let complain = |what: &str| {
        let message = format!("{function} on {}: {what}", param.name());
        call::violate(Rule::ForbiddenCall, Severity::Warning, message);
    };
    match value {
        Value::Doubles(v) if v.iter().any(|v| !v.is_finite()) => complain("a number that is not finite"),
        Value::Ints(v) if param.kind == ParamKind::Choice => {
            let n = param.options().len();
            if v.iter().any(|i| usize::try_from(*i).map_or(true, |i| i >= n)) {
                complain("an index beyond its options");
            }
        }
        _ => {}
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ofxhost_param_set_ints(
    param: *mut c_void,
    at: c_int,
    time: c_double,
    values: *const c_int,
    count: c_int,
) -> OfxStatus {
    answer("paramSetValue", || {
        // SAFETY: the shim gives an array of `count`.
        let values = unsafe { std::slice::from_raw_parts(values, usize::try_from(count).unwrap_or(0)) };
        set(param, at, time, Value::Ints(values.to_vec()))
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ofxhost_param_set_doubles(
    param: *mut c_void,
    at: c_int,
    time: c_double,
    values: *const c_double,
    count: c_int,
) -> OfxStatus {
    answer("paramSetValue", || {
        // SAFETY: the shim gives an array of `count`.
        let values = unsafe { std::slice::from_raw_parts(values, usize::try_from(count).unwrap_or(0)) };
        set(param, at, time, Value::Doubles(values.to_vec()))
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ofxhost_param_set_text(
    param: *mut c_void,
    at: c_int,
    time: c_double,
    text: *const c_char,
) -> OfxStatus {
    answer("paramSetValue", || {
        // SAFETY: the plug-in gives a C string.
        let text = unsafe { call::text(text, "paramSetValue") }?;
        set(param, at, time, Value::Text(text.to_string_lossy().into_owned()))
    })
}

/// Actions in which no param may be set, whatever the host.
const WITHOUT_SETS: [&CStr; 9] = [
    ofx_sys::kOfxActionDestroyInstance,
    ofx_sys::kOfxImageEffectActionGetRegionOfDefinition,
    ofx_sys::kOfxImageEffectActionGetRegionsOfInterest,
    ofx_sys::kOfxImageEffectActionGetTimeDomain,
    ofx_sys::kOfxImageEffectActionGetFramesNeeded,
    ofx_sys::kOfxImageEffectActionGetClipPreferences,
    ofx_sys::kOfxImageEffectActionIsIdentity,
    ofx_sys::kFnOfxImageEffectActionGetClipComponents,
    ofx_sys::kOfxInteractActionDraw,
];

/// Reports a change of a param where the action forbids it; the change is made all the same, as hosts do.
pub(super) fn may_set(effect: &EffectObject, param: &Param, function: &str) -> Reply {
    let Some(action) = call::current().map(|c| c.action) else {
        // No action on this thread: a render's own threads, or a timer of the plug-in.
        if !lock(&effect.renders).is_empty() {
            complain(effect, effect.shared.profile.quirks.set_in_render, param, function, "while rendering");
        }
        return Ok(());
    };
    let quirks = &effect.shared.profile.quirks;
    if WITHOUT_SETS.contains(&action) {
        complain(effect, Some(Severity::Error), param, function, "in an action that changes nothing");
    } else if action == ofx_sys::kOfxImageEffectActionRender {
        complain(effect, quirks.set_in_render, param, function, "while rendering");
    } else if action == ofx_sys::kOfxActionCreateInstance {
        complain(effect, quirks.set_in_create, param, function, "while the instance is created");
    }
    Ok(())
}

fn complain(effect: &EffectObject, severity: Option<Severity>, param: &Param, function: &str, when: &str) {
    if let Some(severity) = severity {
        let message = format!("{function} on {} {when}", param.name());
        effect.shared.report(Rule::ForbiddenCall, severity, message);
    }
}

/// Tells the plug-in of its own change, as hosts do: not while it is being created, destroyed or rendered, and not of
/// a change that it makes while it is told of one.
pub(super) fn tell(effect: &Arc<EffectObject>, param: &Param, reason: &'static CStr, times: usize) {
    let quiet = [
        ofx_sys::kOfxActionCreateInstance,
        ofx_sys::kOfxActionDestroyInstance,
        ofx_sys::kOfxImageEffectActionRender,
        ofx_sys::kOfxActionSyncPrivateData,
    ];
    if quiet.iter().any(|a| call::is_within(a)) || call::depth() > MOST_NESTED {
        return;
    }
    if call::current().is_none() {
        return;
    }
    for _ in 0..times {
        effect.param_changed(param, reason);
    }
}

/// Actions within actions before a host stops to tell.
const MOST_NESTED: usize = 2;
