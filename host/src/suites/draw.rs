//! The draw suite.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

use ofx_sys::{
    OfxDrawContextHandle, OfxDrawLineStipplePattern, OfxDrawPrimitive, OfxDrawSuiteV1, OfxPointD,
    OfxRGBAColourF, OfxStandardColour, OfxStatus,
};

use crate::call::{self, answer, null, put, text};
use crate::draw::{Anchor, Canvas, Stipple};
use crate::geometry::PointD;
use crate::handle;
use crate::status::Status;
use crate::violation::{Rule, Severity};

pub(super) static SUITE: OfxDrawSuiteV1 = OfxDrawSuiteV1 {
    getColour: Some(get_colour),
    setColour: Some(set_colour),
    setLineWidth: Some(set_line_width),
    setLineStipple: Some(set_line_stipple),
    draw: Some(draw),
    drawText: Some(draw_text),
};

/// A context, which is good in the draw action alone.
fn find(context: OfxDrawContextHandle, function: &str) -> Result<Arc<Canvas>, Status> {
    let canvas = handle::find::<Canvas>(context as *const c_void, function)?;
    if call::current().is_none_or(|c| c.action != ofx_sys::kOfxInteractActionDraw) {
        let message = format!("{function} outside of the draw action");
        call::violate(Rule::ForbiddenCall, Severity::Error, message);
        return Err(Status::FAILED);
    }
    Ok(canvas)
}

const fn rgba(r: f32, g: f32, b: f32, a: f32) -> OfxRGBAColourF {
    OfxRGBAColourF { r, g, b, a }
}

unsafe extern "C" fn get_colour(
    context: OfxDrawContextHandle,
    standard: OfxStandardColour,
    to: *mut OfxRGBAColourF,
) -> OfxStatus {
    answer("getColour", || {
        find(context, "getColour")?;
        let colour = match standard {
            ofx_sys::kOfxStandardColourOverlayBackground => rgba(0.0, 0.0, 0.0, 0.5),
            ofx_sys::kOfxStandardColourOverlayActive => rgba(0.0, 1.0, 0.0, 1.0),
            ofx_sys::kOfxStandardColourOverlaySelected => rgba(1.0, 1.0, 0.0, 1.0),
            ofx_sys::kOfxStandardColourOverlayDeselected => rgba(0.8, 0.8, 0.8, 1.0),
            ofx_sys::kOfxStandardColourOverlayMarqueeFG => rgba(1.0, 1.0, 1.0, 1.0),
            ofx_sys::kOfxStandardColourOverlayMarqueeBG => rgba(0.0, 0.0, 0.0, 1.0),
            ofx_sys::kOfxStandardColourOverlayText => rgba(1.0, 1.0, 1.0, 1.0),
            _ => return Err(Status::VALUE),
        };
        // SAFETY: the plug-in gives room for a colour.
        unsafe { put(to, colour, "getColour") }
    })
}

unsafe extern "C" fn set_colour(context: OfxDrawContextHandle, colour: *const OfxRGBAColourF) -> OfxStatus {
    answer("setColour", || {
        let canvas = find(context, "setColour")?;
        if colour.is_null() {
            return Err(null("setColour"));
        }
        // SAFETY: not null, a colour.
        canvas.set_colour(unsafe { colour.read() });
        Ok(())
    })
}

unsafe extern "C" fn set_line_width(context: OfxDrawContextHandle, width: f32) -> OfxStatus {
    answer("setLineWidth", || {
        let canvas = find(context, "setLineWidth")?;
        if !(width.is_finite() && width >= 0.0) {
            return Err(Status::VALUE);
        }
        canvas.set_width(f64::from(width));
        Ok(())
    })
}

unsafe extern "C" fn set_line_stipple(
    context: OfxDrawContextHandle,
    pattern: OfxDrawLineStipplePattern,
) -> OfxStatus {
    answer("setLineStipple", || {
        let canvas = find(context, "setLineStipple")?;
        canvas.set_stipple(match pattern {
            ofx_sys::kOfxDrawLineStipplePatternSolid => Stipple::Solid,
            ofx_sys::kOfxDrawLineStipplePatternDot => Stipple::Dot,
            ofx_sys::kOfxDrawLineStipplePatternDash => Stipple::Dash,
            ofx_sys::kOfxDrawLineStipplePatternAltDash => Stipple::AltDash,
            ofx_sys::kOfxDrawLineStipplePatternDotDash => Stipple::DotDash,
            _ => return Err(Status::VALUE),
        });
        Ok(())
    })
}

unsafe extern "C" fn draw(
    context: OfxDrawContextHandle,
    primitive: OfxDrawPrimitive,
    points: *const OfxPointD,
    count: c_int,
) -> OfxStatus {
    answer("draw", || {
        let canvas = find(context, "draw")?;
        let count = usize::try_from(count).map_err(|_| Status::VALUE)?;
        if points.is_null() {
            return Err(null("draw"));
        }
        // SAFETY: not null, `count` points.
        let points = unsafe { std::slice::from_raw_parts(points, count) };
        let points: Vec<PointD> = points.iter().map(|p| PointD::new(p.x, p.y)).collect();
        match (primitive, points.as_slice()) {
            (ofx_sys::kOfxDrawPrimitiveLines, p) if count >= 2 && count % 2 == 0 => canvas.lines(p),
            (ofx_sys::kOfxDrawPrimitiveLineStrip, p) if count >= 2 => canvas.strip(p, false),
            (ofx_sys::kOfxDrawPrimitiveLineLoop, p) if count >= 2 => canvas.strip(p, true),
            (ofx_sys::kOfxDrawPrimitiveRectangle, [a, b]) => canvas.rectangle(*a, *b),
            (ofx_sys::kOfxDrawPrimitivePolygon, p) if count >= 3 => canvas.polygon(p),
            (ofx_sys::kOfxDrawPrimitiveEllipse, [a, b]) => canvas.ellipse(*a, *b),
            _ => {
                let message = format!("draw of primitive {primitive} with {count} points");
                call::violate(Rule::ForbiddenCall, Severity::Error, message);
                return Err(Status::VALUE);
            }
        }
        Ok(())
    })
}

unsafe extern "C" fn draw_text(
    context: OfxDrawContextHandle,
    words: *const c_char,
    place: *const OfxPointD,
    alignment: c_int,
) -> OfxStatus {
    answer("drawText", || {
        let canvas = find(context, "drawText")?;
        if place.is_null() {
            return Err(null("drawText"));
        }
        // SAFETY: the plug-in gives a C string, and a point that is not null.
        let (words, place) = unsafe { (text(words, "drawText")?, place.read()) };
        let flags = u32::try_from(alignment).unwrap_or(0);
        let has = |flag: u32| flags & flag != 0;
        let left = has(ofx_sys::kOfxDrawTextAlignmentLeft);
        let x = match (left, has(ofx_sys::kOfxDrawTextAlignmentRight)) {
            (true, true) => 0.5,
            (false, true) => 1.0,
            _ => 0.0,
        };
        let low = has(ofx_sys::kOfxDrawTextAlignmentBaseline) || has(ofx_sys::kOfxDrawTextAlignmentBottom);
        let y = match (has(ofx_sys::kOfxDrawTextAlignmentTop), low) {
            (true, true) => 0.5,
            (true, false) => 1.0,
            _ => 0.0,
        };
        canvas.text(&words.to_string_lossy(), PointD::new(place.x, place.y), Anchor { x, y });
        Ok(())
    })
}
