//! Properties of hosts, effects, clips, images and interacts.

use std::ffi::{CStr, CString};
use std::sync::Arc;

use super::spec::{Fill, Spec, Write, of, since};
use super::{PropSet, Values};
use crate::picture::Depth;
use crate::shared::Shared;

use Fill::{Double, Int, Pointer, Text};
use Write::{Always, Describe, Host};

const NO_TEXT: Fill = Text(&[]);
const EMPTY: Fill = Text(&[c""]);
const ZERO: Fill = Int(&[0]);
const ONE: Fill = Int(&[1]);

const HOST: &[Spec] = &[
    of(ofx_sys::kOfxPropType, Text(&[ofx_sys::kOfxTypeImageEffectHost]), 1, Host),
    of(ofx_sys::kOfxPropName, EMPTY, 1, Host),
    of(ofx_sys::kOfxPropLabel, EMPTY, 1, Host),
    of(ofx_sys::kOfxPropAPIVersion, Int(&[1, 0]), 0, Host),
    since(2, of(ofx_sys::kOfxPropVersion, Int(&[0, 0, 0]), 0, Host)),
    since(2, of(ofx_sys::kOfxPropVersionLabel, EMPTY, 1, Host)),
    of(ofx_sys::kOfxImageEffectHostPropIsBackground, ZERO, 1, Host),
    of(ofx_sys::kOfxImageEffectPropSupportsOverlays, ZERO, 1, Host),
    of(ofx_sys::kOfxImageEffectPropSupportsMultiResolution, ZERO, 1, Host),
    of(ofx_sys::kOfxImageEffectPropSupportsTiles, ZERO, 1, Host),
    of(ofx_sys::kOfxImageEffectPropTemporalClipAccess, ZERO, 1, Host),
    of(ofx_sys::kOfxImageEffectPropSupportedComponents, NO_TEXT, 0, Host),
    of(ofx_sys::kOfxImageEffectPropSupportedContexts, NO_TEXT, 0, Host),
    of(ofx_sys::kOfxImageEffectPropSupportedPixelDepths, NO_TEXT, 0, Host),
    of(ofx_sys::kOfxImageEffectPropSupportsMultipleClipDepths, ZERO, 1, Host),
    of(ofx_sys::kOfxImageEffectPropSupportsMultipleClipPARs, ZERO, 1, Host),
    of(ofx_sys::kOfxImageEffectPropSetableFrameRate, ZERO, 1, Host),
    of(ofx_sys::kOfxImageEffectPropSetableFielding, ZERO, 1, Host),
    of(ofx_sys::kOfxParamHostPropSupportsCustomInteract, ZERO, 1, Host),
    of(ofx_sys::kOfxParamHostPropSupportsStringAnimation, ZERO, 1, Host),
    of(ofx_sys::kOfxParamHostPropSupportsChoiceAnimation, ZERO, 1, Host),
    of(ofx_sys::kOfxParamHostPropSupportsBooleanAnimation, ZERO, 1, Host),
    of(ofx_sys::kOfxParamHostPropSupportsCustomAnimation, ZERO, 1, Host),
    of(ofx_sys::kOfxParamHostPropMaxParameters, Int(&[-1]), 1, Host),
    of(ofx_sys::kOfxParamHostPropMaxPages, ZERO, 1, Host),
    of(ofx_sys::kOfxParamHostPropPageRowColumnCount, Int(&[0, 0]), 2, Host),
    since(2, of(ofx_sys::kOfxPropHostOSHandle, Pointer, 1, Host)),
    since(2, of(ofx_sys::kOfxParamHostPropSupportsParametricAnimation, ZERO, 1, Host)),
    since(2, of(ofx_sys::kOfxImageEffectInstancePropSequentialRender, ZERO, 1, Host)),
    since(3, of(ofx_sys::kOfxImageEffectPropOpenGLRenderSupported, Text(&[c"false"]), 1, Host)),
    since(4, of(ofx_sys::kOfxImageEffectPropRenderQualityDraft, ZERO, 1, Host)),
    since(
        4,
        of(
            ofx_sys::kOfxImageEffectHostPropNativeOrigin,
            Text(&[ofx_sys::kOfxHostNativeOriginBottomLeft]),
            1,
            Host,
        ),
    ),
];

const PLANES_OF_HOST: &[Spec] = &[of(ofx_sys::kFnOfxImageEffectPropMultiPlanar, ONE, 1, Host)];

