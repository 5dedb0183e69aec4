//! Curves to polygons, in raster px.

use kurbo::{Affine, ParamCurve, Point};

use crate::spline::Outline;

/// How far the polygon may lie off the curve, raster px.
const TOLERANCE_PX: f64 = 0.01;

/// A flattened place: raster px, with the segment and parameter it came from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vertex {
    pub at: Point,
    pub segment: usize,
    pub t: f64,
}

/// The outline's polygon after `map`. The parameters depend on the curve alone, never on a window.
pub(super) fn flatten(outline: &Outline, map: Affine) -> Vec<Vertex> {
    let mut out = Vec::new();
    for (segment, curve) in outline.segments().iter().enumerate() {
        let mapped = map * *curve;
        // Wang's bound: a cubic's distance from its chords falls with the square of their number.
        let bend = (mapped.p0 - mapped.p1 - (mapped.p1 - mapped.p2))
            .hypot()
            .max((mapped.p1 - mapped.p2 - (mapped.p2 - mapped.p3)).hypot());
        let n = (0.75 * bend / TOLERANCE_PX).sqrt().ceil();
        let n = if n.is_finite() { n.clamp(1.0, 1000.0) as usize } else { 1 };
        out.extend((0..n).map(|i| {
            let t = i as f64 / n as f64;
            Vertex { at: mapped.eval(t), segment, t }
        }));
        if segment + 1 == outline.segments().len() {
            out.push(Vertex { at: mapped.p3, segment, t: 1.0 });
        }
    }
    out
}
