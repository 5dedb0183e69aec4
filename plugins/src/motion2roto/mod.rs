//! Motion2Roto: sparse keyed splines in, a spline on every frame out, and the matte of it.

mod button;
mod compose;
mod draw;
mod edit;
mod look;
mod params;
mod parts;
mod rendering;
mod shots;
mod solve;

use std::sync::{Arc, Mutex};

use ofx::{
    Changed, ClipPreferences, ClipSpec, Components, Context, Depth, Describe, DescribeInContext, Effect,
    Error, Field, FramesNeeded, Identity, IdentityArgs, Image, Info, Instance, KeyArgs, OverlayArgs, Pen,
    PenArgs, Premult, RangeD, RectD, Regions, RegionsArgs, RenderArgs, Result, ThreadSafety, TimeArgs,
};
use shapes::Document;

use crate::documents;
use crate::fields::FIELDS;
use crate::plate::Placement;
use draw::{Style, Target};
use params::{
    CLEAR, FALLOFF, LOAD_FILE, LOCK_FRAME, MOTION_BLUR, OUTPUT, Output, RESULT_FILE, SHAPES, SHAPES_FILE,
    SHUTTER_PHASE, SOLVE, SOLVE_FORWARD, SOLVE_FROM_HERE, SOLVE_WHILE_RENDERING, STATUS, UNLOCK_FRAME,
};
use solve::Settings;

const SOURCE: ClipSpec<'_> = ClipSpec::source().temporal();
const MOTION: ClipSpec<'_> = ClipSpec::new(c"Motion").optional().temporal();
const OUTPUT_CLIP: ClipSpec<'_> = ClipSpec::output();

