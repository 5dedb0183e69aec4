//! A small model through the real runtime: places come back in the picture's pixels, wherever the patches are.

mod onnx;

use inference::{Bounds, Detection, Landmarker, ModelError, Picture};

/// Three patches of 12 px on grey, their centres at the corners of a triangle around `(x, y)`.
fn patches(width: usize, height: usize, x: f32, y: f32) -> (Vec<u8>, [[f32; 2]; 3]) {
    let centres = [[x - 30., y - 20.], [x + 30., y - 20.], [x, y + 30.]];
    let mut rgb = vec![90; width * height * 3];
    for (colour, [cx, cy]) in centres.into_iter().enumerate() {
        for v in (cy - 6.) as usize..(cy + 6.) as usize {
            for u in (cx - 6.) as usize..(cx + 6.) as usize {
                for c in 0..3 {
                    rgb[(v * width + u) * 3 + c] = if c == colour { 255 } else { 0 };
                }
            }
        }
    }
    (rgb, centres)
}

fn distances(seen: &Detection, truth: &[[f32; 2]; 3]) -> Vec<f32> {
    seen.landmarks.iter().zip(truth).map(|(l, t)| (l.x - t[0]).hypot(l.y - t[1])).collect()
}

#[test]
fn landmarks_come_back_in_the_pictures_pixels() {
    let Some(runtime) = onnx::runtime() else { return };
    let model = Landmarker::from_bytes(&runtime, &onnx::colours().write()).unwrap();
    assert_eq!(model.card().character, "Colours");
    for (width, height, x, y) in
        [(100, 90, 50., 44.), (200, 120, 100., 50.), (640, 360, 500., 250.), (90, 400, 44., 300.)]
    {
        let (rgb, truth) = patches(width, height, x, y);
        let picture = Picture::new(width, height, &rgb).unwrap();
        let seen = model.run(&picture).unwrap();
        let names: Vec<_> = seen.landmarks.iter().map(|l| &*l.name).collect();
        assert_eq!(names, ["red", "green", "blue"]);
        let off = distances(&seen, &truth);
        assert!(off.iter().all(|&d| d < 1.0), "{width} x {height}: {off:?} of {seen:?}");
        assert!(seen.score > 0.9 && seen.landmarks.iter().all(|l| l.confidence > 0.9), "{seen:?}");
        let Bounds { x0, y0, x1, y1 } = seen.bounds;
        assert!((x1 - x0 - 60.).abs() < 2. && (y1 - y0 - 50.).abs() < 2., "{:?}", seen.bounds);
    }
}

#[test]
fn small_heads_are_found_in_parts_of_the_picture() {
    let Some(runtime) = onnx::runtime() else { return };
    let model = Landmarker::from_bytes(&runtime, &onnx::colours().write()).unwrap();
    let (rgb, truth) = patches(1500, 1200, 1300., 1000.);
    let seen = model.run(&Picture::new(1500, 1200, &rgb).unwrap()).unwrap();
    assert!(distances(&seen, &truth).iter().all(|&d| d < 1.0), "{seen:?}");
}

#[test]
fn bounds_lead_to_the_same_place() {
    let Some(runtime) = onnx::runtime() else { return };
    let model = Landmarker::from_bytes(&runtime, &onnx::colours().write()).unwrap();
    let (rgb, truth) = patches(640, 360, 200., 150.);
    let picture = Picture::new(640, 360, &rgb).unwrap();
    let near = Bounds { x0: 150., y0: 110., x1: 260., y1: 200. };
    assert!(distances(&model.run_within(&picture, near).unwrap(), &truth).iter().all(|&d| d < 1.0));
    for wild in [f32::NAN, f32::INFINITY, -1e30, 1e30] {
        let bounds = Bounds { x0: wild, y0: 0., x1: 10., y1: wild };
        let seen = model.run_within(&picture, bounds).unwrap();
        assert!(seen.landmarks.iter().all(|l| l.x.is_finite() && l.y.is_finite()));
    }
}

#[test]
fn a_picture_without_the_character_has_a_low_score() {
    let Some(runtime) = onnx::runtime() else { return };
    let model = Landmarker::from_bytes(&runtime, &onnx::colours().write()).unwrap();
    for (width, height) in [(1, 1), (2, 900), (300, 300)] {
        let rgb = vec![128; width * height * 3];
        assert!(model.run(&Picture::new(width, height, &rgb).unwrap()).unwrap().score < 0.5);
    }
}

#[test]
fn threads_may_share_a_model() {
    let Some(runtime) = onnx::runtime() else { return };
    let model = Landmarker::from_bytes(&runtime, &onnx::colours().write()).unwrap();
    let (rgb, _) = patches(200, 120, 100., 50.);
    let picture = Picture::new(200, 120, &rgb).unwrap();
    let alone = model.run(&picture).unwrap();
    std::thread::scope(|scope| {
        let others: Vec<_> = (0..4).map(|_| scope.spawn(|| model.run(&picture).unwrap())).collect();
        others.into_iter().for_each(|other| assert_eq!(other.join().unwrap(), alone));
    });
}

#[test]
fn what_is_no_number_is_an_error() {
    let Some(runtime) = onnx::runtime() else { return };
    let mut parts = onnx::colours();
    parts.tensors[2] = onnx::floats("sharp", &[1], &[f32::INFINITY]);
    let model = Landmarker::from_bytes(&runtime, &parts.write()).unwrap();
    let rgb = vec![128; 64 * 64 * 3];
    assert!(matches!(model.run(&Picture::new(64, 64, &rgb).unwrap()), Err(ModelError::NoNumbers)));
}
