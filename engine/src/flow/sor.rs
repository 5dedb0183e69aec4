//! Red-black successive over-relaxation on a picture's grid, for any number of threads the same.
//!
//! The two colours of the checkerboard lie in arrays of their own, row by row: a sweep then reads and writes
//! neighbouring memory, and the compiler can use wide registers.

use std::ops::Range;

use rayon::prelude::*;

use super::bordered::Bordered;
use crate::image::{LANES, rows_per_task, wide};

/// How far a sweep overshoots.
const OMEGA: f32 = 1.9;

/// A value for every pixel, split by the colour of the checkerboard. Each row has one spare value at each end.
#[derive(Clone, Debug)]
pub(super) struct Checker {
    colours: [Vec<f32>; 2],
    width: usize,
    stride: usize,
}

impl Checker {
    pub fn new(width: usize, height: usize) -> Self {
        let stride = width.div_ceil(2) + 2;
        let one = vec![0.0; stride * height];
        Checker { colours: [one.clone(), one], width, stride }
    }

    /// Takes over a row-by-row plane.
    pub fn load(&mut self, plane: &Bordered) {
        let (stride, width) = (self.stride, self.width);
        let [red, black] = &mut self.colours;
        (red.par_chunks_mut(stride), black.par_chunks_mut(stride))
            .into_par_iter()
            .with_min_len(rows_per_task(width))
            .enumerate()
            .for_each(|(y, (red, black))| {
                let end = stride - 1;
                let (red, black) = (&mut red[1..end], &mut black[1..end]);
                let (even, odd) = if y % 2 == 0 { (red, black) } else { (black, red) };
                wide(
                    #[inline(always)]
                    || split(plane.row(y), even, odd),
                );
            });
    }

    /// Writes a row-by-row plane.
    pub fn store(&self, plane: &mut Bordered) {
        let (width, stride) = (self.width, self.stride);
        plane.rows_mut(|y, row| {
            let colour = |c: usize| &self.colours[c][y * stride + 1..(y + 1) * stride - 1];
            let (even, odd) = (colour(y % 2), colour((y + 1) % 2));
            wide(
                #[inline(always)]
                || {
                    for ((pair, e), o) in row.chunks_exact_mut(2).zip(even).zip(odd) {
                        pair[0] = *e;
                        pair[1] = *o;
                    }
                },
            );
            if width % 2 == 1 {
                row[width - 1] = even[width / 2];
            }
        });
    }
}

/// Even and odd columns of a row apart.
#[inline(always)]
fn split(row: &[f32], even: &mut [f32], odd: &mut [f32]) {
    for ((pair, e), o) in row.chunks_exact(2).zip(even.iter_mut()).zip(odd.iter_mut()) {
        *e = pair[0];
        *o = pair[1];
    }
    if row.len() % 2 == 1 {
        even[row.len() / 2] = row[row.len() - 1];
    }
}

/// The numbers of one pixel's equation; see [`System`]. The first three are `m`'s inverse: the first row's two values,
/// then the lower right one; it is symmetric. Then the right side, then the weights of the left, right, upper and
/// lower neighbour, zero over the border.
pub(super) const NUMBERS: usize = 9;

/// The equations of up to [`LANES`] neighbouring pixels: each number's values side by side.
pub(super) type Equations = [[f32; LANES]; NUMBERS];

/// A linear system with two unknowns a pixel, coupled to the four neighbours by a shared weight:
/// `m [u v]' = right + sum of weight * neighbour`.
///
/// Row by row; in a row first the pixels of even columns, then those of odd ones; each as nine runs of numbers.
pub(super) struct System {
    data: Vec<f32>,
    width: usize,
    half: usize,
}

impl System {
    pub fn new(width: usize, height: usize) -> Self {
        let half = width.div_ceil(2);
        System { data: vec![0.0; half * 2 * NUMBERS * height], width, half }
    }

