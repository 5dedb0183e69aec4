//! Red-black successive over-relaxation on a picture's grid, for any number of threads the same.
//!
//! The two colours of the checkerboard lie in arrays of their own, row by row: a sweep then reads and writes
//! neighbouring memory, and the compiler can use wide registers.

use rayon::prelude::*;

use crate::image::rows_per_task;

/// How far a sweep overshoots.
const OMEGA: f32 = 1.9;

/// A value for every pixel, split by the colour of the checkerboard. Each row has one spare value at each end.
#[derive(Clone, Debug)]
pub(super) struct Checker {
    colours: [Vec<f32>; 2],
    width: usize,
    stride: usize,
}

impl Checker {
    pub fn new(width: usize, height: usize) -> Self {
        let stride = width.div_ceil(2) + 2;
        let one = vec![0.0; stride * height];
        Checker { colours: [one.clone(), one], width, stride }
    }

    /// Runs `row` on every row, given the two colours' slices (without the spare ends); the first holds the
    /// pixels whose column is even, the second those whose column is odd.
    pub fn fill(&mut self, row: impl Fn(usize, &mut [f32], &mut [f32]) + Sync) {
        let (stride, width) = (self.stride, self.width);
        let [red, black] = &mut self.colours;
        (red.par_chunks_mut(stride), black.par_chunks_mut(stride))
            .into_par_iter()
            .with_min_len(rows_per_task(width))
            .enumerate()
            .for_each(|(y, (red, black))| {
                let end = stride - 1;
                let (red, black) = (&mut red[1..end], &mut black[1..end]);
                if y % 2 == 0 { row(y, red, black) } else { row(y, black, red) }
            });
    }

    /// Takes over a row-by-row plane.
    pub fn load(&mut self, plane: &[f32]) {
        let width = self.width;
        self.fill(|y, even, odd| {
            let row = &plane[y * width..(y + 1) * width];
            for (o, v) in even.iter_mut().zip(row.iter().step_by(2)) {
                *o = *v;
            }
            for (o, v) in odd.iter_mut().zip(row.iter().skip(1).step_by(2)) {
                *o = *v;
            }
        });
    }

    /// Writes a row-by-row plane.
    pub fn store(&self, plane: &mut [f32]) {
        let (width, stride) = (self.width, self.stride);
        plane.par_chunks_mut(width).with_min_len(rows_per_task(width)).enumerate().for_each(|(y, row)| {
            for parity in 0..2 {
                let from = &self.colours[(y + parity) % 2][y * stride + 1..(y + 1) * stride - 1];
                for (o, v) in row.iter_mut().skip(parity).step_by(2).zip(from) {
                    *o = *v;
                }
            }
        });
    }
}

/// One pixel's equation; see [`System`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Equation {
    /// `m`'s inverse: first row's two values, then the lower right one; it is symmetric.
    pub inverse: [f32; 3],
    pub right: [f32; 2],
    /// Weights of the left, right, upper and lower neighbour; zero over the border.
    pub weights: [f32; 4],
}

const NUMBERS: usize = 9;

/// A linear system with two unknowns a pixel, coupled to the four neighbours by a shared weight:
/// `m [u v]' = right + sum of weight * neighbour`.
///
/// Row by row; in a row first the pixels of even columns, then those of odd ones; each as nine runs of numbers.
pub(super) struct System {
    data: Vec<f32>,
    width: usize,
    half: usize,
}

impl System {
    pub fn new(width: usize, height: usize) -> Self {
        let half = width.div_ceil(2);
        System { data: vec![0.0; half * 2 * NUMBERS * height], width, half }
    }

    /// Sets all equations, each from its column and row.
    pub fn fill(&mut self, equation: impl Fn(usize, usize) -> Equation + Sync) {
        let (half, width) = (self.half, self.width);
        self.data
            .par_chunks_mut(half * 2 * NUMBERS)
            .with_min_len(rows_per_task(self.width))
            .enumerate()
            .for_each(|(y, out)| {
                let mut runs = out.chunks_exact_mut(half);
                for parity in 0..2 {
                    let mut run: [&mut [f32]; NUMBERS] =
                        std::array::from_fn(|_| runs.next().unwrap_or_default());
                    for (k, x) in (parity..width).step_by(2).enumerate() {
                        let e = equation(x, y);
                        let [a, b, c] = e.inverse;
                        let [p, q] = e.right;
                        let [l, r, u, d] = e.weights;
                        for (run, v) in run.iter_mut().zip([a, b, c, p, q, l, r, u, d]) {
                            run[k] = v;
                        }
                    }
                }
            });
    }

