//! Splines drawn in other ways come back.

use kurbo::{ParamCurve, Vec2};
use proptest::prelude::*;

use super::*;
use crate::outline::Outline;

/// A wavy ring or line of `n` points, with handles out of line by `bend` at two of them.
fn wavy(n: usize, closed: bool, seed: f64, bend: f64) -> Vec<Point> {
    let handle = std::f64::consts::TAU / n as f64 / 3.0;
    let turn = if closed { 1.0 } else { 0.7 };
    (0..n)
        .map(|i| {
            let a =
                (i as f64 + 0.2 * (seed + 2.0 * i as f64).sin()) / n as f64 * std::f64::consts::TAU * turn;
            let (s, c) = a.sin_cos();
            let r = 60.0 + 7.0 * (3.0 * a + seed).sin() + 4.0 * (2.0 * a).cos();
            let along = Vec2::new(-1.2 * s, c) * (handle * r * turn);
            let bend = if i == 1 || i == n - 2 { bend } else { 0.0 };
            let into = -along - Vec2::new(c, s) * (bend * along.hypot());
            Point::new(200.0 + 1.2 * r * c, 150.0 + r * s, [into.x, into.y], [along.x, along.y])
        })
        .collect()
}

/// The same curve with points put in at parameters of its segments.
fn subdivided(points: &[Point], closed: bool, ts: &[f64]) -> Vec<Point> {
    let outline = Outline::new(points, closed);
    let mut pieces = Vec::new();
    for (i, segment) in outline.segments().iter().enumerate() {
        let t = ts[i % ts.len()];
        if t > 0.1 {
            pieces.extend([segment.subsegment(0.0..t), segment.subsegment(t..1.0)]);
        } else {
            pieces.push(*segment);
        }
    }
    let n = pieces.len();
    let count = if closed { n } else { n + 1 };
    let point = |i: usize| {
        let before =
            if closed { Some(&pieces[(i + n - 1) % n]) } else { i.checked_sub(1).map(|i| &pieces[i]) };
        let after = pieces.get(i);
        let at = after.map_or_else(|| pieces[n - 1].p3, |p| p.p0);
        let [into, out] =
            [before.map(|p| p.p2 - at), after.map(|p| p.p1 - at)].map(|v| v.map_or([0.0; 2], |v| [v.x, v.y]));
        Point::new(at.x, at.y, into, out)
    };
    (0..count).map(point).collect()
}

fn apart(a: &Point, b: &Point) -> f64 {
    (at(a) - at(b)).hypot()
}

