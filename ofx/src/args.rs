//! What actions are given, and what they answer.

use core::cell::Cell;
use core::ffi::CStr;
use std::ffi::CString;

use ofx_sys as sys;

use crate::describe::ClipSpec;
use crate::error::Result;
use crate::geometry::{PointD, RangeD, RectD, RectI, positive_or_one};
use crate::kinds::{Components, Depth, Field, Premult};
use crate::param::Param;
use crate::plane;
use crate::props::PropertySet;

fn time_of(p: &PropertySet<'_>) -> Result<f64> {
    p.double(sys::kOfxPropTime, 0)
}

pub(crate) fn scale_of(p: &PropertySet<'_>) -> PointD {
    let [x, y] = p.doubles(sys::kOfxImageEffectPropRenderScale).unwrap_or([1.0; 2]);
    PointD { x: positive_or_one(x), y: positive_or_one(y) }
}

fn field_of(p: &PropertySet<'_>) -> Field {
    let name = p.c_string(sys::kOfxImageEffectPropFieldToRender, 0).unwrap_or_default();
    Field::from_name(&name).unwrap_or(Field::None)
}

fn window_of(p: &PropertySet<'_>) -> Result<RectI> {
    let [x1, y1, x2, y2] = p.ints(sys::kOfxImageEffectPropRenderWindow)?;
    Ok(RectI { x1, y1, x2, y2 })
}

/// What to render.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderArgs {
    /// The frame.
    pub time: f64,
    /// Proxy scale: 0.5 is half the resolution.
    pub render_scale: PointD,
    /// The part of the output to fill, pixel space.
    pub window: RectI,
    /// Which field.
    pub field: Field,
    /// Whether frames come in strict order on this instance.
    pub sequential: bool,
    /// Whether the artist waits for this frame.
    pub interactive: bool,
    /// Whether quick is better than good.
    pub draft: bool,
    /// The planes to make (Nuke, Natron); empty means colour.
    pub planes: Vec<String>,
    /// The stereo view (Nuke, Natron).
    pub view: i32,
}

impl RenderArgs {
    pub(crate) fn read(p: &PropertySet<'_>) -> Result<Self> {
        Ok(Self {
            time: time_of(p)?,
            render_scale: scale_of(p),
            window: window_of(p)?,
            field: field_of(p),
            sequential: p.bool_or(sys::kOfxImageEffectPropSequentialRenderStatus, false),
            interactive: p.bool_or(sys::kOfxImageEffectPropInteractiveRenderStatus, false),
            draft: p.bool_or(sys::kOfxImageEffectPropRenderQualityDraft, false),
            planes: p.strings(sys::kOfxImageEffectPropRenderPlanes),
            view: p.int_or(sys::kFnOfxImageEffectPropView, 0),
        })
    }
}

/// Which frames are going to be rendered, or have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SequenceArgs {
    /// First and last frame.
    pub frames: RangeD,
    /// From one frame to the next.
    pub step: f64,
    /// Whether this is for the artist's viewer.
    pub interactive: bool,
    /// Proxy scale.
    pub render_scale: PointD,
    /// Whether frames come in strict order on this instance.
    pub sequential: bool,
}

impl SequenceArgs {
    pub(crate) fn read(p: &PropertySet<'_>) -> Self {
        let [min, max] = p.doubles(sys::kOfxImageEffectPropFrameRange).unwrap_or([0.0; 2]);
        Self {
            frames: RangeD { min, max },
            step: p.double_or(sys::kOfxImageEffectPropFrameStep, 1.0),
            interactive: p.bool_or(sys::kOfxPropIsInteractive, false),
            render_scale: scale_of(p),
            sequential: p.bool_or(sys::kOfxImageEffectPropSequentialRenderStatus, false),
        }
    }
}

/// A frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeArgs {
    /// The frame.
    pub time: f64,
    /// Proxy scale.
    pub render_scale: PointD,
    /// The stereo view (Nuke, Natron).
    pub view: i32,
}

impl TimeArgs {
    pub(crate) fn read(p: &PropertySet<'_>) -> Result<Self> {
        let view = p.int_or(sys::kFnOfxImageEffectPropView, 0);
        Ok(Self { time: time_of(p)?, render_scale: scale_of(p), view })
    }
}

/// Which part of the output is going to be rendered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RegionsArgs {
    /// The frame.
    pub time: f64,
    /// Proxy scale.
    pub render_scale: PointD,
    /// The part of the output, canonical.
    pub region: RectD,
}

