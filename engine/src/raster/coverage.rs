//! Exact area coverage of closed outlines.
//!
//! Outlines become chains that run down. Where a chain has a part of a row of pixels to itself, its signed area is
//! accumulated; where chains cross, touch or turn, the slabs between their crossings are. Everything is counted in whole
//! numbers: a pixel's value does not depend on the window, on the threads, or on where the outline lies.

use kurbo::Affine;
use rayon::prelude::*;

use super::chains::{Chains, Polygon};
use super::flatten;
use super::grid::{ONE, pixel};
use super::row::{Row, Run};
use super::sweep::Sweep;
use super::window::Window;
use crate::image::{Plane, wide};
use crate::spline::Outline;

/// What counts as inside of outlines that overlap or wind more than once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum FillRule {
    /// Where the winding number is not zero: overlaps are filled.
    #[default]
    NonZero = !0,
    /// Where the winding number is odd: overlaps are holes.
    EvenOdd = 1,
}

impl FillRule {
    #[inline(always)]
    pub(super) fn is_inside(self, winding: i32) -> bool {
        // Its value is the bits that count.
        winding & self as i32 != 0
    }

    /// 1 where the inside begins, -1 where it ends, else 0.
    #[inline(always)]
    pub(super) fn step(self, before: i32, after: i32) -> i32 {
        i32::from(self.is_inside(after)) - i32::from(self.is_inside(before))
    }
}

/// Rows that one task takes.
const BAND: usize = 32;

/// The edges of closed outlines in raster px, and how they are filled.
///
/// Coordinates are rounded to 2^-24 px and moved to within 2^20 px of the origin.
#[derive(Clone, Debug, Default)]
pub struct Edges {
    chains: Chains,
    rule: FillRule,
}

impl Edges {
    /// Nothing, filled by the non-zero rule.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing, filled by a rule.
    pub fn with_rule(rule: FillRule) -> Self {
        Edges { rule, ..Self::default() }
    }

    /// Adds a polygon; its last vertex joins its first. Vertices that are not finite are left out.
    pub fn add_polygon(&mut self, vertices: impl IntoIterator<Item = [f64; 2]>) {
        self.chains.add(vertices);
    }

    /// Adds an outline after `map`; an open one is closed by a straight edge. The polygon lies within `tolerance_px` of
    /// the curve: see [`TOLERANCE_PX`](super::TOLERANCE_PX).
    pub fn add_outline(&mut self, outline: &Outline, map: Affine, tolerance_px: f64) {
        let curves = outline.segments();
        let mut polygon = Polygon::new(&mut self.chains);
        wide(
            #[inline(always)]
            || flatten::polygon(curves, map, tolerance_px, |v| polygon.add(v)),
        );
        if let Some(end) = curves.last().map(|last| map * last.p3) {
            polygon.add([end.x, end.y]);
        }
        polygon.close();
    }

    /// The pixels that may be covered; all others are not.
    pub fn bounds(&self) -> Window {
        let Some([x0, y0, x1, y1]) = self.chains.bounds() else { return Window::default() };
        let past = |v: i64| pixel(v + ONE - 1) as i32;
        Window { x0: pixel(x0) as i32, y0: pixel(y0) as i32, x1: past(x1), y1: past(y1) }
    }

    /// Coverage, 0 to 1, of the pixels of `window`.
    pub fn coverage(&self, window: Window) -> Plane {
        let mut out = Plane::filled(window.width(), window.height(), 0.0);
        self.for_each_row(window, out.data_mut(), |out, row| {
            for run in row.runs() {
                match run {
                    Run::Solid(from, to) => out[from..to].fill(1.0),
                    Run::Edge(from, values) => out[from..from + values.len()].copy_from_slice(values),
                }
            }
        });
        out
    }

    /// Writes the coverage, 0 to 1, of all pixels of `window` over `out`, row by row. Without room for them all it writes
    /// nothing.
    pub fn coverage_into(&self, window: Window, out: &mut [f32]) {
        let Some(out) = out.get_mut(..window.width() * window.height()) else { return };
        self.for_each_row(window, out, |out, row| {
            out.fill(0.0);
            for run in row.runs() {
                match run {
                    Run::Solid(from, to) => out[from..to].fill(1.0),
                    Run::Edge(from, values) => out[from..from + values.len()].copy_from_slice(values),
                }
            }
        });
    }

    /// Calls `visit` for every row of `window`, in parallel, with its share of `out` and its coverage. `out` holds as many
    /// values for one row as for the other; what is left over at its end is not touched.
    pub fn for_each_row<T: Send>(
        &self,
        window: Window,
        out: &mut [T],
        visit: impl Fn(&mut [T], Row<'_>) + Sync,
    ) {
        if window.is_empty() || out.len() < window.height() {
            return;
        }
        let length = out.len() / window.height();
        let bands = Bands::new(&self.chains, window);
        let rows = |sweep: &mut Sweep<'_>, (band, out): (usize, &mut [T])| {
            let (first, count) = (band * BAND, out.len() / length);
            wide(
                #[inline(always)]
                || {
                    sweep.rows(first, count, bands.chains(band), |row, coverage| {
                        let at = (row - first) * length;
                        visit(&mut out[at..at + length], coverage);
                    });
                },
            );
        };
        let sweep = || Sweep::new(&self.chains, self.rule, window);
        let out = &mut out[..length * window.height()];
        if window.height() <= BAND {
            rows(&mut sweep(), (0, out));
        } else {
            out.par_chunks_mut(length * BAND).enumerate().for_each_init(sweep, rows);
        }
    }
}

/// The chains that reach into each band of a window, by their tops.
struct Bands {
    /// Where each band's begin in `chains`, and where the last one's end.
    starts: Vec<usize>,
    chains: Vec<u32>,
}

impl Bands {
    fn new(chains: &Chains, window: Window) -> Self {
        let chains = &chains.chains;
        let count = window.height().div_ceil(BAND);
        let band = |row: i64| (row - i64::from(window.y0)).div_euclid(BAND as i64);
        let reach = |i: u32| {
            let chain = &chains[i as usize];
            let first = band(pixel(chain.top)).max(0) as usize;
            let last = band(pixel(chain.bottom - 1)).min(count as i64 - 1);
            first..(last + 1).max(0) as usize
        };
        let mut order: Vec<u32> = (0..chains.len() as u32).collect();
        order.sort_unstable_by_key(|i| chains[*i as usize].top);
        let mut starts = vec![0; count + 1];
        order.iter().flat_map(|i| reach(*i)).for_each(|b| starts[b + 1] += 1);
        for b in 0..count {
            starts[b + 1] += starts[b];
        }
        let (mut next, mut sorted) = (starts.clone(), vec![0; starts[count]]);
        for i in order {
            for b in reach(i) {
                sorted[next[b]] = i;
                next[b] += 1;
            }
        }
        Bands { starts, chains: sorted }
    }

    fn chains(&self, band: usize) -> &[u32] {
        &self.chains[self.starts[band]..self.starts[band + 1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
