//! The flow as a whole, on pictures whose motion is known.

use proptest::prelude::*;

use super::{Field, FlowError, Options, Quality, estimate};
use crate::image::Plane;

/// Smooth noise of two sizes: unlike waves, it looks the same nowhere else.
fn texture(x: f32, y: f32) -> f32 {
    let noise = |x: f32, y: f32, seed: i64| {
        let at = |i: i64, j: i64| {
            let mut h = (i * 73_856_093) ^ (j * 19_349_663) ^ (seed * 83_492_791);
            h = (h ^ (h >> 13)).wrapping_mul(1_274_126_177);
            ((h ^ (h >> 16)) & 0xffff) as f32 / 65536.0
        };
        let ((i, j), ease) = ((x.floor(), y.floor()), |t: f32| t * t * (3.0 - 2.0 * t));
        let (fx, fy) = (ease(x - i), ease(y - j));
        let (i, j) = (i as i64, j as i64);
        let row = |j: i64| at(i, j) * (1.0 - fx) + at(i + 1, j) * fx;
        row(j) * (1.0 - fy) + row(j + 1) * fy
    };
    0.6 * noise(x / 6.0, y / 6.0, 1) + 0.4 * noise(x / 17.0, y / 17.0, 2)
}

fn picture(w: usize, h: usize, dx: f32, dy: f32) -> Plane {
    Plane::from_fn(w, h, |x, y| texture(x as f32 + 0.5 - dx, y as f32 + 0.5 - dy))
}

fn of(a: &Plane, b: &Plane, quality: Quality) -> Field {
    estimate(a, b, &Options { quality, ..Options::default() }, &|| false).unwrap()
}

/// Mean distance from a constant motion, `margin` px from the borders.
fn error(field: &Field, truth: [f32; 2], margin: usize) -> f32 {
    let (mut sum, mut n) = (0.0, 0.0);
    for y in margin..field.height() - margin {
        for x in margin..field.width() - margin {
            let [u, v] = field.at(x, y);
            sum += (u - truth[0]).hypot(v - truth[1]);
            n += 1.0;
        }
    }
    sum / n
}

#[test]
fn a_shift_is_found_at_every_quality() {
    for (quality, bound) in [(Quality::Fast, 0.1), (Quality::Balanced, 0.05), (Quality::Best, 0.05)] {
        for [dx, dy] in [[0.5, 0.0], [3.3, -1.7], [-9.0, 6.0]] {
            let field = of(&picture(121, 90, 0.0, 0.0), &picture(121, 90, dx, dy), quality);
            let e = error(&field, [dx, dy], 16);
            assert!(e < bound, "{quality:?} {dx} {dy}: {e}");
        }
    }
}

#[test]
fn a_change_of_exposure_is_no_motion() {
    let a = picture(120, 90, 0.0, 0.0);
    let mut b = picture(120, 90, 2.0, 1.0);
    b.data_mut().iter_mut().for_each(|v| *v = *v * 0.8 + 0.06);
    let e = error(&of(&a, &b, Quality::Balanced), [2.0, 1.0], 16);
    assert!(e < 0.06, "{e}");
}

#[test]
fn held_pictures_do_not_move_at_all() {
    let a = picture(60, 50, 0.0, 0.0);
    assert_eq!(of(&a, &a.clone(), Quality::Best), Field::zero(60, 50));
}

#[test]
fn the_result_is_the_same_for_any_number_of_threads() {
    let (a, b) = (picture(150, 110, 0.0, 0.0), picture(150, 110, 4.0, 2.0));
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| of(&a, &b, Quality::Balanced))
    };
    assert_eq!(with(1), with(5));
}

#[test]
fn sizes_must_agree_and_cancel_is_heard() {
    let (a, b) = (picture(40, 30, 0.0, 0.0), picture(41, 30, 0.0, 0.0));
    let error = estimate(&a, &b, &Options::default(), &|| false);
    assert_eq!(error, Err(FlowError::Sizes { a: (40, 30), b: (41, 30) }));
    let moved = picture(40, 30, 1.0, 0.0);
    assert_eq!(estimate(&a, &moved, &Options::default(), &|| true), Err(FlowError::Cancelled));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Tiny, flat, and broken pictures: a finite field of the right size.
    #[test]
    fn anything_is_survived(
        w in 0usize..34, h in 0usize..34, kind in 0usize..4,
        quality in prop::sample::select(vec![Quality::Fast, Quality::Balanced, Quality::Best]),
    ) {
        let a = picture(w, h, 0.0, 0.0);
        let b = match kind {
            0 => picture(w, h, 2.0, 1.0),
            1 => Plane::filled(w, h, 0.3),
            2 => Plane::filled(w, h, f32::NAN),
            _ => Plane::from_fn(w, h, |x, y| if (x + y) % 3 == 0 { f32::INFINITY } else { -1e30 }),
        };
        for (a, b) in [(&a, &b), (&b, &a)] {
            let field = of(a, b, quality);
            prop_assert_eq!((field.width(), field.height()), (w, h));
            prop_assert!(field.u().iter().chain(field.v()).all(|v| v.is_finite()));
        }
    }
}
