//! Params, as descriptors and as instances.

pub(crate) mod curves;
pub(crate) mod track;

use std::ffi::{CStr, CString};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use curves::Curves;
use track::Track;

use crate::description::ParamInfo;
use crate::handle::{Handle, Object};
use crate::object::EffectObject;
use crate::profile::Quirks;
use crate::property::{PropSet, Values};
use crate::shared::lock;
use crate::value::{ParamKind, Value, Wire};

/// One param.
pub(crate) struct Param {
    pub handle: Handle,
    pub name: CString,
    pub kind: ParamKind,
    pub props: Arc<PropSet>,
    pub set: Weak<ParamSet>,
    pub track: Mutex<Track>,
    pub curves: Mutex<Curves>,
}

impl Param {
    fn new(kind: ParamKind, name: &CStr, props: Arc<PropSet>, set: Weak<ParamSet>) -> Arc<Param> {
        let range = props.doubles(ofx_sys::kOfxParamPropParametricRange);
        let range = (range.first().copied().unwrap_or(0.0), range.get(1).copied().unwrap_or(1.0));
        let n = usize::try_from(props.int(ofx_sys::kOfxParamPropParametricDimension)).unwrap_or(0);
        let value = default_of(kind, &props).unwrap_or(Value::Ints(Vec::new()));
        Arc::new_cyclic(|me| Param {
            handle: Handle::new(Object::Param(me.clone())),
            name: name.to_owned(),
            kind,
            props,
            set,
            track: Mutex::new(Track::new(kind, value)),
            curves: Mutex::new(Curves::new(n, range)),
        })
    }

    pub fn name(&self) -> String {
        self.name.to_string_lossy().into_owned()
    }

    /// Keys may be set.
    pub fn animates(&self) -> bool {
        self.props.int(ofx_sys::kOfxParamPropAnimates) != 0
    }

    pub fn is_secret(&self) -> bool {
        self.props.int(ofx_sys::kOfxParamPropSecret) != 0
    }

    /// Tells readers of the property set whether there are keys.
    pub fn update_animating(&self) {
        let animated = lock(&self.track).is_animated();
        self.props.set_int(ofx_sys::kOfxParamPropIsAnimating, i32::from(animated));
    }

    /// Sets a constant, or a key where a time is given and the param takes keys.
    pub fn store(&self, time: Option<f64>, value: Value) {
        {
            let mut track = lock(&self.track);
            match time {
                Some(time) if self.animates() => track.set_key(time, value),
                _ => track.set_constant(value),
            }
        }
        self.update_animating();
    }

    pub fn options(&self) -> Vec<String> {
        self.props.strings(ofx_sys::kOfxParamPropChoiceOption)
    }

    /// What the properties say now.
    pub fn info(&self) -> ParamInfo {
        let p = &self.props;
        let range = |low: &CStr, high: &CStr| {
            let numbers = |name: &CStr| match p.values(name) {
                Some(Values::Int(v)) => Some(v.into_iter().map(f64::from).collect::<Vec<f64>>()),
                Some(Values::Double(v)) => Some(v),
                _ => None,
            };
            numbers(low).zip(numbers(high))
        };
        ParamInfo {
            name: self.name(),
            kind: self.kind,
            label: p.string(ofx_sys::kOfxPropLabel),
            hint: p.string(ofx_sys::kOfxParamPropHint),
            parent: p.string(ofx_sys::kOfxParamPropParent),
            secret: self.is_secret(),
            enabled: p.int(ofx_sys::kOfxParamPropEnabled) != 0,
            animates: self.kind.has_value() && self.animates(),
            persistent: p.int(ofx_sys::kOfxParamPropPersistant) != 0,
            evaluates: p.int(ofx_sys::kOfxParamPropEvaluateOnChange) != 0,
            default: default_of(self.kind, p),
            range: range(ofx_sys::kOfxParamPropMin, ofx_sys::kOfxParamPropMax),
            display_range: range(ofx_sys::kOfxParamPropDisplayMin, ofx_sys::kOfxParamPropDisplayMax),
            increment: p.doubles(ofx_sys::kOfxParamPropIncrement).first().copied(),
            digits: p.ints(ofx_sys::kOfxParamPropDigits).first().copied(),
            double_type: p.string(ofx_sys::kOfxParamPropDoubleType),
            coordinates: p.string(ofx_sys::kOfxParamPropDefaultCoordinateSystem),
            options: self.options(),
            string_mode: p.string(ofx_sys::kOfxParamPropStringMode),
            open: p.int(ofx_sys::kOfxParamPropGroupOpen) != 0,
            children: p.strings(ofx_sys::kOfxParamPropPageChild),
        }
    }
}

