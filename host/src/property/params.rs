//! Properties of params.

use std::ffi::{CStr, CString};
use std::sync::Arc;

use super::spec::{Fill, Spec, Write, of, since};
use super::{PropSet, Values};
use crate::shared::Shared;
use crate::value::{ParamKind, Wire};

use Fill::{Double, Int, Pointer, Text};
use Write::{Always, Describe, Host};

const EMPTY: Fill = Text(&[c""]);

const ALL: &[Spec] = &[
    of(ofx_sys::kOfxPropType, Text(&[ofx_sys::kOfxTypeParameter]), 1, Host),
    of(ofx_sys::kOfxPropName, EMPTY, 1, Host),
    of(ofx_sys::kOfxParamPropType, EMPTY, 1, Host),
    of(ofx_sys::kOfxPropLabel, EMPTY, 1, Always),
    of(ofx_sys::kOfxPropShortLabel, EMPTY, 1, Always),
    of(ofx_sys::kOfxPropLongLabel, EMPTY, 1, Always),
    since(2, of(ofx_sys::kOfxPropIcon, Text(&[c"", c""]), 2, Describe)),
    of(ofx_sys::kOfxParamPropSecret, Int(&[0]), 1, Always),
    of(ofx_sys::kOfxParamPropHint, EMPTY, 1, Always),
    of(ofx_sys::kOfxParamPropScriptName, EMPTY, 1, Describe),
    of(ofx_sys::kOfxParamPropParent, EMPTY, 1, Describe),
    of(ofx_sys::kOfxParamPropEnabled, Int(&[1]), 1, Always),
    of(ofx_sys::kOfxParamPropDataPtr, Pointer, 1, Always),
    of(ofx_sys::kOfxParamPropLayoutHint, Int(&[0]), 1, Describe),
    of(ofx_sys::kOfxParamPropLayoutPadWidth, Int(&[0]), 1, Describe),
];

const VALUED: &[Spec] = &[
    of(ofx_sys::kOfxParamPropAnimates, Int(&[1]), 1, Describe),
    of(ofx_sys::kOfxParamPropIsAnimating, Int(&[0]), 1, Host),
    of(ofx_sys::kOfxParamPropIsAutoKeying, Int(&[0]), 1, Host),
    of(ofx_sys::kOfxParamPropPersistant, Int(&[1]), 1, Describe),
    of(ofx_sys::kOfxParamPropEvaluateOnChange, Int(&[1]), 1, Always),
    of(ofx_sys::kOfxParamPropPluginMayWrite, Int(&[0]), 1, Describe),
    of(ofx_sys::kOfxParamPropCanUndo, Int(&[1]), 1, Describe),
    of(
        ofx_sys::kOfxParamPropCacheInvalidation,
        Text(&[ofx_sys::kOfxParamInvalidateValueChange]),
        1,
        Describe,
    ),
    of(ofx_sys::kOfxParamPropInteractV1, Pointer, 1, Describe),
    of(ofx_sys::kOfxParamPropInteractSize, Double(&[0.0, 0.0]), 2, Host),
    of(ofx_sys::kOfxParamPropInteractSizeAspect, Double(&[1.0]), 1, Describe),
    of(ofx_sys::kOfxParamPropInteractMinimumSize, Double(&[10.0, 10.0]), 2, Describe),
    of(ofx_sys::kOfxParamPropInteractPreferedSize, Int(&[10, 10]), 2, Describe),
];

const DOUBLE: &[Spec] = &[
    of(ofx_sys::kOfxParamPropIncrement, Double(&[1.0]), 1, Always),
    of(ofx_sys::kOfxParamPropDigits, Int(&[2]), 1, Always),
];

const SPATIAL: &[Spec] = &[
    of(ofx_sys::kOfxParamPropDoubleType, Text(&[ofx_sys::kOfxParamDoubleTypePlain]), 1, Describe),
    since(
        2,
        of(
            ofx_sys::kOfxParamPropDefaultCoordinateSystem,
            Text(&[ofx_sys::kOfxParamCoordinatesCanonical]),
            1,
            Describe,
        ),
    ),
];

const HOST_OVERLAY: &[Spec] = &[
    since(2, of(ofx_sys::kOfxParamPropHasHostOverlayHandle, Int(&[0]), 1, Host)),
    since(2, of(ofx_sys::kOfxParamPropUseHostOverlayHandle, Int(&[0]), 1, Describe)),
];

const DOUBLE_1D: &[Spec] = &[of(ofx_sys::kOfxParamPropShowTimeMarker, Int(&[0]), 1, Always)];

const STRING: &[Spec] = &[
    of(ofx_sys::kOfxParamPropStringMode, Text(&[ofx_sys::kOfxParamStringIsSingleLine]), 1, Describe),
    of(ofx_sys::kOfxParamPropStringFilePathExists, Int(&[1]), 1, Describe),
];

const CHOICE: &[Spec] = &[of(ofx_sys::kOfxParamPropChoiceOption, Text(&[]), 0, Always)];
const CUSTOM: &[Spec] = &[of(ofx_sys::kOfxParamPropCustomInterpCallbackV1, Pointer, 1, Describe)];
const PAGE: &[Spec] = &[of(ofx_sys::kOfxParamPropPageChild, Text(&[]), 0, Describe)];
const GROUP: &[Spec] = &[of(ofx_sys::kOfxParamPropGroupOpen, Int(&[1]), 1, Describe)];
const NUKE_GROUP: &[Spec] = &[of(ofx_sys::kFnOfxParamPropGroupIsTab, Int(&[0]), 1, Describe)];

