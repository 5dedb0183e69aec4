//! Property sets: what each kind of object has, of which type, and who may write it.

mod effects;
mod params;
mod spec;

use std::collections::{HashMap, HashSet};
use std::ffi::{CStr, CString};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use crate::handle::{Handle, Object};
use crate::profile::UnknownProperty;
use crate::shared::Shared;
use crate::status::Status;
use crate::violation::{Rule, Severity};
pub(crate) use effects::depth_name;
pub(crate) use spec::{Spec, Write};

/// The values of a property, one type throughout.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Values {
    Int(Vec<i32>),
    Double(Vec<f64>),
    Text(Vec<CString>),
    Pointer(Vec<usize>),
}

impl Values {
    pub fn len(&self) -> usize {
        match self {
            Values::Int(v) => v.len(),
            Values::Double(v) => v.len(),
            Values::Text(v) => v.len(),
            Values::Pointer(v) => v.len(),
        }
    }

    pub fn noun(&self) -> &'static str {
        match self {
            Values::Int(_) => "int",
            Values::Double(_) => "double",
            Values::Text(_) => "string",
            Values::Pointer(_) => "pointer",
        }
    }

    fn resize(&mut self, n: usize) {
        match self {
            Values::Int(v) => v.resize(n, 0),
            Values::Double(v) => v.resize(n, 0.0),
            Values::Text(v) => v.resize(n, CString::default()),
            Values::Pointer(v) => v.resize(n, 0),
        }
    }

    /// Puts `from` at `index`; the types are the same.
    fn splice(&mut self, index: usize, from: Values) {
        match (self, from) {
            (Values::Int(to), Values::Int(from)) => to[index..index + from.len()].copy_from_slice(&from),
            (Values::Double(to), Values::Double(from)) => {
                to[index..index + from.len()].copy_from_slice(&from)
            }
            (Values::Text(to), Values::Text(from)) => to[index..index + from.len()].clone_from_slice(&from),
            (Values::Pointer(to), Values::Pointer(from)) => {
                to[index..index + from.len()].copy_from_slice(&from)
            }
            _ => {}
        }
    }

    fn same_type(&self, other: &Values) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

#[derive(Clone)]
struct Property {
    values: Values,
    default: Values,
    /// Number of values; 0 for any.
    dimension: usize,
    write: Write,
}

/// A property set of an object.
pub(crate) struct PropSet {
    pub handle: Handle,
    /// For messages: "the param tolerance".
    pub owner: String,
    shared: Weak<Shared>,
    properties: RwLock<HashMap<CString, Property>>,
    /// Names that are newer than the OpenFX version of this host.
    newer: HashSet<&'static CStr>,
    /// The description is over: what only a description may write is settled.
    settled: AtomicBool,
}

impl PropSet {
    /// A set with the properties of these tables that this host's OpenFX version has.
    pub fn new(shared: &Arc<Shared>, owner: impl Into<String>, tables: &[&[Spec]]) -> Arc<PropSet> {
        let mut properties = HashMap::new();
        let mut newer = HashSet::new();
        for spec in tables.iter().flat_map(|t| t.iter()) {
            if spec.since > shared.profile.api_version {
                newer.insert(spec.name);
                continue;
            }
            let values = spec.fill.values();
            let property =
                Property { default: values.clone(), values, dimension: spec.dimension, write: spec.write };
            properties.insert(spec.name.to_owned(), property);
        }
        PropSet::of(Arc::downgrade(shared), owner.into(), properties, newer)
    }

    fn of(
        shared: Weak<Shared>,
        owner: String,
        properties: HashMap<CString, Property>,
        newer: HashSet<&'static CStr>,
    ) -> Arc<PropSet> {
        Arc::new_cyclic(|me| PropSet {
            handle: Handle::new(Object::Properties(me.clone())),
            owner,
            shared,
            properties: RwLock::new(properties),
            newer,
            settled: AtomicBool::new(false),
        })
    }

    /// The set of an instance made from this set of its descriptor: what a description wrote is settled.
    pub fn instance(&self, owner: impl Into<String>) -> Arc<PropSet> {
        let mut properties = self.read().clone();
        properties.values_mut().for_each(|p| p.default = p.values.clone());
        let set = PropSet::of(self.shared.clone(), owner.into(), properties, self.newer.clone());
        set.settle();
        set
    }

    /// A further descriptor that begins with the values of this one.
    pub fn copy(&self, owner: impl Into<String>) -> Arc<PropSet> {
        PropSet::of(self.shared.clone(), owner.into(), self.read().clone(), self.newer.clone())
    }