    /// Sets all equations: `block` gets the column that it starts at, the row, and room for the equations, of which
    /// those past the row's end are not read.
    pub fn fill(&mut self, block: impl Fn(usize, usize, &mut Equations) + Sync) {
        let (half, width) = (self.half, self.width);
        self.data
            .par_chunks_mut(half * 2 * NUMBERS)
            .with_min_len(rows_per_task(self.width))
            .enumerate()
            .for_each(|(y, out)| {
                let (even, odd) = out.split_at_mut(half * NUMBERS);
                wide(
                    #[inline(always)]
                    || {
                        let mut numbers = [[0.0; LANES]; NUMBERS];
                        for x in (0..width).step_by(LANES) {
                            block(x, y, &mut numbers);
                            let n = LANES.min(width - x);
                            let (n_even, n_odd) = (n.div_ceil(2), n / 2);
                            for (i, from) in numbers.iter().enumerate() {
                                let at = i * half + x / 2;
                                split(&from[..n], &mut even[at..at + n_even], &mut odd[at..at + n_odd]);
                            }
                        }
                    },
                );
            });
    }

    /// Improves `u` and `v` by `sweeps` sweeps over both colours.
    ///
    /// The half sweeps follow one another closely down the picture, so that the rows they share stay in the cache: first
    /// in bands of rows, where each half sweep leaves out one row more at the ends than the one before; then round
    /// the bands' joints, for the rows left out. The result is exactly that of whole half sweeps in turn.
    pub fn solve(&self, u: &mut Checker, v: &mut Checker, sweeps: usize) {
        let (stride, halves) = (u.stride, 2 * sweeps);
        let height = u.colours[0].len() / stride;
        let rows = BAND.max(2 * halves + 4);
        bands(u, v, 0, rows).for_each(|(i, band)| {
            let (top, end) = (i * rows, height.min((i + 1) * rows));
            self.sweep(band, top, stride, height, halves, |half| {
                let first = if top == 0 { 0 } else { top + half + 1 };
                first..if end == height { end } else { end - half - 1 }
            });
        });
        bands(u, v, rows / 2, rows).for_each(|(i, band)| {
            let joint = (i + 1) * rows;
            self.sweep(band, i * rows + rows / 2, stride, height, halves, |half| {
                if joint < height { joint - half - 1..height.min(joint + half + 1) } else { 0..0 }
            });
        });
    }

    /// Runs all half sweeps on the rows that `range` gives for each. `band` is the rows from `top` on.
    fn sweep(
        &self,
        [u0, u1, v0, v1]: Band,
        top: usize,
        stride: usize,
        height: usize,
        halves: usize,
        range: impl Fn(usize) -> Range<usize>,
    ) {
        let end = top + u0.len() / stride;
        wide(
            #[inline(always)]
            || {
                for front in top..end + halves {
                    for half in 0..halves.min(front + 1) {
                        let y = front - half;
                        if !range(half).contains(&y) {
                            continue;
                        }
                        let at = (y - top) * stride..(y - top + 1) * stride;
                        if half % 2 == 0 {
                            self.row(
                                y,
                                half,
                                height,
                                top,
                                [&u1[..], &v1[..]],
                                &mut u0[at.clone()],
                                &mut v0[at],
                            );
                        } else {
                            self.row(
                                y,
                                half,
                                height,
                                top,
                                [&u0[..], &v0[..]],
                                &mut u1[at.clone()],
                                &mut v1[at],
                            );
                        }
                    }
                }
            },
        );
    }

