//! What one spline, or several that are one region, cover.

use kurbo::{Affine, Point, Rect};

use super::field::{Field, Line};
use super::flatten::{Vertex, flatten};
use super::region::{Boundary, Inside, Region};
use super::soft::{Edge, Softness};
use super::stroke::{Side, add_stroke, widening_px, width_px};
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
        let window = window.intersection(drawn.window(map));
        if window.width() == 0 || window.height() == 0 {
            return Layer::default();
        }
        let coverage = if drawn.is_soft() { drawn.soft(window) } else { drawn.sharp(window, Side::Inner) };
        Layer { window, coverage }
    }

    /// Their edges, if these are sharp and all of what is covered is inside of them.
    pub fn edges(&self, options: &MatteOptions) -> Option<Edges> {
        let map = options.raster_from_document;
        let drawn = Drawn::new(self, options);
        let is_sharp = map.is_finite() && map.determinant().abs() >= 1e-12 && !drawn.is_soft();
        let (edges, crossing) = is_sharp.then(|| drawn.edges(Side::Inner))?;
        crossing.is_empty().then_some(edges)
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
    outlines: Polygons,
    /// Whether a point has a feather of its own.
    has_feathers: bool,
    /// The feather contours of closed splines; none where they are the outlines.
    feathers: Polygons,
}

/// Flattened splines.
#[derive(Default)]
struct Polygons {
    /// Raster px.
    vertices: Vec<Vec<Vertex>>,
    /// The same, document px.
    places: Vec<Vec<Point>>,
}

impl Polygons {
    /// `bend` is what [`flatten`] wants to know, of a spline and its segment.
    fn new(
        splines: &[Vec<shapes::Point>],
        closed: bool,
        map: Affine,
        bend: impl Fn(&[shapes::Point], usize) -> f64,
    ) -> Self {
        let back = map.inverse();
        let near = |v: f64| v.clamp(-FAR_PX, FAR_PX);
        let mut polygons = Polygons::default();
        for points in splines {
            let mut vertices = flatten(&Outline::new(points, closed), map, |segment| bend(points, segment));
            vertices.retain(|v| v.at.is_finite());
            let places = vertices.iter().map(|v| back * v.at).map(|p| Point::new(near(p.x), near(p.y)));
            polygons.places.push(places.collect());
            polygons.vertices.push(vertices);
        }
        polygons
    }
}

impl<'s> Drawn<'s> {
    fn new(splines: &'s Splines, options: &'s MatteOptions) -> Self {
        let Splines { points, closed, .. } = splines;
        let map = options.raster_from_document;
        let scale = map.determinant().abs().sqrt();
        let bend = |points: &[_], segment| {
            if *closed { 0.0 } else { 0.5 * scale * widening_px(points, segment, options.stroke_px) }
        };
        let polygons = |points: &[Vec<_>]| Polygons::new(points, *closed, map, bend);
        let outlines = polygons(points);
        let contour = |points: &Vec<_>| points.iter().map(shapes::Point::on_feather).collect();
        let has_feathers = points.iter().flatten().any(|p| p.feather.is_some());
        let feathers = if *closed && has_feathers {
            polygons(&points.iter().map(contour).collect::<Vec<_>>())
        } else {
            Polygons::default()
        };
        let within = |v: f64, least: f64| if v.is_finite() { v.clamp(least, WIDEST_PX) } else { 0.0 };
        let softness = Softness {
            grow_px: within(splines.grow_px, -WIDEST_PX),
            feather_px: within(splines.feather_px, 0.0),
            falloff: options.falloff,
        };
        Drawn { splines, options, softness, outlines, has_feathers, feathers }
    }

    fn is_soft(&self) -> bool {
        self.softness.feather_px > 0.0 || self.softness.grow_px != 0.0 || self.has_feathers
    }