impl RegionsArgs {
    pub(crate) fn read(p: &PropertySet<'_>) -> Result<Self> {
        let [x1, y1, x2, y2] = p.doubles(sys::kOfxImageEffectPropRegionOfInterest)?;
        Ok(Self { time: time_of(p)?, render_scale: scale_of(p), region: RectD { x1, y1, x2, y2 } })
    }
}

/// What might be an unchanged input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IdentityArgs {
    /// The frame.
    pub time: f64,
    /// Proxy scale.
    pub render_scale: PointD,
    /// The part of the output, pixel space.
    pub window: RectI,
    /// Which field.
    pub field: Field,
}

impl IdentityArgs {
    pub(crate) fn read(p: &PropertySet<'_>) -> Result<Self> {
        Ok(Self {
            time: time_of(p)?,
            render_scale: scale_of(p),
            window: window_of(p).unwrap_or_default(),
            field: field_of(p),
        })
    }
}

/// The output is this frame of this clip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Identity {
    /// The clip.
    pub clip: &'static CStr,
    /// The frame.
    pub time: f64,
}

/// Writes an action's answers, and remembers whether there were any.
struct Answers<'h> {
    props: PropertySet<'h>,
    given: Cell<bool>,
}

impl Answers<'_> {
    fn named(prefix: &str, clip: &CStr) -> CString {
        // Neither part can hold a zero byte.
        CString::new([prefix.as_bytes(), clip.to_bytes()].concat()).unwrap_or_default()
    }

    fn give(&self, result: Result<()>) -> Result<()> {
        self.given.set(true);
        result
    }
}

/// Makes an answer type.
macro_rules! answers {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        pub struct $type<'h>(Answers<'h>);

        impl<'h> $type<'h> {
            pub(crate) fn new(props: PropertySet<'h>) -> Self {
                Self(Answers { props, given: Cell::new(false) })
            }

            pub(crate) fn given(&self) -> bool {
                self.0.given.get()
            }
        }
    };
}

answers! {
    /// Which part of each input is needed.
    Regions
}

impl Regions<'_> {
    /// This part (canonical) of this clip.
    pub fn set(&mut self, clip: impl AsRef<CStr>, region: RectD) -> Result<()> {
        let name = Answers::named("OfxImageClipPropRoI_", clip.as_ref());
        let RectD { x1, y1, x2, y2 } = region;
        self.0.give(self.0.props.set_doubles(&name, &[x1, y1, x2, y2]))
    }
}

answers! {
    /// Which frames of each input are needed.
    FramesNeeded
}

impl FramesNeeded<'_> {
    /// These ranges of frames of this clip.
    pub fn set(&mut self, clip: impl AsRef<CStr>, ranges: &[RangeD]) -> Result<()> {
        let name = Answers::named("OfxImageClipPropFrameRange_", clip.as_ref());
        let flat: Vec<f64> = ranges.iter().flat_map(|r| [r.min, r.max]).collect();
        self.0.give(self.0.props.set_doubles(&name, &flat))
    }
}

answers! {
    /// What the clips are wanted as, and what the output is.
    ClipPreferences
}

impl ClipPreferences<'_> {
    /// The components of a clip.
    pub fn components(&mut self, clip: impl AsRef<CStr>, components: Components) -> Result<()> {
        let Some(value) = components.to_name() else { return Ok(()) };
        let name = Answers::named("OfxImageClipPropComponents_", clip.as_ref());
        self.0.give(self.0.props.set_string(&name, 0, value))
    }

    /// The depth of a clip.
    pub fn depth(&mut self, clip: impl AsRef<CStr>, depth: Depth) -> Result<()> {
        let name = Answers::named("OfxImageClipPropDepth_", clip.as_ref());
        self.0.give(self.0.props.set_string(&name, 0, depth.to_name()))
    }

    /// The pixel aspect ratio of a clip.
    pub fn pixel_aspect(&mut self, clip: impl AsRef<CStr>, ratio: f64) -> Result<()> {
        let name = Answers::named("OfxImageClipPropPAR_", clip.as_ref());
        self.0.give(self.0.props.set_double(&name, 0, ratio))
    }

    /// The output's frame rate.
    pub fn frame_rate(&mut self, rate: f64) -> Result<()> {
        self.0.give(self.0.props.set_double(sys::kOfxImageEffectPropFrameRate, 0, rate))
    }

    /// The output's fielding.
    pub fn field_order(&mut self, field: Field) -> Result<()> {
        self.0.give(self.0.props.set_string(sys::kOfxImageClipPropFieldOrder, 0, field.to_name()))
    }

    /// The output's premultiplication.
    pub fn premult(&mut self, premult: Premult) -> Result<()> {
        let name = sys::kOfxImageEffectPropPreMultiplication;
        self.0.give(self.0.props.set_string(name, 0, premult.to_name()))
    }

    /// Whether the output differs between frames.
    pub fn continuous_samples(&mut self, yes: bool) -> Result<()> {
        self.0.give(self.0.props.set_int(sys::kOfxImageClipPropContinuousSamples, 0, yes.into()))
    }

    /// Whether the output varies though inputs and params do not.
    pub fn frame_varying(&mut self, yes: bool) -> Result<()> {
        self.0.give(self.0.props.set_int(sys::kOfxImageEffectFrameVarying, 0, yes.into()))
    }
}

