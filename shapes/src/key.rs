//! A spline, or a tracked position, at one frame.

use serde::{Deserialize, Serialize};

use crate::Extra;

/// How the values between a key and the next one are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interp {
    /// A straight line to the next key.
    #[default]
    Linear,
    /// This key's value until the next key.
    Hold,
    /// A cubic through the neighbouring keys (Catmull-Rom over uneven spacing).
    Smooth,
}

/// A shape's control points at one frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Host frame number; keys between frames are allowed.
    #[serde(serialize_with = "crate::json::whole_when_whole")]
    pub frame: f64,
    /// Interpolation from this key to the next.
    #[serde(default, skip_serializing_if = "is_default")]
    pub interp: Interp,
    /// 0 to 1, how far a solver trusts this key. Absent on keys that an artist made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// An artist has fixed this key: no solver may change it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub locked: bool,
    /// The control points in drawing order; every key of a shape has the same number.
    pub points: Vec<Point>,
    /// Fields this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Key {
    /// A key as an artist sets it.
    pub fn new(frame: f64, points: Vec<Point>) -> Self {
        Key { frame, points, ..Key::default() }
    }

    /// Whether an artist made or fixed this key. A solver writes a confidence into every key of its own, and
    /// replaces only keys for which this is false.
    pub fn is_artists(&self) -> bool {
        self.locked || self.confidence.is_none()
    }

    /// Whether this key is a solver's but for points that an artist has fixed.
    pub fn has_pins(&self) -> bool {
        !self.is_artists() && self.points.iter().any(|p| p.locked)
    }
}

/// A Bezier control point with its tangents, px.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Position, px from the left edge.
    pub x: f64,
    /// Position, px from the top edge.
    pub y: f64,
    /// Incoming tangent, relative to the point.
    #[serde(default, rename = "in")]
    pub tangent_in: [f64; 2],
    /// Outgoing tangent, relative to the point.
    #[serde(default, rename = "out")]
    pub tangent_out: [f64; 2],
    /// The feather contour's point; absent means it coincides with this one. Of an open shape, a soft width beyond the
    /// stroke, on both sides, as long as the feather's offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feather: Option<Feather>,
    /// Stroke width of an open shape, px.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<f64>,
    /// An artist has fixed this point: a solver that replaces the other points of its key keeps it. On an artist's key
    /// it adds nothing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub locked: bool,
    /// Fields this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Point {
    /// A point with tangents relative to it, px.
    pub fn new(x: f64, y: f64, tangent_in: [f64; 2], tangent_out: [f64; 2]) -> Self {
        Point { x, y, tangent_in, tangent_out, ..Point::default() }
    }

    /// A corner: no tangents.
    pub fn corner(x: f64, y: f64) -> Self {
        Point { x, y, ..Point::default() }
    }

    /// Where the feather contour passes, with its tangents: the point itself where it has no feather.
    pub fn on_feather(&self) -> Point {
        match &self.feather {
            Some(f) => Point::new(self.x + f.offset[0], self.y + f.offset[1], f.tangent_in, f.tangent_out),
            None => Point::new(self.x, self.y, self.tangent_in, self.tangent_out),
        }
    }

    pub(crate) fn numbers(&self) -> impl Iterator<Item = f64> + '_ {
        let feather = self.feather.iter().flat_map(|f| {
            [f.offset[0], f.offset[1], f.tangent_in[0], f.tangent_in[1], f.tangent_out[0], f.tangent_out[1]]
        });
        [self.x, self.y]
            .into_iter()
            .chain(self.tangent_in)
            .chain(self.tangent_out)
            .chain(feather)
            .chain(self.width)
    }
}

/// A point of the feather contour. Of an open shape only the offset's length counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Feather {
    /// From the shape's point to the feather's point, px.
    pub offset: [f64; 2],
    /// Incoming tangent, relative to the feather's point.
    #[serde(default, rename = "in")]
    pub tangent_in: [f64; 2],
    /// Outgoing tangent, relative to the feather's point.
    #[serde(default, rename = "out")]
    pub tangent_out: [f64; 2],
}

/// A shape's opacity at one frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpacityKey {
    /// Host frame number.
    #[serde(serialize_with = "crate::json::whole_when_whole")]
    pub frame: f64,
    /// 0 to 1. A shape whose opacity is keyed is not there on frames where it is 0.
    pub value: f64,
    /// Interpolation from this key to the next.
    #[serde(default, skip_serializing_if = "is_default")]
    pub interp: Interp,
    /// Fields this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl OpacityKey {
    /// An opacity on a frame.
    pub fn new(frame: f64, value: f64, interp: Interp) -> Self {
        OpacityKey { frame, value, interp, extra: Extra::new() }
    }
}

/// A tracked position at one frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackKey {
    /// Host frame number.
    #[serde(serialize_with = "crate::json::whole_when_whole")]
    pub frame: f64,
    /// Position, px from the left edge.
    pub x: f64,
    /// Position, px from the top edge.
    pub y: f64,
    /// 0 to 1, how far a tracker trusts this key. Absent on keys that an artist made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Whether the feature is seen on this frame.
    #[serde(default = "seen", skip_serializing_if = "is_seen")]
    pub visible: bool,
    /// An artist has fixed this key.
    #[serde(default, skip_serializing_if = "is_default")]
    pub locked: bool,
    /// Fields this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl TrackKey {
    /// A feature that is seen at a place, px, on a frame.
    pub fn new(frame: f64, x: f64, y: f64) -> Self {
        TrackKey { frame, x, y, confidence: None, visible: true, locked: false, extra: Extra::new() }
    }

    /// Whether an artist made or fixed this key. Many a tool writes a confidence of 1 on positions set by hand; a tracker
    /// of ours is never that certain.
    pub fn is_artists(&self) -> bool {
        self.locked || self.confidence.is_none_or(|c| c >= 1.0)
    }
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn seen() -> bool {
    true
}

fn is_seen(visible: &bool) -> bool {
    *visible
}
