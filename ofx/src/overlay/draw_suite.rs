//! The pen of OpenFX 1.5: the host draws.

use core::ffi::c_int;
use std::ffi::CString;

use ofx_sys as sys;

use super::pen::{Align, Colour, HostColour, LineStyle, Pen, default_colour};
use crate::geometry::PointD;
use crate::handle::DrawContext;

/// Draws through the host's draw suite.
pub(crate) struct DrawSuitePen<'h> {
    suite: &'h sys::OfxDrawSuiteV1,
    context: DrawContext,
    pixel_scale: PointD,
    suggested: Option<Colour>,
}

impl<'h> DrawSuitePen<'h> {
    pub(crate) fn new(
        suite: &'h sys::OfxDrawSuiteV1,
        context: DrawContext,
        pixel_scale: PointD,
        suggested: Option<Colour>,
    ) -> Self {
        Self { suite, context, pixel_scale, suggested }
    }

    fn draw(&self, primitive: sys::OfxDrawPrimitive, points: &[PointD], at_least: usize) {
        let (Some(draw), true) = (self.suite.draw, points.len() >= at_least) else { return };
        let points: Vec<sys::OfxPointD> = points.iter().copied().map(Into::into).collect();
        let Ok(count) = c_int::try_from(points.len()) else { return };
        // SAFETY: the host's own function with the context of the running draw action and `count` points.
        let status = unsafe { draw(self.context.raw(), primitive, points.as_ptr(), count) };
        noted(status, "draw");
    }
}

fn noted(status: sys::OfxStatus, what: &str) {
    if status != sys::kOfxStatOK {
        log::trace!("draw suite {what}: {}", crate::error::status_name(status));
    }
}

impl Pen for DrawSuitePen<'_> {
    fn host_colour(&self, which: HostColour) -> Colour {
        let name = match which {
            HostColour::Background => sys::kOfxStandardColourOverlayBackground,
            HostColour::Active => sys::kOfxStandardColourOverlayActive,
            HostColour::Selected => sys::kOfxStandardColourOverlaySelected,
            HostColour::Deselected => sys::kOfxStandardColourOverlayDeselected,
            HostColour::MarqueeFront => sys::kOfxStandardColourOverlayMarqueeFG,
            HostColour::MarqueeBack => sys::kOfxStandardColourOverlayMarqueeBG,
            HostColour::Text => sys::kOfxStandardColourOverlayText,
        };
        let fallback = default_colour(which, self.suggested);
        let Some(get) = self.suite.getColour else { return fallback };
        let mut c = sys::OfxRGBAColourF { r: 0.0, g: 0.0, b: 0.0, a: 0.0 };
        // SAFETY: the host's own function with the context of the running draw action; the reply lives through it.
        match unsafe { get(self.context.raw(), name, &raw mut c) } {
            sys::kOfxStatOK => Colour([c.r, c.g, c.b, c.a]),
            _ => fallback,
        }
    }

    fn pixel_scale(&self) -> PointD {
        self.pixel_scale
    }

    fn colour(&mut self, Colour([r, g, b, a]): Colour) {
        let Some(set) = self.suite.setColour else { return };
        let colour = sys::OfxRGBAColourF { r, g, b, a };
        // SAFETY: the host's own function with the context of the running draw action; the colour lives through it.
        noted(unsafe { set(self.context.raw(), &raw const colour) }, "setColour");
    }

    fn line_width(&mut self, pixels: f32) {
        let Some(set) = self.suite.setLineWidth else { return };
        // SAFETY: the host's own function with the context of the running draw action.
        noted(unsafe { set(self.context.raw(), pixels) }, "setLineWidth");
    }

    fn line_style(&mut self, style: LineStyle) {
        let pattern = match style {
            LineStyle::Solid => sys::kOfxDrawLineStipplePatternSolid,
            LineStyle::Dot => sys::kOfxDrawLineStipplePatternDot,
            LineStyle::Dash => sys::kOfxDrawLineStipplePatternDash,
            LineStyle::AltDash => sys::kOfxDrawLineStipplePatternAltDash,
            LineStyle::DotDash => sys::kOfxDrawLineStipplePatternDotDash,
        };
        let Some(set) = self.suite.setLineStipple else { return };
        // SAFETY: the host's own function with the context of the running draw action.
        noted(unsafe { set(self.context.raw(), pattern) }, "setLineStipple");
    }

    fn lines(&mut self, points: &[PointD]) {
        let even = points.len() - points.len() % 2;
        self.draw(sys::kOfxDrawPrimitiveLines, &points[..even], 2);
    }

    fn line_strip(&mut self, points: &[PointD]) {
        self.draw(sys::kOfxDrawPrimitiveLineStrip, points, 2);
    }

    fn line_loop(&mut self, points: &[PointD]) {
        self.draw(sys::kOfxDrawPrimitiveLineLoop, points, 2);
    }

    fn polygon(&mut self, points: &[PointD]) {
        self.draw(sys::kOfxDrawPrimitivePolygon, points, 3);
    }

    fn rectangle(&mut self, a: PointD, b: PointD) {
        self.draw(sys::kOfxDrawPrimitiveRectangle, &[a, b], 2);
    }

    fn ellipse(&mut self, a: PointD, b: PointD) {
        self.draw(sys::kOfxDrawPrimitiveEllipse, &[a, b], 2);
    }

    fn text(&mut self, at: PointD, text: &str, align: Align) {
        let Some(draw) = self.suite.drawText else { return };
        let Ok(text) = CString::new(text) else { return };
        let at = sys::OfxPointD::from(at);
        let horizontal = match align {
            Align::Left => sys::kOfxDrawTextAlignmentLeft,
            Align::Centre => sys::kOfxDrawTextAlignmentCenterH,
            Align::Right => sys::kOfxDrawTextAlignmentRight,
        };
        let flags = (horizontal | sys::kOfxDrawTextAlignmentBaseline) as c_int;
        // SAFETY: the host's own function with the context of the running draw action; text and point live through it.
        let status = unsafe { draw(self.context.raw(), text.as_ptr(), &raw const at, flags) };
        noted(status, "drawText");
    }
}
