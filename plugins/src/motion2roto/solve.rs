//! From an instance's params and clips to a solved document.

use engine::flow::{self, Quality};
use engine::image::Encoding;
use engine::motion2roto::{self, Direction, FieldMotion, FlowMotion, Frames, Motion, Options, SolveError};
use engine::vectors::Convention;
use ofx::{Clip, Error, Instance, Result};
use shapes::{Document, Interp, Key, Shape};

use super::params::{BETWEEN, Between, FOLLOW_OUTLINE, MOTION_SOURCE, MotionSource, TOLERANCE};
use super::parts::{Part, within};
use super::{MOTION, SOURCE};
use crate::fields::FIELDS;
use crate::given_vectors::{GivenVectors, Layout};
use crate::plate::Placement;
use crate::range::{self, as_ranges};
use crate::vector_params::{QUALITY, convention, plate_encoding};

/// What a solve depends on besides the document and the pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// First frame that gets keys.
    pub first: i32,
    /// Last frame that gets keys.
    pub last: i32,
    /// See [`Options::tolerance_px`].
    pub tolerance_px: f64,
    /// See [`Options::interp`].
    pub interp: Interp,
    /// See [`Options::follow_outline`].
    pub follow_outline: bool,
    /// Of the built-in flow.
    pub quality: Quality,
    /// Where motion comes from.
    pub motion_source: MotionSource,
    /// Of the Motion clip.
    pub convention: Convention,
    /// Of the source.
    pub encoding: Encoding,
}

impl Settings {
    /// As the artist has set them.
    pub fn read(instance: &Instance) -> Result<Self> {
        let source = instance.clip(SOURCE)?;
        let (first, last) = range::read(instance, &source)?;
        Ok(Settings {
            first,
            last,
            tolerance_px: instance.get(&TOLERANCE)?,
            interp: match instance.get(&BETWEEN)? {
                Between::Linear => Interp::Linear,
                Between::Smooth => Interp::Smooth,
            },
            follow_outline: instance.get(&FOLLOW_OUTLINE)?,
            quality: instance.get(&QUALITY)?.0,
            motion_source: instance.get(&MOTION_SOURCE)?,
            convention: convention(instance)?,
            encoding: plate_encoding(instance, source.depth())?,
        })
    }

    /// These settings as what the engine solves.
    pub fn options(&self) -> Options {
        Options {
            tolerance_px: self.tolerance_px,
            interp: self.interp,
            follow_outline: self.follow_outline,
            ..Options::new(self.first, self.last)
        }
    }

    /// Vectors that the host brings, if that is what the artist wants.
    fn given<'i>(&self, instance: &'i Instance, placement: Placement) -> Result<Option<GivenVectors<'i>>> {
        let clip = || {
            motion_clip(instance).map(|c| GivenVectors::new(c, placement, Layout::Colour(self.convention)))
        };
        let planes = || {
            let source = instance.clip(SOURCE).ok()?;
            GivenVectors::has_planes(&source).then(|| GivenVectors::new(source, placement, Layout::Planes))
        };
        match self.motion_source {
            MotionSource::BuiltIn => Ok(None),
            MotionSource::Auto => Ok(clip().or_else(planes)),
            MotionSource::Clip => clip().map(Some).ok_or_else(|| {
                Error::failed("nothing is connected to Motion: connect vectors, or choose Built-in flow")
            }),
            MotionSource::Planes => planes().map(Some).ok_or_else(|| {
                Error::failed(
                    "the source has no motion planes: connect a picture that has, or choose Built-in flow",
                )
            }),
        }
    }
}

/// The Motion clip, if this context has one and something is connected.
fn motion_clip(instance: &Instance) -> Option<Clip<'_>> {
    instance.clip(MOTION).ok().filter(Clip::connected)
}

