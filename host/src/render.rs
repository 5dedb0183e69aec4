//! One frame: the whole protocol of actions around a render, and what is checked after it.

use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::sync::Arc;

use crate::buffer::PixelBuffer;
use crate::clip::{Mapped, Prepared, Wanted};
use crate::error::{Error, Result};
use crate::geometry::RectD;
use crate::job::{Field, RenderJob};
use crate::object::EffectObject;
use crate::picture::{Picture, RectI};
use crate::planes;
use crate::preferences::{self, Preferences};
use crate::property::{PropSet, Values, Write};
use crate::regions::{self, Needed, doubles, field_name};
use crate::shared::lock;
use crate::status::Status;
use crate::violation::{Rule, Severity};

/// A render in progress.
pub(crate) struct RenderState {
    pub time: f64,
    pub scale: (f64, f64),
    pub field: Field,
    pub definition: RectD,
    pub output: Prepared,
    pub interest: HashMap<CString, RectD>,
    /// `None` where the host does not ask.
    pub needed: Option<Needed>,
    pub plane: CString,
    /// What its pixels are called, where that is other than what they are.
    pub components: Option<CString>,
}

/// The sequence that frames are part of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sequence {
    pub first: f64,
    pub last: f64,
    pub step: f64,
    pub scale: (f64, f64),
    /// In strict order on one instance.
    pub sequential: bool,
    pub interactive: bool,
}

impl Sequence {
    /// One frame alone.
    pub fn of(job: &RenderJob) -> Sequence {
        Sequence {
            first: job.time,
            last: job.time,
            step: 1.0,
            scale: job.scale,
            sequential: false,
            interactive: job.interactive,
        }
    }

    fn arguments(&self, object: &EffectObject) -> Arc<PropSet> {
        let args = object.arguments("inArgs");
        doubles(&args, ofx_sys::kOfxImageEffectPropFrameRange, &[self.first, self.last]);
        doubles(&args, ofx_sys::kOfxImageEffectPropFrameStep, &[self.step]);
        doubles(&args, ofx_sys::kOfxImageEffectPropRenderScale, &[self.scale.0, self.scale.1]);
        int(&args, ofx_sys::kOfxPropIsInteractive, !object.shared.profile.supports.background);
        self.flags(object, &args);
        args
    }

    fn flags(&self, object: &EffectObject, args: &PropSet) {
        if object.shared.profile.api_version >= (1, 2) {
            int(args, ofx_sys::kOfxImageEffectPropSequentialRenderStatus, self.sequential);
            int(args, ofx_sys::kOfxImageEffectPropInteractiveRenderStatus, self.interactive);
        }
    }

    /// Tells the plug-in that frames will follow.
    pub fn begin(&self, object: &Arc<EffectObject>) -> Result<()> {
        self.tell(object, ofx_sys::kOfxImageEffectActionBeginSequenceRender)
    }

    /// Tells it that no more follow.
    pub fn end(&self, object: &Arc<EffectObject>) -> Result<()> {
        self.tell(object, ofx_sys::kOfxImageEffectActionEndSequenceRender)
    }

    fn tell(&self, object: &Arc<EffectObject>, action: &'static CStr) -> Result<()> {
        let status = object.act(action, Some(&self.arguments(object)), None, None);
        if status.is_fine() { Ok(()) } else { Err(object.failed(action, status)) }
    }
}

fn int(args: &PropSet, name: &CStr, value: bool) {
    args.define(name, Values::Int(vec![i32::from(value)]), 1, Write::Host);
}

/// Every mandatory input has a source.
pub(crate) fn check_inputs(object: &EffectObject) -> Result<()> {
    let missing =
        object.clips().into_iter().find(|c| !c.is_output() && !c.is_optional() && !c.is_connected());
    match missing {
        Some(clip) => Err(Error::NotConnected { effect: object.id.to_string(), clip: clip.name() }),
        None => Ok(()),
    }
}

