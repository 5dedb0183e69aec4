//! What a document holds, and the checks it must pass before anybody works with it.

use serde::{Deserialize, Serialize};

use crate::key::{Key, OpacityKey, TrackKey, is_default};
use crate::{DocumentError, Extra};

/// The newest version of the format that this code reads, and the one it writes.
pub const VERSION: u32 = 1;

/// Shapes and tracks of one shot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Always `shapes`.
    pub format: String,
    /// Version of the format; a newer one than [`VERSION`] is refused.
    pub version: u32,
    /// Width of the picture the shapes were drawn on, px.
    #[serde(default, skip_serializing_if = "is_default")]
    pub width: u32,
    /// Height of the picture the shapes were drawn on, px.
    #[serde(default, skip_serializing_if = "is_default")]
    pub height: u32,
    /// Frames a second.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::json::maybe_whole_when_whole"
    )]
    pub fps: Option<f64>,
    /// Pixel aspect ratio of the plate.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::json::maybe_whole_when_whole"
    )]
    pub par: Option<f64>,
    /// In drawing order: later shapes are composed over earlier ones.
    #[serde(default)]
    pub shapes: Vec<Shape>,
    /// Tracked positions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<Track>,
    /// Fields this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Document {
    /// An empty document for pictures of this size.
    pub fn new(width: u32, height: u32) -> Self {
        Document {
            format: "shapes".to_owned(),
            version: VERSION,
            width,
            height,
            fps: None,
            par: None,
            shapes: Vec::new(),
            tracks: Vec::new(),
            extra: Extra::new(),
        }
    }

    /// The shape of this name.
    pub fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.iter().find(|s| s.name == name)
    }

    /// What an artist has keyed on one frame; shapes and tracks without such a key are left out.
    pub fn artists_at(&self, frame: f64) -> Document {
        let shape = |s: &Shape| Some(s.with_keys(vec![s.key_at(frame).filter(|k| k.is_artists())?.clone()]));
        let track = |t: &Track| {
            let key = t.key_at(frame).filter(|k| k.is_artists())?.clone();
            Some(Track { name: t.name.clone(), keys: vec![key], extra: t.extra.clone() })
        };
        Document {
            format: self.format.clone(),
            shapes: self.shapes.iter().filter_map(shape).collect(),
            tracks: self.tracks.iter().filter_map(track).collect(),
            extra: self.extra.clone(),
            ..*self
        }
    }

    /// Sorts keys by frame and checks what every user relies on: finite numbers, one key a frame, the same
    /// number of points on every key of a shape.
    pub fn normalise(&mut self) -> Result<(), DocumentError> {
        for shape in &mut self.shapes {
            shape.keys.sort_by(|a, b| a.frame.total_cmp(&b.frame));
            shape.opacity_keys.sort_by(|a, b| a.frame.total_cmp(&b.frame));
            shape.check()?;
        }
        for track in &mut self.tracks {
            track.keys.sort_by(|a, b| a.frame.total_cmp(&b.frame));
            track.check()?;
        }
        Ok(())
    }
}

/// How a shape is composed with the shapes before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blend {
    /// Over what is there.
    #[default]
    Add,
    /// Cut out of what is there.
    Subtract,
    /// Only where something is there.
    Intersect,
    /// The greater of the two.
    Max,
    /// The absolute difference.
    Difference,
    /// Cut out of the whole stack, later shapes too.
    Holdout,
}