/// Solves `document` on the frames of `options`, on `frames` that lie at `placement`.
///
/// `progress` gets 0 to 1 and stops the solve by returning false.
pub fn solve(
    instance: &Instance,
    document: &Document,
    settings: &Settings,
    options: &Options,
    (frames, placement): (&dyn Frames, &Placement),
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Document> {
    if document.shapes.is_empty() {
        return Err(Error::failed(
            "there are no shapes: choose a shapes file, or put a document into Shapes",
        ));
    }
    let cancel = || instance.aborted();
    let quality = flow::Options { quality: settings.quality, ..flow::Options::default() };
    let flow = FlowMotion::new(frames, quality, &FIELDS, &cancel);
    let given = settings.given(instance, *placement)?;
    let mixed = given.as_ref().map(|g| FieldMotion::new(g, Some(&flow)));
    let motion: &dyn Motion = mixed.as_ref().map_or(&flow, |m| m);
    let to_plane = placement.plane_from_document(document);
    let from_plane = to_plane.inverse();
    let map = |d: &Document, m: &crate::space::AxisMap| Document {
        shapes: d.shapes.iter().map(|s| m.shape(s)).collect(),
        ..d.clone()
    };
    let solved = motion2roto::solve(&map(document, &to_plane), motion, options, progress).map_err(error)?;
    let mut out = map(&solved, &from_plane);
    keep_artists_keys(document, &mut out);
    Ok(out)
}

/// An artist's keys stay exact to the last bit: not even the way to the plane's space and back touches them.
fn keep_artists_keys(document: &Document, out: &mut Document) {
    for (before, after) in document.shapes.iter().zip(&mut out.shapes) {
        for key in &mut after.keys {
            if let Some(original) = before.key_at(key.frame).filter(|k| k.is_artists()) {
                key.points.clone_from(&original.points);
            }
            let pinned = before.key_at(key.frame).filter(|k| k.has_pins());
            for (point, original) in key.points.iter_mut().zip(pinned.iter().flat_map(|k| &k.points)) {
                if original.locked {
                    point.clone_from(original);
                }
            }
        }
    }
}

/// The document without its solved keys, but for those on which points are fixed.
pub fn cleared(document: &Document) -> Document {
    let mut out = document.clone();
    for shape in &mut out.shapes {
        if shape.keys.iter().any(Key::is_artists) {
            shape.keys.retain(|k| k.is_artists() || k.has_pins());
        }
    }
    out
}

/// Makes the splines of `frame` keys of the artist's, as they are.
pub fn locked_at(document: &Document, frame: f64) -> Document {
    let mut out = document.clone();
    for shape in &mut out.shapes {
        let mut key = shape.key_at(frame).cloned().unwrap_or_else(|| Key::new(frame, shape.points_at(frame)));
        key.locked = true;
        shape.set_key(key);
    }
    out
}

/// Hands the splines of `frame` back to the solver, where a shape has other keys of the artist's to start from.
pub fn unlocked_at(document: &Document, frame: f64) -> Document {
    let mut out = document.clone();
    for shape in &mut out.shapes {
        let others = shape.artists_keys().any(|k| k.frame != frame);
        let Some(mut key) = shape.key_at(frame).cloned().filter(|_| others) else { continue };
        key.locked = false;
        key.confidence = key.confidence.or(Some(1.0));
        key.points.iter_mut().for_each(|p| p.locked = false);
        shape.set_key(key);
    }
    out
}

/// What the artist reads after a solve of `parts` of the range: how much was done, and which frames of which shapes to
/// look at, in all of it.
pub fn report(document: &Document, options: &Options, parts: &[Part]) -> String {
    /// Shapes that are named, so that the line stays a line.
    const NAMED: usize = 6;
    let solved = |s: &Shape, frames: &[Part]| {
        let on = |k: &&Key| frames.iter().any(|f| within(k, *f));
        s.keys.iter().filter(|k| !k.is_artists()).filter(on).cloned().collect::<Vec<Key>>()
    };
    let keys: usize = document.shapes.iter().map(|s| solved(s, parts).len()).sum();
    let direction = match options.direction {
        Direction::Both => "",
        Direction::Forward => " forward",
        Direction::Backward => " backward",
    };
    let shapes = document.shapes.len();
    let joined = parts.chunk_by(|a, b| a.1 == b.0).filter_map(|run| Some((run.first()?.0, run.last()?.1)));
    let ranges: Vec<String> = joined.map(|(first, last)| format!("{first} to {last}")).collect();
    let whole = ranges == [format!("{} to {}", options.first, options.last)];
    let mut text = format!(
        "Solved frames {}{direction}: {shapes} shape{}, {keys} new keys.",
        ranges.join(", "),
        if shapes == 1 { "" } else { "s" },
    );
    if !whole {
        text += " Keys on the others are as before.";
    }
    let range = [(options.first, options.last)];
    let doubtful: Vec<String> = document
        .shapes
        .iter()
        .map(|s| (s, doubtful_frames(&solved(s, &range))))
        .filter(|(_, frames)| !frames.is_empty())
        .map(|(s, frames)| format!("{} on {}", s.name, as_ranges(&frames)))
        .collect();
    if !doubtful.is_empty() {
        let more = if doubtful.len() > NAMED { "; and more shapes" } else { "" };
        text += &format!(" Look at {}{more}.", doubtful[..doubtful.len().min(NAMED)].join("; "));
    }
    text
}

/// Frames of keys that are expected to be off by more than is worth a look.
fn doubtful_frames(keys: &[Key]) -> Vec<i64> {
    /// A confidence is `1 / (1 + error)`.
    const LOOK_PX: f64 = 2.0;
    let doubtful = |k: &&Key| k.confidence.is_some_and(|c| c < 1.0 / (1.0 + LOOK_PX));
    keys.iter().filter(doubtful).map(|k| k.frame as i64).collect()
}

fn error(e: SolveError) -> Error {
    match e {
        SolveError::Cancelled => Error::Aborted,
        e => Error::failed(format!("cannot solve: {e}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shapes::Point;

    fn document() -> Document {
        let key = |frame: f64, confidence: Option<f64>| Key {
            confidence,
            ..Key::new(frame, vec![Point::corner(frame, 0.1)])
        };
        let keys = vec![key(1.0, None), key(2.0, Some(0.9)), key(3.0, Some(0.1)), key(4.0, None)];
        let mut d = Document::new(100, 100);
        d.shapes.push(Shape::new("a", true, keys));
        d
    }

    #[test]
    fn clearing_keeps_what_the_artist_made() {
        let frames: Vec<f64> = cleared(&document()).shapes[0].keys.iter().map(|k| k.frame).collect();
        assert_eq!(frames, [1.0, 4.0]);
    }

    #[test]
    fn clearing_never_leaves_a_shape_without_keys() {
        let mut d = document();
        d.shapes[0].keys.retain(|k| !k.is_artists());
        assert_eq!(cleared(&d), d);
    }

    #[test]
    fn locking_a_solved_frame_makes_it_the_artists() {
        let d = locked_at(&document(), 2.0);
        assert!(d.shapes[0].key_at(2.0).unwrap().is_artists());
        let between = locked_at(&document(), 1.5);
        assert_eq!(between.shapes[0].key_at(1.5).unwrap().points[0].x, 1.5);
    }

    #[test]
    fn unlocking_hands_a_frame_back() {
        let d = unlocked_at(&document(), 4.0);
        assert!(!d.shapes[0].key_at(4.0).unwrap().is_artists());
        let only = unlocked_at(&d, 1.0);
        assert!(only.shapes[0].key_at(1.0).unwrap().is_artists(), "the last key stays");
        assert_eq!(unlocked_at(&document(), 7.0), document());
    }

    #[test]
    fn clearing_keeps_fixed_points() {
        let mut d = document();
        d.shapes[0].keys[2].points[0].locked = true;
        let frames: Vec<f64> = cleared(&d).shapes[0].keys.iter().map(|k| k.frame).collect();
        assert_eq!(frames, [1.0, 3.0, 4.0]);
    }

    #[test]
    fn the_report_names_doubtful_frames() {
        let text = report(&document(), &Options::new(1, 4), &[(1, 4)]);
        assert!(text.contains("2 new keys") && text.ends_with("Look at a on 3."), "{text}");
        let part = report(&document(), &Options::new(1, 4), &[(1, 2)]);
        assert!(part.starts_with("Solved frames 1 to 2: 1 shape, 1 new keys. Keys on the others"), "{part}");
    }

    #[test]
    fn artists_keys_are_exact_after_a_solve() {
        let before = document();
        let mut after = before.clone();
        for key in &mut after.shapes[0].keys {
            key.points[0].x += 1e-9;
        }
        keep_artists_keys(&before, &mut after);
        assert_eq!(after.shapes[0].keys[0].points[0].x, 1.0);
        assert_ne!(after.shapes[0].keys[1].points[0].x, 2.0);
    }
}