/// Renders a frame within a sequence that has begun.
pub(crate) fn frame(
    object: &Arc<EffectObject>,
    preferences: &Preferences,
    job: &RenderJob,
    sequence: &Sequence,
) -> Result<Picture> {
    let plane = planes::chosen(object, job.time, job.plane.as_deref())?;
    let mut mapped = preferences.output;
    mapped.components = plane.components.unwrap_or(mapped.components);
    let definition = regions::definition(object, job.time, job.scale)?;
    let bounds = definition.to_pixels(job.scale, mapped.pixel_aspect);
    let wanted = job.window.map_or(bounds, |w| w.intersect(&bounds));
    if wanted.is_empty() {
        return Ok(finish(Picture::new(wanted, mapped.components, mapped.depth), mapped));
    }
    if let Some(same) = regions::identity(object, job.time, job.scale, wanted, job.field)? {
        return copy_of(object, &same, job, wanted, mapped);
    }
    let needed = regions::frames_needed(object, job.time)?;
    let whole = Frame { object, job, sequence, plane, mapped, definition, bounds, needed };
    if !object.takes_tiles() {
        let picture = whole.window(bounds, bounds)?;
        return Ok(finish(cut(picture, wanted), mapped));
    }
    let Some((width, height)) = job.tile.filter(|t| t.0 > 0 && t.1 > 0) else {
        let room = if object.shared.profile.layout.output_is_window { wanted } else { bounds };
        return Ok(finish(cut(whole.window(wanted, room)?, wanted), mapped));
    };
    let mut picture = Picture::new(wanted, mapped.components, mapped.depth);
    let steps = |from: i32, to: i32, step: i32| {
        (from..to)
            .step_by(usize::try_from(step).unwrap_or(1))
            .map(move |a| (a, a.saturating_add(step).min(to)))
    };
    for (y1, y2) in steps(wanted.y1, wanted.y2, height) {
        for (x1, x2) in steps(wanted.x1, wanted.x2, width) {
            let tile = RectI::new(x1, y1, x2, y2);
            // A tile may lie in a larger image; its surroundings must stay as they are.
            let around = RectI::new(x1 - AROUND, y1 - AROUND, x2 + AROUND, y2 + AROUND).intersect(&bounds);
            let room = if object.shared.profile.layout.output_is_window { tile } else { around };
            paste(&mut picture, &whole.window(tile, room)?.crop(tile));
        }
    }
    Ok(finish(picture, mapped))
}

/// Pixels around a tile.
const AROUND: i32 = 16;

fn cut(picture: Picture, window: RectI) -> Picture {
    if picture.bounds() == window { picture } else { picture.crop(window) }
}

fn finish(mut picture: Picture, mapped: Mapped) -> Picture {
    picture.pixel_aspect = mapped.pixel_aspect;
    picture.premultiplication = mapped.premultiplication;
    picture
}

fn paste(to: &mut Picture, from: &Picture) {
    let n = from.pixel_bytes();
    let skip = (from.bounds().x1 - to.bounds().x1).unsigned_abs() as usize * n;
    for y in from.bounds().y1..from.bounds().y2 {
        let row = from.row(y);
        to.row_mut(y)[skip..skip + row.len()].copy_from_slice(row);
    }
}

/// The input that the frame is the same as, in the form of the output.
fn copy_of(
    object: &EffectObject,
    same: &regions::Identity,
    job: &RenderJob,
    window: RectI,
    mapped: Mapped,
) -> Result<Picture> {
    let clip = object.clip(&same.clip);
    let layout = object.shared.profile.layout;
    let time = if object.shared.profile.quirks.clip_ignores_time { job.time } else { same.time };
    let wanted = Wanted { time, region: None, scale: job.scale, plane: None };
    let prepared = clip.map(|c| c.prepare(&wanted, &layout)).transpose();
    match prepared {
        Ok(prepared) => {
            let empty = || Picture::new(window, mapped.components, mapped.depth);
            let picture = prepared.flatten().map_or_else(empty, |p| p.buffer.to_picture());
            Ok(finish(picture.convert(mapped.components, mapped.depth).crop(window), mapped))
        }
        Err(source) => Err(Error::Source { clip: same.clip.to_string_lossy().into_owned(), source }),
    }
}

/// What all windows of a frame have in common.
struct Frame<'a> {
    object: &'a Arc<EffectObject>,
    job: &'a RenderJob,
    sequence: &'a Sequence,
    plane: planes::Plane,
    mapped: Mapped,
    definition: RectD,
    bounds: RectI,
    needed: Needed,
}

