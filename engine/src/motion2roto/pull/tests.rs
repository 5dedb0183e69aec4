//! The pull as a whole, on pictures whose outline is known.

use kurbo::{Point, Vec2};

use super::Look;
use crate::image::Colours;

const CENTRE: Point = Point::new(60.0, 55.0);

/// A lobed outline.
fn outline(n: usize, shift: Vec2, grow: f64) -> Vec<Point> {
    let at = |i: usize| {
        let t = i as f64 / n as f64 * std::f64::consts::TAU;
        CENTRE + shift + Vec2::from_angle(t) * ((28.0 + 3.0 * (3.0 * t).sin()) * grow)
    };
    (0..n).map(at).collect()
}

/// Warm inside, cool outside, with grain on both.
fn picture(shift: Vec2, grow: f64) -> Colours {
    let mut seed = 7u32;
    let pixel = |i: usize| {
        let p = Point::new((i % 130) as f64 + 0.5, (i / 130) as f64 + 0.5) - (CENTRE + shift);
        let t = p.atan2();
        let inside = ((28.0 + 3.0 * (3.0 * t).sin()) * grow - p.hypot() + 0.5).clamp(0.0, 1.0);
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = f64::from(seed >> 24) / 255.0 * 8.0;
        let mix = |a: f64, b: f64| (a + (b - a) * inside + grain) as u8;
        [mix(40.0, 100.0), mix(60.0, 70.0), mix(90.0, 45.0)]
    };
    Colours::from_vec(130, 110, (0..130 * 110).map(pixel).collect()).unwrap()
}

fn mean_off(found: &[Point], shift: Vec2, grow: f64) -> f64 {
    let truth = outline(2000, shift, grow);
    let off = |p: &Point| truth.iter().map(|q| p.distance(*q)).fold(f64::INFINITY, f64::min);
    found.iter().map(off).sum::<f64>() / found.len() as f64
}

#[test]
fn a_contour_that_was_carried_wrongly_finds_the_outline() {
    let contour = outline(70, Vec2::ZERO, 1.0);
    let (shift, grow) = (Vec2::new(4.0, -3.0), 1.1);
    let look = Look::at_key(&contour, &picture(Vec2::ZERO, 1.0));
    let found = look.pulled(&contour, &picture(shift, grow), contour.iter().map(|_| 1.0), &[1.0; 70]);
    let (before, after) = (mean_off(&contour, shift, grow), mean_off(&found, shift, grow));
    assert!(before > 3.0 && after < 0.6, "{before} to {after}");
    let slide = found.iter().zip(outline(70, shift, grow)).map(|(p, q)| p.distance(q)).fold(0.0, f64::max);
    assert!(slide < 7.0, "{slide}");
}

#[test]
fn a_contour_in_its_place_stays_there() {
    let contour = outline(70, Vec2::ZERO, 1.0);
    let look = Look::at_key(&contour, &picture(Vec2::ZERO, 1.0));
    let found = look.pulled(&contour, &picture(Vec2::ZERO, 1.0), contour.iter().map(|_| 0.1), &[0.1; 70]);
    assert!(mean_off(&found, Vec2::ZERO, 1.0) < 0.15);
}

#[test]
fn where_nothing_tells_the_sides_apart_nothing_moves_far() {
    let grey = Colours::from_vec(130, 110, vec![[60; 3]; 130 * 110]).unwrap();
    let contour = outline(70, Vec2::ZERO, 1.0);
    let look = Look::at_key(&contour, &grey);
    let moved = outline(70, Vec2::new(2.0, 1.0), 1.0);
    let found = look.pulled(&moved, &grey, moved.iter().map(|_| 0.2), &[0.2; 70]);
    let far = found.iter().zip(&moved).map(|(p, q)| p.distance(*q)).fold(0.0, f64::max);
    assert!(far < 1.0, "{far}");
}

#[test]
fn shapes_outside_of_the_picture_and_tiny_ones_are_survived() {
    let there = picture(Vec2::ZERO, 1.0);
    for contour in [
        outline(70, Vec2::new(900.0, -400.0), 1.0),
        outline(70, Vec2::new(60.0, 0.0), 1.0),
        outline(9, Vec2::ZERO, 0.01),
        vec![CENTRE; 6],
        vec![CENTRE],
    ] {
        let n = contour.len();
        let look = Look::at_key(&contour, &there);
        let found = look.pulled(&contour, &there, (0..n).map(|_| 0.5), &vec![0.5; n]);
        assert!(found.len() == n && found.iter().all(|p| p.is_finite()));
    }
    let empty = Colours::default();
    let contour = outline(20, Vec2::ZERO, 1.0);
    assert_eq!(
        Look::at_key(&contour, &empty).pulled(&contour, &empty, (0..20).map(|_| 0.5), &[0.5; 20]).len(),
        20
    );
}
