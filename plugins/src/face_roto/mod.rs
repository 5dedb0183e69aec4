//! Face Roto: a face learned from a handful of keyed frames, found on every frame of a shot: named landmarks, finished shapes,
//! and their mattes.

mod analyse;
mod button;
mod edit;
mod faces;
mod keys;
mod landmarks;
mod learn;
mod names;
mod network;
mod params;
mod redrawn;
mod region;
mod rendering;
mod report;
mod shape_params;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ofx::{
    Changed, ClipComponents, ClipPreferences, ClipSpec, Context, Describe, DescribeInContext, Effect,
    FramesNeeded, Identity, IdentityArgs, Image, Info, Instance, KeyArgs, OverlayArgs, Pen, PenArgs, PointD,
    RangeD, RectD, Regions, RegionsArgs, RenderArgs, Result, TimeArgs,
};
use shapes::Document;

use crate::exchange;
use crate::output::{self, look};
use crate::plate::Placement;
use crate::range;
use crate::stored::{self, LOAD_FILE, SHAPES, SHAPES_FILE};
use analyse::Settings;
use button::Start;
use edit::Edit;
use params::{
    ANALYSE, ANALYSE_FROM_HERE, ANALYSE_WHILE_RENDERING, CLEAR, FACE_FILE, LEARN, LOCK_FRAME, UNLOCK_FRAME,
    WRITE,
};

const SOURCE: ClipSpec<'_> = ClipSpec::source().temporal();
const OUTPUT_CLIP: ClipSpec<'_> = ClipSpec::output();

/// The effect's own state: what the artist does in the viewer.
pub struct FaceRoto {
    edit: Mutex<Edit>,
}

impl Effect for FaceRoto {
    const INFO: Info = Info {
        identifier: c"org.splitline.FaceRoto",
        version: (1, 0),
        label: c"Face Roto",
        group: c"Splitline",
        help: c"Learns a character's face from a handful of frames on which you have keyed landmarks and shapes, and finds it on \
                every frame of every shot: named landmarks, and roto shapes that stay editable. What you key or move by hand \
                is never changed, and the next analysis follows it.",
    };
    const OVERLAY: bool = true;

    fn describe(d: &mut Describe<'_>) -> Result<()> {
        output::describe(d, &[Context::Filter]);
        Ok(())
    }

    fn describe_in_context(d: &mut DescribeInContext<'_>, _: Context) -> Result<()> {
        d.clip(&SOURCE)?;
        d.clip(&OUTPUT_CLIP)?;
        params::define(d)
    }

    fn create(instance: &Instance) -> Result<Self> {
        look::enable(instance)?;
        // A document that cannot be read is the render's to report.
        if landmarks::are_useful(instance.host())
            && let Ok(Some(document)) = stored::document(instance)
        {
            landmarks::label(instance, &document, true)?;
            shape_params::label(instance, &document, true)?;
        }
        Ok(FaceRoto { edit: Mutex::default() })
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
        let dressed = |d: &_| shape_params::dressed(instance, d, args.time);
        output::planes::components(instance, args, dressed, components)
    }

    fn frames_needed(&self, instance: &Instance, _: &TimeArgs, frames: &mut FramesNeeded<'_>) -> Result<()> {
        if !instance.get(&ANALYSE_WHILE_RENDERING)? {
            return Ok(());
        }
        let (first, last) = range::read(instance, &instance.clip(SOURCE)?)?;
        let analysed = stored::document(instance)?.is_some_and(|d| keys::is_analysed(&d, (first, last)));
        if !analysed {
            frames.set(SOURCE, &[RangeD::new(f64::from(first), f64::from(last))])?;
        }
        Ok(())
    }

    fn regions_of_interest(
        &self,
        instance: &Instance,
        args: &RegionsArgs,
        regions: &mut Regions<'_>,
    ) -> Result<()> {
        if instance.get(&ANALYSE_WHILE_RENDERING)? {
            let source = instance.clip(SOURCE)?;
            regions.set(SOURCE, source.region_of_definition(args.time)?)?;
        }
        Ok(())
    }

    fn render(&self, instance: &Instance, args: &RenderArgs) -> Result<()> {
        let clip = instance.clip(SOURCE)?;
        let source = clip.required_image(args.time, None)?;
        let placement = Placement::of(&clip, args.time)?;
        let document = document(instance, args, &source, placement)?;
        let document = shape_params::dressed(instance, &document, args.time)?;
        output::render(instance, args, &clip, &source, (&document, &placement))
    }

    fn region_of_definition(&self, instance: &Instance, args: &TimeArgs) -> Result<Option<RectD>> {
        // What a render finds is not known yet.
        if instance.get(&ANALYSE_WHILE_RENDERING)? {
            return Ok(None);
        }
        output::region(instance, args, SOURCE, |d| shape_params::dressed(instance, &d, args.time))
    }

    fn is_identity(&self, instance: &Instance, args: &IdentityArgs) -> Result<Option<Identity>> {
        if instance.get(&ANALYSE_WHILE_RENDERING)? {
            return Ok(None);
        }
        output::identity(instance, args.time)
    }

