//! Dense inverse search: overlapping patches matched by gradient descent, then averaged into a dense field
//! (Kroeger et al., ECCV 2016, sections 2.1 and 2.2), with the neighbours' results tried as further starts.

use rayon::prelude::*;

use super::Field;
use super::options::Plan;
use super::prepare::Level;
use crate::image::Plane;

/// Side of a patch, px.
const PATCH: usize = 8;
const AREA: f32 = (PATCH * PATCH) as f32;
/// Added to the structure tensor's diagonal: a flat wall's noise shall not move a patch.
const FLAT: f32 = AREA * 2.0;
/// A step under this many px ends the descent.
const STILL: f32 = 0.01;

/// A match: displacement in px and its mean-free sum of squared differences.
#[derive(Clone, Copy)]
struct Match {
    u: [f32; 2],
    cost: f32,
    mean: f32,
}

/// Where patches lie: regularly, with the last ones against the far borders.
struct Grid {
    xs: Vec<usize>,
    ys: Vec<usize>,
}

impl Grid {
    fn new(width: usize, height: usize, stride: usize) -> Self {
        let along = |size: usize| {
            let last = size - PATCH;
            let mut at: Vec<usize> = (0..=last).step_by(stride).collect();
            if at.last() != Some(&last) {
                at.push(last);
            }
            at
        };
        Grid { xs: along(width), ys: along(height) }
    }
}

/// A plane with a continued border, so that patches may hang over it.
struct Padded {
    data: Vec<f32>,
    width: usize,
    height: usize,
}

const PAD: usize = PATCH + 2;

impl Padded {
    fn new(plane: &Plane) -> Self {
        let (w, h) = (plane.width() + 2 * PAD, plane.height() + 2 * PAD);
        let mut data = vec![0.0; w * h];
        data.par_chunks_mut(w).with_min_len(32).enumerate().for_each(|(y, out)| {
            let row = plane.row(y.saturating_sub(PAD).min(plane.height() - 1));
            out[..PAD].fill(row[0]);
            out[PAD..w - PAD].copy_from_slice(row);
            out[w - PAD..].fill(row[row.len() - 1]);
        });
        Padded { data, width: w, height: h }
    }

    /// The patch whose top-left pixel is at `(x, y)` px of the plane, interpolated.
    #[inline]
    fn patch(&self, x: f32, y: f32) -> [f32; PATCH * PATCH] {
        let x = (x + PAD as f32).clamp(0.0, (self.width - PATCH - 2) as f32);
        let y = (y + PAD as f32).clamp(0.0, (self.height - PATCH - 2) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let (w00, w01) = ((1.0 - fx) * (1.0 - fy), fx * (1.0 - fy));
        let (w10, w11) = ((1.0 - fx) * fy, fx * fy);
        let mut out = [0.0; PATCH * PATCH];
        for j in 0..PATCH {
            let at = (y0 + j) * self.width + x0;
            let top = &self.data[at..at + PATCH + 1];
            let bottom = &self.data[at + self.width..at + self.width + PATCH + 1];
            let row = &mut out[j * PATCH..(j + 1) * PATCH];
            for i in 0..PATCH {
                row[i] = w00 * top[i] + w01 * top[i + 1] + w10 * bottom[i] + w11 * bottom[i + 1];
            }
        }
        out
    }
}

/// What does not change while a patch is matched.
struct Template {
    at: [f32; 2],
    value: [f32; PATCH * PATCH],
    dx: [f32; PATCH * PATCH],
    dy: [f32; PATCH * PATCH],
    inverse: [f32; 3],
}

impl Template {
    fn new(a: &Padded, x: usize, y: usize) -> Self {
        let at = [x as f32, y as f32];
        let stride = a.width;
        let origin = (y + PAD) * stride + x + PAD;
        let (mut value, mut dx, mut dy) = ([0.0; 64], [0.0; 64], [0.0; 64]);
        for j in 0..PATCH {
            let row = origin + j * stride;
            for i in 0..PATCH {
                value[j * PATCH + i] = a.data[row + i];
                dx[j * PATCH + i] = 0.5 * (a.data[row + i + 1] - a.data[row + i - 1]);
                dy[j * PATCH + i] = 0.5 * (a.data[row + i + stride] - a.data[row + i - stride]);
            }
        }
        let mean = |v: &[f32; 64]| v.iter().sum::<f32>() / AREA;
        let (mx, my) = (mean(&dx), mean(&dy));
        dx.iter_mut().for_each(|v| *v -= mx);
        dy.iter_mut().for_each(|v| *v -= my);
        let (mut xx, mut xy, mut yy) = (FLAT, 0.0, FLAT);
        for (gx, gy) in dx.iter().zip(&dy) {
            xx += gx * gx;
            xy += gx * gy;
            yy += gy * gy;
        }
        let scale = 1.0 / (xx * yy - xy * xy);
        Template { at, value, dx, dy, inverse: [yy * scale, -xy * scale, xx * scale] }
    }

