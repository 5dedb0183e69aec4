//! Which planes an effect with several reads and makes: Nuke's getClipComponents.

use std::ffi::{CStr, CString};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::object::EffectObject;
use crate::preferences::name_for;
use crate::property::{Values, Write};
use crate::regions::doubles;
use crate::status::Status;
use crate::violation::{Rule, Severity};

/// Asks an effect with several planes what it makes, and whether `plane` (none is the colour) is among it.
pub(crate) fn check(object: &Arc<EffectObject>, time: f64, plane: Option<&str>) -> Result<()> {
    let several = object.shared.profile.supports.multi_planar
        && object.description.int(ofx_sys::kFnOfxImageEffectPropMultiPlanar) != 0;
    let colour = ofx_sys::kFnOfxImagePlaneColour;
    let made = if several { made(object, time)? } else { vec![colour.to_owned()] };
    let wanted = plane.map_or(Ok(colour.to_owned()), CString::new).unwrap_or_default();
    if made.contains(&wanted) {
        return Ok(());
    }
    Err(Error::Unsupported {
        what: format!("plane {} from {}", wanted.to_string_lossy(), object.id),
        profile: object.shared.profile.name.clone(),
    })
}

/// The output's planes.
fn made(object: &Arc<EffectObject>, time: f64) -> Result<Vec<CString>> {
    let action = ofx_sys::kFnOfxImageEffectActionGetClipComponents;
    let args = object.arguments("inArgs");
    doubles(&args, ofx_sys::kOfxPropTime, &[time]);
    args.define(ofx_sys::kFnOfxImageEffectPropView, Values::Int(vec![0]), 1, Write::Host);
    let out = object.arguments("outArgs");
    let prefix = ofx_sys::kFnOfxImageEffectActionGetClipComponentsPropString.to_string_lossy();
    let colour = || Values::Text(vec![ofx_sys::kFnOfxImagePlaneColour.to_owned()]);
    for clip in object.clips() {
        out.define(&name_for(&prefix, &clip), colour(), 0, Write::Always);
    }
    let text = |name: &CStr| out.define(name, Values::Text(vec![CString::default()]), 1, Write::Always);
    text(ofx_sys::kFnOfxImageEffectPropPassThroughClip);
    out.define(ofx_sys::kFnOfxImageEffectPropPassThroughTime, Values::Double(vec![time]), 1, Write::Always);
    out.define(ofx_sys::kFnOfxImageEffectPropPassThroughView, Values::Int(vec![0]), 1, Write::Always);
    let status = object.act(action, Some(&args), Some(&out), None);
    if !status.is_fine() {
        return Err(object.failed(action, status));
    }
    let through = out.text(ofx_sys::kFnOfxImageEffectPropPassThroughClip);
    if !through.is_empty() && object.clip(&through).is_none() {
        let message = format!("planes passed through from {}, which is no clip", through.to_string_lossy());
        object.shared.report(Rule::BadReply, Severity::Error, message);
    }
    let output = object.clips().into_iter().find(|c| c.is_output());
    let planes = output.map(|c| out.texts(&name_for(&prefix, &c))).unwrap_or_default();
    if status == Status::OK && planes.is_empty() {
        object.shared.report(Rule::BadReply, Severity::Error, "an output without a plane".into());
    }
    Ok(planes)
}
