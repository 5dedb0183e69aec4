//! Planes with a continued border, which kernels read in blocks.

use rayon::prelude::*;

use super::region::Region;
use crate::image::{LANES, rows_per_task, wide};

/// Values that a kernel makes at once.
pub(super) type Block = [f32; LANES];

/// A block from each value's place in it.
#[inline(always)]
pub(super) fn block(value: impl Fn(usize) -> f32) -> Block {
    let mut out = [0.0; LANES];
    for (k, o) in out.iter_mut().enumerate() {
        *o = value(k);
    }
    out
}

/// How far rows go on to the left, and beyond a whole block to the right, px.
const REACH: usize = 8;

/// Values of a row that [`Bordered::window`] gives.
pub(super) const WINDOW: usize = 16;
/// How many of them lie left of the column asked for.
pub(super) const WINDOW_LEFT: usize = 7;

/// A plane whose rows go on with their last value to both sides, so that kernels need no special case at a row's
/// ends: rows are filled up to whole blocks, and [`REACH`] px more.
#[derive(Clone, Debug)]
pub(super) struct Bordered {
    data: Vec<f32>,
    width: usize,
    height: usize,
    stride: usize,
}

impl Bordered {
    /// All zero.
    pub fn new(width: usize, height: usize) -> Self {
        let stride = width.next_multiple_of(LANES) + 2 * REACH;
        Bordered { data: vec![0.0; stride * height], width, height, stride }
    }

    /// The region of a plane of `stride` values a row.
    pub fn crop(rows: &[f32], stride: usize, region: Region) -> Self {
        let Region { left, top, width, height } = region;
        let mut out = Bordered::new(width, height);
        out.rows_mut(|y, row| row.copy_from_slice(&rows[(top + y) * stride + left..][..width]));
        out
    }

    #[cfg(test)]
    pub fn from_rows(width: usize, height: usize, rows: &[f32]) -> Self {
        Bordered::crop(rows, width, Region { left: 0, top: 0, width, height })
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn height(&self) -> usize {
        self.height
    }

    /// Row `y` without its border.
    pub fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.stride + REACH..][..self.width]
    }

    /// The block that starts at column `x`, moved by `dx` (at most [`REACH`]) to the right, of row `y`.
    #[inline(always)]
    pub fn block(&self, x: usize, dx: isize, y: usize) -> &Block {
        let at = (y * self.stride + REACH + x).wrapping_add_signed(dx);
        &self.data[at..at + LANES].as_chunks::<LANES>().0[0]
    }

    /// The [`WINDOW`] values of row `y` from [`WINDOW_LEFT`] left of column `x`.
    #[inline(always)]
    pub fn window(&self, x: usize, y: usize) -> &[f32; WINDOW] {
        let at = y * self.stride + REACH + x - WINDOW_LEFT;
        &self.data[at..at + WINDOW].as_chunks::<WINDOW>().0[0]
    }

    /// The rows two above to two below `y`, the last one repeated at the plane's ends.
    #[inline(always)]
    pub fn around(&self, y: usize) -> [usize; 5] {
        let last = self.height - 1;
        [y.saturating_sub(2), y.saturating_sub(1), y, (y + 1).min(last), (y + 2).min(last)]
    }

    /// Writes every row and continues its border.
    pub fn rows_mut(&mut self, write: impl Fn(usize, &mut [f32]) + Sync) {
        let width = self.width;
        self.data.par_chunks_mut(self.stride).with_min_len(rows_per_task(width)).enumerate().for_each(
            |(y, row)| {
                write(y, &mut row[REACH..REACH + width]);
                continue_border(row, width);
            },
        );
    }

    /// Sets every block from its first column and its row.
    pub fn fill(&mut self, kernel: impl Fn(usize, usize) -> Block + Sync) {
        let width = self.width;
        self.data.par_chunks_mut(self.stride).with_min_len(rows_per_task(width)).enumerate().for_each(
            |(y, row)| {
                wide(
                    #[inline(always)]
                    || {
                        for x in (0..width).step_by(LANES) {
                            row[REACH + x..][..LANES].copy_from_slice(&kernel(x, y));
                        }
                    },
                );
                continue_border(row, width);
            },
        );
    }
}

/// Sets every block of two planes of one size.
pub(super) fn fill_pair(planes: [&mut Bordered; 2], kernel: impl Fn(usize, usize) -> [Block; 2] + Sync) {
    let [p, q] = planes;
    let (width, stride) = (p.width, p.stride);
    (p.data.par_chunks_mut(stride), q.data.par_chunks_mut(stride))
        .into_par_iter()
        .with_min_len(rows_per_task(width))
        .enumerate()
        .for_each(|(y, (p, q))| {
            wide(
                #[inline(always)]
                || {
                    for x in (0..width).step_by(LANES) {
                        let [a, b] = kernel(x, y);
                        p[REACH + x..][..LANES].copy_from_slice(&a);
                        q[REACH + x..][..LANES].copy_from_slice(&b);
                    }
                },
            );
            continue_border(p, width);
            continue_border(q, width);
        });
}

/// Writes every row of two planes of one size and continues their borders.
pub(super) fn rows_pair_mut(
    planes: [&mut Bordered; 2],
    write: impl Fn(usize, &mut [f32], &mut [f32]) + Sync,
) {
    let [p, q] = planes;
    let (width, stride) = (p.width, p.stride);
    (p.data.par_chunks_mut(stride), q.data.par_chunks_mut(stride)).into_par_iter().enumerate().for_each(
        |(y, (p, q))| {
            write(y, &mut p[REACH..REACH + width], &mut q[REACH..REACH + width]);
            continue_border(p, width);
            continue_border(q, width);
        },
    );
}

fn continue_border(row: &mut [f32], width: usize) {
    let (first, last) = (row[REACH], row[REACH + width - 1]);
    row[..REACH].fill(first);
    row[REACH + width..].fill(last);
}
