//! Fewer keys still, by leaving the solved values: each key free to lie where the frames around it want it.

use crate::Interp;
use crate::interpolate::weights;
use kurbo::Vec2;

use super::rows::Rows;

/// Keys on each side of a change whose values follow it.
const AROUND: usize = 3;
/// Rounds of weighting the worst frames more.
const ROUNDS: usize = 12;
/// How far a key is moved in time to make room for the loss of its neighbour, frames.
const SHIFT: isize = 2;
/// Keys that do the least harm go first: shares of the tolerance, one pass each.
const PASSES: [f64; 5] = [0.2, 0.4, 0.6, 0.8, 1.0];
/// Passes at the full tolerance, each after the last one found something to drop.
const MOST_PASSES: usize = 6;
/// A first fit that misses by this many tolerances is not mended by weights.
const HOPELESS: f64 = 2.5;
/// A frame's weight never falls below this, so that it is not lost sight of.
const LEAST_WEIGHT: f64 = 1e-3;

/// A key to be.
#[derive(Clone, Debug)]
pub(super) struct Knot {
    pub row: usize,
    pub interp: Interp,
    /// Its value may not change.
    pub fixed: bool,
    /// It may neither go nor move in time.
    pub stays: bool,
    pub value: Vec<Vec2>,
}

/// Drops keys as long as values of the others can be found that keep every row within the tolerance.
pub(super) fn thin(rows: &Rows, mut knots: Vec<Knot>, tolerance_px: f64) -> Vec<Knot> {
    for share in PASSES {
        pass(rows, &mut knots, share * tolerance_px, false);
    }
    for _ in 0..MOST_PASSES {
        if !pass(rows, &mut knots, tolerance_px, true) {
            break;
        }
    }
    knots
}

/// Tries every key once; says whether one could go.
fn pass(rows: &Rows, knots: &mut Vec<Knot>, tolerance_px: f64, shifts: bool) -> bool {
    let mut dropped = false;
    let mut i = 1;
    while i + 1 < knots.len() {
        if !may_go(knots, i) {
            i += 1;
        } else if drop_one(rows, knots, i, tolerance_px, shifts) {
            dropped = true;
        } else {
            i += 1;
        }
    }
    dropped
}

/// A hold ends at the key after it.
fn may_go(knots: &[Knot], i: usize) -> bool {
    !knots[i].stays && i > 0 && knots[i - 1].interp != Interp::Hold
}

fn drop_one(rows: &Rows, knots: &mut Vec<Knot>, i: usize, tolerance_px: f64, shifts: bool) -> bool {
    let gone = knots.remove(i);
    match refit(rows, knots, i, tolerance_px) {
        Fit::Within(values) => {
            take(knots, values);
            return true;
        }
        Fit::Near if shifts => {
            let before = [i - 1, i].map(|k| knots[k].row);
            for by in shifts_of_two() {
                if shift(rows, knots, i, by)
                    && let Fit::Within(values) = refit(rows, knots, i, tolerance_px)
                {
                    take(knots, values);
                    return true;
                }
                (knots[i - 1].row, knots[i].row) = (before[0], before[1]);
            }
        }
        _ => {}
    }
    knots.insert(i, gone);
    false
}

fn shifts_of_two() -> impl Iterator<Item = [isize; 2]> {
    (-SHIFT..=SHIFT).flat_map(|a| (-SHIFT..=SHIFT).map(move |b| [a, b])).filter(|by| *by != [0, 0])
}

/// Moves the keys on both sides of the gap before key `i` in time; says whether that leaves a possible order.
fn shift(rows: &Rows, knots: &mut [Knot], i: usize, by: [isize; 2]) -> bool {
    for (k, by) in [(i - 1, by[0]), (i, by[1])] {
        if by == 0 {
            continue;
        }
        match knots[k].row.checked_add_signed(by) {
            Some(row) if may_go(knots, k) && row < rows.frames.len() && !rows.is_held(row) => {
                knots[k].row = row
            }
            _ => return false,
        }
    }
    let around = i.saturating_sub(2)..(i + 2).min(knots.len());
    knots[around].windows(2).all(|w| w[0].row < w[1].row)
}

fn take(knots: &mut [Knot], values: Vec<(usize, Vec<Vec2>)>) {
    for (k, value) in values {
        knots[k].value = value;
    }
}

enum Fit {
    /// These values keep every row within the tolerance.
    Within(Vec<(usize, Vec<Vec2>)>),
    /// None were found.
    Near,
    /// Far from it.
    Far,
}

