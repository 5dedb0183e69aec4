//! Transforms of layers and shapes, which a document does not have: they go into the points.

use shapes::{Feather, Interp, Key, Point, Shape};

use crate::space::Map;
use crate::text::MAX_POINTS;

/// A projective map of the plane, by rows. A place is a column `(x, y, 1)`, so a translation is the third number of the first two rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Projective([[f64; 3]; 3]);

impl Projective {
    pub(crate) const IDENTITY: Projective = Projective([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);

    pub(crate) fn translation(x: f64, y: f64) -> Self {
        Projective([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])
    }

    pub(crate) fn scale(x: f64, y: f64) -> Self {
        Projective([[x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, 1.0]])
    }

    /// From x towards y: counter-clockwise where y goes up.
    pub(crate) fn rotation(degrees: f64) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        Projective([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    }

    /// What a matrix of space, by rows, does to places with z = 0.
    pub(crate) fn of_space(m: &[f64; 16]) -> Self {
        Projective([[m[0], m[1], m[3]], [m[4], m[5], m[7]], [m[12], m[13], m[15]]])
    }

    /// The map that does `first` and then this.
    pub(crate) fn after(&self, first: &Projective) -> Projective {
        let cell = |i: usize, j: usize| (0..3).map(|k| self.0[i][k] * first.0[k][j]).sum();
        Projective(std::array::from_fn(|i| std::array::from_fn(|j| cell(i, j))))
    }

    /// Where a place goes; not finite where that is beyond the horizon's line.
    pub(crate) fn apply(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let row = |r: &[f64; 3]| r[0] * x + r[1] * y + r[2];
        let w = row(&self.0[2]);
        [row(&self.0[0]) / w, row(&self.0[1]) / w]
    }

    /// Whether straight motion stays straight and even, which perspective does not keep.
    pub(crate) fn is_affine(&self) -> bool {
        let [a, b, w] = self.0[2];
        a == 0.0 && b == 0.0 && w != 0.0
    }

    /// What this does in the document, where it is said in an application's space.
    fn in_document(&self, map: &Map) -> Projective {
        let ([sx, sy], [ox, oy]) = (map.vector([1.0, 1.0]), map.point([0.0, 0.0]));
        let there = Projective([[sx, 0.0, ox], [0.0, sy, oy], [0.0, 0.0, 1.0]]);
        let back = Projective([[1.0 / sx, 0.0, -ox / sx], [0.0, 1.0 / sy, -oy / sy], [0.0, 0.0, 1.0]]);
        back.after(self).after(&there)
    }

    fn point(&self, p: &Point) -> Point {
        let at = self.apply([p.x, p.y]);
        let way = |from: [f64; 2], to: [f64; 2], by: [f64; 2]| {
            let [x, y] = self.apply([from[0] + by[0], from[1] + by[1]]);
            [x - to[0], y - to[1]]
        };
        let tangents = |from, to, a, b| (way(from, to, a), way(from, to, b));
        let (tangent_in, tangent_out) = tangents([p.x, p.y], at, p.tangent_in, p.tangent_out);
        let feather = p.feather.as_ref().map(|f| {
            let from = [p.x + f.offset[0], p.y + f.offset[1]];
            let to = self.apply(from);
            let (tangent_in, tangent_out) = tangents(from, to, f.tangent_in, f.tangent_out);
            Feather { offset: [to[0] - at[0], to[1] - at[1]], tangent_in, tangent_out }
        });
        Point { feather, ..Point::new(at[0], at[1], tangent_in, tangent_out) }
    }
}

/// A transform over time, in an application's space and with its frame numbers.
pub(crate) trait Moving {
    /// Frames with a key of any part, in any order.
    fn frames(&self) -> Vec<f64>;
    /// The transform on a frame.
    fn at(&self, frame: f64) -> Projective;
}

/// Applies a transform to a shape, exactly on every whole frame: a still one to its keys, a moving one by keys on every frame where the
/// shape or the transform moves, less those that a straight line between their neighbours makes too. `points` counts those of all keys of
/// a file; where a shape would take it above the limit, that is said as an error.
pub(crate) fn flatten(
    shape: &mut Shape,
    moving: &dyn Moving,
    map: &Map,
    points: &mut usize,
) -> Result<(), String> {
    // A file may have its keys in any order, and break the rule that all have as many points.
    shape.keys.sort_by(|a, b| a.frame.total_cmp(&b.frame));
    let each = shape.keys.first().map_or(0, |k| k.points.len());
    if shape.keys.iter().any(|k| k.points.len() != each) {
        return Err("a shape's keys have different numbers of points".to_owned());
    }
    let mut frames: Vec<f64> = moving.frames().into_iter().map(|f| map.frame_back(f)).collect();
    let still = moving.at(map.frame(shape.keys.first().map_or(0.0, |k| k.frame)));
    if frames.len() < 2 && (still.is_affine() || shape.keys.len() < 2) {
        if still != Projective::IDENTITY {
            let matrix = still.in_document(map);
            shape.keys.iter_mut().flat_map(|k| &mut k.points).for_each(|p| *p = matrix.point(p));
        }
        return Ok(());
    }
    frames.extend(shape.keys.iter().map(|k| k.frame));
    let (start, end) = frames.iter().fold((f64::MAX, f64::MIN), |(a, b), f| (a.min(*f), b.max(*f)));
    let room = MAX_POINTS.saturating_sub(*points) / each.max(1);
    if frames.len() > room || end - start > room as f64 {
        let most = room.min(MAX_POINTS);
        return Err(format!("its transform would need keys on more than {most} frames"));
    }
    let mut whole = start.ceil();
    while whole < end {
        frames.push(whole);
        whole += 1.0;
    }
    frames.sort_by(f64::total_cmp);
    frames.dedup();
    let keys: Vec<Key> = frames
        .into_iter()
        .map(|frame| {
            let matrix = moving.at(map.frame(frame)).in_document(map);
            let moved = shape.points_at(frame).iter().map(|p| matrix.point(p)).collect();
            let held =
                shape.keys.iter().rev().find(|k| k.frame <= frame).is_some_and(|k| k.interp == Interp::Hold);
            let interp = if held { Interp::Hold } else { Interp::Linear };
            Key { interp, ..Key::new(frame, moved) }
        })
        .collect();
    shape.keys = thinned(keys, |frame| shape.key_at(frame).is_some());
    *points += shape.keys.len() * each;
    Ok(())
}

/// The keys without those that their neighbours make too, within a hundred-millionth of a pixel, and that are not the artist's.
fn thinned(keys: Vec<Key>, is_artists: impl Fn(f64) -> bool) -> Vec<Key> {
    let needed: Vec<bool> = (0..keys.len())
        .map(|i| {
            let (Some(before), key) = (i.checked_sub(1).and_then(|b| keys.get(b)), &keys[i]) else {
                return true;
            };
            if is_artists(key.frame) || before.interp != key.interp {
                return true;
            }
            let share = match (key.interp, keys.get(i + 1)) {
                (Interp::Hold, _) => Some((before, 0.0)),
                (_, Some(next)) => Some((next, (key.frame - before.frame) / (next.frame - before.frame))),
                (_, None) => None,
            };
            share.is_none_or(|(next, t)| !between(before, key, next, t))
        })
        .collect();
    keys.into_iter().zip(needed).filter_map(|(key, needed)| needed.then_some(key)).collect()
}

/// Whether `key` lies on the straight line from `a` to `b`, at `t`.
fn between(a: &Key, key: &Key, b: &Key, t: f64) -> bool {
    let near = |a: f64, v: f64, b: f64| (a + (b - a) * t - v).abs() < 1e-8;
    let pair = |a: [f64; 2], v: [f64; 2], b: [f64; 2]| near(a[0], v[0], b[0]) && near(a[1], v[1], b[1]);
    let plain = |p: &Point| p.on_feather();
    let same = |a: &Point, v: &Point, b: &Point| {
        pair([a.x, a.y], [v.x, v.y], [b.x, b.y])
            && pair(a.tangent_in, v.tangent_in, b.tangent_in)
            && pair(a.tangent_out, v.tangent_out, b.tangent_out)
    };
    a.points.iter().zip(&key.points).zip(&b.points).all(|((a, v), b)| {
        let feathered = [a, v, b].iter().any(|p| p.feather.is_some());
        same(a, v, b) && (!feathered || same(&plain(a), &plain(v), &plain(b)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Shot;
    use crate::space::NUKE;
    use proptest::prelude::*;

    /// Turns and shifts more the later it is, between two keys.
    struct Turning {
        per_frame: f64,
        shift: f64,
        perspective: f64,
    }

    impl Moving for Turning {
        fn frames(&self) -> Vec<f64> {
            vec![2.0, 12.0]
        }

        fn at(&self, frame: f64) -> Projective {
            let t = frame.clamp(2.0, 12.0);
            let seen = Projective([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [self.perspective, 0.0, 1.0]]);
            let turned = Projective::rotation(self.per_frame * t).after(&Projective::scale(1.5, 1.0));
            Projective::translation(self.shift * t, 4.0).after(&turned).after(&seen)
        }
    }

    fn map() -> Map {
        NUKE.of(&Shot { width: 200, height: 100, fps: None, par: 2.0, start_frame: 0.0 })
    }

    fn shape(interp: Interp) -> Shape {
        let point = |x: f64| Point {
            feather: Some(Feather { offset: [3.0, x / 9.0], ..Feather::default() }),
            ..Point::new(x, 2.0 * x, [-3.0, 1.0], [5.0, 0.5])
        };
        let key = |frame: f64, x: f64| Key { interp, ..Key::new(frame, vec![point(x), point(x + 30.0)]) };
        Shape::new("s", true, vec![key(0.0, 10.0), key(5.0, 40.0), key(9.5, 20.0)])
    }

    proptest! {
        #[test]
        fn every_whole_frame_is_what_the_transform_makes_of_it(
            per_frame in prop::sample::select(vec![0.0, 3.0]),
            shift in -5.0..5.0f64,
            perspective in prop::sample::select(vec![0.0, 1e-4]),
            interp in prop::sample::select(vec![Interp::Linear, Interp::Hold, Interp::Smooth]),
        ) {
            let (moving, map) = (Turning { per_frame, shift, perspective }, map());
            let (mut flat, original) = (shape(interp), shape(interp));
            flatten(&mut flat, &moving, &map, &mut 0).unwrap();
            for frame in -2..16 {
                let frame = f64::from(frame);
                for (p, q) in original.points_at(frame).iter().zip(flat.points_at(frame)) {
                    // By way of the application: there, moved, and back.
                    let go = |p: [f64; 2]| map.point_back(moving.at(frame).apply(map.point(p)));
                    let f = p.feather.as_ref().unwrap().offset;
                    let expected = [
                        (go([p.x, p.y]), [q.x, q.y]),
                        (go([p.x + p.tangent_out[0], p.y + p.tangent_out[1]]), [q.x + q.tangent_out[0], q.y + q.tangent_out[1]]),
                        (go([p.x + f[0], p.y + f[1]]), [q.on_feather().x, q.on_feather().y]),
                    ];
                    for (a, b) in expected {
                        prop_assert!((a[0] - b[0]).abs() < 1e-6 && (a[1] - b[1]).abs() < 1e-6, "{a:?} {b:?} at {frame}");
                    }
                }
            }
            let own = original.keys.iter().all(|k| flat.key_at(k.frame).is_some());
            prop_assert!(own, "the artist's keys stay");
        }
    }

    #[test]
    fn straight_motion_takes_no_more_keys_than_both_have() {
        let mut flat = shape(Interp::Linear);
        flatten(&mut flat, &Turning { per_frame: 0.0, shift: 2.0, perspective: 0.0 }, &map(), &mut 0)
            .unwrap();
        let frames: Vec<f64> = flat.keys.iter().map(|k| k.frame).collect();
        // Between 9 and 10 the shape comes to rest, between two whole frames.
        assert_eq!(frames, [0.0, 2.0, 5.0, 9.5, 12.0]);
    }

    #[test]
    fn frames_without_end_are_refused() {
        let mut shape = shape(Interp::Linear);
        shape.keys[2].frame = 1e12;
        let moving = Turning { per_frame: 1.0, shift: 0.0, perspective: 0.0 };
        let said = flatten(&mut shape, &moving, &map(), &mut 0).unwrap_err();
        assert!(said.starts_with("its transform would need keys on more than"), "{said}");
    }
}
