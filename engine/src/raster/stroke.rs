//! Open strokes with a width of their own at each point.

use kurbo::{Point, Vec2};

use super::Edges;
use super::flatten::Vertex;

/// Adds a stroke with round joins and ends. `radius_px` gives half the width in raster px at a vertex. Every piece
/// winds the same way, so that the non-zero rule joins them.
pub(super) fn add_stroke(edges: &mut Edges, vertices: &[Vertex], radius_px: impl Fn(&Vertex) -> f64) {
    let radius = |v: &Vertex| {
        let r = radius_px(v);
        if r.is_finite() { r.max(0.0) } else { 0.0 }
    };
    let mut before: Option<Vec2> = None;
    for pair in vertices.windows(2) {
        let (a, b) = (&pair[0], &pair[1]);
        let along = b.at - a.at;
        let length = along.hypot();
        if length.is_nan() || length < 1e-9 {
            continue;
        }
        let along = along / length;
        let side = Vec2::new(-along.y, along.x);
        let (ra, rb) = (radius(a), radius(b));
        add(edges, &[a.at + side * ra, b.at + side * rb, b.at - side * rb, a.at - side * ra]);
        match before {
            None => add_fan(edges, a.at, ra, -along, std::f64::consts::PI),
            Some(last) => {
                let turn = last.cross(along).atan2(last.dot(along));
                let outer = if turn > 0.0 { -1.0 } else { 1.0 };
                let bisector = (Vec2::new(-last.y, last.x) + side) * outer;
                if turn.abs() > 1e-6 && bisector.hypot() > 1e-9 {
                    add_fan(edges, a.at, ra, bisector / bisector.hypot(), turn.abs());
                } else if turn.abs() > 1.0 {
                    add_fan(edges, a.at, ra, last, std::f64::consts::PI);
                }
            }
        }
        before = Some(along);
    }
    match (before, vertices.last()) {
        (Some(along), Some(end)) => add_fan(edges, end.at, radius(end), along, std::f64::consts::PI),
        // A stroke of no length is a dot.
        (None, Some(end)) => {
            add_fan(edges, end.at, radius(end), Vec2::new(1.0, 0.0), 2.0 * std::f64::consts::PI);
        }
        _ => {}
    }
}

/// A slice of a disc: `angle` wide, about the unit vector `middle`.
fn add_fan(edges: &mut Edges, centre: Point, radius: f64, middle: Vec2, angle: f64) {
    // Chords lie within 0.01 px of the arc.
    let step = 2.0 * (1.0 - (0.01 / radius.max(0.02)).min(1.0)).acos();
    let n = (angle / step.max(0.02)).ceil().max(1.0) as usize;
    let mut slice = vec![centre];
    slice.extend((0..=n).map(|i| {
        let a = angle * (i as f64 / n as f64 - 0.5);
        let (s, c) = a.sin_cos();
        centre + Vec2::new(c * middle.x - s * middle.y, s * middle.x + c * middle.y) * radius
    }));
    add(edges, &slice);
}

/// Adds a polygon, turned so that its area is positive.
fn add(edges: &mut Edges, polygon: &[Point]) {
    let n = polygon.len();
    let area: f64 = (0..n).map(|i| polygon[i].to_vec2().cross(polygon[(i + 1) % n].to_vec2())).sum();
    let flat = |p: &Point| [p.x, p.y];
    if area >= 0.0 {
        edges.add_polygon(polygon.iter().map(flat));
    } else {
        edges.add_polygon(polygon.iter().rev().map(flat));
    }
}
