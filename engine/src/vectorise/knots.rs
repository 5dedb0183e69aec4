//! The control points that all frames of a part have.

use kurbo::Vec2;
use rayon::prelude::*;

use super::around::{Around, carried, unit};
use super::contour::Loop;
use super::fit::{Fitted, fit};
use super::joint::{Start, Target};

/// Places that are followed from frame to frame: one for so many px of the longest contour, at most so many.
const PLACE_PX: f64 = 3.0;
const MOST_PLACES: usize = 240;
/// Control points at first.
const FIRST: usize = 4;
/// The most control points of a part.
const MOST: usize = 400;
/// Cosine of the turn from which on a control point is a corner.
const CORNER: f64 = 0.6;
/// Cosine of the angle up to which handles are laid in line.
const SMOOTH: f64 = 0.9;
/// A span is cut no nearer to its ends than this share of it.
const MARGIN: f64 = 0.1;
/// A span shorter than this is cut no more, in followed places.
const SHORTEST: f64 = 0.3;

/// A part's contours, with places that are the same on all of them.
pub struct Followed {
    arounds: Vec<Around>,
    /// For each frame, where each followed place is; ascending, within a turn.
    places: Vec<Vec<f64>>,
}

impl Followed {
    /// Follows places from the longest contour both ways.
    pub fn new<'l>(loops: impl IntoIterator<Item = &'l Loop>) -> Self {
        let arounds: Vec<Around> = loops.into_iter().map(Around::new).collect();
        let longest = (0..arounds.len()).max_by_key(|i| arounds[*i].len()).unwrap_or(0);
        let length = arounds[longest].len() as f64;
        let count = ((length / PLACE_PX).ceil() as usize).clamp(FIRST, MOST_PLACES);
        let mut places = vec![Vec::new(); arounds.len()];
        places[longest] = (0..count).map(|k| length * k as f64 / count as f64).collect();
        for i in longest + 1..arounds.len() {
            places[i] = carried(&arounds[i - 1], &places[i - 1], &arounds[i]);
        }
        for i in (0..longest).rev() {
            places[i] = carried(&arounds[i + 1], &places[i + 1], &arounds[i]);
        }
        Followed { arounds, places }
    }

    fn count(&self) -> f64 {
        self.places[0].len() as f64
    }

    /// Where a followed place, or one between two, is on a frame.
    fn at(&self, frame: usize, place: f64) -> f64 {
        let places = &self.places[frame];
        let n = places.len();
        let turn = (place / n as f64).floor();
        let within = place - turn * n as f64;
        let i = (within as usize).min(n - 1);
        let whole = self.arounds[frame].len() as f64;
        let next = if i + 1 < n { places[i + 1] } else { places[0] + whole };
        places[i] + (next - places[i]) * (within - i as f64) + turn * whole
    }

    /// The place between two that is at `s` on a frame.
    fn place_of(&self, frame: usize, [from, to]: [f64; 2], s: f64) -> f64 {
        let (mut low, mut high) = (from, to);
        for _ in 0..30 {
            let middle = (low + high) / 2.0;
            if self.at(frame, middle) < s { low = middle } else { high = middle }
        }
        (low + high) / 2.0
    }

    /// The directions into a control point and out of it: one, unless it is a corner.
    fn directions(&self, frame: usize, s: f64) -> [Vec2; 2] {
        let [into, out] = self.arounds[frame].directions(s);
        if into.dot(out) < CORNER { [into, out] } else { [unit(into + out); 2] }
    }

    fn fitted(&self, frame: usize, [from, to]: [f64; 2]) -> (Fitted, [f64; 2], usize) {
        let ends = [self.at(frame, from), self.at(frame, to)];
        let places = self.arounds[frame].between(ends[0], ends[1]);
        let (out, into) = (self.directions(frame, ends[0])[1], self.directions(frame, ends[1])[0]);
        (fit(&places, out, into), ends, places.len())
    }

    /// How far a span's curve is off on the worst frame, px, and where it should be cut.
    fn worst(&self, span: [f64; 2]) -> (f64, f64) {
        let on = |frame: usize| {
            let (fitted, [a, b], count) = self.fitted(frame, span);
            let s = a + (b - a) * fitted.worst as f64 / (count - 1) as f64;
            (fitted.off_px, frame, s)
        };
        let all: Vec<(f64, usize, f64)> = (0..self.arounds.len()).into_par_iter().map(on).collect();
        let (off_px, frame, s) = all.into_iter().fold((0.0, 0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
        let margin = MARGIN * (span[1] - span[0]);
        (off_px, self.place_of(frame, span, s).clamp(span[0] + margin, span[1] - margin))
    }

    /// Control points, as places: as few as keep every frame within the tolerance, or so many.
    pub fn knots(&self, tolerance_px: f64, points: Option<usize>) -> Vec<f64> {
        let whole = self.count();
        let most = points.unwrap_or(MOST).clamp(FIRST, MOST);
        let tolerance_px = if points.is_some() { 0.0 } else { tolerance_px };
        let mut knots: Vec<f64> = (0..FIRST).map(|i| whole * i as f64 / FIRST as f64).collect();
        let mut misses: Vec<Option<(f64, f64)>> = vec![None; FIRST];
        while knots.len() < most {
            for (i, miss) in misses.iter_mut().enumerate().filter(|(_, m)| m.is_none()) {
                *miss = Some(self.worst(self.span(&knots, i)));
            }
            let cuts = misses.iter().enumerate().filter_map(|(i, m)| m.map(|(miss, at)| (miss, i, at)));
            let long = |i: usize| {
                let [a, b] = self.span(&knots, i);
                b - a > SHORTEST
            };
            let cut = cuts
                .filter(|(miss, i, _)| *miss > tolerance_px && long(*i))
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let Some((_, i, at)) = cut else { break };
            knots.insert(i + 1, at);
            misses[i] = None;
            misses.insert(i + 1, None);
        }
        if points.is_none() {
            self.prune(&mut knots, tolerance_px);
        }
        knots
    }

    /// From a control point to the next one.
    fn span(&self, knots: &[f64], i: usize) -> [f64; 2] {
        [knots[i], if i + 1 < knots.len() { knots[i + 1] } else { knots[0] + self.count() }]
    }

    /// Takes out control points without which the tolerance is kept too.
    fn prune(&self, knots: &mut Vec<f64>, tolerance_px: f64) {
        let mut i = 1;
        while i < knots.len() && knots.len() > FIRST {
            let without = [knots[i - 1], self.span(knots, i)[1]];
            if self.worst(without).0 <= tolerance_px {
                knots.remove(i);
            } else {
                i += 1;
            }
        }
    }

    /// Where a joint fit starts on a frame: curves fitted to it alone.
    pub fn start(&self, frame: usize, knots: &[f64]) -> Start {
        let n = knots.len();
        let spans: Vec<_> = (0..n).map(|i| self.fitted(frame, self.span(knots, i))).collect();
        let (mut controls, mut smooth, mut targets) = (Vec::new(), Vec::new(), Vec::new());
        for (i, (after, [from, to], count)) in spans.iter().enumerate() {
            let (before, after) = (&spans[(i + n - 1) % n].0.curve, &after.curve);
            let [into, out] = [before.p2 - before.p3, after.p1 - after.p0];
            let in_line = -into.dot(out) >= SMOOTH * into.hypot() * out.hypot();
            let along = unit(out - into);
            let [into, out] =
                if in_line { [-along * into.hypot(), along * out.hypot()] } else { [into, out] };
            let at = after.p0.to_vec2();
            controls.extend([at, at + into, at + out]);
            smooth.push(in_line);
            let places = self.arounds[frame].between(*from, *to);
            let target = |(k, place)| Target { place, u: i as f64 + k as f64 / (count - 1) as f64 };
            targets.extend(places.into_iter().enumerate().take(count - 1).map(target));
        }
        Start { controls, smooth, targets }
    }
}
