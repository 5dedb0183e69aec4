//! The application that runs the effects, and what it can do.

use core::ffi::CStr;
use core::fmt;
use std::ffi::CString;

use ofx_sys as sys;

use crate::error::{Error, Result};
use crate::handle::Props;
use crate::kinds::{Components, Context, Depth};
use crate::props::PropertySet;
use crate::suites::Suites;

/// A version of the OpenFX API; 1.0 for hosts that do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion(pub u32, pub u32);

/// What kind of application this is, as far as its quirks matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostKind {
    /// Foundry's Nuke.
    Nuke,
    /// Blackmagic's DaVinci Resolve and Fusion Studio inside it.
    Resolve,
    /// Natron.
    Natron,
    /// MLT: melt, Kdenlive, Shotcut.
    Mlt,
    /// Magix (Sony) Vegas.
    Vegas,
    /// Anything else.
    Other,
}

/// The host: who it is and what it can do.
pub struct Host {
    pub(crate) suites: Suites,
    name: String,
    label: String,
    version: Vec<i32>,
    version_label: String,
    api: ApiVersion,
    kind: HostKind,
    capabilities: Capabilities,
    handle: Props,
}

/// What the host says that it supports. Lists are empty where it does not say.
#[derive(Debug, Clone, PartialEq)]
pub struct Capabilities {
    /// Whether it renders without an artist.
    pub background: bool,
    /// Whether it draws overlays.
    pub overlays: bool,
    /// Whether images may be of different sizes.
    pub multi_resolution: bool,
    /// Whether parts of an image can be fetched and rendered.
    pub tiles: bool,
    /// Whether other frames than the current one can be fetched.
    pub temporal_access: bool,
    /// Whether clips may have different depths.
    pub multiple_clip_depths: bool,
    /// Whether clips may have different pixel aspect ratios.
    pub multiple_clip_pars: bool,
    /// Whether an effect may set its output's frame rate.
    pub settable_frame_rate: bool,
    /// Whether an effect may set its output's fielding.
    pub settable_fielding: bool,
    /// Whether clips carry several planes that effects can fetch (Nuke, Natron).
    pub multi_planar: bool,
    /// Contexts.
    pub contexts: Vec<Context>,
    /// Depths.
    pub depths: Vec<Depth>,
    /// Components.
    pub components: Vec<Components>,
    /// Whether strings animate.
    pub string_animation: bool,
    /// Whether customs animate.
    pub custom_animation: bool,
    /// Whether truths animate.
    pub boolean_animation: bool,
    /// Whether choices animate.
    pub choice_animation: bool,
    /// Whether parametric curves animate.
    pub parametric_animation: bool,
    /// The most params that an effect may have; 0 or less for no limit.
    pub max_params: i32,
    /// The most pages; 0 where pages are not shown.
    pub max_pages: i32,
}

impl Host {
    /// Reads everything about a host.
    ///
    /// # Safety
    /// `raw` must be what the application gave to `setHost`, and the load action must have begun.
    pub(crate) unsafe fn new(raw: &sys::OfxHost) -> Result<Self> {
        // SAFETY: the caller's promise.
        let suites = unsafe { Suites::fetch(raw) }?;
        let handle = Props::new(raw.host)
            .ok_or_else(|| Error::host("no host properties", sys::kOfxStatErrMissingHostFeature))?;
        let props = PropertySet::new(&suites.property, handle);
        let name = props.string_or_empty(sys::kOfxPropName);
        let api = match (props.int(sys::kOfxPropAPIVersion, 0), props.int(sys::kOfxPropAPIVersion, 1)) {
            (Ok(major), minor) => ApiVersion(unsigned(major), unsigned(minor.unwrap_or(0))),
            _ => ApiVersion(1, 0),
        };
        let version_parts = props.dimension(sys::kOfxPropVersion).unwrap_or(0);
        let host = Self {
            kind: kind_of(&name),
            label: props.string_or_empty(sys::kOfxPropLabel),
            version: (0..version_parts).map_while(|i| props.int(sys::kOfxPropVersion, i).ok()).collect(),
            version_label: props.string_or_empty(sys::kOfxPropVersionLabel),
            api,
            capabilities: Capabilities::read(&props),
            name,
            handle,
            suites,
        };
        log::info!("host {host:?}");
        Ok(host)
    }

