//! What a host is like: its properties, its suites, its habits. Data alone; the code asks it and knows no host by name.

mod named;

use std::collections::BTreeMap;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::picture::Depth;
use crate::value::ParamKind;
use crate::violation::Severity;

/// A suite in one of its versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Suite {
    PropertyV1,
    ImageEffectV1,
    ParameterV1,
    ParametricV1,
    MemoryV1,
    MultiThreadV1,
    MessageV1,
    MessageV2,
    ProgressV1,
    ProgressV2,
    TimeLineV1,
    InteractV1,
    DrawV1,
    PlaneV1,
    PlaneV2,
    DialogV1,
}

/// How well a host does a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// As specified.
    Real,
    /// The functions are there and answer `kOfxStatErrUnsupported`.
    Unsupported,
    /// The functions are there, say OK and do nothing.
    Stub,
}

/// Numbers and flags of the host descriptor.
#[derive(Clone, Debug, PartialEq)]
pub struct Supports {
    /// Rendering without a user interface.
    pub background: bool,
    /// Overlays.
    pub overlays: bool,
    /// Clips of different sizes.
    pub multi_resolution: bool,
    /// Parts of pictures.
    pub tiles: bool,
    /// Other frames than the one rendered.
    pub temporal: bool,
    /// Clips of different depths.
    pub multiple_depths: bool,
    /// Clips of different pixel aspects.
    pub multiple_pixel_aspects: bool,
    /// The effect may change the frame rate.
    pub setable_frame_rate: bool,
    /// The effect may change the fielding.
    pub setable_fielding: bool,
    /// Strings take keys.
    pub string_animation: bool,
    /// Customs take keys.
    pub custom_animation: bool,
    /// Choices take keys.
    pub choice_animation: bool,
    /// Booleans take keys.
    pub boolean_animation: bool,
    /// Parametric params take keys.
    pub parametric_animation: bool,
    /// Interacts of params.
    pub custom_interact: bool,
    /// Frames in strict order on one instance.
    pub sequential: bool,
    /// Draft renders.
    pub draft: bool,
    /// Most params of an effect, -1 for no end.
    pub max_params: i32,
    /// Most pages of an effect.
    pub max_pages: i32,
    /// Several planes of a clip.
    pub multi_planar: bool,
}

/// How the pixels of images lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The top row first: row bytes are negative.
    pub negative_rows: bool,
    /// Bytes after each row.
    pub row_padding: usize,
    /// Rows start at multiples of this many bytes: a power of two, at least that of a channel.
    pub row_alignment: usize,
    /// Sources have only the pixels asked for, not the whole picture.
    pub only_region: bool,
    /// The output has only the render window's pixels, not the whole region of definition.
    pub output_is_window: bool,
}

/// What becomes of a property that a set does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownProperty {
    /// The call fails.
    Reject,
    /// It is made.
    Accept,
}

/// When the plug-in's objects live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// Loaded and described once, one instance per node.
    Persistent,
    /// setHost, load, describe and create around each frame, unless the effect declares itself unsafe to thread.
    PerFrame,
}