const PARAMETRIC: &[Spec] = &[
    of(ofx_sys::kOfxParamPropParametricDimension, Int(&[1]), 1, Describe),
    of(ofx_sys::kOfxParamPropParametricUIColour, Double(&[]), 0, Describe),
    of(ofx_sys::kOfxParamPropParametricInteractBackground, Pointer, 1, Describe),
    of(ofx_sys::kOfxParamPropParametricRange, Double(&[0.0, 1.0]), 2, Describe),
];

const PARAM_SET: &[Spec] = &[
    of(ofx_sys::kOfxPropParamSetNeedsSyncing, Int(&[0]), 1, Always),
    of(ofx_sys::kOfxPluginPropParamPageOrder, Text(&[]), 0, Describe),
];

impl PropSet {
    /// The descriptor of a param.
    pub fn param(shared: &Arc<Shared>, kind: ParamKind, name: &CStr) -> Arc<PropSet> {
        let mut tables = vec![ALL];
        match kind {
            ParamKind::Group if shared.profile.supports.multi_planar => tables.extend([GROUP, NUKE_GROUP]),
            ParamKind::Group => tables.push(GROUP),
            ParamKind::Page => tables.push(PAGE),
            ParamKind::PushButton => tables.push(&VALUED[8..]),
            ParamKind::Parametric => tables.extend([VALUED, PARAMETRIC]),
            ParamKind::String => tables.extend([VALUED, STRING]),
            ParamKind::Custom => tables.extend([VALUED, CUSTOM]),
            ParamKind::Choice => tables.extend([VALUED, CHOICE]),
            ParamKind::Double => tables.extend([VALUED, DOUBLE, SPATIAL, DOUBLE_1D]),
            ParamKind::Double2D => tables.extend([VALUED, DOUBLE, SPATIAL, HOST_OVERLAY]),
            ParamKind::Double3D => tables.extend([VALUED, DOUBLE, SPATIAL]),
            ParamKind::Rgb | ParamKind::Rgba => tables.extend([VALUED, DOUBLE]),
            ParamKind::Integer | ParamKind::Integer2D | ParamKind::Integer3D | ParamKind::Boolean => {
                tables.push(VALUED);
            }
        }
        let set = PropSet::new(shared, format!("the param {}", name.to_string_lossy()), &tables);
        for label in [ofx_sys::kOfxPropName, ofx_sys::kOfxPropLabel, ofx_sys::kOfxPropShortLabel] {
            set.set_text(label, name);
        }
        set.set_text(ofx_sys::kOfxPropLongLabel, name);
        set.set_text(ofx_sys::kOfxParamPropScriptName, name);
        set.set_text(ofx_sys::kOfxParamPropType, kind.ofx_name());
        if kind.has_value() || kind == ParamKind::Parametric {
            set.set_int(ofx_sys::kOfxParamPropAnimates, i32::from(shared.profile.animates(kind)));
        }
        set.add_default(kind);
        set.add_ranges(kind);
        set
    }

    fn add_default(&self, kind: ParamKind) {
        let (values, n) = match kind.wire() {
            Wire::Int(n) => (Values::Int(vec![0; n]), n),
            Wire::Double(n) => (Values::Double(vec![0.0; n]), n),
            Wire::Text => (Values::Text(vec![CString::default()]), 1),
            Wire::Nothing => return,
        };
        self.define(ofx_sys::kOfxParamPropDefault, values, n, Always);
    }

    fn add_ranges(&self, kind: ParamKind) {
        let colour = matches!(kind, ParamKind::Rgb | ParamKind::Rgba);
        let (low, high, n, shown) = match (kind, kind.wire()) {
            (ParamKind::Boolean | ParamKind::Choice, _) | (_, Wire::Text | Wire::Nothing) => return,
            (_, Wire::Int(n)) => {
                let (low, high) = (Values::Int(vec![i32::MIN; n]), Values::Int(vec![i32::MAX; n]));
                (low.clone(), high.clone(), n, (low, high))
            }
            (_, Wire::Double(n)) => {
                let (low, high) = (Values::Double(vec![f64::MIN; n]), Values::Double(vec![f64::MAX; n]));
                let unit = (Values::Double(vec![0.0; n]), Values::Double(vec![1.0; n]));
                (low.clone(), high.clone(), n, if colour { unit } else { (low, high) })
            }
        };
        self.define(ofx_sys::kOfxParamPropMin, low, n, Always);
        self.define(ofx_sys::kOfxParamPropMax, high, n, Always);
        self.define(ofx_sys::kOfxParamPropDisplayMin, shown.0, n, Always);
        self.define(ofx_sys::kOfxParamPropDisplayMax, shown.1, n, Always);
        if n > 1 {
            let names: &[&CStr] = if colour { &[c"r", c"g", c"b", c"a"] } else { &[c"x", c"y", c"z"] };
            let labels = names.iter().take(n).map(|t| (*t).to_owned()).collect();
            self.define(ofx_sys::kOfxParamPropDimensionLabel, Values::Text(labels), n, Describe);
        }
    }

    /// The properties of a set of params.
    pub fn param_set(shared: &Arc<Shared>) -> Arc<PropSet> {
        PropSet::new(shared, "the param set", &[PARAM_SET])
    }
}
