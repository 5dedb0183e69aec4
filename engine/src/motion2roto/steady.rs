//! A contour that neither lags nor chatters: where the picture sees it on each frame, and how motion takes it from one to
//! the next, made one.
//!
//! What is seen counts for little on a frame where it leaves its neighbours in a way that motion does not explain, and motion
//! for little where both walks do not agree on it: the way of each sample minimises the sum of its distances
//! from where it is seen, by Huber's loss, and of its squared departures from motion over their variance.

use kurbo::{Point, Vec2};
use rayon::prelude::*;

/// How motion takes the samples from a frame to the next one.
pub(super) struct Step {
    pub moved: Vec<Vec2>,
    /// Of each sample's motion, px squared.
    pub variance_px2: Vec<f64>,
    /// Nothing moves.
    pub held: bool,
}

/// Distance from where a sample is seen, px, from which on it counts by its size.
const SEEN_PX: f64 = 2.0;
/// Variance of where a sample is seen against that of motion; and what is added to the latter, px squared.
const CHATTER: f64 = 0.12;
const FLOOR_PX2: f64 = 0.02;
/// Rounds of weighting.
const ROUNDS: usize = 8;

/// The way of each sample through `seen`, of which the first and the last frame are exact; `steps` lead from each frame to
/// the next. Held frames are one frame.
pub(super) fn steadied(seen: &[Vec<Point>], steps: &[Step]) -> Vec<Vec<Point>> {
    let moving: Vec<&Step> = steps.iter().filter(|s| !s.held).collect();
    let mut places = vec![0];
    places.extend(steps.iter().scan(0, |place, s| {
        *place += usize::from(!s.held);
        Some(*place)
    }));
    let ends = places.windows(2).map(|w| w[0] != w[1]).chain(std::iter::once(true));
    let mut kept: Vec<&Vec<Point>> =
        seen.iter().zip(ends).filter(|(_, ends)| *ends).map(|(s, _)| s).collect();
    if let (Some(kept), Some(first)) = (kept.first_mut(), seen.first()) {
        *kept = first;
    }
    let ways: Vec<Vec<Point>> = (0..seen.first().map_or(0, Vec::len))
        .into_par_iter()
        .map(|i| {
            let seen: Vec<Point> = kept.iter().map(|s| s[i]).collect();
            let steps =
                moving.iter().map(|s| (s.moved[i], FLOOR_PX2 + s.variance_px2[i])).collect::<Vec<_>>();
            way(&seen, &steps)
        })
        .collect();
    places.iter().map(|t| ways.iter().map(|w| w[*t]).collect()).collect()
}

/// One sample's way; each step is a motion and its variance.
fn way(seen: &[Point], steps: &[(Vec2, f64)]) -> Vec<Point> {
    let carried = carried(seen, steps);
    let off: Vec<Vec2> = seen.iter().zip(&carried).map(|(p, q)| *p - *q).collect();
    let firm: Vec<f64> = steps.iter().map(|(_, variance)| CHATTER / variance).collect();
    let mut weights = vec![1.0; off.len()];
    let mut smooth = off.clone();
    for _ in 0..ROUNDS {
        smooth = smoothed(&off, &weights, &firm);
        for ((w, a), b) in weights.iter_mut().zip(&smooth).zip(&off) {
            *w = (SEEN_PX / (*a - *b).hypot()).min(1.0);
        }
    }
    carried.iter().zip(smooth).map(|(p, d)| *p + d).collect()
}

/// The way by motion alone from the first place to the last one, what it misses there handed back by the steps' variance.
fn carried(seen: &[Point], steps: &[(Vec2, f64)]) -> Vec<Point> {
    let Some((first, last)) = seen.first().zip(seen.last()) else { return Vec::new() };
    let moved = steps.iter().fold(Vec2::ZERO, |sum, (moved, _)| sum + *moved);
    let whole: f64 = steps.iter().map(|(_, variance)| variance).sum();
    let missed = *last - *first - moved;
    let onwards = steps.iter().scan(*first, |at, (moved, variance)| {
        *at += *moved + missed * (variance / whole);
        Some(*at)
    });
    std::iter::once(*first).chain(onwards).collect()
}

