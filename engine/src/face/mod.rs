//! PLACEHOLDER of the learned face: straight lines between keys. A merge takes the other side's folder.

use std::sync::Arc;

use crate::image::Colours;
use crate::motion2roto::{Frames, SolveError};
use shapes::{Document, Key, Shape, Track, TrackKey};

/// A picture with what an artist keyed on it.
pub struct Example {
    /// Which picture: the same label is the same picture.
    pub label: String,
    /// The picture.
    pub picture: Arc<Colours>,
    /// Shapes and tracks with keys at the frame, px of the picture.
    pub document: Document,
    /// The frame of the keys.
    pub frame: f64,
}

/// Why a face cannot be learned, read or found.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    /// Someone wanted to stop.
    #[error("stopped")]
    Cancelled,
    /// No keys.
    #[error("no landmark is keyed")]
    NoKeys,
    /// Not such a file.
    #[error("this is not a face file")]
    Format,
    /// A picture.
    #[error(transparent)]
    Frames(#[from] SolveError),
}

/// A learned face.
#[derive(Clone)]
pub struct Face {
    name: String,
    document: Document,
    landmarks: Vec<String>,
    shapes: Vec<Shape>,
}

const MAGIC: &str = "FACE 1\n";

impl Face {
    /// Learns from examples.
    pub fn learn(
        name: &str,
        examples: &[Example],
        cancel: &(dyn Fn() -> bool + Sync),
    ) -> Result<Face, FaceError> {
        Face::of(name, Document::new(0, 0)).with(examples, cancel)
    }

    /// The same with more examples.
    pub fn with(&self, examples: &[Example], cancel: &(dyn Fn() -> bool + Sync)) -> Result<Face, FaceError> {
        let mut document = self.document.clone();
        let mut name = self.name.clone();
        for example in examples {
            if cancel() {
                return Err(FaceError::Cancelled);
            }
            document = example.document.clone();
            name = format!("{name}\t{}", example.label);
            document.tracks.iter_mut().for_each(|t| t.keys.retain(|k| k.frame == example.frame));
            document.shapes.iter_mut().for_each(|s| s.keys.retain(|k| k.frame == example.frame));
            document.shapes.retain(|s| !s.keys.is_empty());
        }
        if document.tracks.iter().all(|t| t.keys.is_empty()) && document.shapes.is_empty() {
            return Err(FaceError::NoKeys);
        }
        Ok(Face::of(&name, document))
    }

    fn of(name: &str, document: Document) -> Face {
        let landmarks = document.tracks.iter().map(|t| t.name.clone()).collect();
        let shapes = document.shapes.iter().map(|s| Shape { keys: Vec::new(), ..s.clone() }).collect();
        Face { name: name.to_owned(), document, landmarks, shapes }
    }

    /// Name.
    pub fn name(&self) -> &str {
        self.name.split('\t').next().unwrap_or_default()
    }

    /// Names of the landmarks.
    pub fn landmarks(&self) -> &[String] {
        &self.landmarks
    }

    /// Shapes without keys.
    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// As a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        format!("{MAGIC}{}\n{}", self.name, self.document.to_json().unwrap_or_default()).into_bytes()
    }

    /// From a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Face, FaceError> {
        let text = std::str::from_utf8(bytes).map_err(|_| FaceError::Format)?;
        let rest = text.strip_prefix(MAGIC).ok_or(FaceError::Format)?;
        let (name, json) = rest.split_once('\n').ok_or(FaceError::Format)?;
        let document = Document::from_json(json).map_err(|_| FaceError::Format)?;
        Ok(Face::of(name, document))
    }
}

/// What an analysis is asked for.
pub struct Options {
    /// First frame.
    pub first: i32,
    /// Last frame.
    pub last: i32,
    /// Where the head is at the first frame: x0, y0, x1, y1, px.
    pub region: Option<[f64; 4]>,
    /// 0 to 1.
    pub smoothing: f64,
}

