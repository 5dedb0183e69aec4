//! The last word on the frames between two keys: the picture's, as far as it is more certain than the walks.

use std::collections::BTreeMap;

use kurbo::Point;

use super::contour::normals;
use super::join::Joined;
use super::pull::Look;
use super::steady::{Step, steadied};
use super::walk::Walk;
use super::{Motion, SolveError};

/// The part of a squared miss that is left where it is to be judged.
const LEFT: f64 = 0.25;
/// Variance of what the picture says across the outline, px squared, where the keys show no bias.
const PICTURE_PX2: f64 = 1.0;
/// Stretch of the contour over which misses are averaged to each side, in its lengths.
const STRETCH: f64 = 0.03;
/// Variance of a step for two walks that disagree about it by 1 px, px squared.
const DISAGREED: f64 = 0.03;

/// Pulls what was joined from two walks to the outline, frame by frame from the earlier key; nothing where a walk did not
/// reach the other's key, or its key had no picture.
///
/// How far the picture is followed at each sample depends on what the walks missed there at the far keys, against
/// what the pull itself misses on the keys: the shares of two independent estimates. `expected_px` is what a frame may be
/// off by. `step` is called with the number of frames done and may end the solve.
pub(super) fn settle(
    joined: &mut BTreeMap<i32, Joined>,
    walks: [Option<&Walk>; 2],
    motion: &dyn Motion,
    expected_px: impl Fn(i32, &Joined) -> f64,
    mut step: impl FnMut(usize) -> Result<(), SolveError>,
) -> Result<(), SolveError> {
    let [Some(forward), Some(backward)] = walks else { return Ok(()) };
    let (Some(first), Some(other)) = (&forward.look, &backward.look) else { return step(joined.len()) };
    if !forward.is_whole() || !backward.is_whole() {
        return step(joined.len());
    }
    let shares = shares([forward, backward], [first, other]);
    let mut look = Look::between(first, other);
    let keys = [&forward.states[0].positions, &backward.states[0].positions];
    // What was joined, and where the picture sees it. Held frames are not looked at again.
    let mut carried = vec![keys[0].clone()];
    let mut seen = vec![keys[0].clone()];
    for (frame, joined) in joined.iter() {
        let positions = &joined.positions;
        let holds = carried.last() == Some(positions);
        let picture = if holds || positions == keys[1] { None } else { known(motion.picture(*frame))? };
        seen.push(match (picture, seen.last()) {
            (Some(picture), _) => {
                let n = shares.len();
                let expected = expected_px(*frame, joined);
                let (each, loose) = (std::iter::repeat_n(expected, n), vec![expected * expected; n]);
                let found = look.pulled(positions, &picture, each, &loose);
                let mixed = positions.iter().zip(found).zip(&shares);
                let settled: Vec<Point> = mixed.map(|((p, q), s)| p.lerp(q, *s)).collect();
                look.see(&settled, &picture);
                settled
            }
            (None, Some(before)) if holds => before.clone(),
            _ => positions.clone(),
        });
        carried.push(positions.clone());
        step(1)?;
    }
    seen.push(keys[1].clone());
    carried.push(keys[1].clone());
    let held: Vec<bool> = carried.windows(2).map(|w| w[0] == w[1]).collect();
    let later: Vec<f64> =
        std::iter::once(0.0).chain(joined.values().map(|j| j.later)).chain(std::iter::once(1.0)).collect();
    let steady = steadied(&seen, &steps([forward, backward], &later, &held));
    joined.values_mut().zip(steady.into_iter().skip(1)).for_each(|(j, p)| j.positions = p);
    Ok(())
}

/// How motion took each sample from each frame to the next one, mixed from both walks; `later` is the later one's part on
/// each frame.
fn steps(walks: [&Walk; 2], later: &[f64], held: &[bool]) -> Vec<Step> {
    let [forward, backward] = walks.map(|w| &w.states);
    let last = held.len();
    let one = |t: usize| {
        let (f, g) = (&forward[t + 1], &backward[last - t]);
        let (f0, g0) = (&forward[t], &backward[last - t - 1]);
        let share = 0.5 * (later[t] + later[t + 1]);
        let of = |i: usize| {
            let moved = f.moved[i].lerp(-g.moved[i], share);
            let spread = (f.variance[i] - f0.variance[i], g.variance[i] - g0.variance[i]);
            let disagreed = (f.moved[i] + g.moved[i]).hypot2();
            (moved, spread.0 * (1.0 - share) + spread.1 * share + DISAGREED * disagreed)
        };
        let (moved, variance_px2) = (0..f.moved.len()).map(of).unzip();
        Step { moved, variance_px2, held: held[t] }
    };
    (0..last).map(one).collect()
}

/// A picture where there is one; the end of the shot is none.
pub(super) fn known<T>(picture: Result<Option<T>, SolveError>) -> Result<Option<T>, SolveError> {
    match picture {
        Err(SolveError::NoFrame(_)) => Ok(None),
        other => other,
    }
}

/// How far to follow the picture at each sample, 0 to 1, from what two walks missed across each other's key.
fn shares(walks: [&Walk; 2], looks: [&Look; 2]) -> Vec<f64> {
    let mut misses = vec![0.0; walks[0].states[0].positions.len()];
    for (walk, end) in [(walks[1], walks[0]), (walks[0], walks[1])] {
        let key = &end.states[0].positions;
        let reached = walk.states.last().map_or(key, |s| &s.positions);
        let facing = normals(key, true);
        for (i, m) in misses.iter_mut().enumerate() {
            *m += 0.5 * (reached[i] - key[i]).dot(facing[i]).powi(2);
        }
    }
    let doubts = looks[0].doubt_px2().zip(looks[1].doubt_px2()).map(|(a, b)| 0.5 * (a + b));
    followed(misses.into_iter(), doubts, PICTURE_PX2)
}

/// How far to follow the picture at each sample of a closed contour, 0 to 1: the share of what the motion may be off by,
/// of which squared misses (px squared) are evidence, in the sum of that and what the picture may be off by
/// (`picture_px2`, and what its bias adds).
pub(super) fn followed(
    misses_px2: impl Iterator<Item = f64>,
    doubts_px2: impl Iterator<Item = f64>,
    picture_px2: f64,
) -> Vec<f64> {
    let misses: Vec<f64> = misses_px2.collect();
    let share = |(miss, doubt): (f64, f64)| LEFT * miss / (LEFT * miss + picture_px2 + doubt);
    averaged(&misses).zip(doubts_px2).map(share).collect()
}

/// Values along a closed contour, averaged over a stretch about each.
pub(super) fn averaged(values: &[f64]) -> impl Iterator<Item = f64> {
    let n = values.len();
    let reach = ((STRETCH * n as f64) as usize).max(2);
    (0..n).map(move |i| {
        let around = (0..=2 * reach).map(|d| values[(i + d + n * reach - reach) % n]);
        around.sum::<f64>() / (2 * reach + 1) as f64
    })
}
