//! From keys to every frame.

use std::collections::BTreeMap;

use rayon::prelude::*;
use shapes::reduce::reduce_keys;
use shapes::{Document, Interp, Key, Shape};

use super::confidence::Judge;
use super::contour::{Carrier, Sampling};
use super::join::{Joined, both, single};
use super::pins;
use super::settle::{known, settle};
use super::walk::Walk;
use super::{Motion, SolveError};

/// Which way keys are carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From the keys on both sides.
    #[default]
    Both,
    /// From the earlier key only; the later one is not looked at.
    Forward,
    /// From the later key only.
    Backward,
}

/// What to solve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// First frame that gets keys.
    pub first: i32,
    /// Last frame that gets keys.
    pub last: i32,
    /// Which way.
    pub direction: Direction,
    /// How far the interpolated spline may lie off the solved one, px; 0 keys every frame.
    pub tolerance_px: f64,
    /// Whether the picture, where there is one, pulls closed splines to the outline ([`Motion::picture`]).
    pub follow_outline: bool,
    /// How solver keys interpolate where a tolerance leaves gaps between them: `Linear` or `Smooth`.
    pub interp: Interp,
}

impl Options {
    /// All of a range, from both sides, a key on every frame.
    pub fn new(first: i32, last: i32) -> Self {
        Options {
            first,
            last,
            direction: Direction::Both,
            tolerance_px: 0.0,
            follow_outline: true,
            interp: Interp::Linear,
        }
    }
}

