//! Matte to Roto: mattes of a shot become animated shapes.

mod mattes;
mod objects;

use std::ffi::CStr;
use std::sync::{Arc, Mutex, PoisonError};

use engine::vectorise::{Options as Wanted, VectoriseError, Vectorised, vectorise};
use ofx::param::{ChoiceOf, Double, Int, Options, Page, Push};
use ofx::{
    Changed, ClipComponents, ClipPreferences, ClipSpec, Context, Describe, DescribeInContext, Effect, Error,
    Identity, IdentityArgs, Info, Instance, OverlayArgs, Pen, RectD, RenderArgs, Result, TimeArgs,
};

use crate::exchange::{self, counted};
use crate::output::{self, look};
use crate::plate::Placement;
use crate::range;
use crate::reporting::Reporting;
use crate::splines::Edit;
use crate::stored::{self, LOAD_FILE, SHAPES, SHAPES_FILE, STATUS, some_document};
use mattes::Mattes;

const SOURCE: ClipSpec<'_> = ClipSpec::source().temporal();
const OUTPUT_CLIP: ClipSpec<'_> = ClipSpec::output();

/// Where in a picture the matte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Alpha, unless the first frame is opaque all over; there the brightest colour.
    Auto,
    Alpha,
    Red,
    Green,
    Blue,
    /// Whatever is not black.
    AnyColour,
    /// A matte for each colour but black.
    EachColour,
}

impl Options for Channel {
    const ALL: &'static [(Self, &'static CStr)] = &[
        (Self::Auto, c"Auto"),
        (Self::Alpha, c"Alpha"),
        (Self::Red, c"Red"),
        (Self::Green, c"Green"),
        (Self::Blue, c"Blue"),
        (Self::AnyColour, c"Any colour"),
        (Self::EachColour, c"Each colour"),
    ];
}

const MATTE_PAGE: Page = Page::new(c"mattePage", c"Matte");
const CHANNEL: ChoiceOf<Channel> = ChoiceOf::new(c"channel", c"Matte in", Channel::Auto).no_animation().help(
    c"Where the matte is. Auto: in alpha, or, where the first frame is opaque all over, the brightest of red, green and blue. Any colour: \
      whatever is not black, for masks that have a colour for each object. Each colour: shapes of each of these objects by itself.",
);
const OBJECT: Int = Int::new(c"object", c"Object")
    .default(0)
    .range(0, 64)
    .display(0, 16)
    .no_animation()
    .help(c"With Matte in: Each colour, the number of the object to make shapes of; 0 makes them of all. Objects are numbered by their colours: \
            by blue, then green, then red.");
const TOLERANCE: Double = Double::new(c"tolerance", c"Tolerance (px)")
    .default(1.0)
    .range(0.1, 100.0)
    .display(0.25, 8.0)
    .no_animation()
    .help(
        c"How far the splines may be from the mattes' edges, in pixels: nearly everywhere on every frame (95 %), and nowhere four times as \
          far. More gives fewer points and fewer keys.",
    );
const POINTS: Int = Int::new(c"points", c"Points")
    .default(0)
    .range(0, 400)
    .display(0, 100)
    .no_animation()
    .help(c"Points of each shape, 4 at least. 0: as few as the tolerance allows.");
const VECTORISE: Push = Push::new(c"vectorise", c"Vectorise").help(
    c"Makes shapes of the mattes in the range, in place of the shapes that are there (Undo brings those back). Each part is a shape, \
      with the same points on all of its frames, and each hole one that subtracts.",
);

/// The effect's own state: how splines are shown in the viewer.
pub struct MatteToRoto {
    edit: Mutex<Edit>,
}

impl Effect for MatteToRoto {
    const INFO: Info = Info {
        identifier: c"org.splitline.MatteToRoto",
        version: (1, 0),
        label: c"Matte to Roto",
        group: c"Splitline",
        help: c"Makes animated splines of mattes: few points, the same ones on all frames, and few keys. The shapes leave for any tool on \
                the page Import, export, or go on in Motion2Roto.",
    };
    const OVERLAY: bool = true;

    fn describe(d: &mut Describe<'_>) -> Result<()> {
        output::describe(d, &[Context::Filter]);
        Ok(())
    }

    fn describe_in_context(d: &mut DescribeInContext<'_>, _: Context) -> Result<()> {
        d.clip(&SOURCE)?;
        d.clip(&OUTPUT_CLIP)?;
        d.page(&MATTE_PAGE, |d| {
            d.define(&CHANNEL)?;
            d.define(&OBJECT)?;
            d.define(&TOLERANCE)?;
            d.define(&POINTS)?;
            range::define(d)?;
            d.define(&VECTORISE)?;
            d.define(&STATUS)?;
            stored::define(d)
        })?;
        output::params::define(d)?;
        d.page(&exchange::EXPORT_PAGE, exchange::define_export)
    }

