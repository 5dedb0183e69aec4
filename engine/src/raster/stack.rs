//! A document's matte: its shapes one over the other.

use kurbo::{Affine, Rect};
use rayon::prelude::*;
use shapes::{Blend, Document, Shape};

use super::Window;
use super::falloff::Falloff;
use super::layer::{Layer, Splines};
use super::shutter::{MotionBlur, Moving, moments};
use super::stroke::Caps;
use crate::image::Plane;

/// How a matte is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct MatteOptions {
    /// Raster px from document px: render scale and pixel aspect (`Affine::scale_non_uniform(0.5 / par, 0.5)`),
    /// and the place of the picture in the raster.
    pub raster_from_document: Affine,
    /// Width of the soft edge, document px; it lies half inside and half outside of the outline. Added to the shapes' own.
    pub feather_px: f64,
    /// How soft edges fall off.
    pub falloff: Falloff,
    /// How far outlines are moved outwards, document px, round at corners; inwards where negative. Added to the shapes' own.
    pub grow_px: f64,
    /// Width of open strokes whose points have none, document px.
    pub stroke_px: f64,
    /// How open strokes with sharp edges end; soft and grown ones end round.
    pub caps: Caps,
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
            falloff: Falloff::default(),
            grow_px: 0.0,
            stroke_px: 1.0,
            caps: Caps::default(),
            invert: false,
            motion_blur: None,
        }
    }
}

/// The matte of all shapes of `document` at `frame`, 0 to 1, for the pixels of `window` (raster px).
///
/// Shapes are composed in their order, each with its opacity at `frame` (motion blur has no part in it): add `m + c - m c`, subtract `m (1 - c)`, intersect
/// `m c`, max, difference `|m - c|`; a holdout is cut out of the whole stack, later shapes too. Opaque closed shapes of one look
/// that are added one after the other are one region, with the exact coverage of their union: no line shows where
/// they share an edge. The part of the matte in a window is the same whatever the window, and what no shape reaches costs nothing.
///
/// Motion blur is the mean of as many whole mattes as keep it within 1/512 of the limit.
pub fn matte(document: &Document, frame: f64, options: &MatteOptions, window: Window) -> Plane {
    Stack::new(document.shapes.iter(), frame, options).draw(window)
}

/// Where a matte may be other than black.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reach {
    /// It is black.
    Nowhere,
    /// Within this rectangle, document px.
    Within(Rect),
    /// It has no bounds: something is inside out.
    Everywhere,
}

/// Where the matte of a document at `frame` may be other than black.
pub fn reach(document: &Document, frame: f64, options: &MatteOptions) -> Reach {
    Stack::new(document.shapes.iter(), frame, options).reach()
}

/// Shapes to be composed.
pub(super) struct Stack<'d> {
    pub groups: Vec<Group<'d>>,
    frame: f64,
    pub moments: Vec<f64>,
    pub options: &'d MatteOptions,
}

/// Shapes that are drawn as one.
pub(super) struct Group<'d> {
    shapes: Vec<&'d Shape>,
    pub blend: Blend,
    pub opacity: f32,
    feather_px: f64,
    grow_px: f64,
}

impl<'d> Group<'d> {
    /// Of a shape that is there on the frame.
    fn new(shape: &'d Shape, frame: f64, options: &MatteOptions) -> Option<Self> {
        let opacity = shape.opacity_at(frame)?;
        Some(Group {
            shapes: vec![shape],
            blend: shape.blend,
            opacity: if opacity.is_finite() { opacity as f32 } else { 1.0 },
            feather_px: options.feather_px + shape.feather.unwrap_or(0.0),
            grow_px: options.grow_px + shape.grow.unwrap_or(0.0),
        })
    }

