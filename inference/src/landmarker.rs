//! A model that finds one character's head in a picture, and its landmarks.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::session::Session;
use ort::value::Tensor;

use crate::card::{Card, VERSION};
use crate::graph::{Model, Refusal};
use crate::layers;
use crate::picture::{Picture, View};
use crate::runtime::{Runtime, RuntimeError};

/// Largest model file, in bytes.
pub const MOST_BYTES: u64 = 64 << 20;
/// Names of a model's outputs: `1 x landmarks x 3` (x and y in input pixels, confidence) and `1 x 1`.
pub const OUTPUTS: [&str; 2] = ["landmarks", "score"];

/// A score from which on a view is taken to hold the head.
pub const FOUND: f32 = 0.5;
/// Side of the view that a head is read in, over the longer side of its landmarks' bounds.
const MARGIN: f32 = 1.6;
/// Most views that look closer, after the one that found the head.
const LOOKS: usize = 3;
/// A view within so much of the last one, in parts of its side, would show nothing new.
const SAME_VIEW: f32 = 0.08;

/// Why a model cannot be used. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The model's file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file is larger than [`MOST_BYTES`].
    #[error("{} is larger than 64 MB, too large for a landmark model: choose another file", .0.display())]
    TooLarge(PathBuf),
    /// It is damaged, or has what a landmark model may not have: other files, unknown layers, sizes without bounds.
    #[error("this model file is not taken: {0}. Export it anew (models/README.md has the rules)")]
    Refused(#[from] Refusal),
    /// An ONNX model, but not one of landmarks.
    #[error(
        "this ONNX file is no landmark model: its metadata lacks `format`. Export it as models/README.md says"
    )]
    OtherKind,
    /// Made for a later version.
    #[error(
        "this model has format version {0}, and {VERSION} is the newest that is understood here: update Splitline"
    )]
    Newer(u32),
    /// A key of the metadata is missing or out of range.
    #[error("this model's metadata has no valid `{0}`: export it anew as models/README.md says")]
    Card(&'static str),
    /// Inputs or outputs differ from what the metadata says.
    #[error("this model's {0} is not what its metadata says: export it anew as models/README.md says")]
    Port(&'static str),
    /// There is no runtime.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The runtime does not take the model, or failed in it.
    #[error("ONNX Runtime cannot run this model ({0}): export it anew")]
    Failed(String),
    /// What came out is no number.
    #[error("this model answers with values that are no numbers: train it anew")]
    NoNumbers,
}

impl From<ort::Error> for ModelError {
    fn from(error: ort::Error) -> Self {
        let line = error.to_string();
        ModelError::Failed(line.lines().next().unwrap_or_default().chars().take(300).collect())
    }
}

/// One landmark, in pixels of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Landmark {
    /// As the model's card names it.
    pub name: String,
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
    /// 0 to 1: how sure the model is of the place. Hidden landmarks have low ones.
    pub confidence: f32,
}

/// A box in pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Left edge.
    pub x0: f32,
    /// Upper edge.
    pub y0: f32,
    /// Right edge, no less than `x0`.
    pub x1: f32,
    /// Lower edge, no less than `y0`.
    pub y1: f32,
}

/// What is seen in a picture. There is always one; `score` says whether to believe it.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// In the card's order.
    pub landmarks: Vec<Landmark>,
    /// Of the landmarks.
    pub bounds: Bounds,
    /// 0 to 1: how sure the model is that this is its character's head. Below 0.5 take it as not found.
    pub score: f32,
}

/// An opened model. It may be shared between threads; runs take turns.
#[derive(Debug)]
pub struct Landmarker {
    card: Card,
    session: Mutex<Session>,
}

impl Landmarker {
    /// Checks a model file, all but whether the runtime takes it, and gives what it says of itself. Needs no runtime.
    pub fn examine(path: &Path) -> Result<Card, ModelError> {
        check(&read(path)?)
    }

    /// Opens a model file. The file is read and checked first, so a bad one is told from a missing runtime, and nothing but this
    /// one file is read.
    pub fn open(runtime: &Runtime, path: &Path) -> Result<Self, ModelError> {
        Self::from_bytes(runtime, &read(path)?)
    }

    /// Opens a model held in memory.
    pub fn from_bytes(runtime: &Runtime, bytes: &[u8]) -> Result<Self, ModelError> {
        let card = check(bytes)?;
        Ok(Self { card, session: Mutex::new(runtime.session(bytes)?) })
    }

    /// What the model says of itself.
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// Finds the head anywhere in the picture and reads its landmarks: first in the whole picture, in parts of it where
    /// that shows no head, then closer. 2 to 14 runs of the network.
    pub fn run(&self, picture: &Picture<'_>) -> Result<Detection, ModelError> {
        let whole = View::whole(picture);
        let mut best = self.look(picture, whole)?;
        if best.score < FOUND {
            for part in parts(whole) {
                let next = self.look(picture, part)?;
                if next.score > best.score {
                    best = next;
                }
            }
        }
        self.closer(picture, best, whole)
    }

