//! Documents with fewer keys, for other applications.

use super::rows::{Measure, Rows};
use super::{keyed, solved_knots};
use crate::{Document, Interp, Key, Shape};

/// What is used where nobody says otherwise, px: nothing that a compositor sees at an edge.
pub const DEFAULT_TOLERANCE_PX: f64 = 0.25;
/// Shapes that are keyed over more frames than this keep their keys.
const LONGEST: f64 = 100_000.0;

/// The document with as few keys as keep every shape's control points, ends of tangents, feathers and widths, and with them
/// every place of its outline, within `tolerance_px` on every frame with a key and every whole frame between. They are the
/// fewest that can have their solved values (unlike those of [`super::reduce_keys`], which may take others, and take a hundred
/// times as long).
///
/// Keys of an artist's keep frame and value; a shape without others stays as it is. Elsewhere smooth spans become straight
/// lines between keys, as few formats know curves; what is held stays held. Tracks keep their keys, as a track is mostly wanted
/// on every frame, and so do opacities. A tolerance of 0 or less, or one that is no number, keeps everything.
pub fn exported(document: &Document, tolerance_px: f64) -> Document {
    let mut out = document.clone();
    if tolerance_px > 0.0 {
        out.shapes.iter_mut().for_each(|s| *s = shape(s, tolerance_px));
    }
    out
}

fn shape(shape: &Shape, tolerance_px: f64) -> Shape {
    let (Some(first), Some(last)) = (shape.keys.first(), shape.keys.last()) else { return shape.clone() };
    let span = [first.frame, last.frame];
    let solved = shape.keys.iter().any(|k| !k.is_artists());
    if !solved || shape.keys.len() < 3 || span[1] - span[0] > LONGEST {
        return shape.clone();
    }
    let shape = on_whole_frames(shape);
    let rows = Rows::new(&shape, Measure::Controls);
    keyed(&shape, &solved_knots(&shape, &rows, span, tolerance_px, Interp::Linear))
}

/// Solver's keys wherever a whole frame is not on a straight line between keys, so that lines and holds say it all.
fn on_whole_frames(shape: &Shape) -> Shape {
    let mut keys = Vec::with_capacity(shape.keys.len());
    for (i, key) in shape.keys.iter().enumerate() {
        let next = shape.keys.get(i + 1).map_or(key.frame, |k| k.frame);
        let made = |frame: f64| Key {
            confidence: Some(key.confidence.unwrap_or(1.0)),
            ..Key::new(frame, shape.points_at(frame))
        };
        let first = key.frame.floor() + 1.0;
        match key.interp {
            Interp::Smooth => {
                keys.push(Key { interp: Interp::Linear, ..key.clone() });
                keys.extend(frames(first, next).map(made));
            }
            Interp::Hold if !key.is_artists() => {
                keys.push(key.clone());
                keys.extend(frames((next.ceil() - 1.0).max(first), next).map(made));
            }
            Interp::Hold | Interp::Linear => keys.push(key.clone()),
        }
    }
    shape.with_keys(keys)
}

