//! Handles of the feathers of single points.
//!
//! A closed spline's feather is a place on a second contour, and its handle stands there. An open spline's is a soft width
//! beyond the stroke on both sides: its handle stands where that ends on one of them, and is pulled away from the spline or
//! back. Where a handle would be too near its point to be seen apart, and where a point has no feather yet, it stands a few
//! screen pixels away; the feather grows by the way that it is pulled.

use engine::spline::Outline;
use ofx::PointD;
use shapes::{Feather, Point};

/// Nearest that a handle stands to its point, screen pixels.
const APART_PX: f64 = 18.0;

/// The unit vector out of a spline at each of its points: across the mean of the directions in which it comes and goes, out of
/// what a closed one encloses. For an open one it is that of the feather that is there, or else to the left of its way as the
/// viewer shows it. Document space.
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
        if let Some(way) = points[i].feather.as_ref().filter(|_| !closed).and_then(|f| unit(f.offset)) {
            return way;
        }
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

/// Where the handle of a point's feather stands, document px. `half_px` is half of the stroke's width there, 0 for a closed
/// spline; `pixel` is how much of the document a screen pixel is.
pub fn handle(p: &Point, outward: [f64; 2], half_px: f64, pixel: PointD) -> [f64; 2] {
    let apart = |v: [f64; 2]| (v[0] / pixel.x).hypot(v[1] / pixel.y);
    let offset = p.feather.as_ref().map_or([0.0; 2], |f| f.offset);
    let offset = [0, 1].map(|i| offset[i] + half_px * outward[i]);
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

/// How far a stroke's feather can be moved by a move at its point: along the way out, and in no farther than to nothing.
pub fn along(p: &Point, by: [f64; 2], outward: [f64; 2]) -> [f64; 2] {
    let length = p.feather.as_ref().map_or(0.0, |f| f.offset[0].hypot(f.offset[1]));
    let out = (by[0] * outward[0] + by[1] * outward[1]).max(-length);
    outward.map(|v| v * out)
}

/// A move at a point whose way out is `from`, as it looks from one whose way out is `to`.
pub fn turned(by: [f64; 2], from: [f64; 2], to: [f64; 2]) -> [f64; 2] {
    let (out, along) = (by[0] * from[0] + by[1] * from[1], by[1] * from[0] - by[0] * from[1]);
    [out * to[0] - along * to[1], out * to[1] + along * to[0]]
}

fn unit(v: [f64; 2]) -> Option<[f64; 2]> {
    let length = v[0].hypot(v[1]);
    (length.is_finite() && length > 1e-6).then(|| v.map(|v| v / length))
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
        assert!(near(handle(&p, [0.0, -1.0], 0.0, screen), [10.0, 1.0]));
        shift(&mut p, [3.0, 0.0]);
        assert!(near(handle(&p, [0.0, -1.0], 0.0, screen), [10.0, 1.0]));
        shift(&mut p, [9.0, 0.0]);
        assert!(near(handle(&p, [0.0, -1.0], 0.0, screen), [22.0, 10.0]));
        assert!(near(handle(&p, [1.0, 0.0], 3.0, screen), [25.0, 10.0]), "where a stroke's feather ends");
    }

    #[test]
    fn a_strokes_feather_goes_away_from_it_and_back() {
        let mut line = [Point::corner(0.0, 0.0), Point::corner(9.0, 0.0)];
        shift(&mut line[1], [0.0, 4.0]);
        let ways = outward(&line, false);
        assert!(near(ways[1], [0.0, 1.0]), "the side that it shows to");
        assert!(near(along(&line[1], [7.0, 2.0], ways[1]), [0.0, 2.0]));
        assert!(near(along(&line[1], [0.0, -9.0], ways[1]), [0.0, -4.0]));
        assert!(near(along(&line[0], [0.0, -3.0], ways[0]), [0.0, -3.0]));
        assert!(near(along(&line[0], [0.0, 3.0], ways[0]), [0.0, 0.0]));
    }

    #[test]
    fn a_move_turns_with_the_outline() {
        assert!(near(turned([3.0, 1.0], [1.0, 0.0], [1.0, 0.0]), [3.0, 1.0]));
        assert!(near(turned([3.0, 1.0], [1.0, 0.0], [0.0, 1.0]), [-1.0, 3.0]));
        let h = std::f64::consts::FRAC_1_SQRT_2;
        assert!(near(turned([h, h], [h, h], [0.0, -1.0]), [0.0, -1.0]));
    }
}
