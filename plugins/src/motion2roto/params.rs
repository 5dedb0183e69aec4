//! Motion2Roto's params. Their names are a contract: saved projects open in later versions.

use std::ffi::CStr;

use ofx::param::{Bool, ChoiceOf, Double, Int, Options, Page, Push, Text};
use ofx::{DescribeInContext, Result};

use crate::vector_params::{PLATE_ENCODING, QUALITY, define_convention};

/// Where motion between frames comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MotionSource {
    /// The Motion clip if it is connected, else planes of the source, else the built-in flow.
    Auto,
    /// Vectors in the Motion clip's colour channels.
    Clip,
    /// The motion planes of the source (Nuke, Natron).
    Planes,
    /// Found in the source's pictures.
    BuiltIn,
}

impl Options for MotionSource {
    const ALL: &'static [(Self, &'static CStr)] = &[
        (Self::Auto, c"Auto"),
        (Self::Clip, c"Motion clip"),
        (Self::Planes, c"Host planes"),
        (Self::BuiltIn, c"Built-in flow"),
    ];
}

/// How solved keys interpolate where Tolerance leaves gaps between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// Straight on.
    Linear,
    /// Curved in time.
    Smooth,
}

impl Options for Between {
    const ALL: &'static [(Self, &'static CStr)] = &[(Self::Linear, c"Linear"), (Self::Smooth, c"Smooth")];
}

/// What a move in the viewer fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixes {
    /// All points of the shape: the frame becomes a key of the artist's.
    Shape,
    /// The points that moved; a solve may still move the others.
    Points,
}

impl Options for Fixes {
    const ALL: &'static [(Self, &'static CStr)] =
        &[(Self::Shape, c"Whole shape"), (Self::Points, c"Moved points")];
}

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

pub const SHAPES_PAGE: Page = Page::new(c"shapesPage", c"Shapes");
pub const SHAPES_FILE: Text = Text::new(c"shapesFile", c"Shapes file").file().help(
    c"A shapes document (JSON) with the keyed splines, solved or not. Used while the text below is empty; the file \
      itself is never changed.",
);
pub const LOAD_FILE: Push = Push::new(c"loadFile", c"Load file")
    .help(c"Puts the file's document in place of the shapes below. Undo brings them back.");
pub const SHAPES: Text = Text::new(c"shapes", c"Shapes").lines().help(
    c"The document itself. While it is not empty it wins over the file. Solving, and editing in the viewer, write \
      their result here, so that the project holds it.",
);

pub const EDITS_FIX: ChoiceOf<Fixes> =
    ChoiceOf::new(c"editsFix", c"Edits fix", Fixes::Shape).no_animation().help(
        c"What a move in the viewer fixes on its frame. Whole shape: all its points become a key that no solve changes. Moved \
          points: only those; the next solve passes through them and takes the frames around along.",
    );
pub const LOCK_FRAME: Push = Push::new(c"lockFrame", c"Lock frame")
    .help(c"Makes the splines of the current frame keys, as they are: no solve changes them.");
pub const UNLOCK_FRAME: Push = Push::new(c"unlockFrame", c"Unlock frame").help(
    c"Hands the splines of the current frame, and points fixed on it, back to the solver. A shape's last key stays.",
);

pub const MOTION_PAGE: Page = Page::new(c"motionPage", c"Motion");
pub const MOTION_SOURCE: ChoiceOf<MotionSource> =
    ChoiceOf::new(c"motionSource", c"Motion from", MotionSource::Auto).no_animation().help(
        c"Auto takes the Motion clip if it is connected, else motion planes of the source, else the built-in flow. In \
          Resolve, which calls every clip connected, choose Built-in flow.",
    );
pub const USE_CLIP_RANGE: Bool = Bool::new(c"useClipRange", c"Whole clip")
    .default(true)
    .no_animation()
    .help(c"Solve all frames of the source. Off: the frames set below.");
pub const FIRST_FRAME: Int = Int::new(c"firstFrame", c"First frame")
    .default(1)
    .range(-1_000_000, 1_000_000)
    .display(0, 1000)
    .no_animation()
    .help(c"The first frame to solve, where Whole clip is off.");
