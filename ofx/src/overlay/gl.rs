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
    /// Saves the host's state and sets a pen's own.
    ///
    /// # Safety
    /// A compatibility context must be current on this thread for as long as the pen lives, as it is in a V1 overlay's
    /// draw action.
    pub(crate) unsafe fn new(
        gl: &'static gl::GlFunctions,
        pixel_scale: PointD,
        suggested: Option<Colour>,
    ) -> Self {
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
        Self { gl, pixel_scale, suggested }
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

#[cfg(test)]
mod tests {
    use core::cell::RefCell;

    use super::*;

    std::thread_local! {
        static CALLS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    /// Functions that write down how they were called.
    macro_rules! recorder {
        ($($field:ident ($($arg:ident : $type:ty),*);)+) => {
            static RECORDER: gl::GlFunctions = gl::GlFunctions {
                $($field: {
                    unsafe extern "system" fn call($($arg: $type),*) {
                        let args: Vec<String> = vec![$($arg.to_string()),*];
                        let call = format!("{} {}", stringify!($field), args.join(" "));
                        CALLS.with_borrow_mut(|calls| calls.push(call.trim_end().to_owned()));
                    }
                    call
                },)+
            };
        };
    }

    recorder! {
        push_attrib(a: u32);
        pop_attrib();
        matrix_mode(a: u32);
        push_matrix();
        pop_matrix();
        enable(a: u32);
        disable(a: u32);
        blend_func(a: u32, b: u32);
        hint(a: u32, b: u32);
        line_width(a: f32);
        line_stipple(a: i32, b: u16);
        polygon_mode(a: u32, b: u32);
        begin(a: u32);
        end();
        vertex(a: f64, b: f64);
        colour(a: f32, b: f32, c: f32, d: f32);
    }

    fn recorded(scale: PointD, draw: impl FnOnce(&mut GlPen)) -> Vec<String> {
        CALLS.take();
        // SAFETY: no OpenGL is called, only the recorder.
        let mut pen = unsafe { GlPen::new(&RECORDER, scale, None) };
        CALLS.take();
        draw(&mut pen);
        let calls = CALLS.take();
        drop(pen);
        calls
    }

    #[test]
    fn the_hosts_state_is_restored() {
        CALLS.take();
        // SAFETY: no OpenGL is called, only the recorder.
        drop(unsafe { GlPen::new(&RECORDER, PointD::new(1.0, 1.0), None) });
        let calls = CALLS.take();
        let count = |what: &str| calls.iter().filter(|c| c.starts_with(what)).count();
        assert_eq!((count("push_attrib"), count("pop_attrib")), (1, 1));
        assert_eq!((count("push_matrix"), count("pop_matrix")), (2, 2));
        // Attributes hold the matrix mode, so they go last.
        assert_eq!(calls.last().map(String::as_str), Some("pop_attrib"));
    }

    #[test]
    fn primitives() {
        let calls = recorded(PointD::new(0.5, 0.25), |pen| {
            pen.line_strip(&[PointD::new(0.0, 0.0), PointD::new(1.0, 2.0)]);
            pen.line_strip(&[PointD::new(0.0, 0.0), PointD::new(f64::NAN, 2.0)]);
            pen.handle(PointD::new(1.0, 1.0), 4.0);
        });
        assert_eq!(
            calls,
            [
                "begin 3",
                "vertex 0 0",
                "vertex 1 2",
                "end",
                "begin 9",
                "vertex 0 0.5",
                "vertex 2 0.5",
                "vertex 2 1.5",
                "vertex 0 1.5",
                "end",
            ]
        );
    }

    #[test]
    fn text_is_as_large_on_the_screen_whatever_the_zoom() {
        let scale = PointD::new(0.6, 0.25);
        let calls = recorded(scale, |pen| pen.text(PointD::new(10.0, 20.0), "L", Align::Left));
        // Ten pixels high, and two thirds as wide.
        let expected = ["begin 3", "vertex 10 22.5", "vertex 10 20", "vertex 14 20", "end"];
        assert_eq!(calls, expected);
    }
}
