//! Motion Vectors: where every pixel goes on the next frame, and where it was on the previous one, as a picture.

use std::ffi::CStr;
use std::sync::Arc;

use engine::flow::{self, FlowError};
use engine::image::Plane;
use engine::motion2roto::{FieldPair, Look};
use engine::vectors::{Convention, Vectors};
use ofx::param::{ChoiceOf, Options, Page};
use ofx::{
    ClipComponents, ClipPreferences, ClipSpec, Components, Context, Depth, Describe, DescribeInContext,
    Effect, Error, FramesNeeded, Info, Instance, PointD, Premult, RangeD, Regions, RegionsArgs, RenderArgs,
    Result, ThreadSafety, TimeArgs,
};
use rayon::prelude::*;

use crate::fields::FIELDS;
use crate::motion_planes::{self, MOTION_PLANES, Shown};
use crate::plate::Placement;
use crate::vector_params::{PLATE_ENCODING, QUALITY, Quality, convention, define_convention, plate_encoding};

const SOURCE: ClipSpec<'_> = ClipSpec::source().temporal().no_tiles();
const OUTPUT_CLIP: ClipSpec<'_> = ClipSpec::output().components(&[Components::Rgba]);

/// What the effect puts out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    Vectors,
    Confidence,
    Occlusion,
}

impl Options for Output {
    const ALL: &'static [(Self, &'static CStr)] = &[
        (Self::Vectors, c"Forward and backward"),
        (Self::Confidence, c"Confidence"),
        (Self::Occlusion, c"Occlusion"),
    ];
}

const PAGE: Page<'_> = Page::new(c"motionPage", c"Motion");
const OUTPUT: ChoiceOf<'_, Output> = ChoiceOf::new(c"output", c"Output", Output::Vectors).help(
    c"Forward and backward: both motions, in the convention below. Confidence: of the forward motion in red and of the \
      backward motion in green, 0 to 1. Occlusion: 1 where a pixel is hidden on the next frame (red) or on the previous one \
      (green).",
);

/// The effect; it has no state of its own.
pub struct MotionVectors;

impl Effect for MotionVectors {
    const INFO: Info = Info {
        identifier: c"org.splitline.MotionVectors",
        version: (1, 0),
        label: c"Motion Vectors",
        group: c"Splitline",
        help: c"Finds how every pixel moves to the next frame and from the previous one. For Motion2Roto and for any other \
                node that reads motion vectors. Needs a host that gives neighbouring frames, and float pictures.",
    };

    fn describe(d: &mut Describe<'_>) -> Result<()> {
        d.contexts(&[Context::Filter, Context::General])
            .depths(&[Depth::Float, Depth::Half, Depth::Short, Depth::Byte])
            .tiles(false)
            .multi_resolution(true)
            .temporal_access(true)
            .multiple_clip_depths(true)
            .thread_safety(ThreadSafety::FullySafe);
        if d.host().names_planes() {
            d.multi_planar(true).clip_preferences_follow(&MOTION_PLANES);
        }
        Ok(())
    }

    fn describe_in_context(d: &mut DescribeInContext<'_>, _: Context) -> Result<()> {
        d.clip(&SOURCE)?;
        let named = d.host().names_planes();
        d.clip(&if named { OUTPUT_CLIP.components(motion_planes::COMPONENTS) } else { OUTPUT_CLIP })?;
        d.page(&PAGE, |d| {
            d.define(&OUTPUT)?;
            d.define(&QUALITY)?;
            define_convention(d)?;
            d.define(&PLATE_ENCODING)?;
            if d.host().names_planes() {
                d.define(&MOTION_PLANES)?;
            }
            Ok(())
        })
    }

    fn create(_: &Instance) -> Result<Self> {
        Ok(MotionVectors)
    }

