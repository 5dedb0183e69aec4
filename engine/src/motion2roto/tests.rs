//! The whole solver on motion that is known.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use shapes::{Document, Feather, Key, Point, Shape};

use super::{Direction, Frames, Motion, MotionField, Options, SolveError, solve, solve_shape};
use crate::flow::{self, Field};
use crate::image::{Colours, Plane};

/// The same displacement everywhere on each step; frames 0 to `steps.len()`.
struct Known {
    steps: Vec<[f32; 2]>,
    asked: Mutex<Vec<(i32, i32)>>,
}

impl Known {
    fn new(steps: &[[f32; 2]]) -> Self {
        Known { steps: steps.to_vec(), asked: Mutex::default() }
    }
}

impl Motion for Known {
    fn field(&self, from: i32, to: i32) -> Result<Arc<MotionField>, SolveError> {
        self.asked.lock().unwrap().push((from, to));
        let step = usize::try_from(from.min(to)).ok().and_then(|i| self.steps.get(i));
        let [u, v] = *step.ok_or(SolveError::NoFrame(to))?;
        let sign = if to > from { 1.0 } else { -1.0 };
        let field = Field::from_fn(120, 90, |_, _| [sign * u, sign * v]);
        Ok(Arc::new(MotionField { field, confidence: None }))
    }
}

fn blob(x: f64, y: f64, n: usize) -> Vec<Point> {
    (0..n)
        .map(|i| {
            let (s, c) = (i as f64 / n as f64 * std::f64::consts::TAU).sin_cos();
            let handle = 60.0 / n as f64 / 2.0;
            Point {
                feather: Some(Feather { offset: [3.0 * c, 3.0 * s], ..Feather::default() }),
                ..Point::new(x + 15.0 * c, y + 15.0 * s, [handle * s, -handle * c], [-handle * s, handle * c])
            }
        })
        .collect()
}

fn keyed(keys: &[(f64, Vec<Point>)], closed: bool) -> Shape {
    Shape::new("s", closed, keys.iter().map(|(f, p)| Key::new(*f, p.clone())).collect())
}

fn quiet(_: f32) -> bool {
    true
}

fn far_apart(a: &[Point], b: &[Point]) -> f64 {
    a.iter().zip(b).map(|(p, q)| (p.x - q.x).hypot(p.y - q.y)).fold(0.0, f64::max)
}

#[test]
fn a_moving_picture_carries_its_shape_and_points() {
    let motion = Known::new(&[[2.0, 0.5]; 10]);
    for closed in [true, false] {
        let shape = keyed(&[(0.0, blob(30.0, 30.0, 6)), (10.0, blob(50.0, 35.0, 6))], closed);
        let solved = solve_shape(&shape, &motion, &Options::new(0, 10), &mut quiet).unwrap();
        assert_eq!(solved.keys.len(), 11);
        for key in &solved.keys {
            let expected = blob(30.0 + 2.0 * key.frame, 30.0 + 0.5 * key.frame, 6);
            assert!(far_apart(&key.points, &expected) < 0.05, "frame {}", key.frame);
            assert_eq!(key.locked, key.frame == 0.0 || key.frame == 10.0);
            assert_eq!(key.confidence.is_some(), !key.locked);
            assert!(key.confidence.is_none_or(|c| c > 0.7 && c <= 1.0));
        }
        assert_eq!(solved.keys[0].points, shape.keys[0].points, "an artist's key is untouched");
    }
}

#[test]
fn held_frames_are_still_and_jumps_are_followed_at_once() {
    let steps = [[0.0, 0.0], [0.0, 0.0], [20.0, -4.0], [0.0, 0.0], [0.0, 0.0]];
    let motion = Known::new(&steps);
    let shape = keyed(&[(0.0, blob(30.0, 40.0, 5)), (5.0, blob(50.5, 36.2, 5))], true);
    let solved = solve_shape(&shape, &motion, &Options::new(0, 5), &mut quiet).unwrap();
    let points = |f: f64| &solved.key_at(f).unwrap().points;
    assert_eq!(points(1.0), points(2.0), "held");
    assert_eq!(points(3.0), points(4.0), "held");
    assert!(far_apart(points(2.0), &shape.keys[0].points) < 0.05);
    assert!(far_apart(points(3.0), &shape.keys[1].points) < 0.05);
}

#[test]
fn what_the_far_key_says_is_missing_is_handed_back() {
    // The motion says 2 px a step, the artist's keys 2.5.
    let motion = Known::new(&[[2.0, 0.0]; 8]);
    let shape = keyed(&[(0.0, blob(30.0, 40.0, 8)), (8.0, blob(50.0, 40.0, 8))], true);
    let solved = solve_shape(&shape, &motion, &Options::new(0, 8), &mut quiet).unwrap();
    for key in &solved.keys {
        assert!(far_apart(&key.points, &blob(30.0 + 2.5 * key.frame, 40.0, 8)) < 0.1, "frame {}", key.frame);
    }
}

