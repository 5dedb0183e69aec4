use super::*;
use crate::raster::{self, MatteOptions, Window};
use kurbo::Vec2;

/// A soft disc with a hole, and a square that comes and goes.
fn matte(frame: i32) -> Plane {
    let centre = Vec2::new(60.0 + 2.5 * f64::from(frame), 50.0 + f64::from(frame % 3));
    let soft = |edge: f64| (edge + 0.5).clamp(0.0, 1.0);
    Plane::from_fn(160, 100, |x, y| {
        let p = Vec2::new(x as f64 + 0.5, y as f64 + 0.5);
        let far = (p - centre).hypot();
        let ring = soft(30.0 - far).min(1.0 - soft(10.0 - far));
        let square = if (4..9).contains(&frame) {
            soft(8.0 - (p.x - 20.0).abs().max((p.y - 80.0).abs()))
        } else {
            0.0
        };
        ring.max(square) as f32
    })
}

fn made(options: Options) -> Vectorised {
    vectorise(&mut |f| Ok(matte(f)), [1, 12], &options, &mut |_| true).unwrap()
}

/// Intersection by union of what the shapes draw and the matte, both cut at a half.
fn iou(document: &Document, frame: i32) -> f64 {
    let window = Window::of_size(160, 100);
    let drawn = raster::matte(document, f64::from(frame), &MatteOptions::default(), window);
    let pairs = || {
        drawn
            .data()
            .iter()
            .zip(matte(frame).data().to_vec())
            .map(|(a, b)| (*a >= 0.5, b >= 0.5))
            .collect::<Vec<_>>()
    };
    let both = pairs().iter().filter(|(a, b)| *a && *b).count() as f64;
    both / pairs().iter().filter(|(a, b)| *a || *b).count() as f64
}

#[test]
fn parts_holes_and_what_comes_and_goes() {
    let Vectorised { document, left_out } = made(Options::default());
    let names: Vec<_> = document.shapes.iter().map(|s| (s.name.as_str(), s.blend)).collect();
    assert_eq!(names, [("shape 1", Blend::Add), ("shape 2", Blend::Add), ("hole 1", Blend::Subtract)]);
    assert_eq!(left_out, 0);
    for frame in 1..=12 {
        let iou = iou(&document, frame);
        assert!(iou > 0.985, "frame {frame}: {iou}");
    }
    for shape in &document.shapes {
        let points = shape.keys[0].points.len();
        assert!(points <= 12, "{}: {points} points", shape.name);
        assert!(shape.keys.iter().all(Key::is_artists));
    }
}

/// A hard-edged ellipse that goes on, turns and grows evenly, with a bump on it.
fn slow(frame: i32) -> Plane {
    let t = f64::from(frame);
    let turn = Vec2::from_angle(-0.01 * t);
    Plane::from_fn(160, 100, |x, y| {
        let p = Vec2::new(x as f64 + 0.5 - 60.0 - 1.3 * t, y as f64 + 0.5 - 50.0);
        let p = Vec2::new(p.x * turn.x - p.y * turn.y, p.x * turn.y + p.y * turn.x);
        let body = (p.x / (34.0 + 0.2 * t)).powi(2) + (p.y / 22.0).powi(2) < 1.0;
        let bump = (p - Vec2::new(10.0, -22.0)).hypot() < 9.0;
        f32::from(u8::from(body || bump))
    })
}

