//! A face put where its places were found: pose and expression in one linear step after another.
//!
//! The prior over expressions is a Gaussian process, so its mean given what was found is a linear solve over the places that
//! were found (Rasmussen and Williams 2006, chapter 2), and the pose is more of the same with a wide prior. Where an outline was found is one
//! number, along its normal, of four control points: it moves handles as well as knots.

use nalgebra::{Matrix2, Matrix2x3, Point2, RowSVector, RowVector3, Vector3};
use rayon::prelude::*;

use super::camera::{FREEDOM, Pose};
use super::cholesky::Lower;
use super::layout::Layout;
use super::matching::Found;
use super::prior::Prior;
use super::ribbon::shares;
use super::rim;
use super::solid::Solid;
use crate::image::wide;

/// How far one step may take the pose: turn, log scale, shift in px.
const POSE_SD: [f64; FREEDOM] = [0.15, 0.15, 0.15, 0.1, 25.0, 25.0];
/// Linear steps to where the places are.
const STEPS: usize = 3;
/// Fewer places than this say nothing.
const FEWEST: usize = 6;
/// As how many a segment's places count, and those of all segments about; those beside each other are taken together.
const RIBBONS: usize = 3;
const MOST_RIBBONS: usize = 300;
/// How much outlines count as outliers while they may be far off: their places are a path already, in which each has its neighbours' word.
const FAR_OUTLIER: f64 = 0.2;
/// And where colours alone find an outline.
const SURE_OUTLIER: f64 = 0.05;
/// Places by which a piece of picture is warped.
const NEIGHBOURS: usize = 14;

/// What was learned, ready to be fitted.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub layout: Layout,
    pub solid: Solid,
    pub prior: Prior,
    /// For each place of the core those near it.
    pub neighbours: Vec<Vec<usize>>,
    /// For each place of the core whether it moves by itself.
    pub roaming: Vec<bool>,
}

/// The face in one frame.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub pose: Pose,
    /// Of every place off the solid.
    pub offsets: Vec<Vector3<f64>>,
}

/// What was found on a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    /// Each place of the core.
    pub found: &'a [Option<Found>],
    /// Places on outlines.
    pub along: &'a [rim::Found],
    /// What is further off than this counts less.
    pub outlier_px: f64,
    /// Or only what is further off than an expression may take it.
    pub free: bool,
    /// Outlines may be far off.
    pub far: bool,
}

impl Model {
    /// Of keyed pictures; their expressions are offsets at every place.
    pub fn new(layout: Layout, solid: Solid, expressions: &[Vec<Vector3<f64>>]) -> Model {
        let roaming = layout.roaming(&solid.base);
        let prior = Prior::new(&layout, &solid, expressions, &roaming);
        let near = |i: usize| {
            let mut others: Vec<usize> = (0..layout.core).filter(|&j| j != i && !roaming[j]).collect();
            let distance = |j: usize| (solid.base[i] - solid.base[j]).norm_squared();
            others.sort_by(|&a, &b| distance(a).total_cmp(&distance(b)));
            others.truncate(NEIGHBOURS);
            others
        };
        let neighbours = (0..layout.core).map(near).collect();
        Model { neighbours, prior, layout, solid, roaming }
    }

    /// Where every place is seen, px.
    pub fn places(&self, state: &State) -> Vec<Point2<f64>> {
        let seen = |(base, offset): (&Vector3<f64>, &Vector3<f64>)| state.pose.project(&(base + offset));
        self.solid.base.iter().zip(&state.offsets).map(seen).collect()
    }

    /// The state nearest to the prior that has places and outlines where they were found.
    pub fn fitted(&self, state: &State, evidence: &Evidence<'_>) -> State {
        (0..STEPS).fold(state.clone(), |now, _| self.step(&now, evidence))
    }