    /// One half sweep on one row; `other` is the other colour of the band that begins at row `top`.
    #[inline(always)]
    fn row(
        &self,
        y: usize,
        colour: usize,
        height: usize,
        top: usize,
        other: [&[f32]; 2],
        own_u: &mut [f32],
        own_v: &mut [f32],
    ) {
        let (stride, half) = (own_u.len(), self.half);
        // Own column 2k + parity: its row neighbours sit at k - 1 + parity and k + parity.
        let parity = (y + colour) % 2;
        let n = (self.width + 1 - parity) / 2;
        let row = (y - top) * stride + 1;
        let up = if y > 0 { row - stride } else { row };
        let down = if y + 1 < height { row + stride } else { row };
        let numbers = &self.data[(y * 2 + parity) * NUMBERS * half..][..NUMBERS * half];
        let (own_u, own_v) = (&mut own_u[1..1 + n], &mut own_v[1..1 + n]);
        for k in (0..n).step_by(LANES) {
            let end = n.min(k + LANES);
            let near = [row + parity - 1 + k, row + parity + k, up + k, down + k];
            relax(&numbers[k..], half, other, near, &mut own_u[k..end], &mut own_v[k..end]);
        }
    }
}

/// Rows that a task takes at least.
const BAND: usize = 64;

/// Rows of both colours of `u`, then of both colours of `v`.
type Band<'a> = [&'a mut [f32]; 4];

/// Bands of `rows` rows from row `first` on, with their numbers.
fn bands<'a>(
    u: &'a mut Checker,
    v: &'a mut Checker,
    first: usize,
    rows: usize,
) -> impl IndexedParallelIterator<Item = (usize, Band<'a>)> {
    let stride = u.stride;
    let [u0, u1] = &mut u.colours;
    let [v0, v1] = &mut v.colours;
    let [u0, u1, v0, v1] = [u0, u1, v0, v1].map(|colour| {
        let skipped = (first * stride).min(colour.len());
        colour[skipped..].par_chunks_mut(rows * stride)
    });
    (u0, u1, v0, v1).into_par_iter().map(|(a, b, c, d)| [a, b, c, d]).enumerate()
}