/// Solves one shape; see [`solve`].
pub fn solve_shape(
    shape: &Shape,
    motion: &dyn Motion,
    options: &Options,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Shape, SolveError> {
    let solved = solve_all(&[shape], motion, options, progress)?;
    Ok(solved.into_iter().next().unwrap_or_else(|| shape.clone()))
}

/// Solves every shape of a document on the frames `options.first` to `options.last`.
///
/// Artists' keys ([`Key::is_artists`]) keep their values, and those in the range become locked; on every other
/// frame of the range that motion reaches there is then a solver key, with a confidence; earlier solver keys on these
/// frames are replaced. Frames outside of the range, and frames that no key reaches, keep what they have. Keys of
/// the artist's outside of the range count as starts too, so a part of a shot is solved as it would be with the
/// whole.
///
/// A confidence is `1 / (1 + e)` for an expected error of `e` px, found from the walks' misses at the far keys and from the
/// spread of the motion.
///
/// `progress` gets 0 to 1 after each step and stops the solve by returning false.
pub fn solve(
    document: &Document,
    motion: &dyn Motion,
    options: &Options,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Document, SolveError> {
    let shapes: Vec<&Shape> = document.shapes.iter().collect();
    let solved = solve_all(&shapes, motion, options, progress)?;
    Ok(Document { shapes: solved, ..document.clone() })
}

/// Frames of one shape between two keys, or beyond its outermost one.
struct Span {
    shape: usize,
    earlier: Option<i32>,
    later: Option<i32>,
    /// Frames that get keys.
    first: i32,
    last: i32,
}

impl Span {
    /// Whether the picture has a word on what is joined.
    fn settles(&self, shape: &Shape, options: &Options) -> bool {
        let both = options.direction == Direction::Both && self.earlier.is_some() && self.later.is_some();
        shape.closed && options.follow_outline && both
    }

    /// All frames it may touch.
    fn reach(&self) -> (i32, i32) {
        (self.earlier.unwrap_or(self.first), self.later.unwrap_or(self.last))
    }
}

fn solve_all(
    shapes: &[&Shape],
    motion: &dyn Motion,
    options: &Options,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Vec<Shape>, SolveError> {
    let (first, last) = (options.first, options.last);
    if first > last {
        return Err(SolveError::EmptyRange { first, last });
    }
    let samplings: Vec<Sampling> = shapes.iter().map(|s| Sampling::new(s)).collect();
    let mut out: Vec<Shape> = shapes.iter().map(|s| (*s).clone()).collect();
    let mut spans: Vec<Span> = shapes.iter().enumerate().flat_map(|(i, s)| spans_of(i, s, options)).collect();
    spans.sort_by_key(|s| (s.reach(), s.shape));
    let mut steps = Steps {
        done: 0,
        total: spans.iter().map(|s| steps_of(s, shapes[s.shape], options)).sum::<usize>().max(1),
        progress,
    };
    for run in runs(&spans) {
        let anchors = |s: &Span, frame: i32| anchor_points(shapes[s.shape], frame);
        let start = |s: &Span, frame: i32, end: i32| -> Result<Walk, SolveError> {
            let shape = shapes[s.shape];
            let positions = Carrier::new(&anchors(s, frame), &samplings[s.shape]).positions();
            let picture =
                if shape.closed && options.follow_outline { known(motion.picture(frame))? } else { None };
            let compared = s.settles(shape, options);
            Ok(Walk::new(shape.closed, (frame, end), positions, picture.as_deref(), compared))
        };
        let wants = |way: Direction| options.direction == Direction::Both || options.direction == way;
        let walk = |s: &Span, from: Option<i32>, way: Direction, end: fn(&Span, Direction) -> i32| {
            from.filter(|_| wants(way)).map(|f| start(s, f, end(s, options.direction))).transpose()
        };
        let forward = run.iter().map(|s| walk(s, s.earlier, Direction::Forward, forward_end));
        let mut forward = forward.collect::<Result<Vec<_>, _>>()?;
        sweep(&mut forward, 1, motion, &mut steps)?;
        let backward = run.iter().map(|s| walk(s, s.later, Direction::Backward, backward_end));
        let mut backward = backward.collect::<Result<Vec<_>, _>>()?;
        sweep(&mut backward, -1, motion, &mut steps)?;
        for ((span, mut f), mut g) in run.iter().zip(forward).zip(backward) {
            let shape = shapes[span.shape];
            if let (Some(f), Some(g)) = (&mut f, &mut g) {
                f.choose(&g.states[0].positions);
                g.choose(&f.states[0].positions);
            }
            let mut joined = join(span, f.as_ref(), g.as_ref());
            let judge = Judge::new(shape.closed, [&f, &g].map(|w| w.as_ref().map(Walk::walked)));
            if span.settles(shape, options) {
                let expected = |frame, joined: &Joined| judge.expected_px(frame, joined);
                settle(&mut joined, [f.as_ref(), g.as_ref()], motion, expected, |frames| steps.add(frames))?;
            }
            let carriers = [span.earlier, span.later]
                .map(|k| k.map(|k| Carrier::new(&anchor_points(shape, k), &samplings[span.shape])));
            let keys: Vec<Key> = joined
                .par_iter()
                .filter(|(frame, _)| (span.first..=span.last).contains(*frame))
                .filter_map(|(frame, j)| key(*frame, j, &carriers, judge.expected_px(*frame, j)))
                .collect();
            for key in keys {
                out[span.shape].set_key(key);
            }
        }
    }
    for (solved, shape) in out.iter_mut().zip(shapes) {
        finish(solved, shape, options);
    }
    Ok(out)
}

fn forward_end(span: &Span, direction: Direction) -> i32 {
    match (direction, span.later) {
        (Direction::Both, Some(later)) => later,
        _ => span.last,
    }
}

fn backward_end(span: &Span, direction: Direction) -> i32 {
    match (direction, span.earlier) {
        (Direction::Both, Some(earlier)) => earlier,
        _ => span.first,
    }
}

fn steps_of(span: &Span, shape: &Shape, options: &Options) -> usize {
    let direction = options.direction;
    let length = |a: i32, b: i32| (i64::from(b) - i64::from(a)).unsigned_abs() as usize;
    let forward = span.earlier.map_or(0, |f| length(f, forward_end(span, direction)));
    let backward = span.later.map_or(0, |f| length(f, backward_end(span, direction)));
    match direction {
        // The last word is given once more between the keys.
        Direction::Both if span.settles(shape, options) => forward + backward + forward.saturating_sub(1),
        Direction::Both => forward + backward,
        Direction::Forward => forward,
        Direction::Backward => backward,
    }
}

/// The frames at which an artist's keys can start a walk. Keys between frames only count where there are no
/// others, at the nearest frame.
fn anchor_frames(shape: &Shape) -> Vec<i32> {
    let whole = |f: f64| f.fract() == 0.0 && f.abs() < 1e9;
    let mut frames: Vec<i32> =
        shape.artists_keys().filter(|k| whole(k.frame)).map(|k| k.frame as i32).collect();
    if frames.is_empty() {
        frames =
            shape.artists_keys().filter(|k| k.frame.abs() < 1e9).map(|k| k.frame.round() as i32).collect();
        frames.dedup();
    }
    frames
}

fn anchor_points(shape: &Shape, frame: i32) -> Vec<shapes::Point> {
    let exact = shape.key_at(f64::from(frame)).filter(|k| k.is_artists());
    let nearest = || {
        shape
            .artists_keys()
            .min_by(|a, b| (a.frame - f64::from(frame)).abs().total_cmp(&(b.frame - f64::from(frame)).abs()))
    };
    exact.or_else(nearest).map(|k| k.points.clone()).unwrap_or_default()
}

fn spans_of(index: usize, shape: &Shape, options: &Options) -> Vec<Span> {
    let anchors = anchor_frames(shape);
    let (Some(&head), Some(&tail)) = (anchors.first(), anchors.last()) else { return Vec::new() };
    let ends = anchors.windows(2).map(|w| (Some(w[0]), Some(w[1])));
    let all = std::iter::once((None, Some(head))).chain(ends).chain(std::iter::once((Some(tail), None)));
    all.map(|(earlier, later)| Span {
        shape: index,
        earlier,
        later,
        first: earlier.map_or(options.first, |f| options.first.max(f.saturating_add(1))),
        last: later.map_or(options.last, |f| options.last.min(f.saturating_sub(1))),
    })
    .filter(|s| s.first <= s.last && steps_of(s, shape, options) > 0)
    .collect()
}

/// Sorted spans in runs that overlap in time.
fn runs(spans: &[Span]) -> Vec<&[Span]> {
    let mut out = Vec::new();
    let mut from = 0;
    let mut end = i32::MIN;
    for (i, s) in spans.iter().enumerate() {
        let (first, last) = s.reach();
        if i > from && first >= end {
            out.push(&spans[from..i]);
            from = i;
        }
        end = if i == from { last } else { end.max(last) };
    }
    if from < spans.len() {
        out.push(&spans[from..]);
    }
    out
}

struct Steps<'a> {
    done: usize,
    total: usize,
    progress: &'a mut dyn FnMut(f32) -> bool,
}

impl Steps<'_> {
    fn add(&mut self, steps: usize) -> Result<(), SolveError> {
        self.done += steps;
        let share = (self.done as f32 / self.total as f32).min(1.0);
        if (self.progress)(share) { Ok(()) } else { Err(SolveError::Cancelled) }
    }
}

/// Takes all walks of one direction through time together, so that each field is asked for once.
fn sweep(
    walks: &mut [Option<Walk>],
    sign: i32,
    motion: &dyn Motion,
    steps: &mut Steps<'_>,
) -> Result<(), SolveError> {
    let mut by_frame: BTreeMap<i32, Vec<&mut Walk>> = BTreeMap::new();
    for walk in walks.iter_mut().flatten() {
        by_frame.entry(walk.start * sign).or_default().push(walk);
    }
    let mut active: Vec<&mut Walk> = Vec::new();
    while let Some((&next, _)) = by_frame.first_key_value() {
        let mut frame = next;
        loop {
            if let Some(new) = by_frame.remove(&frame) {
                active.extend(new);
            }
            active.retain(|w| w.end * sign > frame && !w.lost);
            if active.is_empty() {
                break;
            }
            match motion.field(frame * sign, (frame + 1) * sign) {
                Ok(field) => {
                    let wanted = active.iter().any(|w| w.look.is_some());
                    let picture = if wanted { known(motion.picture((frame + 1) * sign))? } else { None };
                    active.par_iter_mut().for_each(|w| w.step(&field, picture.as_deref()));
                }
                Err(SolveError::NoFrame(_)) => active.iter_mut().for_each(|w| w.lost = true),
                Err(e) => return Err(e),
            }
            steps.add(active.len())?;
            frame += 1;
        }
    }
    Ok(())
}

/// The contour on every frame that the walks reached, the keys' own frames left out.
fn join(span: &Span, forward: Option<&Walk>, backward: Option<&Walk>) -> BTreeMap<i32, Joined> {
    let mut out = BTreeMap::new();
    if let (Some(f), Some(g)) = (forward, backward)
        && f.is_whole()
        && g.is_whole()
    {
        let frames = f.start + 1..;
        return frames.zip(both(&f.states, &g.states, f.closed)).collect();
    }
    // One side is missing, or a walk ended on the way: the nearer key's.
    for (walk, sign, later) in [(forward, 1, false), (backward, -1, true)] {
        let Some(w) = walk else { continue };
        for (i, state) in w.states.iter().enumerate().skip(1) {
            let frame = w.start + sign * i as i32;
            let other = match (span.earlier, span.later) {
                (Some(a), Some(b)) => 2 * (frame - a) > b - a,
                _ => later,
            };
            if other == later || !out.contains_key(&frame) {
                out.insert(frame, single(state, later));
            }
        }
    }
    out
}

fn key(frame: i32, joined: &Joined, carriers: &[Option<Carrier>; 2], error_px: f64) -> Option<Key> {
    let points = match carriers {
        [Some(a), Some(b)] => {
            let guides = [a.guide(&joined.positions), b.guide(&joined.positions)];
            a.refit(&mixed(&guides, joined.later), &joined.positions)
        }
        [Some(only), None] | [None, Some(only)] => {
            only.refit(&only.guide(&joined.positions), &joined.positions)
        }
        [None, None] => return None,
    };
    let confidence = 1.0 / (1.0 + error_px);
    Some(Key { confidence: Some(confidence.clamp(0.0, 1.0)), ..Key::new(f64::from(frame), points) })
}

/// Two versions of the same points, as the document interpolates them.
fn mixed(guides: &[Vec<shapes::Point>; 2], later: f64) -> Vec<shapes::Point> {
    let [a, b] = guides.each_ref().map(|g| g.clone());
    Shape::new("", true, vec![Key::new(0.0, a), Key::new(1.0, b)]).points_at(later.clamp(0.0, 1.0))
}

/// Locks the artist's keys in the range, and thins out the solver's.
fn finish(solved: &mut Shape, before: &Shape, options: &Options) {
    let range = f64::from(options.first)..=f64::from(options.last);
    for key in &mut solved.keys {
        if range.contains(&key.frame) && before.key_at(key.frame).is_some_and(Key::is_artists) {
            key.locked = true;
        }
    }
    pins::apply(solved, before, *range.start(), *range.end());
    if options.tolerance_px > 0.0 {
        *solved = reduce_keys(solved, *range.start(), *range.end(), options.tolerance_px, options.interp);
    }
}
