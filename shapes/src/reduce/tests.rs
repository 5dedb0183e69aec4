use crate::{Feather, Interp, Key, Point, Shape};
use proptest::prelude::*;

use super::path::fewest;
use super::reduce_keys;
use super::rows::{Measure, Rows};

/// Two corners that move along x, the second by half; a key a frame, those in `artists` the artist's.
fn shape(xs: &[f64], artists: &[usize]) -> Shape {
    let key = |(i, x): (usize, &f64)| Key {
        confidence: (!artists.contains(&i)).then_some(1.0),
        ..Key::new(i as f64, vec![Point::corner(*x, 0.0), Point::corner(0.5 * *x + 10.0, 5.0)])
    };
    Shape::new("s", true, xs.iter().enumerate().map(key).collect())
}

fn reduced(shape: &Shape, tolerance_px: f64, interp: Interp) -> Shape {
    reduce_keys(shape, 0.0, shape.keys[shape.keys.len() - 1].frame, tolerance_px, interp)
}

fn frames(shape: &Shape) -> Vec<f64> {
    shape.keys.iter().map(|k| k.frame).collect()
}

fn worst_px(shape: &Shape, reduced: &Shape) -> f64 {
    let far = |k: &Key| {
        let near = reduced.points_at(k.frame);
        near.iter().zip(&k.points).map(|(p, q)| (p.x - q.x).hypot(p.y - q.y)).fold(0.0, f64::max)
    };
    shape.keys.iter().map(far).fold(0.0, f64::max)
}

#[test]
fn a_straight_line_needs_its_ends() {
    let s = shape(&(0..20).map(|i| f64::from(i) * 1.5).collect::<Vec<_>>(), &[]);
    for interp in [Interp::Linear, Interp::Smooth] {
        assert_eq!(frames(&reduced(&s, 0.01, interp)), [0.0, 19.0]);
        assert_eq!(reduced(&s, 0.0, interp), s);
    }
}

#[test]
fn a_curve_in_time_needs_fewer_smooth_keys() {
    let s = shape(&(0..60).map(|i| 40.0 * (f64::from(i) * 0.15).sin()).collect::<Vec<_>>(), &[]);
    let [lines, curves] = [Interp::Linear, Interp::Smooth].map(|interp| {
        let r = reduced(&s, 0.5, interp);
        assert!(worst_px(&s, &r) <= 0.5);
        r.keys.len()
    });
    assert!(3 * curves <= 2 * lines, "{curves} smooth keys, {lines} linear ones");
}

#[test]
fn free_values_need_fewer_keys_than_solved_ones() {
    let s = shape(&(0..60).map(|i| 40.0 * (f64::from(i) * 0.15).sin()).collect::<Vec<_>>(), &[]);
    let stops = fewest(&Rows::new(&s, Measure::Curve), &s, [&[false; 60], &[true; 60]], 0.5).len();
    let free = reduced(&s, 0.5, Interp::Linear).keys.len();
    assert!(5 * free <= 4 * stops, "{free} free keys, {stops} solved ones");
}

#[test]
fn holds_stay_still_and_jumps_take_one_frame() {
    // On twos and threes, with an artist's key inside of a hold.
    let xs = [0.0, 0.0, 0.4, 0.4, 0.4, 20.0, 20.0, 24.0, 24.0, 24.0, 30.0, 30.0];
    for interp in [Interp::Linear, Interp::Smooth] {
        let s = shape(&xs, &[8]);
        let r = reduced(&s, 0.3, interp);
        for (i, pair) in xs.windows(2).enumerate().filter(|(_, w)| w[0] == w[1]) {
            for part in [0.0, 0.3, 0.9, 1.0] {
                assert_eq!(r.points_at(i as f64 + part)[0].x, pair[0], "held from frame {i}");
            }
        }
        assert!(r.key_at(8.0).is_some_and(|k| k == s.key_at(8.0).unwrap()));
        assert!(r.keys.len() <= 8, "{:?}", frames(&r));
        // Nothing is seen halfway between two replacements.
        assert_eq!(r.points_at(4.5)[0].x, 0.4);
        // What moves less than the tolerance between two holds needs no key.
        assert!(frames(&reduced(&s, 0.45, interp)).iter().all(|f| *f != 2.0));
    }
}

#[test]
fn keys_with_fixed_points_stay_as_they_are() {
    let mut s = shape(&(0..20).map(f64::from).collect::<Vec<_>>(), &[0]);
    s.keys[7].points[1] = Point { locked: true, ..Point::corner(30.0, 4.0) };
    for interp in [Interp::Linear, Interp::Smooth] {
        let r = reduced(&s, 2.0, interp);
        assert_eq!(r.key_at(7.0), s.key_at(7.0));
        assert!(worst_px(&s, &r) <= 2.0 && r.keys.len() < 8, "{:?}", frames(&r));
    }
}

#[test]
fn feathers_and_widths_count() {
    let mut s = shape(&[0.0; 9], &[]);
    for (i, key) in s.keys.iter_mut().enumerate() {
        key.points[0].feather =
            Some(Feather { offset: [0.3 * (i as f64 - 4.0).powi(2), 0.0], ..Feather::default() });
        key.points[1].width = Some(1.0 + (i as f64 - 4.0).abs());
    }
    let r = reduced(&s, 0.5, Interp::Linear);
    for key in &s.keys {
        let p = r.points_at(key.frame);
        let offset = |p: &Point| p.feather.as_ref().unwrap().offset[0];
        assert!((offset(&p[0]) - offset(&key.points[0])).abs() <= 0.5);
        assert!((p[1].width.unwrap() - key.points[1].width.unwrap()).abs() <= 0.5);
    }
    assert!(r.keys.len() < 9);
}

