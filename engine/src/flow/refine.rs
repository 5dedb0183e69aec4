//! Variational refinement of a field on one level.

use rayon::prelude::*;

use super::options::{FlowError, Plan};
use super::prepare::Level;
use super::sor::{Checker, Equation, System};
use super::{Field, median};
use crate::image::{Plane, gaussian_blur, rows_per_task};

/// Softens the robust penalty of the data, in 8-bit steps per px of motion.
const DATA_SOFT: f32 = 0.001;
/// Softens the robust penalty of smoothness, px.
const SMOOTH_SOFT: f32 = 0.001;
/// Keeps the normalisation of the data term finite on flat walls, 8-bit steps squared.
const FLAT: f32 = 1.0;
/// Gradient (8-bit steps a px) at which the picture's edge lets the motion change.
const EDGE: f32 = 8.0;
/// Smoothing before matching, px: grain and aliasing.
const PRESMOOTH_PX: f32 = 0.6;

/// Improves `field` on this level: `plan.warps` rounds of warping and solving.
pub(super) fn refine(
    level: &Level,
    field: Field,
    plan: &Plan,
    index: usize,
    cancel: &(dyn Fn() -> bool + Sync),
) -> Result<Field, FlowError> {
    let (w, h) = (field.width(), field.height());
    let (a, b) = (gaussian_blur(&level.a, PRESMOOTH_PX), gaussian_blur(&level.b, PRESMOOTH_PX));
    let a_slope = [across(&a), down(&a)];
    let edges = edge_weights(&a_slope);
    let mut field = field;
    let mut system = System::new(w, h);
    let coarse = usize::from(index > 0);
    for _ in 0..plan.warps[coarse] {
        if cancel() {
            return Err(FlowError::Cancelled);
        }
        let data = Linear::new(&a, &a_slope, &b, &field);
        let start = field.clone();
        let (mut u, mut v) = (Checker::new(w, h), Checker::new(w, h));
        for _ in 0..plan.reweights {
            let diffusivity = diffusivity(&field, &edges, plan.smoothness[coarse]);
            set_system(&mut system, &data, &diffusivity, &start, &field, plan);
            u.load(field.u());
            v.load(field.v());
            system.solve(&mut u, &mut v, plan.sweeps);
            let (pu, pv) = field.parts_mut();
            u.store(pu);
            v.store(pv);
        }
        if plan.median {
            field = median::median(&field);
        }
    }
    Ok(field)
}

/// The data term linearised about a field: all derivatives of the warped pair.
struct Linear {
    /// Difference in time.
    time: Plane,
    /// Slopes of the difference in time, across and down.
    time_slope: [Plane; 2],
    /// Slopes across and down, means of both pictures.
    slope: [Plane; 2],
    /// Second derivatives: across twice, mixed, down twice.
    second: [Plane; 3],
}

impl Linear {
    fn new(a: &Plane, a_slope: &[Plane; 2], b: &Plane, field: &Field) -> Self {
        let (w, h) = (a.width(), a.height());
        let mut warped = Plane::filled(w, h, 0.0);
        warped.data_mut().par_chunks_mut(w).with_min_len(rows_per_task(w)).enumerate().for_each(
            |(y, row)| {
                for (x, out) in row.iter_mut().enumerate() {
                    let [u, v] = field.at(x, y);
                    *out = b.bicubic(x as f32 + 0.5 + u, y as f32 + 0.5 + v);
                }
            },
        );
        let mean = |p: &Plane, q: Plane| combine(p, &q, |p, q| 0.5 * (p + q));
        let slope = [mean(&a_slope[0], across(&warped)), mean(&a_slope[1], down(&warped))];
        let time = combine(&warped, a, |p, q| p - q);
        let second = [across(&slope[0]), down(&slope[0]), down(&slope[1])];
        let time_slope = [across(&time), down(&time)];
        Linear { time, time_slope, slope, second }
    }
}

fn combine(p: &Plane, q: &Plane, f: impl Fn(f32, f32) -> f32 + Sync) -> Plane {
    let data = p.data().par_iter().zip(q.data()).with_min_len(16_384).map(|(p, q)| f(*p, *q)).collect();
    Plane::from_vec(p.width(), p.height(), data).unwrap_or_default()
}

/// Slope to the right by the five-point rule `[1 -8 0 8 -1] / 12`; borders are continued.
fn across(plane: &Plane) -> Plane {
    let (w, h) = (plane.width(), plane.height());
    let mut out = Plane::filled(w, h, 0.0);
    out.data_mut().par_chunks_mut(w).with_min_len(rows_per_task(w)).enumerate().for_each_init(
        || vec![0.0f32; w + 4],
        |padded, (y, out)| {
            let row = plane.row(y);
            padded[2..w + 2].copy_from_slice(row);
            padded[..2].fill(row[0]);
            padded[w + 2..].fill(row[w - 1]);
            for (i, o) in out.iter_mut().enumerate() {
                let p = &padded[i..i + 5];
                *o = (p[0] - p[4] + 8.0 * (p[3] - p[1])) * (1.0 / 12.0);
            }
        },
    );
    out
}

