//! Frames that show the same pose again: in animation on twos every second one.

use super::look::Look;

/// Side of the blocks whose mean is compared, px of the look.
const BLOCK: usize = 16;
/// Grain below this counts as this, of a brightness of 1.
const QUIET: f32 = 0.003;
/// Means of blocks of plain grain, in its own standard deviations: typical ones, and the largest.
const TYPICAL: f32 = 2.2;
const LARGEST: f32 = 8.0;
/// Shares of the change that motion explains: typical, and among the largest.
const EXPLAINED: (f32, f32) = (0.03, 0.08);

/// Whether nothing moved between two looks within `bounds` (x0, y0, x1, y1, px of the look): what differs is grain and the
/// strength of the light.
pub(super) fn held(before: &Look, now: &Look, bounds: [f64; 4]) -> bool {
    let (w, h) = (now.light[0].width(), now.light[0].height());
    if (before.light[0].width(), before.light[0].height()) != (w, h) {
        return false;
    }
    let clamp = |v: f64, most: usize| v.clamp(0.0, most as f64) as usize;
    let (x0, y0) = (clamp(bounds[0], w), clamp(bounds[1], h));
    let (x1, y1) = (clamp(bounds[2], w), clamp(bounds[3], h));
    let luma = |look: &Look, i: usize| look.colours[i].iter().sum::<f32>() / 3.0;
    let (mut product, mut square) = (0.0f64, 1e-9f64);
    for y in y0..y1 {
        for x in x0..x1 {
            let (a, b) = (luma(before, y * w + x), luma(now, y * w + x));
            product += f64::from(a) * f64::from(b);
            square += f64::from(a) * f64::from(a);
        }
    }
    let gain = (product / square) as f32;
    let light = |x: usize, y: usize| luma(now, y * w + x);
    let change = |x: usize, y: usize| light(x, y) - gain * luma(before, y * w + x);
    let (mut means, mut explained): (Vec<f32>, Vec<f32>) = (Vec::new(), Vec::new());
    let inside = |low: usize, high: usize, most: usize| low.max(1)..high.min(most.saturating_sub(1));
    for by in (y0..y1).step_by(BLOCK) {
        for bx in (x0..x1).step_by(BLOCK) {
            let (rows, columns) = (inside(by, by + BLOCK, h), inside(bx, bx + BLOCK, w));
            let mut sums = Sums::default();
            for y in rows {
                for x in columns.clone() {
                    let slope = [light(x + 1, y) - light(x - 1, y), light(x, y + 1) - light(x, y - 1)];
                    sums.add(change(x, y), slope);
                }
            }
            if sums.count >= (BLOCK * BLOCK / 2) as f32 {
                means.push(sums.mean_in_its_noise());
                explained.push(sums.explained_by_motion());
            }
        }
    }
    if means.len() < 4 {
        return false;
    }
    let at = |values: &mut Vec<f32>, share: f32| {
        values.sort_by(f32::total_cmp);
        values[((values.len() - 1) as f32 * share) as usize]
    };
    let stats =
        (at(&mut means, 0.5), at(&mut means, 0.995), at(&mut explained, 0.5), at(&mut explained, 0.9));
    stats.0 < TYPICAL && stats.1 < LARGEST && stats.2 < EXPLAINED.0 && stats.3 < EXPLAINED.1
}

/// What changed in a block, and the slope of the brightness there.
#[derive(Default)]
struct Sums {
    count: f32,
    change: f32,
    squares: f32,
    by_slope: [f32; 2],
    slopes: [f32; 3],
}

impl Sums {
    fn add(&mut self, change: f32, [sx, sy]: [f32; 2]) {
        self.count += 1.0;
        self.change += change;
        self.squares += change * change;
        self.by_slope[0] += change * sx;
        self.by_slope[1] += change * sy;
        self.slopes[0] += sx * sx;
        self.slopes[1] += sx * sy;
        self.slopes[2] += sy * sy;
    }

    /// The mean change, in standard deviations that it would have if it were grain.
    fn mean_in_its_noise(&self) -> f32 {
        let mean = self.change / self.count;
        let sd = (self.squares / self.count - mean * mean).max(0.0).sqrt().max(QUIET);
        mean.abs() * self.count.sqrt() / sd
    }

    /// Which share of the change a motion of the block would explain (Lucas and Kanade 1981).
    fn explained_by_motion(&self) -> f32 {
        let [xx, xy, yy] = self.slopes;
        let determinant = xx * yy - xy * xy;
        if determinant <= 1e-6 * (xx + yy) * (xx + yy) {
            return 0.0;
        }
        let [bx, by] = self.by_slope;
        let reduced = (yy * bx * bx - 2.0 * xy * bx * by + xx * by * by) / determinant;
        reduced / self.squares.max(self.count * QUIET * QUIET)
    }
}
