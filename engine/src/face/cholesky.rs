//! Linear equations with a symmetric matrix, in blocks on all cores (Golub and Van Loan 2013, section 4.2).

use std::ops::Range;

use rayon::prelude::*;

use crate::image::wide;

/// Columns of a block.
const BLOCK: usize = 48;
/// Rows and columns whose products are worked out together: what the registers hold.
const DOWN: usize = 4;
const ACROSS: usize = 8;
/// Rows that are worth a task of their own.
const ROWS: usize = 32;

/// The lower half of a symmetric matrix, row by row, and its factor in the same place.
pub(super) struct Lower {
    values: Vec<f64>,
    side: usize,
}

impl Lower {
    /// `row` fills the first numbers of a row, those up to the diagonal.
    pub fn new(side: usize, row: impl Fn(usize, &mut [f64]) + Sync) -> Lower {
        let mut values = vec![0.0; side * side];
        values.par_chunks_mut(side.max(1)).enumerate().for_each(|(i, values)| row(i, &mut values[..=i]));
        Lower { values, side }
    }

    /// What the matrix takes to `right`; `None` where it is not positive definite.
    pub fn solved(mut self, right: &[f64]) -> Option<Vec<f64>> {
        self.factor()?;
        let mut x = right.to_vec();
        for (i, row) in self.values.chunks_exact(self.side.max(1)).enumerate() {
            x[i] = (x[i] - dot(&row[..i], &x[..i])) / row[i];
        }
        for (i, row) in self.values.chunks_exact(self.side.max(1)).enumerate().rev() {
            x[i] /= row[i];
            let (before, own) = x.split_at_mut(i);
            before.iter_mut().zip(row).for_each(|(x, l)| *x -= l * own[0]);
        }
        Some(x)
    }

    fn factor(&mut self) -> Option<()> {
        let side = self.side;
        for first in (0..side).step_by(BLOCK) {
            let last = (first + BLOCK).min(side);
            let (_, rest) = self.values.split_at_mut(first * side);
            let (block, below) = rest.split_at_mut((last - first) * side);
            let before = Columns::new(block.chunks_exact(side).map(|row| &row[..first]), first);
            less(block, &before, side, first..last);
            for i in 0..last - first {
                let (done, row) = block.split_at_mut(i * side);
                let row = &mut row[first..last];
                for (j, other) in done.chunks_exact(side).enumerate() {
                    let other = &other[first..last];
                    row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
                }
                let square = row[i] - dot(&row[..i], &row[..i]);
                if square.is_nan() || square <= 0.0 {
                    return None;
                }
                row[i] = square.sqrt();
            }
            let inverse = inverse(block, side, first..last);
            below.par_chunks_mut(ROWS * side).for_each(|rows| {
                less(rows, &before, side, first..last);
                for rows in rows.chunks_mut(DOWN * side) {
                    inverse.times(rows, side, first..last, first, |_, product| product);
                }
            });
        }
        Some(())
    }
}

/// Of a factor's block on the diagonal.
fn inverse(block: &[f64], side: usize, columns: Range<usize>) -> Columns {
    let count = columns.len();
    let mut inverse = vec![0.0; count * count];
    for (i, row) in block.chunks_exact(side).enumerate() {
        let row = &row[columns.clone()];
        let (done, own) = inverse.split_at_mut(i * count);
        for (l, other) in row.iter().zip(done.chunks_exact(count)) {
            own[..i].iter_mut().zip(other).for_each(|(o, v)| *o -= l * v);
        }
        own[i] = 1.0;
        own[..=i].iter_mut().for_each(|v| *v /= row[i]);
    }
    Columns::new(inverse.chunks_exact(count), count)
}

/// Takes from some columns of rows what the columns before them explain, by the same columns `before` of the block.
fn less(rows: &mut [f64], before: &Columns, side: usize, columns: Range<usize>) {
    for rows in rows.chunks_mut(DOWN * side) {
        before.times(rows, side, columns.clone(), 0, |own, product| own - product);
    }
}

