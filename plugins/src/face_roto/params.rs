//! Face Roto's params. Their names are a contract: saved projects open in later versions.

use ofx::param::{Bool, Double, Double2, DoubleKind, Page, Push, Text};
use ofx::{DescribeInContext, Result};

use super::{landmarks, shape_params};
use crate::stored::{self, STATUS};
use crate::vector_params::PLATE_ENCODING;
use crate::{exchange, output, range};

pub const FACE_PAGE: Page = Page::new(c"facePage", c"Face");
pub const FACE_FILE: Text = Text::new(c"faceFile", c"Face file").file().help(
    c"The learned face of the character (.face). Learn makes it, and every shot of the character may use it. Empty: \
      an analysis learns from the keys of this shot alone.",
);
pub const LEARN: Push = Push::new(c"learn", c"Learn").help(
    c"Learns the face from what you have keyed on this shot, landmarks and shapes, and saves it into the face file. A face \
      that is there already learns the keys of this shot in addition, which may have other points on the same shapes.",
);
pub const LEARNED: Text = Text::new(c"learned", c"Learned").label().not_persistent().help(
    c"What the face file knows, and which shapes were drawn with other points than on most keyed frames.",
);

pub const TRACK_PAGE: Page = Page::new(c"trackPage", c"Track");
pub const USE_REGION: Bool = Bool::new(c"useRegion", c"Head is in the box").no_animation().help(
    c"On: the head is in the box below. A still box is where it is on the first frame of the range; a box with keys, or one that is \
      linked to a tracker, is where it is on each frame, also where it was lost. Off: it is looked for in the whole picture.",
);
pub const REGION_FROM: Double2 = corner(
    Double2::position(c"regionFrom", c"Box from")
        .default_normalised(0.25, 0.1)
        .help(c"The box's bottom left corner."),
);
pub const REGION_TO: Double2 = corner(
    Double2::position(c"regionTo", c"Box to")
        .default_normalised(0.75, 0.9)
        .help(c"The box's top right corner."),
);

const fn corner(param: Double2<'static>) -> Double2<'static> {
    param.kind(DoubleKind::XyAbsolute).host_handle()
}

pub const DETECTOR: Text = Text::new(c"detector", c"Detector").existing_file().help(
    c"A landmark network of this character (.onnx), which finds the head where it has to be looked for: turned in the picture, far \
      from what was keyed, much larger or smaller. A studio trains it from its keyed shots with models/train. Empty: the head is \
      looked for by what was keyed.",
);
pub const SMOOTHING: Double =
    Double::new(c"smoothing", c"Smoothing").default(0.5).range(0.0, 1.0).display(0.0, 1.0).no_animation().help(
        c"How much landmarks are smoothed over time where the puppet moves smoothly. Held frames stay still and \
          replaced parts jump whatever it is.",
    );
pub const SNAP: Double =
    Double::new(c"snap", c"Snap").default(5.0).range(0.0, 50.0).display(0.0, 20.0).no_animation().help(
        c"How far, in pixels, outlines may leave the face's own idea of them for a border that the picture shows there, as lids \
          and lips that no key has so. 0 leaves them. More, such as 12, follows a hairline that slides over the forehead, but \
          shadows and brows attract outlines too, so look at the result.",
    );
pub const ANALYSE: Push = Push::new(c"analyse", c"Analyse").help(
    c"Finds the face on every frame of the range: each landmark with its confidence, and each shape. What you have keyed or \
      moved by hand stays exactly as it is, and the frames around follow it.",
);
pub const ANALYSE_FROM_HERE: Push = Push::new(c"analyseFromHere", c"Analyse from here").help(
    c"The same from the viewer's frame to the end of the range. Earlier frames stay, and a still box is where the head is on \
      the viewer's frame.",
);
pub const CLEAR: Push = Push::new(c"clear", c"Clear analysis")
    .help(c"Removes what analyses have found, and keeps what was keyed or moved by hand.");
pub const LOCK_FRAME: Push = Push::new(c"lockFrame", c"Lock frame").help(
    c"Makes all landmarks and shapes of the viewer's frame yours, as they are: no analysis changes them.",
);
pub const UNLOCK_FRAME: Push = Push::new(c"unlockFrame", c"Unlock frame").help(
    c"Hands all landmarks and shapes of the viewer's frame back to the next analysis. Without a face file the last key of \
      each stays.",
);
pub const TIMING: Text = Text::new(c"timing", c"Timing")
    .label()
    .not_persistent()
    .help(c"Whether the puppet was shot on ones or twos, as the last analysis has found.");
pub const TO_DO: Text = Text::new(c"toDo", c"To do").lines().not_persistent().no_undo().help(
    c"What the last analysis asks for, a line each: frames to look at, and frames to key, with the replacement pieces of the face that \
      they show and no key does, and all frames that show those. The first mend most.",
);

pub const SHAPES_PAGE: Page = Page::new(c"shapesPage", c"Shapes");

pub const RESULT_FILE: Text = Text::new(c"resultFile", c"Result file").file().help(
    c"Where shapes and landmarks go as a document, by the button below and by analysing while rendering. Export \
      makes files of other applications.",
);
pub const WRITE: Push = Push::new(c"writeFile", c"Write file")
    .help(c"Writes the shapes and landmarks of this shot into the result file.");
pub const ANALYSE_WHILE_RENDERING: Bool =
    Bool::new(c"analyseWhileRendering", c"Analyse while rendering").no_animation().help(
        c"For hosts whose buttons cannot read other frames. Where a host gives neighbouring frames, the range is analysed \
          when its first frame renders. Elsewhere the first pass through the range, in order, collects the frames and \
          the second pass draws the result.",
    );

/// Defines all of them, in the order the artist sees.
pub fn define(d: &mut DescribeInContext<'_>) -> Result<()> {
    d.page(&FACE_PAGE, |d| {
        d.define(&FACE_FILE)?;
        d.define(&LEARN)?;
        d.define(&LEARNED)
    })?;
    d.page(&TRACK_PAGE, |d| {
        range::define(d)?;
        d.define(&USE_REGION)?;
        for corner in [REGION_FROM, REGION_TO] {
            // MLT gives the value of the frame that it renders whatever frame is asked for.
            d.define(&if d.host().is_mlt() { corner.no_animation() } else { corner })?;
        }
        d.define(&DETECTOR)?;
        d.define(&SMOOTHING)?;
        d.define(&SNAP)?;
        d.define(&PLATE_ENCODING)?;
        d.define(&ANALYSE)?;
        d.define(&ANALYSE_FROM_HERE)?;
        d.define(&ANALYSE_WHILE_RENDERING)?;
        d.define(&CLEAR)?;
        d.define(&LOCK_FRAME)?;
        d.define(&UNLOCK_FRAME)?;
        d.define(&STATUS)?;
        d.define(&TIMING)?;
        d.define(&TO_DO)
    })?;
    landmarks::define(d)?;
    d.page(&SHAPES_PAGE, |d| {
        stored::define(d)?;
        shape_params::define(d)
    })?;
    output::params::define(d)?;
    d.page(&exchange::EXPORT_PAGE, |d| {
        exchange::define_import(d)?;
        d.define(&RESULT_FILE)?;
        d.define(&WRITE)?;
        exchange::define_export(d)
    })
}
