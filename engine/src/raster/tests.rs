//! Mattes against references that count places.

use kurbo::Affine;
use proptest::prelude::*;
use shapes::{Blend, Document, Feather, Interp, Key, Point, Shape};

use super::{Falloff, MatteOptions, MotionBlur, Reach, Window, matte, multi_matte, reach};
use crate::image::Plane;
use crate::spline::Outline;

/// How far a soft or grown edge may be from the mean of its definition over each pixel; at sharp edges most of it is the
/// error of counting places.
const EDGE_TOLERANCE: f32 = 1.0 / 64.0;
/// How far a grown disc may be from a larger one; most of it is how far flattened curves may lie off.
const GROWN_TOLERANCE: f32 = 1.0 / 64.0;
/// How far the mean of 2x2 or 4x4 pixels may be from the pixel of half or quarter scale.
const SCALE_TOLERANCE: f32 = 1.0 / 100.0;
/// Places counted in a pixel: a Fibonacci lattice of so many, and the number before it.
const PLACES: [usize; 2] = [610, 377];
const SIDE: usize = 48;

fn corners(places: &[(f64, f64)]) -> Vec<Point> {
    places.iter().map(|&(x, y)| Point::corner(x, y)).collect()
}

fn disc(x: f64, y: f64, r: f64) -> Vec<Point> {
    let k = r * 0.552_284_75;
    vec![
        Point::new(x + r, y, [0.0, -k], [0.0, k]),
        Point::new(x, y + r, [k, 0.0], [-k, 0.0]),
        Point::new(x - r, y, [0.0, k], [0.0, -k]),
        Point::new(x, y - r, [-k, 0.0], [k, 0.0]),
    ]
}

/// With a notch and a spike.
fn notched() -> Vec<Point> {
    corners(&[(9.2, 8.1), (39.3, 12.4), (24.6, 22.2), (40.1, 38.7), (12.3, 36.9)])
}

fn feathered(points: Vec<Point>, offsets: &[(f64, f64)]) -> Vec<Point> {
    let with = |(p, &(x, y)): (Point, &(f64, f64))| Point {
        feather: Some(Feather { offset: [x, y], tangent_in: p.tangent_in, tangent_out: p.tangent_out }),
        ..p
    };
    points.into_iter().zip(offsets.iter().cycle()).map(with).collect()
}

fn contour(points: &[Point]) -> Vec<Point> {
    let offset = |p: &Point| p.feather.as_ref().map_or([0.0; 2], |f| f.offset);
    points.iter().map(|p| Point { x: p.x + offset(p)[0], y: p.y + offset(p)[1], ..p.clone() }).collect()
}

fn document(shapes: Vec<Vec<Point>>) -> Document {
    let mut document = Document::new(SIDE as u32, SIDE as u32);
    document.shapes =
        shapes.into_iter().map(|points| Shape::new("s", true, vec![Key::new(0.0, points)])).collect();
    document
}

fn drawn(document: &Document, options: &MatteOptions) -> Plane {
    matte(document, 0.0, options, Window::of_size(SIDE, SIDE))
}

/// Signed distance to a closed outline, negative inside, from its many chords.
fn distance(outline: &[kurbo::Point], p: kurbo::Point) -> f64 {
    let (mut least, mut winding) = (f64::MAX, 0);
    for (a, b) in outline.iter().zip(outline.iter().cycle().skip(1)) {
        let (along, from) = (*b - *a, p - *a);
        let t = (from.dot(along) / along.hypot2().max(1e-30)).clamp(0.0, 1.0);
        least = least.min((from - along * t).hypot());
        let side = along.cross(from);
        winding += i32::from(a.y <= p.y && b.y > p.y && side > 0.0);
        winding -= i32::from(b.y <= p.y && a.y > p.y && side < 0.0);
    }
    if winding == 0 { least } else { -least }
}

fn chords(points: &[Point]) -> Vec<kurbo::Point> {
    let spacing_px = if points.iter().all(|p| p.tangent_out == [0.0; 2]) { 1e3 } else { 0.5 };
    Outline::new(points, true).samples(spacing_px, 1).iter().map(|s| s.position).collect()
}