    fn takes_in(&self, other: &Group<'_>) -> bool {
        let is_plain = |g: &Group<'_>| {
            let shape = g.shapes[0];
            g.blend == Blend::Add && g.opacity == 1.0 && shape.closed && !shape.invert
        };
        let look = |g: &Group<'_>| (g.feather_px, g.grow_px, g.shapes[0].blur.unwrap_or(true));
        is_plain(self) && is_plain(other) && look(self) == look(other)
    }

    /// The splines as the exposure sees them at a moment.
    pub(super) fn at(&self, moment: f64, stack: &Stack<'_>) -> Splines {
        let points = |shape: &&Shape| {
            if stack.is_blurred(shape) {
                shape.points_exposed(stack.frame, moment)
            } else {
                shape.points_at(stack.frame)
            }
        };
        Splines {
            points: self.shapes.iter().map(points).collect(),
            closed: self.shapes[0].closed,
            feather_px: self.feather_px,
            grow_px: self.grow_px,
        }
    }

    pub(super) fn invert(&self) -> bool {
        self.shapes[0].invert
    }

    /// Composes the coverage `c` of pixels onto their mattes.
    pub(super) fn compose(&self, onto: &mut [f32], coverage: impl Iterator<Item = f32>) {
        let (scale, offset) = if self.invert() { (-self.opacity, self.opacity) } else { (self.opacity, 0.0) };
        let pixels = onto.iter_mut().zip(coverage.map(|c| c * scale + offset));
        match self.blend {
            Blend::Add | Blend::Holdout => pixels.for_each(|(m, c)| *m = *m + c - *m * c),
            Blend::Subtract => pixels.for_each(|(m, c)| *m *= 1.0 - c),
            Blend::Intersect => pixels.for_each(|(m, c)| *m *= c),
            Blend::Max => pixels.for_each(|(m, c)| *m = m.max(c)),
            Blend::Difference => pixels.for_each(|(m, c)| *m = (*m - c).abs()),
        }
    }
}

impl<'d> Stack<'d> {
    pub fn new(shapes: impl Iterator<Item = &'d Shape>, frame: f64, options: &'d MatteOptions) -> Self {
        let mut groups: Vec<Group<'d>> = Vec::new();
        for group in shapes.filter_map(|s| Group::new(s, frame, options)) {
            match groups.last_mut() {
                Some(last) if last.takes_in(&group) => last.shapes.extend(group.shapes),
                _ => groups.push(group),
            }
        }
        let mut stack = Stack { groups, frame, moments: vec![frame], options };
        if let Some(blur) = options.motion_blur {
            let map = options.raster_from_document;
            let moving: Vec<_> = stack.moving().collect();
            stack.moments = moments(frame, blur, &moving, map);
        }
        stack
    }

    fn moving(&self) -> impl Iterator<Item = Moving<'d>> + '_ {
        let scale = self.options.raster_from_document.determinant().abs().sqrt();
        self.groups.iter().flat_map(move |group| {
            let shapes = group.shapes.iter().filter(|s| self.is_blurred(s));
            shapes.map(move |shape| Moving { shape, feather_px: group.feather_px * scale })
        })
    }

    fn is_blurred(&self, shape: &Shape) -> bool {
        self.options.motion_blur.is_some() && shape.blur.unwrap_or(true)
    }

    pub fn reach(&self) -> Reach {
        if self.outside() != 0.0 {
            return Reach::Everywhere;
        }
        let moments = self.moments.iter();
        let all = moments.flat_map(|t| self.groups.iter().map(|g| g.at(*t, self).bounds(self.options)));
        all.flatten().reduce(|a, b| a.union(b)).map_or(Reach::Nowhere, Reach::Within)
    }

