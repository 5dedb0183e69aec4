//! A face put where its places were found: pose and expression in one linear step after another.
//!
//! The prior over expressions is a Gaussian process, so its mean given what was found is a linear solve over the places that
//! were found (Rasmussen and Williams 2006, chapter 2), and the pose is more of the same with a wide prior. Where an outline was found is one
//! number, along its normal, of four control points: it moves handles as well as knots.

use nalgebra::{DMatrix, DVector, Matrix2, Matrix2x3, Point2, RowSVector, RowVector3, Vector3};

use super::camera::{FREEDOM, Pose};
use super::layout::Layout;
use super::matching::Found;
use super::prior::Prior;
use super::ribbon::shares;
use super::rim;
use super::solid::Solid;

/// How far one step may take the pose: turn, log scale, shift in px.
const POSE_SD: [f64; FREEDOM] = [0.15, 0.15, 0.15, 0.1, 25.0, 25.0];
/// Linear steps to where the places are.
const STEPS: usize = 3;
/// Fewer places than this say nothing.
const FEWEST: usize = 6;
/// Standard deviation of an outline's place: at full correlation, and for each 1 less, px.
const RIBBON_SD: (f64, f64) = (3.0, 16.0);
/// As how many a segment's places count, and those of all segments about; those beside each other are taken together.
const RIBBONS: usize = 3;
const MOST_RIBBONS: usize = 300;
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

    /// The state nearest to the prior that has the places where they were found, and outlines go `along` where they were. What is further
    /// off than `outlier_px` counts less; with `free`, what is further off than an expression may take it.
    pub fn fitted(
        &self,
        state: &State,
        found: &[Option<Found>],
        along: &[rim::Found],
        outlier_px: f64,
        free: bool,
    ) -> State {
        let mut now = state.clone();
        for _ in 0..STEPS {
            now = self.step(&now, found, along, outlier_px, free);
        }
        now
    }

    fn step(
        &self,
        state: &State,
        found: &[Option<Found>],
        along: &[rim::Found],
        outlier_px: f64,
        free: bool,
    ) -> State {
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
                        variance += (part * self.prior.block(i, i) * part.transpose())[0];
                        parts.push((i, part));
                    }
                    let free = if free { 2.0 * variance } else { 0.0 };
                    let sd = RIBBON_SD.0 + RIBBON_SD.1 * (1.0 - found.score);
                    let noise = sd * sd * (1.0 + off * off / (outlier_px * outlier_px + free));
                    Row { pose, noise, ..lever(parts, off) }
                });
                rows.extend(Row::mean(ribbons));
            }
        }
        self.explained(state, mean, rows)
    }

    /// The variance of a place as it is seen, both ways together, px².
    fn variance(&self, place: usize, by_place: &Matrix2x3<f64>) -> f64 {
        (by_place * self.prior.block(place, place) * by_place.transpose()).trace()
    }

    /// The state that the rows make likeliest.
    fn explained(&self, state: &State, mean: Vec<Vector3<f64>>, mut rows: Vec<Row>) -> State {
        let all = self.solid.base.len();
        let scaled = |row: &mut Row| row.pose.iter_mut().zip(POSE_SD).for_each(|(v, sd)| *v *= sd);
        rows.iter_mut().for_each(scaled);
        // The covariance of all places with each row.
        let mut pulls: Vec<Vec<Vector3<f64>>> = Vec::with_capacity(rows.len());
        for row in &rows {
            let pull = |i: usize| {
                row.parts
                    .iter()
                    .map(|(j, part)| self.prior.block(i, *j) * part.transpose())
                    .sum::<Vector3<f64>>()
            };
            pulls.push((0..all).map(pull).collect());
        }
        let mut matrix = DMatrix::<f64>::zeros(rows.len(), rows.len());
        for (a, row) in rows.iter().enumerate() {
            for (b, other) in rows.iter().enumerate().take(a + 1) {
                let by_places: f64 = row.parts.iter().map(|(i, part)| (part * pulls[b][*i])[0]).sum();
                let noise = if a == b {
                    row.noise
                } else if a == b + 1 {
                    row.shared
                } else {
                    0.0
                };
                matrix[(a, b)] = by_places + row.pose.dot(&other.pose) + noise;
            }
        }
        let Some(factor) = matrix.cholesky() else { return state.clone() };
        let weights = factor.solve(&DVector::from_iterator(rows.len(), rows.iter().map(|r| r.rest)));
        let (mut turn, mut offsets) = (RowVector::zeros(), mean);
        for ((row, pull), weight) in rows.iter().zip(&pulls).zip(weights.iter()) {
            turn += row.pose * *weight;
            offsets.iter_mut().zip(pull).for_each(|(offset, pull)| *offset += pull * *weight);
        }
        let step: [f64; FREEDOM] = std::array::from_fn(|c| turn[c] * POSE_SD[c]);
        State { pose: state.pose.moved(&step), offsets }
    }
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
