//! Clip preferences: in which form the clips hand their images out, and what the output is.

use std::ffi::{CStr, CString};
use std::sync::Arc;

use crate::clip::{
    Clip, Mapped, components_name, components_of, depth_name, depth_of, premultiplication_name,
    premultiplication_of,
};
use crate::error::{Error, Result};
use crate::object::EffectObject;
use crate::picture::{Components, Depth, Premultiplication};
use crate::property::{PropSet, Values, Write};
use crate::shared::lock;
use crate::status::Status;
use crate::violation::{Rule, Severity};

/// What the action settled beyond the clips.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Preferences {
    pub output: Mapped,
    pub frame_rate: f64,
}

pub(crate) fn name_for(prefix: &str, clip: &Clip) -> CString {
    CString::new(format!("{prefix}{}", clip.name())).unwrap_or_default()
}

/// Asks the plug-in and tells the clips.
pub(crate) fn settle(object: &Arc<EffectObject>) -> Result<Preferences> {
    let action = ofx_sys::kOfxImageEffectActionGetClipPreferences;
    let clips = object.clips();
    let shared = &object.shared;
    let before = defaults(object, &clips)?;
    let place = lock(&object.place).clone();
    let out = object.arguments("outArgs");
    for (clip, mapped) in clips.iter().zip(&before) {
        let text = |t: &CStr| Values::Text(vec![t.to_owned()]);
        let components = text(components_name(mapped.components));
        out.define(&name_for("OfxImageClipPropComponents_", clip), components, 1, Write::Always);
        let depth = text(depth_name(mapped.depth));
        out.define(&name_for("OfxImageClipPropDepth_", clip), depth, 1, Write::Always);
        let aspect = Values::Double(vec![mapped.pixel_aspect]);
        out.define(&name_for("OfxImageClipPropPAR_", clip), aspect, 1, Write::Always);
    }
    let output_at = clips.iter().position(|c| c.is_output());
    let Some(default) = output_at.map(|i| before[i]) else {
        return Err(object.failed(action, Status::FAILED));
    };
    let premultiplication = premultiplication_name(default.premultiplication).to_owned();
    out.define(
        ofx_sys::kOfxImageEffectPropPreMultiplication,
        Values::Text(vec![premultiplication]),
        1,
        Write::Always,
    );
    let rate = place.project.frame_rate;
    out.define(ofx_sys::kOfxImageEffectPropFrameRate, Values::Double(vec![rate]), 1, Write::Always);
    let field = Values::Text(vec![ofx_sys::kOfxImageFieldNone.to_owned()]);
    out.define(ofx_sys::kOfxImageClipPropFieldOrder, field, 1, Write::Always);
    out.define(ofx_sys::kOfxImageClipPropContinuousSamples, Values::Int(vec![0]), 1, Write::Always);
    out.define(ofx_sys::kOfxImageEffectFrameVarying, Values::Int(vec![0]), 1, Write::Always);
    let status = if shared.profile.calls(&action.to_string_lossy()) {
        object.act(action, None, Some(&out), None)
    } else {
        Status::REPLY_DEFAULT
    };
    if !status.is_fine() {
        return Err(object.failed(action, status));
    }
    let mut output = default;
    for (clip, default) in clips.iter().zip(&before) {
        let mapped = read(object, &out, clip, *default);
        if clip.is_output() {
            output = mapped;
        }
        if clip.is_connected() || clip.is_output() {
            clip.set_mapped(mapped);
        }
    }
    let asked = out.doubles(ofx_sys::kOfxImageEffectPropFrameRate).first().copied().unwrap_or(rate);
    let frame_rate = if shared.profile.supports.setable_frame_rate && asked > 0.0 { asked } else { rate };
    for clip in &clips {
        clip.update(shared, if clip.is_output() { frame_rate } else { rate }, place.project.range);
    }
    let samples = out.int(ofx_sys::kOfxImageClipPropContinuousSamples);
    if let Some(clip) = output_at.map(|i| &clips[i]) {
        clip.props.set_int(ofx_sys::kOfxImageClipPropContinuousSamples, samples);
    }
    Ok(Preferences { output, frame_rate })
}

