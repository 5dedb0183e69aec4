//! What an effect puts out that draws mattes of its shapes: params, drawing, and what the host is told of it.
//!
//! | module | holds |
//! |---|---|
//! | [`params`] | the output page |
//! | [`planes`] | mattes as planes of the host's |
//! | [`look`] | what its params say at a time |
//! | [`draw`] | mattes, or splines and landmarks over the source |
//! | [`compose`] | these and the source on their way to an image |

mod compose;
pub mod draw;
pub mod look;
pub mod params;
pub mod planes;

use std::sync::Arc;

use ofx::{
    Clip, ClipPreferences, ClipSpec, Components, Context, Depth, Describe, Field, Identity, Image, Instance,
    Premult, RectD, RenderArgs, Result, ThreadSafety, TimeArgs, plane,
};
use shapes::Document;

use crate::plate::Placement;
use crate::stored;
use draw::{Style, Target};
use params::{FALLOFF, MOTION_BLUR, OUTPUT, Output, SHUTTER_PHASE};
use planes::SHAPE_PLANES;

/// Says what the output holds.
pub fn preferences(
    instance: &Instance,
    source: ClipSpec<'_>,
    output: ClipSpec<'_>,
    preferences: &mut ClipPreferences<'_>,
) -> Result<()> {
    match instance.get(&OUTPUT)? {
        Output::MatteInAlpha => preferences.premult(Premult::Unpremultiplied)?,
        Output::MatteInRgb | Output::SourceTimesMatte | Output::MultiMatte => {
            preferences.premult(Premult::Premultiplied)?
        }
        Output::Overlay => {}
    }
    // A matte in alpha needs one, also over a source that has none.
    if instance.clip(source)?.components() == Some(Components::Rgb)
        && instance.host().capabilities().components.contains(&Components::Rgba)
    {
        preferences.components(output, Components::Rgba)?;
    }
    preferences.frame_varying(true)
}

/// Says what an effect that draws shapes over its source works on.
pub fn describe(d: &mut Describe<'_>, contexts: &[Context]) {
    d.contexts(contexts)
        .depths(&[Depth::Float, Depth::Half, Depth::Short, Depth::Byte])
        .tiles(true)
        .multi_resolution(true)
        .temporal_access(true)
        .thread_safety(ThreadSafety::FullySafe)
        .clip_preferences_follow(&OUTPUT);
    if d.host().names_planes() {
        // Menus of planes are made anew where the clip preferences are.
        d.multi_planar(true)
            .clip_preferences_follow(&SHAPE_PLANES)
            .clip_preferences_follow(&stored::SHAPES)
            .clip_preferences_follow(&stored::SHAPES_FILE);
    }
}

/// The source as it is, where the output is an overlay of a document in which there is nothing to draw.
pub fn identity(instance: &Instance, time: f64) -> Result<Option<Identity>> {
    let is_empty = |d: &Document| d.shapes.is_empty() && d.tracks.is_empty();
    let draws_nothing = instance.get_at(&OUTPUT, time)? == Output::Overlay
        && stored::document(instance).is_ok_and(|d| d.is_none_or(|d| is_empty(&d)));
    Ok(draws_nothing.then_some(Identity { clip: c"Source", time }))
}

/// Draws a document into the output, or into those of its planes that the host asks for.
pub fn render(
    instance: &Instance,
    args: &RenderArgs,
    clip: &Clip<'_>,
    source: &Image<'_>,
    (document, placement): (&Document, &Placement),
) -> Result<()> {
    for output in instance.outputs(args) {
        let (asked, mut output) = output?;
        let matte = asked.and_then(plane::name);
        let window = args.window.intersect(&output.bounds);
        let target = Target {
            window,
            render_scale: args.render_scale,
            par: output.pixel_aspect,
            top: placement.document_top(document),
        };
        for pass in look::passes(args.field, clip.field_order(), args.time) {
            let style = Style::read(instance, pass.time)?;
            let drawn = match matte {
                Some(name) => draw::plane(document, pass.time, name, &style, &target),
                None => draw::draw(document, pass.time, &source.view(), &style, &target)?,
            };
            instance.check_abort()?;
            let wanted = |y: i32| pass.rows.is_none_or(|rest| y.rem_euclid(2) == rest);
            drawn.write(&source.view(), &mut output, window, wanted)?;
        }
    }
    Ok(())
}

/// Where the output of the instance's document is other than black, canonical, where that is less than the source. `dressed` gives
/// the document as it is drawn.
pub fn region(
    instance: &Instance,
    args: &TimeArgs,
    source: ClipSpec<'_>,
    dressed: impl FnOnce(Arc<Document>) -> Result<Arc<Document>>,
) -> Result<Option<RectD>> {
    // Elsewhere all pictures have one size.
    if !instance.host().capabilities().multi_resolution {
        return Ok(None);
    }
    // A document that cannot be read is the render's to report.
    let Ok(Some(document)) = stored::document(instance) else { return Ok(None) };
    let (document, clip) = (dressed(document)?, instance.clip(source)?);
    let (style, planes) = (Style::read(instance, args.time)?, planes::are_wanted(instance)?);
    let Ok(placement) = Placement::of(&clip, args.time) else { return Ok(None) };
    let passes = look::passes(Field::Both, clip.field_order(), args.time);
    let top = placement.document_top(&document);
    let drawn = passes.iter().map(|p| draw::extent(&document, p.time, &style, top, planes));
    let Some(drawn) = drawn.reduce(|a, b| Some(a?.union(&b?))).flatten() else { return Ok(None) };
    let pixel = 1.0 / args.render_scale.x.min(args.render_scale.y);
    let region = drawn.grown(pixel * clip.pixel_aspect().max(1.0));
    let region = region.intersect(&clip.region_of_definition(args.time)?);
    Ok((!region.is_empty()).then_some(region))
}

/// Whether a change is one of the params that say which others of the page apply.
pub fn is_switch(change: &ofx::Changed) -> bool {
    change.is(&OUTPUT) || change.is(&FALLOFF) || change.is(&MOTION_BLUR) || change.is(&SHUTTER_PHASE)
}
