//! Outlines found again along their own normals: a ribbon of the picture across the outline is compared with the same place of
//! the keyed outlines, in colour (profile matching as in active shape models: Cootes, Taylor, Cooper and Graham 1995, but
//! by correlation with single keyed pictures, not with a mean).

use std::ops::Range;

use nalgebra::{Matrix2, Point2, Vector2};
use rayon::prelude::*;

use super::layout::Layout;
use super::look::{Colour, Look};
use super::matching::{Found, Reference};

/// Distance between ribbons along an outline, px.
const EVERY_PX: f64 = 6.0;
/// Half of a ribbon across the outline and along it, px.
const HALF: (usize, usize) = (8, 3);
const LINES: usize = 2 * HALF.0 + 1;
const LINE: usize = 2 * HALF.1 + 1;
/// Contrast below which a ribbon says nothing.
const FLAT: f32 = 0.05;
/// Correlation below which nothing was found.
const THRESHOLD: f64 = 0.75;
/// Standard deviation of a ribbon's place: at full correlation, and for each 1 less, px.
const SD: (f64, f64) = (2.0, 16.0);

/// Lines of a ribbon that are compared, and what that takes from the correlation: all of it, or mostly one side of the outline,
/// because what lies on the other is something else now (another background, a mouth that has opened).
const SIDES: [(Range<usize>, f64); 3] = [(0..LINES, 0.0), (0..LINES - 5, 0.02), (5..LINES, 0.02)];

/// The outlines that a keyed picture proposes.
#[derive(Clone, Debug)]
pub(super) struct Ribbons<'a> {
    pub reference: &'a Reference,
    pub angle: f64,
    /// Px of the reference for one of the frame.
    pub ratio: f64,
    /// Where all places would be with the expression of that picture, px of the frame's look.
    pub own: Option<Vec<Point2<f64>>>,
}

/// Where a ribbon was found.
#[derive(Clone, Copy, Debug)]
struct Answer {
    /// Parameter on its segment.
    t: f64,
    normal: Vector2<f64>,
    /// Along the normal, px.
    offset: f64,
    score: f64,
}

/// What the ribbons around one knot say together: sums of weights, and of weights times offsets.
#[derive(Clone, Copy, Debug, Default)]
struct Pull {
    weight: Matrix2<f64>,
    offset: Vector2<f64>,
}

