//! The flow as a whole, on pictures whose motion is known.

use proptest::prelude::*;

use super::region::Region;
use super::{Field, FlowError, Options, Quality, Window, estimate};
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

/// `b` is `a` moved by 20 % of the width, as one piece.
#[test]
fn a_jump_of_a_fifth_of_the_width_is_found() {
    let (w, h) = (320, 200);
    // Things of all sizes, as in a photograph: what is small cannot be told apart so far away.
    let far = |x: f32, y: f32| {
        0.5 * texture(x / 8.0, y / 8.0) + 0.3 * texture(x / 3.0, y / 3.0) + 0.2 * texture(x, y)
    };
    let a = Plane::from_fn(w, h, |x, y| far(x as f32, y as f32));
    let b = Plane::from_fn(w, h, |x, y| far(x as f32 - 64.0, y as f32));
    for quality in [Quality::Fast, Quality::Balanced, Quality::Best] {
        let field = of(&a, &b, quality);
        let mut misses: Vec<f32> = Vec::new();
        for y in 20..h - 20 {
            misses.extend((20..w - 84).map(|x| {
                let [u, v] = field.at(x, y);
                (u - 64.0).hypot(v)
            }));
        }
        misses.sort_by(f32::total_cmp);
        assert!(misses[misses.len() * 9 / 10] < 0.5, "{quality:?}: {}", misses[misses.len() * 9 / 10]);
    }
}

/// Adds grain that differs from frame to frame.
fn grainy(plane: &Plane, seed: f32, amount: f32) -> Plane {
    Plane::from_fn(plane.width(), plane.height(), |x, y| {
        let grain = texture(x as f32 * 13.7 + seed, y as f32 * 17.3 - seed) - 0.5;
        plane.row(y)[x] + amount * grain
    })
}

#[test]
fn grain_moves_nothing() {
    let a = grainy(&picture(120, 90, 0.0, 0.0), 300.0, 0.03);
    let b = grainy(&picture(120, 90, 2.0, 1.0), 900.0, 0.03);
    let e = error(&of(&a, &b, Quality::Balanced), [2.0, 1.0], 16);
    assert!(e < 0.2, "{e}");
}

#[test]
fn a_flat_wall_with_grain_stays() {
    let wall = Plane::filled(120, 90, 0.4);
    let field = of(&grainy(&wall, 100.0, 0.01), &grainy(&wall, 700.0, 0.01), Quality::Balanced);
    let e = error(&field, [0.0, 0.0], 0);
    assert!(e < 0.5, "{e}");
}

#[test]
fn a_blurred_picture_is_followed() {
    let blurred = |dx: f32| {
        Plane::from_fn(160, 120, |x, y| {
            (-4..=4).map(|k| texture(x as f32 + 0.5 - dx + k as f32, y as f32 + 0.5)).sum::<f32>() / 9.0
        })
    };
    let e = error(&of(&blurred(0.0), &blurred(8.0), Quality::Balanced), [8.0, 0.0], 20);
    assert!(e < 0.15, "{e}");
}

/// A lamp far above 1, which moves with the rest.
#[test]
fn light_above_one_is_followed() {
    let lit = |dx: f32| {
        Plane::from_fn(120, 90, |x, y| {
            let lamp = (x as f32 - 60.0 - dx).hypot(y as f32 - 45.0) < 8.0;
            if lamp { 1.8 } else { texture(x as f32 + 0.5 - dx, y as f32 + 0.5) }
        })
    };
    let e = error(&of(&lit(0.0), &lit(3.0), Quality::Balanced), [3.0, 0.0], 16);
    assert!(e < 0.15, "{e}");
}

/// Black bars stand still while the picture between them moves.
#[test]
fn letterbox_bars_do_not_hold_the_picture() {
    let boxed = |dx: f32| {
        Plane::from_fn(160, 120, |x, y| {
            if (20..100).contains(&y) { texture(x as f32 + 0.5 - dx, y as f32 + 0.5) } else { 0.0 }
        })
    };
    let field = of(&boxed(0.0), &boxed(4.0), Quality::Balanced);
    let (mut sum, mut n) = (0.0, 0.0);
    for y in 26..94 {
        for x in 16..144 {
            let [u, v] = field.at(x, y);
            sum += (u - 4.0).hypot(v);
            n += 1.0;
        }
    }
    assert!(sum / n < 0.15, "{}", sum / n);
}

#[test]
fn sizes_from_sixteen_on_and_odd_ones_work() {
    for (w, h) in [(16, 16), (17, 31), (33, 16), (255, 63), (64, 129), (1031, 37)] {
        let field = of(&picture(w, h, 0.0, 0.0), &picture(w, h, 1.0, 0.5), Quality::Balanced);
        let e = error(&field, [1.0, 0.5], 4);
        assert!(e < 0.4, "{w}x{h}: {e}");
    }
}

/// A picture of several strips: their joints do not show.
#[test]
fn strips_do_not_show() {
    let (w, h) = (300, 260);
    let field = of(&picture(w, h, 0.0, 0.0), &picture(w, h, 1.5, -0.5), Quality::Balanced);
    assert!(Region { left: 0, top: 0, width: w, height: h }.strips().len() > 2);
    for y in 20..h - 20 {
        for x in 20..w - 20 {
            let [u, v] = field.at(x, y);
            assert!((u - 1.5).hypot(v + 0.5) < 0.2, "{x} {y}: {u} {v}");
        }
    }
}

#[test]
fn a_window_gives_what_the_whole_gives() {
    let (w, h) = (400, 300);
    let (a, b) = (picture(w, h, 0.0, 0.0), picture(w, h, 5.0, -3.0));
    let window = Window { left: 150, top: 100, right: 230, bottom: 170 };
    for quality in [Quality::Fast, Quality::Balanced, Quality::Best] {
        let whole = of(&a, &b, quality);
        let options = Options { quality, window: Some(window) };
        let part = estimate(&a, &b, &options, &|| false).unwrap();
        assert_eq!((part.width(), part.height()), (w, h));
        for y in window.top..window.bottom {
            for x in window.left..window.right {
                let (p, q) = (part.at(x, y), whole.at(x, y));
                assert!((p[0] - q[0]).hypot(p[1] - q[1]) < 0.1, "{quality:?} {x} {y}: {p:?} {q:?}");
            }
        }
    }
    // Windows outside of the picture, and turned ones, ask for nothing.
    for window in [
        Window { left: 900, top: 900, right: 990, bottom: 990 },
        Window { left: 9, top: 9, right: 3, bottom: 3 },
    ] {
        let options = Options { window: Some(window), ..Options::default() };
        assert!(estimate(&a, &b, &options, &|| false).is_ok());
    }
}

#[test]
fn cancel_is_asked_from_the_calling_thread_and_heard_soon() {
    let (a, b) = (picture(1280, 720, 0.0, 0.0), picture(1280, 720, 3.0, 1.0));
    let caller = std::thread::current().id();
    let (started, asked) = (std::time::Instant::now(), std::sync::atomic::AtomicUsize::new(0));
    let result = estimate(&a, &b, &Options { quality: Quality::Best, ..Options::default() }, &|| {
        assert_eq!(std::thread::current().id(), caller);
        asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        started.elapsed().as_millis() > 60
    });
    assert_eq!(result, Err(FlowError::Cancelled));
    assert!(asked.load(std::sync::atomic::Ordering::Relaxed) > 3);
    // Generous, for loaded machines: an uncancelled estimate takes far longer without optimisation too.
    assert!(started.elapsed().as_secs_f32() < 2.0, "{:?}", started.elapsed());
}