#[test]
fn what_moves_evenly_has_few_keys() {
    let options = Options::default();
    let made = vectorise(&mut |f| Ok(slow(f)), [1, 24], &options, &mut |_| true).unwrap().document;
    assert_eq!(made.shapes.len(), 1);
    let shape = &made.shapes[0];
    assert!(shape.keys.len() <= 4, "{} keys", shape.keys.len());
    assert!(shape.keys[0].points.len() <= 12, "{} points", shape.keys[0].points.len());
    for frame in 1..=24 {
        let outline = shapes::outline::Outline::new(&shape.points_at(f64::from(frame)), true);
        let samples = outline.samples(1.0, 4);
        let contour = contour::contours(&slow(frame)).remove(0).0;
        // Both ways: no place of the contour without the curve, and no loop of the curve without the contour.
        let far = |p: kurbo::Point, from: &mut dyn Iterator<Item = kurbo::Point>| {
            from.map(|q| p.distance(q)).fold(f64::INFINITY, f64::min)
        };
        let to_curve = contour.iter().map(|p| far(*p, &mut samples.iter().map(|s| s.position)));
        let mut misses: Vec<f64> = to_curve.collect();
        misses.extend(samples.iter().map(|s| far(s.position, &mut contour.iter().copied())));
        misses.sort_by(f64::total_cmp);
        // Nearest samples are half a pixel away along the curve, the contour has steps of half a pixel.
        let [most, nearly_all] = [misses[misses.len() - 1], misses[misses.len() * 95 / 100]];
        assert!(most < 4.0 && nearly_all < 1.5, "frame {frame}: {nearly_all}, {most}");
    }
}

#[test]
fn poses_on_twos_are_keys_that_hold() {
    let options = Options::default();
    let made = vectorise(&mut |f| Ok(matte(f / 2)), [2, 9], &options, &mut |_| true).unwrap().document;
    let ring = &made.shapes[0];
    let keys: Vec<_> = ring.keys.iter().map(|k| (k.frame, k.interp)).collect();
    assert_eq!(keys, [2.0, 4.0, 6.0, 8.0].map(|f| (f, Interp::Hold)));
}

#[test]
fn points_can_be_counted_and_small_parts_left_out() {
    let options = Options { points: Some(7), least_area_px2: 400.0, ..Options::default() };
    let Vectorised { document, left_out } = made(options);
    assert_eq!((document.shapes.len(), left_out), (1, 2));
    assert!(document.shapes[0].keys.iter().all(|k| k.points.len() == 7));
}

#[test]
fn nothing_broken_and_cancelled() {
    let options = Options::default();
    let empty = vectorise(&mut |_| Ok(Plane::filled(9, 9, 0.0)), [1, 3], &options, &mut |_| true).unwrap();
    assert_eq!((empty.document.shapes.len(), empty.document.width), (0, 9));
    let full = vectorise(&mut |_| Ok(Plane::filled(9, 9, 1.0)), [1, 3], &options, &mut |_| true).unwrap();
    assert_eq!(full.document.shapes[0].keys.len(), 1, "it stands still");
    let speck = |f: i32| {
        Plane::from_fn(24, 24, |x, y| {
            if f == 2 {
                0.5 * f32::from(u8::from([x, y] == [9, 9]))
            } else {
                f32::from(u8::from(x > 3 && y > 3))
            }
        })
    };
    let all = Options { least_area_px2: 0.0, ..options };
    let specks = vectorise(&mut |f| Ok(speck(f)), [1, 3], &all, &mut |_| true).unwrap();
    assert!(
        specks.document.shapes.iter().flat_map(|s| &s.keys).flat_map(|k| &k.points).all(|p| p.x.is_finite())
    );
    let noise = |x: usize, y: usize| f32::from(u8::from((x * 7919 + y * 104_729) % 5 < 2));
    let many =
        vectorise(&mut |_| Ok(Plane::from_fn(200, 200, noise)), [1, 2], &options, &mut |_| true).unwrap();
    assert!(many.document.shapes.len() <= MOST_PARTS && many.left_out > 0);
    let broken = vectorise(&mut |_| Err("gone".to_owned()), [5, 5], &options, &mut |_| true).unwrap_err();
    assert_eq!(broken.to_string(), "frame 5: gone");
    let stopped = vectorise(&mut |f| Ok(matte(f)), [1, 2], &options, &mut |_| false).unwrap_err();
    assert_eq!(stopped, VectoriseError::Cancelled);
}
