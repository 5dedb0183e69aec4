//! The last word on the frames between two keys: the picture's, as far as it is more certain than the walks.

use std::collections::BTreeMap;

use kurbo::{Point, Vec2};

use super::contour::normals;
use super::join::Joined;
use super::pull::Look;
use super::walk::Walk;
use super::{Motion, SolveError};

/// The part of a squared miss that is left where it is to be judged.
const LEFT: f64 = 0.25;
/// Variance of what the picture says across the outline, px squared, where the keys show no bias.
const PICTURE_PX2: f64 = 1.0;
/// Stretch of the contour over which misses are averaged to each side, in its lengths.
const STRETCH: f64 = 0.03;

/// Rounds of smoothing over time, each with weights of 1, 2, 1; and the change from frame to frame, px, that counts half,
/// because it is more likely meant than chatter.
const CALM: usize = 2;
const CHATTER_PX: f64 = 1.5;

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
    let earlier = &forward.states[0].positions;
    // What the picture adds, for each frame that moves; nothing on the keys.
    let still = vec![Vec2::ZERO; shares.len()];
    let mut added = vec![still.clone()];
    let mut before = earlier;
    for (frame, joined) in joined.iter() {
        if joined.positions != *before {
            let expected = expected_px(*frame, joined);
            added.push(match known(motion.picture(*frame))? {
                Some(picture) => {
                    let n = shares.len();
                    let (each, loose) = (std::iter::repeat_n(expected, n), vec![expected * expected; n]);
                    let found = look.pulled(&joined.positions, &picture, each, &loose);
                    let pairs = joined.positions.iter().zip(found).zip(&shares);
                    let add: Vec<Vec2> = pairs.map(|((p, q), s)| (q - *p) * *s).collect();
                    let settled: Vec<Point> =
                        joined.positions.iter().zip(&add).map(|(p, a)| *p + *a).collect();
                    look.see(&settled, &picture);
                    add
                }
                None => still.clone(),
            });
            before = &joined.positions;
        }
        step(1)?;
    }
    added.push(still);
    let added = calmed(added);
    let mut before = earlier.clone();
    let mut moves = 0;
    for joined in joined.values_mut() {
        if joined.positions != before {
            moves += 1;
            before.clone_from(&joined.positions);
        }
        joined.positions.iter_mut().zip(&added[moves]).for_each(|(p, a)| *p += *a);
    }
    Ok(())
}

/// Corrections of the frames in order, smoothed over neighbours in time so that they do not chatter; the first and the last
/// stay.
fn calmed(mut added: Vec<Vec<Vec2>>) -> Vec<Vec<Vec2>> {
    for _ in 0..CALM {
        let inner = added.windows(3).map(|w| {
            let nearer = |own: Vec2, other: Vec2| {
                let way = other - own;
                way * (0.25 / (1.0 + way.hypot2() / (CHATTER_PX * CHATTER_PX)))
            };
            let around = w[0].iter().zip(&w[2]).zip(&w[1]);
            around.map(|((a, c), b)| *b + nearer(*b, *a) + nearer(*b, *c)).collect()
        });
        let inner: Vec<Vec<Vec2>> = inner.collect();
        added.iter_mut().skip(1).zip(inner).for_each(|(a, i)| *a = i);
    }
    added
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