/// The default that a param's properties name.
fn default_of(kind: ParamKind, props: &PropSet) -> Option<Value> {
    let value = match props.values(ofx_sys::kOfxParamPropDefault)? {
        Values::Int(v) => Value::Ints(v),
        Values::Double(v) => Value::Doubles(v),
        Values::Text(v) => {
            Value::Text(v.first().map(|t| t.to_string_lossy().into_owned()).unwrap_or_default())
        }
        Values::Pointer(_) => return None,
    };
    value.fit(kind).ok()
}

/// The params of an effect.
pub(crate) struct ParamSet {
    pub handle: Handle,
    pub props: Arc<PropSet>,
    pub effect: Weak<EffectObject>,
    params: RwLock<Vec<Arc<Param>>>,
    /// Edit blocks that are open.
    pub edits: AtomicUsize,
}

impl ParamSet {
    pub fn new(props: Arc<PropSet>, effect: Weak<EffectObject>) -> Arc<ParamSet> {
        Arc::new_cyclic(|me| ParamSet {
            handle: Handle::new(Object::ParamSet(me.clone())),
            props,
            effect,
            params: RwLock::default(),
            edits: AtomicUsize::new(0),
        })
    }

    /// The params in the order of their definition.
    pub fn all(&self) -> Vec<Arc<Param>> {
        self.params.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn get(&self, name: &CStr) -> Option<Arc<Param>> {
        let params = self.params.read().unwrap_or_else(PoisonError::into_inner);
        params.iter().find(|p| p.name.as_c_str() == name).cloned()
    }

    pub fn by_name(&self, name: &str) -> Option<Arc<Param>> {
        self.get(&CString::new(name).ok()?)
    }

    fn push(&self, param: Arc<Param>) {
        self.params.write().unwrap_or_else(PoisonError::into_inner).push(param);
    }

    /// A descriptor of a new param.
    pub fn define(self: &Arc<Self>, kind: ParamKind, name: &CStr, props: Arc<PropSet>) -> Arc<Param> {
        let param = Param::new(kind, name, props, Arc::downgrade(self));
        self.push(param.clone());
        param
    }

    /// Ends the description of all params.
    pub fn settle(&self) {
        self.props.settle();
        self.all().iter().for_each(|p| p.props.settle());
    }

    /// Fills this set with instances of a descriptor's params. `size` is the project's, by which normalised defaults
    /// are multiplied.
    pub fn instantiate(self: &Arc<Self>, from: &ParamSet, quirks: &Quirks, size: (f64, f64)) {
        for descriptor in from.all() {
            let owner = format!("the param {}", descriptor.name());
            let props = descriptor.props.instance(owner);
            if quirks.secret_is_final && descriptor.is_secret() {
                props.freeze(ofx_sys::kOfxParamPropSecret);
            }
            if quirks.choice_options_are_final {
                props.freeze(ofx_sys::kOfxParamPropChoiceOption);
            }
            props.set_text(ofx_sys::kOfxPropType, ofx_sys::kOfxTypeParameterInstance);
            let param = Param::new(descriptor.kind, &descriptor.name, props, Arc::downgrade(self));
            // Points that the description set, unless the number of curves was set after them.
            let described = lock(&descriptor.curves).clone();
            let mut curves = lock(&param.curves);
            if described.dimensions() == curves.dimensions() {
                *curves = described;
            }
            drop(curves);
            let normalised = param.props.text(ofx_sys::kOfxParamPropDefaultCoordinateSystem).as_c_str()
                == ofx_sys::kOfxParamCoordinatesNormalised;
            if let (true, false, Wire::Double(_)) =
                (normalised, quirks.ignores_normalised_defaults, param.kind.wire())
            {
                let double_type = param.props.text(ofx_sys::kOfxParamPropDoubleType);
                let vertical = [ofx_sys::kOfxParamDoubleTypeY, ofx_sys::kOfxParamDoubleTypeYAbsolute]
                    .contains(&double_type.as_c_str());
                let mut v = lock(&param.track).constant().to_doubles();
                for (i, v) in v.iter_mut().enumerate() {
                    *v *= if i == 1 || vertical { size.1 } else { size.0 };
                }
                param.store(None, Value::Doubles(v));
            }
            self.push(param);
        }
    }
}
