//! The hosts that there are. Facts and their sources: docs/hosts.md.

use std::collections::BTreeMap;
use std::ffi::CStr;

use super::{Layout, Lifecycle, Offer, Profile, Quirks, Suite, Supports, UnknownProperty};
use crate::context::Context;
use crate::picture::Depth;
use crate::value::ParamKind;
use crate::violation::Severity;

const ALL_SUITES: [Suite; 16] = [
    Suite::PropertyV1,
    Suite::ImageEffectV1,
    Suite::ParameterV1,
    Suite::ParametricV1,
    Suite::MemoryV1,
    Suite::MultiThreadV1,
    Suite::MessageV1,
    Suite::MessageV2,
    Suite::ProgressV1,
    Suite::ProgressV2,
    Suite::TimeLineV1,
    Suite::InteractV1,
    Suite::DrawV1,
    Suite::PlaneV1,
    Suite::PlaneV2,
    Suite::DialogV1,
];

fn real(suites: impl IntoIterator<Item = Suite>) -> BTreeMap<Suite, Offer> {
    suites.into_iter().map(|s| (s, Offer::Real)).collect()
}

fn without(gone: &[Suite]) -> BTreeMap<Suite, Offer> {
    real(ALL_SUITES.into_iter().filter(|s| !gone.contains(s)))
}

fn texts(names: &[&CStr]) -> Vec<String> {
    names.iter().map(|n| n.to_string_lossy().into_owned()).collect()
}

impl Profile {
    /// A host that has everything this crate can do, and keeps to the specification.
    pub fn full() -> Profile {
        Profile {
            name: "full".into(),
            host_name: "org.splitline.host".into(),
            host_label: "Splitline host".into(),
            host_version: [1, 0, 0],
            api_version: (1, 4),
            contexts: Context::ALL.to_vec(),
            depths: vec![Depth::Byte, Depth::Short, Depth::Half, Depth::Float],
            components: texts(&[
                ofx_sys::kOfxImageComponentRGBA,
                ofx_sys::kOfxImageComponentRGB,
                ofx_sys::kOfxImageComponentAlpha,
                ofx_sys::kFnOfxImageComponentMotionVectors,
                ofx_sys::kFnOfxImageComponentStereoDisparity,
            ]),
            supports: Supports {
                background: false,
                overlays: true,
                multi_resolution: true,
                tiles: true,
                temporal: true,
                multiple_depths: true,
                multiple_pixel_aspects: true,
                setable_frame_rate: true,
                setable_fielding: true,
                string_animation: true,
                custom_animation: true,
                choice_animation: true,
                boolean_animation: true,
                parametric_animation: true,
                custom_interact: true,
                sequential: true,
                draft: true,
                max_params: -1,
                max_pages: 0,
                multi_planar: true,
            },
            suites: without(&[]),
            missing_host_properties: Vec::new(),
            layout: Layout {
                negative_rows: false,
                row_padding: 32,
                row_alignment: 16,
                only_region: true,
                output_is_window: false,
            },
            check_pixels: true,
            quirks: Quirks {
                unknown_property: UnknownProperty::Reject,
                transient_strings: false,
                images_on_host_threads_only: false,
                release_where_fetched: false,
                phantom_connections: false,
                connected_only_on: None,
                param_copy_does_nothing: false,
                ignores_normalised_defaults: false,
                no_instance_changed: false,
                unknown_changes: Vec::new(),
                delete_all_keys_echo: false,
                secret_is_final: false,
                choice_options_are_final: false,
                set_in_render: Some(Severity::Warning),
                set_in_create: None,
                lifecycle_must_say_ok: false,
                lifecycle: Lifecycle::Persistent,
                uncalled_actions: Vec::new(),
                asks_regions_without_tiles: false,
                hollow_images: false,
                clip_ignores_time: false,
                param_ignores_time: false,
                unsaved_kinds: vec![ParamKind::Group, ParamKind::Page, ParamKind::PushButton],
                saves_secret: true,
                needs_display_range: false,
                spells_planes_in_full: false,
                generator_crashes_on: Vec::new(),
            },
        }
    }