/// The effect's own state: what the artist does in the viewer.
pub struct Motion2Roto {
    edit: Mutex<edit::Edit>,
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
        d.contexts(&[Context::Filter, Context::General])
            .depths(&[Depth::Float, Depth::Half, Depth::Short, Depth::Byte])
            .tiles(true)
            .multi_resolution(true)
            .temporal_access(true)
            .thread_safety(ThreadSafety::FullySafe)
            .clip_preferences_follow(&OUTPUT);
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
        let source = instance.clip(SOURCE)?;
        match instance.get(&OUTPUT)? {
            Output::MatteInAlpha => preferences.premult(Premult::Unpremultiplied)?,
            Output::MatteInRgb | Output::SourceTimesMatte | Output::MultiMatte => {
                preferences.premult(Premult::Premultiplied)?
            }
            Output::Overlay => {}
        }
        // A matte in alpha needs one, also over a source that has none.
        if source.components() == Some(Components::Rgb)
            && instance.host().capabilities().components.contains(&Components::Rgba)
        {
            preferences.components(OUTPUT_CLIP, Components::Rgba)?;
        }
        preferences.frame_varying(true)
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
        let Some(document) = stored_document(instance)? else { return Ok(()) };
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
        let mut output = instance.output(args.time)?;
        let window = args.window.intersect(&output.bounds);
        let clip = instance.clip(SOURCE)?;
        let source = clip.required_image(args.time, None)?;
        let placement = Placement::of(&clip, args.time)?;
        let document = self.document(instance, args, &source, placement)?;
        let document = document.unwrap_or_else(|| Arc::new(Document::new(0, 0)));
        let target = Target {
            window,
            render_scale: args.render_scale,
            par: output.pixel_aspect,
            top: placement.document_top(&document),
        };
        for pass in look::passes(args.field, clip.field_order(), args.time) {
            let style = Style::read(instance, pass.time)?;
            let drawn = draw::draw(&document, pass.time, &source.view(), &style, &target)?;
            instance.check_abort()?;
            let wanted = |y: i32| pass.rows.is_none_or(|rest| y.rem_euclid(2) == rest);
            drawn.write(&source.view(), &mut output, window, wanted)?;
        }
        Ok(())
    }

    fn region_of_definition(&self, instance: &Instance, args: &TimeArgs) -> Result<Option<RectD>> {
        // Elsewhere all pictures have one size, and what a render solves is not known yet.
        if !instance.host().capabilities().multi_resolution || instance.get(&SOLVE_WHILE_RENDERING)? {
            return Ok(None);
        }
        let clip = instance.clip(SOURCE)?;
        let style = Style::read(instance, args.time)?;
        // A document that cannot be read is the render's to report.
        let Ok(Some(document)) = stored_document(instance) else { return Ok(None) };
        let Ok(placement) = Placement::of(&clip, args.time) else { return Ok(None) };
        let passes = look::passes(Field::Both, clip.field_order(), args.time);
        let top = placement.document_top(&document);
        let drawn = passes.iter().map(|p| draw::extent(&document, p.time, &style, top));
        let Some(drawn) = drawn.reduce(|a, b| Some(a?.union(&b?))).flatten() else { return Ok(None) };
        let pixel = 1.0 / args.render_scale.x.min(args.render_scale.y);
        let region = drawn.grown(pixel * clip.pixel_aspect().max(1.0));
        let region = region.intersect(&clip.region_of_definition(args.time)?);
        Ok((!region.is_empty()).then_some(region))
    }

    fn is_identity(&self, instance: &Instance, args: &IdentityArgs) -> Result<Option<Identity>> {
        let draws_nothing = instance.get_at(&OUTPUT, args.time)? == Output::Overlay
            && stored_document(instance).is_ok_and(|d| d.is_none_or(|d| d.shapes.is_empty()));
        Ok(draws_nothing.then_some(Identity { clip: c"Source", time: args.time }))
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
            let file = instance.get(&SHAPES_FILE)?;
            if file.trim().is_empty() {
                return Err(Error::failed("choose a shapes file first"));
            }
            let document = documents::from_file(std::path::Path::new(file.trim())).map_err(Error::failed)?;
            store(instance, &document, "Loaded the file.")?;
        } else if [
            change.is(&OUTPUT),
            change.is(&FALLOFF),
            change.is(&MOTION_BLUR),
            change.is(&SHUTTER_PHASE),
        ]
        .contains(&true)
        {
            look::enable(instance)?;
        } else if change.by_user(&SHAPES) || change.by_user(&SHAPES_FILE) {
            // Said at once, not only at the next render.
            stored_document(instance)?;
        }
        Ok(())
    }

    fn purge_caches(&self, _: &Instance) -> Result<()> {
        shots::forget();
        FIELDS.clear();
        Ok(())
    }

    fn overlay_params() -> &'static [&'static std::ffi::CStr] {
        &[c"shapes", c"shapesFile"]
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

impl Motion2Roto {
    fn edit(&self) -> std::sync::MutexGuard<'_, edit::Edit> {
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
    ) -> Result<Option<Arc<Document>>> {
        let Some(document) = stored_document(instance)? else { return Ok(None) };
        if document.shapes.is_empty() || !instance.get(&SOLVE_WHILE_RENDERING)? {
            return Ok(Some(document));
        }
        let settings = Settings::read(instance)?;
        let whole = source.render_scale == ofx::PointD::new(1.0, 1.0)
            && source.bounds.contains_rect(&placement.window)
            && args.time.fract() == 0.0;
        let picture = whole.then(|| placement.frame(&source.view(), settings.encoding)).transpose()?;
        let result_file = instance.get(&RESULT_FILE)?;
        let frame = args.time.round() as i32;
        let rendered = rendering::Rendered { frame, picture, placement, result_file: &result_file };
        rendering::document(instance, &document, &settings, rendered).map(Some)
    }
}

/// The document of an instance: its text, or else its file.
fn stored_document(instance: &Instance) -> Result<Option<Arc<Document>>> {
    let (text, file) = (instance.get(&SHAPES)?, instance.get(&SHAPES_FILE)?);
    documents::from_text_or_file(&text, &file).map_err(Error::failed)
}

fn some_document(instance: &Instance) -> Result<Arc<Document>> {
    stored_document(instance)?.ok_or_else(|| {
        Error::failed("there are no shapes: choose a shapes file, or put a document into Shapes")
    })
}

/// Puts a document into the project.
fn store(instance: &Instance, document: &Document, status: &str) -> Result<()> {
    let text = document.to_json().map_err(Error::failed)?;
    instance.set(&SHAPES, &text)?;
    instance.set(&STATUS, status)
}
