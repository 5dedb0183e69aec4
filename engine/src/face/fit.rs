//! A face put where its places were found: pose and expression in one linear step after another.
//!
//! The prior over expressions is a Gaussian process, so its mean given what was found is a linear solve over the places that
//! were found (Rasmussen and Williams 2006, chapter 2), and the pose is more of the same with a wide prior.

use nalgebra::{DMatrix, DVector, Matrix2, Matrix2x3, Point2, SMatrix, Vector2, Vector3};

use super::camera::{FREEDOM, Pose};
use super::layout::Layout;
use super::matching::Found;
use super::prior::Prior;
use super::solid::Solid;

/// How far one step may take the pose: turn, log scale, shift in px.
const POSE_SD: [f64; FREEDOM] = [0.15, 0.15, 0.15, 0.1, 25.0, 25.0];
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

    /// The state nearest to the prior that has the places where they were found. What is further off than `outlier_px`
    /// counts less; with `free`, what is further off than an expression may take it.
    pub fn fitted(&self, state: &State, found: &[Option<Found>], outlier_px: f64, free: bool) -> State {
        let mut now = state.clone();
        for _ in 0..3 {
            now = self.step(&now, found, outlier_px, free);
        }
        now
    }

    fn step(&self, state: &State, found: &[Option<Found>], outlier_px: f64, free: bool) -> State {
        let seen: Vec<usize> = (0..self.layout.core).filter(|&i| found[i].is_some()).collect();
        if seen.len() < 6 {
            return state.clone();
        }
        let size = 2 * seen.len();
        let mean = self.prior.mean(&state.pose);
        let pose_sd = SMatrix::<f64, FREEDOM, 1>::from(POSE_SD);
        let mut by_place: Vec<Matrix2x3<f64>> = Vec::with_capacity(seen.len());
        let mut by_pose: Vec<SMatrix<f64, 2, FREEDOM>> = Vec::with_capacity(seen.len());
        let mut rest = DVector::<f64>::zeros(size);
        let mut noise: Vec<Matrix2<f64>> = Vec::with_capacity(seen.len());
        for (k, &i) in seen.iter().enumerate() {
            let Some(found) = &found[i] else { continue };
            let place = self.solid.base[i] + state.offsets[i];
            let h = state.pose.by_place(&place);
            let off = found.at - state.pose.project(&place);
            let free = if free { (h * self.prior.block(i, i) * h.transpose()).trace() / 2.0 } else { 0.0 };
            let outlier =
                if self.roaming[i] { 0.0 } else { off.norm_squared() / (outlier_px * outlier_px + free) };
            let weight = 1.0 / (1.0 + outlier);
            let information = found.information * weight + Matrix2::identity() * 1e-4;
            noise.push(information.try_inverse().unwrap_or_else(|| Matrix2::identity() * 1e4));
            rest.fixed_rows_mut::<2>(2 * k).copy_from(&(off + h * (state.offsets[i] - mean[i])));
            let j = state.pose.by_pose(&place);
            let tells = if self.roaming[i] { 0.0 } else { 1.0 };
            by_pose.push(SMatrix::from_fn(|r, c| tells * j[(r, c)] * pose_sd[c]));
            by_place.push(h);
        }
        let mut all = DMatrix::<f64>::zeros(size, size);
        for (a, &i) in seen.iter().enumerate() {
            for (b, &j) in seen.iter().enumerate().take(a + 1) {
                let mut block: Matrix2<f64> = by_place[a] * self.prior.block(i, j) * by_place[b].transpose()
                    + by_pose[a] * by_pose[b].transpose();
                if a == b {
                    block += noise[a];
                }
                all.fixed_view_mut::<2, 2>(2 * a, 2 * b).copy_from(&block);
            }
        }
        let Some(factor) = all.cholesky() else { return state.clone() };
        let weights = factor.solve(&rest);
        let mut pulls: Vec<Vector3<f64>> = Vec::with_capacity(seen.len());
        let mut turn = SMatrix::<f64, FREEDOM, 1>::zeros();
        for k in 0..seen.len() {
            let w = Vector2::new(weights[2 * k], weights[2 * k + 1]);
            pulls.push(by_place[k].transpose() * w);
            turn += by_pose[k].transpose() * w;
        }
        let step: [f64; FREEDOM] = std::array::from_fn(|c| turn[c] * pose_sd[c]);
        let offset = |i: usize| {
            seen.iter().zip(&pulls).fold(mean[i], |sum, (&j, pull)| sum + self.prior.block(i, j) * pull)
        };
        let offsets = (0..self.solid.base.len()).map(offset).collect();
        State { pose: state.pose.moved(&step), offsets }
    }
}
