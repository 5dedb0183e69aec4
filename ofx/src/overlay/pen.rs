//! What draws.

use crate::geometry::PointD;

/// Red, green, blue, alpha, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colour(pub [f32; 4]);

impl Colour {
    /// Opaque.
    pub const fn rgb(r: f32, g: f32, b: f32) -> Self {
        Self([r, g, b, 1.0])
    }

    /// With alpha.
    pub const fn rgba(r: f32, g: f32, b: f32, a: f32) -> Self {
        Self([r, g, b, a])
    }

    /// This colour, this opaque.
    pub const fn alpha(self, a: f32) -> Self {
        let [r, g, b, _] = self.0;
        Self([r, g, b, a])
    }
}

/// Colours that the host would use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostColour {
    /// Behind overlays.
    Background,
    /// What is being dragged.
    Active,
    /// What is selected.
    Selected,
    /// What is not.
    Deselected,
    /// The front of a selection box.
    MarqueeFront,
    /// The back of a selection box.
    MarqueeBack,
    /// Text.
    Text,
}

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineStyle {
    /// Unbroken.
    Solid,
    /// Dots.
    Dot,
    /// Dashes.
    Dash,
    /// Dashes, where the other ones have gaps.
    AltDash,
    /// Dots and dashes.
    DotDash,
}

/// Where a text stands, seen from its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// To the right of the point.
    Left,
    /// Its middle on the point.
    Centre,
    /// To the left of the point.
    Right,
}

/// Draws, in canonical coordinates. Colour, width and style hold until changed.
pub trait Pen {
    /// The host's colour for this, or one that is seen well.
    fn host_colour(&self, which: HostColour) -> Colour;

    /// Canonical units of a screen pixel.
    fn pixel_scale(&self) -> PointD;

    /// Draws in this colour from now on.
    fn colour(&mut self, colour: Colour);

    /// Draws lines of this many screen pixels from now on.
    fn line_width(&mut self, pixels: f32);

    /// Draws such lines from now on.
    fn line_style(&mut self, style: LineStyle);

    /// A line between each pair of points.
    fn lines(&mut self, points: &[PointD]);

    /// Lines from point to point.
    fn line_strip(&mut self, points: &[PointD]);

    /// Lines from point to point and back to the first.
    fn line_loop(&mut self, points: &[PointD]);

    /// A filled convex polygon.
    fn polygon(&mut self, points: &[PointD]);

    /// A filled rectangle between two corners.
    fn rectangle(&mut self, a: PointD, b: PointD) {
        self.polygon(&[a, PointD { x: b.x, y: a.y }, b, PointD { x: a.x, y: b.y }]);
    }

    /// The outline of an ellipse in the rectangle between two corners.
    fn ellipse(&mut self, a: PointD, b: PointD) {
        self.line_loop(&ellipse_points(a, b));
    }

    /// A line of text in the host's size.
    fn text(&mut self, at: PointD, text: &str, align: Align);

    /// A square of this many screen pixels around a point, filled: what artists drag.
    fn handle(&mut self, at: PointD, pixels: f64) {
        let scale = self.pixel_scale();
        let (dx, dy) = (scale.x * pixels / 2.0, scale.y * pixels / 2.0);
        self.rectangle(PointD { x: at.x - dx, y: at.y - dy }, PointD { x: at.x + dx, y: at.y + dy });
    }

    /// A circle of this many screen pixels around a point.
    fn circle(&mut self, at: PointD, radius_pixels: f64) {
        let scale = self.pixel_scale();
        let (dx, dy) = (scale.x * radius_pixels, scale.y * radius_pixels);
        self.ellipse(PointD { x: at.x - dx, y: at.y - dy }, PointD { x: at.x + dx, y: at.y + dy });
    }

    /// A cross of this many screen pixels around a point.
    fn cross(&mut self, at: PointD, pixels: f64) {
        let scale = self.pixel_scale();
        let (dx, dy) = (scale.x * pixels / 2.0, scale.y * pixels / 2.0);
        self.lines(&[
            PointD { x: at.x - dx, y: at.y },
            PointD { x: at.x + dx, y: at.y },
            PointD { x: at.x, y: at.y - dy },
            PointD { x: at.x, y: at.y + dy },
        ]);
    }
}

const ELLIPSE_CORNERS: usize = 48;

/// A polygon that looks like an ellipse.
pub(crate) fn ellipse_points(a: PointD, b: PointD) -> [PointD; ELLIPSE_CORNERS] {
    let (cx, cy) = ((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
    let (rx, ry) = ((b.x - a.x) / 2.0, (b.y - a.y) / 2.0);
    core::array::from_fn(|i| {
        let angle = i as f64 / ELLIPSE_CORNERS as f64 * core::f64::consts::TAU;
        PointD { x: cx + rx * angle.cos(), y: cy + ry * angle.sin() }
    })
}

/// What a host without an opinion gets.
pub(crate) fn default_colour(which: HostColour, suggested: Option<Colour>) -> Colour {
    match which {
        HostColour::Background => Colour::rgba(0.0, 0.0, 0.0, 0.5),
        HostColour::Active => Colour::rgb(1.0, 0.9, 0.2),
        HostColour::Selected => Colour::rgb(1.0, 1.0, 1.0),
        HostColour::Deselected => suggested.unwrap_or(Colour::rgb(0.75, 0.75, 0.75)),
        HostColour::MarqueeFront => Colour::rgb(1.0, 1.0, 1.0),
        HostColour::MarqueeBack => Colour::rgba(1.0, 1.0, 1.0, 0.2),
        HostColour::Text => suggested.unwrap_or(Colour::rgb(1.0, 1.0, 1.0)),
    }
}