    fn clip_preferences(&self, instance: &Instance, preferences: &mut ClipPreferences<'_>) -> Result<()> {
        let host = instance.host().capabilities();
        preferences.components(OUTPUT_CLIP, Components::Rgba)?;
        preferences.premult(Premult::Unpremultiplied)?;
        if host.multiple_clip_depths && host.depths.contains(&Depth::Float) {
            preferences.depth(OUTPUT_CLIP, Depth::Float)?;
        }
        preferences.frame_varying(true)
    }

    fn clip_components(
        &self,
        instance: &Instance,
        args: &TimeArgs,
        components: &mut ClipComponents<'_>,
    ) -> Result<()> {
        motion_planes::components(instance, args, components)
    }

    fn frames_needed(&self, _: &Instance, args: &TimeArgs, frames: &mut FramesNeeded<'_>) -> Result<()> {
        frames.set(SOURCE, &[RangeD::new(args.time - 1.0, args.time + 1.0)])
    }

    fn regions_of_interest(
        &self,
        instance: &Instance,
        args: &RegionsArgs,
        regions: &mut Regions<'_>,
    ) -> Result<()> {
        regions.set(SOURCE, instance.clip(SOURCE)?.region_of_definition(args.time)?)
    }

    fn render(&self, instance: &Instance, args: &RenderArgs) -> Result<()> {
        if !instance.host().capabilities().temporal_access {
            return Err(Error::unsupported(
                "giving an effect the neighbouring frames, which motion vectors need; use the command splitline flow",
            ));
        }
        let quality = instance.get_at(&QUALITY, args.time)?;
        let colour = match instance.get_at(&OUTPUT, args.time)? {
            Output::Vectors => Shown::Vectors(convention(instance)?),
            Output::Confidence => Shown::Confidence,
            Output::Occlusion => Shown::Occlusion,
        };
        let (placement, [previous, current, next]) = pictures(instance, args)?;
        let pair = |other: &Option<Look>, earlier: bool| match (&current, other) {
            (Some(here), Some(other)) if earlier => {
                pair(instance, other, here, quality).map(|[there, back]| Some([back, there]))
            }
            (Some(here), Some(other)) => pair(instance, here, other, quality).map(Some),
            _ => Ok(None),
        };
        let frame = Frame { before: pair(&previous, true)?, after: pair(&next, false)? };
        for output in instance.outputs(args) {
            let (asked, mut output) = output?;
            let shown = asked.map_or(Some(colour), motion_planes::shown);
            let pixels = shown.map(|shown| frame.pixels(shown, args.render_scale, placement.size()));
            instance.check_abort()?;
            match pixels {
                Some(pixels) => write_inside(&mut output, &placement, args.window, &pixels)?,
                None => output.fill(args.window, [0.0; 4]),
            }
        }
        Ok(())
    }

    fn purge_caches(&self, _: &Instance) -> Result<()> {
        FIELDS.clear();
        Ok(())
    }
}

/// What is known about one frame; at the ends of a shot one side is missing.
struct Frame {
    /// From this frame to the next one, and from that one back.
    after: Option<FieldPair>,
    /// From this frame to the previous one, and from that one here.
    before: Option<FieldPair>,
}

impl Frame {
    /// RGBA pixels, rows from the top, of a picture of this size at a proxy scale.
    fn pixels(&self, shown: Shown, scale: PointD, (width, height): (usize, usize)) -> Vec<[f32; 4]> {
        let occluded = if shown == Shown::Occlusion { self.occlusion() } else { [None, None] };
        // Vectors count full-resolution pixels, also in a proxy.
        let unscale = [1.0 / scale.x as f32, 1.0 / scale.y as f32];
        let mut pixels = vec![[0.0_f32; 4]; width * height];
        pixels.par_chunks_exact_mut(width).enumerate().for_each(|(y, row)| {
            for (x, pixel) in row.iter_mut().enumerate() {
                *pixel = match &shown {
                    Shown::Vectors(convention) => self.vectors(x, y, unscale, convention, (width, height)),
                    Shown::Confidence => self.confidence(x, y),
                    Shown::Occlusion => {
                        let at = |i: usize| {
                            occluded[i].as_ref().map_or(0.0, |p: &Plane| p.clamped(x as isize, y as isize))
                        };
                        [at(0), at(1), 0.0, 1.0]
                    }
                };
            }
        });
        pixels
    }

