//! Handles of the feathers of single points.
//!
//! A feather's handle stands on the feather contour. Where that is too near the point to be seen apart, and where a point has no
//! feather yet, the handle stands a few screen pixels outside of the outline; it is pulled from there, and the feather grows
//! by the way that it is pulled.

use engine::spline::Outline;
use ofx::PointD;
use shapes::{Feather, Point};

/// Nearest that a handle stands to its point, screen pixels.
const APART_PX: f64 = 18.0;

/// The unit vector out of a spline at each of its points: across the mean of the directions in which it comes and goes, out of
/// what a closed one encloses, to the left of an open one's way as the viewer shows it. Document space.
pub fn outward(points: &[Point], closed: bool) -> Vec<[f64; 2]> {
    let outline = Outline::new(points, closed);
    let segments = outline.segments();
    let ends = |i: usize, forward: bool| {
        let s = segments.get(i)?;
        let (from, others) = if forward { (s.p0, [s.p1, s.p2, s.p3]) } else { (s.p3, [s.p2, s.p1, s.p0]) };
        let way = others.into_iter().map(|p| if forward { p - from } else { from - p });
        way.map(|v| (v, v.hypot())).find(|(_, l)| l.is_finite() && *l > 1e-9).map(|(v, l)| v / l)
    };
    let side = if outline.signed_area_px2() < 0.0 { -1.0 } else { 1.0 };
    let at = |i: usize| {
        let before = if closed { Some((i + segments.len() - 1) % segments.len()) } else { i.checked_sub(1) };
        let (comes, goes) = (before.and_then(|k| ends(k, false)), ends(i, true));
        let way = match (comes, goes) {
            // A spike points where it comes from.
            (Some(a), Some(b)) if (a + b).hypot() < 1e-6 => return [a.x, a.y],
            (Some(a), Some(b)) => (a + b) / (a + b).hypot(),
            (a, b) => a.or(b).unwrap_or(kurbo::Vec2::new(1.0, 0.0)),
        };
        [side * way.y, -side * way.x]
    };
    (0..points.len()).map(at).collect()
}

/// Where the handle of a point's feather stands, document px; `pixel` is how much of the document a screen pixel is.
pub fn handle(p: &Point, outward: [f64; 2], pixel: PointD) -> [f64; 2] {
    let apart = |v: [f64; 2]| (v[0] / pixel.x).hypot(v[1] / pixel.y);
    let offset = p.feather.as_ref().map_or([0.0; 2], |f| f.offset);
    let [x, y] =
        if apart(offset) >= APART_PX { offset } else { outward.map(|v| v * APART_PX / apart(outward)) };
    [p.x + x, p.y + y]
}

/// Moves a point's feather contour, which has the point's own tangents where there was none.
pub fn shift(p: &mut Point, by: [f64; 2]) {
    let (tangent_in, tangent_out) = (p.tangent_in, p.tangent_out);
    let feather = p.feather.get_or_insert(Feather { offset: [0.0; 2], tangent_in, tangent_out });
    feather.offset = [feather.offset[0] + by[0], feather.offset[1] + by[1]];
}

/// A move at a point whose way out is `from`, as it looks from one whose way out is `to`.
pub fn turned(by: [f64; 2], from: [f64; 2], to: [f64; 2]) -> [f64; 2] {
    let (out, along) = (by[0] * from[0] + by[1] * from[1], by[1] * from[0] - by[0] * from[1]);
    [out * to[0] - along * to[1], out * to[1] + along * to[0]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(side: f64) -> Vec<Point> {
        [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)].map(|(x, y)| Point::corner(x, y)).to_vec()
    }

    fn near(a: [f64; 2], b: [f64; 2]) -> bool {
        (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-9
    }

    #[test]
    fn the_way_out_is_out_whichever_way_an_outline_runs() {
        let h = std::f64::consts::FRAC_1_SQRT_2;
        let mut points = square(10.0);
        let ways = outward(&points, true);
        assert!(near(ways[0], [-h, -h]) && near(ways[2], [h, h]), "{ways:?}");
        points.reverse();
        let ways = outward(&points, true);
        assert!(near(ways[3], [-h, -h]) && near(ways[1], [h, h]), "{ways:?}");
    }

    #[test]
    fn odd_splines_have_a_way_out() {
        let line = [Point::corner(0.0, 0.0), Point::corner(5.0, 0.0), Point::corner(0.0, 0.0)];
        for points in [&line[..], &line[..2], &line[..1], &[]] {
            for closed in [true, false] {
                let ways = outward(points, closed);
                assert_eq!(ways.len(), points.len());
                assert!(ways.iter().all(|[x, y]| (x.hypot(*y) - 1.0).abs() < 1e-9), "{ways:?}");
            }
        }
        assert!(near(outward(&line[..2], false)[0], [0.0, -1.0]));
    }

    #[test]
    fn a_handle_is_never_too_near_its_point() {
        let screen = PointD { x: 0.5, y: 0.5 };
        let mut p = Point::corner(10.0, 10.0);
        assert!(near(handle(&p, [0.0, -1.0], screen), [10.0, 1.0]));
        shift(&mut p, [3.0, 0.0]);
        assert!(near(handle(&p, [0.0, -1.0], screen), [10.0, 1.0]));
        shift(&mut p, [9.0, 0.0]);
        assert!(near(handle(&p, [0.0, -1.0], screen), [22.0, 10.0]));
    }

    #[test]
    fn a_move_turns_with_the_outline() {
        assert!(near(turned([3.0, 1.0], [1.0, 0.0], [1.0, 0.0]), [3.0, 1.0]));
        assert!(near(turned([3.0, 1.0], [1.0, 0.0], [0.0, 1.0]), [-1.0, 3.0]));
        let h = std::f64::consts::FRAC_1_SQRT_2;
        assert!(near(turned([h, h], [h, h], [0.0, -1.0]), [0.0, -1.0]));
    }
}
