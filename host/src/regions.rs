//! What an effect covers and what it needs: regions and frames.

use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::sync::Arc;

use crate::clip::Clip;
use crate::context::Context;
use crate::error::Result;
use crate::geometry::RectD;
use crate::job::Field;
use crate::object::{EffectObject, Role};
use crate::picture::RectI;
use crate::preferences::name_for;
use crate::property::{PropSet, Values, Write};
use crate::shared::lock;
use crate::status::Status;
use crate::violation::{Rule, Severity};

/// Frames of each clip that a render may ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needed(HashMap<CString, Vec<(f64, f64)>>);

impl Needed {
    /// A frame of a clip was named.
    pub fn covers(&self, clip: &CStr, time: f64) -> bool {
        const SLACK: f64 = 1e-6;
        let spans = self.0.get(clip);
        spans.is_some_and(|s| s.iter().any(|(a, b)| (*a - SLACK..=*b + SLACK).contains(&time)))
    }
}

/// The same frame of another clip.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Identity {
    pub clip: CString,
    pub time: f64,
}

pub(crate) fn doubles(args: &PropSet, name: &CStr, values: &[f64]) {
    args.define(name, Values::Double(values.to_vec()), values.len(), Write::Host);
}

pub(crate) fn field_name(field: Field) -> CString {
    let name = match field {
        Field::None => ofx_sys::kOfxImageFieldNone,
        Field::Lower => ofx_sys::kOfxImageFieldLower,
        Field::Upper => ofx_sys::kOfxImageFieldUpper,
        Field::Both => ofx_sys::kOfxImageFieldBoth,
    };
    name.to_owned()
}

fn called(object: &EffectObject, action: &CStr) -> bool {
    object.shared.profile.calls(&action.to_string_lossy())
}

/// The region that the output covers.
pub(crate) fn definition(object: &Arc<EffectObject>, time: f64, scale: (f64, f64)) -> Result<RectD> {
    let action = ofx_sys::kOfxImageEffectActionGetRegionOfDefinition;
    let project = lock(&object.place).project.format;
    let default = default_definition(object, project);
    let mut region = default;
    if called(object, action) {
        let args = object.arguments("inArgs");
        doubles(&args, ofx_sys::kOfxPropTime, &[time]);
        doubles(&args, ofx_sys::kOfxImageEffectPropRenderScale, &[scale.0, scale.1]);
        let out = object.arguments("outArgs");
        let name = ofx_sys::kOfxImageEffectPropRegionOfDefinition;
        out.define(name, Values::Double(default.to_array().to_vec()), 4, Write::Always);
        let status = object.act(action, Some(&args), Some(&out), None);
        if !status.is_fine() {
            return Err(object.failed(action, status));
        }
        if status == Status::OK {
            region = rectangle(&out.doubles(name)).unwrap_or(default);
        }
    }
    if !region.is_finite() || region.x2 < region.x1 || region.y2 < region.y1 {
        let message = format!("a region of definition of {:?}", region.to_array());
        object.shared.report(Rule::BadReply, Severity::Error, message);
        region = default;
    }
    // Infinite in practice, and hosts of one size, get the project's format.
    const ENDLESS: f64 = 1e6;
    let endless = region.to_array().iter().any(|v| v.abs() > ENDLESS);
    if endless || !object.shared.profile.supports.multi_resolution { Ok(project) } else { Ok(region) }
}

fn rectangle(v: &[f64]) -> Option<RectD> {
    match v {
        [x1, y1, x2, y2] => Some(RectD::new(*x1, *y1, *x2, *y2)),
        _ => None,
    }
}

