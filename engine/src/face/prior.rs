//! How a face may move: what its places do together.
//!
//! The covariance of two places is that of the keyed expressions, taken in by distance so that a brow does not follow the
//! mouth (localisation: Houtekamer and Mitchell 2001; Gaspari and Cohn 1999), and added to it a smooth field for
//! expressions that no key shows (Gaussian process morphable models: Luethi, Gerig, Jud and Vetter 2018).

use nalgebra::{Matrix3, Vector3};

use super::camera::Pose;
use super::layout::Layout;
use super::solid::Solid;
use super::turning::{Turning, direction};

/// How far keyed expressions reach together, head's units.
const REACH: f64 = 110.0;
/// What places do by themselves and together with near ones: standard deviations and ranges, head's units.
const SMOOTH: [(f64, f64); 2] = [(0.4, 35.0), (0.17, 12.0)];
/// The least that a place moves with its expressions, head's units.
const STIFF: f64 = 0.5;
/// The least that a mouth moves, head's units.
const MOUTH: f64 = 12.0;
/// What a place does by itself alone.
const ALONE: f64 = 0.15;
/// How far places move that move by themselves, head's units, and how much of that they do together.
const ROAMING: f64 = 12.0;
const TOGETHER: f64 = 0.8;
/// From how far a place takes what its neighbours do, head's units.
const LENT: f64 = 14.0;
/// How deep expressions go, as a share of what they do sideways.
const DEPTH: f64 = 0.5;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Prior {
    /// Covariances of the three coordinates of every place, row by row.
    covariances: Vec<f32>,
    side: usize,
    turning: Turning,
}

impl Prior {
    /// Of the expressions that the keyed pictures show.
    pub fn new(layout: &Layout, solid: &Solid, expressions: &[Vec<Vector3<f64>>], roaming: &[bool]) -> Prior {
        let base = &solid.base;
        let (mut samples, directions) = samples(layout, expressions, &solid.poses);
        for sample in &mut samples {
            let held = roaming.iter().enumerate().filter(|(_, r)| **r);
            held.for_each(|(i, _)| sample[i] = Vector3::zeros());
        }
        let turning = Turning::explain(base, &directions, &mut samples);
        let amplitude: Vec<f64> =
            amplitudes(base, &samples).into_iter().zip(least(layout)).map(|(a, l)| a.max(l)).collect();
        let block = |i: usize, j: usize| {
            let roams = [i, j].map(|i| roaming.get(i).is_some_and(|r| *r));
            if roams[0] || roams[1] {
                let together = if i == j { 1.0 } else { TOGETHER };
                let own = if roams[0] && roams[1] { together * ROAMING * ROAMING } else { 0.0 };
                return Matrix3::from_diagonal(&Vector3::new(own, own, DEPTH * own));
            }
            let distance = (base[i] - base[j]).norm();
            let mut block = Matrix3::zeros();
            let taper = taper(distance / REACH);
            if taper > 0.0 {
                for s in &samples {
                    block += taper * s[i] * s[j].transpose();
                }
            }
            let smooth: f64 =
                SMOOTH.iter().map(|(sd, l)| sd * sd * (-0.5 * (distance / l).powi(2)).exp()).sum();
            let alone = if i == j { ALONE * ALONE } else { 0.0 };
            let own = amplitude[i] * amplitude[j] * smooth + alone;
            block + Matrix3::from_diagonal(&Vector3::new(own, own, DEPTH * own))
        };
        let side = 3 * base.len();
        let mut covariances = vec![0.0; side * side];
        for i in 0..base.len() {
            for j in 0..=i {
                let block = block(i, j);
                for (a, b) in (0..9).map(|k| (k / 3, k % 3)) {
                    let value = block[(a, b)] as f32;
                    covariances[(3 * i + a) * side + 3 * j + b] = value;
                    covariances[(3 * j + b) * side + 3 * i + a] = value;
                }
            }
        }
        Prior { covariances, side, turning }
    }

    /// The offsets of every place when nothing is known but the pose.
    pub fn mean(&self, pose: &Pose) -> Vec<Vector3<f64>> {
        self.turning.mean(pose)
    }