/// The definition of an edge, counted: outside by the smaller of both distances, inside by the larger.
fn counted(points: &[Point], options: &MatteOptions) -> Plane {
    let (outline, feather) = (chords(points), chords(&contour(points)));
    let back = options.raster_from_document.inverse();
    let edge = |x: f64, y: f64| {
        let p = back * kurbo::Point::new(x, y);
        let (c, f) = (distance(&outline, p), distance(&feather, p));
        let spread = 0.5 * options.feather_px;
        (c.min(f) - options.grow_px - spread, c.max(f) - options.grow_px + spread)
    };
    Plane::from_fn(SIDE, SIDE, |x, y| {
        let (outer, inner) = edge(x as f64 + 0.5, y as f64 + 0.5);
        if outer > 2.0 || inner < -2.0 {
            return if outer > 0.0 { 0.0 } else { 1.0 };
        }
        let [count, step] = PLACES;
        let places = (0..count).map(|i| {
            let part = |i: usize| ((i % count) as f64 + 0.5) / count as f64;
            let (outer, inner) = edge(x as f64 + part(i), y as f64 + part(i * step));
            if inner - outer < 1e-9 {
                f64::from(u8::from(outer < 0.0))
            } else {
                options.falloff.at(-outer / (inner - outer))
            }
        });
        (places.sum::<f64>() / count as f64) as f32
    })
}

/// The largest difference of two planes, and where.
fn apart(a: &Plane, b: &Plane) -> (f32, usize, usize) {
    let both = a.data().iter().zip(b.data()).enumerate();
    let (i, far) =
        both.map(|(i, (a, b))| (i, (a - b).abs())).fold((0, 0.0), |w, v| if v.1 > w.1 { v } else { w });
    (far, i % a.width(), i / a.width())
}

fn assert_counted(name: &str, points: Vec<Point>, options: &MatteOptions) {
    let wanted = counted(&points, options);
    let (far, x, y) = apart(&drawn(&document(vec![points]), options), &wanted);
    assert!(far <= EDGE_TOLERANCE, "{name}: {far} at {x} {y}");
}

#[test]
fn uniform_edges_are_distances() {
    let scales = [Affine::IDENTITY, Affine::scale_non_uniform(0.5, 1.0), Affine::scale(0.75)];
    let looks = [
        (9.0, 0.0, Falloff::Linear),
        (9.0, 0.0, Falloff::Smooth),
        (2.0, 0.0, Falloff::Gamma(2.0)),
        (0.0, 5.0, Falloff::Linear),
        (0.0, -3.0, Falloff::Linear),
        (6.0, 4.0, Falloff::Gamma(0.5)),
    ];
    for (name, points) in [("disc", disc(23.3, 24.1, 13.7)), ("notched", notched())] {
        for (look, raster_from_document) in looks.iter().zip(scales.iter().cycle()) {
            let (feather_px, grow_px, falloff) = *look;
            let raster_from_document = *raster_from_document;
            let options = MatteOptions {
                raster_from_document,
                feather_px,
                grow_px,
                falloff,
                ..MatteOptions::default()
            };
            assert_counted(&format!("{name} {options:?}"), points.clone(), &options);
        }
    }
}

#[test]
fn feather_contours_are_followed_inwards_and_outwards() {
    let linear = MatteOptions { falloff: Falloff::Linear, ..MatteOptions::default() };
    let out = [(-6.0, -6.0), (6.0, -5.0), (7.0, 0.0), (6.0, 6.0), (-5.0, 6.0)];
    let inwards = [(5.0, 5.0), (-9.0, 1.0), (-6.0, 0.0), (-8.0, -5.0), (4.0, -4.0)];
    let both = [(-6.0, -6.0), (-6.0, 2.0), (6.0, 1.0), (6.0, 5.0), (4.0, -5.0)];
    assert_counted("crossing", feathered(notched(), &[(-4.0, -3.0), (3.0, 2.0)]), &linear);
    for (name, offsets) in [("out", out), ("in", inwards), ("both", both)] {
        assert_counted(name, feathered(notched(), &offsets), &linear);
    }
    assert_counted(
        "disc",
        feathered(disc(24.0, 24.0, 12.0), &[(8.0, 0.0), (0.0, 3.0), (4.0, 0.0), (0.0, -6.0)]),
        &linear,
    );
}

