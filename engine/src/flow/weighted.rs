//! Weighted median of the motion round its edges: the non-local term of Sun, Roth, Black ("A Quantitative Analysis of
//! Current Practices in Optical Flow Estimation and the Principles Behind Them", IJCV 2014, section 6).
//!
//! Near an edge of the motion every pixel is offered the motion that most of its surroundings have which look like it
//! and are seen in both pictures. So edges move to where the picture has them. The offer is taken only if it explains the
//! picture as well: without that, a shadow or a blurred limb of the ground's own grey would be lost to the ground.

use rayon::prelude::*;

use super::bordered::{Bordered, WINDOW, WINDOW_LEFT, block, rows_pair_mut};
use super::equations::Motion;
use super::region::Region;
use crate::image::{Plane, rows_per_task, wide};

/// How far the surroundings reach, px.
const RADIUS: usize = WINDOW_LEFT;
const SIDE: usize = 2 * RADIUS + 1;
/// Spread of the weight by distance, px.
const NEAR: f32 = 7.0;
/// Spread of the weight by difference of brightness, 8-bit steps.
const ALIKE: f32 = 7.0;
/// A motion that changes by this many px between neighbours has an edge there.
const JUMP: f32 = 0.25;
/// How far from an edge pixels are still filtered, px.
const BAND: usize = 5;
/// Spread of the weight by how much the motion converges, which is where content gets covered.
const COVERED: f32 = 0.3;
/// Spread of the weight by what is left over in brightness, 8-bit steps.
const LEFT_OVER: f32 = 20.0;
/// How much worse than the old motion the median may explain the pixels round about, 8-bit steps.
const WORSE: f32 = 0.5;
/// Differences count up to this, 8-bit steps.
const DIFFERENT: f32 = 30.0;
/// Halvings of the range that the median is looked for in.
const HALVINGS: usize = 10;

/// The surroundings of a pixel, row by row, with one column more than they have.
type Window = [[f32; WINDOW]; SIDE];

/// Filters `motion` from `a` to `b`; `left_over` is what differs in brightness after warping, `region` where
/// `a` lies in `b`.
pub(super) fn filter(motion: &mut Motion, a: &Bordered, b: &Plane, left_over: &Bordered, region: Region) {
    let near = near();
    let seen = seen(motion, left_over);
    let mask = Mask::round_edges(motion);
    let before = motion.clone();
    let (w, h) = (a.width(), a.height());
    let (left, top) = (region.left as f32, region.top as f32);
    let Motion { u, v } = motion;
    rows_pair_mut([u, v], |y, u, v| {
        let mask = mask.row(y);
        wide(
            #[inline(always)]
            || {
                for x in 0..w {
                    if !mask[x] {
                        continue;
                    }
                    let here = a.row(y)[x];
                    let mut weights: Window = [[0.0; WINDOW]; SIDE];
                    for (j, (weights, near)) in weights.iter_mut().zip(&near).enumerate() {
                        if y + j >= RADIUS && y + j < h + RADIUS {
                            let from = y + j - RADIUS;
                            weigh(weights, near, here, a.window(x, from), seen.window(x, from));
                        }
                    }
                    let patch = patch(a, x, y);
                    let offer = [median(&before.u, x, y, &weights), median(&before.v, x, y, &weights)];
                    let at = [left + x as f32 + 0.5, top + y as f32 + 0.5];
                    let misfit = |motion| misfit(&patch, b, at, motion);
                    if misfit(offer) <= misfit([u[x], v[x]]) + WORSE {
                        [u[x], v[x]] = offer;
                    }
                }
            },
        );
    });
}

/// Weights of a row of the surroundings.
#[inline(always)]
fn weigh(
    weights: &mut [f32; WINDOW],
    near: &[f32; WINDOW],
    here: f32,
    picture: &[f32; WINDOW],
    seen: &[f32; WINDOW],
) {
    for i in 0..WINDOW {
        let d = picture[i] - here;
        weights[i] = near[i] * seen[i] * falloff(d * d * (0.5 / (ALIKE * ALIKE)));
    }
}