answers! {
    /// Which planes the clips need and have (Nuke, Natron).
    ClipComponents
}

impl ClipComponents<'_> {
    /// The planes of a clip: needed of an input, made in the output.
    pub fn set(&mut self, clip: impl AsRef<CStr>, planes: &[&CStr]) -> Result<()> {
        let prefix = sys::kFnOfxImageEffectActionGetClipComponentsPropString.to_string_lossy();
        let name = Answers::named(&prefix, clip.as_ref());
        self.0.give(self.0.props.set_strings(&name, planes))
    }

    /// For an effect that reads the colour of the source, and makes colour and these planes: all others come from the source.
    pub fn beside_colour(&mut self, made: &[CString], time: f64) -> Result<()> {
        self.set(ClipSpec::source(), &[plane::COLOUR])?;
        let made: Vec<&CStr> =
            std::iter::once(plane::COLOUR).chain(made.iter().map(CString::as_c_str)).collect();
        self.set(ClipSpec::output(), &made)?;
        self.pass_through(ClipSpec::source(), time)
    }

    /// Where planes that the effect does not make come from.
    pub fn pass_through(&mut self, clip: impl AsRef<CStr>, time: f64) -> Result<()> {
        self.0.give(self.0.props.set_string(sys::kFnOfxImageEffectPropPassThroughClip, 0, clip.as_ref()))?;
        self.0.give(self.0.props.set_double(sys::kFnOfxImageEffectPropPassThroughTime, 0, time))
    }
}

/// Why something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The artist changed it.
    User,
    /// We did: also what hosts report as the artist's while we set params on the same thread.
    Plugin,
    /// Time went on.
    Time,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A param, by its name.
    Param(CString),
    /// A clip, by its name.
    Clip(CString),
    /// Something else.
    Other,
}

/// A change.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// What.
    pub target: Target,
    /// Why.
    pub reason: Reason,
    /// The current frame.
    pub time: f64,
    /// Proxy scale.
    pub render_scale: PointD,
    /// Whether it came while another change of the same instance was still being dealt with: hosts let events through
    /// while progress is shown.
    pub nested: bool,
}

impl Changed {
    pub(crate) fn read(p: &PropertySet<'_>, own: bool, nested: bool) -> Self {
        let kind = p.c_string(sys::kOfxPropType, 0).unwrap_or_default();
        let name = p.c_string(sys::kOfxPropName, 0).unwrap_or_default();
        let reason = p.c_string(sys::kOfxPropChangeReason, 0).unwrap_or_default();
        Self {
            target: match kind.as_c_str() {
                k if k == sys::kOfxTypeParameter => Target::Param(name),
                k if k == sys::kOfxTypeClip => Target::Clip(name),
                _ => Target::Other,
            },
            reason: match reason.as_c_str() {
                r if r == sys::kOfxChangeTime => Reason::Time,
                r if r == sys::kOfxChangePluginEdited || own => Reason::Plugin,
                _ => Reason::User,
            },
            time: time_of(p).unwrap_or(0.0),
            render_scale: scale_of(p),
            nested,
        }
    }

    /// Whether it is this param, whoever changed it.
    pub fn is(&self, param: &impl Param) -> bool {
        matches!(&self.target, Target::Param(name) if name.as_c_str() == param.name())
    }

    /// Whether the artist changed (or pressed) this param.
    pub fn by_user(&self, param: &impl Param) -> bool {
        self.reason == Reason::User && self.is(param)
    }

    /// Whether it is this clip.
    pub fn is_clip(&self, clip: impl AsRef<CStr>) -> bool {
        matches!(&self.target, Target::Clip(name) if name.as_c_str() == clip.as_ref())
    }
}
