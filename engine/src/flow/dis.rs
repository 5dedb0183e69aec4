//! Dense inverse search: overlapping patches matched by gradient descent, then averaged into a dense field
//! (Kroeger et al., ECCV 2016, sections 2.1 and 2.2), with the neighbours' results tried as further starts.

use rayon::prelude::*;

use super::Field;
use super::options::Plan;
use super::prepare::Level;
use super::region::Region;
use super::stop::Stop;
use crate::image::{Plane, wide};

/// Side of a patch, px.
const PATCH: usize = 8;
const AREA: f32 = (PATCH * PATCH) as f32;
/// Added to the structure tensor's diagonal: a flat wall's noise shall not move a patch.
const FLAT: f32 = AREA * 2.0;
/// A step under this many px ends the descent.
const STILL: f32 = 0.01;

/// A match: displacement in px and its mean-free sum of squared differences.
#[derive(Clone, Copy, Default)]
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
    fn new(region: Region, stride: usize) -> Self {
        let along = |first: usize, size: usize| {
            let last = first + size - PATCH;
            let mut at: Vec<usize> = (first..=last).step_by(stride).collect();
            if at.last() != Some(&last) {
                at.push(last);
            }
            at
        };
        Grid { xs: along(region.left, region.width), ys: along(region.top, region.height) }
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

    /// Where the patch at `(x, y)` px of the plane begins, and the weights of its four whole-pixel neighbours.
    #[inline(always)]
    fn place(&self, x: f32, y: f32) -> (usize, [f32; 4]) {
        let x = (x + PAD as f32).clamp(0.0, (self.width - PATCH - 2) as f32);
        let y = (y + PAD as f32).clamp(0.0, (self.height - PATCH - 2) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let weights = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
        (y0 * self.width + x0, weights)
    }

    /// Row `j` of a patch at a [place](Padded::place).
    #[inline(always)]
    fn patch_row(&self, (at, weights): (usize, [f32; 4]), j: usize) -> [f32; PATCH] {
        let at = at + j * self.width;
        let top = &self.data[at..at + PATCH + 1];
        let bottom = &self.data[at + self.width..at + self.width + PATCH + 1];
        let mut out = [0.0; PATCH];
        for (i, o) in out.iter_mut().enumerate() {
            *o = (weights[0] * top[i] + weights[1] * top[i + 1])
                + (weights[2] * bottom[i] + weights[3] * bottom[i + 1]);
        }
        out
    }
}

/// A patch's values, row by row.
type Patch = [[f32; PATCH]; PATCH];

/// What does not change while a patch is matched.
struct Template {
    at: [f32; 2],
    value: Patch,
    dx: Patch,
    dy: Patch,
    inverse: [f32; 3],
}

/// What a template and a place in the other picture have to say to each other.
struct Comparison {
    cost: f32,
    mean: f32,
    gradient: [f32; 2],
}

impl Template {
    #[inline(always)]
    fn new(a: &Padded, x: usize, y: usize) -> Self {
        let at = [x as f32, y as f32];
        let stride = a.width;
        let origin = (y + PAD) * stride + x + PAD;
        let [mut value, mut dx, mut dy] = [[[0.0f32; PATCH]; PATCH]; 3];
        let mut sums = [[0.0f32; PATCH]; 5];
        for j in 0..PATCH {
            let row = origin + j * stride;
            let here = &a.data[row - 1..row + PATCH + 1];
            let above = &a.data[row - stride..row - stride + PATCH];
            let below = &a.data[row + stride..row + stride + PATCH];
            for i in 0..PATCH {
                let (gx, gy) = (0.5 * (here[i + 2] - here[i]), 0.5 * (below[i] - above[i]));
                value[j][i] = here[i + 1];
                dx[j][i] = gx;
                dy[j][i] = gy;
                sums[0][i] += gx;
                sums[1][i] += gy;
                sums[2][i] += gx * gx;
                sums[3][i] += gx * gy;
                sums[4][i] += gy * gy;
            }
        }
        let [x, y, xx, xy, yy] = sums.map(total);
        let (xx, xy, yy) = (xx - x * x / AREA + FLAT, xy - x * y / AREA, yy - y * y / AREA + FLAT);
        let scale = 1.0 / (xx * yy - xy * xy);
        let inverse = [yy * scale, -xy * scale, xx * scale];
        let (mx, my) = (x / AREA, y / AREA);
        for j in 0..PATCH {
            for i in 0..PATCH {
                dx[j][i] -= mx;
                dy[j][i] -= my;
            }
        }
        Template { at, value, dx, dy, inverse }
    }

    /// Differences to `b` at displacement `u`, free of their mean.
    #[inline(always)]
    fn compare(&self, b: &Padded, u: [f32; 2]) -> Comparison {
        let place = b.place(self.at[0] + u[0], self.at[1] + u[1]);
        let [mut sum, mut squares, mut gx, mut gy] = [[0.0f32; PATCH]; 4];
        for j in 0..PATCH {
            let moved = b.patch_row(place, j);
            for i in 0..PATCH {
                let d = moved[i] - self.value[j][i];
                sum[i] += d;
                squares[i] += d * d;
                gx[i] += d * self.dx[j][i];
                gy[i] += d * self.dy[j][i];
            }
        }
        let [sum, squares, gx, gy] = [total(sum), total(squares), total(gx), total(gy)];
        let mean = sum / AREA;
        Comparison { cost: (squares - sum * mean).max(0.0), mean, gradient: [gx, gy] }
    }

    /// Gradient descent from `start`, which stays the result if nothing better is found within a patch's width.
    #[inline(always)]
    fn descend(&self, b: &Padded, start: [f32; 2], steps: usize) -> Match {
        let mut best = Match { u: start, cost: f32::INFINITY, mean: 0.0 };
        let mut u = start;
        for _ in 0..steps {
            let Comparison { cost, mean, gradient: [gx, gy] } = self.compare(b, u);
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

    /// The best of a match and its neighbours' displacements, improved once more if it is a neighbour's.
    #[inline(always)]
    fn adopt(&self, b: &Padded, own: Match, neighbours: [Option<Match>; 4], steps: usize) -> Match {
        let mut best = own;
        for neighbour in neighbours.into_iter().flatten() {
            let Comparison { cost, mean, .. } = self.compare(b, neighbour.u);
            if cost < best.cost {
                best = Match { u: neighbour.u, cost, mean };
            }
        }
        if best.u == own.u {
            return best;
        }
        let better = self.descend(b, best.u, steps);
        if better.cost < best.cost { better } else { best }
    }
}

/// The sum of eight values, always in the same order.
#[inline(always)]
fn total(v: [f32; PATCH]) -> f32 {
    ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]))
}