/// About `exp(-v)`: `(1 - v / 8)^8`, 0 from 8 on.
#[inline(always)]
fn falloff(v: f32) -> f32 {
    let t = 1.0 - v * 0.125;
    let t = if t > 0.0 { t } else { 0.0 };
    let t2 = t * t;
    let t4 = t2 * t2;
    t4 * t4
}

#[inline(always)]
fn sum(v: &[f32; WINDOW]) -> f32 {
    let mut eight = [0.0; 8];
    for i in 0..8 {
        eight[i] = v[i] + v[i + 8];
    }
    ((eight[0] + eight[4]) + (eight[2] + eight[6])) + ((eight[1] + eight[5]) + (eight[3] + eight[7]))
}

/// The value round `(x, y)` with half of the weight on either side, by bisection.
#[inline(always)]
fn median(plane: &Bordered, x: usize, y: usize, weights: &Window) -> f32 {
    let last = plane.height() - 1;
    let mut values: Window = [[0.0; WINDOW]; SIDE];
    let (mut least, mut most) = ([f32::MAX; WINDOW], [f32::MIN; WINDOW]);
    let mut total = [0.0; WINDOW];
    for j in 0..SIDE {
        values[j] = *plane.window(x, (y + j).saturating_sub(RADIUS).min(last));
        for i in 0..WINDOW {
            least[i] = least[i].min(values[j][i]);
            most[i] = most[i].max(values[j][i]);
            total[i] += weights[j][i];
        }
    }
    let half = 0.5 * sum(&total);
    let mut low = least.into_iter().fold(f32::MAX, f32::min);
    let mut high = most.into_iter().fold(f32::MIN, f32::max);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        let mut below = [0.0; WINDOW];
        for (values, weights) in values.iter().zip(weights) {
            for i in 0..WINDOW {
                // A product, as a choice between loads would be a branch.
                let counts = if values[i] < middle { 1.0 } else { 0.0 };
                below[i] += counts * weights[i];
            }
        }
        if sum(&below) > half { high = middle } else { low = middle }
    }
    0.5 * (low + high)
}

/// The nine pixels round one, borders continued.
#[inline(always)]
fn patch(a: &Bordered, x: usize, y: usize) -> [[f32; 3]; 3] {
    let [_, above, _, below, _] = a.around(y);
    [above, y, below].map(|y| {
        let row = a.window(x, y);
        [row[WINDOW_LEFT - 1], row[WINDOW_LEFT], row[WINDOW_LEFT + 1]]
    })
}

/// Mean difference of a patch round `at` to where a motion takes it, 8-bit steps.
#[inline(always)]
fn misfit(patch: &[[f32; 3]; 3], b: &Plane, at: [f32; 2], motion: [f32; 2]) -> f32 {
    let mut sum = 0.0;
    for (j, row) in patch.iter().enumerate() {
        for (i, here) in row.iter().enumerate() {
            let (x, y) = (at[0] + i as f32 - 1.0, at[1] + j as f32 - 1.0);
            sum += (b.bilinear(x + motion[0], y + motion[1]) - here).abs().min(DIFFERENT);
        }
    }
    sum / 9.0
}

/// The weight by distance; nothing in the column too many.
fn near() -> Window {
    let mut out = [[0.0; WINDOW]; SIDE];
    for (j, row) in out.iter_mut().enumerate() {
        for (i, o) in row.iter_mut().enumerate().take(SIDE) {
            let (dx, dy) = (i as f32 - RADIUS as f32, j as f32 - RADIUS as f32);
            *o = (-(dx * dx + dy * dy) / (2.0 * NEAR * NEAR)).exp();
        }
    }
    out
}