    fn vectors(
        &self,
        x: usize,
        y: usize,
        unscale: [f32; 2],
        convention: &Convention,
        (width, height): (usize, usize),
    ) -> [f32; 4] {
        let full = |v: [f32; 2]| [v[0] * unscale[0], v[1] * unscale[1]];
        let vectors = Vectors {
            forward: self.after.as_ref().map(|[there, _]| full(there.field.at(x, y))),
            backward: self.before.as_ref().map(|[there, _]| full(there.field.at(x, y))),
        };
        let size = |n: usize, unscale: f32| (n as f32 * unscale).round() as usize;
        convention.encode(&vectors, size(width, unscale[0]), size(height, unscale[1]))
    }

    fn confidence(&self, x: usize, y: usize) -> [f32; 4] {
        let at = |pair: &Option<FieldPair>| {
            let confidence = pair.as_ref().and_then(|[there, _]| there.confidence.as_ref());
            confidence.map_or(0.0, |c| c.clamped(x as isize, y as isize))
        };
        [at(&self.after), at(&self.before), 0.0, 1.0]
    }

    /// Where the next and the previous frame hide this one's pixels; only asked for by one output, so found when it is.
    fn occlusion(&self) -> [Option<Plane>; 2] {
        [&self.after, &self.before].map(|pair| {
            pair.as_ref().map(|[there, back]| flow::consistency(&there.field, &back.field).occluded)
        })
    }
}

/// The frame and its neighbours, where the frame's picture lies. A neighbour is missing at the ends of the clip.
fn pictures(instance: &Instance, args: &RenderArgs) -> Result<(Placement, [Option<Look>; 3])> {
    let clip = instance.clip(SOURCE)?;
    let placement = Placement::at_scale(&clip, args.time, args.render_scale)?;
    let encoding = plate_encoding(instance, clip.depth())?;
    let range = clip.frame_range();
    let fetch = |time: f64| -> Result<Option<Look>> {
        if range.is_some_and(|r| time < r.min || time > r.max) {
            return Ok(None);
        }
        let image = clip.image(time, None)?;
        let plane = image.map(|i| placement.luma(&i.view(), encoding)).transpose()?;
        Ok(plane.map(|plane| Look::at(Arc::new(plane))))
    };
    let current = fetch(args.time)?.ok_or_else(|| clip.missing())?;
    Ok((placement, [fetch(args.time - 1.0)?, Some(current), fetch(args.time + 1.0)?]))
}

fn pair(instance: &Instance, a: &Look, b: &Look, quality: Quality) -> Result<FieldPair> {
    let cancel = || instance.aborted();
    let options = flow::Options { quality: quality.0, ..flow::Options::default() };
    FIELDS.pair(a, b, &options, &cancel).map_err(|e| match e {
        FlowError::Cancelled => Error::Aborted,
        e @ FlowError::Sizes { .. } => Error::failed(e),
    })
}

/// Writes what lies inside of the window from pixels that cover the whole placement.
fn write_inside(
    output: &mut ofx::OutputImage<'_>,
    placement: &Placement,
    window: ofx::RectI,
    pixels: &[[f32; 4]],
) -> Result<()> {
    let whole = placement.window;
    let inside = window.intersect(&whole);
    if inside != window {
        output.fill(window, [0.0; 4]);
    }
    let width = whole.width();
    let columns = (inside.x1 - whole.x1) as usize..(inside.x2 - whole.x1) as usize;
    for mut row in output.rows_mut(inside) {
        let from_top = (whole.y2 - 1 - row.y) as usize;
        let line = &pixels[from_top * width..(from_top + 1) * width];
        row.write_rgba_f32(inside.x1, line[columns.clone()].as_flattened());
    }
    Ok(())
}
