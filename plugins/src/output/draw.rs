//! What is put out: mattes with or without the source, or the splines drawn over it.

use engine::image::Plane;
use engine::raster::{
    MatteOptions, Reach, Window, feather_line, matte, multi_matte, reach, separate_matte, separate_reach,
    shape_coverage,
};
use kurbo::Affine;
use ofx::{ImageView, PointD, RectD, RectI};
use rayon::prelude::*;
use shapes::{Document, Key, Point, Shape, TrackKey};

use super::compose::Drawn;
use super::params::Output;
use super::planes;

/// Width of the lines of the overlay output, raster px.
const LINE_PX: f64 = 1.5;
/// Width of the lines of feather contours, raster px.
const FEATHER_LINE_PX: f64 = 0.75;
/// Half a side of the squares on control points, raster px.
const POINT_PX: f64 = 2.5;

/// Half a side of the squares on landmarks, raster px.
const LANDMARK_PX: f64 = 2.0;

/// How to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    pub output: Output,
    /// In the document's space.
    pub matte: MatteOptions,
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

/// Where the output is other than black, canonical, for a document whose top edge is at `top`: `None` if there is no telling, or
/// nothing. With `planes` that holds for the plane of each matte, too.
pub fn extent(document: &Document, frame: f64, style: &Style, top: f64, planes: bool) -> Option<RectD> {
    if !style.output.is_bounded() || style.matte.invert {
        return None;
    }
    let names = if planes { planes::names(document) } else { Vec::new() };
    let of_plane = |name: &String| separate_reach(document, frame, &style.matte, |s| planes::holds(name, s));
    let mut all = reach(document, frame, &style.matte);
    for one in names.iter().map(of_plane) {
        all = match (all, one) {
            (Reach::Everywhere, _) | (_, Reach::Everywhere) => Reach::Everywhere,
            (Reach::Within(a), Reach::Within(b)) => Reach::Within(a.union(b)),
            (Reach::Nowhere, r) | (r, Reach::Nowhere) => r,
        };
    }
    match all {
        Reach::Within(r) => Some(RectD::new(r.x0, top - r.y1, r.x1, top - r.y0)),
        Reach::Nowhere | Reach::Everywhere => None,
    }
}

/// What `style` puts out in the window of `target`; `source` gives what lies below splines.
pub fn draw(
    document: &Document,
    frame: f64,
    source: &ImageView<'_>,
    style: &Style,
    target: &Target,
) -> ofx::Result<Drawn> {
    let (raster_from_document, window) = target.raster();
    let options = MatteOptions { raster_from_document, ..style.matte.clone() };
    Ok(match style.output {
        Output::Overlay => {
            let mut pixels = vec![0.0; window.width() * window.height() * 4];
            source.read_rgba_f32(target.window, &mut pixels)?;
            draw_splines(document, frame, style.matte.stroke_px, target, &mut pixels);
            Drawn::Pixels(pixels)
        }
        Output::MultiMatte => Drawn::Channels(multi_matte(document, frame, &options, window)),
        output => Drawn::Matte(matte(document, frame, &options, window), output),
    })
}

/// The matte in the plane of this name, in the window of `target`: empty where no shape is called that.
pub fn plane(document: &Document, frame: f64, name: &str, style: &Style, target: &Target) -> Drawn {
    let (raster_from_document, window) = target.raster();
    let options = MatteOptions { raster_from_document, ..style.matte.clone() };
    let own = |shape: &Shape| planes::holds(name, shape);
    let drawn = if document.shapes.iter().any(own) {
        separate_matte(document, frame, &options, window, own)
    } else {
        log::info!("plane {name} is empty on frame {frame}: no shape that is switched on is called that");
        Plane::filled(window.width(), window.height(), 0.0)
    };
    Drawn::Matte(drawn, Output::MatteInRgb)
}

