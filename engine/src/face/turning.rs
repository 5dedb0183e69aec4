//! What places do as the head turns, beyond what a solid does: a contour on the limb slides over the head, because it is no mark
//! on it.
//!
//! Each place's offsets are a Gaussian process over the directions from which the head is seen (Rasmussen and Williams 2006,
//! chapter 2). How much of them it explains is what leaving out one keyed picture after another tells (ibid. 5.4.2): nothing, for
//! most places, whose offsets are expressions.

use nalgebra::{DMatrix, Vector3};

use super::camera::Pose;
use super::prior::lent;

/// How far turns reach, radians, and how much of the offsets they may explain, as variance against the rest's: what is tried.
const REACH: [f64; 2] = [0.3, 0.6];
const SHARES: [f64; 3] = [1.0, 4.0, 16.0];
/// What leaving one out must gain for turns to count at all.
const GAIN: f64 = 0.8;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Turning {
    /// The directions of the keyed pictures.
    directions: Vec<Vector3<f64>>,
    /// For each place that turns explain: which, by which [`REACH`], and the weight of each keyed picture.
    places: Vec<(usize, usize, Vec<Vector3<f64>>)>,
    count: usize,
}

impl Turning {
    /// Of samples of the places' offsets, and the direction from which the head is seen in each. Takes what turns explain out of the
    /// samples, each as the others foretell it.
    pub fn explain(
        base: &[Vector3<f64>],
        directions: &[Vector3<f64>],
        samples: &mut [Vec<Vector3<f64>>],
    ) -> Turning {
        let (all, count) = (base.len(), samples.len());
        let mut turning = Turning { directions: directions.to_vec(), places: Vec::new(), count: all };
        if count < 3 {
            return turning;
        }
        let ways: Vec<Way> = (0..REACH.len())
            .flat_map(|reach| SHARES.map(|share| (reach, share)))
            .filter_map(|(reach, share)| Way::new(directions, reach, share))
            .collect();
        let energy = |rest: &[Vector3<f64>]| rest.iter().map(Vector3::norm_squared).sum::<f64>();
        let offsets: Vec<Vec<Vector3<f64>>> =
            (0..all).map(|i| samples.iter().map(|s| s[i]).collect()).collect();
        let raw: Vec<f64> = lent(base, &offsets.iter().map(|o| energy(o)).collect::<Vec<_>>());
        let left: Vec<Vec<f64>> = ways
            .iter()
            .map(|way| lent(base, &offsets.iter().map(|o| energy(&way.left_out(o))).collect::<Vec<_>>()))
            .collect();
        for (i, offsets) in offsets.iter().enumerate() {
            let best = (0..ways.len()).min_by(|&a, &b| left[a][i].total_cmp(&left[b][i]));
            let Some(best) = best.filter(|&b| left[b][i] < GAIN * raw[i]) else { continue };
            let way = &ways[best];
            for (sample, rest) in samples.iter_mut().zip(way.left_out(offsets)) {
                sample[i] = rest;
            }
            turning.places.push((i, way.reach, way.weights(offsets)));
        }
        turning
    }

    /// The offsets that a turn of the head alone makes, of every place.
    pub fn mean(&self, pose: &Pose) -> Vec<Vector3<f64>> {
        let mut mean = vec![Vector3::zeros(); self.count];
        let now = direction(pose);
        let near =
            REACH.map(|reach| self.directions.iter().map(|d| kernel(&now, d, reach)).collect::<Vec<_>>());
        for (place, reach, weights) in &self.places {
            for (near, weight) in near[*reach].iter().zip(weights) {
                mean[*place] += *near * weight;
            }
        }
        mean
    }
}

/// Where the camera is, in the head's axes.
pub(super) fn direction(pose: &Pose) -> Vector3<f64> {
    pose.turn.matrix().row(2).transpose()
}