    /// Differences to `b` at displacement `u`: cost, mean difference and gradient of the cost.
    #[inline]
    fn compare(&self, b: &Padded, u: [f32; 2]) -> (f32, f32, [f32; 2]) {
        let moved = b.patch(self.at[0] + u[0], self.at[1] + u[1]);
        // Eight sums side by side, one a column, for wide registers.
        let [mut sum, mut squares, mut gx, mut gy] = [[0.0f32; PATCH]; 4];
        for (k, m) in moved.iter().enumerate() {
            let (d, i) = (m - self.value[k], k % PATCH);
            sum[i] += d;
            squares[i] += d * d;
            gx[i] += d * self.dx[k];
            gy[i] += d * self.dy[k];
        }
        let [sum, squares, gx, gy] = [sum, squares, gx, gy].map(|l| l.iter().sum::<f32>());
        let mean = sum / AREA;
        ((squares - sum * mean).max(0.0), mean, [gx, gy])
    }

    fn cost(&self, b: &Padded, u: [f32; 2]) -> Match {
        let (cost, mean, _) = self.compare(b, u);
        Match { u, cost, mean }
    }

    /// Gradient descent from `start`, which stays the result if nothing better is found within a patch's width.
    fn descend(&self, b: &Padded, start: [f32; 2], steps: usize) -> Match {
        let mut best = Match { u: start, cost: f32::INFINITY, mean: 0.0 };
        let mut u = start;
        for _ in 0..steps {
            let (cost, mean, [gx, gy]) = self.compare(b, u);
            if cost >= best.cost {
                break;
            }
            best = Match { u, cost, mean };
            let [ixx, ixy, iyy] = self.inverse;
            let step = [ixx * gx + ixy * gy, ixy * gx + iyy * gy];
            u = [u[0] - step[0], u[1] - step[1]];
            let gone = (u[0] - start[0]).abs().max((u[1] - start[1]).abs());
            if gone > PATCH as f32 || step[0] * step[0] + step[1] * step[1] < STILL * STILL {
                break;
            }
        }
        best
    }
}

/// The dense field of one level, from a start (the coarser level's result, doubled).
pub(super) fn search(level: &Level, start: Field, plan: &Plan) -> Field {
    let (w, h) = (level.a.width(), level.a.height());
    if w < PATCH || h < PATCH {
        return start;
    }
    let (a, b) = (Padded::new(&level.a), Padded::new(&level.b));
    let grid = Grid::new(w, h, plan.stride);
    let columns = grid.xs.len();
    let templates: Vec<Template> = (0..columns * grid.ys.len())
        .into_par_iter()
        .map(|i| Template::new(&a, grid.xs[i % columns], grid.ys[i / columns]))
        .collect();
    let first: Vec<Match> = templates
        .par_iter()
        .map(|t| {
            let (cx, cy) = (t.at[0] as usize + PATCH / 2, t.at[1] as usize + PATCH / 2);
            t.descend(&b, start.at(cx, cy), plan.patch_steps)
        })
        .collect();
    let second: Vec<Match> = templates
        .par_iter()
        .enumerate()
        .map(|(i, t)| {
            let (column, row) = (i % columns, i / columns);
            let mut best = first[i];
            let mut changed = false;
            let mut try_at = |j: usize| {
                let m = t.cost(&b, first[j].u);
                if m.cost < best.cost {
                    best = m;
                    changed = true;
                }
            };
            if column > 0 {
                try_at(i - 1);
            }
            if column + 1 < columns {
                try_at(i + 1);
            }
            if row > 0 {
                try_at(i - columns);
            }
            if i + columns < first.len() {
                try_at(i + columns);
            }
            if !changed {
                return best;
            }
            let better = t.descend(&b, best.u, plan.patch_steps);
            if better.cost < best.cost { better } else { best }
        })
        .collect();
    densify(level, &grid, &second, start)
}

/// Every pixel takes the mean of the patches over it, each weighted by how well it explains the pixel.
fn densify(level: &Level, grid: &Grid, matches: &[Match], mut field: Field) -> Field {
    let w = level.a.width();
    let columns = grid.xs.len();
    let over = |at: &[usize], p: usize| {
        let first = at.partition_point(|&s| s + PATCH <= p);
        let end = at.partition_point(|&s| s <= p);
        first..end
    };
    let across: Vec<_> = (0..w).map(|x| over(&grid.xs, x)).collect();
    let (u, v) = field.parts_mut();
    (u.par_chunks_mut(w), v.par_chunks_mut(w)).into_par_iter().with_min_len(8).enumerate().for_each(
        |(y, (u, v))| {
            let rows = over(&grid.ys, y);
            let here = level.a.row(y);
            for x in 0..w {
                let (mut total, mut sum) = (1e-9f32, [0.0f32; 2]);
                for r in rows.clone() {
                    for c in across[x].clone() {
                        let m = &matches[r * columns + c];
                        let there = level.b.bilinear(x as f32 + 0.5 + m.u[0], y as f32 + 0.5 + m.u[1]);
                        let weight = 1.0 / (there - here[x] - m.mean).abs().max(1.0);
                        total += weight;
                        sum[0] += weight * m.u[0];
                        sum[1] += weight * m.u[1];
                    }
                }
                u[x] = sum[0] / total;
                v[x] = sum[1] / total;
            }
        },
    );
    field
}
