//! Curves to polygons, in raster px.

use kurbo::{Affine, CubicBez, ParamCurve, ParamCurveDeriv, Point, Vec2};

use crate::spline::Outline;

/// How far a polygon may lie off its curve for coverage within 1/512, raster px. An edge this far off takes at most this much
/// times its length there from a pixel; a tip has two edges.
pub const TOLERANCE_PX: f64 = 1.0 / 1024.0;
/// Most edges of one segment.
const MOST: f64 = 4096.0;
/// Most parts of a segment that have a number of edges each.
const MOST_PARTS: usize = 16;
/// Edges of a segment from which on its vertices lie beside the curve.
const MANY: usize = 24;
/// Places that are worked out at once.
const ABREAST: usize = 8;
/// Parts that turn by less, as the sine of an angle, may have such vertices: not cusps and what is near them.
const GENTLE: f64 = 0.25;
/// By how much these may be farther off, from end to end of each: less than 2, for how far vertices are moved along the curve.
const TWO_SIDED: f64 = 1.8;

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

/// Calls `visit` with the vertices of curves' polygon after `map`, all but the last curve's end.
#[inline(always)]
pub(super) fn polygon(curves: &[CubicBez], map: Affine, tolerance_px: f64, mut visit: impl FnMut([f64; 2])) {
    for curve in curves {
        cut(map * *curve, tolerance_px, 1, |_, p| visit([p.x, p.y]));
    }
}

/// Wang's bound: a curve's distance from its chords falls with the square of their number.
#[inline(always)]
fn chords_for(bend: f64, tolerance_px: f64, most: f64) -> usize {
    let n = (0.75 * bend / tolerance_px.max(1e-9)).sqrt().ceil();
    if n.is_finite() { n.clamp(1.0, most) as usize } else { 1 }
}

/// Calls `visit` with parameter and place of the vertices that keep a polygon within `tolerance_px` of the curve, `least` at
/// least, but for its end. They are the very same places from either end of the curve, so that shapes that share an edge
/// share its vertices.
///
/// Chords between places on a curve all lie on its inner side. So where there are many and the curve turns gently, the
/// vertices are moved out by half of what the chords are off, and chords may be off by nearly twice as much: that takes
/// fewer of them, whose errors cancel.
#[inline(always)]
fn cut(curve: CubicBez, tolerance_px: f64, least: usize, mut visit: impl FnMut(f64, Point)) {
    let CubicBez { p0, p1, p2, p3 } = curve;
    let bends = [p0 - p1 - (p1 - p2), p1 - p2 - (p2 - p3)];
    let chords = chords_for(bends[0].hypot().max(bends[1].hypot()), tolerance_px, MOST);
    let parts = (chords / 8).clamp(1, MOST_PARTS);
    let mut bend = [(0.0, 0.0); MOST_PARTS];
    let bend = &mut bend[..parts];
    for (part, bend) in bend.iter_mut().enumerate().filter(|_| parts > 1) {
        let [from, to] = [part, part + 1].map(|i| i as f64 / parts as f64);
        *bend = bend_across(&curve, bends, from, to);
    }
    let mut counts = [chords.max(least); MOST_PARTS];
    let mut count = |tolerance_px: f64| {
        for (count, (bend, _)) in counts.iter_mut().zip(&*bend).filter(|_| parts > 1) {
            *count = chords_for(*bend, tolerance_px, MOST / MOST_PARTS as f64).max(least.div_ceil(parts));
        }
        counts
    };
    let two_sided = count(TWO_SIDED * tolerance_px);
    let many = two_sided[..parts].iter().sum::<usize>() >= MANY;
    let moves = many && bend.iter().all(|(_, off)| *off < GENTLE);
    let counts = if moves { two_sided } else { count(tolerance_px) };
    let places = Places { curve, bends, moved: if moves { 0.375 } else { 0.0 } };
    let mut before = 0;
    for (part, &chords) in counts[..parts].iter().enumerate() {
        let (first, whole) = ((part * chords) as f64, (parts * chords) as f64);
        // The ends of the curve stay; the chords there are halved instead. Between parts the longer chord counts.
        let chord = if part == 0 { 0.0 } else { 1.0 / (parts * chords.min(before)) as f64 };
        places.visit([first], 1, whole, chord, &mut visit);
        let chord = 1.0 / whole;
        if moves && part == 0 {
            places.visit([0.5], 1, whole, chord, &mut visit);
        }
        for i in (1..chords).step_by(ABREAST) {
            let done = std::array::from_fn::<_, ABREAST, _>(|k| first + (i + k) as f64);
            places.visit(done, chords - i, whole, chord, &mut visit);
        }
        if moves && part + 1 == parts {
            places.visit([whole - 0.5], 1, whole, chord, &mut visit);
        }
        before = chords;
    }
}