const EFFECT: &[Spec] = &[
    of(ofx_sys::kOfxPropType, Text(&[ofx_sys::kOfxTypeImageEffect]), 1, Host),
    of(ofx_sys::kOfxPropLabel, EMPTY, 1, Describe),
    of(ofx_sys::kOfxPropShortLabel, EMPTY, 1, Describe),
    of(ofx_sys::kOfxPropLongLabel, EMPTY, 1, Describe),
    since(2, of(ofx_sys::kOfxPropVersion, Int(&[0]), 0, Describe)),
    since(2, of(ofx_sys::kOfxPropVersionLabel, EMPTY, 1, Describe)),
    since(2, of(ofx_sys::kOfxPropPluginDescription, EMPTY, 1, Describe)),
    of(ofx_sys::kOfxPropIcon, Text(&[c"", c""]), 2, Describe),
    of(ofx_sys::kOfxImageEffectPropSupportedContexts, NO_TEXT, 0, Describe),
    of(ofx_sys::kOfxImageEffectPluginPropGrouping, EMPTY, 1, Describe),
    of(ofx_sys::kOfxImageEffectPluginPropSingleInstance, ZERO, 1, Describe),
    of(
        ofx_sys::kOfxImageEffectPluginRenderThreadSafety,
        Text(&[ofx_sys::kOfxImageEffectRenderInstanceSafe]),
        1,
        Describe,
    ),
    of(ofx_sys::kOfxImageEffectPluginPropHostFrameThreading, ONE, 1, Describe),
    of(ofx_sys::kOfxImageEffectPluginPropOverlayInteractV1, Pointer, 1, Describe),
    of(ofx_sys::kOfxImageEffectPropSupportsMultiResolution, ONE, 1, Describe),
    of(ofx_sys::kOfxImageEffectPropSupportsTiles, ONE, 1, Describe),
    of(ofx_sys::kOfxImageEffectPropTemporalClipAccess, ZERO, 1, Describe),
    of(ofx_sys::kOfxImageEffectPropSupportedPixelDepths, NO_TEXT, 0, Describe),
    of(ofx_sys::kOfxImageEffectPluginPropFieldRenderTwiceAlways, ONE, 1, Describe),
    of(ofx_sys::kOfxImageEffectPropSupportsMultipleClipDepths, ZERO, 1, Describe),
    of(ofx_sys::kOfxImageEffectPropSupportsMultipleClipPARs, ZERO, 1, Describe),
    of(ofx_sys::kOfxImageEffectPropClipPreferencesSlaveParam, NO_TEXT, 0, Describe),
    of(ofx_sys::kOfxImageEffectInstancePropSequentialRender, ZERO, 1, Describe),
    of(ofx_sys::kOfxPluginPropFilePath, EMPTY, 1, Host),
    of(ofx_sys::kOfxPluginPropParamPageOrder, NO_TEXT, 0, Describe),
    since(3, of(ofx_sys::kOfxImageEffectPropOpenGLRenderSupported, Text(&[c"false"]), 1, Describe)),
    since(3, of(ofx_sys::kOfxOpenGLPropPixelDepth, NO_TEXT, 0, Describe)),
    since(5, of(ofx_sys::kOfxImageEffectPropCudaRenderSupported, Text(&[c"false"]), 1, Describe)),
    since(5, of(ofx_sys::kOfxImageEffectPropCudaStreamSupported, Text(&[c"false"]), 1, Describe)),
    since(5, of(ofx_sys::kOfxImageEffectPropMetalRenderSupported, Text(&[c"false"]), 1, Describe)),
    since(5, of(ofx_sys::kOfxImageEffectPropOpenCLRenderSupported, Text(&[c"false"]), 1, Describe)),
];

/// With the draw suite, whatever the version.
const DRAW_OF_EFFECT: &[Spec] =
    &[of(ofx_sys::kOfxImageEffectPluginPropOverlayInteractV2, Pointer, 1, Describe)];

const PLANES_OF_EFFECT: &[Spec] = &[
    of(ofx_sys::kFnOfxImageEffectPropMultiPlanar, ZERO, 1, Describe),
    of(ofx_sys::kFnOfxImageEffectPropPassThroughComponents, ZERO, 1, Describe),
    of(ofx_sys::kOfxImageEffectPropRenderAllPlanes, ZERO, 1, Describe),
    of(ofx_sys::kFnOfxImageEffectPropViewAware, ZERO, 1, Describe),
    of(ofx_sys::kFnOfxImageEffectPropViewInvariance, ZERO, 1, Describe),
    of(ofx_sys::kFnOfxImageEffectCanTransform, ZERO, 1, Describe),
];