    fn create(instance: &Instance) -> Result<Self> {
        look::enable(instance)?;
        Ok(MatteToRoto { edit: Mutex::default() })
    }

    fn clip_preferences(&self, instance: &Instance, preferences: &mut ClipPreferences<'_>) -> Result<()> {
        output::preferences(instance, SOURCE, OUTPUT_CLIP, preferences)
    }

    fn clip_components(
        &self,
        instance: &Instance,
        args: &TimeArgs,
        components: &mut ClipComponents<'_>,
    ) -> Result<()> {
        output::planes::components(instance, args, |d| Ok(Arc::clone(d)), components)
    }

    fn render(&self, instance: &Instance, args: &RenderArgs) -> Result<()> {
        let clip = instance.clip(SOURCE)?;
        let source = clip.required_image(args.time, None)?;
        let placement = Placement::of(&clip, args.time)?;
        let document = stored::document_or_empty(instance)?;
        output::render(instance, args, &clip, &source, (&document, &placement))
    }

    fn region_of_definition(&self, instance: &Instance, args: &TimeArgs) -> Result<Option<RectD>> {
        output::region(instance, args, SOURCE, Ok)
    }

    fn is_identity(&self, instance: &Instance, args: &IdentityArgs) -> Result<Option<Identity>> {
        output::identity(instance, args.time)
    }

    fn changed(&self, instance: &Instance, change: &Changed) -> Result<()> {
        if change.nested {
            return Ok(());
        }
        if change.by_user(&VECTORISE) {
            make(instance, change.time)?;
        } else if change.by_user(&LOAD_FILE) {
            stored::load(instance)?;
        } else if change.by_user(&exchange::EXPORT) {
            exchange::export(instance, &instance.clip(SOURCE)?, &*some_document(instance)?, change.time)?;
        } else if change.by_user(&exchange::SHOW_TEXT) {
            exchange::show_text(instance, &instance.clip(SOURCE)?, &*some_document(instance)?, change.time)?;
        } else if output::is_switch(change) {
            look::enable(instance)?;
        } else if change.by_user(&SHAPES) || change.by_user(&SHAPES_FILE) {
            // Said at once, not only at the next render.
            stored::document(instance)?;
        }
        Ok(())
    }

    fn overlay_params() -> &'static [&'static CStr] {
        &[c"shapes", c"shapesFile"]
    }

    fn overlay_draw(&self, instance: &Instance, args: &OverlayArgs<'_>, pen: &mut dyn Pen) -> Result<()> {
        self.edit.lock().unwrap_or_else(PoisonError::into_inner).draw(instance, args, pen)
    }
}

/// What the button does.
fn make(instance: &Instance, time: f64) -> Result<()> {
    let clip = instance.clip(SOURCE)?;
    let range = range::read(instance, &clip)?;
    let points = usize::try_from(instance.get(&POINTS)?).ok().filter(|n| *n > 0);
    let wanted = Wanted { tolerance_px: instance.get(&TOLERANCE)?, points, ..Wanted::default() };
    let channel = instance.get(&CHANNEL)?;
    let mut mattes = Mattes::new(&clip, Placement::of(&clip, time)?, channel);
    let made = {
        let progress = Reporting::new(instance, "Matte to Roto", "Vectorising");
        let mut progress = |done| progress.update(done);
        if channel == Channel::EachColour {
            let only = usize::try_from(instance.get(&OBJECT)?).ok().filter(|n| *n > 0);
            objects::objects(&mut mattes, range, &wanted, only, &mut progress)
        } else {
            vectorise(&mut |frame| mattes.read(frame, None), [range.0, range.1], &wanted, &mut progress)
        }
    };
    let Vectorised { mut document, left_out } = made.map_err(|e| match e {
        VectoriseError::Cancelled => Error::Aborted,
        e => Error::failed(e),
    })?;
    if document.shapes.is_empty() {
        return Err(Error::failed("the mattes are empty: choose another channel under Matte in"));
    }
    // The planes' pixels to the document's.
    let map = mattes.placement.plane_from_document(&document).inverse();
    document.shapes.iter_mut().for_each(|s| *s = map.shape(s));
    document.par = Some(mattes.placement.par).filter(|par| *par != 1.0);
    let keys: usize = document.shapes.iter().map(|s| s.keys.len()).sum();
    let points: usize = document.shapes.iter().filter_map(|s| s.keys.first()).map(|k| k.points.len()).sum();
    let shapes = counted(document.shapes.len(), "shape");
    let mut status = format!("Made {shapes} with {} and {}.", counted(points, "point"), counted(keys, "key"));
    if left_out > 0 {
        status.push_str(&format!(" {} left out as too small.", counted(left_out, "part")));
    }
    instance.edit_block("Vectorise", || stored::store(instance, &document, &status))
}
