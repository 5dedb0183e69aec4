//! A shape or a track at any time, from its keys.

use crate::key::{Feather, Interp, Point, TrackKey};
use crate::{Extra, Shape, Track};

impl Shape {
    /// The control points at `frame`. Before the first key and after the last one the nearest key holds; empty
    /// only for a shape without keys, which no checked document has.
    pub fn points_at(&self, frame: f64) -> Vec<Point> {
        if self.keys.is_empty() {
            return Vec::new();
        }
        let parts = weights(self.keys.len(), |i| (self.keys[i].frame, self.keys[i].interp), frame);
        let (first, weight) = parts[0];
        if weight == 1.0 {
            return self.keys[first].points.clone();
        }
        (0..self.keys[first].points.len())
            .map(|i| blend(&parts.map(|(key, weight)| (&self.keys[key].points[i], weight))))
            .collect()
    }

    /// The control points that there are to see at `frame`: none of a closed shape that has all of them in one place, which is how a
    /// shape is not there on a frame.
    pub fn shown_at(&self, frame: f64) -> Vec<Point> {
        let points = self.points_at(frame);
        let bare = |p: &Point| [p.tangent_in, p.tangent_out] == [[0.0; 2]; 2] && p.feather.is_none();
        let one_place = points.windows(2).all(|p| (p[0].x, p[0].y) == (p[1].x, p[1].y));
        if self.closed && points.len() > 1 && one_place && points.iter().all(bare) {
            Vec::new()
        } else {
            points
        }
    }
}

impl Shape {
    /// The opacity at `frame`, 0 to 1, and `None` where the shape is not there, which is where its keys make it 0. Keys and what lies between and
    /// beyond them go as the control points' do.
    pub fn opacity_at(&self, frame: f64) -> Option<f64> {
        let keys = &self.opacity_keys;
        if keys.is_empty() {
            return Some(self.opacity.unwrap_or(1.0).clamp(0.0, 1.0));
        }
        let parts = weights(keys.len(), |i| (keys[i].frame, keys[i].interp), frame);
        let value: f64 = parts.iter().map(|(i, weight)| keys[*i].value * weight).sum();
        Some(value.min(1.0)).filter(|v| *v > 0.0)
    }
}

impl Track {
    /// The position at `frame`, px: on a straight line between keys, and that of the nearest key beyond them. What is seen
    /// and how certain it is are those of the key before. `None` without keys.
    pub fn at(&self, frame: f64) -> Option<TrackKey> {
        let [(a, u), (b, v), ..] = weights(self.keys.len(), |i| (self.keys[i].frame, Interp::Linear), frame);
        let (a, b) = (self.keys.get(a)?, self.keys.get(b)?);
        Some(TrackKey { frame, x: a.x * u + b.x * v, y: a.y * u + b.y * v, ..a.clone() })
    }
}

/// Which of `count` keys make the value at `frame`, and with what weights: four that add to 1, those not needed 0.
/// A value that is a key's alone has the weight 1 first. `key` gives frame and interpolation of a key, by frame ascending.
/// With `count` 0 the indices mean nothing.
pub fn weights(count: usize, key: impl Fn(usize) -> (f64, Interp), frame: f64) -> [(usize, f64); 4] {
    let alone = |i: usize| [(i, 1.0), (i, 0.0), (i, 0.0), (i, 0.0)];
    let (mut next, mut end) = (0, count);
    while next < end {
        let middle = next + (end - next) / 2;
        if key(middle).0 <= frame {
            next = middle + 1;
        } else {
            end = middle;
        }
    }
    if next == 0 || next == count {
        return alone(next.saturating_sub(1));
    }
    let (a, b) = (next - 1, next);
    let ((from, interp), (to, _)) = (key(a), key(b));
    let t = (frame - from) / (to - from);
    if t == 0.0 || interp == Interp::Hold {
        return alone(a);
    }
    if interp == Interp::Linear {
        return [(a, 1.0 - t), (b, t), (a, 0.0), (b, 0.0)];
    }
    // Cubic Hermite with the slopes of the chords to the neighbours; at the ends the span's own chord.
    let before = a.saturating_sub(1);
    let after = (b + 1).min(count - 1);
    let span = to - from;
    let into = span / (to - key(before).0);
    let out_of = span / (key(after).0 - from);
    let (t2, t3) = (t * t, t * t * t);
    let (h00, h10) = (2.0 * t3 - 3.0 * t2 + 1.0, t3 - 2.0 * t2 + t);
    let (h01, h11) = (-2.0 * t3 + 3.0 * t2, t3 - t2);
    [(before, -h10 * into), (a, h00 - h11 * out_of), (b, h01 + h10 * into), (after, h11 * out_of)]
}