#[test]
fn ranges_directions_and_ends() {
    let motion = Known::new(&[[1.0, 0.0]; 9]);
    let shape = keyed(&[(3.0, blob(30.0, 40.0, 5)), (6.0, blob(33.0, 40.0, 5))], true);
    let frames = |o: Options| -> Vec<f64> {
        let solved = solve_shape(&shape, &motion, &o, &mut quiet).unwrap();
        solved.keys.iter().map(|k| k.frame).collect()
    };
    let all = Options::new(-5, 40);
    assert_eq!(frames(all), (0..10).map(f64::from).collect::<Vec<_>>(), "as far as there are pictures");
    assert_eq!(frames(Options::new(5, 7)), [3.0, 5.0, 6.0, 7.0]);
    assert_eq!(frames(Options { direction: Direction::Forward, ..all })[..3], [3.0, 4.0, 5.0]);
    assert_eq!(
        frames(Options { direction: Direction::Backward, ..all }),
        (0..7).map(f64::from).collect::<Vec<_>>()
    );
    let empty = Options::new(3, 2);
    assert_eq!(
        solve_shape(&shape, &motion, &empty, &mut quiet),
        Err(SolveError::EmptyRange { first: 3, last: 2 })
    );
}

#[test]
fn solving_again_replaces_only_solver_keys_of_the_range() {
    let motion = Known::new(&[[1.0, 0.0]; 9]);
    let shape = keyed(&[(0.0, blob(30.0, 40.0, 5))], true);
    let mut solved = solve_shape(&shape, &motion, &Options::new(0, 9), &mut quiet).unwrap();
    let again = solve_shape(&solved, &motion, &Options::new(0, 9), &mut quiet).unwrap();
    assert_eq!(again, solved, "solving is settled");
    solved.set_key(Key::new(5.0, blob(38.0, 40.0, 5)));
    let part = solve_shape(&solved, &motion, &Options::new(3, 6), &mut quiet).unwrap();
    for f in [1.0, 2.0, 7.0, 8.0] {
        assert_eq!(part.key_at(f), solved.key_at(f), "outside of the range");
    }
    assert!(far_apart(&part.key_at(6.0).unwrap().points, &blob(39.0, 40.0, 5)) < 0.05);
    assert_ne!(part.key_at(4.0), solved.key_at(4.0));
}

#[test]
fn tolerance_keeps_few_keys() {
    let motion = Known::new(&[[1.0, 0.3]; 20]);
    let shape = keyed(&[(0.0, blob(30.0, 40.0, 5))], true);
    let options = Options { tolerance_px: 0.5, ..Options::new(0, 20) };
    let solved = solve_shape(&shape, &motion, &options, &mut quiet).unwrap();
    assert_eq!(solved.keys.len(), 2);
    assert!(far_apart(&solved.points_at(10.0), &blob(40.0, 43.0, 5)) < 0.55);
}

#[test]
fn each_field_is_asked_for_in_order_and_once_a_direction() {
    let motion = Known::new(&[[1.0, 0.0]; 6]);
    let mut document = Document::new(120, 90);
    document.shapes.push(keyed(&[(0.0, blob(30.0, 40.0, 5)), (6.0, blob(36.0, 40.0, 5))], true));
    document.shapes.push(keyed(&[(2.0, blob(50.0, 40.0, 4))], true));
    let mut steps = Vec::new();
    let mut progress = |p: f32| {
        steps.push(p);
        true
    };
    solve(&document, &motion, &Options::new(0, 6), &mut progress).unwrap();
    let up = (0..6).map(|f| (f, f + 1));
    let down = (1..=6).rev().map(|f| (f, f - 1));
    assert_eq!(*motion.asked.lock().unwrap(), up.chain(down).collect::<Vec<_>>());
    assert!(steps.windows(2).all(|w| w[0] <= w[1]) && steps.last() == Some(&1.0));
    let mut stop = |_: f32| false;
    assert_eq!(solve(&document, &motion, &Options::new(0, 6), &mut stop), Err(SolveError::Cancelled));
}

/// Moving texture, through the built-in flow: a half-pixel slip anywhere would show.
struct Texture;

