//! The output page's params, which effects that draw mattes share. Their names are a contract: saved projects open in later
//! versions.

use std::ffi::CStr;

use ofx::param::{Bool, ChoiceOf, Double, Options, Page};
use ofx::{DescribeInContext, Result};

use super::planes::SHAPE_PLANES;

/// How open splines end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// With half a disc.
    Round,
    /// Flat at the last point.
    Flat,
}

impl Options for Ends {
    const ALL: &'static [(Self, &'static CStr)] = &[(Self::Round, c"Round"), (Self::Flat, c"Flat")];
}

/// What the effect draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// The source's colour with the matte as its alpha, unpremultiplied.
    MatteInAlpha,
    /// The matte in all channels.
    MatteInRgb,
    /// The source times the matte, premultiplied.
    SourceTimesMatte,
    /// The splines drawn over the source.
    Overlay,
    /// A matte in each channel, by the shapes' colours.
    MultiMatte,
}

impl Output {
    /// Whether it draws mattes.
    pub fn is_matte(self) -> bool {
        self != Self::Overlay
    }

    /// Whether it is black where there is no matte.
    pub fn is_bounded(self) -> bool {
        matches!(self, Self::MatteInRgb | Self::SourceTimesMatte | Self::MultiMatte)
    }
}

impl Options for Output {
    const ALL: &'static [(Self, &'static CStr)] = &[
        (Self::MatteInAlpha, c"Matte in alpha"),
        (Self::MatteInRgb, c"Matte in RGB"),
        (Self::SourceTimesMatte, c"Source x matte"),
        (Self::Overlay, c"Overlay"),
        (Self::MultiMatte, c"Multi-matte (RGBA)"),
    ];
}

/// How soft edges fall off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Falls {
    /// Evenly.
    Linear,
    /// Slowly at both ends.
    Smooth,
    /// Evenly, to a power.
    Gamma,
}

impl Options for Falls {
    const ALL: &'static [(Self, &'static CStr)] =
        &[(Self::Linear, c"Linear"), (Self::Smooth, c"Smooth"), (Self::Gamma, c"Gamma")];
}

/// When the shutter opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Half before the frame and half after it.
    Centred,
    /// On the frame.
    Start,
    /// So that it closes on the frame.
    End,
    /// By an offset from the frame.
    Custom,
}

impl Options for Phase {
    const ALL: &'static [(Self, &'static CStr)] = &[
        (Self::Centred, c"Centred"),
        (Self::Start, c"Start"),
        (Self::End, c"End"),
        (Self::Custom, c"Custom"),
    ];
}

pub const OUTPUT_PAGE: Page = Page::new(c"outputPage", c"Output");
pub const OUTPUT: ChoiceOf<Output> = ChoiceOf::new(c"output", c"Output", Output::MatteInAlpha).help(
    c"What the node puts out. Multi-matte: shapes coloured red, green or blue are in that channel, those of any other colour in \
      alpha; shapes without a colour take the channels in turn, or take away from all of them.",
);
pub const FEATHER: Double =
    Double::new(c"feather", c"Feather (px)").default(0.0).range(0.0, 1000.0).display(0.0, 50.0).help(
        c"Softens the matte's edge over this many pixels, half inside and half outside, beside the feathers of the shapes and \
          of their points.",
    );
pub const FALLOFF: ChoiceOf<Falls> = ChoiceOf::new(c"falloff", c"Falloff", Falls::Smooth).help(
    c"How feathers fall off, those of shapes and points too. Linear: evenly. Smooth: slowly at both ends. Gamma: evenly, to the \
      power below.",
);
pub const FALLOFF_GAMMA: Double =
    Double::new(c"falloffGamma", c"Falloff gamma").default(2.0).range(0.01, 100.0).display(0.2, 5.0).help(
        c"Above 1 the matte falls off quickly at its full side, below 1 late. Used where Falloff is Gamma.",
    );
pub const GROW: Double = Double::new(c"grow", c"Grow (px)")
    .default(0.0)
    .range(-1000.0, 1000.0)
    .display(-20.0, 20.0)
    .help(c"Moves the edges of all shapes outwards by this distance, round at corners; inwards below 0.");
pub const STROKE_WIDTH: Double = Double::new(c"strokeWidth", c"Stroke width (px)")
    .default(1.0)
    .range(0.0, 1000.0)
    .display(0.0, 50.0)
    .help(c"How wide open splines are drawn whose points have no width of their own.");
pub const STROKE_CAPS: ChoiceOf<Ends> = ChoiceOf::new(c"strokeCaps", c"Stroke ends", Ends::Round).help(
    c"How open splines end: with half a disc, or flat at their last point. Feathered and grown ones end round.",
);
pub const INVERT: Bool = Bool::new(c"invert", c"Invert").help(c"Turns the matte inside out.");
pub const MOTION_BLUR: Bool = Bool::new(c"motionBlur", c"Motion blur").help(
    c"Blurs the matte along the splines' own motion while the shutter is open. Held frames stay sharp, and nothing smears \
      where a hold ends or a part is replaced from one frame to the next.",
);
pub const SHUTTER: Double = Double::new(c"shutter", c"Shutter (frames)")
    .default(0.5)
    .range(0.0, 4.0)
    .display(0.0, 1.0)
    .help(c"How long the shutter is open. 0.5 is a shutter of 180 degrees.");
pub const SHUTTER_PHASE: ChoiceOf<Phase> = ChoiceOf::new(c"shutterPhase", c"Shutter phase", Phase::Centred)
    .help(
        c"When the shutter is open. Centred: half before the frame and half after it. Start: from the frame on. End: until \
          the frame. Custom: from the offset below on.",
    );
pub const SHUTTER_OFFSET: Double = Double::new(c"shutterOffset", c"Shutter offset (frames)")
    .default(0.0)
    .range(-4.0, 4.0)
    .display(-1.0, 1.0)
    .help(c"When the shutter opens, in frames from the frame. Used where Shutter phase is Custom.");

/// Defines the page. A host without planes of that kind sees no param of theirs.
pub fn define(d: &mut DescribeInContext<'_>) -> Result<()> {
    d.page(&OUTPUT_PAGE, |d| {
        d.define(&OUTPUT)?;
        d.define(&FEATHER)?;
        d.define(&FALLOFF)?;
        d.define(&FALLOFF_GAMMA)?;
        d.define(&GROW)?;
        d.define(&STROKE_WIDTH)?;
        d.define(&STROKE_CAPS)?;
        d.define(&INVERT)?;
        d.define(&MOTION_BLUR)?;
        d.define(&SHUTTER)?;
        d.define(&SHUTTER_PHASE)?;
        d.define(&SHUTTER_OFFSET)?;
        if d.host().names_planes() {
            d.define(&SHAPE_PLANES)?;
        }
        Ok(())
    })
}