/// Values of the keys around number `i` that bring the largest miss of the rows there down, at best within the tolerance:
/// least squares with each frame's weight grown by its miss (Lawson 1961), as least squares alone mind the mean.
fn refit(rows: &Rows, knots: &[Knot], i: usize, tolerance_px: f64) -> Fit {
    let (from, to) = (i.saturating_sub(AROUND), (i + AROUND).min(knots.len()));
    let free: Vec<usize> = (from..to).filter(|k| !knots[*k].fixed).collect();
    // A key shapes the two spans on each side of it.
    let first = knots[from.saturating_sub(2)].row;
    let last = knots[(to + 1).min(knots.len() - 1)].row;
    let key = |k: usize| (rows.frames[knots[k].row], knots[k].interp);
    let equations: Vec<Equation> = (first..=last)
        .map(|row| {
            let parts = weights(knots.len(), key, rows.frames[row]);
            Equation::new(rows, row, &parts, &free, knots)
        })
        .collect();
    let mut importance = vec![1.0; equations.len()];
    let limit = tolerance_px * (1.0 - 1e-9);
    for round in 0..ROUNDS {
        let Some(solver) = Normal::new(&equations, &importance, free.len()) else { return Fit::Far };
        let solution = solver.solve(&equations, &importance, rows.measured);
        let misses: Vec<f64> = equations.iter().map(|e| e.miss_px(&solution, rows)).collect();
        let worst = misses.iter().fold(0.0, |a: f64, b| a.max(*b));
        if worst <= limit {
            let columns = rows.values[0].len();
            let values = solver.solve(&equations, &importance, columns);
            return Fit::Within(free.into_iter().zip(values).collect());
        }
        if free.is_empty() || round == 0 && worst > HOPELESS * tolerance_px {
            return Fit::Far;
        }
        for (w, miss) in importance.iter_mut().zip(&misses) {
            *w = (*w * miss / worst).max(LEAST_WEIGHT);
        }
    }
    Fit::Near
}

/// One row: what a weighted sum of free keys should be, column by column, with the known keys' part taken off.
struct Equation {
    /// By position among the free keys.
    free: Vec<(usize, f64)>,
    wanted: Vec<Vec2>,
    row: usize,
}

impl Equation {
    fn new(rows: &Rows, row: usize, parts: &[(usize, f64); 4], free: &[usize], knots: &[Knot]) -> Self {
        let mut out = Equation { free: Vec::with_capacity(4), wanted: rows.values[row].clone(), row };
        for &(k, weight) in parts.iter().filter(|(k, w)| *w != 0.0 && *k < knots.len()) {
            match free.binary_search(&k) {
                Ok(i) => out.free.push((i, weight)),
                Err(_) => add(&mut out.wanted, &knots[k].value, -weight),
            }
        }
        out
    }

    /// The largest miss of what these values make in the measured columns, px.
    fn miss_px(&self, values: &[Vec<Vec2>], rows: &Rows) -> f64 {
        let mut rest = self.wanted[..rows.measured].to_vec();
        for (i, w) in &self.free {
            add(&mut rest, &values[*i], -w);
        }
        rows.miss_px(self.row, rest.into_iter())
    }
}

/// Normal equations of a few free keys, by their Cholesky factor (row by row, lower triangle).
struct Normal {
    factor: Vec<Vec<f64>>,
}

impl Normal {
    fn new(equations: &[Equation], importance: &[f64], count: usize) -> Option<Self> {
        let mut m = vec![vec![0.0; count]; count];
        for (e, w) in equations.iter().zip(importance) {
            for (i, a) in &e.free {
                for (j, b) in &e.free {
                    m[*i][*j] += w * a * b;
                }
            }
        }
        let mut factor = vec![vec![0.0; count]; count];
        for i in 0..count {
            for j in 0..=i {
                let sum: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
                let rest = m[i][j] - sum;
                factor[i][j] = if i == j { rest.sqrt() } else { rest / factor[j][j] };
            }
            if factor[i][i].is_nan() || factor[i][i] < 1e-12 {
                return None;
            }
        }
        Some(Normal { factor })
    }

    /// The free keys' values in the first `columns` columns.
    fn solve(&self, equations: &[Equation], importance: &[f64], columns: usize) -> Vec<Vec<Vec2>> {
        let count = self.factor.len();
        let mut out = vec![vec![Vec2::ZERO; columns]; count];
        for (e, w) in equations.iter().zip(importance).filter(|(e, _)| !e.free.is_empty()) {
            for (i, a) in &e.free {
                add(&mut out[*i], &e.wanted, *w * *a);
            }
        }
        for i in 0..count {
            let (done, rest) = out.split_at_mut(i);
            for (row, factor) in done.iter().zip(&self.factor[i]) {
                add(&mut rest[0], row, -factor);
            }
            rest[0].iter_mut().for_each(|v| *v /= self.factor[i][i]);
        }
        for i in (0..count).rev() {
            let (rest, done) = out.split_at_mut(i + 1);
            for (row, factor) in done.iter().zip(&self.factor[i + 1..]) {
                add(&mut rest[i], row, -factor[i]);
            }
            rest[i].iter_mut().for_each(|v| *v /= self.factor[i][i]);
        }
        out
    }
}

fn add(to: &mut [Vec2], values: &[Vec2], times: f64) {
    for (sum, v) in to.iter_mut().zip(values) {
        *sum += *v * times;
    }
}
