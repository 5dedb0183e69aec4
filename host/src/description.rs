//! What an effect says about itself, as plain data.

use std::path::PathBuf;

use serde::Serialize;

use crate::context::Context;
use crate::value::{ParamKind, Value};

/// How far the plug-in allows renders to run at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ThreadSafety {
    /// One render at a time among all instances.
    Unsafe,
    /// One render at a time per instance.
    InstanceSafe,
    /// Any number.
    FullySafe,
}

/// An effect as its descriptor has it.
#[derive(Clone, Debug, Serialize)]
pub struct EffectInfo {
    /// The identifier, such as `org.splitline.Motion2Roto`.
    pub id: String,
    /// Major and minor version.
    pub version: (u32, u32),
    /// The name in menus.
    pub label: String,
    /// At most 13 characters.
    pub short_label: String,
    /// At most 32 characters.
    pub long_label: String,
    /// The menu, levels separated by `/`.
    pub grouping: String,
    /// Help for the artist.
    pub description: String,
    /// Contexts that the effect claims.
    #[serde(serialize_with = "names")]
    pub contexts: Vec<Context>,
    /// OpenFX names of the depths it takes.
    pub depths: Vec<String>,
    /// Renders at the same time.
    pub thread_safety: ThreadSafety,
    /// The host may split a frame between threads.
    pub host_frame_threading: bool,
    /// Only one instance may exist.
    pub single_instance: bool,
    /// Takes pictures of different sizes.
    pub multi_resolution: bool,
    /// Takes parts of pictures.
    pub tiles: bool,
    /// Asks for other frames than the one rendered.
    pub temporal: bool,
    /// Clips may differ in depth.
    pub multiple_depths: bool,
    /// Clips may differ in pixel aspect.
    pub multiple_pixel_aspects: bool,
    /// Wants frames in order.
    pub sequential: bool,
    /// Has an OpenGL overlay.
    pub overlay_v1: bool,
    /// Has an overlay for the draw suite.
    pub overlay_v2: bool,
    /// The icon in the bundle, where there is one.
    pub icon: Option<PathBuf>,
}

fn names<S: serde::Serializer>(contexts: &[Context], s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(contexts.iter().map(Context::to_string))
}

/// What an effect has in one context.
#[derive(Clone, Debug, Serialize)]
pub struct ContextInfo {
    /// The params in the order of their definition, groups and pages among them.
    pub params: Vec<ParamInfo>,
    /// The clips, `Output` among them.
    pub clips: Vec<ClipInfo>,
}

/// A param.
#[derive(Clone, Debug, Serialize)]
pub struct ParamInfo {
    /// The name in scripts and saved projects.
    pub name: String,
    /// Its type.
    pub kind: ParamKind,
    /// The name in the panel.
    pub label: String,
    /// Help for the artist.
    pub hint: String,
    /// The group that holds it, empty at the top.
    pub parent: String,
    /// Hidden.
    pub secret: bool,
    /// Not greyed out.
    pub enabled: bool,
    /// Takes keys.
    pub animates: bool,
    /// Saved with the project.
    pub persistent: bool,
    /// A change of it makes a new render.
    pub evaluates: bool,
    /// The value at first; none where it holds none.
    pub default: Option<Value>,
    /// Least and greatest value, a number a dimension.
    pub range: Option<(Vec<f64>, Vec<f64>)>,
    /// Ends of the slider, a number a dimension.
    pub display_range: Option<(Vec<f64>, Vec<f64>)>,
    /// Step of the slider.
    pub increment: Option<f64>,
    /// Digits after the point.
    pub digits: Option<i32>,
    /// What the number measures: an OpenFX double type.
    pub double_type: String,
    /// `OfxParamCoordinatesNormalised` where the default is a part of the project's size.
    pub coordinates: String,
    /// Labels of a choice.
    pub options: Vec<String>,
    /// One of OpenFX's string modes.
    pub string_mode: String,
    /// A group that starts open.
    pub open: bool,
    /// Names of a page's params.
    pub children: Vec<String>,
}

/// A clip.
#[derive(Clone, Debug, Serialize)]
pub struct ClipInfo {
    /// The name in the specification: `Source`, `Output`, ...
    pub name: String,
    /// The name in the panel.
    pub label: String,
    /// OpenFX names of the components it takes.
    pub components: Vec<String>,
    /// May be left unconnected.
    pub optional: bool,
    /// A matte.
    pub mask: bool,
    /// Other frames than the one rendered are asked for.
    pub temporal: bool,
    /// Parts of pictures are taken.
    pub tiles: bool,
}
