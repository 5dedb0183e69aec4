//! Keyed control points that fit the contours of all frames at once.

use std::ops::Range;

use kurbo::{Point, Vec2};
use rayon::prelude::*;

use super::curve::{Controls, Spot};
use super::fit::off_px;
use super::solve::{Equations, Line};

/// How far a target's parameter may move in a step, segments.
const STEP: f64 = 0.25;
/// Steps of each target between two solutions.
const STEPS: usize = 2;
/// No stretch of the curve that is longer than this is without a target, segments.
const GAP: f64 = 0.1;

/// A place of a contour, and where on the curve it is.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The place, px.
    pub place: Point,
    /// Number of the segment and the parameter on it, added; ascending around the contour.
    pub u: f64,
}

/// A contour by its targets, and a curve's start on it.
#[derive(Clone, Debug)]
pub struct Start {
    pub controls: Controls,
    /// Whether the handles of each control point are in line.
    pub smooth: Vec<bool>,
    pub targets: Vec<Target>,
}

/// A closed spline that goes straight from key to key, and the contours that it should be.
#[derive(Clone, Debug)]
pub struct Joint {
    /// Of each frame.
    targets: Vec<Vec<Target>>,
    smooth: Vec<Vec<bool>>,
    /// Frames with a key, ascending: all at first. The first and the last one stay.
    pub keys: Vec<usize>,
    /// Of each key.
    pub controls: Vec<Controls>,
}

impl Joint {
    /// With a key on each frame.
    pub fn new(frames: Vec<Start>) -> Self {
        let keys = (0..frames.len()).collect();
        let mut joint = Joint { targets: Vec::new(), smooth: Vec::new(), keys, controls: Vec::new() };
        for frame in frames {
            joint.targets.push(frame.targets);
            joint.smooth.push(frame.smooth);
            joint.controls.push(frame.controls);
        }
        joint
    }

    /// Number of frames.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// The keys that make a frame, and their shares.
    fn parts(&self, frame: usize) -> [(usize, f64); 2] {
        let after = self.keys.partition_point(|k| *k < frame).min(self.keys.len() - 1);
        let before = after.saturating_sub(1);
        let [from, to] = [before, after].map(|k| self.keys[k]);
        let share = if to > from { (frame.min(to) - from) as f64 / (to - from) as f64 } else { 1.0 };
        [(before, 1.0 - share), (after, share)]
    }

    /// The control points on a frame.
    fn at(&self, frame: usize) -> Controls {
        let [(a, u), (b, v)] = self.parts(frame);
        self.controls[a].iter().zip(&self.controls[b]).map(|(p, q)| *p * u + *q * v).collect()
    }

    /// Frames that some of the keys shape.
    pub fn shaped_by(&self, keys: &Range<usize>) -> Range<usize> {
        let from = if keys.start == 0 { 0 } else { self.keys[keys.start - 1] + 1 };
        from..self.keys.get(keys.end).copied().unwrap_or(self.len())
    }

    /// Targets of some frames, to be put back by [`Joint::put_back`].
    pub fn targets(&self, frames: Range<usize>) -> Vec<Vec<Target>> {
        self.targets[frames].to_vec()
    }

    /// Targets from the frame `first` on as they were.
    pub fn put_back(&mut self, first: usize, targets: Vec<Vec<Target>>) {
        self.targets.iter_mut().skip(first).zip(targets).for_each(|(old, new)| *old = new);
    }

    /// How far off the curve is on a frame, px ([`off_px`]).
    pub fn off_px(&self, frame: usize) -> f64 {
        let controls = self.at(frame);
        let n = controls.len() / 3;
        let miss = |t: &Target| (Spot::new(t.u, n).on(&controls) - t.place.to_vec2()).hypot();
        off_px(&without_gaps(&self.targets[frame], n).iter().map(miss).collect::<Vec<_>>())
    }

    /// Moves targets' parameters to where the curve is nearest, by Newton's method, in their order.
    pub fn slide(&mut self, frames: Range<usize>) {
        let curves: Vec<Controls> = frames.clone().map(|f| self.at(f)).collect();
        self.targets[frames].par_iter_mut().zip(&curves).for_each(|(targets, controls)| {
            let n = controls.len() / 3;
            for target in targets.iter_mut() {
                for _ in 0..STEPS {
                    let spot = Spot::new(target.u, n);
                    let off = spot.on(controls) - target.place.to_vec2();
                    let [d, dd] = spot.slopes(controls);
                    let slope = d.hypot2() + off.dot(dd).max(-0.5 * d.hypot2());
                    if slope > 1e-9 {
                        target.u -= (off.dot(d) / slope).clamp(-STEP, STEP);
                    }
                }
            }
            in_order(targets);
        });
    }