    /// Reads the landmarks of a head known to be at about `bounds`, such as its place on the frame before. 1 to 3 runs.
    pub fn run_within(&self, picture: &Picture<'_>, bounds: Bounds) -> Result<Detection, ModelError> {
        let view = view_of(bounds, picture);
        let first = self.look(picture, view)?;
        self.closer(picture, first, view)
    }

    /// Looks again where the head was seen, until the view no longer changes.
    fn closer(&self, picture: &Picture<'_>, seen: Detection, from: View) -> Result<Detection, ModelError> {
        let (mut seen, mut from) = (seen, from);
        for _ in 0..LOOKS {
            let view = view_of(seen.bounds, picture);
            if view.is_near(from) {
                break;
            }
            seen = self.look(picture, view)?;
            from = view;
        }
        Ok(seen)
    }

    /// One run of the network.
    fn look(&self, picture: &Picture<'_>, view: View) -> Result<Detection, ModelError> {
        let size = self.card.input_size as usize;
        let input = Tensor::from_array(([1, 3, size, size], view.sample(picture, size)))?;
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = session.run(ort::inputs![input])?;
        let read = |k: usize| -> Result<Vec<f32>, ModelError> {
            let output = outputs.get(OUTPUTS[k]).ok_or(ModelError::Port(OUTPUTS[k]))?;
            let (_, values) = output.try_extract_tensor::<f32>()?;
            if values.iter().all(|v| v.is_finite()) {
                Ok(values.to_vec())
            } else {
                Err(ModelError::NoNumbers)
            }
        };
        let (landmarks, score) = (read(0)?, read(1)?);
        let ([score], triples) = (&*score, landmarks.as_chunks::<3>().0) else {
            return Err(ModelError::Port(OUTPUTS[1]));
        };
        if triples.len() != self.card.landmarks.len() {
            return Err(ModelError::Port(OUTPUTS[0]));
        }
        // A landmark may lie outside of the view, but a wild one must not carry the next view away.
        let place = |v: f32| v.clamp(-(size as f32), 2.0 * size as f32) * view.side / size as f32;
        let landmarks = self.card.landmarks.iter().zip(triples).map(|(name, &[x, y, confidence])| Landmark {
            name: name.clone(),
            x: view.x + place(x),
            y: view.y + place(y),
            confidence: confidence.clamp(0.0, 1.0),
        });
        let landmarks: Vec<Landmark> = landmarks.collect();
        Ok(Detection { bounds: Bounds::of(&landmarks), landmarks, score: score.clamp(0.0, 1.0) })
    }
}

impl Bounds {
    fn of(landmarks: &[Landmark]) -> Self {
        let range = |of: fn(&Landmark) -> f32| {
            let values = landmarks.iter().map(of);
            values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
        };
        let ((x0, x1), (y0, y1)) = (range(|l| l.x), range(|l| l.y));
        Self { x0, y0, x1, y1 }
    }
}

impl View {
    fn is_near(self, other: View) -> bool {
        let limit = SAME_VIEW * self.side;
        let off = [self.x - other.x, self.y - other.y, self.side - other.side];
        off.iter().all(|d| d.abs() <= limit)
    }
}

/// The view to read a head in, kept to sizes that make sense in this picture whatever the bounds say.
fn view_of(bounds: Bounds, picture: &Picture<'_>) -> View {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let clamp = |v: f32, most: f32| if v.is_finite() { v.clamp(0.0, most) } else { most / 2.0 };
    let longer = (bounds.x1 - bounds.x0).max(bounds.y1 - bounds.y0);
    let most = 2.0 * width.max(height);
    let side = if longer.is_finite() { (longer * MARGIN).clamp(16f32.min(most), most) } else { most / 2.0 };
    View::around(
        clamp((bounds.x0 + bounds.x1) / 2.0, width),
        clamp((bounds.y0 + bounds.y1) / 2.0, height),
        side,
    )
}

/// Nine overlapping parts of half the side.
fn parts(whole: View) -> impl Iterator<Item = View> {
    let quarter = whole.side / 4.0;
    (0..9).map(move |k| View {
        x: whole.x + (k % 3) as f32 * quarter,
        y: whole.y + (k / 3) as f32 * quarter,
        side: whole.side / 2.0,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, ModelError> {
    let unreadable = |error| ModelError::Unreadable { path: path.to_owned(), error };
    // Opening a pipe would wait for its other end.
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::other("it is no file")));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES { Err(ModelError::TooLarge(path.to_owned())) } else { Ok(bytes) }
}

/// The card of a model whose layers, input and outputs are as they must be. Needs no runtime.
pub(crate) fn check(bytes: &[u8]) -> Result<Card, ModelError> {
    let model = Model::parse(bytes)?;
    let card = Card::of(&model.metadata)?;
    let size = u64::from(card.input_size);
    let [input] = &*model.inputs else { return Err(ModelError::Port("input")) };
    if input.shape.as_deref() != Some(&[1, 3, size, size]) {
        return Err(ModelError::Port("input"));
    }
    let outputs = layers::check(&model)?;
    let expected = [vec![1, card.landmarks.len() as u64, 3], vec![1, 1]];
    for (name, expected) in OUTPUTS.into_iter().zip(&expected) {
        if outputs.get(name) != Some(expected) {
            return Err(ModelError::Port(name));
        }
    }
    Ok(card)
}