    /// Makes a property one that this host does not look at again.
    pub fn freeze(&self, name: &CStr) {
        if let Some(p) = self.write().get_mut(name) {
            p.write = Write::Frozen;
        }
    }

    /// Ends the description.
    pub fn settle(&self) {
        self.settled.store(true, Ordering::SeqCst);
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<CString, Property>> {
        self.properties.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<CString, Property>> {
        self.properties.write().unwrap_or_else(PoisonError::into_inner)
    }

    // What the host does with its own sets.

    /// Adds a property, or gives it another shape.
    pub fn define(&self, name: &CStr, values: Values, dimension: usize, write: Write) {
        let property = Property { default: values.clone(), values, dimension, write };
        self.write().insert(name.to_owned(), property);
    }

    /// Takes a property away, as a host does that does not have it.
    pub fn remove(&self, name: &CStr) {
        self.write().remove(name);
    }

    /// Sets the values of a property that is there; nothing happens where this host has no such property.
    pub fn set(&self, name: &CStr, values: Values) {
        if let Some(p) = self.write().get_mut(name) {
            p.values = values;
        }
    }

    pub fn set_int(&self, name: &CStr, value: i32) {
        self.set(name, Values::Int(vec![value]));
    }

    pub fn set_doubles(&self, name: &CStr, values: &[f64]) {
        self.set(name, Values::Double(values.to_vec()));
    }

    pub fn set_text(&self, name: &CStr, value: &CStr) {
        self.set(name, Values::Text(vec![value.to_owned()]));
    }

    pub fn set_pointer<T>(&self, name: &CStr, value: *mut T) {
        self.set(name, Values::Pointer(vec![value as usize]));
    }

    pub fn ints(&self, name: &CStr) -> Vec<i32> {
        match self.read().get(name).map(|p| &p.values) {
            Some(Values::Int(v)) => v.clone(),
            _ => Vec::new(),
        }
    }

    pub fn int(&self, name: &CStr) -> i32 {
        self.ints(name).first().copied().unwrap_or(0)
    }

    pub fn doubles(&self, name: &CStr) -> Vec<f64> {
        match self.read().get(name).map(|p| &p.values) {
            Some(Values::Double(v)) => v.clone(),
            _ => Vec::new(),
        }
    }

    pub fn texts(&self, name: &CStr) -> Vec<CString> {
        match self.read().get(name).map(|p| &p.values) {
            Some(Values::Text(v)) => v.clone(),
            _ => Vec::new(),
        }
    }

    pub fn text(&self, name: &CStr) -> CString {
        self.texts(name).into_iter().next().unwrap_or_default()
    }

    pub fn string(&self, name: &CStr) -> String {
        self.text(name).to_string_lossy().into_owned()
    }

    pub fn strings(&self, name: &CStr) -> Vec<String> {
        self.texts(name).iter().map(|t| t.to_string_lossy().into_owned()).collect()
    }

    pub fn pointer(&self, name: &CStr) -> usize {
        match self.read().get(name).map(|p| &p.values) {
            Some(Values::Pointer(v)) => v.first().copied().unwrap_or(0),
            _ => 0,
        }
    }

    pub fn values(&self, name: &CStr) -> Option<Values> {
        self.read().get(name).map(|p| p.values.clone())
    }

    /// Differs from what it was at first.
    pub fn is_changed(&self, name: &CStr) -> bool {
        self.read().get(name).is_some_and(|p| p.values != p.default)
    }

    // What plug-ins do with them: checked.

    /// A plug-in sets values from `index` on; `whole` replaces all of them.
    pub fn put(
        &self,
        name: &CStr,
        index: usize,
        values: Values,
        whole: bool,
        function: &str,
    ) -> Result<(), Status> {
        let settled = self.settled.load(Ordering::SeqCst);
        let mut properties = self.write();
        let Some(property) = properties.get_mut(name) else {
            drop(properties);
            return self.put_unknown(name, index, values, function);
        };
        let complaint = if !property.values.same_type(&values) {
            Some((
                Rule::PropertyType,
                format!("{function} on {}, which is a {}", quoted(name), property.values.noun()),
                Status::VALUE,
            ))
        } else if property.dimension != 0 && index + values.len() > property.dimension {
            let last = index + values.len() - 1;
            Some((
                Rule::PropertyIndex,
                format!("{function} on {} with index {last} of {}", quoted(name), property.dimension),
                Status::BAD_INDEX,
            ))
        } else if property.write == Write::Host || (property.write == Write::Describe && settled) {
            let why =
                if settled && property.write == Write::Describe { " after its description" } else { "" };
            Some((
                Rule::ReadOnlyProperty,
                format!("{function} on {}, which is read-only{why}", quoted(name)),
                Status::VALUE,
            ))
        } else {
            None
        };
        if let Some((rule, message, status)) = complaint {
            drop(properties);
            self.complain(rule, Severity::Error, message);
            return Err(status);
        }
        if property.write == Write::Frozen {
            drop(properties);
            let message = format!("{function} on {}, which this host does not look at again", quoted(name));
            self.complain(Rule::ReadOnlyProperty, Severity::Warning, message);
            return Ok(());
        }
        if whole && property.dimension == 0 {
            property.values = values;
            return Ok(());
        }
        if property.values.len() < index + values.len() {
            property.values.resize(index + values.len());
        }
        property.values.splice(index, values);
        Ok(())
    }

    fn put_unknown(&self, name: &CStr, index: usize, values: Values, function: &str) -> Result<(), Status> {
        let Some(shared) = self.shared.upgrade() else { return Err(Status::FAILED) };
        let why = if self.newer.contains(name) {
            format!("which OpenFX {}.{} has not", shared.profile.api_version.0, shared.profile.api_version.1)
        } else {
            "which it has not".to_owned()
        };
        let message = format!("{function} on {}, {why}", quoted(name));
        if shared.profile.quirks.unknown_property == UnknownProperty::Accept {
            self.complain(Rule::UnknownProperty, Severity::Warning, message);
            let mut all = values.clone();
            all.resize(0);
            all.resize(index + values.len());
            all.splice(index, values);
            self.define(name, all, 0, Write::Always);
            return Ok(());
        }
        self.complain(Rule::UnknownProperty, Severity::Error, message);
        Err(Status::UNKNOWN)
    }

    /// A plug-in asks for `count` values from `index` on; `like` tells the type. Asking for a property that is not
    /// there is how plug-ins find out, and no offence.
    pub fn take(
        &self,
        name: &CStr,
        index: usize,
        count: usize,
        like: &Values,
        function: &str,
    ) -> Result<Values, Status> {
        let properties = self.read();
        let property = properties.get(name).ok_or(Status::UNKNOWN)?;
        if !property.values.same_type(like) {
            let message = format!("{function} on {}, which is a {}", quoted(name), property.values.noun());
            drop(properties);
            self.complain(Rule::PropertyType, Severity::Error, message);
            return Err(Status::VALUE);
        }
        let end = index + count;
        let n = property.values.len();
        if end > n {
            // One past the end of a list is how plug-ins find its end.
            let message = format!("{function} on {} with index {} of {n}", quoted(name), end - 1);
            let fixed = property.dimension != 0;
            drop(properties);
            if fixed {
                self.complain(Rule::PropertyIndex, Severity::Error, message);
            }
            return Err(Status::BAD_INDEX);
        }
        Ok(match &property.values {
            Values::Int(v) => Values::Int(v[index..end].to_vec()),
            Values::Double(v) => Values::Double(v[index..end].to_vec()),
            Values::Text(v) => Values::Text(v[index..end].to_vec()),
            Values::Pointer(v) => Values::Pointer(v[index..end].to_vec()),
        })
    }

    /// A plug-in wants the default back.
    pub fn reset(&self, name: &CStr) -> Result<(), Status> {
        let mut properties = self.write();
        let property = properties.get_mut(name).ok_or(Status::UNKNOWN)?;
        if property.write == Write::Host {
            drop(properties);
            let message = format!("propReset on {}, which is read-only", quoted(name));
            self.complain(Rule::ReadOnlyProperty, Severity::Error, message);
            return Err(Status::VALUE);
        }
        property.values = property.default.clone();
        Ok(())
    }

    /// The number of values.
    pub fn dimension(&self, name: &CStr) -> Result<usize, Status> {
        let number = self.read().get(name).map(|p| p.values.len());
        let lenient = |s: Arc<Shared>| s.profile.quirks.unknown_property == UnknownProperty::Accept;
        match number {
            None if self.shared.upgrade().is_some_and(lenient) => Ok(0),
            number => number.ok_or(Status::UNKNOWN),
        }
    }

    /// Strings of this set are good until the next call only.
    pub fn is_transient(&self) -> bool {
        self.shared.upgrade().is_some_and(|s| s.profile.quirks.transient_strings)
    }

    fn complain(&self, rule: Rule, severity: Severity, message: String) {
        if let Some(shared) = self.shared.upgrade() {
            shared.report(rule, severity, format!("{message}, of {}", self.owner));
        }
    }
}

fn quoted(name: &CStr) -> String {
    name.to_string_lossy().into_owned()
}
