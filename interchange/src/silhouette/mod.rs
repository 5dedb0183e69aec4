//! Silhouette's shape files, `.fxs`: XML with layers, in them objects, in those properties with a value or keys.
//!
//! A point is `(x,y),(x,y),(x,y)`: its place, its outgoing (right) handle, its incoming (left) one, in units of the picture's height from the
//! picture's middle. B-spline points have a place only. Silhouette reads plain decimals only.

mod moving;
mod path;
mod read;
pub(crate) mod script;
mod write;

pub(crate) use read::read;
pub(crate) use write::write;

/// What modes are called in the property `mode`.
const MODES: [(&str, shapes::Blend); 5] = [
    ("Add", shapes::Blend::Add),
    ("Subtract", shapes::Blend::Subtract),
    ("Difference", shapes::Blend::Difference),
    ("Max", shapes::Blend::Max),
    ("Inside", shapes::Blend::Intersect),
];
