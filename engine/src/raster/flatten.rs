//! Curves to polygons, in raster px.

use kurbo::{Affine, CubicBez, Point};

use crate::spline::Outline;

/// How far a polygon may lie off its curve for coverage within 1/512 everywhere, raster px. An edge this far off its curve
/// takes at most this much, times the length of the edge in it, from a pixel.
pub const TOLERANCE_PX: f64 = 1.0 / 768.0;
/// Most edges of one segment.
const MOST: f64 = 4096.0;

/// A flattened place: raster px, with the segment and parameter it came from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vertex {
    pub at: Point,
    pub segment: usize,
    pub t: f64,
}

/// The outline's polygon after `map`, within [`TOLERANCE_PX`]. The parameters depend on the curve alone, never on a
/// window.
pub(super) fn flatten(outline: &Outline, map: Affine) -> Vec<Vertex> {
    let mut out = Vec::new();
    for (segment, curve) in outline.segments().iter().enumerate() {
        let chords = Chords::new(map * *curve, TOLERANCE_PX);
        out.extend((0..chords.count).map(|i| Vertex { at: chords.at(i), segment, t: chords.t(i) }));
        if segment + 1 == outline.segments().len() {
            out.push(Vertex { at: chords.curve.p3, segment, t: 1.0 });
        }
    }
    out
}

/// The vertices of the outline's polygon after `map`.
pub(super) fn polygon(outline: &Outline, map: Affine, tolerance_px: f64) -> impl Iterator<Item = [f64; 2]> {
    let end = outline.segments().last().filter(|_| !outline.is_closed()).map(|s| map * s.p3);
    let vertices = outline.segments().iter().flat_map(move |curve| {
        let chords = Chords::new(map * *curve, tolerance_px);
        (0..chords.count).map(move |i| chords.at(i))
    });
    vertices.chain(end).map(|p| [p.x, p.y])
}

/// A segment in pieces of equal parameter.
#[derive(Clone, Copy)]
struct Chords {
    curve: CubicBez,
    count: usize,
}

impl Chords {
    fn new(curve: CubicBez, tolerance_px: f64) -> Self {
        // Wang's bound: a cubic's distance from its chords falls with the square of their number.
        let bend = (curve.p0 - curve.p1 - (curve.p1 - curve.p2))
            .hypot()
            .max((curve.p1 - curve.p2 - (curve.p2 - curve.p3)).hypot());
        let n = (0.75 * bend / tolerance_px.max(1e-9)).sqrt().ceil();
        Chords { curve, count: if n.is_finite() { n.clamp(1.0, MOST) as usize } else { 1 } }
    }

    fn t(&self, i: usize) -> f64 {
        i as f64 / self.count as f64
    }

    /// Where chord `i` begins; the very same place from either end of the curve, so that shapes that share an edge share
    /// its vertices.
    fn at(&self, i: usize) -> Point {
        let CubicBez { p0, p1, p2, p3 } = self.curve;
        let (s, t) = (self.t(self.count - i), self.t(i));
        let weights = [s * s * s, 3.0 * (s * s) * t, 3.0 * (t * t) * s, t * t * t];
        let sum = |a: f64, b: f64, c: f64, d: f64| {
            (weights[0] * a + weights[3] * d) + (weights[1] * b + weights[2] * c)
        };
        Point::new(sum(p0.x, p1.x, p2.x, p3.x), sum(p0.y, p1.y, p2.y, p3.y))
    }
}