/// What the plug-in answered for one clip, where that makes sense.
fn read(object: &EffectObject, out: &PropSet, clip: &Clip, default: Mapped) -> Mapped {
    let shared = &object.shared;
    let complain = |message: String| shared.report(Rule::BadReply, Severity::Error, message);
    let mut mapped = default;
    let components = out.text(&name_for("OfxImageClipPropComponents_", clip));
    match components_of(&components) {
        Some(c) if c == default.components || takes(clip, c) => mapped.components = c,
        _ => complain(format!("{} cannot be {}", clip.name(), components.to_string_lossy())),
    }
    let depth = out.text(&name_for("OfxImageClipPropDepth_", clip));
    match depth_of(&depth) {
        Some(d) if d == default.depth => {}
        Some(d) if several_depths(object) && usable_depths(object).contains(&d) => mapped.depth = d,
        _ => complain(format!("{} cannot have the depth {}", clip.name(), depth.to_string_lossy())),
    }
    let aspect = out.doubles(&name_for("OfxImageClipPropPAR_", clip)).first().copied().unwrap_or(1.0);
    if aspect != default.pixel_aspect {
        match shared.profile.supports.multiple_pixel_aspects && aspect.is_finite() && aspect > 0.0 {
            true => mapped.pixel_aspect = aspect,
            false => complain(format!("{} cannot have the pixel aspect {aspect}", clip.name())),
        }
    }
    if clip.is_output() {
        let premultiplication = out.text(ofx_sys::kOfxImageEffectPropPreMultiplication);
        match premultiplication_of(&premultiplication) {
            Some(p) => mapped.premultiplication = p,
            None => {
                complain(format!("no premultiplication is called {}", premultiplication.to_string_lossy()))
            }
        }
    }
    mapped
}

fn several_depths(object: &EffectObject) -> bool {
    object.shared.profile.supports.multiple_depths
        && object.description.int(ofx_sys::kOfxImageEffectPropSupportsMultipleClipDepths) != 0
}

/// Depths that both sides have, the dearest last.
fn usable_depths(object: &EffectObject) -> Vec<Depth> {
    let described = object.description.texts(ofx_sys::kOfxImageEffectPropSupportedPixelDepths);
    let takes = |d: &Depth| described.iter().any(|t| t.as_c_str() == depth_name(*d));
    object.shared.profile.depths.iter().copied().filter(takes).collect()
}

fn rank(depth: Depth) -> usize {
    [Depth::Byte, Depth::Short, Depth::Half, Depth::Float].iter().position(|d| *d == depth).unwrap_or(0)
}

/// The clip says that it takes these components.
pub(crate) fn takes(clip: &Clip, components: Components) -> bool {
    let described = clip.props.texts(ofx_sys::kOfxImageEffectPropSupportedComponents);
    described.iter().any(|t| components_of(t) == Some(components))
}

/// The form each clip gets where the plug-in says nothing.
fn defaults(object: &EffectObject, clips: &[Arc<Clip>]) -> Result<Vec<Mapped>> {
    let shared = &object.shared;
    let depths = usable_depths(object);
    let Some(best) = depths.last().copied() else {
        return Err(Error::Context {
            effect: object.id.to_string(),
            context: "a clip".into(),
            reason: format!("it takes no depth that the {} profile has", shared.profile.name),
        });
    };
    // The cheapest that loses nothing.
    let fitting = |d: Depth| depths.iter().copied().find(|u| rank(*u) >= rank(d)).unwrap_or(best);
    let project_aspect = lock(&object.place).project.pixel_aspect;
    let offered = |c: Components| {
        shared
            .profile
            .components
            .iter()
            .any(|n| CString::new(n.as_str()).is_ok_and(|n| components_of(&n) == Some(c)))
    };
    let choose = |clip: &Clip, wish: Option<Components>| {
        let order = [Components::Rgba, Components::Rgb, Components::Alpha, Components::Xy];
        wish.into_iter().chain(order).find(|c| takes(clip, *c) && offered(*c)).unwrap_or(Components::Rgba)
    };
    let inputs: Vec<&Arc<Clip>> = clips.iter().filter(|c| !c.is_output() && c.is_connected()).collect();
    let common =
        inputs.iter().filter_map(|c| c.input().format).map(|f| fitting(f.depth)).max_by_key(|d| rank(*d));
    let common = common.unwrap_or(best);
    let main = inputs.iter().find(|c| {
        [ofx_sys::kOfxImageEffectSimpleSourceClipName, ofx_sys::kOfxImageEffectTransitionSourceFromClipName]
            .contains(&c.name.as_c_str())
    });
    let main = main.or(inputs.first()).and_then(|c| c.input().format.map(|f| (c, f)));
    Ok(clips
        .iter()
        .map(|clip| {
            let format = if clip.is_output() { main.clone().map(|m| m.1) } else { clip.input().format };
            let wish = if clip.is_output() {
                main.as_ref().map(|(c, f)| choose(c, Some(f.components)))
            } else {
                format.as_ref().map(|f| f.components)
            };
            let components = choose(clip, wish);
            let depth = match (&format, several_depths(object), clip.is_output()) {
                (Some(f), true, false) => fitting(f.depth),
                _ => common,
            };
            let premultiplication = match (&format, components) {
                (_, Components::Rgb | Components::Xy) => Premultiplication::Opaque,
                (Some(f), _) => f.premultiplication,
                (None, _) => Premultiplication::Premultiplied,
            };
            let pixel_aspect = format.map_or(project_aspect, |f| f.pixel_aspect);
            Mapped { components, depth, pixel_aspect, premultiplication }
        })
        .collect())
}