/// The dense field of one level, from a start (the coarser level's result, doubled).
pub(super) fn search(level: &Level, start: Field, plan: &Plan, region: Region, stop: &Stop) -> Field {
    if region.width < PATCH || region.height < PATCH {
        return start;
    }
    let (a, b) = (Padded::new(&level.a), Padded::new(&level.b));
    let grid = Grid::new(region, plan.stride);
    let columns = grid.xs.len();
    let count = columns * grid.ys.len();
    let mut first = vec![Match::default(); count];
    first.par_chunks_mut(columns).enumerate().for_each(|(row, out)| {
        if stop.is_set() {
            return;
        }
        wide(
            #[inline(always)]
            || {
                for (out, &x) in out.iter_mut().zip(&grid.xs) {
                    let y = grid.ys[row];
                    let from = start.at(x + PATCH / 2, y + PATCH / 2);
                    *out = Template::new(&a, x, y).descend(&b, from, plan.patch_steps);
                }
            },
        );
    });
    let mut second = vec![Match::default(); count];
    second.par_chunks_mut(columns).enumerate().for_each(|(row, out)| {
        if stop.is_set() {
            return;
        }
        wide(
            #[inline(always)]
            || {
                for (column, out) in out.iter_mut().enumerate() {
                    let i = row * columns + column;
                    let neighbours = [
                        (column > 0).then(|| first[i - 1]),
                        (column + 1 < columns).then(|| first[i + 1]),
                        (row > 0).then(|| first[i - columns]),
                        first.get(i + columns).copied(),
                    ];
                    let template = Template::new(&a, grid.xs[column], grid.ys[row]);
                    *out = template.adopt(&b, first[i], neighbours, plan.patch_steps);
                }
            },
        );
    });
    densify(&level.a, &b, &grid, &second, start, region)
}