fn default_definition(object: &EffectObject, project: RectD) -> RectD {
    let of = |name: &CStr| object.clip(name).and_then(|c| c.definition());
    let context = match object.role {
        Role::Instance(context) => context,
        _ => Context::General,
    };
    let region = match context {
        Context::Generator => None,
        Context::Filter | Context::Paint | Context::Retimer => {
            of(ofx_sys::kOfxImageEffectSimpleSourceClipName)
        }
        Context::Transition => {
            let from = of(ofx_sys::kOfxImageEffectTransitionSourceFromClipName);
            let to = of(ofx_sys::kOfxImageEffectTransitionSourceToClipName);
            from.map(|f| to.map_or(f, |t| f.union(&t))).or(to)
        }
        Context::General => {
            let clips = object.clips();
            let inputs = clips.iter().filter(|c| !c.is_output() && !c.is_optional());
            inputs.filter_map(|c| c.definition()).reduce(|a, b| a.union(&b))
        }
    };
    region.unwrap_or(project)
}

/// The region of each input that a render of `region` reads.
pub(crate) fn interest(
    object: &Arc<EffectObject>,
    time: f64,
    scale: (f64, f64),
    region: RectD,
) -> Result<HashMap<CString, RectD>> {
    let action = ofx_sys::kOfxImageEffectActionGetRegionsOfInterest;
    let clips: Vec<Arc<Clip>> = object.clips().into_iter().filter(|c| !c.is_output()).collect();
    let whole = |c: &Clip| c.definition().unwrap_or(region);
    let tiles = object.takes_tiles();
    if !(tiles || object.shared.profile.quirks.asks_regions_without_tiles) || !called(object, action) {
        return Ok(clips.iter().map(|c| (c.name.clone(), whole(c))).collect());
    }
    let args = object.arguments("inArgs");
    doubles(&args, ofx_sys::kOfxPropTime, &[time]);
    doubles(&args, ofx_sys::kOfxImageEffectPropRenderScale, &[scale.0, scale.1]);
    doubles(&args, ofx_sys::kOfxImageEffectPropRegionOfInterest, &region.to_array());
    let out = object.arguments("outArgs");
    for clip in &clips {
        let name = name_for("OfxImageClipPropRoI_", clip);
        out.define(&name, Values::Double(region.to_array().to_vec()), 4, Write::Always);
    }
    let status = object.act(action, Some(&args), Some(&out), None);
    if !status.is_fine() {
        return Err(object.failed(action, status));
    }
    let answers = clips.iter().map(|clip| {
        let tiles = tiles && clip.props.int(ofx_sys::kOfxImageEffectPropSupportsTiles) != 0;
        let named = rectangle(&out.doubles(&name_for("OfxImageClipPropRoI_", clip))).unwrap_or(region);
        let good = named.is_finite() && named.x2 >= named.x1 && named.y2 >= named.y1;
        if !good {
            let message = format!("a region of interest of {:?} of {}", named.to_array(), clip.name());
            object.shared.report(Rule::BadReply, Severity::Error, message);
        }
        (clip.name.clone(), if tiles && good { named } else { whole(clip) })
    });
    Ok(answers.collect())
}

/// The frames of each input that a render reads.
pub(crate) fn frames_needed(object: &Arc<EffectObject>, time: f64) -> Result<Needed> {
    let action = ofx_sys::kOfxImageEffectActionGetFramesNeeded;
    let clips: Vec<Arc<Clip>> = object.clips().into_iter().filter(|c| !c.is_output()).collect();
    let mut needed = Needed(clips.iter().map(|c| (c.name.clone(), vec![(time, time)])).collect());
    let temporal = object.shared.profile.supports.temporal
        && object.description.int(ofx_sys::kOfxImageEffectPropTemporalClipAccess) != 0;
    if !temporal || !called(object, action) {
        return Ok(needed);
    }
    let args = object.arguments("inArgs");
    doubles(&args, ofx_sys::kOfxPropTime, &[time]);
    let out = object.arguments("outArgs");
    for clip in &clips {
        let name = name_for("OfxImageClipPropFrameRange_", clip);
        out.define(&name, Values::Double(vec![time, time]), 0, Write::Always);
    }
    let status = object.act(action, Some(&args), Some(&out), None);
    if !status.is_fine() {
        return Err(object.failed(action, status));
    }
    for clip in &clips {
        let values = out.doubles(&name_for("OfxImageClipPropFrameRange_", clip));
        let good = values.len().is_multiple_of(2) && values.chunks_exact(2).all(|p| p[0] <= p[1]);
        if !good {
            let message = format!("frames {values:?} of {}", clip.name());
            object.shared.report(Rule::BadReply, Severity::Error, message);
            continue;
        }
        let spans: Vec<(f64, f64)> = values.chunks_exact(2).map(|p| (p[0], p[1])).collect();
        let other = spans.iter().any(|s| *s != (time, time));
        if other && clip.props.int(ofx_sys::kOfxImageEffectPropTemporalClipAccess) == 0 {
            let message = format!("other frames of {}, which is not described as temporal", clip.name());
            object.shared.report(Rule::BadReply, Severity::Error, message);
        }
        needed.0.insert(clip.name.clone(), spans);
    }
    Ok(needed)
}

