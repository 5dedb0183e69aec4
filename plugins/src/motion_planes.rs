//! Motion as planes of the host's beside the colour, in hosts where an effect may name planes (Natron): vectors in layers that are called
//! as Nuke's are, confidence and occlusion. The planes that Nuke's extension has for motion are not used: Natron's writer leaves a
//! file of them without channels.

use engine::vectors::{Convention, Pair};
use ofx::param::Bool;
use ofx::{ClipComponents, Components, Instance, Result, TimeArgs, plane};

pub const MOTION_PLANES: Bool = Bool::new(c"motionPlanes", c"Motion as planes").no_animation().help(
    c"Puts out planes (layers) beside what Output says: forward and backward, in pixels, y up, and confidence and occlusion with a \
      channel for each direction. For Shuffle, or a file with layers.",
);

/// What a picture of motion shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shown {
    Vectors(Convention),
    Confidence,
    Occlusion,
}

const PAIR: Option<Pair> = Some(Pair { u: 0, v: 1, reversed: false });
const FORWARD_PLANE: Convention = Convention { forward: PAIR, backward: None, ..Convention::NUKE };
const BACKWARD_PLANE: Convention = Convention { forward: None, backward: PAIR, ..Convention::NUKE };

const FORWARD: &str = "forward";
const BACKWARD: &str = "backward";
const CONFIDENCE: &str = "confidence";
const OCCLUSION: &str = "occlusion";

/// What the output is, with planes: a host makes no plane that the clip cannot be.
pub const COMPONENTS: &[Components] = &[Components::Rgba, Components::Xy];

/// The planes, with their channels.
const PLANES: [(&str, [&str; 2]); 4] = [
    (FORWARD, ["u", "v"]),
    (BACKWARD, ["u", "v"]),
    (CONFIDENCE, ["forward", "backward"]),
    (OCCLUSION, ["forward", "backward"]),
];

/// What a plane shows; `None` for one that is not ours.
pub fn shown(asked: &str) -> Option<Shown> {
    match plane::name(asked)? {
        FORWARD => Some(Shown::Vectors(FORWARD_PLANE)),
        BACKWARD => Some(Shown::Vectors(BACKWARD_PLANE)),
        CONFIDENCE => Some(Shown::Confidence),
        OCCLUSION => Some(Shown::Occlusion),
        _ => None,
    }
}

/// Says which planes there are. All others are the source's.
pub fn components(instance: &Instance, args: &TimeArgs, components: &mut ClipComponents<'_>) -> Result<()> {
    let wanted = instance.host().names_planes() && instance.get(&MOTION_PLANES)?;
    let named = if wanted {
        PLANES.map(|(name, channels)| plane::named(name, &channels)).to_vec()
    } else {
        Vec::new()
    };
    components.beside_colour(&named, args.time)
}
