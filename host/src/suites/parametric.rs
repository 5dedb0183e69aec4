//! The parametric parameter suite.

use std::ffi::{c_double, c_int, c_void};
use std::sync::Arc;

use ofx_sys::{OfxParamHandle, OfxParametricParameterSuiteV1, OfxStatus, OfxTime};

use crate::call::{self, answer, put};
use crate::handle;
use crate::param::Param;
use crate::shared::lock;
use crate::status::Status;
use crate::value::ParamKind;
use crate::violation::{Rule, Severity};

pub(super) static SUITE: OfxParametricParameterSuiteV1 = OfxParametricParameterSuiteV1 {
    parametricParamGetValue: Some(get_value),
    parametricParamGetNControlPoints: Some(get_count),
    parametricParamGetNthControlPoint: Some(get_point),
    parametricParamSetNthControlPoint: Some(set_point),
    parametricParamAddControlPoint: Some(add_point),
    parametricParamDeleteControlPoint: Some(delete_point),
    parametricParamDeleteAllControlPoints: Some(delete_points),
};

/// For hosts that have the suite in name only.
pub(super) static STUB: OfxParametricParameterSuiteV1 = OfxParametricParameterSuiteV1 {
    parametricParamGetValue: Some(stub_value),
    parametricParamGetNControlPoints: Some(stub_count),
    parametricParamGetNthControlPoint: Some(stub_point),
    parametricParamSetNthControlPoint: Some(stub_set),
    parametricParamAddControlPoint: Some(stub_add),
    parametricParamDeleteControlPoint: Some(stub_delete),
    parametricParamDeleteAllControlPoints: Some(stub_clear),
};

/// A parametric param and an index of its curves. Descriptors may be given points: they are the default.
fn find(param: OfxParamHandle, curve: c_int, function: &str) -> Result<(Arc<Param>, usize), Status> {
    let param = handle::find::<Param>(param as *const c_void, function)?;
    if param.kind != ParamKind::Parametric {
        let message = format!("{function} on {}, which is not parametric", param.name());
        call::violate(Rule::ForbiddenCall, Severity::Error, message);
        return Err(Status::BAD_HANDLE);
    }
    let described = usize::try_from(param.props.int(ofx_sys::kOfxParamPropParametricDimension)).unwrap_or(0);
    {
        // While it is being described, the number of curves and their range may still change.
        let mut curves = lock(&param.curves);
        if curves.dimensions() != described {
            let range = param.props.doubles(ofx_sys::kOfxParamPropParametricRange);
            let range = (range.first().copied().unwrap_or(0.0), range.get(1).copied().unwrap_or(1.0));
            *curves = crate::param::curves::Curves::new(described, range);
        }
    }
    let index = usize::try_from(curve).ok().filter(|i| *i < described).ok_or(Status::BAD_INDEX)?;
    Ok((param, index))
}

fn nth_of(nth: c_int) -> Result<usize, Status> {
    usize::try_from(nth).map_err(|_| Status::BAD_INDEX)
}

/// A key is wanted and may be had.
fn keyed(param: &Param, key: bool) -> bool {
    key && param.animates()
}

unsafe extern "C" fn get_value(
    param: OfxParamHandle,
    curve: c_int,
    time: OfxTime,
    position: c_double,
    to: *mut c_double,
) -> OfxStatus {
    answer("parametricParamGetValue", || {
        let (param, i) = find(param, curve, "parametricParamGetValue")?;
        let value = lock(&param.curves).value(i, time, position).ok_or(Status::BAD_INDEX)?;
        // SAFETY: the plug-in gives room for a number.
        unsafe { put(to, value, "parametricParamGetValue") }
    })
}

unsafe extern "C" fn get_count(
    param: OfxParamHandle,
    curve: c_int,
    time: c_double,
    to: *mut c_int,
) -> OfxStatus {
    answer("parametricParamGetNControlPoints", || {
        let (param, i) = find(param, curve, "parametricParamGetNControlPoints")?;
        let n = lock(&param.curves).at(i, time).map(Vec::len).ok_or(Status::BAD_INDEX)?;
        // SAFETY: the plug-in gives room for a number.
        unsafe { put(to, c_int::try_from(n).unwrap_or(c_int::MAX), "parametricParamGetNControlPoints") }
    })
}