const INSTANCE: &[Spec] = &[
    of(ofx_sys::kOfxPropType, Text(&[ofx_sys::kOfxTypeImageEffectInstance]), 1, Host),
    of(ofx_sys::kOfxImageEffectPropContext, EMPTY, 1, Host),
    of(ofx_sys::kOfxPropInstanceData, Pointer, 1, Always),
    of(ofx_sys::kOfxImageEffectPropPluginHandle, Pointer, 1, Host),
    of(ofx_sys::kOfxImageEffectPropProjectSize, Double(&[0.0, 0.0]), 2, Host),
    of(ofx_sys::kOfxImageEffectPropProjectOffset, Double(&[0.0, 0.0]), 2, Host),
    of(ofx_sys::kOfxImageEffectPropProjectExtent, Double(&[0.0, 0.0]), 2, Host),
    of(ofx_sys::kOfxImageEffectPropProjectPixelAspectRatio, Double(&[1.0]), 1, Host),
    of(ofx_sys::kOfxImageEffectInstancePropEffectDuration, Double(&[0.0]), 1, Host),
    of(ofx_sys::kOfxImageEffectInstancePropSequentialRender, ZERO, 1, Always),
    of(ofx_sys::kOfxImageEffectPropFrameRate, Double(&[24.0]), 1, Host),
    of(ofx_sys::kOfxPropIsInteractive, ZERO, 1, Host),
    of(ofx_sys::kOfxPluginPropFilePath, EMPTY, 1, Host),
    of(ofx_sys::kOfxPropLabel, EMPTY, 1, Always),
    since(2, of(ofx_sys::kOfxPropPluginDescription, EMPTY, 1, Host)),
    since(4, of(ofx_sys::kOfxImageEffectPropSupportsTiles, ONE, 1, Always)),
    since(4, of(ofx_sys::kOfxImageEffectPropOpenGLRenderSupported, Text(&[c"false"]), 1, Always)),
];

const CLIP: &[Spec] = &[
    of(ofx_sys::kOfxPropType, Text(&[ofx_sys::kOfxTypeClip]), 1, Host),
    of(ofx_sys::kOfxPropName, EMPTY, 1, Host),
    of(ofx_sys::kOfxPropLabel, EMPTY, 1, Describe),
    of(ofx_sys::kOfxPropShortLabel, EMPTY, 1, Describe),
    of(ofx_sys::kOfxPropLongLabel, EMPTY, 1, Describe),
    of(ofx_sys::kOfxImageEffectPropSupportedComponents, NO_TEXT, 0, Describe),
    of(ofx_sys::kOfxImageEffectPropTemporalClipAccess, ZERO, 1, Describe),
    of(ofx_sys::kOfxImageClipPropOptional, ZERO, 1, Describe),
    of(ofx_sys::kOfxImageClipPropIsMask, ZERO, 1, Describe),
    of(ofx_sys::kOfxImageClipPropFieldExtraction, Text(&[ofx_sys::kOfxImageFieldDoubled]), 1, Describe),
    of(ofx_sys::kOfxImageEffectPropSupportsTiles, ONE, 1, Describe),
];

/// What the instance of a clip has beyond its descriptor.
pub(crate) const CLIP_INSTANCE: &[Spec] = &[
    of(ofx_sys::kOfxImageEffectPropPixelDepth, Text(&[ofx_sys::kOfxBitDepthNone]), 1, Host),
    of(ofx_sys::kOfxImageEffectPropComponents, Text(&[ofx_sys::kOfxImageComponentNone]), 1, Host),
    of(ofx_sys::kOfxImageClipPropUnmappedPixelDepth, Text(&[ofx_sys::kOfxBitDepthNone]), 1, Host),
    of(ofx_sys::kOfxImageClipPropUnmappedComponents, Text(&[ofx_sys::kOfxImageComponentNone]), 1, Host),
    of(ofx_sys::kOfxImageEffectPropPreMultiplication, Text(&[ofx_sys::kOfxImageOpaque]), 1, Host),
    of(ofx_sys::kOfxImagePropPixelAspectRatio, Double(&[1.0]), 1, Host),
    of(ofx_sys::kOfxImageEffectPropFrameRate, Double(&[24.0]), 1, Host),
    of(ofx_sys::kOfxImageEffectPropFrameRange, Double(&[0.0, 0.0]), 2, Host),
    of(ofx_sys::kOfxImageClipPropFieldOrder, Text(&[ofx_sys::kOfxImageFieldNone]), 1, Host),
    of(ofx_sys::kOfxImageClipPropConnected, ZERO, 1, Host),
    of(ofx_sys::kOfxImageEffectPropUnmappedFrameRange, Double(&[0.0, 0.0]), 2, Host),
    of(ofx_sys::kOfxImageEffectPropUnmappedFrameRate, Double(&[24.0]), 1, Host),
    of(ofx_sys::kOfxImageClipPropContinuousSamples, ZERO, 1, Host),
];

