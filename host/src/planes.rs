//! Which planes an effect with several reads and makes: Nuke's getClipComponents, with planes that effects name as in Natron.

use std::ffi::{CStr, CString};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::object::EffectObject;
use crate::picture::Components;
use crate::preferences::{name_for, takes};
use crate::property::{Values, Write};
use crate::regions::doubles;
use crate::status::Status;
use crate::violation::{Rule, Severity};

/// A plane to be rendered.
pub(crate) struct Plane {
    /// As the host spells it.
    pub name: CString,
    /// What its pixels are; `None` where they are what the output's are.
    pub components: Option<Components>,
    /// What its pixels are called, where that is other than what they are.
    pub called: Option<CString>,
}

/// The plane of an effect's output that is called `wanted`, by its OpenFX name or the effect's own for it; none is the colour.
pub(crate) fn chosen(object: &Arc<EffectObject>, time: f64, wanted: Option<&str>) -> Result<Plane> {
    let colour = ofx_sys::kFnOfxImagePlaneColour.to_string_lossy();
    let wanted = wanted.unwrap_or(&colour);
    let is_wanted = |made: &CString| {
        let made = made.to_string_lossy();
        made == wanted || Named::read(&made).is_some_and(|n| n.name == wanted)
    };
    let Some(name) = output(object, time)?.into_iter().find(is_wanted) else {
        return Err(Error::Unsupported {
            what: format!("plane {wanted} from {}", object.id),
            profile: object.shared.profile.name.clone(),
        });
    };
    let spelled = name.to_string_lossy();
    let Some(named) = Named::read(&spelled) else {
        // Nuke's planes beside the colour hold vectors.
        let components = (spelled != colour).then_some(Components::Xy);
        return Ok(Plane { name, components, called: None });
    };
    let components = match named.channels.len() {
        1 => Components::Alpha,
        2 => Components::Xy,
        3 => Components::Rgb,
        _ => Components::Rgba,
    };
    // Natron renders such a plane in the nearest form that the clip takes.
    if object.clips().iter().any(|c| c.is_output() && !takes(c, components)) {
        let message = format!(
            "the plane {} has {} channels, which Output does not take",
            named.name,
            named.channels.len()
        );
        object.shared.report(Rule::BadReply, Severity::Error, message);
    }
    let in_full = object.shared.profile.quirks.spells_planes_in_full;
    let name = if in_full { CString::new(named.in_full()).unwrap_or_default() } else { name.clone() };
    Ok(Plane { called: Some(name.clone()), name, components: Some(components) })
}

/// The planes of an effect's output; of one that knows no planes, the colour.
pub(crate) fn output(object: &Arc<EffectObject>, time: f64) -> Result<Vec<CString>> {
    let several = object.shared.profile.supports.multi_planar
        && object.description.int(ofx_sys::kFnOfxImageEffectPropMultiPlanar) != 0;
    if several { made(object, time) } else { Ok(vec![ofx_sys::kFnOfxImagePlaneColour.to_owned()]) }
}

/// A plane that an effect has named, in Natron's spelling.
struct Named<'p> {
    name: &'p str,
    channels: Vec<&'p str>,
}

impl<'p> Named<'p> {
    const CHANNEL: &'static str = "_Channel_";

    /// `None` for a plane that is not named so.
    fn read(plane: &'p str) -> Option<Self> {
        let rest = plane.strip_prefix("NatronOfxImageComponentsPlaneName_")?;
        let (head, channels) = rest.split_once(Self::CHANNEL)?;
        let cut = |text: &'p str, mark: &str| text.split_once(mark).map_or(text, |(before, _)| before);
        let name = cut(cut(head, "_PlaneLabel_"), "_ChannelsLabel_");
        let channels: Vec<&str> = channels.split(Self::CHANNEL).collect();
        (channels.len() <= 4).then_some(Named { name, channels })
    }

    /// With the labels that may be left out.
    fn in_full(&self) -> String {
        let Named { name, channels } = self;
        let (label, each) = (channels.concat(), channels.join(Self::CHANNEL));
        format!(
            "NatronOfxImageComponentsPlaneName_{name}_PlaneLabel_{name}_ChannelsLabel_{label}{}{each}",
            Self::CHANNEL
        )
    }
}

/// What an effect with several planes says that its output has.
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