#[test]
fn a_feather_of_no_width_is_the_exact_coverage() {
    for points in [notched(), disc(24.0, 24.0, 12.0)] {
        let sharp = drawn(&document(vec![points.clone()]), &MatteOptions::default());
        let none = drawn(&document(vec![feathered(points.clone(), &[(0.0, 0.0)])]), &MatteOptions::default());
        assert_eq!(none, sharp);
        let mut last = 0.0;
        for feather_px in [1e-6, 0.01, 0.1] {
            let options = MatteOptions { feather_px, ..MatteOptions::default() };
            let (far, ..) = apart(&drawn(&document(vec![points.clone()]), &options), &sharp);
            assert!(far >= last && f64::from(far) <= feather_px + 1e-5, "{feather_px}: {far}");
            last = far;
        }
    }
}

#[test]
fn a_feather_contour_that_crosses_itself_does_not_leak() {
    let points = corners(&[(8.0, 20.0), (22.0, 20.0), (26.0, 20.0), (40.0, 20.0), (40.0, 40.0), (8.0, 40.0)]);
    let offsets = [(0.0, -12.0), (14.0, -12.0), (-14.0, -12.0), (0.0, -12.0), (0.0, 0.0), (0.0, 0.0)];
    let m = drawn(&document(vec![feathered(points, &offsets)]), &MatteOptions::default());
    // From the outline outwards the matte only falls, also where the contour doubles back.
    for x in 10..38 {
        let column: Vec<f32> = (0..30).map(|y| m.row(y)[x]).collect();
        assert!(column.windows(2).all(|w| w[0] <= w[1] + 1e-4), "{x}: {column:?}");
        assert!(column[21] > 0.999 && column[7] == 0.0);
    }
    // Nor is there an island where its tip turns over.
    let points = corners(&[(10.0, 24.0), (38.0, 24.0), (38.0, 40.0), (10.0, 40.0)]);
    let offsets = [(18.0, -20.0), (-18.0, -20.0), (0.0, 0.0), (0.0, 0.0)];
    let m = drawn(&document(vec![feathered(points, &offsets)]), &MatteOptions::default());
    assert!(m.data()[..9 * SIDE].iter().all(|v| *v == 0.0));
    assert!(m.row(22)[24] > 0.5);
}

#[test]
fn grown_corners_are_round_and_shrunk_ones_sharp() {
    let square = corners(&[(14.0, 14.0), (34.0, 14.0), (34.0, 34.0), (14.0, 34.0)]);
    let area = |grow_px: f64| {
        let options = MatteOptions { grow_px, ..MatteOptions::default() };
        let m = drawn(&document(vec![square.clone()]), &options);
        m.data().iter().map(|v| f64::from(*v)).sum::<f64>()
    };
    assert!((area(6.0) - (400.0 + 4.0 * 20.0 * 6.0 + std::f64::consts::PI * 36.0)).abs() < 0.1);
    assert!((area(-6.0) - 64.0).abs() < 1e-3);
    assert_eq!(area(-10.5), 0.0);
}

#[test]
fn grown_discs_are_larger_discs() {
    for (r, grow_px) in [(13.7, 5.0), (13.7, -3.0), (5.2, 12.0), (20.1, -0.7)] {
        let options = MatteOptions { grow_px, ..MatteOptions::default() };
        let grown = drawn(&document(vec![disc(23.3, 24.1, r)]), &options);
        let wanted = drawn(&document(vec![disc(23.3, 24.1, r + grow_px)]), &MatteOptions::default());
        let (far, x, y) = apart(&grown, &wanted);
        assert!(far <= GROWN_TOLERANCE, "{r} {grow_px}: {far} at {x} {y}");
    }
}

#[test]
fn neighbours_that_share_an_edge_are_one() {
    let (a, b) = ((21.3, 6.2), (26.9, 41.8));
    let left = corners(&[(5.1, 9.0), a, b, (8.4, 35.0)]);
    let whole = corners(&[(5.1, 9.0), a, (43.2, 12.0), (38.8, 39.1), b, (8.4, 35.0)]);
    for reversed in [false, true] {
        let mut right = corners(&[a, (43.2, 12.0), (38.8, 39.1), b]);
        if reversed {
            right.reverse();
        }
        for (feather_px, grow_px, tolerance) in [(0.0, 0.0, 1e-5), (7.0, 0.0, 1e-3), (0.0, 2.0, 1e-3)] {
            let options = MatteOptions { feather_px, grow_px, ..MatteOptions::default() };
            let two = drawn(&document(vec![left.clone(), right.clone()]), &options);
            let (far, x, y) = apart(&two, &drawn(&document(vec![whole.clone()]), &options));
            assert!(far <= tolerance, "{feather_px} {grow_px} {reversed}: {far} at {x} {y}");
        }
    }
}