    /// Foundry Nuke.
    pub fn nuke() -> Profile {
        let full = Profile::full();
        Profile {
            name: "nuke".into(),
            host_name: "uk.co.thefoundry.nuke".into(),
            host_label: "nuke".into(),
            host_version: [10, 0, 0],
            api_version: (1, 2),
            contexts: vec![Context::Filter, Context::General],
            depths: vec![Depth::Float],
            components: texts(&[
                ofx_sys::kOfxImageComponentRGBA,
                ofx_sys::kOfxImageComponentAlpha,
                ofx_sys::kFnOfxImageComponentMotionVectors,
                ofx_sys::kFnOfxImageComponentStereoDisparity,
            ]),
            supports: Supports {
                multiple_depths: false,
                string_animation: false,
                custom_animation: false,
                setable_frame_rate: false,
                setable_fielding: false,
                ..full.supports
            },
            suites: without(&[Suite::ProgressV2, Suite::DrawV1, Suite::DialogV1]),
            quirks: Quirks {
                transient_strings: true,
                secret_is_final: true,
                choice_options_are_final: true,
                set_in_render: Some(Severity::Error),
                set_in_create: Some(Severity::Warning),
                ..full.quirks
            },
            ..full
        }
    }

    /// Blackmagic DaVinci Resolve.
    pub fn resolve() -> Profile {
        let full = Profile::full();
        let mut unsaved_kinds = full.quirks.unsaved_kinds.clone();
        unsaved_kinds.push(ParamKind::Custom);
        Profile {
            name: "resolve".into(),
            host_name: "DaVinciResolve".into(),
            host_label: "DaVinci Resolve".into(),
            host_version: [16, 0, 0],
            api_version: (1, 3),
            contexts: vec![Context::Filter, Context::General, Context::Transition, Context::Generator],
            depths: vec![Depth::Byte, Depth::Short, Depth::Float],
            components: texts(&[ofx_sys::kOfxImageComponentRGBA, ofx_sys::kOfxImageComponentAlpha]),
            supports: Supports {
                multi_resolution: false,
                tiles: false,
                multiple_depths: false,
                multiple_pixel_aspects: false,
                string_animation: false,
                custom_animation: false,
                parametric_animation: false,
                custom_interact: false,
                sequential: false,
                multi_planar: false,
                ..full.supports
            },
            suites: without(&[
                Suite::ParametricV1,
                Suite::MessageV2,
                Suite::ProgressV2,
                Suite::DrawV1,
                Suite::PlaneV1,
                Suite::PlaneV2,
                Suite::DialogV1,
            ]),
            missing_host_properties: texts(&[
                ofx_sys::kOfxPropVersion,
                ofx_sys::kOfxParamHostPropMaxPages,
                ofx_sys::kOfxParamHostPropPageRowColumnCount,
                ofx_sys::kOfxImageEffectInstancePropSequentialRender,
            ]),
            layout: Layout { only_region: false, ..full.layout },
            quirks: Quirks {
                phantom_connections: true,
                param_copy_does_nothing: true,
                ignores_normalised_defaults: true,
                unknown_changes: vec!["BlackmagicInternalChange".into()],
                set_in_render: None,
                lifecycle_must_say_ok: true,
                unsaved_kinds,
                needs_display_range: true,
                generator_crashes_on: vec![ParamKind::Integer2D, ParamKind::Integer3D],
                ..full.quirks
            },
            ..full
        }
    }

    /// Natron 2.5.
    pub fn natron() -> Profile {
        let full = Profile::full();
        let mut components = full.components.clone();
        components.push("NatronOfxImageComponentXY".into());
        Profile {
            name: "natron".into(),
            host_name: "fr.inria.Natron".into(),
            host_label: "Natron".into(),
            host_version: [2, 5, 0],
            contexts: vec![Context::Generator, Context::Filter, Context::General, Context::Transition],
            depths: vec![Depth::Byte, Depth::Short, Depth::Float],
            components,
            supports: Supports { setable_fielding: false, ..full.supports },
            suites: without(&[Suite::DrawV1, Suite::DialogV1]),
            quirks: Quirks {
                transient_strings: true,
                images_on_host_threads_only: true,
                release_where_fetched: true,
                delete_all_keys_echo: true,
                spells_planes_in_full: true,
                ..full.quirks
            },
            ..full
        }
    }