/// Whole frames from `first`, before `end`.
fn frames(first: f64, end: f64) -> impl Iterator<Item = f64> {
    std::iter::successors(Some(first), |f| Some(f + 1.0)).take_while(move |f| *f < end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Feather, Point};
    use proptest::prelude::*;

    fn corners(x: f64) -> Vec<Point> {
        vec![Point::corner(x, 0.0), Point::corner(10.0, 0.5 * x)]
    }

    fn solved(frame: f64, x: f64, interp: Interp) -> Key {
        Key { confidence: Some(0.9), interp, ..Key::new(frame, corners(x)) }
    }

    /// The farthest that anything which makes the curve is from where it was, px.
    fn worst_px(before: &Shape, after: &Shape, frame: f64) -> f64 {
        let makes = |s: &Shape| -> Vec<[f64; 2]> {
            let ends = |p: &Point| {
                let end = |t: [f64; 2]| [p.x + t[0], p.y + t[1]];
                [[p.x, p.y], end(p.tangent_in), end(p.tangent_out)]
            };
            let all =
                |p: &Point| [ends(p), ends(&p.on_feather()), [[p.width.unwrap_or(0.0), 0.0]; 3]].concat();
            s.points_at(frame).iter().flat_map(all).collect()
        };
        let far = |(p, q): (&[f64; 2], &[f64; 2])| (p[0] - q[0]).hypot(p[1] - q[1]);
        makes(before).iter().zip(&makes(after)).map(far).fold(0.0, f64::max)
    }

    #[test]
    fn what_an_artist_has_keyed_stays_as_it_is() {
        let keys =
            (0..20).map(|i| Key { interp: Interp::Hold, ..Key::new(f64::from(i), corners(f64::from(i))) });
        let by_hand = Shape::new("s", true, keys.collect());
        assert_eq!(shape(&by_hand, 5.0), by_hand);
        let mut document = Document::new(8, 8);
        document.shapes.push(Shape::new(
            "s",
            true,
            (0..9).map(|i| solved(f64::from(i), 0.0, Interp::Linear)).collect(),
        ));
        for none in [0.0, -1.0, f64::NAN] {
            assert_eq!(exported(&document, none), document);
        }
        let keys = exported(&document, 0.25).shapes[0].keys.len();
        assert!(keys <= 2, "{keys} keys of a shape that stands still");
    }

    #[test]
    fn holds_are_one_key_each_and_end_at_once() {
        let held = |keys: &[(f64, f64)]| {
            Shape::new("s", true, keys.iter().map(|(f, x)| solved(*f, *x, Interp::Hold)).collect())
        };
        let s = held(&[(0.0, 0.0), (4.0, 9.0), (8.0, 3.0), (9.0, 7.0), (12.0, 7.0)]);
        let r = shape(&s, 0.25);
        assert!(r.keys.len() <= 6, "{:?}", r.keys.iter().map(|k| (k.frame, k.interp)).collect::<Vec<_>>());
        for frame in 0..=12 {
            assert_eq!(r.points_at(f64::from(frame)), s.points_at(f64::from(frame)), "frame {frame}");
        }
    }

    #[test]
    fn spans_without_end_are_left_alone() {
        let s = Shape::new("s", true, [0.0, 1e12, 2e12].map(|f| solved(f, f, Interp::Smooth)).to_vec());
        assert_eq!(shape(&s, 0.25), s);
    }

    fn any_key() -> impl Strategy<Value = (f64, f64, Interp, u8, f64)> {
        let interp = prop_oneof![Just(Interp::Linear), Just(Interp::Hold), Just(Interp::Smooth)];
        (prop_oneof![Just(1.0), Just(1.0), Just(0.5), Just(4.0)], -6.0..6.0f64, interp, 0u8..6, -3.0..3.0f64)
    }

    proptest! {
        #[test]
        fn the_tolerance_holds_for_all_that_makes_the_curve(
            steps in prop::collection::vec(any_key(), 3..40),
            tolerance in 0.05..4.0f64,
            still in 0usize..4,
        ) {
            let (mut frame, mut keys) = (0.0, Vec::new());
            for (i, (gap, x, interp, artist, other)) in steps.into_iter().enumerate() {
                let x = if still > 0 && i % 4 < still { 1.0 } else { x };
                let mut points = vec![Point::new(x, -x, [other, 1.0], [1.0, -other]), Point::corner(20.0, other)];
                points[0].feather = (artist > 2).then(|| Feather { offset: [other, x], ..Feather::default() });
                points[1].width = (artist > 3).then_some(other.abs());
                let confidence = (artist > 0).then_some(0.5);
                keys.push(Key { interp, confidence, ..Key::new(frame, points) });
                frame += gap;
            }
            let before = Shape::new("s", true, keys);
            let after = shape(&before, tolerance);
            let frames = (0..=frame.ceil() as i32).map(f64::from).chain(before.keys.iter().map(|k| k.frame));
            for frame in frames {
                let worst = worst_px(&before, &after, frame);
                prop_assert!(worst <= tolerance + 1e-9, "{worst} px on frame {frame}");
            }
            for key in before.artists_keys() {
                let kept = after.key_at(key.frame);
                prop_assert!(kept.is_some_and(|k| k.points == key.points && k.is_artists()));
            }
        }
    }
}
