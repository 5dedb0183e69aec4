//! The project document: shapes and tracks with their keys, in one open JSON format.
//!
//! Space: pixels of the full-resolution picture, origin at the top-left corner of the top-left pixel, x right,
//! y down, pixel centres at .5, square pixels. Tangents and feather offsets are relative to their point.
//! Frames are the host's own frame numbers.
//!
//! | module | holds |
//! |---|---|
//! | [`document`] | [`Document`], [`Shape`], [`Track`]: what a file says, and the checks it must pass |
//! | [`key`] | [`Key`], [`Point`], [`TrackKey`]: a spline or a position at one frame |
//! | [`interpolate`] | a shape between its keys |
//! | [`motion`] | a shape's own motion while a shutter is open |
//! | [`outline`] | a spline at one frame, and places on it |
//! | [`redraw`] | a spline with the control points of another drawing of it |
//! | [`reduce`] | as few keys as a tolerance allows |
//! | [`json`] | reading and writing |
#![forbid(unsafe_code)]

pub mod document;
pub mod interpolate;
pub mod json;
mod jumps;
pub mod key;
pub mod motion;
pub mod outline;
pub mod redraw;
pub mod reduce;

pub use document::{Blend, Document, Shape, Track};
pub use json::DocumentError;
pub use key::{Feather, Interp, Key, OpacityKey, Point, TrackKey};

/// Fields of a document that this version does not know; they survive a round trip.
pub type Extra = serde_json::Map<String, serde_json::Value>;
