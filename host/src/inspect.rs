//! Looks a description over for what hosts cannot take.

use std::ffi::CStr;
use std::sync::Arc;

use crate::clip::{components_of, depth_of};
use crate::context::Context;
use crate::description::EffectInfo;
use crate::object::EffectObject;
use crate::param::Param;
use crate::value::ParamKind;
use crate::violation::{Rule, Severity};

fn complain(object: &EffectObject, severity: Severity, message: String) {
    object.shared.report(Rule::BadDescription, severity, format!("{}: {message}", object.id));
}

/// After describe.
pub(crate) fn effect(object: &EffectObject, info: &EffectInfo) {
    let error = |message: String| complain(object, Severity::Error, message);
    if info.label.is_empty() {
        error("no label".into());
    }
    let described = object.props.texts(ofx_sys::kOfxImageEffectPropSupportedContexts);
    if described.is_empty() {
        error("no context".into());
    }
    for name in described.iter().filter(|n| Context::from_ofx_name(n).is_none()) {
        error(format!("no context is called {}", name.to_string_lossy()));
    }
    let depths = object.props.texts(ofx_sys::kOfxImageEffectPropSupportedPixelDepths);
    if depths.is_empty() {
        error("no pixel depth".into());
    }
    for name in depths.iter().filter(|n| depth_of(n).is_none()) {
        error(format!("no depth is called {}", name.to_string_lossy()));
    }
    let safety = object.props.text(ofx_sys::kOfxImageEffectPluginRenderThreadSafety);
    let known = [
        ofx_sys::kOfxImageEffectRenderUnsafe,
        ofx_sys::kOfxImageEffectRenderInstanceSafe,
        ofx_sys::kOfxImageEffectRenderFullySafe,
    ];
    if !known.contains(&safety.as_c_str()) {
        error(format!("no thread safety is called {}", safety.to_string_lossy()));
    }
}

/// After describeInContext.
pub(crate) fn context(object: &Arc<EffectObject>, context: Context) {
    let error = |message: String| complain(object, Severity::Error, message);
    for name in context.mandated_clips() {
        if object.clip(name).is_none() {
            error(format!("no clip {} in the {context} context", name.to_string_lossy()));
        }
    }
    for clip in object.clips() {
        let components = clip.props.texts(ofx_sys::kOfxImageEffectPropSupportedComponents);
        if components.is_empty() {
            error(format!("the clip {} takes no components", clip.name()));
        }
        for name in components.iter().filter(|n| components_of(n).is_none()) {
            let message =
                format!("the clip {} takes the unknown components {}", clip.name(), name.to_string_lossy());
            complain(object, Severity::Warning, message);
        }
        if clip.is_output() && clip.is_optional() {
            error("the output is optional".into());
        }
    }
    if context == Context::Transition {
        let name = ofx_sys::kOfxImageEffectTransitionParamName;
        if object.params.get(name).is_none_or(|p| p.kind != ParamKind::Double) {
            error("a transition without its Double param Transition".into());
        }
    }
    if context == Context::Retimer {
        let name = ofx_sys::kOfxImageEffectRetimerParamName;
        if object.params.get(name).is_none_or(|p| p.kind != ParamKind::Double) {
            error("a retimer without its Double param SourceTime".into());
        }
    }
    for param in object.params.all() {
        inspect_param(object, &param);
    }
}

fn inspect_param(object: &EffectObject, param: &Param) {
    let error = |message: String| complain(object, Severity::Error, message);
    let info = param.info();
    let name = &info.name;
    let is_group = |name: &str| object.params.by_name(name).is_some_and(|p| p.kind == ParamKind::Group);
    if !info.parent.is_empty() && !is_group(&info.parent) {
        error(format!("the parent {} of {name} is no group", info.parent));
    }
    for child in info.children.iter().filter(|c| !c.starts_with("OfxParamPageSkip")) {
        if object.params.by_name(child).is_none_or(|p| p.kind == ParamKind::Page) {
            error(format!("the child {child} of the page {name} is no param"));
        }
    }
    let default = info.default.as_ref().map(|v| v.to_doubles()).unwrap_or_default();
    if info.kind == ParamKind::Choice {
        let index = default.first().copied().unwrap_or(0.0);
        if info.options.is_empty() || index < 0.0 || index >= info.options.len() as f64 {
            error(format!("the default {index} of {name} is none of its {} options", info.options.len()));
        }
    }
    let inside = |range: &Option<(Vec<f64>, Vec<f64>)>| {
        range.as_ref().is_none_or(|(low, high)| {
            default.iter().zip(low.iter().zip(high)).all(|(v, (low, high))| low <= v && v <= high)
        })
    };
    let spatial_parts = info.coordinates.as_bytes() == ofx_sys::kOfxParamCoordinatesNormalised.to_bytes();
    if !inside(&info.range) && !spatial_parts {
        error(format!("the default of {name} is out of its range"));
    }
    let wrong_way = |range: &Option<(Vec<f64>, Vec<f64>)>| {
        range.as_ref().is_some_and(|(low, high)| low.iter().zip(high).any(|(low, high)| low > high))
    };
    if wrong_way(&info.range) || wrong_way(&info.display_range) {
        error(format!("a range of {name} is the wrong way round"));
    }
    let changed = |name: &CStr| param.props.is_changed(name);
    let ranged = changed(ofx_sys::kOfxParamPropMin) || changed(ofx_sys::kOfxParamPropMax);
    let shown = changed(ofx_sys::kOfxParamPropDisplayMin) && changed(ofx_sys::kOfxParamPropDisplayMax);
    if object.shared.profile.quirks.needs_display_range && ranged && !shown {
        complain(object, Severity::Warning, format!("{name} has a range and no display range"));
    }
}
