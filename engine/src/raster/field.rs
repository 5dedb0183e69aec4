//! Signed distance to the boundary of what is inside.

use kurbo::{Point, Rect, Vec2};

use super::region::Region;

/// A line with a radius at each end: the discs between its ends, each tangent to the sides (a tapered capsule). With no
/// radius it is a piece of boundary.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    a: Point,
    /// Unit vector to the other end.
    along: Vec2,
    length: f64,
    radius: f64,
    /// Growth of the radius by length, and how far along the line its side's normal leans.
    slope: f64,
    lean: f64,
}

impl Line {
    /// From end to end with the radius at each. Where one end's disc holds the other's, that disc is all.
    pub fn new([a, b]: [Point; 2], [at_a, at_b]: [f64; 2]) -> Self {
        let length = a.distance(b);
        if length <= (at_b - at_a).abs() {
            let (a, radius) = if at_a >= at_b { (a, at_a) } else { (b, at_b) };
            return Line { a, along: Vec2::new(1.0, 0.0), length: 0.0, radius, slope: 0.0, lean: 0.0 };
        }
        let slope = (at_b - at_a) / length;
        let lean = slope / (1.0 - slope * slope).sqrt();
        Line { a, along: (b - a) / length, length, radius: at_a, slope, lean }
    }

    /// Distance, negative within the radius.
    fn distance(&self, p: Point) -> f64 {
        let d = p - self.a;
        let t = (d.dot(self.along) + d.cross(self.along).abs() * self.lean).clamp(0.0, self.length);
        (d - self.along * t).hypot() - (self.radius + self.slope * t)
    }

    /// Unit vector from the line to `p`; on the line itself, across it.
    pub fn direction(&self, p: Point) -> Vec2 {
        let d = p - self.a;
        let t = (d.dot(self.along) + d.cross(self.along).abs() * self.lean).clamp(0.0, self.length);
        let away = d - self.along * t;
        let distance = away.hypot();
        if distance > 1e-4 { away / distance } else { Vec2::new(-self.along.y, self.along.x) }
    }

    /// What the discs at its ends cover at most.
    pub fn bounds(&self) -> Rect {
        let disc = |t: f64| {
            let (at, radius) = (self.a + self.along * t, self.radius + self.slope * t);
            Rect::from_points(at, at).inflate(radius, radius)
        };
        disc(0.0).union(disc(self.length))
    }
}

/// The distance to lines, negative inside: exact outside of what is drawn and inside of closed outlines; inside a stroke that of
/// the deepest piece.
#[derive(Debug, Default)]
pub(super) struct Field {
    lines: Vec<Line>,
    /// What lies inside; a stroke's lines know it themselves.
    region: Option<Region>,
}

/// Places of a lattice: `start + column * right + row * down`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lattice {
    pub start: Point,
    pub right: Vec2,
    pub down: Vec2,
    pub columns: usize,
    pub rows: usize,
}

/// The field on a lattice.
#[derive(Debug, Default)]
pub(super) struct Samples {
    /// Signed distances.
    pub distance: Vec<f32>,
    /// Which line is nearest.
    pub nearest: Vec<u32>,
}

impl Field {
    /// The field of closed outlines that together enclose `region`, bounded by `boundary`.
    pub fn enclosed(region: Region, boundary: &[[Point; 2]]) -> Self {
        let lines = boundary.iter().map(|ends| Line::new(*ends, [0.0; 2])).collect();
        Field { lines, region: Some(region) }
    }

    /// The field of strokes.
    pub fn stroked(lines: Vec<Line>) -> Self {
        Field { lines, region: None }
    }

    /// All lines, by number.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The signed distance at `p`, and those of `among` that may be nearest within `reach` of `p`.
    pub fn near(&self, among: &[u32], p: Point, reach: f64) -> (f64, Vec<u32>) {
        let distances: Vec<f64> = among.iter().map(|&i| self.lines[i as usize].distance(p)).collect();
        let least = distances.iter().copied().fold(f64::MAX, f64::min);
        // A little more, for the rounding of what is compared later in single precision.
        let limit = least + 2.0 * reach + 0.01 + 1e-5 * reach;
        let near = among.iter().zip(&distances).filter(|(_, d)| **d <= limit).map(|(i, _)| *i).collect();
        let inside = self.region.as_ref().is_some_and(|r| r.contains(p));
        (if inside { -least } else { least }, near)
    }

