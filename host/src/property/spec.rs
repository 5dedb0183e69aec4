//! One line of a table of properties.

use std::ffi::CStr;

use super::Values;

/// Who may write a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// The host alone.
    Host,
    /// The plug-in while it describes.
    Describe,
    /// The plug-in at any time.
    Always,
    /// The plug-in at any time, in vain: this host does not look again.
    Frozen,
}

/// Type and default of a property.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fill {
    Int(&'static [i32]),
    Double(&'static [f64]),
    Text(&'static [&'static CStr]),
    Pointer,
}

impl Fill {
    pub fn values(self) -> Values {
        match self {
            Fill::Int(v) => Values::Int(v.to_vec()),
            Fill::Double(v) => Values::Double(v.to_vec()),
            Fill::Text(v) => Values::Text(v.iter().map(|t| (*t).to_owned()).collect()),
            Fill::Pointer => Values::Pointer(vec![0]),
        }
    }
}

/// A property that a kind of set has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spec {
    pub name: &'static CStr,
    pub fill: Fill,
    /// Number of values; 0 for any.
    pub dimension: usize,
    pub write: Write,
    /// The OpenFX version that brought it.
    pub since: (i32, i32),
}

/// A property that OpenFX has always had.
pub(super) const fn of(name: &'static CStr, fill: Fill, dimension: usize, write: Write) -> Spec {
    Spec { name, fill, dimension, write, since: (1, 0) }
}

/// One that came later.
pub(super) const fn since(minor: i32, spec: Spec) -> Spec {
    Spec { since: (1, minor), ..spec }
}