fn kernel(a: &Vector3<f64>, b: &Vector3<f64>, reach: f64) -> f64 {
    (-0.5 * (a - b).norm_squared() / (reach * reach)).exp()
}

/// One way to explain offsets.
struct Way {
    /// Which [`REACH`].
    reach: usize,
    /// Of the kernel with the share, and 1 for the rest.
    inverse: DMatrix<f64>,
    share: f64,
}

impl Way {
    fn new(directions: &[Vector3<f64>], reach: usize, share: f64) -> Option<Way> {
        let count = directions.len();
        let covariance = DMatrix::from_fn(count, count, |a, b| {
            share * kernel(&directions[a], &directions[b], REACH[reach]) + if a == b { 1.0 } else { 0.0 }
        });
        Some(Way { reach, inverse: covariance.cholesky()?.inverse(), share })
    }

    fn solved(&self, offsets: &[Vector3<f64>]) -> Vec<Vector3<f64>> {
        let row = |a: usize| {
            offsets.iter().enumerate().fold(Vector3::zeros(), |sum, (b, o)| sum + o * self.inverse[(a, b)])
        };
        (0..offsets.len()).map(row).collect()
    }

    /// What is left of each offset when the others foretell it.
    fn left_out(&self, offsets: &[Vector3<f64>]) -> Vec<Vector3<f64>> {
        self.solved(offsets).into_iter().enumerate().map(|(a, v)| v / self.inverse[(a, a)]).collect()
    }

    fn weights(&self, offsets: &[Vector3<f64>]) -> Vec<Vector3<f64>> {
        self.solved(offsets).into_iter().map(|v| v * self.share).collect()
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::Vector2;

    use super::*;
    use crate::face::camera::turned;

    fn pose(yaw: f64) -> Pose {
        Pose { turn: turned(yaw, 0.0), log_scale: 0.0, shift: Vector2::zeros(), perspective: 0.0 }
    }

    #[test]
    fn what_slides_with_the_head_is_foretold_and_what_does_not_is_left() {
        let base = [Vector3::new(100.0, 0.0, 0.0), Vector3::new(-100.0, 0.0, 0.0)];
        let yaws: [f64; 7] = [-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6];
        let slides = |yaw: f64| Vector3::new(20.0 * yaw, 5.0 * yaw * yaw, 0.0);
        // The other place has an expression that has nothing to do with the turn.
        let expression = |k: usize| Vector3::new(0.0, [6.0, -6.0, -6.0, 6.0, 6.0, -6.0, 6.0][k], 0.0);
        let mut samples: Vec<Vec<Vector3<f64>>> =
            yaws.iter().enumerate().map(|(k, &yaw)| vec![slides(yaw), expression(k)]).collect();
        let directions: Vec<Vector3<f64>> = yaws.iter().map(|&yaw| direction(&pose(yaw))).collect();
        let turning = Turning::explain(&base, &directions, &mut samples);
        for yaw in [-0.5, -0.1, 0.3] {
            let mean = turning.mean(&pose(yaw));
            assert!((mean[0] - slides(yaw)).norm() < 1.5, "{yaw}: {}", mean[0]);
            assert_eq!(mean[1], Vector3::zeros());
        }
        assert!(samples[1..6].iter().all(|s| s[0].norm() < 3.0), "{samples:?}");
        assert!(samples.iter().enumerate().all(|(k, s)| s[1] == expression(k)));
    }

    #[test]
    fn few_pictures_foretell_nothing() {
        let mut samples = vec![vec![Vector3::new(9.0, 0.0, 0.0)], vec![Vector3::new(-9.0, 0.0, 0.0)]];
        let directions = [direction(&pose(0.3)), direction(&pose(-0.3))];
        let turning = Turning::explain(&[Vector3::zeros()], &directions, &mut samples);
        assert_eq!(turning.mean(&pose(0.3)), [Vector3::zeros()]);
        assert_eq!(samples[0][0].x, 9.0);
    }
}