const PLANES_OF_CLIP: &[Spec] = &[of(ofx_sys::kFnOfxImageEffectPropComponentsPresent, NO_TEXT, 0, Host)];

const IMAGE: &[Spec] = &[
    of(ofx_sys::kOfxPropType, Text(&[ofx_sys::kOfxTypeImage]), 1, Host),
    of(ofx_sys::kOfxImageEffectPropPixelDepth, EMPTY, 1, Host),
    of(ofx_sys::kOfxImageEffectPropComponents, EMPTY, 1, Host),
    of(ofx_sys::kOfxImageEffectPropPreMultiplication, EMPTY, 1, Host),
    of(ofx_sys::kOfxImageEffectPropRenderScale, Double(&[1.0, 1.0]), 2, Host),
    of(ofx_sys::kOfxImagePropPixelAspectRatio, Double(&[1.0]), 1, Host),
    of(ofx_sys::kOfxImagePropData, Pointer, 1, Host),
    of(ofx_sys::kOfxImagePropBounds, Int(&[0, 0, 0, 0]), 4, Host),
    of(ofx_sys::kOfxImagePropRegionOfDefinition, Int(&[0, 0, 0, 0]), 4, Host),
    of(ofx_sys::kOfxImagePropRowBytes, ZERO, 1, Host),
    of(ofx_sys::kOfxImagePropField, Text(&[ofx_sys::kOfxImageFieldNone]), 1, Host),
    of(ofx_sys::kOfxImagePropUniqueIdentifier, EMPTY, 1, Host),
];

const INTERACT_DESCRIPTOR: &[Spec] = &[
    of(ofx_sys::kOfxInteractPropHasAlpha, ONE, 1, Host),
    of(ofx_sys::kOfxInteractPropBitDepth, Int(&[8]), 1, Host),
];

const INTERACT: &[Spec] = &[
    of(ofx_sys::kOfxPropEffectInstance, Pointer, 1, Host),
    of(ofx_sys::kOfxPropInstanceData, Pointer, 1, Always),
    of(ofx_sys::kOfxInteractPropPixelScale, Double(&[1.0, 1.0]), 2, Host),
    of(ofx_sys::kOfxInteractPropBackgroundColour, Double(&[0.0, 0.0, 0.0]), 3, Host),
    of(ofx_sys::kOfxInteractPropSlaveToParam, NO_TEXT, 0, Always),
    of(ofx_sys::kOfxInteractPropSuggestedColour, Double(&[1.0, 1.0, 1.0]), 3, Host),
    of(ofx_sys::kOfxInteractPropHasAlpha, ONE, 1, Host),
    of(ofx_sys::kOfxInteractPropBitDepth, Int(&[8]), 1, Host),
];

/// The OpenFX name of a depth.
pub(crate) fn depth_name(depth: Depth) -> &'static CStr {
    match depth {
        Depth::Byte => ofx_sys::kOfxBitDepthByte,
        Depth::Short => ofx_sys::kOfxBitDepthShort,
        Depth::Half => ofx_sys::kOfxBitDepthHalf,
        Depth::Float => ofx_sys::kOfxBitDepthFloat,
    }
}

fn c_texts<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Values {
    Values::Text(texts.into_iter().filter_map(|t| CString::new(t.as_ref()).ok()).collect())
}