    /// MLT 7 with its `openfx` module: `melt`, Kdenlive, Shotcut.
    pub fn mlt() -> Profile {
        let full = Profile::full();
        let mut suites = without(&[Suite::DrawV1, Suite::PlaneV1, Suite::PlaneV2, Suite::DialogV1]);
        suites.insert(Suite::TimeLineV1, Offer::Unsupported);
        suites.insert(Suite::ParametricV1, Offer::Stub);
        suites.insert(Suite::ProgressV1, Offer::Stub);
        suites.insert(Suite::ProgressV2, Offer::Stub);
        let mut unsaved_kinds = full.quirks.unsaved_kinds.clone();
        unsaved_kinds.push(ParamKind::Custom);
        Profile {
            name: "mlt".into(),
            host_name: "MLT".into(),
            host_label: "MLT".into(),
            host_version: [7, 42, 0],
            api_version: (1, 5),
            contexts: vec![Context::Filter],
            components: texts(&[ofx_sys::kOfxImageComponentRGBA, ofx_sys::kOfxImageComponentRGB]),
            supports: Supports {
                background: true,
                overlays: false,
                multi_resolution: false,
                tiles: false,
                temporal: false,
                multiple_depths: false,
                multiple_pixel_aspects: false,
                setable_frame_rate: false,
                setable_fielding: false,
                string_animation: false,
                custom_animation: false,
                choice_animation: false,
                boolean_animation: false,
                parametric_animation: false,
                custom_interact: false,
                sequential: false,
                draft: false,
                multi_planar: false,
                ..full.supports
            },
            suites,
            missing_host_properties: texts(&[ofx_sys::kOfxImageEffectPropSupportedContexts]),
            layout: Layout { negative_rows: true, row_padding: 0, only_region: false, ..full.layout },
            quirks: Quirks {
                unknown_property: UnknownProperty::Accept,
                connected_only_on: Some(vec!["Source".into(), "Output".into()]),
                no_instance_changed: true,
                lifecycle: Lifecycle::PerFrame,
                uncalled_actions: texts(&[
                    ofx_sys::kOfxImageEffectActionIsIdentity,
                    ofx_sys::kOfxImageEffectActionGetFramesNeeded,
                    ofx_sys::kOfxActionSyncPrivateData,
                ]),
                asks_regions_without_tiles: true,
                hollow_images: true,
                clip_ignores_time: true,
                param_ignores_time: true,
                unsaved_kinds,
                saves_secret: false,
                ..full.quirks
            },
            ..full
        }
    }

    /// As little as an OpenFX 1.0 host may be: three suites, no version property, one frame, whole pictures.
    pub fn minimal() -> Profile {
        let full = Profile::full();
        Profile {
            name: "minimal".into(),
            host_name: "org.splitline.minimal".into(),
            host_label: "Minimal".into(),
            api_version: (1, 0),
            contexts: vec![Context::Filter, Context::General],
            components: texts(&[ofx_sys::kOfxImageComponentRGBA]),
            depths: vec![Depth::Byte, Depth::Float],
            supports: Supports {
                background: true,
                overlays: false,
                multi_resolution: false,
                tiles: false,
                temporal: false,
                multiple_depths: false,
                multiple_pixel_aspects: false,
                setable_frame_rate: false,
                setable_fielding: false,
                string_animation: false,
                custom_animation: false,
                choice_animation: false,
                boolean_animation: false,
                parametric_animation: false,
                custom_interact: false,
                sequential: false,
                draft: false,
                multi_planar: false,
                ..full.supports
            },
            suites: real([Suite::PropertyV1, Suite::ImageEffectV1, Suite::ParameterV1]),
            missing_host_properties: texts(&[ofx_sys::kOfxPropVersion]),
            layout: Layout {
                negative_rows: false,
                row_padding: 0,
                row_alignment: 16,
                only_region: false,
                output_is_window: false,
            },
            ..full
        }
    }
}