/// Adds to what was found at the knots what their outlines show. `now` is where all places are expected.
pub(super) fn add(
    look: &Look,
    layout: &Layout,
    now: &[Point2<f64>],
    proposals: &[Ribbons<'_>],
    radius: usize,
    found: &mut [Option<Found>],
) {
    let mut segments: Vec<[usize; 4]> = Vec::new();
    for (outline, knots) in layout.knots() {
        let count = if outline.shape.closed { outline.knots } else { outline.knots.saturating_sub(1) };
        for k in 0..count {
            let (a, b) = (knots.start + k, knots.start + (k + 1) % outline.knots);
            segments.push([a, layout.handles(a)[1], layout.handles(b)[0], b]);
        }
    }
    let answers: Vec<Vec<Answer>> =
        segments.par_iter().map(|s| segment(look, s, now, proposals, radius)).collect();
    let mut pulls = vec![Pull::default(); layout.core];
    for (segment, answers) in segments.iter().zip(&answers) {
        for answer in answers {
            let sd = SD.0 + SD.1 * (1.0 - answer.score);
            for (knot, share) in [(segment[0], 1.0 - answer.t), (segment[3], answer.t)] {
                let weight = share / (sd * sd) * answer.normal * answer.normal.transpose();
                pulls[knot].weight += weight;
                pulls[knot].offset += weight * answer.normal * answer.offset;
            }
        }
    }
    for (i, pull) in pulls.iter().enumerate().filter(|(_, p)| p.weight.trace() > 0.0) {
        let known = found[i].map_or_else(Pull::default, |f| Pull {
            weight: f.information,
            offset: f.information * (f.at - now[i]),
        });
        let weight = known.weight + pull.weight;
        let held = weight + Matrix2::identity() * (1e-3 * weight.trace());
        let Some(inverse) = held.try_inverse() else { continue };
        let at = now[i] + inverse * (known.offset + pull.offset);
        let (score, key_score) = found[i].map_or((0.0, 0.0), |f| (f.score, f.key_score));
        found[i] = Some(Found { at, information: weight, score, key_score });
    }
}

/// The ribbons of a segment that were found.
fn segment(
    look: &Look,
    segment: &[usize; 4],
    now: &[Point2<f64>],
    proposals: &[Ribbons<'_>],
    radius: usize,
) -> Vec<Answer> {
    let length = (now[segment[3]] - now[segment[0]]).norm();
    let count = ((length / EVERY_PX).ceil() as usize).clamp(1, 24);
    let one = |k: usize| {
        let t = (k as f64 + 0.5) / count as f64;
        let here = Window::across(look, &segment.map(|i| now[i]), t, radius)?;
        let normal = here.normal();
        let mut best: Option<(f64, f64, f64)> = None;
        for p in proposals {
            let [Some(a), Some(b), Some(c), Some(d)] = segment.map(|i| p.reference.places[i]) else {
                continue;
            };
            let Some((there, direction)) = on_curve(&[a, b, c, d], t) else { continue };
            let piece = Piece::of(ribbon(&p.reference.look, there, direction, p.ratio, HALF.0));
            let own = p.own.as_ref().and_then(|o| Window::across(look, &segment.map(|i| o[i]), t, radius));
            for window in [Some(&here), own.as_ref()].into_iter().flatten() {
                for ((_, less), answer) in SIDES.iter().zip(piece.slid(window)) {
                    let Some((offset, score)) = answer.map(|(offset, score)| (offset, score - less)) else {
                        continue;
                    };
                    let weight = (score - 1.0) * 20.0 - 2.0 * p.angle;
                    if score >= THRESHOLD && best.is_none_or(|b| weight > b.0) {
                        let place = window.at + window.normal() * offset;
                        best = Some((weight, (place - here.at).dot(&normal), score));
                    }
                }
            }
        }
        best.map(|(_, offset, score)| Answer { t, normal, offset, score })
    };
    (0..count).filter_map(one).collect()
}

/// A point of a cubic, and its direction.
fn on_curve(p: &[Point2<f64>; 4], t: f64) -> Option<(Point2<f64>, Vector2<f64>)> {
    let s = 1.0 - t;
    let b = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
    let at = p.iter().zip(b).fold(Vector2::zeros(), |sum, (p, b)| sum + p.coords * b);
    let d = (p[1] - p[0]) * (s * s) + (p[2] - p[1]) * (2.0 * s * t) + (p[3] - p[2]) * (t * t);
    let length = d.norm();
    (length > 1e-6).then(|| (Point2::from(at), d / length))
}

/// The colours across a curve, line by line along the normal, for each place along it.
fn ribbon(look: &Look, at: Point2<f64>, along: Vector2<f64>, scale: f64, half: usize) -> Vec<Colour> {
    let normal = Vector2::new(along.y, -along.x);
    let mut colours = Vec::with_capacity((2 * half + 1) * LINE);
    for j in 0..=2 * half {
        for i in 0..LINE {
            let (a, n) = (i as f64 - HALF.1 as f64, j as f64 - half as f64);
            let p = at + (along * a + normal * n) * scale;
            colours.push(look.colour(p.x, p.y));
        }
    }
    colours
}

/// Some lines of a ribbon: the mean of each channel, and the norm without it.
type Moments = (Colour, f32);

/// A ribbon of a keyed picture.
struct Piece {
    colours: Vec<Colour>,
    moments: [Moments; SIDES.len()],
}

/// The part of a frame in which a ribbon is looked for.
struct Window {
    at: Point2<f64>,
    along: Vector2<f64>,
    colours: Vec<Colour>,
    /// By how far along the normal a ribbon begins.
    moments: Vec<[Moments; SIDES.len()]>,
}

impl Window {
    /// At a place of a curve; None where the curve has no direction.
    fn across(look: &Look, curve: &[Point2<f64>; 4], t: f64, radius: usize) -> Option<Window> {
        let (at, along) = on_curve(curve, t)?;
        let colours = ribbon(look, at, along, 1.0, HALF.0 + radius);
        let lines = Lines::of(&colours);
        let moments =
            (0..=2 * radius).map(|d| SIDES.map(|(rows, _)| lines.moments(d + rows.start..d + rows.end)));
        Some(Window { at, along, moments: moments.collect(), colours })
    }

    fn normal(&self) -> Vector2<f64> {
        Vector2::new(self.along.y, -self.along.x)
    }
}

impl Piece {
    fn of(colours: Vec<Colour>) -> Piece {
        let lines = Lines::of(&colours);
        Piece { moments: SIDES.map(|(rows, _)| lines.moments(rows)), colours }
    }

    /// Where along the normal each of the [`SIDES`] fits best, px, and how well. None at the rim of the search.
    fn slid(&self, window: &Window) -> [Option<(f64, f64)>; SIDES.len()] {
        let mut scores = [const { Vec::new() }; SIDES.len()];
        for (d, theirs) in window.moments.iter().enumerate() {
            let product = |j: usize| {
                let (a, b) = (&self.colours[j * LINE..][..LINE], &window.colours[(d + j) * LINE..][..LINE]);
                let mut sums: Colour = [0.0; 4];
                for (a, b) in a.iter().zip(b) {
                    (0..4).for_each(|c| sums[c] += a[c] * b[c]);
                }
                sums.iter().sum::<f32>()
            };
            let products: [f32; LINES] = std::array::from_fn(product);
            for (side, (rows, _)) in SIDES.into_iter().enumerate() {
                let ((mean, norm), (other, other_norm)) = (&self.moments[side], &theirs[side]);
                let means: f32 = mean.iter().zip(other).map(|(a, b)| a * b).sum();
                let count = (rows.len() * LINE) as f32;
                let product = products[rows].iter().sum::<f32>() - count * means;
                scores[side].push(f64::from(product / (norm * other_norm).max(1e-6)));
            }
        }
        std::array::from_fn(|side| if self.moments[side].1 < FLAT { None } else { peak(&scores[side]) })
    }
}

/// Where numbers are highest, from their middle, and how high. None at an end.
fn peak(scores: &[f64]) -> Option<(f64, f64)> {
    let (top, _) = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
    if top == 0 || top + 1 == scores.len() {
        return None;
    }
    let (a, b, c) = (scores[top - 1], scores[top], scores[top + 1]);
    let curve = (2.0 * b - a - c).max(1e-6);
    Some((top as f64 - (scores.len() / 2) as f64 + ((c - a) / (2.0 * curve)).clamp(-0.5, 0.5), b))
}

/// Sums over each line of a ribbon: of the channels, and of all squares.
struct Lines(Vec<(Colour, f32)>);

impl Lines {
    fn of(ribbon: &[Colour]) -> Lines {
        let sums = |line: &[Colour]| {
            line.iter().fold(([0.0; 4], 0.0), |(sums, squares), p| {
                (std::array::from_fn(|c| sums[c] + p[c]), squares + p.iter().map(|v| v * v).sum::<f32>())
            })
        };
        Lines(ribbon.chunks_exact(LINE).map(sums).collect())
    }

    /// The mean of each channel over some lines, and the norm without it.
    fn moments(&self, rows: Range<usize>) -> Moments {
        let count = (rows.len() * LINE) as f32;
        let (mut sums, mut squares) = ([0.0f32; 4], 0.0f32);
        for (line, square) in &self.0[rows] {
            sums.iter_mut().zip(line).for_each(|(s, l)| *s += l);
            squares += square;
        }
        let mean = sums.map(|s| s / count);
        let own: f32 = mean.iter().map(|m| m * m * count).sum();
        (mean, (squares - own).max(0.0).sqrt())
    }
}
