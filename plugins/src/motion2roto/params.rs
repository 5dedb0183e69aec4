//! Motion2Roto's params. Their names are a contract: saved projects open in later versions.

use std::ffi::CStr;

use ofx::param::{Bool, ChoiceOf, Double, Options, Page, Push, Text};
use ofx::{DescribeInContext, Result};

use crate::splines::Fixes;
use crate::stored::{self, STATUS};
use crate::vector_params::{PLATE_ENCODING, QUALITY, define_convention};
use crate::{exchange, output, range};

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

pub const SHAPES_PAGE: Page = Page::new(c"shapesPage", c"Shapes");

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

/// Defines all of them, in the order the artist sees.
pub fn define(d: &mut DescribeInContext<'_>) -> Result<()> {
    d.page(&SHAPES_PAGE, |d| {
        stored::define(d)?;
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
        range::define(d)?;
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
    output::params::define(d)?;
    d.page(&exchange::EXPORT_PAGE, |d| {
        exchange::define_import(d)?;
        exchange::define_export(d)
    })
}
