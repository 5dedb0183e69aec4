//! Overlays drawn into a picture.

mod font;
mod raster;

use std::sync::{Arc, Mutex};

use ofx_sys::OfxRGBAColourF;

use crate::geometry::PointD;
use crate::handle::{Handle, Object};
use crate::picture::Picture;
use crate::shared::lock;
use raster::Mask;

/// How a line is broken: pixels on and off, in turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stipple {
    Solid,
    Dot,
    Dash,
    AltDash,
    DotDash,
}

impl Stipple {
    fn pattern(self) -> &'static [f64] {
        match self {
            Stipple::Solid => &[],
            Stipple::Dot => &[2.0, 3.0],
            Stipple::Dash => &[6.0, 4.0],
            Stipple::AltDash => &[0.0, 5.0, 6.0, 0.0],
            Stipple::DotDash => &[2.0, 3.0, 6.0, 3.0],
        }
    }
}

/// Where text hangs on its point: fractions of its width and height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Anchor {
    pub x: f64,
    pub y: f64,
}

struct State {
    picture: Picture,
    colour: [f32; 4],
    width: f64,
    stipple: Stipple,
    /// Picture pixels per canonical unit.
    scale: (f64, f64),
}

/// A draw context.
pub(crate) struct Canvas {
    pub handle: Handle,
    state: Mutex<State>,
}

impl Canvas {
    /// A context on a picture that has `scale` pixels per canonical unit.
    pub fn new(picture: Picture, scale: (f64, f64)) -> Arc<Canvas> {
        let state = State { picture, colour: [1.0; 4], width: 1.0, stipple: Stipple::Solid, scale };
        Arc::new_cyclic(|me| Canvas {
            handle: Handle::new(Object::Canvas(me.clone())),
            state: Mutex::new(state),
        })
    }

    /// What was drawn.
    pub fn take(&self) -> Picture {
        lock(&self.state).picture.clone()
    }

    pub fn set_colour(&self, c: OfxRGBAColourF) {
        lock(&self.state).colour = [c.r, c.g, c.b, c.a];
    }

    pub fn set_width(&self, width: f64) {
        lock(&self.state).width = width;
    }

    pub fn set_stipple(&self, stipple: Stipple) {
        lock(&self.state).stipple = stipple;
    }

    /// Lines between points that follow each other; `closed` goes back to the first.
    pub fn strip(&self, points: &[PointD], closed: bool) {
        let mut state = lock(&self.state);
        let mut points = state.to_pixels(points);
        if closed {
            points.extend(points.first().copied());
        }
        let mut mask = state.mask();
        mask.strip(&points, state.line_width(), state.stipple.pattern());
        state.paint(&mask);
    }

    /// Lines between the first and second point, the third and fourth, ...
    pub fn lines(&self, points: &[PointD]) {
        let mut state = lock(&self.state);
        let points = state.to_pixels(points);
        let mut mask = state.mask();
        for pair in points.chunks_exact(2) {
            mask.strip(pair, state.line_width(), state.stipple.pattern());
        }
        state.paint(&mask);
    }

    /// A filled polygon, even-odd.
    pub fn polygon(&self, points: &[PointD]) {
        let mut state = lock(&self.state);
        let points = state.to_pixels(points);
        let mut mask = state.mask();
        mask.polygon(&points);
        state.paint(&mask);
    }

    /// A filled rectangle between two corners.
    pub fn rectangle(&self, a: PointD, b: PointD) {
        self.polygon(&[a, PointD::new(b.x, a.y), b, PointD::new(a.x, b.y)]);
    }

