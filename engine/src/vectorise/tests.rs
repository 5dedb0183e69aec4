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
    assert_eq!(full.document.shapes[0].keys.len(), 2, "it stands still");
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