/// The weighted sum of points whose weights add to 1. Where only some have a feather, that of the others is the point itself;
/// a width that only some have counts as zero on the others.
pub(crate) fn blend(parts: &[(&Point, f64)]) -> Point {
    let sum = |get: &dyn Fn(&Point) -> f64| parts.iter().map(|(p, w)| get(p) * w).sum::<f64>();
    let pair = |get: &dyn Fn(&Point) -> [f64; 2]| [sum(&|p| get(p)[0]), sum(&|p| get(p)[1])];
    let of_feather = |get: &dyn Fn(&Feather) -> [f64; 2], none: &dyn Fn(&Point) -> [f64; 2]| {
        pair(&|p| p.feather.as_ref().map_or_else(|| none(p), get))
    };
    Point {
        x: sum(&|p| p.x),
        y: sum(&|p| p.y),
        tangent_in: pair(&|p| p.tangent_in),
        tangent_out: pair(&|p| p.tangent_out),
        feather: parts.iter().any(|(p, _)| p.feather.is_some()).then(|| Feather {
            offset: of_feather(&|f| f.offset, &|_| [0.0; 2]),
            tangent_in: of_feather(&|f| f.tangent_in, &|p| p.tangent_in),
            tangent_out: of_feather(&|f| f.tangent_out, &|p| p.tangent_out),
        }),
        width: parts.iter().any(|(p, _)| p.width.is_some()).then(|| sum(&|p| p.width.unwrap_or(0.0))),
        locked: false,
        extra: Extra::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;
    use proptest::prelude::*;

    #[test]
    fn a_closed_shape_in_one_place_is_not_shown() {
        let triangle =
            |size: f64| [(0.0, 0.0), (size, 0.0), (0.0, size)].map(|(x, y)| Point::corner(x, y)).to_vec();
        let key = |frame: f64, size: f64| Key { interp: Interp::Hold, ..Key::new(frame, triangle(size)) };
        let mut shape = Shape::new("s", true, vec![key(1.0, 0.0), key(2.0, 5.0)]);
        assert!(shape.shown_at(1.5).is_empty());
        assert_eq!(shape.shown_at(2.0), shape.points_at(2.0));
        shape.closed = false;
        assert_eq!(shape.shown_at(1.0).len(), 3, "an open one is a dot of its stroke");
    }

    fn shape(interp: Interp, keys: &[(f64, f64)]) -> Shape {
        let keys = keys
            .iter()
            .map(|&(frame, x)| Key { interp, ..Key::new(frame, vec![Point::new(x, -x, [x, 0.0], [0.0, x])]) })
            .collect();
        Shape::new("s", true, keys)
    }

    #[test]
    fn ends_hold_and_keys_are_exact() {
        for interp in [Interp::Linear, Interp::Hold, Interp::Smooth] {
            let s = shape(interp, &[(1.0, 10.0), (5.0, 30.0), (6.0, 0.0)]);
            for (frame, x) in [(-3.0, 10.0), (1.0, 10.0), (5.0, 30.0), (6.0, 0.0), (99.0, 0.0)] {
                assert_eq!(s.points_at(frame)[0].x, x, "{interp:?} at {frame}");
            }
        }
    }

    #[test]
    fn between_keys() {
        let keys = [(0.0, 0.0), (4.0, 8.0)];
        assert_eq!(shape(Interp::Linear, &keys).points_at(1.0)[0].x, 2.0);
        assert_eq!(shape(Interp::Hold, &keys).points_at(3.9)[0].x, 0.0);
        assert_eq!(shape(Interp::Smooth, &keys).points_at(2.0)[0].x, 4.0);
    }

    #[test]
    fn opacity_fades_and_a_shape_comes_and_goes() {
        let mut s = shape(Interp::Linear, &[(0.0, 0.0)]);
        assert_eq!(s.opacity_at(3.0), Some(1.0));
        s.opacity = Some(0.0);
        assert_eq!(s.opacity_at(3.0), Some(0.0), "a still opacity of 0 is an opacity");
        s.opacity_keys = [(1.0, 0.0, Interp::Hold), (5.0, 1.0, Interp::Linear), (9.0, 0.5, Interp::Linear)]
            .map(|(f, v, i)| crate::OpacityKey::new(f, v, i))
            .to_vec();
        let at = [-2.0, 4.9, 5.0, 7.0, 20.0].map(|f| s.opacity_at(f));
        assert_eq!(at, [None, None, Some(1.0), Some(0.75), Some(0.5)]);
    }

    #[test]
    fn tracks_go_straight() {
        let mut track = Track::new("t", Vec::new());
        assert!(track.at(3.0).is_none());
        track.set_key(TrackKey::new(4.0, 10.0, 0.0));
        track.set_key(TrackKey::new(2.0, 0.0, 8.0));
        assert_eq!([1.0, 2.0, 3.0, 4.0, 9.0].map(|f| track.at(f).unwrap().x), [0.0, 0.0, 5.0, 10.0, 10.0]);
        assert_eq!(track.at(3.5).unwrap().y, 2.0);
    }

    #[test]
    fn a_missing_feather_is_the_point_itself() {
        let mut s = shape(Interp::Linear, &[(0.0, 0.0), (2.0, 2.0)]);
        s.keys[1].points[0].feather = Some(Feather { offset: [4.0, 0.0], ..Feather::default() });
        assert_eq!(s.points_at(1.0)[0].feather.as_ref().unwrap().offset, [2.0, 0.0]);
        assert_eq!(s.points_at(0.5)[0].feather.as_ref().unwrap().tangent_out, [0.0, 0.0]);
        s.keys[0].points[0].tangent_out = [0.0, 4.0];
        assert_eq!(s.points_at(0.5)[0].feather.as_ref().unwrap().tangent_out, [0.0, 3.0]);
        assert_eq!(s.points_at(1.0)[0].width, None);
    }

    proptest! {
        #[test]
        fn smooth_reproduces_straight_motion(a in -50.0..50.0f64, slope in -9.0..9.0f64, at in 1.0..9.0f64) {
            let frames = [0.0, 1.0, 3.5, 9.0, 10.0];
            let s = shape(Interp::Smooth, &frames.map(|f| (f, a + slope * f)));
            prop_assert!((s.points_at(at)[0].x - (a + slope * at)).abs() < 1e-9);
        }
    }
}