#[test]
fn overlapping_neighbours_keep_one_edge() {
    // Both have the same left edge, which lies within a pixel.
    let tall = corners(&[(10.5, 6.0), (20.0, 6.0), (20.0, 40.0), (10.5, 40.0)]);
    let wide = corners(&[(10.5, 10.0), (40.0, 10.0), (40.0, 20.0), (10.5, 20.0)]);
    let m = drawn(&document(vec![tall.clone(), wide.clone()]), &MatteOptions::default());
    assert_eq!((m.row(15)[10], m.row(30)[10]), (0.5, 0.5));
    // One that crosses itself is composed over the others.
    let eight = corners(&[(10.5, 22.0), (30.0, 38.0), (30.0, 22.0), (10.5, 38.0)]);
    let m = drawn(&document(vec![tall, wide, eight]), &MatteOptions::default());
    assert_eq!((m.row(15)[10], m.row(30)[28]), (0.5, 1.0));
}

#[test]
fn shapes_have_looks_of_their_own() {
    let mut d = document(vec![disc(24.0, 24.0, 10.0)]);
    let plain = drawn(&d, &MatteOptions::default());
    d.shapes[0].feather = Some(8.0);
    let soft = drawn(
        &document(vec![disc(24.0, 24.0, 10.0)]),
        &MatteOptions { feather_px: 8.0, ..MatteOptions::default() },
    );
    assert_eq!(drawn(&d, &MatteOptions::default()), soft);
    d.shapes[0].feather = None;
    d.shapes[0].grow = Some(-4.0);
    assert!(drawn(&d, &MatteOptions { grow_px: 4.0, ..MatteOptions::default() }) == plain);
    d.shapes[0].grow = None;
    d.shapes[0].invert = true;
    d.shapes[0].opacity = Some(0.5);
    let inverted = drawn(&d, &MatteOptions::default());
    assert!(inverted.data().iter().zip(plain.data()).all(|(i, p)| (i - 0.5 * (1.0 - p)).abs() < 1e-6));
    assert_eq!(reach(&d, 0.0, &MatteOptions::default()), Reach::Everywhere);
}

#[test]
fn opacity_is_that_of_the_frame_and_what_is_not_there_takes_no_part() {
    use shapes::OpacityKey;
    let mut d = document(vec![disc(24.0, 24.0, 10.0), disc(30.0, 24.0, 10.0)]);
    let options = MatteOptions::default();
    let at = |d: &Document, frame: f64| matte(d, frame, &options, Window::of_size(SIDE, SIDE));
    let both = at(&d, 0.0);
    d.shapes[1].opacity_keys =
        vec![OpacityKey::new(2.0, 0.0, Interp::Linear), OpacityKey::new(6.0, 1.0, Interp::Linear)];
    assert_eq!(at(&d, 6.0), both, "one region again, without a line");
    assert_eq!(at(&d, 4.0).row(24)[38], 0.5);
    let mut alone = d.clone();
    alone.shapes.pop();
    let one = at(&alone, 0.0);
    assert_eq!((at(&d, 2.0), reach(&d, 2.0, &options)), (one.clone(), reach(&alone, 2.0, &options)));
    // Not there, it does not cut either.
    for blend in [Blend::Intersect, Blend::Holdout] {
        d.shapes[1].blend = blend;
        assert_eq!(at(&d, 1.0), one, "{blend:?}");
    }
    let blurred = MatteOptions {
        motion_blur: Some(MotionBlur { shutter_frames: 1.0, opens_at_frames: -0.5 }),
        ..options
    };
    assert_eq!(matte(&d, 1.0, &blurred, Window::of_size(SIDE, SIDE)), one);
}

#[test]
fn reach_holds_all_that_is_drawn() {
    assert_eq!(reach(&Document::new(9, 9), 0.0, &MatteOptions::default()), Reach::Nowhere);
    let mut d = document(vec![disc(24.0, 24.0, 6.0)]);
    let options = MatteOptions { feather_px: 4.0, grow_px: 1.0, ..MatteOptions::default() };
    let Reach::Within(r) = reach(&d, 0.0, &options) else { panic!("it has bounds") };
    assert!((r.x0 - 15.0).abs() < 0.1 && (r.y1 - 33.0).abs() < 0.1, "{r:?}");
    d.shapes[0].blend = Blend::Subtract;
    assert!(drawn(&d, &options).data().iter().all(|v| *v == 0.0));
}

