//! A plug-in asks for an image: whether it may, what it gets.

use std::ffi::CStr;
use std::sync::Arc;

use ofx_sys::OfxPropertySetHandle;

use crate::call;
use crate::clip::{Clip, Wanted};
use crate::geometry::RectD;
use crate::image::{self, Label};
use crate::job::Field;
use crate::object::{EffectObject, Role};
use crate::render::RenderState;
use crate::report::{Message, MessageKind};
use crate::shared::lock;
use crate::source::SourceError;
use crate::status::Status;
use crate::violation::{Rule, Severity};

/// Actions in which no image can be had.
const WITHOUT_IMAGES: [&CStr; 13] = [
    ofx_sys::kOfxActionLoad,
    ofx_sys::kOfxActionUnload,
    ofx_sys::kOfxActionDescribe,
    ofx_sys::kOfxImageEffectActionDescribeInContext,
    ofx_sys::kOfxActionCreateInstance,
    ofx_sys::kOfxActionDestroyInstance,
    ofx_sys::kOfxImageEffectActionGetRegionOfDefinition,
    ofx_sys::kOfxImageEffectActionGetRegionsOfInterest,
    ofx_sys::kOfxImageEffectActionGetTimeDomain,
    ofx_sys::kOfxImageEffectActionGetFramesNeeded,
    ofx_sys::kOfxImageEffectActionGetClipPreferences,
    ofx_sys::kOfxImageEffectActionIsIdentity,
    ofx_sys::kFnOfxImageEffectActionGetClipComponents,
];

/// The render that a call belongs to; on a thread that the host did not make, the one that fits best.
pub(crate) fn render_of(effect: &EffectObject, time: f64) -> Option<Arc<RenderState>> {
    let own = call::current().and_then(|c| c.render);
    own.or_else(|| {
        let renders = lock(&effect.renders);
        renders.iter().find(|r| r.time == time).or(renders.first()).cloned()
    })
}

/// `Ok(null)` is a clip that looks connected and is not.
pub(crate) fn image(
    clip: &Arc<Clip>,
    time: f64,
    region: Option<RectD>,
    plane: Option<&CStr>,
    function: &str,
) -> Result<OfxPropertySetHandle, Status> {
    let effect = clip.effect.upgrade().ok_or(Status::BAD_HANDLE)?;
    let shared = effect.shared.clone();
    let forbid = |message: String| {
        shared.report(Rule::ForbiddenCall, Severity::Error, message);
        Err(Status::FAILED)
    };
    let name = clip.name();
    let current = call::current();
    let action = current.as_ref().map(|c| c.action);
    if !matches!(effect.role, Role::Instance(_)) {
        return forbid(format!("{function} on the clip {name} of a descriptor"));
    }
    if action.is_some_and(|a| WITHOUT_IMAGES.contains(&a)) {
        return forbid(format!("{function} on {name} in an action without images"));
    }
    if current.is_none() && shared.profile.quirks.images_on_host_threads_only {
        let message = format!("{function} on {name} from a thread that the host did not make");
        shared.report(Rule::WrongThread, Severity::Error, message);
    }
    if !time.is_finite() {
        return forbid(format!("{function} on {name} at the time {time}"));
    }
    let render = render_of(&effect, time);
    // A plane named as the colour is the main picture.
    let plane = plane.filter(|p| *p != ofx_sys::kFnOfxImagePlaneColour);
    if clip.is_output() {
        let Some(render) = render else { return forbid(format!("{function} on {name} outside of a render")) };
        return output(&effect, &render, plane, &name);
    }
    let scale = render.as_ref().map_or((1.0, 1.0), |r| r.scale);
    let wanted = Wanted {
        time: check_time(&effect, clip, time, render.as_deref(), function)?,
        region: check_region(&effect, clip, region, render.as_deref(), function),
        scale,
        plane: plane.map(|p| p.to_string_lossy().into_owned()),
    };
    match clip.prepare(&wanted, &shared.profile.layout) {
        Ok(Some(prepared)) => {
            let what = match &wanted.plane {
                None => format!("frame {} of {name}", wanted.time),
                Some(plane) => format!("frame {} of {name}, plane {plane}", wanted.time),
            };
            let acting = effect.acting();
            let label = Label { what, components: None, scale, field: Field::None, is_output: false, acting };
            Ok(image::lend(&shared, &prepared, label))
        }
        Ok(None) if shared.profile.quirks.phantom_connections && plane.is_none() => Ok(std::ptr::null_mut()),
        Ok(None) if shared.profile.quirks.hollow_images && plane.is_none() => Ok(image::lend_hollow(
            &shared,
            format!("an image of {name}, which is not connected"),
            effect.acting(),
        )),
        Ok(None) => Err(Status::FAILED),
        Err(e) => {
            if let SourceError::Broken(text) = &e {
                shared.hear(Message {
                    kind: MessageKind::Error,
                    id: String::new(),
                    text: format!("{name}: {text}"),
                    persistent: false,
                    effect: effect.id.to_string(),
                });
            }
            Err(Status::FAILED)
        }
    }
}

