//! Dense contours of rendered shots, the truth that curves are held against.

use std::error::Error;

use serde_json::Value;
use shapes::outline::Outline;
use shapes::{Point, Shape};

/// Places looked at on each segment of a curve.
const PLACES: usize = 32;

/// A dense contour of the truth.
#[derive(Clone, Debug)]
pub struct Contour {
    xy: Vec<[f64; 2]>,
    seen: Vec<bool>,
    closed: bool,
    /// Distance along it of each vertex, and of the end.
    arc: Vec<f64>,
}

impl Contour {
    /// Of `frames.N.contours.SHAPE` of a gt.json.
    pub fn new(value: &Value) -> Result<Self, Box<dyn Error>> {
        let xy: Vec<[f64; 2]> = serde_json::from_value(value["xy"].clone())?;
        let closed = value["closed"].as_bool().unwrap_or(true);
        let seen = match value["visible"].as_str() {
            Some(digits) => digits.chars().map(|d| d == '1').collect(),
            None => vec![true; xy.len()],
        };
        let pieces = if closed { xy.len() } else { xy.len() - 1 };
        let mut arc = vec![0.0];
        for i in 0..pieces {
            let (a, b) = (xy[i], xy[(i + 1) % xy.len()]);
            arc.push(arc[i] + (b[0] - a[0]).hypot(b[1] - a[1]));
        }
        Ok(Contour { xy, seen, closed, arc })
    }

    /// Of each point whose vertex is seen; none where less than half of the contour is.
    pub fn slides(&self, shape: &Shape, frame: f64, vertices: &[usize]) -> Vec<f64> {
        if !self.is_seen() {
            return Vec::new();
        }
        let points = shape.points_at(frame);
        let seen = points.iter().zip(vertices).filter(|(_, v)| self.seen.get(**v) == Some(&true));
        seen.map(|(p, v)| self.along([p.x, p.y], *v)).collect()
    }

    /// Whether at least half of it is seen.
    pub fn is_seen(&self) -> bool {
        2 * self.seen.iter().filter(|s| **s).count() >= self.seen.len()
    }

    /// Whether it is closed and has no area, as an eye that is shut.
    pub fn is_shut(&self) -> bool {
        let next = self.xy.iter().cycle().skip(1);
        let area: f64 = self.xy.iter().zip(next).map(|(a, b)| a[0] * b[1] - a[1] * b[0]).sum();
        self.closed && area.abs() < 1.0
    }

    /// Mean distance of the shape's curve from the contour, px, where that is seen; `None` where less than half is.
    pub fn mean_px(&self, shape: &Shape, frame: f64) -> Option<f64> {
        let far = self.off_curve(&curve(&shape.points_at(frame), self.closed));
        (self.is_seen() && !far.is_empty()).then(|| far.iter().sum::<f64>() / far.len() as f64)
    }

    /// Distances between the shape's curve and the seen part of the contour, px, both ways; `None` where less than half is seen.
    pub fn distances_px(&self, shape: &Shape, frame: f64) -> Option<Vec<f64>> {
        let curve = curve(&shape.points_at(frame), self.closed);
        if !self.is_seen() || curve.is_empty() {
            return None;
        }
        let mut far = self.off_curve(&curve);
        let seen = self.xy.iter().zip(&self.seen).filter(|(_, seen)| **seen);
        far.extend(seen.map(|(v, _)| {
            curve.iter().map(|p| (p[0] - v[0]).hypot(p[1] - v[1])).fold(f64::INFINITY, f64::min)
        }));
        Some(far)
    }

    /// Of places of a curve whose nearest part of the contour is seen.
    fn off_curve(&self, curve: &[[f64; 2]]) -> Vec<f64> {
        let far = |p: &[f64; 2]| {
            let (piece, _, far) = self.pieces(*p).min_by(|a, b| a.2.total_cmp(&b.2))?;
            self.seen[piece].then_some(far)
        };
        curve.iter().filter_map(far).collect()
    }

    /// For every straight piece of the contour: its number, where on it (0 to 1) the place nearest to `p` lies, and how far
    /// that is, px.
    fn pieces(&self, p: [f64; 2]) -> impl Iterator<Item = (usize, f64, f64)> {
        (0..self.arc.len() - 1).map(move |i| {
            let (a, b) = (self.xy[i], self.xy[(i + 1) % self.xy.len()]);
            let (d, q) = ([b[0] - a[0], b[1] - a[1]], [p[0] - a[0], p[1] - a[1]]);
            let square = (d[0] * d[0] + d[1] * d[1]).max(1e-12);
            let t = ((d[0] * q[0] + d[1] * q[1]) / square).clamp(0.0, 1.0);
            (i, t, (q[0] - d[0] * t).hypot(q[1] - d[1] * t))
        })
    }

    /// The distance along the contour from a vertex to the place nearest to `p`, px. Of places equally near, as where an
    /// eye is shut, the one nearest to the vertex counts.
    fn along(&self, p: [f64; 2], vertex: usize) -> f64 {
        let length = self.arc[self.arc.len() - 1];
        let places: Vec<(f64, f64)> = self
            .pieces(p)
            .map(|(i, t, far)| {
                let mut along = (self.arc[i] + (self.arc[i + 1] - self.arc[i]) * t - self.arc[vertex]).abs();
                if self.closed {
                    along = along.min(length - along);
                }
                (far, along)
            })
            .collect();
        let nearest = places.iter().map(|p| p.0).fold(f64::MAX, f64::min);
        places.iter().filter(|p| p.0 <= nearest + 0.05).map(|p| p.1).fold(f64::MAX, f64::min)
    }
}

/// Places along a shape's curve.
fn curve(points: &[Point], closed: bool) -> Vec<[f64; 2]> {
    let samples = Outline::new(points, closed).samples_by_count(&vec![PLACES; points.len()]);
    samples.iter().map(|s| [s.position.x, s.position.y]).collect()
}
