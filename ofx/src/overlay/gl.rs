//! The pen of every host with overlays: OpenGL's fixed functions, in the context that is current in a draw action.
//!
//! The host's state is left as it was: attributes and matrices are pushed and popped, and framebuffers, which Natron
//! and others bind for themselves, are never touched. Neither is the modelview matrix reset, which in Nuke is not the
//! identity.

use super::font;
use super::gl_functions as gl;
use super::pen::{Align, Colour, HostColour, LineStyle, Pen, default_colour};
use crate::geometry::PointD;

/// Height of capital letters in screen pixels.
const TEXT_PIXELS: f64 = 10.0;

/// Draws with OpenGL.
pub(crate) struct GlPen {
    gl: &'static gl::GlFunctions,
    pixel_scale: PointD,
    suggested: Option<Colour>,
}

impl GlPen {
    /// None if this process has no OpenGL.
    ///
    /// # Safety
    /// A compatibility context must be current on this thread for as long as the pen lives, as it is in a V1 overlay's
    /// draw action.
    pub(crate) unsafe fn new(pixel_scale: PointD, suggested: Option<Colour>) -> Option<Self> {
        let gl = gl::functions()?;
        // SAFETY: the caller's promise.
        unsafe {
            (gl.push_attrib)(
                gl::ENABLE_BIT
                    | gl::LINE_BIT
                    | gl::POLYGON_BIT
                    | gl::CURRENT_BIT
                    | gl::COLOR_BUFFER_BIT
                    | gl::HINT_BIT
                    | gl::TRANSFORM_BIT,
            );
            (gl.matrix_mode)(gl::PROJECTION);
            (gl.push_matrix)();
            (gl.matrix_mode)(gl::MODELVIEW);
            (gl.push_matrix)();
            for state in [gl::TEXTURE_1D, gl::TEXTURE_2D, gl::LIGHTING, gl::DEPTH_TEST, gl::CULL_FACE] {
                (gl.disable)(state);
            }
            (gl.enable)(gl::BLEND);
            (gl.blend_func)(gl::SRC_ALPHA, gl::ONE_MINUS_SRC_ALPHA);
            (gl.enable)(gl::LINE_SMOOTH);
            (gl.hint)(gl::LINE_SMOOTH_HINT, gl::DONT_CARE);
            (gl.polygon_mode)(gl::FRONT_AND_BACK, gl::FILL);
            (gl.disable)(gl::LINE_STIPPLE);
            (gl.line_width)(1.0);
            (gl.colour)(1.0, 1.0, 1.0, 1.0);
        }
        Some(Self { gl, pixel_scale, suggested })
    }

    fn draw(&self, mode: gl::Enum, points: &[PointD], at_least: usize) {
        // A NaN would poison the whole primitive in some drivers.
        if points.len() < at_least || points.iter().any(|p| !p.x.is_finite() || !p.y.is_finite()) {
            return;
        }
        // SAFETY: a context is current (`new`'s contract); begin and end are paired, only vertices are between them.
        unsafe {
            (self.gl.begin)(mode);
            for p in points {
                (self.gl.vertex)(p.x, p.y);
            }
            (self.gl.end)();
        }
    }
}

impl Drop for GlPen {
    fn drop(&mut self) {
        // SAFETY: a context is current (`new`'s contract); each pop has its push in `new`.
        unsafe {
            (self.gl.matrix_mode)(gl::MODELVIEW);
            (self.gl.pop_matrix)();
            (self.gl.matrix_mode)(gl::PROJECTION);
            (self.gl.pop_matrix)();
            (self.gl.pop_attrib)();
        }
    }
}

impl Pen for GlPen {
    fn host_colour(&self, which: HostColour) -> Colour {
        default_colour(which, self.suggested)
    }

    fn pixel_scale(&self) -> PointD {
        self.pixel_scale
    }

    fn colour(&mut self, Colour([r, g, b, a]): Colour) {
        // SAFETY: a context is current (`new`'s contract).
        unsafe { (self.gl.colour)(r, g, b, a) }
    }

    fn line_width(&mut self, pixels: f32) {
        // SAFETY: a context is current (`new`'s contract).
        unsafe { (self.gl.line_width)(pixels.max(1.0)) }
    }

    fn line_style(&mut self, style: LineStyle) {
        let pattern: u16 = match style {
            LineStyle::Solid => 0xffff,
            LineStyle::Dot => 0x3333,
            LineStyle::Dash => 0x00ff,
            LineStyle::AltDash => 0xff00,
            LineStyle::DotDash => 0x18ff,
        };
        // SAFETY: a context is current (`new`'s contract).
        unsafe {
            if style == LineStyle::Solid {
                (self.gl.disable)(gl::LINE_STIPPLE);
            } else {
                (self.gl.enable)(gl::LINE_STIPPLE);
                (self.gl.line_stipple)(1, pattern);
            }
        }
    }

    fn lines(&mut self, points: &[PointD]) {
        let even = points.len() - points.len() % 2;
        self.draw(gl::LINES, &points[..even], 2);
    }

    fn line_strip(&mut self, points: &[PointD]) {
        self.draw(gl::LINE_STRIP, points, 2);
    }

    fn line_loop(&mut self, points: &[PointD]) {
        self.draw(gl::LINE_LOOP, points, 2);
    }

    fn polygon(&mut self, points: &[PointD]) {
        self.draw(gl::POLYGON, points, 3);
    }

    fn text(&mut self, at: PointD, text: &str, align: Align) {
        let (sx, sy) = (self.pixel_scale.x * TEXT_PIXELS, self.pixel_scale.y * TEXT_PIXELS);
        let left = match align {
            Align::Left => 0.0,
            Align::Centre => font::width(text) / 2.0,
            Align::Right => font::width(text),
        };
        for stroke in font::strokes(text) {
            let points: Vec<PointD> =
                stroke.iter().map(|&(x, y)| PointD { x: at.x + (x - left) * sx, y: at.y + y * sy }).collect();
            self.line_strip(&points);
        }
    }
}