/// Rows that [`densify`] makes at once.
const BAND: usize = PATCH;

/// Every pixel of the region takes the mean of the patches over it, each weighted by how well it explains the pixel.
fn densify(a: &Plane, b: &Padded, grid: &Grid, matches: &[Match], mut field: Field, region: Region) -> Field {
    let (w, width) = (a.width(), region.width);
    let columns = grid.xs.len();
    let (u, v) = field.parts_mut();
    let rows = region.top * w..(region.top + region.height) * w;
    let (u, v) = (&mut u[rows.clone()], &mut v[rows]);
    (u.par_chunks_mut(w * BAND), v.par_chunks_mut(w * BAND)).into_par_iter().enumerate().for_each_init(
        || [vec![0.0f32; width * BAND], vec![0.0f32; width * BAND], vec![0.0f32; width * BAND]],
        |sums, (band, (u, v))| {
            let top = region.top + band * BAND;
            let rows = top..top + u.len() / w;
            sums.iter_mut().for_each(|s| s.fill(0.0));
            let [weights, sum_u, sum_v] = sums;
            let first = grid.ys.partition_point(|&y| y + PATCH <= rows.start);
            let end = grid.ys.partition_point(|&y| y < rows.end);
            wide(
                #[inline(always)]
                || {
                    for r in first..end {
                        let y0 = grid.ys[r];
                        for (m, &x) in matches[r * columns..(r + 1) * columns].iter().zip(&grid.xs) {
                            let place = b.place(x as f32 + m.u[0], y0 as f32 + m.u[1]);
                            for y in y0.max(rows.start)..(y0 + PATCH).min(rows.end) {
                                let at = (y - rows.start) * width + x - region.left;
                                let range = at..at + PATCH;
                                let weight = weights_of(b.patch_row(place, y - y0), &a.row(y)[x..], m.mean);
                                add(&mut weights[range.clone()], weight, 1.0);
                                add(&mut sum_u[range.clone()], weight, m.u[0]);
                                add(&mut sum_v[range], weight, m.u[1]);
                            }
                        }
                    }
                    for (out, sum) in [(&mut *u, &mut *sum_u), (&mut *v, &mut *sum_v)] {
                        for (j, out) in out.chunks_exact_mut(w).enumerate() {
                            let out = &mut out[region.left..region.left + width];
                            let (sum, weights) = (&sum[j * width..], &weights[j * width..]);
                            for ((out, sum), weight) in out.iter_mut().zip(sum).zip(weights) {
                                *out = sum / weight;
                            }
                        }
                    }
                },
            );
        },
    );
    field
}

/// How well a row of a patch explains what is `here`.
#[inline(always)]
fn weights_of(there: [f32; PATCH], here: &[f32], mean: f32) -> [f32; PATCH] {
    let here = &here[..PATCH];
    let mut out = [0.0; PATCH];
    for i in 0..PATCH {
        let miss = (there[i] - here[i] - mean).abs();
        out[i] = 1.0 / if miss > 1.0 { miss } else { 1.0 };
    }
    out
}

#[inline(always)]
fn add(sums: &mut [f32], weight: [f32; PATCH], value: f32) {
    for (s, w) in sums.iter_mut().zip(weight) {
        *s += w * value;
    }
}