/// Places on a curve, or beside it.
struct Places {
    curve: CubicBez,
    bends: [Vec2; 2],
    /// How far they are moved out, in second differences of the curve and squares of a chord.
    moved: f64,
}

impl Places {
    /// Visits places so many chords on where the whole curve has so many, at most `count` of them, moved as a chord of
    /// such a share of the curve asks.
    #[inline(always)]
    fn visit<const N: usize>(
        &self,
        done: [f64; N],
        count: usize,
        whole: f64,
        chord: f64,
        visit: &mut impl FnMut(f64, Point),
    ) {
        let Places { curve: CubicBez { p0, p1, p2, p3 }, bends: [b, c], moved } = *self;
        let out = moved * chord * chord;
        let (mut ts, mut xs, mut ys) = ([0.0; N], [0.0; N], [0.0; N]);
        for i in 0..N {
            // Divided, so that the curve's ends are its very ends.
            let (s, t) = ((whole - done[i]) / whole, done[i] / whole);
            let weights = [s * s * s, 3.0 * (s * s) * t, 3.0 * (t * t) * s, t * t * t];
            let sum = |p: [f64; 4], bend: [f64; 2]| {
                let at = (weights[0] * p[0] + weights[3] * p[3]) + (weights[1] * p[1] + weights[2] * p[2]);
                at - out * (s * bend[0] + t * bend[1])
            };
            ts[i] = t;
            xs[i] = sum([p0.x, p1.x, p2.x, p3.x], [b.x, c.x]);
            ys[i] = sum([p0.y, p1.y, p2.y, p3.y], [b.y, c.y]);
        }
        for i in 0..N.min(count) {
            visit(ts[i], Point::new(xs[i], ys[i]));
        }
    }
}

/// How much a part of a curve bends across its direction: Wang's bound without the speeding up and slowing down along a
/// part that is nearly straight, which moves no chord off the curve. With it how far the part turns off its chord, as the sine
/// of an angle.
#[inline(always)]
fn bend_across(curve: &CubicBez, bends: [Vec2; 2], from: f64, to: f64) -> (f64, f64) {
    let chord = curve.eval(to) - curve.eval(from);
    let length = chord.hypot();
    let [a, b] = [from, to].map(|t| bends[0].lerp(bends[1], t));
    let size = (to - from).powi(2);
    if length < 1e-9 {
        return (size * a.hypot().max(b.hypot()), 1.0);
    }
    let along = chord / length;
    // The directions that the part's own control points span, as the sine of their angle with the chord.
    let [start, end] = [from, to].map(|t| curve.deriv().eval(t).to_vec2() / 3.0);
    let middle = start + (to - from) * a;
    let off =
        [start, middle, end].map(|v| if v.dot(along) > 0.0 { v.cross(along).abs() / v.hypot() } else { 1.0 });
    let across = a.cross(along).abs().max(b.cross(along).abs());
    let forward = a.dot(along).abs().max(b.dot(along).abs());
    let off = off[0].max(off[1]).max(off[2]);
    (size * (across + forward * off), off)
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
            for (i, pair) in vertices.windows(2).enumerate() {
                // Vertices may also be moved along the curve.
                let near = &vertices[i.saturating_sub(2)..(i + 4).min(vertices.len())];
                for k in 0..8 {
                    let t = pair[0].0 + (pair[1].0 - pair[0].0) * f64::from(k) / 8.0;
                    let lines = near.windows(2).map(|w| Line::new(w[0].1, w[1].1));
                    let off = lines.map(|l| l.nearest(curve.eval(t), 1e-9).distance_sq.sqrt());
                    let off = off.fold(f64::MAX, f64::min);
                    prop_assert!(off <= tolerance * 1.0001, "{off} at {t}: {} of {tolerance}, {} vertices", off / tolerance, vertices.len());
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
            for v in flatten(&there, Affine::IDENTITY, |_| 0.0).iter().filter(|v| v.t == 0.0) {
                prop_assert_eq!(v.at, there.segments()[v.segment].p0);
            }
        }
    }

    fn corner(at: (f64, f64), handle: (f64, f64)) -> shapes::Point {
        let out = [handle.0 - 150.0, handle.1 - 150.0];
        shapes::Point::new(at.0, at.1, [0.3 * out[0], -0.5 * out[1]], out)
    }
}
