//! What closed outlines enclose together, and the lines that bound it.

use kurbo::{Point, Vec2};

/// Lengths below this are rounding, px.
const TINY_PX: f64 = 1e-6;
/// How far beside a line is looked for what lies there, px.
const BESIDE_PX: f64 = 1e-4;
/// Most rows that edges are sorted into.
const MOST_ROWS: f64 = 8192.0;

/// Which windings of an outline are inside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    /// All but zero.
    NonZero,
    /// Those of an outline that runs clockwise on the screen (y down).
    Clockwise,
    /// Those of one that runs the other way.
    Anticlockwise,
}

impl Inside {
    fn holds(self, winding: i32) -> bool {
        match self {
            Inside::NonZero => winding != 0,
            Inside::Clockwise => winding < 0,
            Inside::Anticlockwise => winding > 0,
        }
    }
}

/// The union of outlines.
#[derive(Debug, Default)]
pub(super) struct Region {
    edges: Vec<Edge>,
    top: f64,
    rows_per_px: f64,
    /// For each row of the plane the edges that touch it, outline by outline.
    rows: Vec<Vec<u32>>,
    /// What is inside of each outline; edges know theirs by number.
    insides: Vec<Inside>,
}

#[derive(Clone, Copy, Debug)]
struct Edge {
    a: Point,
    b: Point,
    outline: usize,
    /// The edge after it on the outline.
    next: usize,
}

impl Region {
    /// From polygons filled by the non-zero rule, with `row_px` the height of the rows that lookups will be in. What is not
    /// finite is left out.
    pub fn new(polygons: &[Vec<Point>], row_px: f64) -> Self {
        Self::filled(polygons, vec![Inside::NonZero; polygons.len()], row_px)
    }

    /// The same, each polygon filled as it says.
    pub fn filled(polygons: &[Vec<Point>], insides: Vec<Inside>, row_px: f64) -> Self {
        let mut edges = Vec::new();
        for (outline, polygon) in polygons.iter().enumerate() {
            let first = edges.len();
            let places: Vec<Point> = polygon.iter().copied().filter(|p| p.is_finite()).collect();
            for (i, &a) in places.iter().enumerate() {
                let b = places[(i + 1) % places.len()];
                if a != b {
                    edges.push(Edge { a, b, outline, next: edges.len() + 1 });
                }
            }
            if let Some(last) = edges.last_mut().filter(|e| e.outline == outline) {
                last.next = first;
            }
        }
        let bounds = edges.iter().flat_map(|e| [e.a.y, e.b.y]);
        let (top, bottom) = bounds.fold((f64::MAX, f64::MIN), |(t, b), y| (t.min(y), b.max(y)));
        let height = (bottom - top).max(0.0);
        let row_px = row_px.max(height / MOST_ROWS).max(TINY_PX);
        let mut region = Region { edges, top, rows_per_px: 1.0 / row_px, rows: Vec::new(), insides };
        if !region.edges.is_empty() {
            region.rows = vec![Vec::new(); (height / row_px) as usize + 1];
            for (i, e) in region.edges.iter().enumerate() {
                let (from, to) = (region.row(e.a.y.min(e.b.y)), region.row(e.a.y.max(e.b.y)));
                for row in &mut region.rows[from..=to] {
                    row.push(i as u32);
                }
            }
        }
        region
    }

    fn row(&self, y: f64) -> usize {
        (((y - self.top) * self.rows_per_px).max(0.0) as usize).min(self.rows.len().saturating_sub(1))
    }

    /// Which of the places `(xs[i], y)` lie inside.
    pub fn inside(&self, y: f64, xs: &[f64], inside: &mut [bool]) {
        inside.fill(false);
        let Some(row) = self.rows.get(self.row(y)) else { return };
        let mut winding = [0i32; 32];
        for (xs, inside) in xs.chunks(winding.len()).zip(inside.chunks_mut(winding.len())) {
            let mut outline = 0;
            let mut finish = |outline: usize, winding: &mut [i32]| {
                let Some(rule) = self.insides.get(outline) else { return };
                inside.iter_mut().zip(winding).for_each(|(i, w)| *i |= rule.holds(std::mem::take(w)));
            };
            for e in row.iter().map(|&i| &self.edges[i as usize]) {
                if e.outline != outline {
                    finish(outline, &mut winding);
                    outline = e.outline;
                }
                let (down, up) = (e.a.y <= y && e.b.y > y, e.b.y <= y && e.a.y > y);
                if !down && !up {
                    continue;
                }
                let sign = if down { 1 } else { -1 };
                let x = e.a.x + (e.b.x - e.a.x) * ((y - e.a.y) / (e.b.y - e.a.y));
                xs.iter().zip(&mut winding).for_each(|(p, w)| *w += if x <= *p { sign } else { 0 });
            }
            finish(outline, &mut winding);
        }
    }