    /// Improves `u` and `v` by `sweeps` sweeps over both colours.
    pub fn solve(&self, u: &mut Checker, v: &mut Checker, sweeps: usize) {
        for _ in 0..sweeps {
            for colour in 0..2 {
                self.half_sweep(u, v, colour);
            }
        }
    }

    fn half_sweep(&self, u: &mut Checker, v: &mut Checker, colour: usize) {
        let (width, stride, half) = (u.width, u.stride, self.half);
        let height = u.colours[0].len() / stride;
        let mut own_u = std::mem::take(&mut u.colours[colour]);
        let mut own_v = std::mem::take(&mut v.colours[colour]);
        let (other_u, other_v) = (&u.colours[1 - colour], &v.colours[1 - colour]);
        (own_u.par_chunks_mut(stride), own_v.par_chunks_mut(stride))
            .into_par_iter()
            .with_min_len(rows_per_task(width))
            .enumerate()
            .for_each(|(y, (own_u, own_v))| {
                // Own column 2k + parity: its row neighbours sit at k - 1 + parity and k + parity.
                let parity = (y + colour) % 2;
                let n = (width + 1 - parity) / 2;
                let row = y * stride + 1;
                let (left, right) = (row + parity - 1, row + parity);
                let up = if y > 0 { row - stride } else { row };
                let down = if y + 1 < height { row + stride } else { row };
                let runs = &self.data[(y * 2 + parity) * NUMBERS * half..][..NUMBERS * half];
                let run = |i: usize| &runs[i * half..i * half + n];
                let m = [run(0), run(1), run(2)];
                let b = [run(3), run(4)];
                let w = [run(5), run(6), run(7), run(8)];
                let around_u = [left, right, up, down].map(|s| &other_u[s..s + n]);
                let around_v = [left, right, up, down].map(|s| &other_v[s..s + n]);
                let (own_u, own_v) = (&mut own_u[1..1 + n], &mut own_v[1..1 + n]);
                for k in 0..n {
                    let mut p = b[0][k];
                    let mut q = b[1][k];
                    for d in 0..4 {
                        p += w[d][k] * around_u[d][k];
                        q += w[d][k] * around_v[d][k];
                    }
                    own_u[k] += OMEGA * (m[0][k] * p + m[1][k] * q - own_u[k]);
                    own_v[k] += OMEGA * (m[1][k] * p + m[2][k] * q - own_v[k]);
                }
            });
        u.colours[colour] = own_u;
        v.colours[colour] = own_v;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn planes_survive_the_checkerboard(w in 1usize..9, h in 1usize..7) {
            let plane: Vec<f32> = (0..w * h).map(|i| i as f32).collect();
            let mut checker = Checker::new(w, h);
            checker.load(&plane);
            let mut back = vec![0.0; w * h];
            checker.store(&mut back);
            prop_assert_eq!(back, plane);
        }

        /// A Poisson problem whose answer is known: the solver must find it.
        #[test]
        fn a_known_answer_is_found(w in 2usize..12, h in 2usize..12, a in -3.0..3.0f32) {
            let truth = |x: usize, y: usize| [a * x as f32, (y as f32) - a];
            let mut system = System::new(w, h);
            system.fill(|x, y| {
                    let near = [
                        (x > 0).then(|| truth(x - 1, y)),
                        (x + 1 < w).then(|| truth(x + 1, y)),
                        (y > 0).then(|| truth(x, y - 1)),
                        (y + 1 < h).then(|| truth(x, y + 1)),
                    ];
                    let weights = near.map(|n| if n.is_some() { 1.0 } else { 0.0 });
                    let m = 0.5 + weights.iter().sum::<f32>();
                    let mut right = truth(x, y).map(|t| m * t);
                    for n in near.into_iter().flatten() {
                        right = [right[0] - n[0], right[1] - n[1]];
                    }
                    Equation { inverse: [1.0 / m, 0.0, 1.0 / m], right, weights }
            });
            let (mut u, mut v) = (Checker::new(w, h), Checker::new(w, h));
            system.solve(&mut u, &mut v, 400);
            let (mut pu, mut pv) = (vec![0.0; w * h], vec![0.0; w * h]);
            u.store(&mut pu);
            v.store(&mut pv);
            for y in 0..h {
                for x in 0..w {
                    let t = truth(x, y);
                    prop_assert!((pu[y * w + x] - t[0]).abs() < 1e-2 && (pv[y * w + x] - t[1]).abs() < 1e-2);
                }
            }
        }
    }
}