/// Where a host departs from the specification.
#[derive(Clone, Debug, PartialEq)]
pub struct Quirks {
    /// Setting a property that is not in the set.
    pub unknown_property: UnknownProperty,
    /// A string that the host gives is overwritten by the next call on that thread.
    pub transient_strings: bool,
    /// Images may be fetched on the host's own threads only.
    pub images_on_host_threads_only: bool,
    /// An image must be released on the thread that fetched it.
    pub release_where_fetched: bool,
    /// Unconnected clips look connected and give NULL images.
    pub phantom_connections: bool,
    /// The only clips that have a Connected property; `None` for all.
    pub connected_only_on: Option<Vec<String>>,
    /// `paramCopy` says OK and does nothing.
    pub param_copy_does_nothing: bool,
    /// Defaults in normalised coordinates are taken as they are.
    pub ignores_normalised_defaults: bool,
    /// instanceChanged is never called, no button can be pressed.
    pub no_instance_changed: bool,
    /// instanceChanged also comes with these names, which no effect has.
    pub unknown_changes: Vec<String>,
    /// `paramDeleteAllKeys` calls instanceChanged as if the user had edited, once a dimension.
    pub delete_all_keys_echo: bool,
    /// A param described as secret stays so.
    pub secret_is_final: bool,
    /// The options of a choice cannot change after describe.
    pub choice_options_are_final: bool,
    /// Setting a param while rendering; `None` where it does no harm.
    pub set_in_render: Option<Severity>,
    /// Setting a param while the instance is created; `None` where it does no harm.
    pub set_in_create: Option<Severity>,
    /// CreateInstance and DestroyInstance must say OK: default is a failure.
    pub lifecycle_must_say_ok: bool,
    /// When the plug-in's objects live.
    pub lifecycle: Lifecycle,
    /// OpenFX names of actions that are never called.
    pub uncalled_actions: Vec<String>,
    /// Regions of interest are asked for though there are no tiles.
    pub asks_regions_without_tiles: bool,
    /// Unconnected clips give images that have no pixels.
    pub hollow_images: bool,
    /// A clip gives the current frame whatever time is asked for.
    pub clip_ignores_time: bool,
    /// Current values are pushed before a render, a param gives them whatever time is asked for, and takes no keys.
    pub param_ignores_time: bool,
    /// Kinds of params that a saved project does not keep.
    pub unsaved_kinds: Vec<ParamKind>,
    /// A saved project keeps secret params.
    pub saves_secret: bool,
    /// A number with a range and no display range has no slider.
    pub needs_display_range: bool,
    /// A plane that an effect has named comes back with its labels, also where the effect gave none.
    pub spells_planes_in_full: bool,
    /// Kinds of params that crash the host in a generator.
    pub generator_crashes_on: Vec<ParamKind>,
}

/// A host's character.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The name by which it is chosen.
    pub name: String,
    /// `kOfxPropName` of the host.
    pub host_name: String,
    /// `kOfxPropLabel` of the host.
    pub host_label: String,
    /// `kOfxPropVersion` of the host.
    pub host_version: [i32; 3],
    /// The OpenFX version spoken; properties that are newer are unknown.
    pub api_version: (i32, i32),
    /// Contexts offered.
    pub contexts: Vec<Context>,
    /// Depths offered, the dearest last.
    pub depths: Vec<Depth>,
    /// OpenFX names of the components offered.
    pub components: Vec<String>,
    /// Numbers and flags.
    pub supports: Supports,
    /// Suites offered; one that is not here gives NULL.
    pub suites: BTreeMap<Suite, Offer>,
    /// Host properties, by OpenFX name, that are not there.
    pub missing_host_properties: Vec<String>,
    /// How pixels lie in memory.
    pub layout: Layout,
    /// Looks for writes to sources and outside of the render window, and for pixels never written: some milliseconds a
    /// frame. Guard bytes are always looked at.
    pub check_pixels: bool,
    /// Departures from the specification.
    pub quirks: Quirks,
}

impl Profile {
    /// Names of the profiles, the first is the default.
    pub const NAMES: [&'static str; 6] = ["full", "nuke", "resolve", "natron", "mlt", "minimal"];

    /// `full`, `nuke`, `resolve`, `natron`, `mlt` or `minimal`.
    pub fn named(name: &str) -> Result<Profile> {
        match name.to_ascii_lowercase().as_str() {
            "full" => Ok(Profile::full()),
            "nuke" => Ok(Profile::nuke()),
            "resolve" => Ok(Profile::resolve()),
            "natron" => Ok(Profile::natron()),
            "mlt" => Ok(Profile::mlt()),
            "minimal" => Ok(Profile::minimal()),
            _ => Err(Error::UnknownProfile(name.to_owned())),
        }
    }

    /// How a suite is offered, if it is.
    pub fn offers(&self, suite: Suite) -> Option<Offer> {
        self.suites.get(&suite).copied()
    }

    /// An action is called by this host.
    pub fn calls(&self, action: &str) -> bool {
        !self.quirks.uncalled_actions.iter().any(|a| a == action)
    }

    /// A param of this kind takes keys.
    pub fn animates(&self, kind: ParamKind) -> bool {
        match kind {
            ParamKind::String => self.supports.string_animation,
            ParamKind::Custom => self.supports.custom_animation,
            ParamKind::Choice => self.supports.choice_animation,
            ParamKind::Boolean => self.supports.boolean_animation,
            ParamKind::Parametric => self.supports.parametric_animation,
            kind => kind.has_value(),
        }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Profile::full()
    }
}