    /// The covariance of a place.
    pub fn block(&self, i: usize) -> Matrix3<f64> {
        Matrix3::from_fn(|a, b| f64::from(self.rows(i)[a][3 * i + b]))
    }

    /// The covariances of a place's three coordinates with those of every place.
    pub fn rows(&self, place: usize) -> [&[f32]; 3] {
        std::array::from_fn(|axis| &self.covariances[(3 * place + axis) * self.side..][..self.side])
    }
}

/// How much each place and those near it move between the expressions, head's units.
fn amplitudes(base: &[Vector3<f64>], samples: &[Vec<Vector3<f64>>]) -> Vec<f64> {
    let count = samples.len().max(1) as f64;
    let energy: Vec<f64> =
        (0..base.len()).map(|i| samples.iter().map(|s| s[i].norm_squared()).sum::<f64>() / count).collect();
    lent(base, &energy).into_iter().map(|e| STIFF + e.sqrt()).collect()
}

/// For each place the mean over what is near.
pub(super) fn lent(base: &[Vector3<f64>], values: &[f64]) -> Vec<f64> {
    let around = |at: &Vector3<f64>| {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (place, value) in base.iter().zip(values) {
            let weight = (-0.5 * ((at - place).norm() / LENT).powi(2)).exp();
            sum += weight * value;
            weights += weight;
        }
        sum / weights
    };
    base.iter().map(around).collect()
}

/// How much places move at least, whatever the keyed expressions show, by what they are called: mouths open.
fn least(layout: &Layout) -> Vec<f64> {
    let called = |name: &str| {
        let name = name.to_lowercase();
        if ["lip", "mouth"].iter().any(|word| name.contains(word)) { MOUTH } else { 0.0 }
    };
    let mut least = vec![0.0; layout.all()];
    least.iter_mut().zip(&layout.landmarks).for_each(|(l, name)| *l = called(name));
    for (outline, knots) in layout.knots() {
        for i in knots {
            let [a, b] = layout.handles(i);
            [i, a, b].into_iter().for_each(|place| least[place] = called(&outline.shape.name));
        }
    }
    least
}

/// The expressions and those of the mirror pictures, and from where the head is seen in each.
fn samples(
    layout: &Layout,
    expressions: &[Vec<Vector3<f64>>],
    poses: &[Pose],
) -> (Vec<Vec<Vector3<f64>>>, Vec<Vector3<f64>>) {
    let mirrors = layout.mirrors();
    let mut samples = expressions.to_vec();
    let mut directions: Vec<Vector3<f64>> = poses.iter().map(direction).collect();
    if mirrors.iter().any(Option::is_some) {
        let other =
            |e: &[Vector3<f64>], m: &Option<usize>| m.map_or_else(Vector3::zeros, |j| sideways(&e[j]));
        samples.extend(expressions.iter().map(|e| mirrors.iter().map(|m| other(e, m)).collect::<Vec<_>>()));
        directions.extend(poses.iter().map(|p| sideways(&direction(p))));
    }
    (samples, directions)
}

/// Seen in a mirror.
pub(super) fn sideways(v: &Vector3<f64>) -> Vector3<f64> {
    Vector3::new(-v.x, v.y, v.z)
}

/// Offsets at every place: what was not keyed is lent by what is near.
pub(super) fn filled(base: &[Vector3<f64>], offsets: &[Option<Vector3<f64>>]) -> Vec<Vector3<f64>> {
    let lend = |i: usize| {
        let (mut sum, mut weights) = (Vector3::zeros(), 0.3);
        for (place, offset) in base.iter().zip(offsets) {
            let Some(offset) = offset else { continue };
            let weight = (-0.5 * ((base[i] - place).norm() / LENT).powi(2)).exp();
            sum += weight * offset;
            weights += weight;
        }
        sum / weights
    };
    offsets.iter().enumerate().map(|(i, o)| o.unwrap_or_else(|| lend(i))).collect()
}

/// 1 at 0, 0 from 1 on, smooth, and a covariance in space (Wendland 1995, psi 3,1).
fn taper(r: f64) -> f64 {
    if r >= 1.0 { 0.0 } else { (1.0 - r).powi(4) * (4.0 * r + 1.0) }
}