impl PropSet {
    /// The host descriptor.
    pub fn host(shared: &Arc<Shared>) -> Arc<PropSet> {
        let p = &shared.profile;
        let s = &p.supports;
        let planes: &[Spec] = if s.multi_planar { PLANES_OF_HOST } else { &[] };
        let set = PropSet::new(shared, "the host", &[HOST, planes]);
        let flags: [(&CStr, bool); 16] = [
            (ofx_sys::kOfxImageEffectHostPropIsBackground, s.background),
            (ofx_sys::kOfxImageEffectPropSupportsOverlays, s.overlays),
            (ofx_sys::kOfxImageEffectPropSupportsMultiResolution, s.multi_resolution),
            (ofx_sys::kOfxImageEffectPropSupportsTiles, s.tiles),
            (ofx_sys::kOfxImageEffectPropTemporalClipAccess, s.temporal),
            (ofx_sys::kOfxImageEffectPropSupportsMultipleClipDepths, s.multiple_depths),
            (ofx_sys::kOfxImageEffectPropSupportsMultipleClipPARs, s.multiple_pixel_aspects),
            (ofx_sys::kOfxImageEffectPropSetableFrameRate, s.setable_frame_rate),
            (ofx_sys::kOfxImageEffectPropSetableFielding, s.setable_fielding),
            (ofx_sys::kOfxParamHostPropSupportsCustomInteract, s.custom_interact),
            (ofx_sys::kOfxParamHostPropSupportsStringAnimation, s.string_animation),
            (ofx_sys::kOfxParamHostPropSupportsChoiceAnimation, s.choice_animation),
            (ofx_sys::kOfxParamHostPropSupportsBooleanAnimation, s.boolean_animation),
            (ofx_sys::kOfxParamHostPropSupportsCustomAnimation, s.custom_animation),
            (ofx_sys::kOfxParamHostPropSupportsParametricAnimation, s.parametric_animation),
            (ofx_sys::kOfxImageEffectInstancePropSequentialRender, s.sequential),
        ];
        flags.iter().for_each(|(name, on)| set.set_int(name, i32::from(*on)));
        set.set_int(ofx_sys::kOfxImageEffectPropRenderQualityDraft, i32::from(s.draft));
        set.set_int(ofx_sys::kOfxParamHostPropMaxParameters, s.max_params);
        set.set_int(ofx_sys::kOfxParamHostPropMaxPages, s.max_pages);
        set.set(ofx_sys::kOfxPropName, c_texts([&p.host_name]));
        set.set(ofx_sys::kOfxPropLabel, c_texts([&p.host_label]));
        set.set(ofx_sys::kOfxPropAPIVersion, Values::Int(vec![p.api_version.0, p.api_version.1]));
        set.set(ofx_sys::kOfxPropVersion, Values::Int(p.host_version.to_vec()));
        let [major, minor, _] = p.host_version;
        set.set(ofx_sys::kOfxPropVersionLabel, c_texts([format!("{major}.{minor}")]));
        set.set(ofx_sys::kOfxImageEffectPropSupportedComponents, c_texts(&p.components));
        let contexts = p.contexts.iter().map(|c| c.ofx_name().to_owned()).collect();
        set.set(ofx_sys::kOfxImageEffectPropSupportedContexts, Values::Text(contexts));
        let depths = p.depths.iter().map(|d| depth_name(*d).to_owned()).collect();
        set.set(ofx_sys::kOfxImageEffectPropSupportedPixelDepths, Values::Text(depths));
        for name in &p.missing_host_properties {
            CString::new(name.as_str()).into_iter().for_each(|n| set.remove(&n));
        }
        set
    }

    /// An effect's descriptor.
    pub fn effect(shared: &Arc<Shared>, owner: String) -> Arc<PropSet> {
        let planes: &[Spec] = if shared.profile.supports.multi_planar { PLANES_OF_EFFECT } else { &[] };
        let draw: &[Spec] =
            if shared.profile.offers(crate::profile::Suite::DrawV1).is_some() { DRAW_OF_EFFECT } else { &[] };
        PropSet::new(shared, owner, &[EFFECT, planes, draw])
    }

    /// An effect's instance.
    pub fn effect_instance(shared: &Arc<Shared>, owner: String) -> Arc<PropSet> {
        PropSet::new(shared, owner, &[INSTANCE])
    }

    /// A clip's descriptor.
    pub fn clip(shared: &Arc<Shared>, owner: String) -> Arc<PropSet> {
        PropSet::new(shared, owner, &[CLIP])
    }

    /// Turns a copy of a clip's descriptor into its instance.
    pub fn add_clip_instance(&self, multi_planar: bool) {
        let planes: &[Spec] = if multi_planar { PLANES_OF_CLIP } else { &[] };
        for spec in CLIP_INSTANCE.iter().chain(planes) {
            self.define(spec.name, spec.fill.values(), spec.dimension, spec.write);
        }
    }

    /// An image.
    pub fn image(shared: &Arc<Shared>, owner: String) -> Arc<PropSet> {
        PropSet::new(shared, owner, &[IMAGE])
    }

    /// An interact's descriptor.
    pub fn interact_descriptor(shared: &Arc<Shared>) -> Arc<PropSet> {
        PropSet::new(shared, "the overlay's descriptor", &[INTERACT_DESCRIPTOR])
    }

    /// An interact.
    pub fn interact(shared: &Arc<Shared>) -> Arc<PropSet> {
        PropSet::new(shared, "the overlay", &[INTERACT])
    }

    /// Arguments of an action: only what is then defined.
    pub fn arguments(shared: &Arc<Shared>, which: &str) -> Arc<PropSet> {
        PropSet::new(shared, format!("the {which}"), &[])
    }
}