#[test]
fn multi_mattes_go_by_colour_or_in_turn() {
    let place = |x: f64, y: f64| corners(&[(x, y), (x + 8.0, y), (x + 8.0, y + 8.0), (x, y + 8.0)]);
    let mut d = document(vec![place(2.0, 2.0), place(12.0, 2.0), place(22.0, 2.0), place(32.0, 2.0)]);
    let channels = |d: &Document| {
        let planes = multi_matte(d, 0.0, &MatteOptions::default(), Window::of_size(SIDE, SIDE));
        [4, 14, 24, 34].map(|x| planes.each_ref().map(|p| p.row(5)[x]))
    };
    let one = |i: usize| std::array::from_fn(|k| if k == i { 1.0 } else { 0.0 });
    assert_eq!(channels(&d), [0, 1, 2, 3].map(one));
    let colours = [[0.1, 0.0, 0.9], [1.0, 1.0, 1.0], [0.8, 0.3, 0.1], [0.0, 0.5, 0.0]];
    d.shapes.iter_mut().zip(colours).for_each(|(s, c)| s.color = Some(c));
    assert_eq!(channels(&d), [2, 3, 0, 1].map(one));
    let holdout =
        Shape { blend: Blend::Holdout, ..Shape::new("h", true, vec![Key::new(0.0, place(22.0, 2.0))]) };
    d.shapes.push(holdout);
    assert_eq!(channels(&d)[2], [0.0; 4], "it is cut out of every channel");
}

/// A disc on an arc, as a solver writes it.
fn arc() -> Document {
    let key = |i: i32| {
        let (s, c) = (f64::from(i) * 0.4).sin_cos();
        Key { confidence: Some(0.9), ..Key::new(f64::from(i), disc(24.0 + 14.0 * c, 24.0 + 14.0 * s, 6.0)) }
    };
    let mut d = document(Vec::new());
    d.shapes.push(Shape::new("s", true, (-4..8).map(key).collect()));
    d
}

#[test]
fn moments_are_enough() {
    let window = Window::of_size(SIDE, SIDE);
    for (feather_px, shutter_frames) in [(0.0, 0.5), (0.0, 2.0), (5.0, 1.0)] {
        let blur = MotionBlur { shutter_frames, opens_at_frames: -0.5 * shutter_frames };
        let options = MatteOptions { feather_px, motion_blur: Some(blur), ..MatteOptions::default() };
        let d = arc();
        let few = matte(&d, 1.0, &options, window);
        let sharp = MatteOptions { motion_blur: None, ..options };
        let mut dense = Plane::filled(SIDE, SIDE, 0.0);
        const MANY: i32 = 2000;
        for i in 0..MANY {
            let moment = 1.0 + shutter_frames * ((f64::from(i) + 0.5) / f64::from(MANY) - 0.5);
            let posed = document(vec![d.shapes[0].points_exposed(1.0, moment)]);
            let one = matte(&posed, 0.0, &sharp, window);
            dense.data_mut().iter_mut().zip(one.data()).for_each(|(m, v)| *m += v / MANY as f32);
        }
        let (far, x, y) = apart(&few, &dense);
        assert!(far <= 1.0 / 512.0, "{feather_px} {shutter_frames}: {far} at {x} {y}");
    }
}

#[test]
fn exposures_keep_holds_sharp_and_shapes_unblurred() {
    let blur = MotionBlur { shutter_frames: 1.0, opens_at_frames: -0.5 };
    let blurred = MatteOptions { motion_blur: Some(blur), ..MatteOptions::default() };
    let window = Window::of_size(SIDE, SIDE);
    let mut d = arc();
    let at = |d: &Document, options: &MatteOptions| matte(d, 1.0, options, window);
    let sharp = at(&d, &MatteOptions::default());
    assert_ne!(at(&d, &blurred), sharp);
    d.shapes[0].blur = Some(false);
    assert_eq!(at(&d, &blurred), sharp);
    d.shapes[0].blur = None;
    d.shapes[0].keys.iter_mut().for_each(|k| k.interp = Interp::Hold);
    assert_eq!(at(&d, &blurred), sharp);
}

