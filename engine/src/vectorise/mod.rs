//! Mattes of a shot become animated Bezier shapes.
//!
//! | module | holds |
//! |---|---|
//! | `contour` | contours of a matte at half its value |
//! | `parts` | the same contour on many frames |
//! | `around` | a contour by the way around it, and which place is which on the next frame |
//! | `knots` | control points that all frames of a part have |
//! | `fit` | a cubic through places between two control points |
//! | `curve` | a closed spline by one parameter |
//! | `joint` | keyed control points that fit the contours of all frames |
//! | `solve` | the least squares of that |
//! | `keys` | which frames have keys |

pub(crate) mod around;
pub(crate) mod contour;
mod curve;
mod fit;
mod joint;
mod keys;
mod knots;
mod parts;
mod solve;
#[cfg(test)]
mod tests;

use rayon::prelude::*;
use shapes::{Blend, Document, Interp, Key, Point, Shape};

use crate::image::Plane;
use curve::Controls;
use joint::Joint;
use knots::Followed;
use parts::Part;

/// How many tolerances a frame may be off while its control points lie on its contour: let go of, they come to half of that and nearer.
const POINTS: f64 = 1.5;
/// The largest contours of a frame that are looked at: noise has more.
const MOST_PARTS: usize = 200;
/// What reading the mattes is of all the work.
const READING: f32 = 0.3;

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// How far outlines may be from the mattes' contours, px: on every frame, the root of the mean square distance is at most half of it, so
    /// that about 95 % of a contour are within, and no place is off by more than four times as much.
    pub tolerance_px: f64,
    /// Control points of each shape; `None` for as few as the tolerance allows.
    pub points: Option<usize>,
    /// Parts that are never larger are left out, px squared.
    pub least_area_px2: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options { tolerance_px: 1.0, points: None, least_area_px2: 16.0 }
    }
}

/// Why there are no shapes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VectoriseError {
    /// The caller wanted no more.
    #[error("stopped")]
    Cancelled,
    /// A matte could not be had.
    #[error("frame {frame}: {reason}")]
    Frame {
        /// Which.
        frame: i32,
        /// What the caller said.
        reason: String,
    },
}

/// Shapes of a shot's mattes.
#[derive(Clone, Debug, PartialEq)]
pub struct Vectorised {
    /// A shape for each part; where it is not there on frames of the range, all its points are in one place.
    pub document: Document,
    /// How many parts were too small, or too many on a frame.
    pub left_out: usize,
}

/// Makes shapes of the mattes (0 to 1, all of one size) on the frames `first` to `last`.
///
/// Each contour at .5 that goes on from frame to frame is a shape, a hole one that subtracts. Its control points are places that are
/// followed around the contour from frame to frame, chosen so that cubics between them keep the tolerance on all frames; its keys are as
/// few as keep it. Shapes are ordered from the outside to the inside. `progress` gets 0 to 1 and answers whether to go on.
pub fn vectorise(
    mattes: &mut dyn FnMut(i32) -> Result<Plane, String>,
    [first, last]: [i32; 2],
    options: &Options,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Vectorised, VectoriseError> {
    let count = (first..=last).count();
    let (mut frames, mut size, mut left_out) = (Vec::new(), (0, 0), 0);
    for (i, frame) in (first..=last).enumerate() {
        if !progress(READING * i as f32 / count as f32) {
            return Err(VectoriseError::Cancelled);
        }
        let matte = mattes(frame).map_err(|reason| VectoriseError::Frame { frame, reason })?;
        size = (matte.width(), matte.height());
        let mut loops = contour::contours(&matte);
        loops.sort_by(|a, b| b.area_px2().abs().total_cmp(&a.area_px2().abs()));
        left_out = left_out.max(loops.len().saturating_sub(MOST_PARTS));
        loops.truncate(MOST_PARTS);
        frames.push(loops);
    }
    let mut parts = parts::parts(&frames);
    let all = parts.len();
    let large = |p: &Part| p.loops.iter().any(|l| l.area_px2().abs() > options.least_area_px2);
    parts.retain(large);
    left_out += all - parts.len();
    let mut document = Document::new(size.0 as u32, size.1 as u32);
    let (mut shapes, mut holes) = (0, 0);
    for (i, part) in parts.iter().enumerate() {
        if !progress(READING + (1.0 - READING) * i as f32 / parts.len() as f32) {
            return Err(VectoriseError::Cancelled);
        }
        let is_hole = part.depth % 2 == 1;
        let (number, word) = if is_hole { (&mut holes, "hole") } else { (&mut shapes, "shape") };
        *number += 1;
        let keys = keys(part, first, options);
        let from = first + part.first as i32;
        let span = [from, from + part.loops.len() as i32 - 1];
        let shape = Shape::new(&format!("{word} {number}"), true, shown(keys, span, [first, last]));
        document.shapes.push(Shape { blend: if is_hole { Blend::Subtract } else { Blend::Add }, ..shape });
    }
    Ok(Vectorised { document, left_out })
}

/// A part's keys, few of them: what stands still is one key that holds.
fn keys(part: &Part, first: i32, options: &Options) -> Vec<Key> {
    // Where a contour begins that is not that of the frame before, and for how many frames it stays.
    let starts: Vec<usize> =
        (0..part.loops.len()).filter(|i| *i == 0 || part.loops[*i] != part.loops[*i - 1]).collect();
    let ends = starts.iter().skip(1).copied().chain([part.loops.len()]);
    let held: Vec<bool> = starts.iter().zip(ends).map(|(from, to)| to - from > 1).collect();
    let stays: Vec<bool> = (0..held.len()).map(|i| held[i] || i > 0 && held[i - 1]).collect();
    let followed = Followed::new(starts.iter().map(|i| &part.loops[*i]));
    let knots = followed.knots(POINTS * options.tolerance_px, options.points);
    let mut joint =
        Joint::new((0..starts.len()).into_par_iter().map(|i| followed.start(i, &knots)).collect());
    keys::thin(&mut joint, &stays, options.tolerance_px);
    let key = |(i, controls): (&usize, &Controls)| {
        let points = controls.chunks_exact(3).map(|c| {
            let [into, out] = [c[1] - c[0], c[2] - c[0]].map(|v| [v.x, v.y]);
            Point::new(c[0].x, c[0].y, into, out)
        });
        let interp = if held[*i] { Interp::Hold } else { Interp::Linear };
        Key { interp, ..Key::new(f64::from(first) + (part.first + starts[*i]) as f64, points.collect()) }
    };
    joint.keys.iter().zip(&joint.controls).map(key).collect()
}

/// The keys of a part with what hides it on frames of the range before it comes and after it has gone: a key with all points in one place.
fn shown(mut keys: Vec<Key>, part: [i32; 2], range: [i32; 2]) -> Vec<Key> {
    let hidden = |frame: i32, near: &Key| {
        let n = near.points.len() as f64;
        let sum = near.points.iter().fold([0.0; 2], |s, p| [s[0] + p.x, s[1] + p.y]);
        let points = vec![Point::corner(sum[0] / n, sum[1] / n); near.points.len()];
        Key { interp: Interp::Hold, ..Key::new(f64::from(frame), points) }
    };
    if let Some(end) = keys.last_mut().filter(|_| part[1] < range[1]) {
        end.interp = Interp::Hold;
        let gone = hidden(part[1] + 1, end);
        keys.push(gone);
    }
    if let Some(start) = keys.first().filter(|_| part[0] > range[0]) {
        let before = hidden(part[0] - 1, start);
        keys.insert(0, before);
    }
    keys
}