/// What an analysis gives.
pub struct Analysis {
    /// Landmarks as tracks and shapes, keyed on every frame.
    pub document: Document,
    /// A report a frame.
    pub frames: Vec<FrameReport>,
}

/// What is known of a frame.
pub struct FrameReport {
    /// Which.
    pub frame: i32,
    /// Where the head is, px.
    pub bounds: Option<[f64; 4]>,
    /// Expected error, px.
    pub expected_px: f64,
    /// Same pose as on the frame before.
    pub held: bool,
    /// Whether the head was found.
    pub found: bool,
    /// Pieces that no key shows.
    pub new_pieces: Vec<String>,
}

/// Follows the face through the frames.
pub fn analyse(
    face: Option<&Face>,
    given: &Document,
    frames: &dyn Frames,
    options: &Options,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Analysis, FaceError> {
    let mut document = given.clone();
    if let Some(face) = face {
        let known = |name: &str, names: Vec<&str>| names.contains(&name);
        let (tracks, shapes) = (document.tracks.clone(), document.shapes.clone());
        let missing = face.document.tracks.iter();
        document.tracks.extend(
            missing.filter(|t| !known(&t.name, tracks.iter().map(|t| t.name.as_str()).collect())).map(|t| {
                Track {
                    keys: t
                        .keys
                        .iter()
                        .map(|k| TrackKey { locked: false, confidence: Some(0.5), ..k.clone() })
                        .collect(),
                    ..t.clone()
                }
            }),
        );
        let missing = face.document.shapes.iter();
        document.shapes.extend(
            missing.filter(|s| !known(&s.name, shapes.iter().map(|s| s.name.as_str()).collect())).map(|s| {
                Shape {
                    keys: s
                        .keys
                        .iter()
                        .map(|k| Key { locked: false, confidence: Some(0.5), ..k.clone() })
                        .collect(),
                    ..s.clone()
                }
            }),
        );
    }
    if document.tracks.iter().all(|t| t.keys.is_empty()) && document.shapes.is_empty() {
        return Err(FaceError::NoKeys);
    }
    let source = document.clone();
    let mut reports = Vec::new();
    let mut before: Option<Arc<Colours>> = None;
    for frame in options.first..=options.last {
        let done = (frame - options.first) as f32 / (options.last - options.first + 1) as f32;
        if !progress(done) {
            return Err(FaceError::Cancelled);
        }
        let picture = frames.picture(frame)?;
        let held = before.is_some() && before == picture;
        before = picture;
        let at = f64::from(frame);
        for (shape, from) in document.shapes.iter_mut().zip(&source.shapes) {
            if from.key_at(at).is_none_or(|k| !k.is_artists()) {
                shape.set_key(Key { confidence: Some(0.5), ..Key::new(at, from.points_at(at)) });
            }
        }
        for (track, from) in document.tracks.iter_mut().zip(&source.tracks) {
            if let Some([x, y]) = straight(&from.keys, at)
                && from.keys.iter().all(|k| k.frame != at)
            {
                let i = track.keys.partition_point(|k| k.frame < at);
                track.keys.insert(i, TrackKey { confidence: Some(0.5), ..TrackKey::new(at, x, y) });
            }
        }
        reports.push(FrameReport {
            frame,
            bounds: None,
            expected_px: 1.0,
            held,
            found: true,
            new_pieces: Vec::new(),
        });
    }
    Ok(Analysis { document, frames: reports })
}

fn straight(keys: &[TrackKey], at: f64) -> Option<[f64; 2]> {
    let (first, last) = (keys.first()?, keys.last()?);
    let i = keys.partition_point(|k| k.frame <= at);
    let (a, b) = match i {
        0 => (first, first),
        i if i == keys.len() => (last, last),
        i => (&keys[i - 1], &keys[i]),
    };
    let t = if b.frame > a.frame { (at - a.frame) / (b.frame - a.frame) } else { 0.0 };
    Some([a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t])
}
