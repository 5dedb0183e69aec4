//! What Motion2Roto puts out: the matte with or without the source, or the splines drawn over it.

use engine::raster::{MatteOptions, MotionBlur, Window, matte, shape_coverage};
use kurbo::Affine;
use ofx::{ImageView, PointD, Premult, RectI};
use rayon::prelude::*;
use shapes::{Document, Key, Point, Shape};

use super::params::Output;

/// Moments that a motion-blurred matte averages.
const BLUR_SAMPLES: u32 = 16;
/// Width of the lines of the overlay output, raster px.
const LINE_PX: f64 = 1.5;
/// Half a side of the squares on control points, raster px.
const POINT_PX: f64 = 2.5;

/// How to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    pub output: Output,
    pub feather_px: f64,
    pub invert: bool,
    /// Frames that the shutter is open; 0 for no motion blur.
    pub shutter_frames: f64,
}

/// Where to draw: the pixels of an output image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Pixel space, y up.
    pub window: RectI,
    pub render_scale: PointD,
    /// Width of a pixel by its height.
    pub par: f64,
    /// Top edge of the document, canonical.
    pub top: f64,
}

impl Target {
    /// Raster rows count downwards, so a row of the image at `y` is the row `-y - 1`.
    fn raster(&self) -> (Affine, Window) {
        let scale = [self.render_scale.x / self.par, self.render_scale.y];
        let map = Affine::new([scale[0], 0.0, 0.0, scale[1], 0.0, -self.top * scale[1]]);
        let w = self.window;
        (map, Window { x0: w.x1, y0: -w.y2, x1: w.x2, y1: -w.y1 })
    }
}

/// The pixels of `target`, RGBA from the top; `source` gives what lies below.
pub fn draw(
    document: &Document,
    frame: f64,
    source: &ImageView<'_>,
    style: &Style,
    target: &Target,
) -> ofx::Result<Vec<f32>> {
    let (width, height) = (target.window.width(), target.window.height());
    let mut pixels = vec![0.0; width * height * 4];
    if style.output != Output::MatteInRgb {
        source.read_rgba_f32(target.window, &mut pixels)?;
    }
    if style.output == Output::Overlay {
        draw_splines(document, frame, target, &mut pixels);
        return Ok(pixels);
    }
    let (raster_from_document, window) = target.raster();
    let options = MatteOptions {
        raster_from_document,
        feather_px: style.feather_px,
        invert: style.invert,
        motion_blur: (style.shutter_frames > 0.0).then(|| MotionBlur {
            shutter_frames: style.shutter_frames,
            opens_at_frames: -0.5 * style.shutter_frames,
            samples: BLUR_SAMPLES,
        }),
        ..MatteOptions::default()
    };
    let coverage = matte(document, frame, &options, window);
    let unpremultiplied = source.premult == Some(Premult::Unpremultiplied);
    pixels.par_chunks_exact_mut(4).zip(coverage.data()).for_each(|(p, m)| match style.output {
        Output::MatteInAlpha => p[3] = *m,
        Output::MatteInRgb => p.fill(*m),
        Output::SourceTimesMatte => {
            let colour = if unpremultiplied { m * p[3] } else { *m };
            p[..3].iter_mut().for_each(|c| *c *= colour);
            p[3] *= m;
        }
        Output::Overlay => {}
    });
    Ok(pixels)
}

/// Splines and their control points, in the shapes' colours: full where an artist made the key, paler the less a solver
/// trusts it.
fn draw_splines(document: &Document, frame: f64, target: &Target, pixels: &mut [f32]) {
    let (map, window) = target.raster();
    let scale = map.determinant().abs().sqrt().max(f64::MIN_POSITIVE);
    let options =
        MatteOptions { raster_from_document: map, stroke_px: LINE_PX / scale, ..MatteOptions::default() };
    for (i, shape) in document.shapes.iter().enumerate() {
        let points = shape.points_at(frame);
        let line = outline_as_stroke(&points, shape.closed);
        paint(pixels, shape_coverage(&line, false, &options, window).data(), line_colour(shape, i, frame));
        let half = POINT_PX / scale;
        let dots =
            Document { shapes: points.iter().map(|p| square(p, half)).collect(), ..Document::new(0, 0) };
        paint(pixels, matte(&dots, frame, &options, window).data(), [1.0, 1.0, 1.0]);
    }
}

/// A closed outline drawn as a stroke ends where it began.
fn outline_as_stroke(points: &[Point], closed: bool) -> Vec<Point> {
    let thin = |p: &Point| Point { width: None, ..p.clone() };
    points.iter().chain(points.first().filter(|_| closed)).map(thin).collect()
}

fn square(p: &Point, half: f64) -> Shape {
    let corners = [(-half, -half), (half, -half), (half, half), (-half, half)];
    let points = corners.map(|(x, y)| Point::corner(p.x + x, p.y + y)).to_vec();
    Shape::new("", true, vec![Key::new(0.0, points)])
}

/// The colour of a shape's spline at a frame.
pub fn line_colour(shape: &Shape, index: usize, frame: f64) -> [f32; 3] {
    const PALETTE: [[f64; 3]; 6] = [
        [0.1, 0.9, 1.0],
        [1.0, 0.55, 0.1],
        [0.4, 1.0, 0.3],
        [1.0, 0.3, 0.7],
        [1.0, 0.9, 0.2],
        [0.6, 0.5, 1.0],
    ];
    let colour = shape.color.unwrap_or(PALETTE[index % PALETTE.len()]);
    let trust = match shape.key_at(frame) {
        Some(key) if !key.is_artists() => key.confidence.unwrap_or(1.0).clamp(0.0, 1.0),
        _ => 1.0,
    };
    colour.map(|c| (c * (0.4 + 0.6 * trust) + 0.6 * (1.0 - trust)) as f32)
}

fn paint(pixels: &mut [f32], coverage: &[f32], colour: [f32; 3]) {
    pixels.par_chunks_exact_mut(4).zip(coverage).for_each(|(p, m)| {
        for (c, ink) in p.iter_mut().zip(colour.into_iter().chain([1.0])) {
            *c += (ink - *c) * m;
        }
    });
}
