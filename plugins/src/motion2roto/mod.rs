//! Motion2Roto: sparse keyed splines in, a spline on every frame out, and the matte of it.

mod button;
mod params;
mod parts;
mod rendering;
mod shots;
mod solve;

use std::ffi::CStr;
use std::sync::{Arc, Mutex};

use ofx::{
    Changed, ClipComponents, ClipPreferences, ClipSpec, Context, Describe, DescribeInContext, Effect,
    FramesNeeded, Identity, IdentityArgs, Image, Info, Instance, KeyArgs, OverlayArgs, Pen, PenArgs, RangeD,
    RectD, Regions, RegionsArgs, RenderArgs, Result, TimeArgs, plane,
};
use shapes::Document;

use crate::exchange;
use crate::fields::FIELDS;
use crate::output;
use crate::output::look;
use crate::plate::Placement;
use crate::splines::Edit;
use crate::stored::{self, LOAD_FILE, SHAPES, SHAPES_FILE, some_document, store};
use params::{
    CLEAR, EDITS_FIX, LOCK_FRAME, RESULT_FILE, SOLVE, SOLVE_FORWARD, SOLVE_FROM_HERE, SOLVE_WHILE_RENDERING,
    UNLOCK_FRAME,
};
use solve::Settings;

const SOURCE: ClipSpec<'_> = ClipSpec::source().temporal();
const MOTION: ClipSpec<'_> = ClipSpec::new(c"Motion").optional().temporal();
const OUTPUT_CLIP: ClipSpec<'_> = ClipSpec::output();

/// The effect's own state: what the artist does in the viewer.
pub struct Motion2Roto {
    edit: Mutex<Edit>,
}

impl Effect for Motion2Roto {
    const INFO: Info = Info {
        identifier: c"org.splitline.Motion2Roto",
        version: (1, 0),
        label: c"Motion2Roto",
        group: c"Splitline",
        help: c"Carries splines that are keyed on a few frames through the shot: on motion vectors of another node, or on \
                motion found in the picture. Every frame gets an editable spline and its matte. Keys set by hand are never \
                changed.",
    };
    const OVERLAY: bool = true;

    fn describe(d: &mut Describe<'_>) -> Result<()> {
        output::describe(d, &[Context::Filter, Context::General]);
        Ok(())
    }

    fn describe_in_context(d: &mut DescribeInContext<'_>, context: Context) -> Result<()> {
        d.clip(&SOURCE)?;
        if context == Context::General {
            d.clip(&MOTION)?;
        }
        d.clip(&OUTPUT_CLIP)?;
        params::define(d)
    }

    fn create(instance: &Instance) -> Result<Self> {
        look::enable(instance)?;
        Ok(Motion2Roto { edit: Mutex::default() })
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
        if instance.clip(MOTION).is_ok() {
            components.set(MOTION, &[plane::COLOUR])?;
        }
        output::planes::components(instance, args, |d| Ok(Arc::clone(d)), components)
    }

    fn frames_needed(
        &self,
        instance: &Instance,
        args: &TimeArgs,
        frames: &mut FramesNeeded<'_>,
    ) -> Result<()> {
        if !instance.get(&SOLVE_WHILE_RENDERING)? {
            return Ok(());
        }
        let Some(document) = stored::document(instance)? else { return Ok(()) };
        let frame = args.time.round() as i32;
        let (first, last) = parts::frames_around(&document, &Settings::read(instance)?, frame);
        let range = [RangeD::new(f64::from(first), f64::from(last))];
        frames.set(SOURCE, &range)?;
        if instance.context() == Context::General {
            frames.set(MOTION, &range)?;
        }
        Ok(())
    }

    fn regions_of_interest(
        &self,
        instance: &Instance,
        args: &RegionsArgs,
        regions: &mut Regions<'_>,
    ) -> Result<()> {
        if instance.get(&SOLVE_WHILE_RENDERING)? {
            let source = instance.clip(SOURCE)?;
            regions.set(SOURCE, source.region_of_definition(args.time)?)?;
        }
        Ok(())
    }

    fn render(&self, instance: &Instance, args: &RenderArgs) -> Result<()> {
        let clip = instance.clip(SOURCE)?;
        let source = clip.required_image(args.time, None)?;
        let placement = Placement::of(&clip, args.time)?;
        let document = self.document(instance, args, &source, placement)?;
        output::render(instance, args, &clip, &source, (&document, &placement))
    }

    fn region_of_definition(&self, instance: &Instance, args: &TimeArgs) -> Result<Option<RectD>> {
        // What a render solves is not known yet.
        if instance.get(&SOLVE_WHILE_RENDERING)? {
            return Ok(None);
        }
        output::region(instance, args, SOURCE, Ok)
    }

