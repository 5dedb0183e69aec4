//! Contours of a matte at half its full value.

use std::collections::HashMap;

use kurbo::{Point, Vec2};

use crate::image::Plane;

/// Where inside begins.
const LEVEL: f32 = 0.5;

/// A closed polygon, px: with the matte's inside to its right (y down), so that outer contours run clockwise on the screen and holes
/// the other way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loop(pub Vec<Point>);

impl Loop {
    /// Its area, px squared; below 0 for a hole.
    pub fn area_px2(&self) -> f64 {
        let next = self.0.iter().cycle().skip(1);
        self.0.iter().zip(next).map(|(p, q)| p.to_vec2().cross(q.to_vec2())).sum::<f64>() / 2.0
    }

    /// The centre of its area, px.
    pub fn centre(&self) -> Point {
        let next = self.0.iter().cycle().skip(1);
        let pieces = self.0.iter().zip(next).map(|(p, q)| {
            let [p, q] = [p, q].map(|v| v.to_vec2());
            (p + q) * p.cross(q)
        });
        (pieces.fold(Vec2::ZERO, |sum, v| sum + v) / (6.0 * self.area_px2())).to_point()
    }

    /// Whether it has no inside of the matte inside.
    pub fn is_hole(&self) -> bool {
        self.area_px2() < 0.0
    }

    /// The polygon's edges that pass a row, as x, ascending: inside lies between the first and the second, and so on.
    pub fn crossings(&self, y: f64) -> Vec<f64> {
        let next = self.0.iter().cycle().skip(1);
        let passes = self.0.iter().zip(next).filter(|(p, q)| (p.y <= y) != (q.y <= y));
        let mut xs: Vec<f64> = passes.map(|(p, q)| p.x + (q.x - p.x) * (y - p.y) / (q.y - p.y)).collect();
        xs.sort_by(f64::total_cmp);
        xs
    }

    /// Whether a place lies inside.
    pub fn contains(&self, p: Point) -> bool {
        self.crossings(p.y).iter().filter(|x| **x < p.x).count() % 2 == 1
    }
}

/// The contours of a matte, values 0 to 1; beyond its border there is nothing. Marching squares (Lorensen and Cline 1987, in the
/// plane) between pixel centres, linear along their edges, so that soft edges give places between pixels. Where two diagonal pixels are
/// inside they belong together if the mean of the four does.
pub fn contours(matte: &Plane) -> Vec<Loop> {
    let (width, height) = (matte.width() as i64, matte.height() as i64);
    let value = |x: i64, y: i64| {
        let inside = (0..width).contains(&x) && (0..height).contains(&y);
        if inside { matte.data()[(y * width + x) as usize] } else { 0.0 }
    };
    // From each crossed edge between two pixel centres to the next one of its contour.
    let mut next: HashMap<Edge, Edge> = HashMap::new();
    for y in -1..height {
        for x in -1..width {
            let corners = [value(x, y), value(x + 1, y), value(x + 1, y + 1), value(x, y + 1)];
            let set = corners.map(|v| v >= LEVEL);
            if set == [false; 4] || set == [true; 4] {
                continue;
            }
            let edges = [(x, y, true), (x + 1, y, false), (x, y + 1, true), (x, y, false)];
            let joined = corners.iter().sum::<f32>() >= 4.0 * LEVEL;
            // An edge is entered where its first corner, clockwise, is outside; inside lies to the right of the way.
            let enters = |i: usize| !set[i] && set[(i + 1) % 4];
            let leaves = |i: usize| set[i] && !set[(i + 1) % 4];
            for from in (0..4).filter(|i| leaves(*i)) {
                // With two ways through the cell, clockwise or counterclockwise decides what is joined.
                let order: [usize; 3] = if joined { [1, 2, 3] } else { [3, 2, 1] };
                if let Some(to) = order.map(|k| (from + k) % 4).into_iter().find(|i| enters(*i)) {
                    next.insert(edges[from], edges[to]);
                }
            }
        }
    }
    let place = |(x, y, across): Edge| {
        let (a, b) = (value(x, y), if across { value(x + 1, y) } else { value(x, y + 1) });
        let t = f64::from(((LEVEL - a) / (b - a)).clamp(0.0, 1.0));
        let (x, y) = (x as f64 + 0.5, y as f64 + 0.5);
        if across { Point::new(x + t, y) } else { Point::new(x, y + t) }
    };
    let mut starts: Vec<Edge> = next.keys().copied().collect();
    starts.sort_unstable_by_key(|(x, y, across)| (*y, *x, *across));
    let mut loops = Vec::new();
    for start in starts {
        let (mut points, mut at) = (Vec::new(), start);
        while let Some(to) = next.remove(&at) {
            points.push(place(at));
            at = to;
        }
        if points.len() > 2 {
            loops.push(Loop(points));
        }
    }
    loops
}

/// Between the centre of a pixel and the one to its right (`true`) or below.
type Edge = (i64, i64, bool);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_edges_are_found_between_pixels() {
        let (centre, radius) = (Point::new(20.3, 16.7), 9.4);
        let soft = |x: usize, y: usize| {
            let far = Point::new(x as f64 + 0.5, y as f64 + 0.5).distance(centre);
            ((radius - far) / 4.0 + 0.5).clamp(0.0, 1.0) as f32
        };
        let loops = contours(&Plane::from_fn(40, 32, soft));
        assert_eq!(loops.len(), 1);
        assert!(!loops[0].is_hole());
        for p in &loops[0].0 {
            assert!((p.distance(centre) - radius).abs() < 0.06, "{p:?}");
        }
        assert!(loops[0].contains(centre) && !loops[0].contains(Point::new(2.0, 2.0)));
    }

    #[test]
    fn holes_run_the_other_way_and_borders_close() {
        let ring = |x: usize, y: usize| f32::from(u8::from(!((4..8).contains(&x) && (4..8).contains(&y))));
        let loops = contours(&Plane::from_fn(12, 12, ring));
        assert_eq!(loops.iter().map(Loop::is_hole).collect::<Vec<_>>(), [false, true]);
        assert!((loops[0].area_px2() - 144.0).abs() < 1.0, "{}", loops[0].area_px2());
        assert!((loops[1].area_px2() + 16.0).abs() < 1.0, "{}", loops[1].area_px2());
    }

    #[test]
    fn nothing_and_diagonals() {
        assert!(contours(&Plane::filled(5, 5, 0.0)).is_empty());
        assert!(contours(&Plane::filled(0, 0, 1.0)).is_empty());
        let diagonal = |x: usize, y: usize| if x == y { 1.0 } else { 0.2 };
        assert_eq!(contours(&Plane::from_fn(4, 4, diagonal)).len(), 1, "the mean is above a half");
        let apart = |x: usize, y: usize| if x == y { 0.7 } else { 0.0 };
        assert_eq!(contours(&Plane::from_fn(4, 4, apart)).len(), 4);
    }
}