    fn bounds(&self) -> Option<Rect> {
        let closed = self.splines.closed;
        let outlines = self.outlines.places.iter().chain(&self.feathers.places).flatten();
        let mut places: Vec<Rect> = outlines.filter(|_| closed).map(|p| Rect::from_points(*p, *p)).collect();
        places.extend(self.strokes(Side::Outer).iter().map(Line::bounds));
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
    fn strokes(&self, side: Side) -> Vec<Line> {
        if self.splines.closed {
            return Vec::new();
        }
        let mut lines = Vec::new();
        for (i, (vertices, places)) in self.outlines.vertices.iter().zip(&self.outlines.places).enumerate() {
            let radius = |k: usize| 0.5 * self.width_px(i, &vertices[k], side);
            let last = places.len().saturating_sub(1);
            lines.extend((0..places.len()).map(|k| {
                let next = (k + 1).min(last);
                Line::new([places[k], places[next]], [radius(k), radius(next)])
            }));
        }
        lines
    }

    /// The stroke's width at a vertex, document px.
    fn width_px(&self, spline: usize, v: &Vertex, side: Side) -> f64 {
        let width = width_px(&self.splines.points[spline], v, self.options.stroke_px, side);
        if width.is_finite() { width.clamp(0.0, WIDEST_PX) } else { 0.0 }
    }

    fn soft(&self, window: Window) -> Plane {
        let map = self.options.raster_from_document;
        let (outline, feather) = if self.splines.closed {
            let region = Region::new(&self.outlines.places, self.row_px());
            let Boundary { lines, crosses_itself } = region.boundary();
            let feather = self.has_feathers.then(|| self.feather(&crosses_itself));
            (Field::enclosed(region, &lines), feather)
        } else {
            let feather = self.has_feathers.then(|| Field::stroked(self.strokes(Side::Outer)));
            (Field::stroked(self.strokes(Side::Inner)), feather)
        };
        let edge = Edge::new(&outline, feather.as_ref(), self.softness, map);
        let [xx, xy, yx, yy, ..] = map.as_coeffs();
        let narrow = self.softness.feather_px * xx.hypot(xy).min(yx.hypot(yy)) < 1.0;
        let sharp = (narrow && self.softness.grow_px == 0.0).then(|| {
            let mut sharp = self.sharp(window, Side::Inner);
            if self.has_feathers {
                let other = self.sharp(window, Side::Outer);
                sharp.data_mut().iter_mut().zip(other.data()).for_each(|(a, b)| *a = 0.5 * (*a + b));
            }
            sharp
        });
        edge.matte(window, sharp.as_ref())
    }

    /// The field of the feather contours. Where a contour crosses itself, lobes that run against its outline are no part of it,
    /// unless the outline has such lobes itself.
    fn feather(&self, crosses_itself: &[bool]) -> Field {
        let outlines = self.outlines.vertices.iter().zip(crosses_itself);
        let insides = outlines.map(|(vertices, crosses)| match signed_area(vertices) {
            _ if *crosses => Inside::NonZero,
            area if area > 0.0 => Inside::Clockwise,
            _ => Inside::Anticlockwise,
        });
        let region = Region::filled(&self.feathers.places, insides.collect(), self.row_px());
        let boundary = region.boundary();
        Field::enclosed(region, &boundary.lines)
    }

    /// Height of a pixel in the document, px.
    fn row_px(&self) -> f64 {
        self.options.raster_from_document.inverse().as_coeffs()[3].abs()
    }

    /// Exact coverage of the splines themselves, or of their feather contours.
    fn sharp(&self, window: Window, side: Side) -> Plane {
        let (edges, crossing) = self.edges(side);
        let mut coverage = edges.coverage(window);
        for edges in crossing {
            let other = edges.coverage(window);
            coverage.data_mut().iter_mut().zip(other.data()).for_each(|(m, c)| *m += c - *m * c);
        }
        coverage
    }

    /// The edges of the splines themselves or of their feather contours, and those of each outline that crosses itself and lies
    /// beside others.
    fn edges(&self, side: Side) -> (Edges, Vec<Edges>) {
        if self.splines.closed {
            return enclosed(
                if side == Side::Outer { &self.feathers } else { &self.outlines },
                self.row_px(),
            );
        }
        // A stroke keeps its width in all directions: the mean of the transform's two scales.
        let scale = self.options.raster_from_document.determinant().abs().sqrt();
        let mut edges = Edges::new();
        for (i, vertices) in self.outlines.vertices.iter().enumerate() {
            add_stroke(&mut edges, vertices, self.options.caps, |v| 0.5 * scale * self.width_px(i, v, side));
        }
        (edges, Vec::new())
    }
}

/// The edges of what polygons enclose together. All windings must have one sign to add up, which an outline that crosses itself
/// cannot have: those are by themselves.
fn enclosed(polygons: &Polygons, row_px: f64) -> (Edges, Vec<Edges>) {
    let alone = |vertices: &[Vertex]| {
        let mut edges = Edges::new();
        add(&mut edges, vertices, false);
        edges
    };
    if let [vertices] = polygons.vertices.as_slice() {
        return (alone(vertices), Vec::new());
    }
    let Boundary { crosses_itself, .. } = Region::new(&polygons.places, row_px).boundary();
    let (crossing, simple): (Vec<_>, Vec<_>) =
        polygons.vertices.iter().zip(crosses_itself).partition(|(_, crosses)| *crosses);
    let mut edges = Edges::new();
    for (vertices, _) in simple {
        add(&mut edges, vertices, signed_area(vertices) < 0.0);
    }
    (edges, crossing.into_iter().map(|(vertices, _)| alone(vertices)).collect())
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