    fn is_identity(&self, instance: &Instance, args: &IdentityArgs) -> Result<Option<Identity>> {
        output::identity(instance, args.time)
    }

    fn changed(&self, instance: &Instance, change: &Changed) -> Result<()> {
        if change.nested {
            return Ok(());
        }
        if change.is_clip(SOURCE) || change.is_clip(MOTION) {
            shots::forget();
        } else if change.by_user(&SOLVE) {
            button::solve(instance, change.time, button::Start::Range)?;
        } else if change.by_user(&SOLVE_FORWARD) {
            button::solve(instance, change.time, button::Start::Forward)?;
        } else if change.by_user(&SOLVE_FROM_HERE) {
            button::solve(instance, change.time, button::Start::Here)?;
        } else if change.by_user(&CLEAR) {
            let document = some_document(instance)?;
            // Who clears wants all of it solved anew.
            shots::forget();
            store(instance, &solve::cleared(&document), "Cleared: only keys set by hand are left.")?;
        } else if change.by_user(&LOCK_FRAME) {
            let document = solve::locked_at(&*some_document(instance)?, change.time.round());
            store(instance, &document, "Locked: no solve changes the splines of this frame.")?;
        } else if change.by_user(&UNLOCK_FRAME) {
            let document = solve::unlocked_at(&*some_document(instance)?, change.time.round());
            store(instance, &document, "Unlocked: the next solve may change the splines of this frame.")?;
        } else if change.by_user(&LOAD_FILE) {
            stored::load(instance)?;
        } else if change.by_user(&exchange::IMPORT) {
            let before = stored::document(instance)?;
            let imported =
                exchange::import(instance, &instance.clip(SOURCE)?, before.as_deref(), change.time)?;
            instance.edit_block("Import", || store(instance, &imported.document, &imported.status))?;
            imported.tell(instance);
        } else if change.by_user(&exchange::EXPORT) {
            let document = some_document(instance)?;
            exchange::export(instance, &instance.clip(SOURCE)?, &document, change.time)?;
        } else if change.by_user(&exchange::SHOW_TEXT) {
            let document = some_document(instance)?;
            exchange::show_text(instance, &instance.clip(SOURCE)?, &document, change.time)?;
        } else if output::is_switch(change) {
            look::enable(instance)?;
        } else if change.by_user(&SHAPES) || change.by_user(&SHAPES_FILE) {
            // Said at once, not only at the next render.
            stored::document(instance)?;
        }
        Ok(())
    }

    fn purge_caches(&self, _: &Instance) -> Result<()> {
        shots::forget();
        FIELDS.clear();
        Ok(())
    }

    fn overlay_params() -> &'static [&'static CStr] {
        &[c"shapes", c"shapesFile"]
    }

    fn overlay_draw(&self, instance: &Instance, args: &OverlayArgs<'_>, pen: &mut dyn Pen) -> Result<()> {
        self.edit().draw(instance, args, pen)
    }

    fn pen_down(&self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        self.edit().pen_down(instance, args, instance.get(&EDITS_FIX)?)
    }

    fn pen_motion(&self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        self.edit().pen_motion(instance, args)
    }

    fn pen_up(&self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        self.edit().pen_up(instance, args)
    }

    fn key_down(&self, instance: &Instance, args: &KeyArgs<'_>) -> Result<bool> {
        self.edit().key_down(instance, args, instance.get(&EDITS_FIX)?)
    }
}

impl Motion2Roto {
    fn edit(&self) -> std::sync::MutexGuard<'_, Edit> {
        // An edit is changed in whole steps.
        self.edit.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The document to draw, solved on the way if the artist wants that.
    fn document(
        &self,
        instance: &Instance,
        args: &RenderArgs,
        source: &Image<'_>,
        placement: Placement,
    ) -> Result<Arc<Document>> {
        let document = stored::document_or_empty(instance)?;
        if document.shapes.is_empty() || !instance.get(&SOLVE_WHILE_RENDERING)? {
            return Ok(document);
        }
        let settings = Settings::read(instance)?;
        let whole = source.render_scale == ofx::PointD::new(1.0, 1.0)
            && source.bounds.contains_rect(&placement.window)
            && args.time.fract() == 0.0;
        let picture = whole.then(|| placement.frame(&source.view(), settings.encoding)).transpose()?;
        let result_file = instance.get(&RESULT_FILE)?;
        let frame = args.time.round() as i32;
        let rendered = rendering::Rendered { frame, picture, placement, result_file: &result_file };
        rendering::document(instance, &document, &settings, rendered)
    }
}
