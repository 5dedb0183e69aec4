//! A document's matte: its shapes one over the other.

use kurbo::Affine;
use rayon::prelude::*;
use shapes::{Blend, Document, Shape};

use super::flatten::flatten;
use super::soften::{margin_px, soften};
use super::stroke::{Caps, add_stroke, width_px};
use super::{Edges, Window};
use crate::image::Plane;
use crate::spline::Outline;

/// How a matte is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct MatteOptions {
    /// Raster px from document px: render scale and pixel aspect (`Affine::scale_non_uniform(0.5 / par, 0.5)`),
    /// and the place of the picture in the raster.
    pub raster_from_document: Affine,
    /// Width of the soft edge, document px; it lies half inside and half outside of the outline.
    pub feather_px: f64,
    /// Width of open strokes whose points have none, document px.
    pub stroke_px: f64,
    /// White outside.
    pub invert: bool,
    /// Blur along the splines' own motion.
    pub motion_blur: Option<MotionBlur>,
}

impl Default for MatteOptions {
    fn default() -> Self {
        MatteOptions {
            raster_from_document: Affine::IDENTITY,
            feather_px: 0.0,
            stroke_px: 1.0,
            invert: false,
            motion_blur: None,
        }
    }
}

/// An open shutter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MotionBlur {
    /// How long it is open, frames (0.5 is 180 degrees).
    pub shutter_frames: f64,
    /// When it opens, frames from the frame drawn (-0.25 centres a shutter of 0.5).
    pub opens_at_frames: f64,
    /// Moments that are averaged, at least 1.
    pub samples: u32,
}

/// The matte of all shapes of `document` at `frame`, 0 to 1, for the pixels of `window` (raster px).
///
/// Shapes are composed in their order, each with its opacity: add `m + c - m c`, subtract `m (1 - c)`, intersect
/// `m c`, max, difference `|m - c|`; a holdout is cut out of the whole stack, later shapes too. The part of the
/// matte in a window is the same whatever the window.
pub fn matte(document: &Document, frame: f64, options: &MatteOptions, window: Window) -> Plane {
    let times = moments(frame, options.motion_blur);
    let share = 1.0 / times.len() as f32;
    let mut mean = Plane::filled(window.width(), window.height(), 0.0);
    for time in &times {
        let one = stack(document, *time, options, window);
        for (m, v) in mean.data_mut().iter_mut().zip(one.data()) {
            *m += share * v;
        }
    }
    if options.invert {
        mean.data_mut().iter_mut().for_each(|v| *v = 1.0 - *v);
    }
    mean
}

fn moments(frame: f64, blur: Option<MotionBlur>) -> Vec<f64> {
    match blur {
        Some(b) if b.samples > 1 && b.shutter_frames.is_finite() && b.opens_at_frames.is_finite() => (0..b
            .samples)
            .map(|i| {
                frame + b.opens_at_frames + b.shutter_frames * (f64::from(i) + 0.5) / f64::from(b.samples)
            })
            .collect(),
        _ => vec![frame],
    }
}

fn stack(document: &Document, time: f64, options: &MatteOptions, window: Window) -> Plane {
    let layers: Vec<Plane> = document
        .shapes
        .par_iter()
        .map(|s| shape_coverage(&s.points_at(time), s.closed, options, window))
        .collect();
    let mut sum = Plane::filled(window.width(), window.height(), 0.0);
    let mut held_out = Plane::filled(window.width(), window.height(), 0.0);
    for (shape, layer) in document.shapes.iter().zip(&layers) {
        let opacity = opacity(shape);
        let onto = if shape.blend == Blend::Holdout { &mut held_out } else { &mut sum };
        for (m, c) in onto.data_mut().iter_mut().zip(layer.data()) {
            let c = c * opacity;
            *m = match shape.blend {
                Blend::Add | Blend::Holdout => *m + c - *m * c,
                Blend::Subtract => *m * (1.0 - c),
                Blend::Intersect => *m * c,
                Blend::Max => m.max(c),
                Blend::Difference => (*m - c).abs(),
            };
        }
    }
    for (m, h) in sum.data_mut().iter_mut().zip(held_out.data()) {
        *m *= 1.0 - h;
    }
    sum
}

fn opacity(shape: &Shape) -> f32 {
    let opacity = shape.opacity.unwrap_or(1.0);
    if opacity.is_finite() { opacity.clamp(0.0, 1.0) as f32 } else { 1.0 }
}