fn output(
    effect: &EffectObject,
    render: &RenderState,
    plane: Option<&CStr>,
    name: &str,
) -> Result<OfxPropertySetHandle, Status> {
    let asked = plane.unwrap_or(ofx_sys::kFnOfxImagePlaneColour);
    if plane.is_some() && asked != render.plane.as_c_str() {
        let message = format!("the plane {} of {name} is not being rendered", asked.to_string_lossy());
        effect.shared.report(Rule::ForbiddenCall, Severity::Error, message);
        return Err(Status::FAILED);
    }
    let what = format!("frame {} of {name}", render.time);
    let label = Label {
        what,
        components: render.components.clone(),
        scale: render.scale,
        field: render.field,
        is_output: true,
        acting: effect.acting(),
    };
    Ok(image::lend(&effect.shared, &render.output, label))
}

/// The time to fetch, where it may be fetched.
fn check_time(
    effect: &EffectObject,
    clip: &Clip,
    time: f64,
    render: Option<&RenderState>,
    function: &str,
) -> Result<f64, Status> {
    let profile = &effect.shared.profile;
    let Some(render) = render else {
        return Ok(if profile.quirks.clip_ignores_time { effect.time() } else { time });
    };
    if profile.quirks.clip_ignores_time {
        return Ok(render.time);
    }
    let name = clip.name();
    if time != render.time && !profile.supports.temporal {
        let message = format!("{function} on {name} at another time than the one rendered");
        effect.shared.report(Rule::UnneededFrame, Severity::Error, message);
        return Err(Status::FAILED);
    }
    if render.needed.as_ref().is_some_and(|needed| !needed.covers(&clip.name, time)) {
        let message = format!(
            "{function} on {name} at {:+} frames, which getFramesNeeded did not name",
            time - render.time
        );
        effect.shared.report(Rule::UnneededFrame, Severity::Error, message);
    }
    Ok(time)
}

/// The region to hand out: what was asked, else the region of interest; all where there are no tiles.
fn check_region(
    effect: &EffectObject,
    clip: &Clip,
    region: Option<RectD>,
    render: Option<&RenderState>,
    function: &str,
) -> Option<RectD> {
    let tiles = effect.takes_tiles() && clip.props.int(ofx_sys::kOfxImageEffectPropSupportsTiles) != 0;
    let interest = render.and_then(|r| r.interest.get(&clip.name).copied());
    if let (Some(asked), Some(interest), true) = (region, interest, tiles) {
        let within = clip.definition().map_or(asked, |d| asked.intersect(&d));
        if !interest.contains(&within, 1.0) {
            let message =
                format!("{function} on {} beyond the region of interest that was named", clip.name());
            effect.shared.report(Rule::OutsideRegion, Severity::Error, message);
        }
    }
    region.or(interest).filter(|_| tiles)
}