impl Frames for Texture {
    fn plane(&self, frame: i32) -> Result<Arc<Plane>, SolveError> {
        let (dx, dy) = (1.5 * frame as f32, -0.75 * frame as f32);
        let value = |x: f32, y: f32| {
            0.5 + 0.15 * (0.35 * x + 0.2 * y).sin()
                + 0.15 * (0.31 * y - 0.12 * x).cos()
                + 0.1 * (0.55 * x).sin()
                + 0.08 * (0.6 * y + 0.3 * x).sin()
        };
        if !(0..5).contains(&frame) {
            return Err(SolveError::NoFrame(frame));
        }
        Ok(Arc::new(Plane::from_fn(120, 90, |x, y| value(x as f32 + 0.5 - dx, y as f32 + 0.5 - dy))))
    }
}

#[test]
fn no_half_pixel_slips_with_the_built_in_flow() {
    let store = super::FieldStore::new(1 << 30);
    let motion = super::FlowMotion::new(&Texture, flow::Options::default(), &store, &|| false);
    let shape = keyed(&[(0.0, blob(50.0, 50.0, 6))], true);
    let solved = solve_shape(&shape, &motion, &Options::new(0, 4), &mut quiet).unwrap();
    assert_eq!(solved.keys.len(), 5);
    for key in &solved.keys {
        let expected = blob(50.0 + 1.5 * key.frame, 50.0 - 0.75 * key.frame, 6);
        assert!(
            far_apart(&key.points, &expected) < 0.15,
            "{}: {}",
            key.frame,
            far_apart(&key.points, &expected)
        );
    }
}

/// A warm disc that speeds up over a cool wall, with motion that says it does not, and misses some.
struct Hasty;

impl Hasty {
    fn x(frame: f64) -> f64 {
        35.0 + 0.4 * frame * frame
    }
}

impl Motion for Hasty {
    fn field(&self, from: i32, to: i32) -> Result<Arc<MotionField>, SolveError> {
        if !(0..=8).contains(&to) {
            return Err(SolveError::NoFrame(to));
        }
        let step = 2.4 * (to - from) as f32;
        let field = Field::from_fn(120, 90, |_, _| [step, 0.0]);
        Ok(Arc::new(MotionField { field, confidence: None }))
    }

    fn picture(&self, frame: i32) -> Result<Option<Arc<Colours>>, SolveError> {
        let pixel = |i: usize| {
            let (x, y) = ((i % 120) as f64 + 0.5, (i / 120) as f64 + 0.5);
            let inside = (15.5 - (x - Self::x(f64::from(frame))).hypot(y - 45.0)).clamp(0.0, 1.0);
            [(40.0, 110.0), (60.0, 70.0), (90.0, 40.0)].map(|(out, own)| (out + (own - out) * inside) as u8)
        };
        Ok(Colours::from_vec(120, 90, (0..120 * 90).map(pixel).collect()).ok().map(Arc::new))
    }
}

#[test]
fn the_picture_corrects_motion_that_is_wrong() {
    let at = |frame: f64| blob(Hasty::x(frame), 45.0, 8);
    let shape = keyed(&[(0.0, at(0.0)), (8.0, at(8.0))], true);
    let worst = |options: &Options| {
        let solved = solve_shape(&shape, &Hasty, options, &mut quiet).unwrap();
        assert_eq!(solved.keys.len(), 9);
        // Across the outline: along a circle nothing can be seen.
        let off = |k: &Key| {
            let radius = |p: &Point| (p.x - Hasty::x(k.frame)).hypot(p.y - 45.0);
            k.points.iter().map(|p| (radius(p) - 15.0).abs()).fold(0.0, f64::max)
        };
        solved.keys.iter().map(off).fold(0.0, f64::max)
    };
    let (follows, ignores) =
        (worst(&Options::new(0, 8)), worst(&Options { follow_outline: false, ..Options::new(0, 8) }));
    assert!(follows < 3.5 && ignores > 5.0, "{follows} {ignores}");
    let one_way = Options { direction: Direction::Forward, ..Options::new(0, 8) };
    assert!(worst(&one_way) < 3.0, "{}", worst(&one_way));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// Any number of points, anywhere, even wholly outside of the picture.
    #[test]
    fn odd_shapes_are_survived(n in 1usize..6, x in -200.0..300.0f64, y in -200.0..300.0f64, closed: bool, same: bool) {
        let motion = Known::new(&[[3.0, -1.0]; 4]);
        let points = if same { vec![Point::corner(x, y); n] } else { blob(x, y, n) };
        let shape = keyed(&[(1.0, points)], closed);
        let solved = solve_shape(&shape, &motion, &Options::new(0, 4), &mut quiet).unwrap();
        prop_assert_eq!(solved.keys.len(), 5);
        for p in solved.keys.iter().flat_map(|k| &k.points) {
            prop_assert!(p.x.is_finite() && p.y.is_finite());
        }
    }
}