pub const LAST_FRAME: Int = Int::new(c"lastFrame", c"Last frame")
    .default(100)
    .range(-1_000_000, 1_000_000)
    .display(0, 1000)
    .no_animation()
    .help(c"The last frame to solve, where Whole clip is off.");
pub const SOLVE: Push = Push::new(c"solve", c"Solve").help(
    c"Carries the keyed splines through the range, from each key forward and back, and stores a spline for every \
      frame. Keys set by hand stay as they are.",
);
pub const SOLVE_FORWARD: Push = Push::new(c"solveForward", c"Solve forward").help(
    c"Carries the splines forward only, from the last key at or before the current frame to the end of the range or \
      the next key, without looking at later keys.",
);
pub const SOLVE_FROM_HERE: Push = Push::new(c"solveFromHere", c"Solve from here").help(
    c"Makes the splines of the current frame keys, as they are, and solves from here to the end of the range. \
      Earlier frames stay.",
);
pub const CLEAR: Push =
    Push::new(c"clear", c"Clear solve").help(c"Removes the solved splines and keeps the keys set by hand.");
pub const FOLLOW_OUTLINE: Bool =
    Bool::new(c"followOutline", c"Follow the outline").default(true).no_animation().help(
        c"Pulls closed splines to where the colours change as they do across the outline on the keys. Where the keys show no \
          such change, motion alone decides. Off: motion alone decides everywhere.",
    );
pub const TOLERANCE: Double = Double::new(c"tolerance", c"Tolerance (px)")
    .default(0.0)
    .range(0.0, 100.0)
    .display(0.0, 5.0)
    .no_animation()
    .help(
        c"0 stores a spline for every frame. Above 0, as few keys as keep every frame's spline within this distance, in \
          pixels. Points may slide along it by three times as much.",
    );
pub const BETWEEN: ChoiceOf<Between> =
    ChoiceOf::new(c"interpolation", c"Between keys", Between::Linear).no_animation().help(
        c"How solved keys interpolate where Tolerance is above 0. Smooth needs fewer keys where motion is smooth. Held frames \
          are held in both.",
    );
pub const SOLVE_WHILE_RENDERING: Bool = Bool::new(c"solveWhileRendering", c"Solve while rendering")
    .no_animation()
    .help(
        c"For hosts whose buttons cannot read other frames. Where a host gives neighbouring frames, each frame is solved \
          as it renders. Elsewhere the first pass through the range, in order, collects the frames and the second pass \
          draws the result.",
    );
pub const RESULT_FILE: Text = Text::new(c"resultFile", c"Result file").file().help(
    c"Where solving while rendering writes the solved document. Empty: it is kept until the host closes. Load it by \
      Shapes file.",
);
pub const STATUS: Text =
    Text::new(c"status", c"Status").label().not_persistent().help(c"What the last solve did.");

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
    c"Blurs the matte along the splines' own motion while the shutter is open. Held frames stay sharp, and where a hold ends \
      nothing smears.",
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

/// Defines all of them, in the order the artist sees.
pub fn define(d: &mut DescribeInContext<'_>) -> Result<()> {
    d.page(&SHAPES_PAGE, |d| {
        d.define(&SHAPES_FILE)?;
        d.define(&LOAD_FILE)?;
        d.define(&SHAPES)?;
        d.define(&EDITS_FIX)?;
        d.define(&LOCK_FRAME)?;
        d.define(&UNLOCK_FRAME)
    })?;
    d.page(&MOTION_PAGE, |d| {
        d.define(&MOTION_SOURCE)?;
        define_convention(d)?;
        d.define(&QUALITY)?;
        d.define(&FOLLOW_OUTLINE)?;
        d.define(&PLATE_ENCODING)?;
        d.define(&USE_CLIP_RANGE)?;
        d.define(&FIRST_FRAME)?;
        d.define(&LAST_FRAME)?;
        d.define(&SOLVE)?;
        d.define(&SOLVE_FORWARD)?;
        d.define(&SOLVE_FROM_HERE)?;
        d.define(&CLEAR)?;
        d.define(&TOLERANCE)?;
        d.define(&BETWEEN)?;
        d.define(&SOLVE_WHILE_RENDERING)?;
        d.define(&RESULT_FILE)?;
        d.define(&STATUS)
    })?;
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
        d.define(&SHUTTER_OFFSET)
    })
}