#[test]
fn what_lies_outside_of_the_range_stays() {
    let s = shape(&(0..30).map(|i| f64::from(i % 7)).collect::<Vec<_>>(), &[]);
    let r = reduce_keys(&s, 10.0, 20.0, 3.0, Interp::Linear);
    for key in s.keys.iter().filter(|k| k.frame <= 10.0 || k.frame >= 20.0) {
        assert_eq!(r.key_at(key.frame), Some(key));
    }
    assert!(r.keys.len() < 30);
}

/// The fewest rows out of all choices, by trying each.
fn fewest_by_trying(shape: &Shape, artists: &[usize], tolerance_px: f64) -> usize {
    let n = shape.keys.len();
    let ends = [0, n - 1];
    (0..1u32 << n)
        .filter(|set| ends.iter().chain(artists).all(|i| set & (1 << i) != 0))
        .filter(|set| {
            let keys = (0..n).filter(|i| set & (1 << i) != 0).map(|i| shape.keys[i].clone()).collect();
            worst_px(shape, &Shape { keys, ..shape.clone() }) <= tolerance_px
        })
        .map(u32::count_ones)
        .min()
        .unwrap_or(n as u32) as usize
}

/// The fewest keys at free values for one number a frame: every choice of frames, and for each the interval of values that
/// a key can have, taken from key to key.
fn fewest_free_by_trying(xs: &[f64], tolerance: f64) -> usize {
    let reachable = |set: u32| {
        let stops: Vec<usize> = (0..xs.len()).filter(|i| set & (1 << i) != 0).collect();
        // Values of the key are tried on a fine grid.
        let grid = |i: usize| (0..=80).map(move |k| xs[i] + tolerance * (f64::from(k) / 40.0 - 1.0));
        let mut values: Vec<f64> = grid(stops[0]).collect();
        for w in stops.windows(2) {
            let fits = |from: f64, to: f64| {
                (w[0]..=w[1]).all(|i| {
                    let t = (i - w[0]) as f64 / (w[1] - w[0]) as f64;
                    (from * (1.0 - t) + to * t - xs[i]).abs() <= tolerance + 1e-9
                })
            };
            values = grid(w[1]).filter(|to| values.iter().any(|from| fits(*from, *to))).collect();
        }
        !values.is_empty()
    };
    let n = xs.len();
    let ends = 1 | 1 << (n - 1);
    (0..1u32 << n)
        .filter(|set| set & ends == ends && reachable(*set))
        .map(u32::count_ones)
        .min()
        .unwrap_or(n as u32) as usize
}

/// Motion that drifts, with noise.
fn walk(steps: &[f64], noise: &[f64]) -> Vec<f64> {
    let mut x = 0.0;
    let sum = |(s, n): (&f64, &f64)| {
        x += s;
        x + n
    };
    steps.iter().zip(noise).map(sum).collect()
}

proptest! {
    #[test]
    fn the_tolerance_holds_and_artists_keys_stay(
        xs in prop::collection::vec(-20.0..20.0f64, 3..40),
        tolerance in 0.1..15.0f64,
        artist in 0usize..40,
        smooth: bool,
    ) {
        let artist = artist % xs.len();
        let s = shape(&xs, &[artist]);
        let r = reduced(&s, tolerance, if smooth { Interp::Smooth } else { Interp::Linear });
        prop_assert!(r.keys.len() <= s.keys.len());
        prop_assert!(worst_px(&s, &r) <= tolerance);
        prop_assert_eq!(r.key_at(artist as f64), s.key_at(artist as f64));
    }

    #[test]
    fn solved_values_are_as_few_as_can_be(
        xs in prop::collection::vec(-4.0..4.0f64, 3..9),
        tolerance in 0.2..4.0f64,
        artist in 0usize..9,
    ) {
        let artist = artist % xs.len();
        let s = shape(&xs, &[artist]);
        let mut stays = vec![false; xs.len()];
        stays[artist] = true;
        let free: Vec<bool> = stays.iter().map(|s| !s).collect();
        let stops = fewest(&Rows::new(&s, Measure::Curve), &s, [&stays, &free], tolerance);
        prop_assert_eq!(stops.len(), fewest_by_trying(&s, &[artist], tolerance));
        prop_assert!(reduced(&s, tolerance, Interp::Linear).keys.len() <= stops.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn free_values_are_within_one_key_of_the_fewest(
        steps in prop::collection::vec(-2.0..2.0f64, 8),
        noise in prop::collection::vec(-0.3..0.3f64, 8),
        tolerance in 0.3..1.5f64,
    ) {
        let xs = walk(&steps, &noise);
        let least = fewest_free_by_trying(&xs, tolerance);
        let ours = reduced(&shape(&xs, &[]), tolerance, Interp::Linear).keys.len();
        prop_assert!(ours <= least + 1, "{ours} keys where {least} do");
    }
}