/// Smoothly moved, as an expression and a turn of the head move a shape.
fn warped(points: &[Point], by: f64) -> Vec<Point> {
    let place = |v: Vec2| {
        Vec2::new(
            v.x * (1.0 + 0.1 * by) + by * 5.0 * (v.y / 60.0).sin() + 20.0 * by,
            v.y * (1.0 - 0.08 * by) + by * 4.0 * (v.x / 70.0).cos() - 9.0 * by,
        )
    };
    let turned = |p: &Point, h: [f64; 2]| {
        let end = place(at(p) + Vec2::new(h[0], h[1])) - place(at(p));
        [end.x, end.y]
    };
    points
        .iter()
        .map(|p| {
            let to = place(at(p));
            Point::new(to.x, to.y, turned(p, p.tangent_in), turned(p, p.tangent_out))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Points put in, another first point, the other direction: the original points come back.
    #[test]
    fn the_same_curve_comes_back(
        n in 3usize..20, closed: bool, back: bool, seed in 0.0..6.0f64, first in 0usize..40,
        ts in prop::collection::vec(0.0..0.85f64, 20),
    ) {
        let points = wavy(n, closed, seed, 0.5);
        let mut other = subdivided(&points, closed, &ts);
        if closed {
            let count = other.len();
            other.rotate_left(first % count);
        }
        if back {
            other = reversed(&other);
        }
        let again = redraw(&points, &other, closed).unwrap();
        for (p, q) in points.iter().zip(&again.points) {
            prop_assert!(apart(p, q) < 0.1, "{:?} {:?}", p, q);
        }
        prop_assert!(again.mean_px < 0.05 && again.most_px < 0.2, "{} {}", again.mean_px, again.most_px);
    }

    /// Another drawing of the shape, moved and bent, with points elsewhere: the new spline lies on it, its points near where the shape's went.
    #[test]
    fn a_warped_drawing_is_followed(
        n in 9usize..16, more in 0usize..8, closed: bool, back: bool, seed in 0.0..6.0f64, by in -1.0..1.0f64, first in 0usize..40,
    ) {
        let model = wavy(n, closed, seed, 0.0);
        let there = warped(&model, by);
        // An open line is drawn from end to end whatever the points between are.
        let others = wavy(n + more, closed, seed + 1.0, 0.0);
        let mut drawn = redraw(&warped(&others, by), &there, closed).unwrap().points;
        prop_assert_eq!(drawn.len(), n + more);
        if closed {
            let count = drawn.len();
            drawn.rotate_left(first % count);
        }
        if back {
            drawn = reversed(&drawn);
        }
        let again = redraw(&laid_over(&model, &drawn, closed), &drawn, closed).unwrap();
        prop_assert!(again.mean_px < FOLLOWED_PX, "{}", again.mean_px);
        let spacing = Outline::new(&there, closed).length_px() / n as f64;
        for (p, q) in there.iter().zip(&again.points) {
            prop_assert!(apart(p, q) < 0.35 * spacing, "{:?} {:?} {}", p, q, spacing);
        }
    }

    /// Whatever comes in, no number is lost and the count is the model's.
    #[test]
    fn hostile_points_are_survived(
        model in prop::collection::vec(prop::array::uniform6(-50.0..50.0f64), 0..9),
        drawn in prop::collection::vec(prop::array::uniform6(-50.0..50.0f64), 0..9),
        closed: bool, flat: bool,
    ) {
        let point = |v: &[f64; 6]| {
            let y = if flat { 0.0 } else { v[1] };
            Point::new(v[0], y, [v[2], v[3]], [v[4], v[5]])
        };
        let (model, drawn): (Vec<Point>, Vec<Point>) =
            (model.iter().map(point).collect(), drawn.iter().map(point).collect());
        let laid = laid_over(&model, &drawn, closed);
        let again = redraw(&laid, &drawn, closed);
        prop_assert_eq!(again.is_none(), model.is_empty() || drawn.is_empty());
        if let Some(again) = again {
            prop_assert_eq!(again.points.len(), model.len());
            prop_assert!(again.points.iter().all(is_finite) && again.mean_px.is_finite());
        }
    }
}

/// An eye of six points: corners at both ends, lids `open` px apart.
fn eye(open: f64) -> Vec<Point> {
    let point = |x: f64, y: f64, into: [f64; 2], out: [f64; 2]| Point::new(x, y, into, out);
    let h = open / 2.0;
    vec![
        point(0.0, 0.0, [4.0, h], [4.0, -h]),
        point(20.0, -h, [-8.0, 0.0], [6.0, 0.0]),
        point(40.0, -h, [-6.0, 0.0], [8.0, 0.0]),
        point(60.0, 0.0, [-4.0, -h], [-4.0, h]),
        point(40.0, h, [8.0, 0.0], [-6.0, 0.0]),
        point(20.0, h, [6.0, 0.0], [-8.0, 0.0]),
    ]
}

#[test]
fn a_shut_eye_keeps_its_points() {
    let shut = eye(0.0);
    let mut other = subdivided(&shut, true, &[0.4, 0.0, 0.6]);
    other.rotate_left(2);
    let again = redraw(&laid_over(&eye(14.0), &other, true), &other, true).unwrap();
    assert!(again.mean_px < FOLLOWED_PX, "{again:?}");
    assert!(apart(&again.points[0], &shut[0]) < 0.5 && apart(&again.points[3], &shut[3]) < 0.5, "{again:?}");
    for i in [1, 2, 4, 5] {
        assert!(apart(&again.points[i], &shut[i]) < 6.0, "{i} {again:?}");
    }
}

#[test]
fn corners_meet_corners() {
    // A square by its corners and by corners and middles, begun elsewhere.
    let square = [(0.0, 0.0), (60.0, 0.0), (60.0, 60.0), (0.0, 60.0)].map(|(x, y)| Point::corner(x, y));
    let mut other = subdivided(&square, true, &[0.5]);
    other.rotate_left(3);
    let moved: Vec<Point> = square.iter().map(|p| Point::corner(p.x * 1.05 + 4.0, p.y + 3.0)).collect();
    let again = redraw(&moved, &other, true).unwrap();
    assert!(square.iter().zip(&again.points).all(|(p, q)| apart(p, q) < 1e-6), "{again:?}");
    assert!(again.most_px < 1e-3);
}

#[test]
fn too_few_points_are_told() {
    let wavy = wavy(16, true, 1.0, 0.0);
    let few: Vec<Point> = wavy.iter().step_by(5).map(|p| Point::corner(p.x, p.y)).collect();
    let again = redraw(&few, &wavy, true).unwrap();
    assert!(again.mean_px > FOLLOWED_PX, "{again:?}");
    for p in &again.points {
        let nearest = Outline::new(&wavy, true).samples(0.2, 1);
        assert!(
            nearest.iter().any(|s| (s.position.to_vec2() - at(p)).hypot() < 0.3),
            "points lie on the drawing"
        );
    }
}

#[test]
fn a_shape_that_is_not_there_has_all_points_in_one_place() {
    let gone = vec![Point::corner(5.0, 6.0); 3];
    let again = redraw(&eye(9.0), &gone, true).unwrap();
    assert!(again.points.len() == 6 && again.points.iter().all(|p| *p == Point::corner(5.0, 6.0)));
    assert_eq!(redraw(&[], &gone, true), None);
    let broken = vec![Point::corner(f64::NAN, 0.0)];
    assert_eq!(redraw(&eye(9.0), &broken, true), None);
}
