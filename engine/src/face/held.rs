//! Frames that show the same pose again: in animation on twos every second one.

use super::look::Look;

/// Side of the blocks whose mean is compared, px of the look.
const BLOCK: usize = 8;

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
    let mut changes: Vec<f32> = Vec::new();
    for by in (y0..y1.saturating_sub(BLOCK)).step_by(BLOCK) {
        for bx in (x0..x1.saturating_sub(BLOCK)).step_by(BLOCK) {
            let (mut sum, mut squares) = (0.0f32, 0.0f32);
            for y in by..by + BLOCK {
                for x in bx..bx + BLOCK {
                    let d = luma(now, y * w + x) - gain * luma(before, y * w + x);
                    sum += d;
                    squares += d * d;
                }
            }
            let count = (BLOCK * BLOCK) as f32;
            let mean = sum / count;
            let sd = (squares / count - mean * mean).max(0.0).sqrt().max(QUIET);
            changes.push(mean.abs() * BLOCK as f32 / sd);
        }
    }
    if changes.len() < 4 {
        return false;
    }
    changes.sort_by(f32::total_cmp);
    let at = |share: f32| changes[((changes.len() - 1) as f32 * share) as usize];
    at(0.5) < TYPICAL && at(0.99) < LARGEST
}

/// Grain below this counts as this, of a brightness of 1.
const QUIET: f32 = 0.003;
/// Means of blocks of plain grain, in its own standard deviations: typical ones, and the largest.
const TYPICAL: f32 = 2.0;
const LARGEST: f32 = 6.0;
