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

/// The area that a line descending by `height` leaves to its right in its column; `insets` is the sum of its two ends'
/// distances from the column's left side.
#[inline(always)]
fn own(height: i64, insets: i64) -> i32 {
    ((height * (2 * ONE - insets)) >> (BITS + 1)) as i32
}

/// Columns past the last that may be added to.
const ROOM: usize = 3;

impl Cells {
    /// Of `width` columns from `x0`.
    pub fn new(x0: i32, width: usize) -> Self {
        Cells { x0: i64::from(x0), steps: vec![0; width + ROOM] }
    }

    fn width(&self) -> i64 {
        (self.steps.len() - ROOM) as i64
    }

    /// Adds, or takes away with a `sign` of -1, the area to the right of a line that goes from `x` to `end` while it
    /// descends by `height`, all in one row of pixels.
    #[inline(always)]
    pub fn add(&mut self, x: i64, end: i64, height: i64, sign: i32) {
        let (left, right) = (x.min(end), x.max(end));
        let first = pixel(left);
        let side = (first + 1) << BITS;
        if right >= side + ONE {
            self.add_wide(left, right, height, sign);
            return;
        }
        // One column counts as two, the second of which it does not reach.
        let across = (right - left).max(1);
        let before = passed((side - left).min(across), across, height);
        let here = own(before, left + right.min(side) - 2 * (side - ONE));
        let there = own(height - before, right.max(side) - side);
        let [before, height] = [before as i32, height as i32];
        self.step(first - self.x0, [here, before - here + there, height - before - there].map(|v| sign * v));
    }

    /// Adds to neighbouring columns. Those left of the first count there.
    #[inline(always)]
    fn step<const N: usize>(&mut self, column: i64, by: [i32; N]) {
        if let Some(steps) =
            usize::try_from(column).ok().and_then(|c| self.steps.get_mut(c..)?.first_chunk_mut())
        {
            let _: &mut [i32; N] = steps;
            steps.iter_mut().zip(by).for_each(|(step, by)| *step = step.wrapping_add(by));
        } else if column < 0 {
            for (column, by) in (column..).zip(by) {
                let step = &mut self.steps[column.max(0) as usize];
                *step = step.wrapping_add(by);
            }
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
            let (height, here) = (after - before, own(after - before, insets));
            self.step(column - self.x0, [here, height as i32 - here].map(|v| sign * v));
            before = after;
        }
    }

    /// Writes the coverage of `out.len()` columns from `column`, left of which it is `sum`, and forgets what was
    /// added there.
    #[inline(always)]
    pub fn take(&mut self, column: usize, mut sum: i32, out: &mut [f32]) {
        let (steps, last) = self.steps[column..=column + out.len()].split_at_mut(out.len());
        for (out, step) in out.iter_mut().zip(steps) {
            sum = sum.wrapping_add(std::mem::take(step));
            *out = sum.clamp(0, ONE as i32) as f32 * (1.0 / ONE as f32);
        }
        last.fill(0);
    }
}
