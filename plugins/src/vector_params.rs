//! What Motion2Roto and Motion Vectors share: how the plate is read, the quality of the flow, and the convention of
//! vector pictures.

use std::ffi::CStr;

use engine::flow;
use engine::image::Encoding;
use engine::vectors::{Convention, Pair, Units};
use ofx::param::{Bool, ChoiceOf, Group, Options};
use ofx::{Depth, DescribeInContext, HostKind, Instance, Result};

/// How the plate's values relate to light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlateEncoding {
    /// By the host: see [`plate_encoding`].
    Auto,
    Linear,
    Display,
}

impl Options for PlateEncoding {
    const ALL: &'static [(Self, &'static CStr)] =
        &[(Self::Auto, c"Auto"), (Self::Linear, c"Linear"), (Self::Display, c"Display or log")];
}

pub const PLATE_ENCODING: ChoiceOf<PlateEncoding> =
    ChoiceOf::new(c"plateEncoding", c"Plate is", PlateEncoding::Auto).no_animation().help(
        c"How the plate's values relate to light, for matching. Auto: linear in Nuke and Natron and for float pictures of \
          unknown hosts, display elsewhere.",
    );

/// What an instance's plate holds.
pub fn plate_encoding(instance: &Instance, depth: Option<Depth>) -> Result<Encoding> {
    Ok(match (instance.get(&PLATE_ENCODING)?, instance.host().kind()) {
        (PlateEncoding::Linear, _) => Encoding::Linear,
        (PlateEncoding::Display, _) => Encoding::Display,
        (PlateEncoding::Auto, HostKind::Nuke | HostKind::Natron) => Encoding::Linear,
        (PlateEncoding::Auto, HostKind::Other) if matches!(depth, Some(Depth::Half | Depth::Float)) => {
            Encoding::Linear
        }
        (PlateEncoding::Auto, _) => Encoding::Display,
    })
}

/// [`flow::Quality`] as the artist chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quality(pub flow::Quality);

impl Options for Quality {
    const ALL: &'static [(Self, &'static CStr)] = &[
        (Quality(flow::Quality::Fast), c"Fast"),
        (Quality(flow::Quality::Balanced), c"Balanced"),
        (Quality(flow::Quality::Best), c"Best"),
    ];
}

pub const QUALITY: ChoiceOf<Quality> =
    ChoiceOf::new(c"quality", c"Quality", Quality(flow::Quality::Balanced))
        .no_animation()
        .help(c"Of the built-in flow: Fast for a look, Balanced for work, Best for final frames.");

/// A preset of [`Convention`], or the artist's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    Nuke,
    Blender,
    Centred,
    Pixels,
    Custom,
}

impl Options for Preset {
    const ALL: &'static [(Self, &'static CStr)] = &[
        (Self::Nuke, c"Nuke"),
        (Self::Blender, c"Blender"),
        (Self::Centred, c"0.5-centred"),
        (Self::Pixels, c"Pixels"),
        (Self::Custom, c"Custom"),
    ];
}

/// The channels of one direction of motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    None,
    RedGreen,
    BlueAlpha,
}

impl Options for Channels {
    const ALL: &'static [(Self, &'static CStr)] =
        &[(Self::None, c"None"), (Self::RedGreen, c"Red, green"), (Self::BlueAlpha, c"Blue, alpha")];
}

/// The unit of custom vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Pixels,
    Normalised,
    Centred,
}

impl Options for Unit {
    const ALL: &'static [(Self, &'static CStr)] = &[
        (Self::Pixels, c"Pixels"),
        (Self::Normalised, c"Normalised by width and height"),
        (Self::Centred, c"Normalised, 0.5 is still"),
    ];
}

pub const CONVENTION: ChoiceOf<Preset> =
    ChoiceOf::new(c"convention", c"Vector convention", Preset::Nuke).no_animation().help(
        c"Nuke: forward in red, green and backward in blue, alpha; pixels, y up. Blender: the Vector pass. 0.5-centred: as \
          Nuke, but a share of the picture's size, 0.5 is still. Pixels: as Nuke, but y down. Custom: as set below.",
    );
pub const CUSTOM: Group = Group::new(c"customConvention", c"Custom convention").closed();
pub const CUSTOM_FORWARD: ChoiceOf<Channels> =
    ChoiceOf::new(c"customForward", c"Forward in", Channels::RedGreen)
        .no_animation()
        .help(c"The channels with the motion to the next frame.");
pub const CUSTOM_BACKWARD: ChoiceOf<Channels> =
    ChoiceOf::new(c"customBackward", c"Backward in", Channels::BlueAlpha)
        .no_animation()
        .help(c"The channels with the motion to the previous frame.");
pub const CUSTOM_UNIT: ChoiceOf<Unit> =
    ChoiceOf::new(c"customUnit", c"Unit", Unit::Pixels).no_animation().help(c"What a value of 1 means.");
pub const CUSTOM_Y_UP: Bool =
    Bool::new(c"customYUp", c"Y points up").default(true).no_animation().help(c"Off: positive is down.");
pub const CUSTOM_FORWARD_REVERSED: Bool = Bool::new(c"customForwardReversed", c"Forward points back")
    .no_animation()
    .help(c"The forward vectors point against the motion.");
pub const CUSTOM_BACKWARD_REVERSED: Bool = Bool::new(c"customBackwardReversed", c"Backward points ahead")
    .no_animation()
    .help(c"The backward vectors point against the way to the previous frame.");

/// Defines the convention's params in the page or group that is open.
pub fn define_convention(d: &mut DescribeInContext<'_>) -> Result<()> {
    d.define(&CONVENTION)?;
    d.group(&CUSTOM, |d| {
        d.define(&CUSTOM_FORWARD)?;
        d.define(&CUSTOM_BACKWARD)?;
        d.define(&CUSTOM_UNIT)?;
        d.define(&CUSTOM_Y_UP)?;
        d.define(&CUSTOM_FORWARD_REVERSED)?;
        d.define(&CUSTOM_BACKWARD_REVERSED)
    })
}

/// The convention that an instance is set to.
pub fn convention(instance: &Instance) -> Result<Convention> {
    let pair = |channels: Channels, reversed: bool| {
        let (u, v) = match channels {
            Channels::None => return None,
            Channels::RedGreen => (0, 1),
            Channels::BlueAlpha => (2, 3),
        };
        Some(Pair { u, v, reversed })
    };
    Ok(match instance.get(&CONVENTION)? {
        Preset::Nuke => Convention::NUKE,
        Preset::Blender => Convention::BLENDER,
        Preset::Centred => Convention::CENTRED,
        Preset::Pixels => Convention::PIXELS,
        Preset::Custom => {
            let unit = instance.get(&CUSTOM_UNIT)?;
            Convention {
                name: "custom",
                label: "Custom",
                forward: pair(instance.get(&CUSTOM_FORWARD)?, instance.get(&CUSTOM_FORWARD_REVERSED)?),
                backward: pair(instance.get(&CUSTOM_BACKWARD)?, instance.get(&CUSTOM_BACKWARD_REVERSED)?),
                units: if unit == Unit::Pixels { Units::Pixels } else { Units::Normalised },
                zero: if unit == Unit::Centred { 0.5 } else { 0.0 },
                y_up: instance.get(&CUSTOM_Y_UP)?,
            }
        }
    })
}
