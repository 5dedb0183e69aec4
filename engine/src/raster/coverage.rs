//! Exact area coverage of polygons by the non-zero rule.
//!
//! Each row of pixels is cut into slabs in which no edge starts, ends or crosses another. In a slab the edges
//! where the winding number leaves or reaches zero bound the inside; their signed areas are accumulated as by
//! font rasterisers (Levien's font-rs describes it), but in whole numbers, which add to the same sum in any order.

use rayon::prelude::*;

use crate::image::Plane;

/// A rectangle of raster pixels; `x1` and `y1` are one past the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// First column.
    pub x0: i32,
    /// First row.
    pub y0: i32,
    /// One past the last column.
    pub x1: i32,
    /// One past the last row.
    pub y1: i32,
}

impl Window {
    /// From the origin.
    pub fn of_size(width: usize, height: usize) -> Self {
        let clip = |v: usize| i32::try_from(v).unwrap_or(i32::MAX);
        Window { x0: 0, y0: 0, x1: clip(width), y1: clip(height) }
    }

    /// Columns; 0 if the window is inside out.
    pub fn width(&self) -> usize {
        (i64::from(self.x1) - i64::from(self.x0)).max(0) as usize
    }

    /// Rows; 0 if the window is inside out.
    pub fn height(&self) -> usize {
        (i64::from(self.y1) - i64::from(self.y0)).max(0) as usize
    }

    /// Larger by some pixels on each side.
    pub fn grown(&self, by: i32) -> Self {
        Window {
            x0: self.x0.saturating_sub(by),
            y0: self.y0.saturating_sub(by),
            x1: self.x1.saturating_add(by),
            y1: self.y1.saturating_add(by),
        }
    }
}

/// An edge that runs down the picture; `sign` says whether it was drawn downwards.
#[derive(Clone, Copy, Debug)]
struct Edge {
    top: [f64; 2],
    bottom: [f64; 2],
    sign: i32,
}

impl Edge {
    /// Where the edge is at height `y`, which must lie within it.
    #[inline]
    fn x_at(&self, y: f64) -> f64 {
        if y <= self.top[1] {
            return self.top[0];
        }
        if y >= self.bottom[1] {
            return self.bottom[0];
        }
        let t = (y - self.top[1]) / (self.bottom[1] - self.top[1]);
        self.top[0] + t * (self.bottom[0] - self.top[0])
    }
}

/// Farthest that coordinates may lie from the origin, px; beyond they are moved there.
const FAR: f64 = 1e6;
/// Edge coordinates are rounded to this fraction of a pixel, so that equal heights are equal.
const GRAIN: f64 = 65536.0;
/// Coverage is counted in this fraction of a pixel's area.
const UNIT: f64 = (1u64 << 32) as f64;

/// The edges of closed polygons in raster px, filled by the non-zero rule.
#[derive(Clone, Debug, Default)]
pub struct Edges {
    edges: Vec<Edge>,
}

impl Edges {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a polygon; its last vertex joins its first. Vertices that are not finite are left out.
    pub fn add_polygon(&mut self, vertices: impl IntoIterator<Item = [f64; 2]>) {
        let clean = |v: f64| (v.clamp(-FAR, FAR) * GRAIN).round() / GRAIN;
        let mut vertices = vertices
            .into_iter()
            .filter(|v| v[0].is_finite() && v[1].is_finite())
            .map(|v| [clean(v[0]), clean(v[1])]);
        let Some(first) = vertices.next() else { return };
        let mut last = first;
        for v in vertices {
            self.add(last, v);
            last = v;
        }
        self.add(last, first);
    }

    fn add(&mut self, a: [f64; 2], b: [f64; 2]) {
        if a[1] < b[1] {
            self.edges.push(Edge { top: a, bottom: b, sign: 1 });
        } else if b[1] < a[1] {
            self.edges.push(Edge { top: b, bottom: a, sign: -1 });
        }
    }

    /// Coverage, 0 to 1, of the pixels of `window`.
    pub fn coverage(&self, window: Window) -> Plane {
        let (w, h) = (window.width(), window.height());
        let mut out = Plane::filled(w, h, 0.0);
        if w == 0 || h == 0 || self.edges.is_empty() {
            return out;
        }
        let rows = self.by_row(window);
        out.data_mut().par_chunks_mut(w).enumerate().for_each_init(
            || Row::new(window.x0, w),
            |row, (i, out)| {
                if rows[i].is_empty() {
                    return;
                }
                row.clear();
                self.fill_row(f64::from(window.y0) + i as f64, &rows[i], row);
                row.write(out);
            },
        );
        out
    }

    /// For each row of the window the edges that touch it.
    fn by_row(&self, window: Window) -> Vec<Vec<u32>> {
        let mut rows = vec![Vec::new(); window.height()];
        let (y0, last) = (f64::from(window.y0), window.height() as f64 - 1.0);
        for (i, e) in self.edges.iter().enumerate() {
            let from = (e.top[1].floor() - y0).max(0.0);
            let to = (e.bottom[1].ceil() - 1.0 - y0).min(last);
            if from <= to {
                for row in &mut rows[from as usize..=to as usize] {
                    row.push(i as u32);
                }
            }
        }
        rows
    }

