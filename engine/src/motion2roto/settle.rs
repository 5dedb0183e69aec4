//! The last word on the frames between two keys: the picture's, as far as it is more certain than the walks.

use std::collections::BTreeMap;

use kurbo::Point;

use super::contour::normals;
use super::join::Joined;
use super::pull::Look;
use super::step::State;
use super::{Motion, SolveError};
use crate::image::Colours;

/// The part of the walks' squared miss at the far keys that is left between the keys.
const LEFT: f64 = 0.25;
/// Variance of what the picture says across the outline, px squared, where the keys show no bias.
const PICTURE_PX2: f64 = 1.0;
/// Stretch of the contour over which misses are averaged to each side, in its lengths.
const STRETCH: f64 = 0.03;

/// An artist's key at one end of a span, with the walk that ends there.
pub(super) struct End<'a> {
    pub positions: Vec<Point>,
    pub picture: &'a Colours,
    pub reached: &'a State,
}

/// Pulls what was joined from two walks to the outline, frame by frame from the earlier key.
///
/// How far the picture is followed at each sample depends on what the walks missed there at the far keys, against
/// what the pull itself misses on the keys: the shares of two independent estimates. `expected_px` is what a frame may be
/// off by. `step` is called after each frame and may end the solve.
pub(super) fn settle(
    joined: &mut BTreeMap<i32, Joined>,
    [earlier, later]: [&End<'_>; 2],
    motion: &dyn Motion,
    expected_px: impl Fn(i32, &Joined) -> f64,
    mut step: impl FnMut() -> Result<(), SolveError>,
) -> Result<(), SolveError> {
    let looks = [earlier, later].map(|e| Look::at_key(&e.positions, e.picture));
    let shares = shares(&[earlier, later], &looks);
    let [first, other] = looks;
    let mut look = first.and(&other);
    let mut before = (earlier.positions.clone(), earlier.positions.clone());
    for (frame, joined) in joined.iter_mut() {
        if joined.positions == before.0 {
            joined.positions.clone_from(&before.1);
        } else if let Some(picture) = known(motion.picture(*frame))? {
            let expected = expected_px(*frame, joined);
            let n = joined.positions.len();
            let found = look.pulled(
                &joined.positions,
                &picture,
                std::iter::repeat_n(expected, n),
                &vec![expected * expected; n],
            );
            let mixed = joined.positions.iter().zip(found).zip(&shares).map(|((p, q), s)| p.lerp(q, *s));
            let settled: Vec<Point> = mixed.collect();
            before = (std::mem::replace(&mut joined.positions, settled.clone()), settled);
        }
        step()?;
    }
    Ok(())
}

/// A picture where there is one; the end of the shot is none.
pub(super) fn known<T>(picture: Result<Option<T>, SolveError>) -> Result<Option<T>, SolveError> {
    match picture {
        Err(SolveError::NoFrame(_)) => Ok(None),
        other => other,
    }
}

/// How far to follow the picture at each sample, 0 to 1.
fn shares(ends: &[&End<'_>; 2], looks: &[Look; 2]) -> Vec<f64> {
    let n = ends[0].positions.len();
    let mut misses = vec![0.0; n];
    for end in ends {
        let facing = normals(&end.positions, true);
        for (i, m) in misses.iter_mut().enumerate() {
            *m += 0.5 * (end.reached.positions[i] - end.positions[i]).dot(facing[i]).powi(2);
        }
    }
    let reach = ((STRETCH * n as f64) as usize).max(2);
    let doubts: Vec<f64> =
        looks[0].doubt_px2().zip(looks[1].doubt_px2()).map(|(a, b)| 0.5 * (a + b)).collect();
    (0..n)
        .map(|i| {
            let around = (0..=2 * reach).map(|d| misses[(i + d + n * reach - reach) % n]);
            let walks = LEFT * around.sum::<f64>() / (2 * reach + 1) as f64;
            walks / (walks + PICTURE_PX2 + doubts[i])
        })
        .collect()
}
