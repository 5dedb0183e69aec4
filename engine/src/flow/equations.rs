//! What the refinement minimises, linearised: the data terms of a warped pair, and the smoothness, as equations.

use super::bordered::{Block, Bordered, block, fill_pair};
use super::options::Plan;
use super::region::Region;
use super::sor::System;
use crate::image::{LANES, Plane};

/// Softens the robust penalty of the data, in 8-bit steps per px of motion.
const DATA_SOFT: f32 = 0.001;
/// Softens the robust penalty of smoothness, px.
const SMOOTH_SOFT: f32 = 0.001;
/// Keeps the normalisation of the data term finite on flat walls, 8-bit steps squared.
const FLAT: f32 = 1.0;
/// Gradient (8-bit steps a px) at which the picture's edge lets the motion change.
const EDGE: f32 = 8.0;

/// Both components of a motion, px.
#[derive(Clone, Debug)]
pub(super) struct Motion {
    pub u: Bordered,
    pub v: Bordered,
}

/// The data term of a pair whose second picture was warped by a motion.
pub(super) struct Linear {
    /// The second picture, warped, less the first.
    time: Bordered,
    /// Mean of both pictures.
    mean: Bordered,
    /// Slopes of the mean, across and down.
    slope: [Bordered; 2],
    /// Where the first picture lies in the second.
    region: Region,
    /// Width and height of the second picture.
    size: [usize; 2],
}

/// The five-point rule for a slope, `[1 -8 0 8 -1] / 12`.
#[inline(always)]
fn slope(m2: f32, m1: f32, p1: f32, p2: f32) -> f32 {
    (m2 - p2 + 8.0 * (p1 - m1)) * (1.0 / 12.0)
}

/// Five blocks from two left to two right of a block, of row `y`.
#[inline(always)]
fn across(plane: &Bordered, x: usize, y: usize) -> [&Block; 4] {
    [plane.block(x, -2, y), plane.block(x, -1, y), plane.block(x, 1, y), plane.block(x, 2, y)]
}

/// The blocks two and one above, one and two below a block.
#[inline(always)]
fn down(plane: &Bordered, x: usize, y: usize) -> [&Block; 4] {
    let [m2, m1, _, p1, p2] = plane.around(y);
    [plane.block(x, 0, m2), plane.block(x, 0, m1), plane.block(x, 0, p1), plane.block(x, 0, p2)]
}

#[inline(always)]
fn slopes(four: [&Block; 4]) -> Block {
    let [m2, m1, p1, p2] = four;
    block(
        #[inline(always)]
        |k| slope(m2[k], m1[k], p1[k], p2[k]),
    )
}

impl Linear {
    pub fn new(region: Region, b: &Plane) -> Self {
        let plane = || Bordered::new(region.width, region.height);
        let size = [b.width(), b.height()];
        Linear { time: plane(), mean: plane(), slope: [plane(), plane()], region, size }
    }

    /// Warps `b` back by `motion` and compares it with `a`.
    pub fn warp(&mut self, a: &Bordered, b: &Plane, motion: &Motion) {
        let (w, left, top) = (a.width(), self.region.left, self.region.top);
        fill_pair(
            [&mut self.time, &mut self.mean],
            #[inline(always)]
            |x0, y| {
                let mut warped = [0.0; LANES];
                let (u, v) = (motion.u.block(x0, 0, y), motion.v.block(x0, 0, y));
                for (k, out) in warped.iter_mut().enumerate().take(w - x0) {
                    *out = b.bicubic((left + x0 + k) as f32 + 0.5 + u[k], (top + y) as f32 + 0.5 + v[k]);
                }
                let a = a.block(x0, 0, y);
                [
                    block(
                        #[inline(always)]
                        |k| warped[k] - a[k],
                    ),
                    block(
                        #[inline(always)]
                        |k| 0.5 * (warped[k] + a[k]),
                    ),
                ]
            },
        );
        let mean = &self.mean;
        let [dx, dy] = &mut self.slope;
        fill_pair(
            [dx, dy],
            #[inline(always)]
            |x, y| [slopes(across(mean, x, y)), slopes(down(mean, x, y))],
        );
    }

    /// The second picture, as it was warped last, less the first.
    pub fn left_over(&self) -> &Bordered {
        &self.time
    }