/// How likely each pixel is seen in both pictures: 1, or less where the motion converges or brightness is left over.
fn seen(motion: &Motion, left_over: &Bordered) -> Bordered {
    let mut out = Bordered::new(left_over.width(), left_over.height());
    out.fill(
        #[inline(always)]
        |x, y| {
            let [_, above, _, below, _] = motion.u.around(y);
            let (l, r) = (motion.u.block(x, -1, y), motion.u.block(x, 1, y));
            let (a, b) = (motion.v.block(x, 0, above), motion.v.block(x, 0, below));
            let e = left_over.block(x, 0, y);
            block(
                #[inline(always)]
                |k| {
                    let spread = 0.5 * ((r[k] - l[k]) + (b[k] - a[k]));
                    let closing = if spread < 0.0 { spread } else { 0.0 };
                    let unlike = closing * closing * (0.5 / (COVERED * COVERED))
                        + e[k] * e[k] * (0.5 / (LEFT_OVER * LEFT_OVER));
                    // Where nothing is seen, the picture and the distance still decide.
                    falloff(unlike) + 1e-3
                },
            )
        },
    );
    out
}

/// A yes or no for every pixel.
struct Mask {
    data: Vec<bool>,
    width: usize,
}

impl Mask {
    /// Yes within [`BAND`] px across and down from where the motion jumps.
    fn round_edges(motion: &Motion) -> Self {
        let (w, h) = (motion.u.width(), motion.u.height());
        let jumps = Mask::from_rows(w, h, |y, out| {
            for p in [&motion.u, &motion.v] {
                let (here, below) = (p.row(y), p.row((y + 1).min(h - 1)));
                for x in 0..w {
                    let right = here[(x + 1).min(w - 1)];
                    out[x] |= (right - here[x]).abs().max((below[x] - here[x]).abs()) > JUMP;
                }
            }
        });
        let across = Mask::from_rows(w, h, |y, out| {
            let row = jumps.row(y);
            for (x, _) in row.iter().enumerate().filter(|(_, jump)| **jump) {
                out[x.saturating_sub(BAND)..w.min(x + BAND + 1)].fill(true);
            }
        });
        Mask::from_rows(w, h, |y, out| {
            for from in y.saturating_sub(BAND)..h.min(y + BAND + 1) {
                for (o, m) in out.iter_mut().zip(across.row(from)) {
                    *o |= *m;
                }
            }
        })
    }

    fn from_rows(width: usize, height: usize, write: impl Fn(usize, &mut [bool]) + Sync) -> Self {
        let mut data = vec![false; width * height];
        data.par_chunks_mut(width)
            .with_min_len(rows_per_task(width))
            .enumerate()
            .for_each(|(y, row)| write(y, row));
        Mask { data, width }
    }

    fn row(&self, y: usize) -> &[bool] {
        &self.data[y * self.width..(y + 1) * self.width]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The motion's edge lies three px beside the picture's: the filter moves it there.
    #[test]
    fn edges_of_motion_move_to_the_pictures() {
        let (w, h) = (40, 30);
        let grey = |x: usize| if x < 20 { 50.0 } else { 180.0 };
        let a: Vec<f32> = (0..w * h).map(|i| grey(i % w)).collect();
        let u: Vec<f32> = (0..w * h).map(|i| if i % w < 23 { -2.0 } else { 0.0 }).collect();
        let mut motion = Motion { u: Bordered::from_rows(w, h, &u), v: Bordered::new(w, h) };
        let b = Plane::from_fn(w, h, |x, _| grey(x + 2));
        let whole = Region { left: 0, top: 0, width: w, height: h };
        filter(&mut motion, &Bordered::from_rows(w, h, &a), &b, &Bordered::new(w, h), whole);
        for y in 0..h {
            let row = motion.u.row(y);
            assert!((row[17] + 2.0).abs() < 0.01 && (row[24]).abs() < 0.01);
            assert!(row[22].abs() < 0.01, "{row:?}");
        }
    }
}
