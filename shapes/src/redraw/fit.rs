//! Tangents at places of an outline, so that the curve through them follows it.

use kurbo::{CubicBez, ParamCurve, ParamCurveDeriv, Point, Vec2};

use super::way::Way;
use crate::Point as ControlPoint;

/// Samples of the outline between two places.
const SAMPLES: usize = 24;
/// Steps of putting samples where the first curve is nearest.
const SETTLING: usize = 4;
/// Rounds over all points.
const ROUNDS: usize = 24;
/// What a distance along the curve counts beside one across it.
const ALONG: f64 = 0.02;
/// What keeps handles as they are counts beside the samples.
const HOLD: f64 = 1e-3;
/// Longest handle, as a share of the way to the next point.
const LONGEST: f64 = 1.5;
/// Where the outline turns by more than this a point is a corner whatever the model's is (cosine).
const CORNER: f64 = 0.9;

/// Control points, and how far the outline is from the curve through them, px: mean and largest.
pub struct Fitted {
    pub points: Vec<ControlPoint>,
    pub off_px: [f64; 2],
}

/// One control point under construction.
#[derive(Clone, Copy, Debug)]
struct Knot {
    at: Point,
    into: Vec2,
    out: Vec2,
    smooth: bool,
}

/// The outline between two points, and where on the curve each sample of it is.
struct Span {
    from: usize,
    to: usize,
    length: f64,
    samples: Vec<(Point, f64)>,
}

/// Fits tangents at places along a way. Handles start in the outline's direction, as long as the model's are beside the way to its next
/// point; then each point's are least squares of the distances of the outline across the curve, those of smooth points in line
/// (coordinate descent).
pub fn fit(way: &Way, places: &[f64], model: &[ControlPoint], smooth: &[bool]) -> Fitted {
    let n = places.len();
    let mut knots: Vec<Knot> = (0..n)
        .map(|i| {
            let [into, out] = way.directions(places[i]);
            let smooth = smooth[i] && into.dot(out) >= CORNER;
            Knot { at: way.at(places[i]), into: -into, out, smooth }
        })
        .collect();
    let count = if way.closed { n } else { n - 1 };
    let mut spans: Vec<Span> = (0..count)
        .map(|i| {
            let to = (i + 1) % n;
            let end = if to == 0 { places[0] + way.length() } else { places[to] };
            let length = (end - places[i]).max(0.0);
            let sample = |k: usize| {
                let t = k as f64 / (SAMPLES + 1) as f64;
                (way.at(places[i] + length * t), t)
            };
            Span { from: i, to, length, samples: (1..=SAMPLES).map(sample).collect() }
        })
        .collect();
    let own = Way::new(model, way.closed);
    for span in &spans {
        let end = if span.to > span.from { own.of_point(span.to) } else { own.length() };
        let own_length = end - own.of_point(span.from);
        let share = |handle: [f64; 2]| {
            let share = vec(handle).hypot() / own_length.max(1e-9);
            if share > 1e-3 { share.clamp(0.05, 0.7) } else { 1.0 / 3.0 }
        };
        knots[span.from].out *= span.length * share(model[span.from].tangent_out);
        knots[span.to].into *= span.length * share(model[span.to].tangent_in);
    }
    for knot in knots.iter_mut().filter(|k| k.smooth) {
        let along = knot.out - knot.into;
        if along.hypot() > 1e-9 {
            let along = along / along.hypot();
            (knot.into, knot.out) = (-along * knot.into.hypot(), along * knot.out.hypot());
        }
    }
    for span in &mut spans {
        let curve = span.curve(&knots);
        (0..SETTLING).for_each(|_| span.project(&curve));
    }
    for _ in 0..ROUNDS {
        for i in 0..n {
            let before = (way.closed || i > 0).then(|| (i + count - 1) % count);
            let after = (way.closed || i + 1 < n).then_some(i);
            improve(&mut knots, &mut spans, i, [before, after]);
        }
    }
    let mut misses = Vec::with_capacity(SAMPLES * count);
    for span in &mut spans {
        let curve = span.curve(&knots);
        span.project(&curve);
        misses.extend(span.samples.iter().map(|(p, t)| curve.eval(*t).distance(*p)));
    }
    let mean = misses.iter().sum::<f64>() / misses.len().max(1) as f64;
    let most = misses.into_iter().fold(0.0, f64::max);
    let mut points: Vec<ControlPoint> = knots
        .iter()
        .map(|k| ControlPoint::new(k.at.x, k.at.y, [k.into.x, k.into.y], [k.out.x, k.out.y]))
        .collect();
    if !way.closed {
        // The outer handles of open ends shape nothing.
        points[0].tangent_in = [0.0; 2];
        points[n - 1].tangent_out = [0.0; 2];
    }
    Fitted { points, off_px: [mean, most] }
}

impl Span {
    fn curve(&self, knots: &[Knot]) -> CubicBez {
        let (a, b) = (&knots[self.from], &knots[self.to]);
        CubicBez::new(a.at, a.at + a.out, b.at + b.into, b.at)
    }

