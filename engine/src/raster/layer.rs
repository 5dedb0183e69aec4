//! What one spline, or several that are one region, cover.

use kurbo::{Affine, Point, Rect};

use super::field::{Field, Line};
use super::flatten::{Vertex, flatten};
use super::region::{Boundary, Region};
use super::soft::{Edge, Softness};
use super::stroke::add_stroke;
use super::{Edges, MatteOptions, Window};
use crate::image::Plane;
use crate::spline::Outline;

/// Farthest that anything may lie from the origin, and the widest edge, px.
const FAR_PX: f64 = 1e6;
const WIDEST_PX: f64 = 1e4;

/// Coverage of the pixels of a window; none outside of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer {
    pub window: Window,
    pub coverage: Plane,
}

/// Splines of one look at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Splines {
    /// One open spline, or closed ones whose insides are one region.
    pub points: Vec<Vec<shapes::Point>>,
    pub closed: bool,
    /// Width of the soft edge, half on either side, document px.
    pub feather_px: f64,
    /// Document px.
    pub grow_px: f64,
}

impl Splines {
    /// Coverage in the part of `window` that they reach.
    pub fn layer(&self, options: &MatteOptions, window: Window) -> Layer {
        let map = options.raster_from_document;
        if !map.is_finite() || map.determinant().abs() < 1e-12 {
            return Layer::default();
        }
        let drawn = Drawn::new(self, options);
        let window = window.intersect(&drawn.window(map));
        if window.width() == 0 || window.height() == 0 {
            return Layer::default();
        }
        let coverage = if drawn.is_soft() { drawn.soft(window) } else { drawn.sharp(window) };
        Layer { window, coverage }
    }

    /// Where they draw, document px; nothing if they have no points.
    pub fn bounds(&self, options: &MatteOptions) -> Option<Rect> {
        Drawn::new(self, options).bounds()
    }
}

/// Splines as polygons.
struct Drawn<'s> {
    splines: &'s Splines,
    options: &'s MatteOptions,
    softness: Softness,
    /// Flattened, raster px.
    vertices: Vec<Vec<Vertex>>,
    /// The same, document px.
    outlines: Vec<Vec<Point>>,
    /// The feather contours, document px; empty where they are the outlines.
    feathers: Vec<Vec<Point>>,
}

impl<'s> Drawn<'s> {
    fn new(splines: &'s Splines, options: &'s MatteOptions) -> Self {
        let map = options.raster_from_document;
        let back = map.inverse();
        let flat = |points: &[shapes::Point]| {
            let mut vertices = flatten(&Outline::new(points, splines.closed), map);
            vertices.retain(|v| v.at.is_finite());
            vertices
        };
        let in_document = |vertices: &[Vertex]| -> Vec<Point> {
            let near = |v: f64| v.clamp(-FAR_PX, FAR_PX);
            vertices.iter().map(|v| back * v.at).map(|p| Point::new(near(p.x), near(p.y))).collect()
        };
        let vertices: Vec<_> = splines.points.iter().map(|p| flat(p)).collect();
        let outlines = vertices.iter().map(|v| in_document(v)).collect();
        let has_feather = splines.closed && splines.points.iter().flatten().any(|p| p.feather.is_some());
        let contour = |points: &Vec<shapes::Point>| {
            in_document(&flat(&points.iter().map(feather_point).collect::<Vec<_>>()))
        };
        let feathers = if has_feather { splines.points.iter().map(contour).collect() } else { Vec::new() };
        let within = |v: f64, least: f64| if v.is_finite() { v.clamp(least, WIDEST_PX) } else { 0.0 };
        let softness = Softness {
            grow_px: within(splines.grow_px, -WIDEST_PX),
            feather_px: within(splines.feather_px, 0.0),
            falloff: options.falloff,
        };
        Drawn { splines, options, softness, vertices, outlines, feathers }
    }

    fn is_soft(&self) -> bool {
        self.softness.feather_px > 0.0 || self.softness.grow_px != 0.0 || !self.feathers.is_empty()
    }

    fn bounds(&self) -> Option<Rect> {
        let closed = self.splines.closed;
        let outlines = self.outlines.iter().chain(&self.feathers).flatten();
        let mut places: Vec<Rect> = outlines.filter(|_| closed).map(|p| Rect::from_points(*p, *p)).collect();
        places.extend(self.strokes().iter().map(Line::bounds));
        let all = places.into_iter().reduce(|a, b| a.union(b))?;
        let beyond = self.softness.grow_px + 0.5 * self.softness.feather_px;
        Some(all.inflate(beyond.max(0.0), beyond.max(0.0)))
    }

    fn window(&self, map: Affine) -> Window {
        let Some(bounds) = self.bounds() else { return Window::default() };
        let r = map.transform_rect_bbox(bounds);
        let clip = |v: f64| v.clamp(-1e9, 1e9) as i32;
        Window {
            x0: clip(r.x0.floor() - 1.0),
            y0: clip(r.y0.floor() - 1.0),
            x1: clip(r.x1.ceil() + 1.0),
            y1: clip(r.y1.ceil() + 1.0),
        }
    }

