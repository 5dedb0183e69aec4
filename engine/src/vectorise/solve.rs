//! Least squares for control points of several keys.

use kurbo::Vec2;
use rayon::prelude::*;

use super::curve::{Controls, Spot};
use super::joint::Target;

/// What a distance along the curve counts beside one across it, squared.
const ALONG: f64 = 0.1;
/// By how much more a target counts that is off by the tolerance, and that is off most.
const FAR: f64 = 0.5;
const FARTHEST: f64 = 4.5;
/// What a change of the control points costs: it settles what targets leave open.
const DAMPING: f64 = 0.05;
/// What handles that are out of line cost.
const IN_LINE: f64 = 2.0;
/// Steps of the solver at most, and the part of the first residual's square that is small enough.
const STEPS: usize = 60;
const ENOUGH: f64 = 1e-4;

/// One target: how far a change of the control points should move the curve there.
struct Row {
    spot: Spot,
    shares: [f64; 4],
    along: Vec2,
    weight: f64,
}

impl Row {
    /// A distance, as it counts.
    fn weighed(&self, off: Vec2) -> Vec2 {
        (off - self.along * (off.dot(self.along) * (1.0 - ALONG))) * self.weight
    }
}

/// One frame's targets.
pub struct Equations {
    /// The keys that make the frame, by their number among the unknown ones, and their shares.
    parts: [(Option<usize>, f64); 2],
    rows: Vec<Row>,
    /// The right side, for the frame's own control points.
    wanted: Controls,
}

impl Equations {
    /// For a curve as it is on the frame.
    pub fn new(
        parts: [(Option<usize>, f64); 2],
        curve: &[Vec2],
        targets: &[Target],
        tolerance_px: f64,
    ) -> Self {
        let mut wanted = vec![Vec2::ZERO; curve.len()];
        let row = |target: &Target| {
            let spot = Spot::new(target.u, curve.len() / 3);
            let off = target.place.to_vec2() - spot.on(curve);
            let slope = spot.slopes(curve)[0];
            let row = Row {
                spot,
                shares: spot.shares(),
                along: slope / slope.hypot().max(1e-9),
                weight: 1.0 + (FAR * (off.hypot() / tolerance_px).powi(2)).min(FARTHEST),
            };
            spot.spread(row.shares, row.weighed(off), &mut wanted);
            row
        };
        let rows = targets.iter().map(row).collect();
        Equations { parts, rows, wanted }
    }

    /// What changes of the keys do to the targets, for the frame's own control points.
    fn applied(&self, changes: &[Controls]) -> Controls {
        let mut frame = vec![Vec2::ZERO; self.wanted.len()];
        for (k, share) in self.unknown() {
            frame.iter_mut().zip(&changes[k]).for_each(|(sum, v)| *sum += *v * share);
        }
        let mut out = vec![Vec2::ZERO; frame.len()];
        for row in &self.rows {
            row.spot.spread(row.shares, row.weighed(row.spot.sum(row.shares, &frame)), &mut out);
        }
        out
    }

    /// Adds what is the frame's to its keys.
    fn add(&self, frame: &[Vec2], sums: &mut [Controls]) {
        for (k, share) in self.unknown() {
            sums[k].iter_mut().zip(frame).for_each(|(sum, v)| *sum += *v * share);
        }
    }

    fn unknown(&self) -> impl Iterator<Item = (usize, f64)> {
        self.parts.into_iter().filter_map(|(k, share)| Some((k.filter(|_| share > 0.0)?, share)))
    }
}

/// A control point that should stay between the ends of its handles, as these are in line.
pub struct Line {
    key: usize,
    point: usize,
    /// Of the handle out of the point.
    share: f64,
}

impl Line {
    /// Of the point with this number, as its handles' lengths are.
    pub fn new(key: usize, point: usize, controls: &[Vec2]) -> Self {
        let [into, out] = [1, 2].map(|h| (controls[3 * point + h] - controls[3 * point]).hypot());
        Line { key, point, share: if into + out > 1e-9 { into / (into + out) } else { 0.5 } }
    }

    /// Adds what the point's distance from its place costs.
    fn add(&self, controls: &[Controls], times: f64, sums: &mut [Controls]) {
        let i = 3 * self.point;
        let shares = [1.0, self.share - 1.0, -self.share];
        let off = (0..3).map(|h| controls[self.key][i + h] * shares[h]).fold(Vec2::ZERO, |sum, v| sum + v);
        for (h, share) in shares.into_iter().enumerate() {
            sums[self.key][i + h] += off * (share * IN_LINE * times);
        }
    }
}

/// How the keys `now` should change, by conjugate gradients.
pub fn changes(frames: &[Equations], lines: &[Line], now: &[Controls]) -> Vec<Controls> {
    let zero: Vec<Controls> = now.iter().map(|c| vec![Vec2::ZERO; c.len()]).collect();
    let multiply = |x: &[Controls]| {
        let mut out: Vec<Controls> = x.iter().map(|c| c.iter().map(|v| *v * DAMPING).collect()).collect();
        let parts: Vec<Controls> = frames.par_iter().map(|f| f.applied(x)).collect();
        frames.iter().zip(&parts).for_each(|(f, part)| f.add(part, &mut out));
        lines.iter().for_each(|l| l.add(x, 1.0, &mut out));
        out
    };
    let mut residual = zero.clone();
    frames.iter().for_each(|f| f.add(&f.wanted, &mut residual));
    lines.iter().for_each(|l| l.add(now, -1.0, &mut residual));
    let mut out = zero;
    let mut direction = residual.clone();
    let mut size = dot(&residual, &residual);
    let enough = (ENOUGH * size).max(1e-12);
    for _ in 0..STEPS {
        if size <= enough {
            break;
        }
        let image = multiply(&direction);
        let step = size / dot(&direction, &image);
        add(&mut out, &direction, step);
        add(&mut residual, &image, -step);
        let new = dot(&residual, &residual);
        let keep = new / size;
        for (d, r) in direction.iter_mut().flatten().zip(residual.iter().flatten()) {
            *d = *r + *d * keep;
        }
        size = new;
    }
    out
}

fn dot(a: &[Controls], b: &[Controls]) -> f64 {
    a.iter().flatten().zip(b.iter().flatten()).map(|(p, q)| p.dot(*q)).sum()
}

fn add(to: &mut [Controls], values: &[Controls], times: f64) {
    to.iter_mut().flatten().zip(values.iter().flatten()).for_each(|(sum, v)| *sum += *v * times);
}
