//! Clips, as descriptors and as instances with a source.

use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use crate::buffer::PixelBuffer;
use crate::description::ClipInfo;
use crate::geometry::RectD;
use crate::handle::{Handle, Object};
use crate::object::EffectObject;
use crate::picture::{Components, Depth, Picture, Premultiplication, RectI};
use crate::profile::Layout;
use crate::property::{PropSet, Values};
use crate::shared::{Shared, lock};
use crate::source::{FrameSource, SourceError, SourceFormat};

/// Prepared images that a clip keeps.
const KEPT: usize = 4;

/// The form in which a clip's images are handed out, from the clip preferences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mapped {
    pub components: Components,
    pub depth: Depth,
    pub pixel_aspect: f64,
    pub premultiplication: Premultiplication,
}

/// What is connected.
#[derive(Clone, Default)]
pub(crate) struct Input {
    pub source: Option<Arc<dyn FrameSource>>,
    pub format: Option<SourceFormat>,
}

#[derive(Clone, PartialEq)]
struct Key {
    time: u64,
    plane: Option<String>,
    window: RectI,
    scale: (u64, u64),
    mapped: (Components, Depth),
}

/// What to fetch.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub time: f64,
    /// Canonical region; `None` for all.
    pub region: Option<RectD>,
    pub scale: (f64, f64),
    /// A plane beside the main picture, by its OpenFX name.
    pub plane: Option<String>,
}

/// A prepared image with its region of definition in pixels.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub buffer: Arc<PixelBuffer>,
    pub definition: RectI,
    pub aspect: f64,
    pub premultiplication: Premultiplication,
    /// The buffer's sum when it was made, where pixels are checked.
    pub sum: u64,
}

/// See the module.
pub(crate) struct Clip {
    pub handle: Handle,
    pub name: CString,
    pub props: Arc<PropSet>,
    pub effect: Weak<EffectObject>,
    input: RwLock<Input>,
    mapped: Mutex<Option<Mapped>>,
    cache: Mutex<Vec<(Key, Prepared)>>,
}

impl Clip {
    pub fn new(name: &CStr, props: Arc<PropSet>, effect: Weak<EffectObject>) -> Arc<Clip> {
        props.set_text(ofx_sys::kOfxPropName, name);
        Arc::new_cyclic(|me| Clip {
            handle: Handle::new(Object::Clip(me.clone())),
            name: name.to_owned(),
            props,
            effect,
            input: RwLock::default(),
            mapped: Mutex::default(),
            cache: Mutex::default(),
        })
    }

    /// A descriptor.
    pub fn describe(shared: &Arc<Shared>, name: &CStr, effect: Weak<EffectObject>) -> Arc<Clip> {
        let owner = format!("the clip {}", name.to_string_lossy());
        let props = PropSet::clip(shared, owner);
        for label in [ofx_sys::kOfxPropLabel, ofx_sys::kOfxPropShortLabel, ofx_sys::kOfxPropLongLabel] {
            props.set_text(label, name);
        }
        Clip::new(name, props, effect)
    }

    /// An instance of a descriptor.
    pub fn instantiate(&self, shared: &Shared, effect: Weak<EffectObject>) -> Arc<Clip> {
        let props = self.props.instance(format!("the clip {}", self.name.to_string_lossy()));
        props.add_clip_instance(shared.profile.supports.multi_planar);
        let with = &shared.profile.quirks.connected_only_on;
        if with.as_ref().is_some_and(|names| !names.contains(&self.name())) {
            props.remove(ofx_sys::kOfxImageClipPropConnected);
        }
        let clip = Clip::new(&self.name, props, effect);
        clip.update(shared, 24.0, (0.0, 0.0));
        clip
    }

    pub fn name(&self) -> String {
        self.name.to_string_lossy().into_owned()
    }

    pub fn is_output(&self) -> bool {
        self.name.as_c_str() == ofx_sys::kOfxImageEffectOutputClipName
    }

    pub fn is_optional(&self) -> bool {
        self.props.int(ofx_sys::kOfxImageClipPropOptional) != 0
    }