    /// Its unique name, such as `fr.inria.Natron`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name that artists read.
    pub fn label(&self) -> &str {
        if self.label.is_empty() { &self.name } else { &self.label }
    }

    /// Its version, as many numbers as it has; empty if it does not tell.
    pub fn version(&self) -> &[i32] {
        &self.version
    }

    /// Its version as text; may be empty.
    pub fn version_label(&self) -> &str {
        &self.version_label
    }

    /// The OpenFX version that it speaks.
    pub fn api(&self) -> ApiVersion {
        self.api
    }

    /// Which application it is.
    pub fn kind(&self) -> HostKind {
        self.kind
    }

    /// What it can do.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Whether it is Nuke.
    pub fn is_nuke(&self) -> bool {
        self.kind == HostKind::Nuke
    }

    /// Whether it is DaVinci Resolve.
    pub fn is_resolve(&self) -> bool {
        self.kind == HostKind::Resolve
    }

    /// Whether it is Natron.
    pub fn is_natron(&self) -> bool {
        self.kind == HostKind::Natron
    }

    /// Whether it is MLT.
    pub fn is_mlt(&self) -> bool {
        self.kind == HostKind::Mlt
    }

    /// Its own properties, for what this crate has no name for.
    pub fn properties(&self) -> PropertySet<'_> {
        self.props(self.handle)
    }

    /// Whether the plane suite of Nuke and Natron is there.
    pub fn has_planes(&self) -> bool {
        self.suites.planes1.is_some() || self.suites.planes2.is_some()
    }

    /// Whether an effect may make planes with names of its own ([`plane::named`](crate::plane::named)): hosts that speak Natron's
    /// extension of planes, which also brings two-channel images. Nuke's own has no such planes.
    pub fn names_planes(&self) -> bool {
        self.capabilities.multi_planar
            && self.has_planes()
            && self.capabilities.components.contains(&Components::Xy)
    }

    /// Whether the host draws for us (DrawSuite, OpenFX 1.5).
    pub fn has_draw_suite(&self) -> bool {
        self.suites.draw.is_some()
    }

    /// Whether parametric curves exist.
    pub fn has_parametric(&self) -> bool {
        self.suites.parametric.is_some()
    }

    /// Whether the host lends threads.
    pub fn has_threads(&self) -> bool {
        self.suites.threads.is_some()
    }

    /// Whether the host shows progress.
    pub fn has_progress(&self) -> bool {
        self.suites.progress1.is_some() || self.suites.progress2.is_some()
    }

    /// Whether values set by the plug-in and read by the artist are safe in the running action: Nuke crashes on sets
    /// from render threads and inside the creation of an instance.
    pub(crate) fn refuses_sets_in_render(&self) -> bool {
        self.is_nuke()
    }

    /// Whether defaults given in normalised coordinates are taken as such.
    pub(crate) fn knows_normalised_defaults(&self) -> bool {
        self.api >= ApiVersion(1, 2) && !matches!(self.kind, HostKind::Resolve | HostKind::Vegas)
    }

    /// Those of `wanted` that the host supports; all of them if it does not say or the lists do not meet.
    pub(crate) fn supported<T: Copy + PartialEq>(wanted: &[T], host: &[T]) -> Vec<T> {
        let both: Vec<T> = wanted.iter().copied().filter(|w| host.contains(w)).collect();
        if both.is_empty() { wanted.to_vec() } else { both }
    }

    pub(crate) fn props(&self, handle: Props) -> PropertySet<'_> {
        PropertySet::new(&self.suites.property, handle)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suites = &self.suites;
        let offered: Vec<&str> = [
            ("memory", suites.memory.is_some()),
            ("message 1", suites.message1.is_some()),
            ("message 2", suites.message2.is_some()),
            ("progress 1", suites.progress1.is_some()),
            ("progress 2", suites.progress2.is_some()),
            ("timeline", suites.timeline.is_some()),
            ("multi-thread", suites.threads.is_some()),
            ("interact", suites.interact.is_some()),
            ("draw", suites.draw.is_some()),
            ("parametric", suites.parametric.is_some()),
            ("planes 1", suites.planes1.is_some()),
            ("planes 2", suites.planes2.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, there)| there.then_some(name))
        .collect();
        f.debug_struct("Host")
            .field("name", &self.name)
            .field("label", &self.label)
            .field("version", &self.version)
            .field("api", &self.api)
            .field("suites", &offered)
            .field("capabilities", &self.capabilities)
            .finish_non_exhaustive()
    }
}