    /// A filled ellipse that touches the rectangle between two corners.
    pub fn ellipse(&self, a: PointD, b: PointD) {
        const SIDES: i32 = 96;
        let centre = PointD::new((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
        let (rx, ry) = ((b.x - a.x) / 2.0, (b.y - a.y) / 2.0);
        let points: Vec<PointD> = (0..SIDES)
            .map(|i| {
                let angle = f64::from(i) / f64::from(SIDES) * std::f64::consts::TAU;
                PointD::new(centre.x + rx * angle.cos(), centre.y + ry * angle.sin())
            })
            .collect();
        self.polygon(&points);
    }

    /// Text at a point.
    pub fn text(&self, text: &str, place: PointD, anchor: Anchor) {
        let mut state = lock(&self.state);
        let dot = (state.picture.bounds().height() / 400).clamp(1, 8) as f64;
        let Some(place) = state.to_pixels(&[place]).first().copied() else { return };
        let mut mask = state.mask();
        let (width, height) = font::size(text, dot);
        let left = (place.x - width * anchor.x).round();
        let bottom = (place.y - height * anchor.y).round();
        for (x, y) in font::dots(text) {
            let (x, y) = (left + x * dot, bottom + y * dot);
            mask.block(x, y, dot);
        }
        state.paint(&mask);
    }
}

impl State {
    fn to_pixels(&self, points: &[PointD]) -> Vec<PointD> {
        let finite = points.iter().filter(|p| p.x.is_finite() && p.y.is_finite());
        finite.map(|p| PointD::new(p.x * self.scale.0, p.y * self.scale.1)).collect()
    }

    fn mask(&self) -> Mask {
        Mask::new(self.picture.bounds())
    }

    /// Zero is the thinnest line.
    fn line_width(&self) -> f64 {
        self.width.max(1.0)
    }

    /// Lays the colour over the picture where the mask covers it.
    fn paint(&mut self, mask: &Mask) {
        for (x, y, cover) in mask.covered() {
            let alpha = (self.colour[3] * cover).clamp(0.0, 1.0);
            let mut pixel = self.picture.pixel(x, y);
            for (p, c) in pixel.iter_mut().zip(self.colour).take(3) {
                *p = c * alpha + *p * (1.0 - alpha);
            }
            pixel[3] = alpha + pixel[3] * (1.0 - alpha);
            self.picture.set_pixel(x, y, pixel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{Components, Depth, RectI};

    fn canvas() -> Arc<Canvas> {
        Canvas::new(Picture::new(RectI::of_size(40, 30), Components::Rgba, Depth::Float), (1.0, 1.0))
    }

    fn cover(c: &Canvas) -> f32 {
        c.take().to_rgba_f32().iter().map(|p| p[3]).sum()
    }

    #[test]
    fn areas_are_right() {
        let c = canvas();
        c.rectangle(PointD::new(2.5, 3.0), PointD::new(12.5, 8.0));
        assert!((cover(&c) - 50.0).abs() < 0.5, "{}", cover(&c));
        let c = canvas();
        c.ellipse(PointD::new(5.0, 5.0), PointD::new(25.0, 25.0));
        assert!((cover(&c) - 314.0).abs() < 3.0, "{}", cover(&c));
        let c = canvas();
        c.set_width(2.0);
        c.strip(&[PointD::new(5.0, 10.0), PointD::new(35.0, 10.0)], false);
        assert!((cover(&c) - 62.0).abs() < 4.0, "{}", cover(&c));
    }

    #[test]
    fn broken_lines_cover_less_and_nothing_leaves_the_picture() {
        let line = [PointD::new(-50.0, 15.5), PointD::new(90.0, 15.5)];
        let whole = canvas();
        whole.lines(&line);
        for stipple in [Stipple::Dot, Stipple::Dash, Stipple::AltDash, Stipple::DotDash] {
            let c = canvas();
            c.set_stipple(stipple);
            c.lines(&line);
            assert!(cover(&c) < cover(&whole) * 0.9 && cover(&c) > cover(&whole) * 0.2, "{stipple:?}");
        }
        whole.strip(&[PointD::new(f64::NAN, 0.0), PointD::new(1e300, -1e300)], true);
    }

    #[test]
    fn text_is_drawn_where_it_hangs() {
        for (anchor, columns) in [(0.0, 20..32), (1.0, 8..20)] {
            let c = canvas();
            c.text("Ab", PointD::new(20.0, 10.0), Anchor { x: anchor, y: 0.0 });
            let picture = c.take();
            let lit = |x: i32| (0..30).any(|y| picture.pixel(x, y)[3] > 0.0);
            assert!((0..40).filter(|x| lit(*x)).all(|x| columns.contains(&x)), "{anchor}");
            assert!(cover(&c) > 15.0);
        }
    }
}
