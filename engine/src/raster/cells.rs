//! Areas of one row of pixels, as font rasterisers sum them (Levien's font-rs describes it), in whole numbers.

use super::grid::{BITS, ONE, nearest, pixel};

/// What each column adds to the coverage of itself and of all columns to its right. Sums wrap: what a row of them
/// adds up to is between 0 and a whole pixel.
#[derive(Debug)]
pub(super) struct Cells {
    x0: i64,
    steps: Vec<i32>,
}

/// How much of its height a line has descended after some of its way across.
#[inline(always)]
fn passed(way: i64, across: i64, height: i64) -> i64 {
    nearest(way as f64 * (height as f64 / across as f64))
}

impl Cells {
    /// Of `width` columns from `x0`.
    pub fn new(x0: i32, width: usize) -> Self {
        Cells { x0: i64::from(x0), steps: vec![0; width + 1] }
    }

    fn width(&self) -> i64 {
        self.steps.len() as i64 - 1
    }

    /// Adds, or takes away with a `sign` of -1, the area to the right of a line that goes from `x` to `end` while it
    /// descends by `height`, all in one row of pixels.
    #[inline(always)]
    pub fn add(&mut self, x: i64, end: i64, height: i64, sign: i32) {
        let (left, right) = (x.min(end), x.max(end));
        let (first, last) = (pixel(left), pixel(right));
        let column = first - self.x0;
        if first == last {
            self.add_cell(column, left + right - 2 * (first << BITS), height, sign);
        } else if first + 1 == last {
            let side = last << BITS;
            let before = passed(side - left, right - left, height);
            self.add_cell(column, left - side + 2 * ONE, before, sign);
            self.add_cell(column + 1, right - side, height - before, sign);
        } else {
            self.add_wide(left, right, height, sign);
        }
    }

    /// One column's piece; `insets` is the sum of its two ends' distances from the column's left side.
    #[inline(always)]
    fn add_cell(&mut self, column: i64, insets: i64, height: i64, sign: i32) {
        let own = (height * (2 * ONE - insets)) >> (BITS + 1);
        let own = sign * own as i32;
        let rest = sign * height as i32 - own;
        if column < 0 {
            self.steps[0] = self.steps[0].wrapping_add(own + rest);
        } else if let Some([here, next]) =
            self.steps.get_mut(column as usize..).and_then(|s| s.first_chunk_mut())
        {
            *here = here.wrapping_add(own);
            *next = next.wrapping_add(rest);
        }
    }

    /// A line across several columns. Heights are rounded where it passes from one to the next, so that what a window
    /// does not show telescopes to the same whole number.
    #[inline(always)]
    fn add_wide(&mut self, left: i64, right: i64, height: i64, sign: i32) {
        let (first, last) = (pixel(left), pixel(right));
        let reached = |column: i64| {
            if column > last { height } else { passed((column << BITS) - left, right - left, height) }
        };
        let from = first.max(self.x0);
        let to = last.min(self.x0 + self.width() - 1);
        let mut before = 0;
        if from > first {
            before = reached(from.min(last + 1));
            self.steps[0] = self.steps[0].wrapping_add(sign * before as i32);
        }
        for column in from..=to {
            let side = column << BITS;
            let after = reached(column + 1);
            let insets = (left.max(side) - side) + (right.min(side + ONE) - side);
            self.add_cell(column - self.x0, insets, after - before, sign);
            before = after;
        }
    }

    /// Writes the coverage of `out.len()` columns from `column`, left of which it is `sum`, and forgets what was
    /// added there.
    #[inline(always)]
    pub fn take(&mut self, column: usize, mut sum: i32, out: &mut [f32]) {
        let steps = &mut self.steps[column..=column + out.len()];
        for (o, step) in out.iter_mut().zip(steps.iter()) {
            sum = sum.wrapping_add(*step);
            *o = sum.clamp(0, ONE as i32) as f32 * (1.0 / ONE as f32);
        }
        steps.fill(0);
    }
}