    /// Moves each sample's parameter to where the curve is nearest.
    fn project(&mut self, curve: &CubicBez) {
        let (slopes, bends) = (curve.deriv(), curve.deriv().deriv());
        for (p, t) in &mut self.samples {
            let off = curve.eval(*t) - *p;
            let (d, dd) = (slopes.eval(*t).to_vec2(), bends.eval(*t).to_vec2());
            let slope = (d.hypot2() + off.dot(dd)).max(0.25 * d.hypot2());
            if slope > 1e-12 {
                *t = (*t - (off.dot(d) / slope).clamp(-0.1, 0.1)).clamp(0.0, 1.0);
            }
        }
    }
}

/// A Gauss-Newton step of one point's handles, of the span before it and the one after it.
fn improve(knots: &mut [Knot], spans: &mut [Span], i: usize, around: [Option<usize>; 2]) {
    let knot = knots[i];
    let (x, y) = (Vec2::new(1.0, 0.0), Vec2::new(0.0, 1.0));
    // What each unknown changes: the handle into the point, and the one out of it.
    let unknowns: Vec<[Vec2; 2]> = if knot.smooth {
        let along = knot.out - knot.into;
        let along = if along.hypot() > 1e-9 { along / along.hypot() } else { x };
        let across = |handle: Vec2| Vec2::new(-handle.y, handle.x);
        vec![[across(knot.into), across(knot.out)], [-along, Vec2::ZERO], [Vec2::ZERO, along]]
    } else {
        vec![[x, Vec2::ZERO], [y, Vec2::ZERO], [Vec2::ZERO, x], [Vec2::ZERO, y]]
    };
    let m = unknowns.len();
    let (mut normal, mut right) = ([[0.0; 5]; 4], [0.0; 4]);
    for (side, span) in around.into_iter().enumerate() {
        let Some(span) = span else { continue };
        let curve = spans[span].curve(knots);
        spans[span].project(&curve);
        let slopes = curve.deriv();
        for (p, t) in &spans[span].samples {
            let share = if side == 0 { 3.0 * (1.0 - t) * t * t } else { 3.0 * (1.0 - t) * (1.0 - t) * t };
            let d = slopes.eval(*t).to_vec2();
            let along = if d.hypot() > 1e-9 { d / d.hypot() } else { Vec2::ZERO };
            let off = *p - curve.eval(*t);
            let weighed = |v: Vec2| v - along * ((1.0 - ALONG) * v.dot(along));
            for a in 0..m {
                let by = weighed(unknowns[a][side] * share);
                right[a] += by.dot(off);
                for b in 0..m {
                    normal[a][b] += by.dot(unknowns[b][side] * share);
                }
            }
        }
    }
    for a in 0..m {
        let size = unknowns[a][0].hypot2() + unknowns[a][1].hypot2();
        normal[a][a] += HOLD * size + 1e-12;
        normal[a][m] = right[a];
    }
    let Some(change) = solved(&mut normal, m) else { return };
    let (into, out) = if knot.smooth {
        let turn = Vec2::from_angle(change[0].clamp(-0.3, 0.3));
        let turned = |v: Vec2| Vec2::new(v.x * turn.x - v.y * turn.y, v.x * turn.y + v.y * turn.x);
        let along = knot.out - knot.into;
        let along = if along.hypot() > 1e-9 { turned(along / along.hypot()) } else { x };
        let [back, ahead] =
            [(knot.into, change[1]), (knot.out, change[2])].map(|(h, by)| (h.hypot() + by).max(0.0));
        (-along * back, along * ahead)
    } else {
        (knot.into + Vec2::new(change[0], change[1]), knot.out + Vec2::new(change[2], change[3]))
    };
    let no_longer = |handle: Vec2, span: Option<usize>| {
        let most = span.map_or(0.0, |s| LONGEST * spans[s].length);
        if handle.hypot() > most { handle * (most / handle.hypot()) } else { handle }
    };
    knots[i] = Knot { into: no_longer(into, around[0]), out: no_longer(out, around[1]), ..knot };
}

/// Gaussian elimination with pivots of `m` equations, the right side in column `m`.
fn solved(rows: &mut [[f64; 5]; 4], m: usize) -> Option<[f64; 4]> {
    for k in 0..m {
        let pivot = (k..m).max_by(|a, b| rows[*a][k].abs().total_cmp(&rows[*b][k].abs()))?;
        rows.swap(k, pivot);
        if rows[k][k].abs() < 1e-14 {
            return None;
        }
        let top = rows[k];
        for row in rows.iter_mut().take(m).skip(k + 1) {
            let share = row[k] / top[k];
            row.iter_mut().zip(top).for_each(|(v, t)| *v -= share * t);
        }
    }
    let mut out = [0.0; 4];
    for k in (0..m).rev() {
        let known: f64 = (k + 1..m).map(|j| rows[k][j] * out[j]).sum();
        out[k] = (rows[k][m] - known) / rows[k][k];
    }
    out.iter().all(|v| v.is_finite()).then_some(out)
}

fn vec(v: [f64; 2]) -> Vec2 {
    Vec2::new(v[0], v[1])
}
