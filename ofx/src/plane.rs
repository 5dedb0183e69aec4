//! The planes of a clip's images (Nuke, Natron): those with names of their own, and those that an effect names.
//!
//! Nuke's extension (`nuke/fnOfxExtensions.h`) has the five below. Natron's (`ofxNatron.h`) lets an effect name planes: the name and
//! those of 1 to 4 channels are spelled in one string, with labels between them where there are any. Natron spells a plane in full
//! when it asks for it, so planes are told by their names and not by their strings.

use core::ffi::CStr;
use std::ffi::CString;

use ofx_sys as sys;

use crate::args::RenderArgs;
use crate::error::Result;
use crate::image::OutputImage;
use crate::instance::Instance;

/// Colour, alpha: the plane that [`Clip::image`](crate::Clip::image) gives.
pub const COLOUR: &CStr = sys::kFnOfxImagePlaneColour;
/// Where each pixel goes on the next frame.
pub const FORWARD_MOTION: &CStr = sys::kFnOfxImagePlaneForwardMotionVector;
/// Where each pixel goes on the frame before.
pub const BACKWARD_MOTION: &CStr = sys::kFnOfxImagePlaneBackwardMotionVector;
/// Disparity of the left eye.
pub const DISPARITY_LEFT: &CStr = sys::kFnOfxImagePlaneStereoDisparityLeft;
/// Disparity of the right eye.
pub const DISPARITY_RIGHT: &CStr = sys::kFnOfxImagePlaneStereoDisparityRight;

/// How Natron begins a plane that has a name, and what may follow the name.
const NAME: &str = "NatronOfxImageComponentsPlaneName_";
const LABEL: &str = "_PlaneLabel_";
const CHANNELS_LABEL: &str = "_ChannelsLabel_";
const CHANNEL: &str = "_Channel_";

/// The plane of this name with these channels, 1 to 4, in a host that [names planes](crate::Host::names_planes).
pub fn named(name: &str, channels: &[&str]) -> CString {
    let channels = channels.iter().map(|c| format!("{CHANNEL}{}", spelled(c)));
    // `spelled` leaves no zero byte.
    CString::new(format!("{NAME}{}{}", spelled(name), channels.collect::<String>())).unwrap_or_default()
}

impl Instance {
    /// The images that a render is to fill, one after the other, each with its plane; `None` is the colour. In hosts that do not
    /// name planes there is one.
    pub fn outputs<'i>(
        &'i self,
        args: &'i RenderArgs,
    ) -> impl Iterator<Item = Result<(Option<&'i str>, OutputImage<'i>)>> {
        let several = self.host().names_planes() && !args.planes.is_empty();
        let colour = (!several).then(|| Ok((None, self.output(args.time)?)));
        let planes = args.planes.iter().filter(move |_| several).map(|asked| {
            log::trace!("rendering plane {asked}");
            let name = CString::new(asked.as_str()).unwrap_or_default();
            let image = self.output_plane(args.time, &name, args.view)?;
            Ok(((name.as_c_str() != COLOUR).then_some(asked.as_str()), image))
        });
        colour.into_iter().chain(planes)
    }
}

/// The name of a plane, as [`spelled`]; none of one that is not named so.
pub fn name(plane: &str) -> Option<&str> {
    let rest = plane.strip_prefix(NAME)?;
    let end = [LABEL, CHANNELS_LABEL, CHANNEL].iter().filter_map(|mark| rest.find(mark)).min()?;
    Some(&rest[..end])
}

/// A name as planes and the layers of files can have it: letters and digits of any script, `_` and `-`, and `_` for all else.
pub fn spelled(name: &str) -> String {
    let letter = |c: char| if c.is_alphanumeric() || c == '-' { c } else { '_' };
    let plain: String = name.trim().chars().map(letter).collect();
    // What follows a name must not be found in it.
    let plain = plain.replace("_Channel", "-Channel").replace("_PlaneLabel", "-PlaneLabel");
    if plain.is_empty() { "_".to_owned() } else { plain }
}

/// Channels of a plane that is named, 1 to 4.
pub(crate) fn channels(plane: &str) -> Option<u8> {
    let channels = plane.strip_prefix(NAME)?.matches(CHANNEL).count();
    (1..=4).contains(&channels).then_some(channels as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_however_a_host_spells_the_plane() {
        for (given, kept) in [
            ("mouth", "mouth"),
            ("upper face.L", "upper_face_L"),
            (" brow-2 ", "brow-2"),
            ("a_", "a_"),
            ("a_Channel", "a-Channel"),
            ("x_Channel_y_PlaneLabel_ChannelsLabel_", "x-Channel_y-PlaneLabel-ChannelsLabel_"),
            ("M\u{fc}nder\0", "M\u{fc}nder_"),
            ("", "_"),
        ] {
            assert_eq!(spelled(given), kept);
            let plane = named(given, &["A"]);
            let plane = plane.to_str().unwrap();
            assert_eq!((name(plane), channels(plane)), (Some(kept), Some(1)), "{plane}");
            let full = format!("{NAME}{kept}{LABEL}{kept}{CHANNELS_LABEL}A{CHANNEL}A");
            assert_eq!((name(&full), channels(&full)), (Some(kept), Some(1)), "{full}");
        }
        assert_eq!(name(COLOUR.to_str().unwrap()), None);
        assert_eq!(name("NatronOfxImageComponentsPlaneName_mouth"), None);
        let two = named("motion", &["X", "Y"]);
        assert_eq!(two, c"NatronOfxImageComponentsPlaneName_motion_Channel_X_Channel_Y".to_owned());
        assert_eq!(channels(two.to_str().unwrap()), Some(2));
    }
}