/// Values whose weighted squared distances from `values` and squared differences from each to the next, times `firm`, have the
/// least sum; the first and the last are zero. The matrix has three diagonals: elimination and back substitution.
fn smoothed(values: &[Vec2], weights: &[f64], firm: &[f64]) -> Vec<Vec2> {
    let mut out = vec![Vec2::ZERO; values.len()];
    let inner = 1..values.len().saturating_sub(1);
    let mut pivots = vec![0.0; values.len()];
    for t in inner.clone() {
        pivots[t] = weights[t] + firm[t - 1] + firm[t];
        out[t] = values[t] * weights[t];
        if t > 1 {
            let factor = firm[t - 1] / pivots[t - 1];
            pivots[t] -= factor * firm[t - 1];
            out[t] = out[t] + out[t - 1] * factor;
        }
    }
    for t in inner.rev() {
        out[t] = (out[t] + out[t + 1] * firm[t]) / pivots[t];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn step(moved: Vec2, variance: f64) -> Step {
        Step { moved: vec![moved], variance_px2: vec![variance], held: moved == Vec2::ZERO }
    }

    fn steady(seen: &[(f64, f64)], steps: &[Step]) -> Vec<Point> {
        let seen: Vec<Vec<Point>> = seen.iter().map(|p| vec![Point::from(*p)]).collect();
        steadied(&seen, steps).into_iter().map(|s| s[0]).collect()
    }

    const RIGHT: Vec2 = Vec2::new(3.0, 0.0);

    #[test]
    fn one_frame_that_motion_does_not_explain_is_dropped() {
        let mut seen: Vec<(f64, f64)> = (0..12).map(|t| (3.0 * f64::from(t), 0.0)).collect();
        seen[5].1 = 30.0;
        let steps: Vec<Step> = (0..11).map(|_| step(RIGHT, 0.01)).collect();
        let way = steady(&seen, &steps);
        assert!(way.iter().all(|p| p.y.abs() < 0.7), "{way:?}");
    }

    #[test]
    fn a_jump_that_motion_is_unsure_of_is_followed_in_one_frame() {
        let seen: Vec<(f64, f64)> = (0..12).map(|t| (0.0, if t < 6 { 0.0 } else { 40.0 })).collect();
        let slow = Vec2::new(0.0, 1e-3);
        let steps: Vec<Step> = (0..11).map(|t| step(slow, if t == 5 { 900.0 } else { 0.01 })).collect();
        let way = steady(&seen, &steps);
        assert!(way.iter().zip(&seen).all(|(p, s)| (p.y - s.1).abs() < 0.3), "{way:?}");
    }

    #[test]
    fn held_frames_stay_still_and_keys_exact() {
        let seen = [(0.0, 0.0), (0.0, 0.0), (3.4, 0.2), (3.4, 0.2), (6.1, -0.3), (9.0, 0.0), (9.0, 0.0)];
        let moves = [false, true, false, true, true, false];
        let steps: Vec<Step> =
            moves.iter().map(|m| step(if *m { RIGHT } else { Vec2::ZERO }, 0.01)).collect();
        let way = steady(&seen, &steps);
        for (t, moves) in moves.iter().enumerate() {
            assert_eq!(*moves, way[t] != way[t + 1]);
        }
        assert_eq!((way[0], way[6]), (Point::new(0.0, 0.0), Point::new(9.0, 0.0)));
    }

    proptest! {
        #[test]
        fn what_motion_explains_is_kept(
            moved in prop::collection::vec((0.1..20.0f64, -20.0..20.0f64, 0.0..4.0f64), 1..30),
        ) {
            let mut seen = vec![(5.0, 5.0)];
            for (x, y, _) in &moved {
                let (px, py) = seen[seen.len() - 1];
                seen.push((px + x, py + y));
            }
            let steps: Vec<Step> = moved.iter().map(|(x, y, v)| step(Vec2::new(*x, *y), *v)).collect();
            for (p, s) in steady(&seen, &steps).iter().zip(&seen) {
                prop_assert!(p.distance(Point::from(*s)) < 1e-9);
            }
        }
    }
}
