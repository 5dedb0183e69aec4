//! A shape's contour as the solver carries it: samples at fixed parameters.

use kurbo::{Point, Vec2};
use shapes::Shape;

use crate::spline::{Outline, Sample, refit};

/// Distance between samples, px, unless the shape is so long that there would be too many.
const SPACING_PX: f64 = 3.0;
/// About the most samples of a contour.
const MOST: f64 = 400.0;
/// Fewest samples of a segment.
const LEAST: usize = 3;

/// The sampling of one shape, the same for all of its keys.
#[derive(Clone, Debug)]
pub(super) struct Sampling {
    counts: Vec<usize>,
    pub closed: bool,
}

impl Sampling {
    /// Dense enough for every one of the artist's keys. Keys of an earlier solve do not count, so solving twice gives
    /// the same.
    pub fn new(shape: &Shape) -> Self {
        let outlines: Vec<Outline> =
            shape.artists_keys().map(|k| Outline::new(&k.points, shape.closed)).collect();
        let longest = outlines.iter().map(Outline::length_px).fold(0.0, f64::max);
        let spacing = SPACING_PX.max(longest / MOST);
        let segments = outlines.first().map_or(0, |o| o.segments().len());
        let mut counts = vec![LEAST; segments];
        for outline in &outlines {
            for s in outline.samples(spacing, LEAST).chunk_by(|a, b| a.segment == b.segment) {
                let n = s.iter().filter(|s| s.t < 1.0).count();
                if let Some(c) = s.first().and_then(|first| counts.get_mut(first.segment)) {
                    *c = n.max(*c);
                }
            }
        }
        Sampling { counts, closed: shape.closed }
    }

    /// The samples of control points.
    pub fn samples(&self, points: &[shapes::Point]) -> Vec<Sample> {
        Outline::new(points, self.closed).samples_by_count(&self.counts)
    }
}

/// A key, ready to be carried elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Carrier {
    points: Vec<shapes::Point>,
    samples: Vec<Sample>,
    closed: bool,
}

impl Carrier {
    pub fn new(points: &[shapes::Point], sampling: &Sampling) -> Self {
        Carrier { points: points.to_vec(), samples: sampling.samples(points), closed: sampling.closed }
    }

    pub fn positions(&self) -> Vec<Point> {
        self.samples.iter().map(|s| s.position).collect()
    }

    /// The key's points carried to where its samples went, handles and feather turned and scaled as the curve
    /// about each point.
    pub fn guide(&self, moved: &[Point]) -> Vec<shapes::Point> {
        let segments = self.samples.last().map_or(0, |s| s.segment + 1);
        let mut out = self.points.clone();
        for (k, p) in out.iter_mut().enumerate() {
            let own = |s: &Sample| {
                (s.segment == k && s.t == 0.0) || (!self.closed && s.segment + 1 == k && s.t == 1.0)
            };
            let Some(here) = self.samples.iter().position(own).filter(|i| *i < moved.len()) else { continue };
            let before = if k > 0 {
                k - 1
            } else if self.closed {
                segments.saturating_sub(1)
            } else {
                k
            };
            let (mut dot, mut cross, mut size) = (0.0, 0.0, 0.0);
            for (s, m) in self.samples.iter().zip(moved) {
                if s.segment == k || s.segment == before {
                    let (a, b) = (s.position - self.samples[here].position, *m - moved[here]);
                    dot += a.dot(b);
                    cross += a.cross(b);
                    size += a.hypot2();
                }
            }
            let (c, s) = if size > 1e-6 { (dot / size, cross / size) } else { (1.0, 0.0) };
            let turn = |v: [f64; 2]| [c * v[0] - s * v[1], s * v[0] + c * v[1]];
            (p.x, p.y) = (moved[here].x, moved[here].y);
            p.tangent_in = turn(p.tangent_in);
            p.tangent_out = turn(p.tangent_out);
            if let Some(f) = &mut p.feather {
                f.offset = turn(f.offset);
                f.tangent_in = turn(f.tangent_in);
                f.tangent_out = turn(f.tangent_out);
            }
        }
        out
    }

    /// Control points for moved samples, near `guide`.
    pub fn refit(&self, guide: &[shapes::Point], moved: &[Point]) -> Vec<shapes::Point> {
        refit(guide, self.closed, &self.samples, moved)
    }
}

/// Unit normals of a run of samples (to the right of the direction of travel, y down) by central differences.
pub(super) fn normals(positions: &[Point], closed: bool) -> Vec<Vec2> {
    let n = positions.len();
    (0..n)
        .map(|i| {
            let (before, after) = if closed {
                ((i + n - 1) % n, (i + 1) % n)
            } else {
                (i.saturating_sub(1), (i + 1).min(n - 1))
            };
            let along = positions[after] - positions[before];
            let length = along.hypot();
            if length > 1e-9 { Vec2::new(-along.y, along.x) / length } else { Vec2::ZERO }
        })
        .collect()
}

/// Twice the signed area of a closed run of positions; positive when it runs clockwise on the screen.
pub(super) fn doubled_area(positions: &[Point]) -> f64 {
    let n = positions.len();
    (0..n).map(|i| positions[i].to_vec2().cross(positions[(i + 1) % n].to_vec2())).sum()
}