    fn step(&self, state: &State, evidence: &Evidence<'_>) -> State {
        let Evidence { found, along, outlier_px, free, far } = *evidence;
        let mean = self.prior.mean(&state.pose);
        let lever = |parts: Vec<(usize, RowVector3<f64>)>, off: f64| {
            let rest = parts.iter().map(|(i, part)| (part * (state.offsets[*i] - mean[*i]))[0]).sum::<f64>();
            Row { parts, pose: RowVector::zeros(), rest: off + rest, noise: 0.0, shared: 0.0 }
        };
        let places = self.places(state);
        let mut rows: Vec<Row> = Vec::with_capacity(2 * found.len() + along.len());
        for (i, found) in found.iter().enumerate().take(self.layout.core) {
            let Some(found) = found else { continue };
            let place = self.solid.base[i] + state.offsets[i];
            let (by_place, by_pose) = (state.pose.by_place(&place), state.pose.by_pose(&place));
            let off = found.at - places[i];
            let free = if free { self.variance(i, &by_place) / 2.0 } else { 0.0 };
            let outlier =
                if self.roaming[i] { 0.0 } else { off.norm_squared() / (outlier_px * outlier_px + free) };
            let information = found.information / (1.0 + outlier) + Matrix2::identity() * 1e-4;
            let noise = information.try_inverse().unwrap_or_else(|| Matrix2::identity() * 1e4);
            for r in 0..2 {
                let mut row = lever(vec![(i, by_place.row(r).into_owned())], off[r]);
                if !self.roaming[i] {
                    row.pose = by_pose.row(r).into_owned();
                }
                (row.noise, row.shared) = (noise[(r, r)], if r == 1 { noise[(0, 1)] } else { 0.0 });
                rows.push(row);
            }
        }
        if rows.len() < 2 * FEWEST {
            return state.clone();
        }
        let segments = || along.chunk_by(|a, b| a.knots == b.knots);
        let doubt = if far { FAR_OUTLIER } else { 1.0 };
        let most = (MOST_RIBBONS / segments().count().max(1)).clamp(1, RIBBONS);
        for same in segments() {
            let groups = same.len().min(most);
            for g in 0..groups {
                let group = &same[g * same.len() / groups..(g + 1) * same.len() / groups];
                let ribbons = group.iter().map(|found| {
                    let four = self.layout.segment(found.knots);
                    let normal = found.normal.transpose();
                    let (mut parts, mut pose) = (Vec::with_capacity(4), RowVector::zeros());
                    let (mut off, mut variance) = (found.normal.dot(&found.at.coords), 0.0);
                    for (i, share) in four.into_iter().zip(shares(found.t)) {
                        let place = self.solid.base[i] + state.offsets[i];
                        let part = normal * state.pose.by_place(&place) * share;
                        pose += normal * state.pose.by_pose(&place) * share;
                        off -= share * found.normal.dot(&places[i].coords);
                        variance += (part * self.prior.block(i) * part.transpose())[0];
                        parts.push((i, part));
                    }
                    let free = if free { 2.0 * variance } else { 0.0 };
                    let doubt = if found.sure { SURE_OUTLIER } else { doubt };
                    let noise =
                        found.sd * found.sd * (1.0 + doubt * off * off / (outlier_px * outlier_px + free));
                    Row { pose, noise, ..lever(parts, off) }
                });
                rows.extend(Row::mean(ribbons));
            }
        }
        self.explained(state, mean, rows)
    }

    /// The variance of a place as it is seen, both ways together, px².
    fn variance(&self, place: usize, by_place: &Matrix2x3<f64>) -> f64 {
        (by_place * self.prior.block(place) * by_place.transpose()).trace()
    }