    fn fill_row(&self, y: f64, edges: &[u32], row: &mut Row) {
        let mut stops: Vec<f64> = edges
            .iter()
            .flat_map(|&i| [self.edges[i as usize].top[1], self.edges[i as usize].bottom[1]])
            .map(|v| v.clamp(y, y + 1.0))
            .collect();
        stops.sort_by(f64::total_cmp);
        stops.dedup();
        let mut active: Vec<u32> = Vec::new();
        for pair in stops.windows(2) {
            let (top, bottom) = (pair[0], pair[1]);
            active.clear();
            active.extend(edges.iter().filter(|&&i| {
                let e = &self.edges[i as usize];
                e.top[1] <= top && e.bottom[1] >= bottom
            }));
            self.fill_slab(top, bottom, &mut active, row, 0);
        }
    }

    /// Edges that all reach from `top` to `bottom`. Where two cross, the slab is cut at the crossing.
    fn fill_slab(&self, top: f64, bottom: f64, active: &mut [u32], row: &mut Row, depth: usize) {
        let x_at = |i: u32, y: f64| self.edges[i as usize].x_at(y);
        let middle = 0.5 * (top + bottom);
        // Ties go by the edge's own number, so that the order never depends on the input's order of sorting.
        active.sort_by(|&a, &b| x_at(a, middle).total_cmp(&x_at(b, middle)).then(a.cmp(&b)));
        if depth < 32 {
            let crossing = active.windows(2).find_map(|w| {
                let gap = |y: f64| x_at(w[1], y) - x_at(w[0], y);
                let (g0, g1) = (gap(top), gap(bottom));
                (g0 < -1e-9 || g1 < -1e-9).then(|| top + (bottom - top) * (g0 / (g0 - g1)))
            });
            if let Some(cut) = crossing.filter(|c| *c > top && *c < bottom) {
                self.fill_slab(top, cut, active, row, depth + 1);
                self.fill_slab(cut, bottom, active, row, depth + 1);
                return;
            }
        }
        let mut winding = 0;
        for &i in active.iter() {
            let e = &self.edges[i as usize];
            let before = winding;
            winding += e.sign;
            if (before == 0) != (winding == 0) {
                let sign = if before == 0 { 1 } else { -1 };
                row.add(e.x_at(top), e.x_at(bottom), top, bottom, sign);
            }
        }
    }
}

/// Sums of one row: what each column adds to itself, and to all columns on its right.
struct Row {
    x0: i32,
    own: Vec<i64>,
    right: Vec<i64>,
}

impl Row {
    fn new(x0: i32, width: usize) -> Self {
        Row { x0, own: vec![0; width], right: vec![0; width + 1] }
    }

    fn clear(&mut self) {
        self.own.fill(0);
        self.right.fill(0);
    }

    /// Adds the area to the right of a line from `(xt, top)` to `(xb, bottom)`, all in one row of pixels.
    ///
    /// Columns are visited by their absolute number and heights are rounded where the line passes from one to the
    /// next: what a window does not show telescopes to the same whole number.
    fn add(&mut self, xt: f64, xb: f64, top: f64, bottom: f64, sign: i64) {
        let width = self.own.len() as i64;
        let column = |x: f64| x.floor() as i64;
        let x_lo = xt.min(xb);
        let x_hi = xt.max(xb);
        let first = column(x_lo);
        let last = column(x_hi).max(first);
        let height = |y: f64| ((y - top) * UNIT).round() as i64;
        let total = height(bottom);
        // Distance from the top at which the line stands at column boundary `x`, for a line that runs right.
        let reached = |x: i64| -> i64 {
            if x <= first {
                return 0;
            }
            if x > last {
                return total;
            }
            let t = (x as f64 - xt) / (xb - xt);
            let from_top = height(top + t.clamp(0.0, 1.0) * (bottom - top));
            if xb > xt { from_top } else { total - from_top }
        };
        let begin = i64::from(self.x0);
        let hidden = reached(begin.clamp(first, last + 1));
        if begin > first {
            self.right[0] += sign * hidden;
        }
        let to = last.min(begin + width - 1);
        let mut y = reached(first.max(begin));
        for x in first.max(begin)..=to {
            let next = reached(x + 1);
            let rise = next - y;
            y = next;
            let l = (x_lo.max(x as f64) - x as f64).clamp(0.0, 1.0);
            let r = (x_hi.min(x as f64 + 1.0) - x as f64).clamp(0.0, 1.0);
            let covered = (rise as f64 * (1.0 - 0.5 * (l + r))).round() as i64;
            let i = (x - begin) as usize;
            self.own[i] += sign * covered;
            self.right[i + 1] += sign * rise;
        }
    }