/// One step of up to [`LANES`] pixels of one colour. `numbers` begins with the pixels' first number, and the others follow
/// each `run` further on; `near` says where in `other` (`u` and `v`) the neighbours begin.
#[inline(always)]
fn relax(
    numbers: &[f32],
    run: usize,
    other: [&[f32]; 2],
    near: [usize; 4],
    own_u: &mut [f32],
    own_v: &mut [f32],
) {
    let n = own_u.len();
    let (mut new_u, mut new_v) = ([0.0f32; LANES], [0.0f32; LANES]);
    let (ia, ib, ic) = (&numbers[..n], &numbers[run..][..n], &numbers[2 * run..][..n]);
    let (bu, bv) = (&numbers[3 * run..][..n], &numbers[4 * run..][..n]);
    let (wl, wr) = (&numbers[5 * run..][..n], &numbers[6 * run..][..n]);
    let (wu, wd) = (&numbers[7 * run..][..n], &numbers[8 * run..][..n]);
    let (lu, ru) = (&other[0][near[0]..][..n], &other[0][near[1]..][..n]);
    let (uu, du) = (&other[0][near[2]..][..n], &other[0][near[3]..][..n]);
    let (lv, rv) = (&other[1][near[0]..][..n], &other[1][near[1]..][..n]);
    let (uv, dv) = (&other[1][near[2]..][..n], &other[1][near[3]..][..n]);
    let (old_u, old_v) = (&own_u[..n], &own_v[..n]);
    let (out_u, out_v) = (&mut new_u[..n], &mut new_v[..n]);
    for k in 0..n {
        let p = bu[k] + (wl[k] * lu[k] + wr[k] * ru[k]) + (wu[k] * uu[k] + wd[k] * du[k]);
        let q = bv[k] + (wl[k] * lv[k] + wr[k] * rv[k]) + (wu[k] * uv[k] + wd[k] * dv[k]);
        out_u[k] = old_u[k] + OMEGA * (ia[k] * p + ib[k] * q - old_u[k]);
        out_v[k] = old_v[k] + OMEGA * (ib[k] * p + ic[k] * q - old_v[k]);
    }
    own_u.copy_from_slice(out_u);
    own_v.copy_from_slice(out_v);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn planes_survive_the_checkerboard(w in 1usize..9, h in 1usize..7) {
            let plane: Vec<f32> = (0..w * h).map(|i| i as f32).collect();
            let mut checker = Checker::new(w, h);
            checker.load(&Bordered::from_rows(w, h, &plane));
            let mut back = Bordered::new(w, h);
            checker.store(&mut back);
            for (y, row) in plane.chunks(w).enumerate() {
                prop_assert_eq!(back.row(y), row);
            }
        }

        /// Bands and their joints give what whole half sweeps in turn give.
        #[test]
        fn bands_do_not_show(w in 1usize..6, h in 1usize..260, sweeps in 1usize..7) {
            let value = |x: usize, y: usize, i: usize| ((x * 31 + y * 17 + i * 7) % 23) as f32 / 50.0;
            let mut system = System::new(w, h);
            system.fill(|x0, y, block| {
                for x in x0..w.min(x0 + LANES) {
                    for (i, run) in block.iter_mut().enumerate() {
                        run[x - x0] = value(x, y, i);
                    }
                }
            });
            let start: Vec<f32> = (0..w * h).map(|i| value(i % w, i / w, 9)).collect();
            let (mut u, mut v) = (Checker::new(w, h), Checker::new(w, h));
            u.load(&Bordered::from_rows(w, h, &start));
            let (mut one_u, mut one_v) = (u.clone(), v.clone());
            system.solve(&mut u, &mut v, sweeps);
            for half in 0..2 * sweeps {
                let Checker { colours: [u0, u1], stride, .. } = &mut one_u;
                let [v0, v1] = &mut one_v.colours;
                let rows = |s: usize| if s == half { 0..h } else { 0..0 };
                system.sweep([u0, u1, v0, v1], 0, *stride, h, half + 1, rows);
            }
            prop_assert_eq!(u.colours, one_u.colours);
            prop_assert_eq!(v.colours, one_v.colours);
        }

        /// A Poisson problem whose answer is known: the solver must find it.
        #[test]
        fn a_known_answer_is_found(w in 2usize..12, h in 2usize..12, a in -3.0..3.0f32) {
            let truth = |x: usize, y: usize| [a * x as f32, (y as f32) - a];
            let equation = |x: usize, y: usize| {
                let near = [
                    (x > 0).then(|| truth(x - 1, y)),
                    (x + 1 < w).then(|| truth(x + 1, y)),
                    (y > 0).then(|| truth(x, y - 1)),
                    (y + 1 < h).then(|| truth(x, y + 1)),
                ];
                let weights = near.map(|n| if n.is_some() { 1.0 } else { 0.0 });
                let m = 0.5 + weights.iter().sum::<f32>();
                let mut right = truth(x, y).map(|t| m * t);
                for n in near.into_iter().flatten() {
                    right = [right[0] - n[0], right[1] - n[1]];
                }
                let [l, r, u, d] = weights;
                [1.0 / m, 0.0, 1.0 / m, right[0], right[1], l, r, u, d]
            };
            let mut system = System::new(w, h);
            system.fill(|x0, y, block| {
                for x in x0..w.min(x0 + LANES) {
                    for (run, value) in block.iter_mut().zip(equation(x, y)) {
                        run[x - x0] = value;
                    }
                }
            });
            let (mut u, mut v) = (Checker::new(w, h), Checker::new(w, h));
            system.solve(&mut u, &mut v, 400);
            let (mut pu, mut pv) = (Bordered::new(w, h), Bordered::new(w, h));
            u.store(&mut pu);
            v.store(&mut pv);
            for y in 0..h {
                for x in 0..w {
                    let t = truth(x, y);
                    prop_assert!((pu.row(y)[x] - t[0]).abs() < 1e-2 && (pv.row(y)[x] - t[1]).abs() < 1e-2);
                }
            }
        }
    }
}
