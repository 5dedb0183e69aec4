//! As few keys as a tolerance allows.

use shapes::{Key, Point, Shape};

use crate::spline::Outline;

/// Places looked at on each segment.
const PER_SEGMENT: usize = 6;

/// Drops solver keys with frames strictly between `first` and `last` (and solver keys at neither end of a run of
/// them) wherever linear interpolation of what stays keeps every place of the spline within `tolerance_px` of the
/// dropped key's. Greedy: each kept key is the farthest for which all keys jumped over are within the tolerance, so
/// the bound holds on every key dropped. Artists' keys stay. All points of a shape are keyed together.
pub fn reduce_keys(shape: &Shape, first: f64, last: f64, tolerance_px: f64) -> Shape {
    let mut out = shape.clone();
    if tolerance_px.is_nan() || tolerance_px <= 0.0 || shape.keys.len() < 3 {
        return out;
    }
    let places: Vec<Vec<kurbo::Point>> = shape.keys.iter().map(|k| places(&k.points, shape.closed)).collect();
    let must_stay = |i: usize| {
        let key = &shape.keys[i];
        // What an artist interpolates otherwise than linearly is left as solved on the frame after.
        let after_curve = i > 0 && shape.keys[i - 1].interp != shapes::Interp::Linear;
        key.is_artists()
            || key.frame <= first
            || key.frame >= last
            || after_curve
            || i + 1 == shape.keys.len()
    };
    out.keys.clear();
    let mut at = 0;
    out.keys.push(shape.keys[0].clone());
    while at + 1 < shape.keys.len() {
        let mut next = at + 1;
        while !must_stay(next) && fits(shape, &places, at, next + 1, tolerance_px) {
            next += 1;
        }
        out.keys.push(shape.keys[next].clone());
        at = next;
    }
    out
}

/// Whether all keys between `a` and `b` lie within the tolerance of the line between these two.
fn fits(shape: &Shape, places: &[Vec<kurbo::Point>], a: usize, b: usize, tolerance_px: f64) -> bool {
    let (from, to) = (shape.keys[a].frame, shape.keys[b].frame);
    (a + 1..b).all(|i| {
        let t = (shape.keys[i].frame - from) / (to - from);
        let line = places[a].iter().zip(&places[b]).map(|(p, q)| p.lerp(*q, t));
        line.zip(&places[i]).all(|(p, q)| p.distance(*q) <= tolerance_px)
            && feathers_fit(&shape.keys[a], &shape.keys[i], &shape.keys[b], t, tolerance_px)
    })
}

fn places(points: &[Point], closed: bool) -> Vec<kurbo::Point> {
    let outline = Outline::new(points, closed);
    let counts = vec![PER_SEGMENT; outline.segments().len()];
    outline.samples_by_count(&counts).iter().map(|s| s.position).collect()
}

fn feathers_fit(a: &Key, key: &Key, b: &Key, t: f64, tolerance_px: f64) -> bool {
    let offset = |p: &Point| p.feather.as_ref().map_or([0.0; 2], |f| f.offset);
    let width = |p: &Point| p.width.unwrap_or(0.0);
    a.points.iter().zip(&key.points).zip(&b.points).all(|((a, k), b)| {
        let mix = |x: f64, y: f64| x * (1.0 - t) + y * t;
        let (oa, ok, ob) = (offset(a), offset(k), offset(b));
        let off = (mix(oa[0], ob[0]) - ok[0]).hypot(mix(oa[1], ob[1]) - ok[1]);
        off <= tolerance_px && (mix(width(a), width(b)) - width(k)).abs() <= tolerance_px
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape(xs: &[f64]) -> Shape {
        let keys = xs
            .iter()
            .enumerate()
            .map(|(i, x)| Key {
                confidence: (i > 0).then_some(1.0),
                ..Key::new(i as f64, vec![Point::corner(*x, 0.0), Point::corner(*x + 10.0, 5.0)])
            })
            .collect();
        Shape::new("s", true, keys)
    }

    #[test]
    fn a_straight_line_needs_its_ends() {
        let s = shape(&(0..20).map(|i| f64::from(i) * 1.5).collect::<Vec<_>>());
        let frames: Vec<f64> = reduce_keys(&s, 0.0, 19.0, 0.01).keys.iter().map(|k| k.frame).collect();
        assert_eq!(frames, [0.0, 19.0]);
        assert_eq!(reduce_keys(&s, 0.0, 19.0, 0.0), s);
    }

    proptest! {
        #[test]
        fn the_tolerance_holds(xs in prop::collection::vec(-20.0..20.0f64, 1..40), tolerance in 0.1..15.0f64) {
            let s = shape(&xs);
            let reduced = reduce_keys(&s, 0.0, xs.len() as f64, tolerance);
            prop_assert!(reduced.keys.len() <= s.keys.len());
            for key in &s.keys {
                let near = reduced.points_at(key.frame);
                for (p, q) in near.iter().zip(&key.points) {
                    prop_assert!((p.x - q.x).hypot(p.y - q.y) <= tolerance + 1e-9);
                }
            }
        }
    }
}