    fn write(&self, out: &mut [f32]) {
        let mut sum = 0i64;
        for ((o, own), right) in out.iter_mut().zip(&self.own).zip(&self.right) {
            sum += right;
            *o = ((sum + own) as f64 / UNIT).clamp(0.0, 1.0) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(polygons: &[&[[f64; 2]]], window: Window) -> Plane {
        let mut edges = Edges::new();
        for p in polygons {
            edges.add_polygon(p.iter().copied());
        }
        edges.coverage(window)
    }

    fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> [[f64; 2]; 4] {
        [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    }

    #[test]
    fn a_rectangle_covers_its_area() {
        let p = of(&[&rectangle(1.25, 1.5, 3.5, 3.0)], Window::of_size(5, 4));
        let across = [0.0, 0.75, 1.0, 0.5, 0.0];
        for (y, down) in [0.0, 0.5, 1.0, 0.0].into_iter().enumerate() {
            for (x, a) in across.into_iter().enumerate() {
                assert_eq!(p.row(y)[x], a * down, "{x} {y}");
            }
        }
    }

    #[test]
    fn overlaps_count_once_whatever_their_direction() {
        let a = rectangle(1.25, 1.25, 3.75, 3.75);
        let b = rectangle(1.5, 1.5, 3.5, 3.5);
        let mut reversed = b;
        reversed.reverse();
        let window = Window::of_size(5, 5);
        assert_eq!(of(&[&a, &b], window), of(&[&a], window));
        let hole = of(&[&a, &reversed], window);
        assert_eq!(hole.row(2)[2], 0.0, "opposite windings cancel: a hole");
        assert_eq!(hole.row(2)[1], 0.25);
    }

    #[test]
    fn a_figure_of_eight_is_filled_on_both_sides() {
        let p = of(&[&[[0.0, 0.0], [4.0, 4.0], [4.0, 0.0], [0.0, 4.0]]], Window::of_size(4, 4));
        assert_eq!(p.row(0), &[0.5, 0.0, 0.0, 0.5]);
        let total: f32 = p.data().iter().sum();
        assert!((total - 8.0).abs() < 1e-6, "{total}");
    }

    #[test]
    fn nonsense_is_survived() {
        let p = of(&[&[[f64::NAN, 1.0], [1e300, f64::INFINITY], [2.0, 2.0]]], Window::of_size(3, 3));
        assert!(p.data().iter().all(|v| *v == 0.0));
        assert!(of(&[&rectangle(0.0, 0.0, 2.0, 2.0)], Window { x0: 3, y0: 3, x1: 1, y1: 9 }).is_empty());
        let p = of(&[&rectangle(-1e30, -1e30, 1e30, 1e30)], Window::of_size(3, 3));
        assert!(p.data().iter().all(|v| *v == 1.0));
    }

    fn polygon() -> impl Strategy<Value = Vec<[f64; 2]>> {
        prop::collection::vec(prop::array::uniform2(-6.0..26.0f64), 3..24)
    }

    proptest! {
        #[test]
        fn tiles_are_the_whole(p in polygon(), cut_x in 1i32..19, cut_y in 1i32..19) {
            let whole = of(&[&p], Window::of_size(20, 20));
            for (x0, x1) in [(0, cut_x), (cut_x, 20)] {
                for (y0, y1) in [(0, cut_y), (cut_y, 20)] {
                    let tile = of(&[&p], Window { x0, y0, x1, y1 });
                    for y in y0..y1 {
                        for x in x0..x1 {
                            let a = tile.row((y - y0) as usize)[(x - x0) as usize];
                            prop_assert_eq!(a, whole.row(y as usize)[x as usize]);
                        }
                    }
                }
            }
        }

        /// Against a count of points inside, by the winding number's definition.
        #[test]
        fn it_agrees_with_counting(p in polygon()) {
            let plane = of(&[&p], Window::of_size(20, 20));
            const N: usize = 16;
            let winding = |x: f64, y: f64| {
                let mut w = 0;
                for i in 0..p.len() {
                    let (a, b) = (p[i], p[(i + 1) % p.len()]);
                    let side = (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
                    if a[1] <= y && b[1] > y && side > 0.0 { w += 1; }
                    if b[1] <= y && a[1] > y && side < 0.0 { w -= 1; }
                }
                w
            };
            for (y, x) in [(3usize, 4usize), (10, 10), (7, 15), (16, 2)] {
                let mut inside = 0;
                for j in 0..N {
                    for i in 0..N {
                        let at = |k: usize| (k as f64 + 0.5) / N as f64;
                        inside += usize::from(winding(x as f64 + at(i), y as f64 + at(j)) != 0);
                    }
                }
                let counted = inside as f32 / (N * N) as f32;
                prop_assert!((counted - plane.row(y)[x]).abs() < 0.12, "{} {}", counted, plane.row(y)[x]);
            }
        }
    }
}