impl Frame<'_> {
    /// Renders a window into an image with the bounds of `room`.
    fn window(&self, window: RectI, room: RectI) -> Result<Picture> {
        let (object, job, mapped) = (self.object, self.job, self.mapped);
        let shared = &object.shared;
        let region = RectD::from_pixels(window, job.scale, mapped.pixel_aspect);
        let interest = regions::interest(object, job.time, job.scale, region)?;
        let (layout, checks) = (&shared.profile.layout, shared.profile.check_pixels);
        let buffer = PixelBuffer::for_output(room, mapped.components, mapped.depth, layout, checks);
        let buffer = Arc::new(buffer);
        let asks = shared.profile.calls(&ofx_sys::kOfxImageEffectActionGetFramesNeeded.to_string_lossy());
        let state = Arc::new(RenderState {
            time: job.time,
            scale: job.scale,
            field: job.field,
            definition: self.definition,
            output: Prepared {
                buffer: buffer.clone(),
                definition: self.bounds,
                aspect: mapped.pixel_aspect,
                premultiplication: mapped.premultiplication,
                sum: 0,
            },
            interest,
            needed: asks.then(|| self.needed.clone()),
            plane: self.plane.name.clone(),
            components: self.plane.called.clone(),
        });
        let args = self.arguments(window);
        let action = ofx_sys::kOfxImageEffectActionRender;
        lock(&object.renders).push(state.clone());
        let status = object.act(action, Some(&args), None, Some(state.clone()));
        lock(&object.renders).retain(|r| !Arc::ptr_eq(r, &state));
        if lock(&object.cancel).is_cancelled() {
            return Err(Error::Cancelled);
        }
        if let Some(place) = buffer.damage() {
            let message = format!("frame {} of Output was written to {place}", job.time);
            shared.report(Rule::GuardBytes, Severity::Error, message);
        }
        if status != Status::OK {
            return Err(object.failed(action, status));
        }
        if checks && job.field == Field::None {
            let (idle, stray) = buffer.untouched(window);
            if idle > 0 {
                let message = format!("{idle} pixels of the render window were not written");
                shared.report(Rule::UnwrittenPixels, Severity::Error, message);
            }
            if stray > 0 {
                let message = format!("{stray} pixels outside of the render window were written");
                shared.report(Rule::OutsideWindow, Severity::Error, message);
            }
        }
        Ok(buffer.to_picture())
    }

    fn arguments(&self, window: RectI) -> Arc<PropSet> {
        let (object, job) = (self.object, self.job);
        let profile = &object.shared.profile;
        let args = object.arguments("inArgs");
        doubles(&args, ofx_sys::kOfxPropTime, &[job.time]);
        doubles(&args, ofx_sys::kOfxImageEffectPropRenderScale, &[job.scale.0, job.scale.1]);
        let pixels = Values::Int(vec![window.x1, window.y1, window.x2, window.y2]);
        args.define(ofx_sys::kOfxImageEffectPropRenderWindow, pixels, 4, Write::Host);
        let field = Values::Text(vec![field_name(job.field)]);
        args.define(ofx_sys::kOfxImageEffectPropFieldToRender, field, 1, Write::Host);
        self.sequence.flags(object, &args);
        if profile.api_version >= (1, 3) {
            int(&args, ofx_sys::kOfxImageEffectPropOpenGLEnabled, false);
        }
        if profile.api_version >= (1, 4) {
            int(&args, ofx_sys::kOfxImageEffectPropRenderQualityDraft, job.draft && profile.supports.draft);
        }
        if profile.supports.multi_planar {
            let planes = Values::Text(vec![self.plane.name.clone()]);
            args.define(ofx_sys::kOfxImageEffectPropRenderPlanes, planes, 0, Write::Host);
            int(&args, ofx_sys::kFnOfxImageEffectPropView, false);
        }
        args
    }
}

/// A frame by itself: preferences, begin, render, end.
pub(crate) fn alone(object: &Arc<EffectObject>, job: &RenderJob) -> Result<Picture> {
    check_inputs(object)?;
    let preferences = preferences::settle(object)?;
    let sequence = Sequence::of(job);
    sequence.begin(object)?;
    let picture = frame(object, &preferences, job, &sequence);
    let ended = sequence.end(object);
    let picture = picture?;
    ended?;
    Ok(picture)
}