/// Whether the frame is that of an input, unchanged.
pub(crate) fn identity(
    object: &Arc<EffectObject>,
    time: f64,
    scale: (f64, f64),
    window: RectI,
    field: Field,
) -> Result<Option<Identity>> {
    let action = ofx_sys::kOfxImageEffectActionIsIdentity;
    if !called(object, action) {
        return Ok(None);
    }
    let args = object.arguments("inArgs");
    doubles(&args, ofx_sys::kOfxPropTime, &[time]);
    doubles(&args, ofx_sys::kOfxImageEffectPropRenderScale, &[scale.0, scale.1]);
    let pixels = Values::Int(vec![window.x1, window.y1, window.x2, window.y2]);
    args.define(ofx_sys::kOfxImageEffectPropRenderWindow, pixels, 4, Write::Host);
    let text = Values::Text(vec![field_name(field)]);
    args.define(ofx_sys::kOfxImageEffectPropFieldToRender, text, 1, Write::Host);
    let out = object.arguments("outArgs");
    out.define(ofx_sys::kOfxPropName, Values::Text(vec![CString::default()]), 1, Write::Always);
    out.define(ofx_sys::kOfxPropTime, Values::Double(vec![time]), 1, Write::Always);
    let status = object.act(action, Some(&args), Some(&out), None);
    if !status.is_fine() {
        return Err(object.failed(action, status));
    }
    let clip = out.text(ofx_sys::kOfxPropName);
    if status != Status::OK || clip.is_empty() {
        return Ok(None);
    }
    let known = object.clip(&clip).is_some_and(|c| !c.is_output());
    if !known {
        let message = format!("identical to {}, which is no input", clip.to_string_lossy());
        object.shared.report(Rule::BadReply, Severity::Error, message);
        return Ok(None);
    }
    let time = out.doubles(ofx_sys::kOfxPropTime).first().copied().unwrap_or(time);
    Ok(Some(Identity { clip, time }))
}

/// First and last frame that the effect has something on.
pub(crate) fn time_domain(object: &Arc<EffectObject>) -> Result<(f64, f64)> {
    let action = ofx_sys::kOfxImageEffectActionGetTimeDomain;
    let range = lock(&object.place).project.range;
    let clips = object.clips();
    let inputs = clips.iter().filter(|c| !c.is_output() && !c.is_optional() && c.is_connected());
    let default =
        inputs.map(|c| c.frame_range(range)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or(range);
    // The specification has this action in the general context alone.
    if object.role != Role::Instance(Context::General) || !called(object, action) {
        return Ok(default);
    }
    let out = object.arguments("outArgs");
    let name = ofx_sys::kOfxImageEffectPropFrameRange;
    out.define(name, Values::Double(vec![default.0, default.1]), 2, Write::Always);
    let status = object.act(action, None, Some(&out), None);
    match (status, out.doubles(name).as_slice()) {
        (Status::OK, [first, last]) if first <= last => Ok((*first, *last)),
        (status, _) if status.is_fine() => Ok(default),
        (status, _) => Err(object.failed(action, status)),
    }
}