unsafe extern "C" fn get_point(
    param: OfxParamHandle,
    curve: c_int,
    time: c_double,
    nth: c_int,
    key: *mut c_double,
    value: *mut c_double,
) -> OfxStatus {
    answer("parametricParamGetNthControlPoint", || {
        let (param, i) = find(param, curve, "parametricParamGetNthControlPoint")?;
        let nth = nth_of(nth)?;
        let point =
            lock(&param.curves).at(i, time).and_then(|c| c.get(nth).copied()).ok_or(Status::UNKNOWN)?;
        // SAFETY: the plug-in gives room for two numbers.
        unsafe {
            put(key, point.0, "parametricParamGetNthControlPoint")?;
            put(value, point.1, "parametricParamGetNthControlPoint")
        }
    })
}

unsafe extern "C" fn set_point(
    param: OfxParamHandle,
    curve: c_int,
    time: c_double,
    nth: c_int,
    key: c_double,
    value: c_double,
    animate: bool,
) -> OfxStatus {
    answer("parametricParamSetNthControlPoint", || {
        let (param, i) = find(param, curve, "parametricParamSetNthControlPoint")?;
        let animate = keyed(&param, animate);
        let done = lock(&param.curves).set(i, time, nth_of(nth)?, (key, value), animate);
        done.ok_or(Status::UNKNOWN)
    })
}

unsafe extern "C" fn add_point(
    param: OfxParamHandle,
    curve: c_int,
    time: c_double,
    key: c_double,
    value: c_double,
    animate: bool,
) -> OfxStatus {
    answer("parametricParamAddControlPoint", || {
        let (param, i) = find(param, curve, "parametricParamAddControlPoint")?;
        let animate = keyed(&param, animate);
        let done = lock(&param.curves).add(i, time, (key, value), animate);
        done.ok_or(Status::UNKNOWN)
    })
}

unsafe extern "C" fn delete_point(param: OfxParamHandle, curve: c_int, nth: c_int) -> OfxStatus {
    answer("parametricParamDeleteControlPoint", || {
        let (param, i) = find(param, curve, "parametricParamDeleteControlPoint")?;
        let done = lock(&param.curves).delete(i, nth_of(nth)?);
        done.ok_or(Status::BAD_INDEX)
    })
}

unsafe extern "C" fn delete_points(param: OfxParamHandle, curve: c_int) -> OfxStatus {
    answer("parametricParamDeleteAllControlPoints", || {
        let (param, i) = find(param, curve, "parametricParamDeleteAllControlPoints")?;
        let done = lock(&param.curves).clear(i);
        done.ok_or(Status::BAD_INDEX)
    })
}

unsafe extern "C" fn stub_value(_: OfxParamHandle, _: c_int, _: f64, _: f64, to: *mut f64) -> OfxStatus {
    // SAFETY: the plug-in gives room for a number.
    answer("parametricParamGetValue", || unsafe { put(to, 0.0, "parametricParamGetValue") })
}

unsafe extern "C" fn stub_count(_: OfxParamHandle, _: c_int, _: f64, to: *mut c_int) -> OfxStatus {
    // SAFETY: the plug-in gives room for a number.
    answer("parametricParamGetNControlPoints", || unsafe { put(to, 0, "parametricParamGetNControlPoints") })
}

unsafe extern "C" fn stub_point(
    _: OfxParamHandle,
    _: c_int,
    _: f64,
    _: c_int,
    _: *mut f64,
    _: *mut f64,
) -> OfxStatus {
    Status::BAD_INDEX.0
}

unsafe extern "C" fn stub_set(
    _: OfxParamHandle,
    _: c_int,
    _: f64,
    _: c_int,
    _: f64,
    _: f64,
    _: bool,
) -> OfxStatus {
    Status::OK.0
}

unsafe extern "C" fn stub_add(_: OfxParamHandle, _: c_int, _: f64, _: f64, _: f64, _: bool) -> OfxStatus {
    Status::OK.0
}

unsafe extern "C" fn stub_delete(_: OfxParamHandle, _: c_int, _: c_int) -> OfxStatus {
    Status::OK.0
}

unsafe extern "C" fn stub_clear(_: OfxParamHandle, _: c_int) -> OfxStatus {
    Status::OK.0
}