    pub fn input(&self) -> Input {
        self.input.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn is_connected(&self) -> bool {
        self.input().source.is_some()
    }

    pub fn connect(&self, source: Option<Arc<dyn FrameSource>>) {
        let format = source.as_ref().map(|s| s.format());
        *self.input.write().unwrap_or_else(PoisonError::into_inner) = Input { source, format };
        *lock(&self.mapped) = None;
        lock(&self.cache).clear();
    }

    /// The form that the clip preferences settled, else the source's own.
    pub fn mapped(&self) -> Mapped {
        let own = self.input().format;
        lock(&self.mapped).unwrap_or(match own {
            Some(f) => Mapped {
                components: f.components,
                depth: f.depth,
                pixel_aspect: f.pixel_aspect,
                premultiplication: f.premultiplication,
            },
            None => Mapped {
                components: Components::Rgba,
                depth: Depth::Float,
                pixel_aspect: 1.0,
                premultiplication: Premultiplication::Premultiplied,
            },
        })
    }

    pub fn set_mapped(&self, mapped: Mapped) {
        let mut now = lock(&self.mapped);
        if *now != Some(mapped) {
            lock(&self.cache).clear();
        }
        *now = Some(mapped);
    }

    /// Frames of the source: the whole project's for an output or where there is none.
    pub fn frame_range(&self, project: (f64, f64)) -> (f64, f64) {
        self.input().source.map_or(project, |s| s.frame_range())
    }

    /// Region of definition, canonical; `None` where nothing is connected.
    pub fn definition(&self) -> Option<RectD> {
        self.input().format.map(|f| RectD::from_pixels(f.bounds, (1.0, 1.0), f.pixel_aspect))
    }

    /// Tells readers of the property set what is connected and how it is handed out.
    pub fn update(&self, shared: &Shared, frame_rate: f64, project_range: (f64, f64)) {
        let (p, input, mapped) = (&self.props, self.input(), self.mapped());
        let connected =
            input.source.is_some() || self.is_output() || shared.profile.quirks.phantom_connections;
        p.set_int(ofx_sys::kOfxImageClipPropConnected, i32::from(connected));
        let shown = input.source.is_some() || self.is_output();
        let none = (ofx_sys::kOfxImageComponentNone, ofx_sys::kOfxBitDepthNone);
        let unmapped = match (&input.format, shown) {
            (Some(f), _) => (components_name(f.components), depth_name(f.depth)),
            (None, true) => (components_name(mapped.components), depth_name(mapped.depth)),
            (None, false) => none,
        };
        let seen = if shown { (components_name(mapped.components), depth_name(mapped.depth)) } else { none };
        p.set_text(ofx_sys::kOfxImageClipPropUnmappedComponents, unmapped.0);
        p.set_text(ofx_sys::kOfxImageClipPropUnmappedPixelDepth, unmapped.1);
        p.set_text(ofx_sys::kOfxImageEffectPropComponents, seen.0);
        p.set_text(ofx_sys::kOfxImageEffectPropPixelDepth, seen.1);
        p.set_text(
            ofx_sys::kOfxImageEffectPropPreMultiplication,
            premultiplication_name(mapped.premultiplication),
        );
        p.set_doubles(ofx_sys::kOfxImagePropPixelAspectRatio, &[mapped.pixel_aspect]);
        let (first, last) = self.frame_range(project_range);
        p.set_doubles(ofx_sys::kOfxImageEffectPropFrameRange, &[first, last]);
        p.set_doubles(ofx_sys::kOfxImageEffectPropUnmappedFrameRange, &[first, last]);
        p.set_doubles(ofx_sys::kOfxImageEffectPropFrameRate, &[frame_rate]);
        p.set_doubles(ofx_sys::kOfxImageEffectPropUnmappedFrameRate, &[frame_rate]);
        let planes = input.format.map(|f| f.planes).unwrap_or_default();
        let mut present = vec![ofx_sys::kFnOfxImagePlaneColour.to_owned()];
        for plane in PLANES {
            if plane_of(plane, &planes).is_some() {
                present.push(plane.to_owned());
            }
        }
        p.set(ofx_sys::kFnOfxImageEffectPropComponentsPresent, Values::Text(present));
    }

    /// An image in the form that the plug-in gets. `Ok(None)` where nothing is connected or there is no such plane.
    pub fn prepare(&self, wanted: &Wanted, layout: &Layout) -> Result<Option<Prepared>, SourceError> {
        let input = self.input();
        let (Some(source), Some(format)) = (input.source, input.format) else { return Ok(None) };
        let mapped = self.mapped();
        let aspect = mapped.pixel_aspect;
        let whole = RectD::from_pixels(format.bounds, (1.0, 1.0), format.pixel_aspect);
        let definition = whole.to_pixels(wanted.scale, aspect);
        let asked = wanted.region.filter(|_| layout.only_region);
        let window = asked.map_or(definition, |r| r.to_pixels(wanted.scale, aspect).intersect(&definition));
        let key = Key {
            time: wanted.time.to_bits(),
            plane: wanted.plane.clone(),
            window,
            scale: (wanted.scale.0.to_bits(), wanted.scale.1.to_bits()),
            mapped: (mapped.components, mapped.depth),
        };
        if let Some((_, p)) = lock(&self.cache).iter().find(|(k, _)| *k == key) {
            return Ok(Some(p.clone()));
        }
        let picture = match &wanted.plane {
            None => Some(source.picture(wanted.time)?),
            Some(plane) => match plane_of_text(plane, &format.planes) {
                Some(name) => source.plane(wanted.time, name)?,
                None => None,
            },
        };
        let Some(picture) = picture else { return Ok(None) };
        // Planes keep their channels; the main picture takes the form of the clip.
        let components = if wanted.plane.is_some() { picture.components() } else { mapped.components };
        let picture = fit(&picture, components, mapped.depth, wanted.scale, format.pixel_aspect / aspect);
        let buffer = Arc::new(PixelBuffer::from_picture(&picture, window, layout));
        let checks = self.effect.upgrade().is_some_and(|e| e.shared.profile.check_pixels);
        let sum = if checks { buffer.sum() } else { wanted.time.to_bits() };
        let premultiplication = mapped.premultiplication;
        let prepared = Prepared { buffer, definition, aspect, premultiplication, sum };
        let mut cache = lock(&self.cache);
        if cache.len() >= KEPT {
            cache.remove(0);
        }
        cache.push((key, prepared.clone()));
        Ok(Some(prepared))
    }

    pub fn info(&self) -> ClipInfo {
        let p = &self.props;
        ClipInfo {
            name: self.name(),
            label: p.string(ofx_sys::kOfxPropLabel),
            components: p.strings(ofx_sys::kOfxImageEffectPropSupportedComponents),
            optional: self.is_optional(),
            mask: p.int(ofx_sys::kOfxImageClipPropIsMask) != 0,
            temporal: p.int(ofx_sys::kOfxImageEffectPropTemporalClipAccess) != 0,
            tiles: p.int(ofx_sys::kOfxImageEffectPropSupportsTiles) != 0,
        }
    }
}

/// A picture in another form and at a scale. `squeeze` is how much wider its pixels become.
fn fit(
    picture: &Picture,
    components: Components,
    depth: Depth,
    scale: (f64, f64),
    squeeze: f64,
) -> Cow<'_, Picture> {
    let same = scale == (1.0, 1.0) && squeeze == 1.0;
    match (same, picture.components() == components && picture.depth() == depth) {
        (true, true) => Cow::Borrowed(picture),
        (true, false) => Cow::Owned(picture.convert(components, depth)),
        (false, true) => Cow::Owned(picture.scaled(scale.0 * squeeze, scale.1)),
        (false, false) => Cow::Owned(picture.scaled(scale.0 * squeeze, scale.1).convert(components, depth)),
    }
}