/// Slope downwards, as [`across`].
fn down(plane: &Plane) -> Plane {
    let (w, h) = (plane.width(), plane.height());
    let mut out = Plane::filled(w, h, 0.0);
    out.data_mut().par_chunks_mut(w).with_min_len(rows_per_task(w)).enumerate().for_each(|(y, out)| {
        let at = |d: isize| plane.row((y as isize + d).clamp(0, h as isize - 1) as usize);
        let (p0, p1, p3, p4) = (at(-2), at(-1), at(1), at(2));
        for (i, o) in out.iter_mut().enumerate() {
            *o = (p0[i] - p4[i] + 8.0 * (p3[i] - p1[i])) * (1.0 / 12.0);
        }
    });
    out
}

/// How freely motion may pass a pixel: 1 where the picture is flat, near 0 on its edges.
fn edge_weights(slope: &[Plane; 2]) -> Plane {
    combine(&slope[0], &slope[1], |x, y| (-(x * x + y * y).sqrt() / EDGE).exp().max(0.05))
}

/// The robust weights at `field`, for the data linearised about `start`.
fn set_system(
    system: &mut System,
    data: &Linear,
    diffusivity: &Plane,
    start: &Field,
    field: &Field,
    plan: &Plan,
) {
    let (w, h) = (field.width(), field.height());
    system.fill(|x, y| {
        let i = y * w + x;
        let (u0, v0) = (start.u()[i], start.v()[i]);
        let (du, dv) = (field.u()[i] - u0, field.v()[i] - v0);
        let (tx, ty) = (x as f32 + u0, y as f32 + v0);
        let inside = tx >= -0.5 && ty >= -0.5 && tx <= w as f32 - 0.5 && ty <= h as f32 - 0.5;
        let (mut m, mut b) = ([0.0f32; 3], [0.0f32; 2]);
        if inside {
            data.add(i, du, dv, plan, &mut m, &mut b);
        }
        let d = diffusivity.data();
        let half = |j: usize| 0.5 * (d[i] + d[j]);
        let weights = [
            if x > 0 { half(i - 1) } else { 0.0 },
            if x + 1 < w { half(i + 1) } else { 0.0 },
            if y > 0 { half(i - w) } else { 0.0 },
            if y + 1 < h { half(i + w) } else { 0.0 },
        ];
        // The equations are for the whole motion, not for the step: what the step's start owes moves right.
        let right = [b[0] + m[0] * u0 + m[1] * v0, b[1] + m[1] * u0 + m[2] * v0];
        let sum = weights.iter().sum::<f32>() + 1e-6;
        let (xx, xy, yy) = (m[0] + sum, m[1], m[2] + sum);
        let scale = 1.0 / (xx * yy - xy * xy);
        Equation { inverse: [yy * scale, -xy * scale, xx * scale], right, weights }
    });
}

impl Linear {
    /// Adds pixel `i`'s data to the matrix and the right side, weighted for the step `(du, dv)`.
    #[inline]
    fn add(&self, i: usize, du: f32, dv: f32, plan: &Plan, m: &mut [f32; 3], b: &mut [f32; 2]) {
        let t = self.time.data()[i];
        let [tx, ty] = [0, 1].map(|k| self.time_slope[k].data()[i]);
        let [gx, gy] = [0, 1].map(|k| self.slope[k].data()[i]);
        let [xx, xy, yy] = [0, 1, 2].map(|k| self.second[k].data()[i]);
        let robust = |square: f32| 1.0 / (square + DATA_SOFT * DATA_SOFT).sqrt();
        let mut add = |weight: f32, gx: f32, gy: f32, t: f32| {
            m[0] += weight * gx * gx;
            m[1] += weight * gx * gy;
            m[2] += weight * gy * gy;
            b[0] -= weight * gx * t;
            b[1] -= weight * gy * t;
        };
        let n = 1.0 / (gx * gx + gy * gy + FLAT);
        let r = t + gx * du + gy * dv;
        add(plan.brightness * n * robust(n * r * r), gx, gy, t);
        let nx = 1.0 / (xx * xx + xy * xy + FLAT);
        let ny = 1.0 / (xy * xy + yy * yy + FLAT);
        let rx = tx + xx * du + xy * dv;
        let ry = ty + xy * du + yy * dv;
        let weight = plan.gradient * robust(nx * rx * rx + ny * ry * ry);
        add(weight * nx, xx, xy, tx);
        add(weight * ny, xy, yy, ty);
    }
}

/// The weight of smoothness at every pixel: less where the motion already jumps, and on the picture's edges.
fn diffusivity(field: &Field, edges: &Plane, smoothness: f32) -> Plane {
    let (w, h) = (field.width(), field.height());
    let mut out = Plane::filled(w, h, 0.0);
    out.data_mut().par_chunks_mut(w).with_min_len(rows_per_task(w)).enumerate().for_each(|(y, out)| {
        let row = |y: usize| y * w..(y + 1) * w;
        let (above, below) = (row(y.saturating_sub(1)), row((y + 1).min(h - 1)));
        let part = |p: &[f32], x: usize| {
            let (l, r) = (x.saturating_sub(1), (x + 1).min(w - 1));
            let dx = 0.5 * (p[y * w + r] - p[y * w + l]);
            let dy = 0.5 * (p[below.start + x] - p[above.start + x]);
            dx * dx + dy * dy
        };
        for (x, o) in out.iter_mut().enumerate() {
            let square = part(field.u(), x) + part(field.v(), x);
            *o = smoothness * edges.data()[y * w + x] / (square + SMOOTH_SOFT * SMOOTH_SOFT).sqrt();
        }
    });
    out
}