    fn changed(&self, instance: &Instance, change: &Changed) -> Result<()> {
        if change.nested {
            return Ok(());
        }
        let time = change.time;
        if change.is_clip(SOURCE) {
            rendering::forget();
        } else if change.by_user(&LEARN) {
            learn::learn(instance, time)?;
        } else if change.by_user(&FACE_FILE) {
            learn::tell(instance)?;
        } else if change.by_user(&ANALYSE) {
            button::analyse(instance, time, Start::Range)?;
        } else if change.by_user(&ANALYSE_FROM_HERE) {
            button::analyse(instance, time, Start::Here)?;
        } else if change.by_user(&CLEAR) {
            let document = keys::given(&*stored::some_document(instance)?);
            rendering::forget();
            button::store(instance, &document, time, "Cleared: only what was set by hand is left.")?;
        } else if change.by_user(&LOCK_FRAME) {
            let document = keys::locked_at(&*stored::some_document(instance)?, time.round());
            button::store(instance, &document, time, "Locked: no analysis changes this frame.")?;
        } else if change.by_user(&UNLOCK_FRAME) {
            let has_face = !instance.get(&FACE_FILE)?.trim().is_empty();
            let document = keys::unlocked_at(&*stored::some_document(instance)?, time.round(), has_face);
            button::store(instance, &document, time, "Unlocked: the next analysis may change this frame.")?;
        } else if change.by_user(&LOAD_FILE) {
            let document = stored::load(instance)?;
            button::show(instance, &document, time)?;
        } else if change.by_user(&WRITE) {
            button::write(instance)?;
        } else if change.by_user(&exchange::IMPORT) {
            button::import(instance, time)?;
        } else if change.by_user(&exchange::EXPORT) {
            let document = shape_params::switched(instance, &*stored::some_document(instance)?, time)?;
            exchange::export(instance, &instance.clip(SOURCE)?, &document, time)?;
        } else if change.by_user(&exchange::SHOW_TEXT) {
            let document = shape_params::switched(instance, &*stored::some_document(instance)?, time)?;
            exchange::show_text(instance, &instance.clip(SOURCE)?, &document, time)?;
        } else if change.by_user(&landmarks::ADD) {
            button::add_landmark(instance, time)?;
        } else if change.by_user(&landmarks::REMOVE) {
            button::remove_landmark(instance, time)?;
        } else if let Some(slot) =
            landmarks::changed_slot(change).filter(|_| change.reason == ofx::Reason::User)
        {
            button::landmark_moved(instance, slot, time)?;
        } else if output::is_switch(change) {
            look::enable(instance)?;
        } else if [
            change.by_user(&SHAPES),
            change.by_user(&SHAPES_FILE),
            change.by_user(&landmarks::KEY_LANDMARKS),
        ]
        .contains(&true)
            && let Some(document) = stored::document(instance)?
        {
            button::show(instance, &document, time)?;
        }
        Ok(())
    }

    fn purge_caches(&self, _: &Instance) -> Result<()> {
        rendering::forget();
        faces::forget();
        network::forget();
        Ok(())
    }

    fn overlay_params() -> &'static [&'static std::ffi::CStr] {
        &[c"shapes", c"shapesFile", c"showNames", c"useRegion", c"regionFrom", c"regionTo"]
    }

    fn overlay_draw(&self, instance: &Instance, args: &OverlayArgs<'_>, pen: &mut dyn Pen) -> Result<()> {
        self.edit().draw(instance, args, pen)
    }

    fn pen_down(&self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        self.edit().pen_down(instance, args)
    }

    fn pen_motion(&self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        self.edit().pen_motion(instance, args)
    }

    fn pen_up(&self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        self.edit().pen_up(instance, args)
    }

    fn key_down(&self, instance: &Instance, args: &KeyArgs<'_>) -> Result<bool> {
        self.edit().key_down(instance, args)
    }
}

impl FaceRoto {
    fn edit(&self) -> MutexGuard<'_, Edit> {
        // An edit is changed in whole steps.
        self.edit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a render draws: what is stored, analysed on the way if that is wanted.
fn document(
    instance: &Instance,
    args: &RenderArgs,
    source: &Image<'_>,
    placement: Placement,
) -> Result<Arc<Document>> {
    let document = stored::document_or_empty(instance)?;
    if !instance.get(&ANALYSE_WHILE_RENDERING)? {
        return Ok(document);
    }
    let settings = Settings::read(instance, &|| instance.aborted())?;
    let whole = args.render_scale == source.render_scale
        && source.render_scale == PointD::new(1.0, 1.0)
        && source.bounds.contains_rect(&placement.window)
        && args.time.fract() == 0.0;
    let picture = whole.then(|| placement.frame(&source.view(), settings.encoding)).transpose()?;
    let frame = args.time.round() as i32;
    rendering::document(instance, &document, settings, (frame, picture), placement)
}