    /// Fits the keys `free` to all frames that they shape, the other keys as they are, and slides the targets there. Points may slide
    /// along the contours: least squares of the distances across the curve (Wang, Pottmann and Liu 2006), those
    /// that are large beside `tolerance_px` counting more.
    pub fn fit(&mut self, free: Range<usize>, tolerance_px: f64) {
        let frames = self.shaped_by(&free);
        let equations = |f: usize| {
            let parts = self.parts(f).map(|(k, share)| {
                let unknown = free.contains(&k).then(|| k - free.start);
                (unknown, share)
            });
            let controls = self.at(f);
            let targets = without_gaps(&self.targets[f], controls.len() / 3);
            Equations::new(parts, &controls, &targets, tolerance_px)
        };
        let equations: Vec<Equations> = frames.clone().into_par_iter().map(equations).collect();
        let mut lines = Vec::new();
        for (unknown, k) in free.clone().enumerate() {
            let smooth = &self.smooth[self.keys[k]];
            let points = (0..smooth.len()).filter(|i| smooth[*i]);
            lines.extend(points.map(|i| Line::new(unknown, i, &self.controls[k])));
        }
        let changes = super::solve::changes(&equations, &lines, &self.controls[free.clone()]);
        for (controls, change) in self.controls[free].iter_mut().zip(changes) {
            if change.iter().all(|v| v.is_finite()) {
                controls.iter_mut().zip(change).for_each(|(c, v): (&mut Vec2, Vec2)| *c += v);
            }
        }
        self.slide(frames);
    }
}

/// Targets with others between them where the curve goes on without one: no loop of it has none.
fn without_gaps(targets: &[Target], points: usize) -> Vec<Target> {
    let mut out = Vec::with_capacity(2 * targets.len());
    let turn = targets.first().map(|t| Target { u: t.u + points as f64, ..*t });
    for (target, next) in targets.iter().zip(targets.iter().skip(1).chain(&turn)) {
        let count = ((next.u - target.u) / GAP).clamp(1.0, points as f64 / GAP).ceil() as usize;
        out.extend((0..count).map(|k| {
            let share = k as f64 / count as f64;
            Target { place: target.place.lerp(next.place, share), u: target.u + (next.u - target.u) * share }
        }));
    }
    out
}

/// Makes parameters ascend by the least change (pool adjacent violators, Ayer and others 1955): what has slid past its neighbours
/// comes back.
fn in_order(targets: &mut [Target]) {
    let mut pools: Vec<(f64, usize)> = Vec::with_capacity(targets.len());
    for target in targets.iter() {
        let mut pool = (target.u, 1);
        while let Some((u, count)) = pools.pop_if(|last| last.0 > pool.0) {
            let both = count + pool.1;
            pool = ((u * count as f64 + pool.0 * pool.1 as f64) / both as f64, both);
        }
        pools.push(pool);
    }
    let all = pools.into_iter().flat_map(|(u, count)| std::iter::repeat_n(u, count));
    targets.iter_mut().zip(all).for_each(|(target, u)| target.u = u);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_slid_past_comes_back() {
        let mut targets = [0.5, 2.0, 1.0, 1.5, 3.0].map(|u| Target { place: Point::ZERO, u });
        in_order(&mut targets);
        let us: Vec<f64> = targets.iter().map(|t| t.u).collect();
        assert_eq!(us, [0.5, 1.5, 1.5, 1.5, 3.0]);
    }

    #[test]
    fn every_stretch_of_the_curve_has_a_target() {
        let targets = [0.0, 0.95, 1.0, 2.9].map(|u| Target { place: Point::new(u, 0.0), u });
        let all = without_gaps(&targets, 3);
        assert!(all.windows(2).all(|w| w[1].u > w[0].u && w[1].u - w[0].u <= GAP + 1e-9));
        assert!(all.iter().all(|t| t.u > 2.9 || (t.place.x - t.u).abs() < 1e-9));
        assert!(all[all.len() - 1].u >= 2.9 && all.len() < 40);
    }

    /// A circle of four points around (20 + 3 f, 20), each frame begun elsewhere along the contour.
    fn circle(frame: usize) -> Start {
        let (r, handle) = (10.0, 10.0 * 0.5523);
        let centre = Vec2::new(20.0 + 3.0 * frame as f64, 20.0);
        let begun = 0.2 * (frame as f64 * 1.7).sin();
        let at = |a: f64| (Vec2::from_angle(a), Vec2::from_angle(a + std::f64::consts::FRAC_PI_2));
        let controls = (0..4).flat_map(|i| {
            let (out, along) = at(f64::from(i) * std::f64::consts::FRAC_PI_2 + begun);
            [out * r, out * r - along * handle, out * r + along * handle].map(|v| centre + v)
        });
        let target = |k: usize| {
            let u = k as f64 / 20.0;
            let place = (centre + at(u * std::f64::consts::FRAC_PI_2 + begun).0 * r).to_point();
            Target { place, u }
        };
        Start { controls: controls.collect(), smooth: vec![true; 4], targets: (0..80).map(target).collect() }
    }

    #[test]
    fn points_slide_so_that_frames_between_keys_fit() {
        let mut joint = Joint::new((0..7).map(circle).collect());
        joint.keys = vec![0, 6];
        joint.controls = vec![joint.controls[0].clone(), joint.controls[6].clone()];
        joint.slide(0..7);
        for _ in 0..8 {
            joint.fit(0..2, 1.0);
        }
        for f in 0..7 {
            assert!(joint.off_px(f) < 0.1, "{f}: {}", joint.off_px(f));
        }
        assert_eq!(joint.shaped_by(&(0..1)), 0..6);
        assert_eq!(joint.shaped_by(&(1..2)), 1..7);
    }
}