/// Planes that Nuke's suites know.
const PLANES: [&CStr; 4] = [
    ofx_sys::kFnOfxImagePlaneForwardMotionVector,
    ofx_sys::kFnOfxImagePlaneBackwardMotionVector,
    ofx_sys::kFnOfxImagePlaneStereoDisparityLeft,
    ofx_sys::kFnOfxImagePlaneStereoDisparityRight,
];

/// The source's plane for one of Nuke's, by the names that files give such layers.
fn plane_of<'a>(plane: &CStr, present: &'a [String]) -> Option<&'a str> {
    let names: &[&str] = match PLANES.iter().position(|p| *p == plane)? {
        0 => &["forward", "motion.fwd", "motion.forward", "fwd", "motion"],
        1 => &["backward", "motion.bwd", "motion.backward", "bwd"],
        2 => &["disparityL", "disparity.left", "disparity"],
        _ => &["disparityR", "disparity.right"],
    };
    names.iter().find_map(|n| present.iter().find(|p| p.eq_ignore_ascii_case(n)).map(String::as_str))
}

fn plane_of_text<'a>(plane: &str, present: &'a [String]) -> Option<&'a str> {
    let named = CString::new(plane).ok().and_then(|p| plane_of(&p, present));
    named.or_else(|| present.iter().find(|p| *p == plane).map(String::as_str))
}

/// The OpenFX name of components.
pub(crate) fn components_name(components: Components) -> &'static CStr {
    match components {
        Components::Rgba => ofx_sys::kOfxImageComponentRGBA,
        Components::Rgb => ofx_sys::kOfxImageComponentRGB,
        Components::Alpha => ofx_sys::kOfxImageComponentAlpha,
        Components::Xy => ofx_sys::kFnOfxImageComponentMotionVectors,
    }
}

/// Components of an OpenFX name.
pub(crate) fn components_of(name: &CStr) -> Option<Components> {
    if name == ofx_sys::kFnOfxImageComponentStereoDisparity || name == c"NatronOfxImageComponentXY" {
        return Some(Components::Xy);
    }
    [Components::Rgba, Components::Rgb, Components::Alpha, Components::Xy]
        .into_iter()
        .find(|c| components_name(*c) == name)
}

pub(crate) use crate::property::depth_name;

/// The depth of an OpenFX name.
pub(crate) fn depth_of(name: &CStr) -> Option<Depth> {
    [Depth::Byte, Depth::Short, Depth::Half, Depth::Float].into_iter().find(|d| depth_name(*d) == name)
}

/// The OpenFX name of a premultiplication.
pub(crate) fn premultiplication_name(p: Premultiplication) -> &'static CStr {
    match p {
        Premultiplication::Opaque => ofx_sys::kOfxImageOpaque,
        Premultiplication::Premultiplied => ofx_sys::kOfxImagePreMultiplied,
        Premultiplication::Unpremultiplied => ofx_sys::kOfxImageUnPreMultiplied,
    }
}

/// The premultiplication of an OpenFX name.
pub(crate) fn premultiplication_of(name: &CStr) -> Option<Premultiplication> {
    [Premultiplication::Opaque, Premultiplication::Premultiplied, Premultiplication::Unpremultiplied]
        .into_iter()
        .find(|p| premultiplication_name(*p) == name)
}