    /// Whether a place lies inside.
    pub fn contains(&self, p: Point) -> bool {
        let mut inside = [false];
        self.inside(p.y, &[p.x], &mut inside);
        inside[0]
    }

    /// Where edges meet other than by following one another.
    fn crossings(&self) -> Crossings {
        let mut found =
            Crossings { cuts: vec![Vec::new(); self.edges.len()], itself: vec![false; self.insides.len()] };
        let left = |i: u32| self.edges[i as usize].a.x.min(self.edges[i as usize].b.x);
        let right = |i: u32| self.edges[i as usize].a.x.max(self.edges[i as usize].b.x);
        let top = |i: u32| self.edges[i as usize].a.y.min(self.edges[i as usize].b.y);
        for (number, row) in self.rows.iter().enumerate() {
            let mut row = row.clone();
            row.sort_by(|&i, &j| left(i).total_cmp(&left(j)));
            for (k, &i) in row.iter().enumerate() {
                for &j in row[k + 1..].iter().take_while(|&&j| left(j) <= right(i) + TINY_PX) {
                    // Two edges that share several rows meet in one of them.
                    if self.row(top(i).max(top(j))) == number {
                        self.meet(i as usize, j as usize, &mut found);
                    }
                }
            }
        }
        found
    }

    fn meet(&self, i: usize, j: usize, found: &mut Crossings) {
        let (e, f) = (&self.edges[i], &self.edges[j]);
        let (r, s, between) = (e.b - e.a, f.b - f.a, f.a - e.a);
        let (length_e, length_f) = (r.hypot(), s.hypot());
        let cross = r.cross(s);
        let at: Vec<(f64, f64)> = if cross.abs() > 1e-9 * length_e * length_f {
            vec![(between.cross(s) / cross, between.cross(r) / cross)]
        } else if between.cross(r).abs() <= TINY_PX * length_e {
            let on = |edge: &Edge, along: Vec2, p: Point| (p - edge.a).dot(along) / along.hypot2();
            let end = |edge: &Edge, p: Point| f64::from(u8::from(p == edge.b));
            [e.a, e.b]
                .map(|p| (end(e, p), on(f, s, p)))
                .into_iter()
                .chain([f.a, f.b].map(|p| (on(e, r, p), end(f, p))))
                .collect()
        } else {
            return;
        };
        for (t, u) in at {
            let place = |t: f64, length: f64| (t * length, (1.0 - t) * length);
            let ((t0, t1), (u0, u1)) = (place(t, length_e), place(u, length_f));
            if t0.min(t1).min(u0).min(u1) < -TINY_PX {
                continue;
            }
            let inner = [t0.min(t1) > TINY_PX, u0.min(u1) > TINY_PX];
            if inner[0] {
                found.cuts[i].push(t);
            }
            if inner[1] {
                found.cuts[j].push(u);
            }
            let follows = e.next == j && t > 0.5 && u < 0.5 || f.next == i && u > 0.5 && t < 0.5;
            if e.outline == f.outline && (inner[0] || inner[1] || !follows) {
                found.itself[e.outline] = true;
            }
        }
    }

    /// The lines between inside and outside: the outlines themselves but for what lies within the region.
    pub fn boundary(&self) -> Boundary {
        let mut crossings = self.crossings();
        let crosses_itself = std::mem::take(&mut crossings.itself);
        if self.insides.len() < 2 && !crosses_itself.contains(&true) {
            let lines = self.edges.iter().map(|e| [e.a, e.b]).collect();
            return Boundary { lines, crosses_itself };
        }
        let mut lines = Vec::new();
        for (e, cuts) in self.edges.iter().zip(&mut crossings.cuts) {
            cuts.extend([0.0, 1.0]);
            cuts.sort_by(f64::total_cmp);
            let along = e.b - e.a;
            let beside = Vec2::new(-along.y, along.x) * (BESIDE_PX / along.hypot());
            for piece in cuts.windows(2).filter(|p| (p[1] - p[0]) * along.hypot() > TINY_PX) {
                let middle = e.a + along * (0.5 * (piece[0] + piece[1]));
                if self.contains(middle + beside) != self.contains(middle - beside) {
                    lines.push([e.a + along * piece[0], e.a + along * piece[1]]);
                }
            }
        }
        Boundary { lines, crosses_itself }
    }
}

struct Crossings {
    /// Where each edge must be cut, 0 to 1 along it.
    cuts: Vec<Vec<f64>>,
    /// Which outlines meet themselves.
    itself: Vec<bool>,
}

