//! Strokes with a feather for each point against discs along the curve.

use kurbo::{Affine, ParamCurve};
use proptest::prelude::*;
use shapes::{Document, Feather, Key, Point, Shape};

use super::{Falloff, MatteOptions, MotionBlur, Reach, Window, feather_line, matte, reach, shape_coverage};
use crate::image::Plane;
use crate::spline::Outline;

const SIDE: usize = 40;
/// Places counted in a pixel: a Fibonacci lattice of so many, and the number before it.
const PLACES: [usize; 2] = [233, 144];
/// How far a soft stroke may be from the mean of its definition over each pixel.
const TOLERANCE: f32 = 1.0 / 64.0;

/// A point of a stroke with a width and a feather that shows somewhere.
fn point(at: (f64, f64), handle: [f64; 2], width: f64, feather_px: f64) -> Point {
    let offset = [0.6 * feather_px, -0.8 * feather_px];
    Point {
        width: Some(width),
        feather: Some(Feather { offset, ..Feather::default() }),
        ..Point::new(at.0, at.1, handle.map(|v| -v), handle)
    }
}

/// A wire that bends, is thickest in its middle, and softest at its end.
fn wire() -> Vec<Point> {
    vec![
        point((7.0, 31.0), [3.0, -9.0], 1.5, 2.0),
        point((19.0, 17.0), [6.0, 0.0], 6.0, 4.0),
        point((29.0, 13.0), [2.0, -3.0], 3.0, 7.0),
    ]
}

fn drawn(points: &[Point], options: &MatteOptions) -> Plane {
    shape_coverage(points, false, options, Window::of_size(SIDE, SIDE))
}

/// Values at the start of, between and at the end of a segment: slopes as Fritsch and Butland (1984) have them, Hermite's
/// cubic.
fn between(values: &[f64], segment: usize, t: f64) -> f64 {
    let rise = |i: usize| values[i + 1] - values[i];
    let slope = |i: usize| match i {
        0 => rise(0),
        i if i + 1 == values.len() => rise(i - 1),
        i if rise(i - 1) * rise(i) <= 0.0 => 0.0,
        i => 2.0 / (1.0 / rise(i - 1) + 1.0 / rise(i)),
    };
    let (t2, t3) = (t * t, t * t * t);
    values[segment] * (2.0 * t3 - 3.0 * t2 + 1.0)
        + values[segment + 1] * (3.0 * t2 - 2.0 * t3)
        + slope(segment) * (t3 - 2.0 * t2 + t)
        + slope(segment + 1) * (t3 - t2)
}

/// The definition, counted: full within the discs of the stroke, nothing outside of those wider by the feather, and by the
/// distances to both between them.
fn reference(points: &[Point], falloff: Falloff) -> Plane {
    const PIECES: u32 = 240;
    let width: Vec<f64> = points.iter().map(|p| 0.5 * p.width.unwrap_or(0.0)).collect();
    let feather = |p: &Point| p.feather.as_ref().map_or(0.0, |f| f.offset[0].hypot(f.offset[1]));
    let outer: Vec<f64> = points.iter().zip(&width).map(|(p, w)| w + feather(p)).collect();
    let mut discs = Vec::new();
    for (segment, curve) in Outline::new(points, false).segments().iter().enumerate() {
        discs.extend((0..=PIECES).map(|i| {
            let t = f64::from(i) / f64::from(PIECES);
            (curve.eval(t), between(&width, segment, t), between(&outer, segment, t))
        }));
    }
    let distances = |x: f64, y: f64| {
        let place = kurbo::Point::new(x, y);
        discs.iter().fold((f64::MAX, f64::MAX), |(c, f), (at, inner, outer)| {
            let d = at.distance(place);
            (c.min(d - inner), f.min(d - outer))
        })
    };
    let at = |x: f64, y: f64| {
        let (c, f) = distances(x, y);
        if c - f < 1e-9 { f64::from(u8::from(c < 0.0)) } else { falloff.at(-f / (c - f)) }
    };
    Plane::from_fn(SIDE, SIDE, |x, y| {
        let (x, y) = (x as f64, y as f64);
        let (c, f) = distances(x + 0.5, y + 0.5);
        if f > 1.0 || c < -1.0 {
            return if f > 0.0 { 0.0 } else { 1.0 };
        }
        let [count, step] = PLACES;
        let part = |i: usize| ((i % count) as f64 + 0.5) / count as f64;
        ((0..count).map(|i| at(x + part(i), y + part(i * step))).sum::<f64>() / count as f64) as f32
    })
}