    /// The field on a lattice whose nearest lines are among `near`.
    ///
    /// Single precision about the lattice's own start: a place gives the same distance whenever it is on the same lattice.
    pub fn sample(&self, near: &[u32], lattice: &Lattice, out: &mut Samples) {
        let Lattice { start, right, down, columns, rows } = *lattice;
        out.distance.clear();
        out.distance.resize(columns * rows, f32::MAX);
        out.nearest.clear();
        out.nearest.resize(columns * rows, 0);
        for &i in near {
            let line = &self.lines[i as usize];
            let from = line.a - start;
            let [ax, ay, ux, uy] = [from.x, from.y, line.along.x, line.along.y].map(|v| v as f32);
            let [length, radius, slope, lean] =
                [line.length, line.radius, line.slope, line.lean].map(|v| v as f32);
            for row in 0..rows {
                let [x0, y0] = [down.x * row as f64, down.y * row as f64].map(|v| v as f32);
                let [dx, dy] = [right.x, right.y].map(|v| v as f32);
                let places = row * columns..(row + 1) * columns;
                let distances = out.distance[places.clone()].iter_mut();
                for (k, (best, nearest)) in distances.zip(&mut out.nearest[places]).enumerate() {
                    let (x, y) = (x0 + dx * k as f32 - ax, y0 + dy * k as f32 - ay);
                    let t = (x * ux + y * uy + (x * uy - y * ux).abs() * lean).max(0.0).min(length);
                    let (qx, qy) = (x - ux * t, y - uy * t);
                    let d = (qx * qx + qy * qy).sqrt() - (radius + slope * t);
                    let nearer = d < *best;
                    *best = if nearer { d } else { *best };
                    *nearest = if nearer { i } else { *nearest };
                }
            }
        }
        self.sign(lattice, &mut out.distance);
    }

    fn sign(&self, lattice: &Lattice, distances: &mut [f32]) {
        let Some(region) = &self.region else { return };
        let Lattice { start, right, down, columns, .. } = *lattice;
        let mut inside = vec![false; columns];
        for (row, distances) in distances.chunks_mut(columns).enumerate() {
            let first = start + down * row as f64;
            let place = |k: usize| first + right * k as f64;
            if right.y == 0.0 {
                let xs: Vec<f64> = (0..columns).map(|k| place(k).x).collect();
                region.inside(first.y, &xs, &mut inside);
            } else {
                inside.iter_mut().enumerate().for_each(|(k, i)| *i = region.contains(place(k)));
            }
            distances.iter_mut().zip(&inside).for_each(|(d, i)| *d = if *i { -*d } else { *d });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capsules_distance_is_that_of_its_discs() {
        let ends = [Point::new(3.0, 2.0), Point::new(11.0, 6.0)];
        for radii in [[0.0, 0.0], [2.0, 2.0], [1.0, 4.0], [3.5, 0.0], [1.0, 30.0]] {
            let line = Line::new(ends, radii);
            for p in [(0.0, 0.0), (5.0, 9.0), (12.0, 1.0), (7.0, 4.1), (20.0, 8.0)].map(Point::from) {
                let disc = |i: i32| {
                    let t = f64::from(i) / 5000.0;
                    p.distance(ends[0].lerp(ends[1], t)) - (radii[0] + (radii[1] - radii[0]) * t)
                };
                let discs = (0..=5000).map(disc).fold(f64::MAX, f64::min);
                assert!(
                    (line.distance(p) - discs).abs() < 1e-5,
                    "{radii:?} {p}: {} {discs}",
                    line.distance(p)
                );
            }
        }
    }

    #[test]
    fn a_lattice_has_the_fields_values() {
        let polygon = [(2.0, 1.0), (14.0, 3.0), (9.0, 12.0), (8.0, 5.0)].map(Point::from).to_vec();
        let region = Region::new(&[polygon], 1.0);
        let boundary = region.boundary().lines;
        let field = Field::enclosed(region, &boundary);
        let all: Vec<u32> = (0..field.lines().len() as u32).collect();
        let lattice = Lattice {
            start: Point::new(0.5, 0.5),
            right: Vec2::new(1.0, 0.0),
            down: Vec2::new(0.0, 1.0),
            columns: 16,
            rows: 14,
        };
        let mut samples = Samples::default();
        field.sample(&all, &lattice, &mut samples);
        for (i, d) in samples.distance.iter().enumerate() {
            let p = Point::new(0.5 + (i % 16) as f64, 0.5 + (i / 16) as f64);
            assert!((f64::from(*d) - field.near(&all, p, 1.0).0).abs() < 1e-5, "{p}");
        }
        let (_, few) = field.near(&all, Point::new(3.0, 0.0), 0.5);
        assert!(few.len() < 4 && few.contains(&0), "{few:?}");
    }
}