/// Splines and their control points, and landmarks, in the shapes' colours: full where an artist made the key, paler the less a solver
/// trusts it. `stroke_px` is the width of strokes whose points have none, document px.
fn draw_splines(document: &Document, frame: f64, stroke_px: f64, target: &Target, pixels: &mut [f32]) {
    let (map, window) = target.raster();
    let scale = map.determinant().abs().sqrt().max(f64::MIN_POSITIVE);
    let line = |pixels: &mut [f32], points: &[Point], closed: bool, width_px: f64, colour: [f32; 3]| {
        let options = MatteOptions {
            raster_from_document: map,
            stroke_px: width_px / scale,
            ..MatteOptions::default()
        };
        let stroke = outline_as_stroke(points, closed);
        paint(pixels, shape_coverage(&stroke, false, &options, window).data(), colour);
    };
    let options = MatteOptions { raster_from_document: map, ..MatteOptions::default() };
    for (i, shape) in document.shapes.iter().enumerate() {
        let points = shape.shown_at(frame);
        if points.is_empty() {
            continue;
        }
        let colour = line_colour(shape, i, frame);
        line(pixels, &points, shape.closed, LINE_PX, colour);
        if let Some(contour) = feather_contour(&points, shape.closed, stroke_px) {
            line(pixels, &contour, true, FEATHER_LINE_PX, colour);
        }
        let half = POINT_PX / scale;
        let dots =
            Document { shapes: points.iter().map(|p| square(p, half)).collect(), ..Document::new(0, 0) };
        paint(pixels, matte(&dots, frame, &options, window).data(), [1.0, 1.0, 1.0]);
    }
    for track in &document.tracks {
        let Some(at) = track.at(frame) else { continue };
        draw_dot(pixels, window, map, [at.x, at.y], landmark_colour(track.key_at(frame)));
    }
}

/// A square on a landmark, drawn where it is only: there are many.
fn draw_dot(pixels: &mut [f32], window: Window, map: Affine, at: [f64; 2], colour: [f32; 3]) {
    let centre = map * kurbo::Point::new(at[0], at[1]);
    let reach = LANDMARK_PX + 1.0;
    let part = Window {
        x0: window.x0.max((centre.x - reach).floor() as i32),
        y0: window.y0.max((centre.y - reach).floor() as i32),
        x1: window.x1.min((centre.x + reach).ceil() as i32),
        y1: window.y1.min((centre.y + reach).ceil() as i32),
    };
    if part.x0 >= part.x1 || part.y0 >= part.y1 {
        return;
    }
    let dot = Document {
        shapes: vec![square(&Point::corner(centre.x, centre.y), LANDMARK_PX)],
        ..Document::new(0, 0)
    };
    let coverage = matte(&dot, 0.0, &MatteOptions::default(), part);
    for y in part.y0..part.y1 {
        let row = (y - window.y0) as usize * window.width() + (part.x0 - window.x0) as usize;
        let width = part.width();
        if let Some(row) = pixels.get_mut(4 * row..4 * (row + width)) {
            paint(row, coverage.row((y - part.y0) as usize), colour);
        }
    }
}

/// The colour of a landmark: blue where it was set by hand, else from red to green the more a solver trusts it.
pub fn landmark_colour(key: Option<&TrackKey>) -> [f32; 3] {
    /// Confidences that are red and green: 3 px and two thirds of a pixel off.
    const ENDS: [f64; 2] = [0.25, 0.6];
    match key {
        Some(key) if key.is_artists() => [0.3, 0.75, 1.0],
        key => {
            let trust = key.and_then(|k| k.confidence).unwrap_or(1.0);
            let t = ((trust - ENDS[0]) / (ENDS[1] - ENDS[0])).clamp(0.0, 1.0) as f32;
            [(2.0 - 2.0 * t).min(1.0), (2.0 * t).min(1.0), 0.1]
        }
    }
}

/// A closed outline drawn as a stroke ends where it began.
fn outline_as_stroke(points: &[Point], closed: bool) -> Vec<Point> {
    let thin = |p: &Point| Point { width: None, feather: None, ..p.clone() };
    points.iter().chain(points.first().filter(|_| closed)).map(thin).collect()
}

/// The closed contour where the feathers of a spline's points end, if any has one: of an open one, all round the stroke, whose
/// points have the width `stroke_px` (px) where they have none of their own.
pub fn feather_contour(points: &[Point], closed: bool, stroke_px: f64) -> Option<Vec<Point>> {
    if !closed {
        let line = feather_line(points, stroke_px)?;
        return Some(line.into_iter().map(|p| Point::corner(p.x, p.y)).collect());
    }
    let has_feather = points.iter().any(|p| p.feather.is_some());
    has_feather.then(|| points.iter().map(Point::on_feather).collect())
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