fn apart(a: &Plane, b: &Plane) -> f32 {
    a.data().iter().zip(b.data()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn feathers_of_strokes_are_distances() {
    for falloff in [Falloff::Linear, Falloff::Smooth, Falloff::Gamma(2.0)] {
        let options = MatteOptions { falloff, ..MatteOptions::default() };
        let far = apart(&drawn(&wire(), &options), &reference(&wire(), falloff));
        assert!(far <= TOLERANCE, "{falloff:?}: {far}");
    }
    let straight = [point((6.0, 20.0), [9.0, 0.0], 4.0, 0.0), point((33.0, 20.0), [9.0, 0.0], 2.0, 9.0)];
    let options = MatteOptions { falloff: Falloff::Linear, ..MatteOptions::default() };
    let far = apart(&drawn(&straight, &options), &reference(&straight, Falloff::Linear));
    assert!(far <= TOLERANCE, "from no feather to a wide one: {far}");
}

#[test]
fn which_way_a_feather_shows_does_not_matter() {
    let mut turned = wire();
    for f in turned.iter_mut().filter_map(|p| p.feather.as_mut()) {
        f.offset = [-f.offset[1], f.offset[0]];
        (f.tangent_in, f.tangent_out) = ([9.0, 1.0], [-4.0, 7.0]);
    }
    let options = MatteOptions::default();
    assert_eq!(drawn(&turned, &options), drawn(&wire(), &options));
}

#[test]
fn no_feather_is_the_stroke_itself() {
    let mut none = wire();
    none.iter_mut().for_each(|p| p.feather = Some(Feather::default()));
    let mut plain = wire();
    plain.iter_mut().for_each(|p| p.feather = None);
    let options = MatteOptions::default();
    assert_eq!(drawn(&none, &options), drawn(&plain, &options));
    assert!(feather_line(&plain, 1.0).is_none());
}

#[test]
fn the_line_of_a_feather_is_where_the_matte_ends() {
    let options = MatteOptions::default();
    let line = feather_line(&wire(), 1.0).unwrap();
    let field = drawn(&wire(), &MatteOptions { falloff: Falloff::Linear, ..options.clone() });
    for p in &line {
        let value = field.row(p.y as usize)[p.x as usize];
        assert!(value < 0.25, "{p}: {value}");
    }
    let mut d = Document::new(SIDE as u32, SIDE as u32);
    d.shapes.push(Shape::new("s", false, vec![Key::new(0.0, wire())]));
    let Reach::Within(r) = reach(&d, 0.0, &options) else { panic!("it has bounds") };
    let bounds = line.iter().fold(kurbo::Rect::from_points(line[0], line[0]), |r, p| r.union_pt(*p));
    for (a, b) in [(r.x0, bounds.x0), (r.y0, bounds.y0), (r.x1, bounds.x1), (r.y1, bounds.y1)] {
        assert!((a - b).abs() < 0.1, "{r:?} {bounds:?}");
    }
}

#[test]
fn a_stroke_whose_feather_grows_is_blurred_by_that() {
    let mut d = Document::new(SIDE as u32, SIDE as u32);
    let at = |feather_px: f64| [4.0, 36.0].map(|x| point((x, 20.0), [9.0, 0.0], 2.0, feather_px)).to_vec();
    d.shapes.push(Shape::new("s", false, vec![Key::new(0.0, at(2.0)), Key::new(1.0, at(12.0))]));
    let blur = MotionBlur { shutter_frames: 1.0, opens_at_frames: 0.0 };
    let options = MatteOptions { motion_blur: Some(blur), ..MatteOptions::default() };
    let window = Window::of_size(SIDE, SIDE);
    let mut mean = Plane::filled(SIDE, SIDE, 0.0);
    for i in 0..400 {
        let moment = matte(&d, (f64::from(i) + 0.5) / 400.0, &MatteOptions::default(), window);
        mean.data_mut().iter_mut().zip(moment.data()).for_each(|(m, v)| *m += v / 400.0);
    }
    let far = apart(&matte(&d, 0.0, &options, window), &mean);
    assert!(far <= 1.0 / 512.0, "{far}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn tiles_and_other_scales_are_the_same_matte(
        p in prop::collection::vec((8.0..32.0f64, 8.0..32.0f64, -9.0..9.0f64, -9.0..9.0f64, 0.0..6.0f64, 0.0..8.0f64), 2..5),
        (x0, y0) in (0i32..30, 0i32..30),
    ) {
        let points: Vec<_> = p.iter().map(|&(x, y, u, v, w, f)| point((x, y), [u, v], w, f)).collect();
        let options = MatteOptions::default();
        let whole = drawn(&points, &options);
        let part = shape_coverage(&points, false, &options, Window { x0, y0, x1: x0 + 10, y1: y0 + 9 });
        for y in 0..9 {
            let from = x0 as usize;
            prop_assert_eq!(part.row(y), &whole.row(y0 as usize + y)[from..from + 10]);
        }
        let half = MatteOptions { raster_from_document: Affine::scale(0.5), ..options };
        let half = shape_coverage(&points, false, &half, Window::of_size(SIDE / 2, SIDE / 2));
        let mean = Plane::from_fn(SIDE / 2, SIDE / 2, |x, y| {
            let row = |j: usize| whole.row(2 * y + j)[2 * x] + whole.row(2 * y + j)[2 * x + 1];
            0.25 * (row(0) + row(1))
        });
        prop_assert!(apart(&half, &mean) <= 1.0 / 32.0, "{}", apart(&half, &mean));
        prop_assert!(whole.data().iter().all(|v| (0.0..=1.0).contains(v)));
    }
}