#[test]
fn smaller_scales_are_box_filtered() {
    let mut soft = arc();
    soft.shapes[0].feather = Some(3.0);
    let notched = document(vec![feathered(notched(), &[(-4.0, -3.0), (3.0, 2.0)])]);
    let mut wire =
        vec![Point::new(3.0, 44.0, [0.0; 2], [9.0, -30.0]), Point::new(45.0, 3.0, [-9.0, 30.0], [0.0; 2])];
    (wire[0].width, wire[1].width) = (Some(5.0), Some(1.5));
    let mut stroke = document(vec![wire]);
    stroke.shapes[0].closed = false;
    let blur = MotionBlur { shutter_frames: 1.0, opens_at_frames: -0.5 };
    let looks = [
        (0.0, 0.0, None),
        (4.0, 0.0, None),
        (0.0, 2.0, None),
        (0.0, 0.0, Some(blur)),
        (2.0, -1.0, Some(blur)),
    ];
    for (name, d) in [("arc", arc()), ("soft", soft), ("notched", notched), ("stroke", stroke)] {
        for (feather_px, grow_px, motion_blur) in looks {
            let options = MatteOptions { feather_px, grow_px, motion_blur, ..MatteOptions::default() };
            let whole = matte(&d, 1.0, &options, Window::of_size(SIDE, SIDE));
            for parts in [2usize, 4] {
                let raster_from_document = Affine::scale(1.0 / parts as f64);
                let options = MatteOptions { raster_from_document, ..options.clone() };
                let small = matte(&d, 1.0, &options, Window::of_size(SIDE / parts, SIDE / parts));
                let mean = Plane::from_fn(SIDE / parts, SIDE / parts, |x, y| {
                    let row =
                        |j: usize| whole.row(y * parts + j)[x * parts..(x + 1) * parts].iter().sum::<f32>();
                    (0..parts).map(row).sum::<f32>() / (parts * parts) as f32
                });
                let (far, x, y) = apart(&small, &mean);
                assert!(far <= SCALE_TOLERANCE, "{name} {options:?}: {far} at {x} {y}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn windows_are_parts_of_the_whole(
        places in prop::collection::vec((4.0..44.0f64, 4.0..44.0f64, -9.0..9.0f64, -9.0..9.0f64), 3..9),
        (feather, grow) in (0.0..6.0f64, -3.0..3.0f64),
        (x0, y0) in (-20i32..40, -20i32..40),
        (w, h) in (1i32..30, 1i32..30),
        scale in 0.3..1.5f64,
    ) {
        let points = places.iter().map(|&(x, y, fx, fy)| feathered(vec![Point::corner(x, y)], &[(fx, fy)])[0].clone());
        let mut d = arc();
        d.shapes.push(Shape::new("s", true, vec![Key::new(0.0, points.collect())]));
        d.shapes.push(Shape { feather: Some(feather), ..Shape::new("s", false, vec![Key::new(0.0, notched())]) });
        let options = MatteOptions {
            raster_from_document: Affine::scale_non_uniform(scale, 1.0) * Affine::translate((-3.0, 0.5)),
            grow_px: grow,
            motion_blur: Some(MotionBlur { shutter_frames: 0.25, opens_at_frames: 0.0 }),
            ..MatteOptions::default()
        };
        let all = Window { x0: -24, y0: -24, x1: 72, y1: 72 };
        let whole = matte(&d, 1.0, &options, all);
        let part = matte(&d, 1.0, &options, Window { x0, y0, x1: x0 + w, y1: y0 + h });
        for y in 0..h {
            let from = (x0 - all.x0) as usize;
            let row = &whole.row((y0 + y - all.y0) as usize)[from..from + w as usize];
            prop_assert_eq!(part.row(y as usize), row);
        }
        prop_assert!(whole.data().iter().all(|v| (0.0..=1.0).contains(v)));
    }

    #[test]
    fn nonsense_is_survived(values in prop::array::uniform8(prop::num::f64::ANY), closed in any::<bool>()) {
        let [x, y, ox, oy, feather_px, grow_px, width, scale] = values;
        let mut points = notched();
        points[1] = Point { width: Some(width), ..Point::corner(x, y) };
        points[2].feather = Some(Feather { offset: [ox, oy], ..Feather::default() });
        let options = MatteOptions {
            raster_from_document: Affine::scale(if scale.abs() < 8.0 { scale } else { 1.0 }),
            feather_px,
            grow_px,
            ..MatteOptions::default()
        };
        let m = super::shape_coverage(&points, closed, &options, Window::of_size(20, 20));
        prop_assert!(m.data().iter().all(|v| (0.0..=1.0).contains(v)));
    }
}
