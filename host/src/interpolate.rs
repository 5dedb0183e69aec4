//! A param's value at a time, customs by the plug-in's own function.

use std::ffi::CString;
use std::sync::Arc;

use ofx_sys::OfxCustomParamInterpFuncV1;

use crate::call::{self, Call};
use crate::object::EffectObject;
use crate::param::Param;
use crate::property::{PropSet, Values, Write};
use crate::shared::lock;
use crate::status::Status;
use crate::value::{ParamKind, Value};
use crate::violation::{Rule, Severity};

/// See the module.
pub(crate) fn value(effect: &Arc<EffectObject>, param: &Param, time: f64) -> Value {
    let plain = lock(&param.track).at(time);
    if param.kind != ParamKind::Custom {
        return plain;
    }
    custom(effect, param, time).unwrap_or(plain)
}

/// Asks the plug-in, between two keys.
fn custom(effect: &Arc<EffectObject>, param: &Param, time: f64) -> Option<Value> {
    let address = param.props.pointer(ofx_sys::kOfxParamPropCustomInterpCallbackV1);
    if address == 0 {
        return None;
    }
    let (left, right, amount, times) = {
        let track = lock(&param.track);
        let times = track.span_times(time)?;
        let (left, right, amount) = track.span(time)?;
        (left.to_c_text(), right.to_c_text(), amount, times)
    };
    if times.0 >= times.1 || !(times.0..times.1).contains(&time) {
        return None;
    }
    let inputs = PropSet::arguments(&effect.shared, "inArgs");
    inputs.define(ofx_sys::kOfxPropName, Values::Text(vec![param.name.clone()]), 1, Write::Host);
    inputs.define(ofx_sys::kOfxPropTime, Values::Double(vec![time]), 1, Write::Host);
    inputs.define(ofx_sys::kOfxParamPropCustomValue, Values::Text(vec![left, right]), 2, Write::Host);
    let span = Values::Double(vec![times.0, times.1]);
    inputs.define(ofx_sys::kOfxParamPropInterpolationTime, span, 2, Write::Host);
    inputs.define(ofx_sys::kOfxParamPropInterpolationAmount, Values::Double(vec![amount]), 1, Write::Host);
    let outputs = PropSet::arguments(&effect.shared, "outArgs");
    outputs.define(
        ofx_sys::kOfxParamPropCustomValue,
        Values::Text(vec![CString::default()]),
        1,
        Write::Always,
    );
    // SAFETY: the plug-in described this address as its interpolation function.
    let function = unsafe { std::mem::transmute::<usize, OfxCustomParamInterpFuncV1>(address) }?;
    let render = call::current().and_then(|c| c.render);
    let entered = call::enter(Call {
        shared: effect.shared.clone(),
        plugin: effect.id.clone(),
        effect: Some(effect.clone()),
        action: c"OfxCustomParamInterpFuncV1",
        serial: call::serial(),
        render,
        thread: None,
    });
    // SAFETY: handles that outlive the call.
    let status = Status(unsafe {
        function(effect.params.handle.as_ptr(), inputs.handle.as_ptr(), outputs.handle.as_ptr())
    });
    if !status.is_fine() {
        let message = format!("the interpolation of {} failed with {status}", param.name());
        effect.shared.report(Rule::BadReply, Severity::Error, message);
    }
    drop(entered);
    status.is_fine().then(|| Value::Text(outputs.string(ofx_sys::kOfxParamPropCustomValue)))
}