    /// The equations at `now` of the data linearised about `start`, with the robust weights of `now`.
    pub fn equations(
        &self,
        system: &mut System,
        diffusivity: &Bordered,
        start: &Motion,
        now: &Motion,
        plan: &Plan,
    ) {
        let ([w, h], left, top) = (self.size, self.region.left, self.region.top);
        let (brightness, gradient) = (plan.brightness, plan.gradient);
        system.fill(
            #[inline(always)]
            |x, y, out| {
                let t = self.time.block(x, 0, y);
                let (tx, ty) = (slopes(across(&self.time, x, y)), slopes(down(&self.time, x, y)));
                let (gx, gy) = (self.slope[0].block(x, 0, y), self.slope[1].block(x, 0, y));
                let xx = slopes(across(&self.slope[0], x, y));
                let xy = slopes(down(&self.slope[0], x, y));
                let yy = slopes(down(&self.slope[1], x, y));
                let (u0, v0) = (start.u.block(x, 0, y), start.v.block(x, 0, y));
                let (u, v) = (now.u.block(x, 0, y), now.v.block(x, 0, y));
                let weights = neighbours(diffusivity, x, y);
                let right_end = w as f32 - 0.5;
                let (row, bottom_end) = ((top + y) as f32, h as f32 - 0.5);
                let [ia, ib, ic, bu, bv, wl, wr, wu, wd] = out;
                for k in 0..LANES {
                    let column = (left + x + k) as f32;
                    let (to_x, to_y) = (column + u0[k], row + v0[k]);
                    let inside = (to_x >= -0.5) & (to_y >= -0.5) & (to_x <= right_end) & (to_y <= bottom_end);
                    let known = if inside { 1.0 } else { 0.0 };
                    let (du, dv) = (u[k] - u0[k], v[k] - v0[k]);

                    let n = 1.0 / (gx[k] * gx[k] + gy[k] * gy[k] + FLAT);
                    let r = t[k] + gx[k] * du + gy[k] * dv;
                    let wb = known * brightness * n / (n * r * r + DATA_SOFT * DATA_SOFT).sqrt();

                    let nx = 1.0 / (xx[k] * xx[k] + xy[k] * xy[k] + FLAT);
                    let ny = 1.0 / (xy[k] * xy[k] + yy[k] * yy[k] + FLAT);
                    let rx = tx[k] + xx[k] * du + xy[k] * dv;
                    let ry = ty[k] + xy[k] * du + yy[k] * dv;
                    let wg = known * gradient / (nx * rx * rx + ny * ry * ry + DATA_SOFT * DATA_SOFT).sqrt();
                    let (wx, wy) = (wg * nx, wg * ny);

                    let m0 = wb * gx[k] * gx[k] + wx * xx[k] * xx[k] + wy * xy[k] * xy[k];
                    let m1 = wb * gx[k] * gy[k] + wx * xx[k] * xy[k] + wy * xy[k] * yy[k];
                    let m2 = wb * gy[k] * gy[k] + wx * xy[k] * xy[k] + wy * yy[k] * yy[k];
                    // The equations are for the whole motion, not for the step: what the step's start owes moves right.
                    let p = m0 * u0[k] + m1 * v0[k]
                        - (wb * gx[k] * t[k] + wx * xx[k] * tx[k] + wy * xy[k] * ty[k]);
                    let q = m1 * u0[k] + m2 * v0[k]
                        - (wb * gy[k] * t[k] + wx * xy[k] * tx[k] + wy * yy[k] * ty[k]);

                    let [l, r, a, b] = [weights[0][k], weights[1][k], weights[2][k], weights[3][k]];
                    let sum = (l + r) + (a + b) + 1e-6;
                    let (m0, m2) = (m0 + sum, m2 + sum);
                    let scale = 1.0 / (m0 * m2 - m1 * m1);
                    ia[k] = m2 * scale;
                    ib[k] = -m1 * scale;
                    ic[k] = m0 * scale;
                    bu[k] = p;
                    bv[k] = q;
                    wl[k] = l;
                    wr[k] = r;
                    wu[k] = a;
                    wd[k] = b;
                }
            },
        );
    }
}

#[inline(always)]
fn mean(p: &Block, q: &Block, factor: f32) -> Block {
    block(
        #[inline(always)]
        |k| factor * (p[k] + q[k]),
    )
}

/// The weights of the left, right, upper and lower neighbours of a block; zero over the border.
#[inline(always)]
fn neighbours(diffusivity: &Bordered, x: usize, y: usize) -> [Block; 4] {
    let (w, h) = (diffusivity.width(), diffusivity.height());
    let [_, above, _, below, _] = diffusivity.around(y);
    let here = diffusivity.block(x, 0, y);
    let mut left = mean(here, diffusivity.block(x, -1, y), 0.5);
    let mut right = mean(here, diffusivity.block(x, 1, y), 0.5);
    if x == 0 {
        left[0] = 0.0;
    }
    if let Some(last) = right.get_mut(w - 1 - x) {
        *last = 0.0;
    }
    let up = mean(here, diffusivity.block(x, 0, above), if y > 0 { 0.5 } else { 0.0 });
    let down = mean(here, diffusivity.block(x, 0, below), if y + 1 < h { 0.5 } else { 0.0 });
    [left, right, up, down]
}

/// How freely motion may pass a pixel: 1 where the picture is flat, near 0 on its edges.
pub(super) fn edge_weights(picture: &Bordered) -> Bordered {
    let mut out = Bordered::new(picture.width(), picture.height());
    out.fill(
        #[inline(always)]
        |x, y| {
            let (dx, dy) = (slopes(across(picture, x, y)), slopes(down(picture, x, y)));
            block(
                #[inline(always)]
                |k| (-(dx[k] * dx[k] + dy[k] * dy[k]).sqrt() / EDGE).exp().max(0.05),
            )
        },
    );
    out
}

#[inline(always)]
fn slope_squared(p: &Bordered, x: usize, y: usize) -> Block {
    let [_, above, _, below, _] = p.around(y);
    let (l, r) = (p.block(x, -1, y), p.block(x, 1, y));
    let (a, b) = (p.block(x, 0, above), p.block(x, 0, below));
    block(
        #[inline(always)]
        |k| {
            let (dx, dy) = (0.5 * (r[k] - l[k]), 0.5 * (b[k] - a[k]));
            dx * dx + dy * dy
        },
    )
}

/// The weight of smoothness at every pixel: less where the motion already jumps, and on the picture's edges.
pub(super) fn diffusivity(out: &mut Bordered, motion: &Motion, edges: &Bordered, smoothness: f32) {
    out.fill(
        #[inline(always)]
        |x, y| {
            let (u, v) = (slope_squared(&motion.u, x, y), slope_squared(&motion.v, x, y));
            let edge = edges.block(x, 0, y);
            block(
                #[inline(always)]
                |k| smoothness * edge[k] / (u[k] + v[k] + SMOOTH_SOFT * SMOOTH_SOFT).sqrt(),
            )
        },
    );
}