/// A keyed Bezier spline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// Name, as the artist sees it.
    pub name: String,
    /// A closed outline, or an open stroke.
    pub closed: bool,
    /// How it is composed with the shapes before it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub blend: Blend,
    /// 0 to 1; absent means 1. Where there are `opacity_keys` they count, and this is for readers that do not know them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opacity: Option<f64>,
    /// Opacity over time, by frame, ascending; none where it stays as it is. See [`Shape::opacity_at`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opacity_keys: Vec<OpacityKey>,
    /// Display colour, RGB 0 to 1; it also says which channel of a multi-matte the shape is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<[f64; 3]>,
    /// Composed inside out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub invert: bool,
    /// Width of a soft edge of the shape's own, px, half inside and half outside; absent means 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feather: Option<f64>,
    /// Distance by which the outline is grown, px, or shrunk where negative; absent means 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grow: Option<f64>,
    /// Whether motion blur takes part in its motion; absent means true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blur: Option<bool>,
    /// By frame, ascending; at least one.
    pub keys: Vec<Key>,
    /// Fields this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Shape {
    /// A shape with these keys; sort them by frame.
    pub fn new(name: &str, closed: bool, keys: Vec<Key>) -> Self {
        Shape {
            name: name.to_owned(),
            closed,
            blend: Blend::Add,
            opacity: None,
            opacity_keys: Vec::new(),
            color: None,
            invert: false,
            feather: None,
            grow: None,
            blur: None,
            keys,
            extra: Extra::new(),
        }
    }

    /// The key at exactly this frame.
    pub fn key_at(&self, frame: f64) -> Option<&Key> {
        let i = self.keys.binary_search_by(|k| k.frame.total_cmp(&frame)).ok()?;
        self.keys.get(i)
    }

    /// Puts a key in its place in time, over one that may be there.
    pub fn set_key(&mut self, key: Key) {
        match self.keys.binary_search_by(|k| k.frame.total_cmp(&key.frame)) {
            Ok(i) => self.keys[i] = key,
            Err(i) => self.keys.insert(i, key),
        }
    }

    /// The same shape with other keys.
    pub fn with_keys(&self, keys: Vec<Key>) -> Self {
        Shape {
            name: self.name.clone(),
            opacity_keys: self.opacity_keys.clone(),
            keys,
            extra: self.extra.clone(),
            ..*self
        }
    }

    /// The keys an artist made or fixed, by frame.
    pub fn artists_keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(|k| k.is_artists())
    }

    fn check(&self) -> Result<(), DocumentError> {
        let invalid = |what: String| DocumentError::Invalid(format!("shape \"{}\": {what}", self.name));
        let Some(first) = self.keys.first() else {
            return Err(invalid("has no keys".to_owned()));
        };
        if first.points.is_empty() {
            return Err(invalid("has no points".to_owned()));
        }
        if [self.opacity, self.feather, self.grow].into_iter().flatten().any(|v| !v.is_finite()) {
            return Err(invalid("has a number that is not finite".to_owned()));
        }
        for key in &self.keys {
            if key.points.len() != first.points.len() {
                return Err(invalid(format!(
                    "has {} points at frame {} but {} at frame {}; every key needs the same number",
                    first.points.len(),
                    first.frame,
                    key.points.len(),
                    key.frame
                )));
            }
            let finite = key.points.iter().all(|p| p.numbers().all(f64::is_finite));
            if !key.frame.is_finite() || !finite || key.confidence.is_some_and(|c| !c.is_finite()) {
                return Err(invalid(format!("has a number that is not finite at frame {}", key.frame)));
            }
        }
        if let Some(twice) = self.keys.windows(2).find(|w| w[0].frame == w[1].frame) {
            return Err(invalid(format!("has two keys at frame {}", twice[0].frame)));
        }
        if self.opacity_keys.iter().any(|k| !k.frame.is_finite() || !k.value.is_finite()) {
            return Err(invalid("has a number that is not finite among its opacity's keys".to_owned()));
        }
        if let Some(twice) = self.opacity_keys.windows(2).find(|w| w[0].frame == w[1].frame) {
            return Err(invalid(format!("has two keys of its opacity at frame {}", twice[0].frame)));
        }
        Ok(())
    }
}

/// A keyed position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Name, as the artist sees it.
    pub name: String,
    /// By frame, ascending.
    pub keys: Vec<TrackKey>,
    /// Fields this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Track {
    /// A track with these keys; sort them by frame.
    pub fn new(name: &str, keys: Vec<TrackKey>) -> Self {
        Track { name: name.to_owned(), keys, extra: Extra::new() }
    }

    /// The key at exactly this frame.
    pub fn key_at(&self, frame: f64) -> Option<&TrackKey> {
        let i = self.keys.binary_search_by(|k| k.frame.total_cmp(&frame)).ok()?;
        self.keys.get(i)
    }

    /// Puts a key in its place in time, over one that may be there.
    pub fn set_key(&mut self, key: TrackKey) {
        match self.keys.binary_search_by(|k| k.frame.total_cmp(&key.frame)) {
            Ok(i) => self.keys[i] = key,
            Err(i) => self.keys.insert(i, key),
        }
    }

    /// The keys an artist made or fixed, by frame.
    pub fn artists_keys(&self) -> impl Iterator<Item = &TrackKey> {
        self.keys.iter().filter(|k| k.is_artists())
    }

    fn check(&self) -> Result<(), DocumentError> {
        let invalid = |what: String| DocumentError::Invalid(format!("track \"{}\": {what}", self.name));
        for key in &self.keys {
            if !(key.frame.is_finite() && key.x.is_finite() && key.y.is_finite()) {
                return Err(invalid(format!("has a number that is not finite at frame {}", key.frame)));
            }
        }
        if let Some(twice) = self.keys.windows(2).find(|w| w[0].frame == w[1].frame) {
            return Err(invalid(format!("has two keys at frame {}", twice[0].frame)));
        }
        Ok(())
    }
}