    /// The state that the rows make likeliest.
    fn explained(&self, state: &State, mean: Vec<Vector3<f64>>, mut rows: Vec<Row>) -> State {
        let scaled = |row: &mut Row| row.pose.iter_mut().zip(POSE_SD).for_each(|(v, sd)| *v *= sd);
        rows.iter_mut().for_each(scaled);
        let side = 3 * self.solid.base.len();
        let filled = |a: usize, entries: &mut [f64]| {
            let row = &rows[a];
            // The covariance of all places with this row.
            let mut pull = vec![0.0f32; side];
            for (i, part) in &row.parts {
                add(&mut pull, self.prior.rows(*i), [0, 1, 2].map(|axis| part[axis] as f32));
            }
            for (entry, other) in entries.iter_mut().zip(&rows) {
                let by_places = other.parts.iter().map(|(i, part)| {
                    let pull = &pull[3 * i..3 * i + 3];
                    part[0] * f64::from(pull[0]) + part[1] * f64::from(pull[1]) + part[2] * f64::from(pull[2])
                });
                *entry = by_places.sum::<f64>() + row.pose.dot(&other.pose);
            }
            entries[a] += row.noise;
            if a > 0 {
                entries[a - 1] += row.shared;
            }
        };
        let rests: Vec<f64> = rows.iter().map(|row| row.rest).collect();
        let Some(weights) = Lower::new(rows.len(), filled).solved(&rests) else { return state.clone() };
        let (mut turn, mut pulled) = (RowVector::zeros(), vec![0.0; side]);
        for (row, weight) in rows.iter().zip(weights) {
            turn += row.pose * weight;
            for (i, part) in &row.parts {
                (0..3).for_each(|axis| pulled[3 * i + axis] += part[axis] * weight);
            }
        }
        let moved = |(i, mean): (usize, &Vector3<f64>)| {
            mean + Vector3::from(self.prior.rows(i).map(|row| product(row, &pulled)))
        };
        let offsets = mean.par_iter().enumerate().map(moved).collect();
        let step: [f64; FREEDOM] = std::array::from_fn(|c| turn[c] * POSE_SD[c]);
        State { pose: state.pose.moved(&step), offsets }
    }
}

/// Adds rows, each as often as it counts.
fn add(sum: &mut [f32], rows: [&[f32]; 3], counts: [f32; 3]) {
    wide(
        #[inline(always)]
        || {
            let rows = rows[0].iter().zip(rows[1]).zip(rows[2]);
            for (sum, ((x, y), z)) in sum.iter_mut().zip(rows) {
                *sum += counts[0] * x + counts[1] * y + counts[2] * z;
            }
        },
    );
}

/// Eight sums at a time, so that the compiler may use wide registers.
fn product(a: &[f32], b: &[f64]) -> f64 {
    let mut sums = [0.0f64; 8];
    wide(
        #[inline(always)]
        || {
            let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
            let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| f64::from(*a) * b).sum();
            sums[0] += rest;
            for (a, b) in a.zip(b) {
                for l in 0..8 {
                    sums[l] += f64::from(a[l]) * b[l];
                }
            }
        },
    );
    sums.iter().sum()
}

type RowVector = RowSVector<f64, FREEDOM>;

/// One number that was seen, which some places and the pose make, each as far as it moves.
struct Row {
    parts: Vec<(usize, RowVector3<f64>)>,
    pose: RowVector,
    /// What is left of it for the offsets and a step of the pose.
    rest: f64,
    /// Its variance, and what it shares with the row before.
    noise: f64,
    shared: f64,
}

impl Row {
    /// Of rows of the same places, as one of them all.
    fn mean(rows: impl Iterator<Item = Row>) -> Option<Row> {
        let sum = |mut sum: Row, row: Row| {
            sum.parts.iter_mut().zip(&row.parts).for_each(|(s, r)| s.1 += r.1);
            Row { pose: sum.pose + row.pose, rest: sum.rest + row.rest, noise: sum.noise + row.noise, ..sum }
        };
        // Weighted by their information, which adds up.
        let weighted = rows.map(|mut row| {
            let weight = 1.0 / row.noise;
            row.parts.iter_mut().for_each(|p| p.1 *= weight);
            Row { pose: row.pose * weight, rest: row.rest * weight, noise: weight, ..row }
        });
        let mut mean = weighted.reduce(sum)?;
        let total = mean.noise;
        mean.parts.iter_mut().for_each(|p| p.1 /= total);
        Some(Row { pose: mean.pose / total, rest: mean.rest / total, noise: 1.0 / total, ..mean })
    }
}