    /// The stroke's pieces, document px.
    fn strokes(&self) -> Vec<Line> {
        if self.splines.closed {
            return Vec::new();
        }
        let mut lines = Vec::new();
        for (i, (vertices, places)) in self.vertices.iter().zip(&self.outlines).enumerate() {
            let radius = |k: usize| 0.5 * self.width_px(i, &vertices[k]);
            let last = places.len().saturating_sub(1);
            lines.extend((0..places.len()).map(|k| {
                let next = (k + 1).min(last);
                Line::new([places[k], places[next]], [radius(k), radius(next)])
            }));
        }
        lines
    }

    /// The stroke's width at a vertex, document px: linear between the segment's two points.
    fn width_px(&self, spline: usize, v: &Vertex) -> f64 {
        let points = &self.splines.points[spline];
        let at = |i: usize| {
            let own = points.get(i).or(points.last()).and_then(|p| p.width);
            let width = own.unwrap_or(self.options.stroke_px);
            if width.is_finite() { width.clamp(0.0, WIDEST_PX) } else { 0.0 }
        };
        at(v.segment) * (1.0 - v.t) + at(v.segment + 1) * v.t
    }

    fn soft(&self, window: Window) -> Plane {
        let map = self.options.raster_from_document;
        let (outline, feather) = if self.splines.closed {
            (self.field(&self.outlines), (!self.feathers.is_empty()).then(|| self.field(&self.feathers)))
        } else {
            (Field::stroked(self.strokes()), None)
        };
        let edge = Edge::new(&outline, feather.as_ref(), self.softness, map);
        let [xx, xy, yx, yy, ..] = map.as_coeffs();
        let narrow = self.softness.feather_px * xx.hypot(xy).min(yx.hypot(yy)) < 1.0;
        let sharp = (narrow && self.softness.grow_px == 0.0).then(|| self.sharp(window));
        edge.matte(window, sharp.as_ref())
    }

    fn field(&self, outlines: &[Vec<Point>]) -> Field {
        let region = Region::new(outlines, self.row_px());
        let boundary = region.boundary();
        Field::enclosed(region, &boundary.lines)
    }

    /// Height of a pixel in the document, px.
    fn row_px(&self) -> f64 {
        self.options.raster_from_document.inverse().as_coeffs()[3].abs()
    }

    /// Exact coverage of what the splines enclose together.
    fn sharp(&self, window: Window) -> Plane {
        let mut edges = Edges::new();
        if !self.splines.closed {
            // A stroke keeps its width in all directions: the mean of the transform's two scales.
            let scale = self.options.raster_from_document.determinant().abs().sqrt();
            for (i, vertices) in self.vertices.iter().enumerate() {
                add_stroke(&mut edges, vertices, |v| 0.5 * scale * self.width_px(i, v));
            }
            return edges.coverage(window);
        }
        if let [vertices] = self.vertices.as_slice() {
            add(&mut edges, vertices, false);
            return edges.coverage(window);
        }
        // All windings must have one sign to add up, which an outline that crosses itself cannot have.
        let Boundary { crosses_itself, .. } = Region::new(&self.outlines, self.row_px()).boundary();
        let (crossing, simple): (Vec<_>, Vec<_>) =
            self.vertices.iter().zip(crosses_itself).partition(|(_, crosses)| *crosses);
        for (vertices, _) in simple {
            add(&mut edges, vertices, signed_area(vertices) < 0.0);
        }
        let mut coverage = edges.coverage(window);
        for (vertices, _) in crossing {
            let mut edges = Edges::new();
            add(&mut edges, vertices, false);
            let other = edges.coverage(window);
            coverage.data_mut().iter_mut().zip(other.data()).for_each(|(m, c)| *m += c - *m * c);
        }
        coverage
    }
}

fn add(edges: &mut Edges, vertices: &[Vertex], reversed: bool) {
    let place = |v: &Vertex| [v.at.x, v.at.y];
    if reversed {
        edges.add_polygon(vertices.iter().rev().map(place));
    } else {
        edges.add_polygon(vertices.iter().map(place));
    }
}

fn signed_area(vertices: &[Vertex]) -> f64 {
    let next = vertices.iter().cycle().skip(1);
    vertices.iter().zip(next).map(|(a, b)| a.at.to_vec2().cross(b.at.to_vec2())).sum()
}

/// A point's place on the feather contour; without a feather the point itself.
fn feather_point(p: &shapes::Point) -> shapes::Point {
    match &p.feather {
        Some(f) => shapes::Point::new(p.x + f.offset[0], p.y + f.offset[1], f.tangent_in, f.tangent_out),
        None => shapes::Point::new(p.x, p.y, p.tangent_in, p.tangent_out),
    }
}