impl Capabilities {
    fn read(p: &PropertySet<'_>) -> Self {
        let yes = |name: &CStr| p.bool_or(name, false);
        Self {
            background: yes(sys::kOfxImageEffectHostPropIsBackground),
            overlays: yes(sys::kOfxImageEffectPropSupportsOverlays),
            multi_resolution: yes(sys::kOfxImageEffectPropSupportsMultiResolution),
            tiles: yes(sys::kOfxImageEffectPropSupportsTiles),
            temporal_access: yes(sys::kOfxImageEffectPropTemporalClipAccess),
            multiple_clip_depths: yes(sys::kOfxImageEffectPropSupportsMultipleClipDepths),
            multiple_clip_pars: yes(sys::kOfxImageEffectPropSupportsMultipleClipPARs),
            settable_frame_rate: yes(sys::kOfxImageEffectPropSetableFrameRate),
            settable_fielding: yes(sys::kOfxImageEffectPropSetableFielding),
            multi_planar: yes(sys::kFnOfxImageEffectPropMultiPlanar),
            contexts: names(p, sys::kOfxImageEffectPropSupportedContexts, Context::from_name),
            depths: names(p, sys::kOfxImageEffectPropSupportedPixelDepths, Depth::from_name),
            components: names(p, sys::kOfxImageEffectPropSupportedComponents, Components::from_name),
            string_animation: yes(sys::kOfxParamHostPropSupportsStringAnimation),
            custom_animation: yes(sys::kOfxParamHostPropSupportsCustomAnimation),
            boolean_animation: yes(sys::kOfxParamHostPropSupportsBooleanAnimation),
            choice_animation: yes(sys::kOfxParamHostPropSupportsChoiceAnimation),
            parametric_animation: yes(sys::kOfxParamHostPropSupportsParametricAnimation),
            max_params: p.int_or(sys::kOfxParamHostPropMaxParameters, -1),
            max_pages: p.int_or(sys::kOfxParamHostPropMaxPages, 0),
        }
    }
}

fn names<T>(p: &PropertySet<'_>, property: &CStr, parse: impl Fn(&CStr) -> Option<T>) -> Vec<T> {
    let texts = p.strings(property);
    texts.into_iter().filter_map(|t| CString::new(t).ok()).filter_map(|t| parse(&t)).collect()
}

fn unsigned(v: i32) -> u32 {
    u32::try_from(v).unwrap_or(0)
}

fn kind_of(name: &str) -> HostKind {
    let lower = name.to_ascii_lowercase();
    if lower.contains("natron") {
        HostKind::Natron
    } else if lower.contains("nuke") {
        HostKind::Nuke
    } else if lower.contains("resolve") {
        HostKind::Resolve
    } else if lower == "mlt" || lower.contains("mltframework") {
        HostKind::Mlt
    } else if lower.contains("vegas") {
        HostKind::Vegas
    } else {
        HostKind::Other
    }
}