/// Rows of a matrix stood up as columns, [`ACROSS`] beside each other; those missing at the end are 0.
struct Columns {
    values: Vec<[f64; ACROSS]>,
    length: usize,
}

impl Columns {
    fn new<'a>(rows: impl Iterator<Item = &'a [f64]>, length: usize) -> Columns {
        let mut values = Vec::new();
        for (j, row) in rows.enumerate() {
            if j % ACROSS == 0 {
                values.resize(values.len() + length, [0.0; ACROSS]);
            }
            let group = values.len() - length;
            values[group..].iter_mut().zip(row).for_each(|(v, r)| v[j % ACROSS] = *r);
        }
        Columns { values, length }
    }

    /// Makes each of some columns of [`DOWN`] rows at most of what is there and of the product of the row, `from` some column on, with one of these.
    fn times(
        &self,
        rows: &mut [f64],
        side: usize,
        columns: Range<usize>,
        from: usize,
        made: impl Fn(f64, f64) -> f64,
    ) {
        if self.length == 0 {
            return;
        }
        let mut own = vec![[0.0; DOWN]; self.length];
        for (i, row) in rows.chunks_exact(side).enumerate() {
            own.iter_mut().zip(&row[from..]).for_each(|(own, v)| own[i] = *v);
        }
        for (k, group) in self.values.chunks_exact(self.length).enumerate() {
            let products = products(&own, group);
            for (row, products) in rows.chunks_exact_mut(side).zip(products) {
                let row = row[columns.clone()][k * ACROSS..].iter_mut();
                row.zip(products).for_each(|(v, product)| *v = made(*v, product));
            }
        }
    }
}

/// Every row of one times every column of the other.
fn products(rows: &[[f64; DOWN]], columns: &[[f64; ACROSS]]) -> [[f64; ACROSS]; DOWN] {
    let mut products = [[0.0; ACROSS]; DOWN];
    wide(
        #[inline(always)]
        || {
            let mut sums = [[0.0f64; ACROSS]; DOWN];
            for (row, column) in rows.iter().zip(columns) {
                for i in 0..DOWN {
                    for j in 0..ACROSS {
                        sums[i][j] += row[i] * column[j];
                    }
                }
            }
            products = sums;
        },
    );
    products
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that look random.
    fn value(i: usize, j: usize) -> f64 {
        ((i * 37 + j * 101) as f64 * 0.7).sin() + ((i + 3 * j) as f64 * 1.3).cos()
    }

    #[test]
    fn equations_are_solved() {
        for side in [0, 1, 2, 5, 47, 48, 49, 97, 150] {
            // What is made of rows times themselves is positive definite.
            let entry = |i: usize, j: usize| {
                let product: f64 = (0..side).map(|k| value(i, k) * value(j, k)).sum();
                product + if i == j { 1.0 } else { 0.0 }
            };
            let matrix =
                Lower::new(side, |i, row| row.iter_mut().enumerate().for_each(|(j, v)| *v = entry(i, j)));
            let right: Vec<f64> = (0..side).map(|i| value(i, 1000)).collect();
            let x = matrix.solved(&right).unwrap();
            for (i, right) in right.iter().enumerate() {
                let sum: f64 = x.iter().enumerate().map(|(j, x)| entry(i, j) * x).sum();
                assert!((sum - right).abs() < 1e-8, "{side} {i}: {sum} {right}");
            }
        }
    }

    #[test]
    fn what_is_not_positive_definite_has_no_answer() {
        let filled = |entry: fn(usize, usize) -> f64| {
            Lower::new(60, move |i, row| row.iter_mut().enumerate().for_each(|(j, v)| *v = entry(i, j)))
        };
        assert!(filled(|_, _| 1.0).solved(&[1.0; 60]).is_none());
        assert!(filled(|i, j| if i == j { -1.0 } else { 0.0 }).solved(&[1.0; 60]).is_none());
        assert!(filled(|_, _| f64::NAN).solved(&[1.0; 60]).is_none());
    }
}