/// What [`Region::boundary`] finds.
#[derive(Debug)]
pub(super) struct Boundary {
    /// Pieces, in no order.
    pub lines: Vec<[Point; 2]>,
    /// For each outline whether it crosses or touches itself.
    pub crosses_itself: Vec<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> Vec<Point> {
        [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)].map(|(a, b)| Point::new(x + a, y + b)).to_vec()
    }

    fn length(b: &Boundary) -> f64 {
        b.lines.iter().map(|[a, b]| a.distance(*b)).sum()
    }

    #[test]
    fn a_simple_outline_bounds_itself() {
        let region = Region::new(&[square(1.0, 1.0, 4.0)], 1.0);
        let b = region.boundary();
        assert_eq!((b.lines.len(), b.crosses_itself), (4, vec![false]));
        let mut inside = [false; 3];
        region.inside(2.5, &[0.5, 1.5, 5.5], &mut inside);
        assert_eq!(inside, [false, true, false]);
        assert!(!region.contains(Point::new(2.0, 9.0)) && !region.contains(Point::new(2.0, -9.0)));
    }

    #[test]
    fn a_shared_edge_is_no_boundary() {
        let mut right = square(4.0, 0.0, 4.0);
        for reversed in [false, true] {
            if reversed {
                right.reverse();
            }
            let b = Region::new(&[square(0.0, 0.0, 4.0), right.clone()], 1.0).boundary();
            assert!((length(&b) - 24.0).abs() < 1e-9, "{}", length(&b));
        }
        let half = Region::new(&[square(0.0, 0.0, 4.0), square(4.0, 1.0, 2.0)], 1.0).boundary();
        assert!((length(&half) - 20.0).abs() < 1e-9, "part of an edge: {}", length(&half));
    }

    #[test]
    fn what_lies_within_is_left_out() {
        let b = Region::new(&[square(0.0, 0.0, 8.0), square(2.0, 2.0, 2.0)], 1.0).boundary();
        assert_eq!(b.lines.len(), 4);
        // A bar that its own tail crosses.
        let loop_ = [
            (0.0, 0.0),
            (9.0, 0.0),
            (9.0, 3.0),
            (4.0, 3.0),
            (4.0, -3.0),
            (6.0, -3.0),
            (6.0, 1.0),
            (0.0, 1.0),
        ];
        let b = Region::new(&[loop_.map(Point::from).to_vec()], 1.0).boundary();
        assert_eq!(b.crosses_itself, [true]);
        let inner = b.lines.iter().any(|[p, q]| {
            let m = p.midpoint(*q);
            m.x > 4.01 && m.x < 5.99 && m.y > 0.01 && m.y < 0.99
        });
        assert!(!inner, "{:?}", b.lines);
    }

    #[test]
    fn lobes_that_touch_count_as_crossing() {
        let eight = [(0.0, 0.0), (2.0, 2.0), (4.0, 0.0), (4.0, 4.0), (2.0, 2.0), (0.0, 4.0)];
        let b = Region::new(&[eight.map(Point::from).to_vec()], 1.0).boundary();
        assert_eq!((b.crosses_itself, b.lines.len()), (vec![true], 6));
    }

    #[test]
    fn lobes_that_run_the_other_way_can_be_left_out() {
        // Clockwise on the screen, with an anticlockwise tip on top.
        let tip = [(0.0, 8.0), (6.0, 0.0), (2.0, 0.0), (8.0, 8.0)].map(Point::from).to_vec();
        let tip: Vec<Point> = tip.into_iter().rev().collect();
        let body = [Point::new(4.0, 7.0), Point::new(4.0, 1.0)];
        let contains = |inside: Inside| {
            let region = Region::filled(std::slice::from_ref(&tip), vec![inside], 1.0);
            body.map(|p| region.contains(p))
        };
        assert_eq!(contains(Inside::NonZero), [true, true]);
        assert_eq!(contains(Inside::Clockwise).map(|i| !i), contains(Inside::Anticlockwise));
        let one_way = Region::filled(std::slice::from_ref(&tip), vec![Inside::Clockwise], 1.0).boundary();
        assert_eq!(one_way.lines.len(), 3);
    }

    #[test]
    fn nonsense_is_survived() {
        assert!(Region::new(&[], 1.0).boundary().lines.is_empty());
        let odd = vec![Point::new(f64::NAN, 0.0), Point::new(1.0, 1.0), Point::new(1.0, 1.0)];
        let region = Region::new(&[odd], 0.0);
        assert!(region.boundary().lines.is_empty() && !region.contains(Point::new(0.0, 0.0)));
    }
}