    pub fn draw(&self, window: Window) -> Plane {
        if let Some(plane) = self.draw_runs(window) {
            return plane;
        }
        let outside = self.outside();
        let mut out = Plane::filled(window.width(), window.height(), 0.0);
        let mut drawn: Vec<Option<(Splines, Layer)>> = self.groups.iter().map(|_| None).collect();
        for moment in &self.moments {
            self.groups.par_iter().zip(&mut drawn).for_each(|(group, drawn)| {
                let splines = group.at(*moment, self);
                // What has not moved is as it was.
                if drawn.as_ref().is_none_or(|(last, _)| *last != splines) {
                    let layer = splines.layer(self.options, window);
                    *drawn = Some((splines, layer));
                }
            });
            let layers: Vec<&Layer> = drawn.iter().flatten().map(|(_, layer)| layer).collect();
            self.add(&layers, outside, window, &mut out);
        }
        let count = self.moments.len() as f32;
        let finish = |v: f32| {
            let v = outside + v / count;
            if self.options.invert { 1.0 - v } else { v }
        };
        out.data_mut().par_iter_mut().for_each(|v| *v = finish(*v));
        out
    }

    /// The matte where no shape reaches, before it is inverted as a whole.
    fn outside(&self) -> f32 {
        let [mut matte, mut held_out] = [[0.0]; 2];
        for group in &self.groups {
            let onto = if group.blend == Blend::Holdout { &mut held_out } else { &mut matte };
            group.compose(onto, std::iter::once(0.0));
        }
        matte[0] * (1.0 - held_out[0])
    }

    /// Adds to `out` by how much the matte of the layers differs from what it is outside of all of them.
    fn add(&self, layers: &[&Layer], outside: f32, window: Window, out: &mut Plane) {
        let touched = layers.iter().map(|l| l.window).reduce(|a, b| a.union(&b)).unwrap_or_default();
        let (width, left) = (touched.width(), touched.x0.saturating_sub(window.x0) as usize);
        if width == 0 {
            return;
        }
        let rows = out.data_mut().par_chunks_mut(window.width()).enumerate();
        let first = (touched.y0 - window.y0) as usize;
        rows.skip(first).take(touched.height()).for_each_init(
            || [vec![0.0f32; width], vec![0.0f32; width]],
            |[matte, held_out], (row, out)| {
                let y = window.y0 + row as i32;
                matte.fill(0.0);
                held_out.fill(0.0);
                for (group, layer) in self.groups.iter().zip(layers) {
                    let onto = if group.blend == Blend::Holdout { &mut *held_out } else { &mut *matte };
                    let row =
                        y.checked_sub(layer.window.y0).map_or(&[][..], |y| layer.coverage.row(y as usize));
                    let (before, onto) =
                        onto.split_at_mut(((layer.window.x0 - touched.x0).max(0) as usize).min(width));
                    let (onto, after) = onto.split_at_mut(row.len().min(onto.len()));
                    group.compose(onto, row.iter().copied());
                    if group.invert() || group.blend == Blend::Intersect {
                        group.compose(before, std::iter::repeat(0.0));
                        group.compose(after, std::iter::repeat(0.0));
                    }
                }
                let onto = &mut out[left..left + width];
                for ((o, m), h) in onto.iter_mut().zip(matte).zip(held_out) {
                    *o += *m * (1.0 - *h) - outside;
                }
            },
        );
    }
}

/// Coverage, 0 to 1, of one spline for the pixels of `window`: the inside of a closed one, the stroke of an open
/// one. Uses the transform, the feather, the growth and the stroke width of `options`.
pub fn shape_coverage(
    points: &[shapes::Point],
    closed: bool,
    options: &MatteOptions,
    window: Window,
) -> Plane {
    let MatteOptions { feather_px, grow_px, .. } = *options;
    let splines = Splines { points: vec![points.to_vec()], closed, feather_px, grow_px };
    let layer = splines.layer(options, window);
    let mut out = Plane::filled(window.width(), window.height(), 0.0);
    for y in layer.window.y0..layer.window.y1 {
        let from = (y - window.y0) as usize * window.width() + (layer.window.x0 - window.x0) as usize;
        let row = layer.coverage.row((y - layer.window.y0) as usize);
        out.data_mut()[from..from + row.len()].copy_from_slice(row);
    }
    out
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
        let blur = MotionBlur { shutter_frames: 1.0, opens_at_frames: 0.0 };
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