/// Coverage, 0 to 1, of one spline for the pixels of `window`: the inside of a closed one, the stroke of an open
/// one. Uses the transform, the feather and the stroke width of `options`.
pub fn shape_coverage(
    points: &[shapes::Point],
    closed: bool,
    options: &MatteOptions,
    window: Window,
) -> Plane {
    let map = options.raster_from_document;
    let vertices = flatten(&Outline::new(points, closed), map);
    let mut edges = Edges::new();
    if closed {
        edges.add_polygon(vertices.iter().map(|v| [v.at.x, v.at.y]));
    } else {
        // A stroke keeps its width in all directions: the mean of the transform's two scales.
        let scale = map.determinant().abs().sqrt();
        add_stroke(&mut edges, &vertices, Caps::Round, |v| {
            0.5 * scale * width_px(points, v, options.stroke_px)
        });
    }
    let [xx, xy, yx, yy, ..] = map.as_coeffs();
    let feather_px = [xx.hypot(yx), xy.hypot(yy)].map(|s| s * options.feather_px);
    let margin = margin_px(feather_px);
    if margin == 0 {
        return edges.coverage(window);
    }
    soften(&edges.coverage(window.grown(margin)), feather_px)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shapes::{Key, Point};

    fn square(x: f64, y: f64, side: f64) -> Vec<Point> {
        [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
            .map(|(x, y)| Point::corner(x, y))
            .to_vec()
    }

    fn document(shapes: &[(Vec<Point>, Blend)]) -> Document {
        let mut document = Document::new(20, 20);
        for (points, blend) in shapes {
            let mut shape = Shape::new("s", true, vec![Key::new(0.0, points.clone())]);
            shape.blend = *blend;
            document.shapes.push(shape);
        }
        document
    }

    fn at(document: &Document, options: &MatteOptions, x: usize, y: usize) -> f32 {
        matte(document, 0.0, options, Window::of_size(20, 20)).row(y)[x]
    }

    #[test]
    fn blends() {
        let two = |blend| document(&[(square(2.0, 2.0, 10.0), Blend::Add), (square(8.0, 8.0, 10.0), blend)]);
        let options = MatteOptions::default();
        // Only the first, both, only the second.
        for (blend, expected) in [
            (Blend::Add, [1.0, 1.0, 1.0]),
            (Blend::Subtract, [1.0, 0.0, 0.0]),
            (Blend::Intersect, [0.0, 1.0, 0.0]),
            (Blend::Max, [1.0, 1.0, 1.0]),
            (Blend::Difference, [1.0, 0.0, 1.0]),
            (Blend::Holdout, [1.0, 0.0, 0.0]),
        ] {
            let d = two(blend);
            let got = [3, 10, 15].map(|i| at(&d, &options, i, i));
            assert_eq!(got, expected, "{blend:?}");
        }
        let inverted = MatteOptions { invert: true, ..options };
        assert_eq!(at(&two(Blend::Add), &inverted, 0, 0), 1.0);
    }

    #[test]
    fn a_stroke_has_its_width() {
        let mut points = vec![Point::corner(4.0, 10.0), Point::corner(16.0, 10.0)];
        let options = MatteOptions { stroke_px: 3.0, ..MatteOptions::default() };
        let window = Window::of_size(20, 20);
        let area = |p: &[Point]| shape_coverage(p, false, &options, window).data().iter().sum::<f32>();
        let ends = std::f32::consts::PI * 1.5 * 1.5;
        assert!((area(&points) - (36.0 + ends)).abs() < 0.1);
        points.iter_mut().for_each(|p| p.width = Some(6.0));
        assert!((area(&points) - (72.0 + 4.0 * ends)).abs() < 0.2);
        points[1] = points[0].clone();
        assert!((area(&points) - 4.0 * ends).abs() < 0.2, "a stroke of no length is a dot");
    }

    #[test]
    fn feather_is_centred_on_the_edge() {
        let points = square(-40.0, -40.0, 50.0);
        let options = MatteOptions { feather_px: 6.0, ..MatteOptions::default() };
        let soft = shape_coverage(&points, true, &options, Window::of_size(20, 4));
        let row = soft.row(0);
        assert!((0.5 * (row[9] + row[10]) - 0.5).abs() < 1e-4);
        assert!(row[6] > 0.95 && row[13] < 0.05 && row.windows(2).all(|w| w[0] >= w[1]));
    }

    #[test]
    fn motion_blur_is_the_mean_of_moments() {
        let mut d = document(&[(square(2.0, 2.0, 4.0), Blend::Add)]);
        d.shapes[0].set_key(Key::new(1.0, square(6.0, 2.0, 4.0)));
        let blur = MotionBlur { shutter_frames: 1.0, opens_at_frames: 0.0, samples: 64 };
        let options = MatteOptions { motion_blur: Some(blur), ..MatteOptions::default() };
        // The square's left edge sweeps from 2 to 6: pixel 3 is left at half past 1 to 2 px of four.
        assert!((at(&d, &options, 3, 4) - 0.375).abs() < 0.02);
        assert!((at(&d, &options, 6, 4) - 0.625).abs() < 0.3);
    }

    proptest! {
        #[test]
        fn tiles_scale_and_feather(cut in 1i32..19, feather in 0.0..5.0f64, sx in 0.3..1.5f64, sy in 0.3..1.5f64) {
            let points: Vec<_> = (0..5)
                .map(|i| {
                    let (s, c) = (f64::from(i) * 2.5).sin_cos();
                    Point::new(10.0 + 8.0 * c, 10.0 + 8.0 * s, [3.0, 1.0], [-2.0, 3.0])
                })
                .collect();
            let options = MatteOptions {
                raster_from_document: Affine::scale_non_uniform(sx, sy),
                feather_px: feather,
                ..MatteOptions::default()
            };
            let whole = shape_coverage(&points, true, &options, Window::of_size(20, 20));
            let window = Window { x0: cut, y0: cut / 2, x1: 20, y1: 20 };
            let tile = shape_coverage(&points, true, &options, window);
            for y in window.y0..20 {
                let a = tile.row((y - window.y0) as usize);
                prop_assert_eq!(a, &whole.row(y as usize)[cut as usize..]);
            }
        }
    }
}
