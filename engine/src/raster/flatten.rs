//! Curves to polygons, in raster px.

use kurbo::{Affine, CubicBez, ParamCurve, ParamCurveDeriv, Point, Vec2};

use crate::spline::Outline;

/// How far a polygon may lie off its curve for coverage within 1/512, raster px. An edge this far off takes at most this much
/// times its length there from a pixel; a tip has two edges.
pub const TOLERANCE_PX: f64 = 1.0 / 1024.0;
/// Most edges of one segment.
const MOST: f64 = 4096.0;

/// A flattened place: raster px, with the segment and parameter it came from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vertex {
    pub at: Point,
    pub segment: usize,
    pub t: f64,
}

/// The outline's polygon after `map`, within [`TOLERANCE_PX`]. `bend` says of each segment how much else a cubic along it
/// bends, such as a stroke's width, raster px: the largest second difference of its control values. The parameters depend
/// on the curve alone, never on a window.
pub(super) fn flatten(outline: &Outline, map: Affine, bend: impl Fn(usize) -> f64) -> Vec<Vertex> {
    let mut out = Vec::new();
    for (segment, curve) in outline.segments().iter().enumerate() {
        let least = chords_for(bend(segment), TOLERANCE_PX, MOST);
        cut(map * *curve, TOLERANCE_PX, least, |t, at| out.push(Vertex { at, segment, t }));
    }
    if let Some(last) = outline.segments().last() {
        out.push(Vertex { at: map * last.p3, segment: outline.segments().len() - 1, t: 1.0 });
    }
    out
}

/// Calls `visit` with the vertices of the outline's polygon after `map`.
pub(super) fn polygon(outline: &Outline, map: Affine, tolerance_px: f64, mut visit: impl FnMut([f64; 2])) {
    for curve in outline.segments() {
        cut(map * *curve, tolerance_px, 1, |_, p| visit([p.x, p.y]));
    }
    if let Some(last) = outline.segments().last() {
        let end = map * last.p3;
        visit([end.x, end.y]);
    }
}

/// Wang's bound: a curve's distance from its chords falls with the square of their number.
fn chords_for(bend: f64, tolerance_px: f64, most: f64) -> usize {
    let n = (0.75 * bend / tolerance_px.max(1e-9)).sqrt().ceil();
    if n.is_finite() { n.clamp(1.0, most) as usize } else { 1 }
}

/// Calls `visit` with parameter and place of the vertices that keep a polygon within `tolerance_px` of the curve, `least` at
/// least, but for its end. They are the very same places from either end of the curve, so that shapes that share an edge
/// share its vertices.
fn cut(curve: CubicBez, tolerance_px: f64, least: usize, mut visit: impl FnMut(f64, Point)) {
    let CubicBez { p0, p1, p2, p3 } = curve;
    let bends = [p0 - p1 - (p1 - p2), p1 - p2 - (p2 - p3)];
    let chords = chords_for(bends[0].hypot().max(bends[1].hypot()), tolerance_px, MOST);
    let parts = (chords / 8).clamp(1, 16);
    for part in 0..parts {
        let (from, to) = (part as f64 / parts as f64, (part + 1) as f64 / parts as f64);
        let chords = if parts == 1 {
            chords
        } else {
            chords_for(bend_across(&curve, bends, from, to), tolerance_px, MOST / 16.0)
        };
        let chords = chords.max(least.div_ceil(parts));
        for i in 0..chords {
            let whole = (parts * chords) as f64;
            let done = part * chords + i;
            let (s, t) = ((parts * chords - done) as f64 / whole, done as f64 / whole);
            let weights = [s * s * s, 3.0 * (s * s) * t, 3.0 * (t * t) * s, t * t * t];
            let sum = |a: f64, b: f64, c: f64, d: f64| {
                (weights[0] * a + weights[3] * d) + (weights[1] * b + weights[2] * c)
            };
            visit(t, Point::new(sum(p0.x, p1.x, p2.x, p3.x), sum(p0.y, p1.y, p2.y, p3.y)));
        }
    }
}

/// How much a part of a curve bends across its direction: Wang's bound without the speeding up and slowing down along a
/// part that is nearly straight, which moves no chord off the curve.
fn bend_across(curve: &CubicBez, bends: [Vec2; 2], from: f64, to: f64) -> f64 {
    let chord = curve.eval(to) - curve.eval(from);
    let length = chord.hypot();
    let [a, b] = [from, to].map(|t| bends[0].lerp(bends[1], t));
    let size = (to - from).powi(2);
    if length < 1e-9 {
        return size * a.hypot().max(b.hypot());
    }
    let along = chord / length;
    // The directions that the part's own control points span, as the sine of their angle with the chord.
    let [start, end] = [from, to].map(|t| curve.deriv().eval(t).to_vec2() / 3.0);
    let middle = start + (to - from) * a;
    let off =
        [start, middle, end].map(|v| if v.dot(along) > 0.0 { v.cross(along).abs() / v.hypot() } else { 1.0 });
    let across = a.cross(along).abs().max(b.cross(along).abs());
    let forward = a.dot(along).abs().max(b.dot(along).abs());
    size * (across + forward * off[0].max(off[1]).max(off[2]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kurbo::{Line, ParamCurveNearest};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_chord_is_further_off_than_allowed(
            p in prop::array::uniform4((0.0..300.0f64, 0.0..300.0f64)), tolerance in 0.001..0.5f64
        ) {
            let curve = CubicBez::new(p[0], p[1], p[2], p[3]);
            let mut vertices = Vec::new();
            cut(curve, tolerance, 1, |t, at| vertices.push((t, at)));
            vertices.push((1.0, curve.p3));
            for pair in vertices.windows(2) {
                let line = Line::new(pair[0].1, pair[1].1);
                for k in 1..8 {
                    let t = pair[0].0 + (pair[1].0 - pair[0].0) * f64::from(k) / 8.0;
                    let off = line.nearest(curve.eval(t), 1e-9).distance_sq.sqrt();
                    prop_assert!(off <= tolerance * 1.0001, "{off} at {t}");
                }
            }
        }

        #[test]
        fn both_ways_give_the_same_vertices(p in prop::array::uniform4((0.0..300.0f64, 0.0..300.0f64))) {
            let there = Outline::new(&[corner(p[0], p[1]), corner(p[2], p[3])], true);
            let mut back: Vec<_> = [corner(p[2], p[3]), corner(p[0], p[1])].into();
            back.iter_mut().for_each(|q| std::mem::swap(&mut q.tangent_in, &mut q.tangent_out));
            let back = Outline::new(&back, true);
            let sorted = |o: &Outline| {
                let mut v: Vec<_> = flatten(o, Affine::IDENTITY, |_| 0.0).iter().map(|v| (v.at.x, v.at.y)).collect();
                v.sort_by(|a, b| a.partial_cmp(b).unwrap());
                v.dedup();
                v
            };
            prop_assert_eq!(sorted(&there), sorted(&back));
        }
    }

    fn corner(at: (f64, f64), handle: (f64, f64)) -> shapes::Point {
        let out = [handle.0 - 150.0, handle.1 - 150.0];
        shapes::Point::new(at.0, at.1, [0.3 * out[0], -0.5 * out[1]], out)
    }
}
