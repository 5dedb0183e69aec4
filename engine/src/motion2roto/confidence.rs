//! How far off a solved spline is likely to be, in px of mean boundary distance.
//!
//! Between two keys that is known from outside: the walk from each key ends at the other one, and what it misses there it
//! missed on the way. Beyond the outermost key there is only the spread of the motion that carried the walk.
//!
//! The numbers were learned by least squares of logarithms on DAVIS sequences: those that hold between keys on three (cows,
//! dog, scooter-black; keys every 10 and every 20), and they hold on three others and on puppets; the one beyond the
//! outermost key on six. `make bench` prints the table that judges them, and the line of best fit of true on expected error
//! that corrects them.

use kurbo::{Point, Vec2};

use super::contour::normals;
use super::join::Joined;
use super::step::State;

/// Error between keys, px, for a miss of 1 px at the far keys, seen from the very key.
const OF_A_MISS: f64 = 1.39;
/// How the error grows with the miss: less than in step, as the miss is handed back over the frames between.
const MISS_POWER: f64 = 0.55;
/// Error beyond the outermost key in standard deviations of independent steps, for one step; steps err alike, so it grows
/// with the root of their number besides.
const OF_A_SPREAD: f64 = 0.9;

/// A walk from a key: the frame it starts on, and its state on that frame and on each one after it in its direction.
#[derive(Clone, Copy)]
pub(super) struct Walked<'a> {
    pub start: i32,
    pub states: &'a [State],
}

/// Expected errors of what was joined from walks forward and backward.
pub(super) struct Judge<'a> {
    walks: [Option<Walked<'a>>; 2],
    /// Mean distance, across the contour, between the end of a walk and the key it ends at, px; where both walks reach the
    /// other one's key.
    miss_px: Option<f64>,
}

impl<'a> Judge<'a> {
    pub fn new(closed: bool, walks: [Option<Walked<'a>>; 2]) -> Self {
        let miss_px = match walks {
            [Some(f), Some(b)] if reaches(f, b) => {
                let one = |walk: Walked<'_>, other: Walked<'_>| {
                    let (end, key) = (walk.states.last()?, other.states.first()?);
                    Some(across_px(&end.positions, &key.positions, closed))
                };
                one(f, b).zip(one(b, f)).map(|(f, b)| 0.5 * (f + b))
            }
            _ => None,
        };
        Judge { walks, miss_px }
    }

    /// Expected error on a frame, px.
    pub fn expected_px(&self, frame: i32, joined: &Joined) -> f64 {
        if let ([Some(f), Some(b)], Some(miss)) = (self.walks, self.miss_px) {
            // Less near a key, by the spread gathered since, so that held frames are judged alike.
            let nearness = f.share(frame).min(b.share(frame));
            return OF_A_MISS * (miss * nearness).powf(MISS_POWER);
        }
        let walk = self.walks[usize::from(joined.later > 0.5)];
        walk.map_or(0.0, |w| {
            let steps = w.steps(frame);
            let moved = w.states[..=steps].windows(2).filter(|s| s[0].variance != s[1].variance).count();
            OF_A_SPREAD * (spread_px2(&w.states[steps]) * moved as f64).sqrt()
        })
    }
}

fn reaches(f: Walked<'_>, b: Walked<'_>) -> bool {
    f.states.len() == b.states.len() && i64::from(b.start) - i64::from(f.start) + 1 == f.states.len() as i64
}

impl Walked<'_> {
    fn steps(&self, frame: i32) -> usize {
        (frame.abs_diff(self.start) as usize).min(self.states.len().saturating_sub(1))
    }

    /// The share of the walk's whole spread that is there on a frame, 0 to 1.
    fn share(&self, frame: i32) -> f64 {
        let whole = self.states.last().map_or(0.0, spread_px2);
        let part = self.states.get(self.steps(frame)).map_or(0.0, spread_px2);
        if whole > 0.0 { part / whole } else { 0.0 }
    }
}

fn spread_px2(state: &State) -> f64 {
    state.variance.iter().sum::<f64>() / state.variance.len().max(1) as f64
}

/// Mean distance of two runs of positions across the second one, px. Along the contour nothing is seen of a miss.
fn across_px(from: &[Point], to: &[Point], closed: bool) -> f64 {
    let pairs = from.iter().zip(to).zip(normals(to, closed));
    let sum: f64 =
        pairs.map(|((p, q), n)| if n == Vec2::ZERO { p.distance(*q) } else { (*p - *q).dot(n).abs() }).sum();
    sum / to.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A walk of a square that drifts down by `drift_px` a step while its spread grows.
    fn walk(steps: usize, drift_px: f64) -> Vec<State> {
        let at = |i: usize| {
            let down = Vec2::new(0.0, drift_px * i as f64);
            let corners = [(0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)];
            let positions = corners.map(|(x, y)| Point::new(x, y) + down).to_vec();
            State { variance: vec![0.04 * i as f64; 4], ..State::at_key(positions) }
        };
        (0..=steps).map(at).collect()
    }

    fn expected(forward: &[State], backward: &[State], frame: i32) -> f64 {
        let judge = Judge::new(
            true,
            [Some(Walked { start: 1, states: forward }), Some(Walked { start: 9, states: backward })],
        );
        judge.expected_px(frame, &Joined { positions: Vec::new(), later: 0.5 })
    }

    #[test]
    fn errors_grow_with_the_miss_and_away_from_the_keys() {
        let still = walk(8, 0.0);
        assert_eq!(expected(&still, &still, 5), 0.0);
        let errors: Vec<f64> = (1..=9).map(|f| expected(&walk(8, 0.5), &still, f)).collect();
        assert!(errors[..5].windows(2).all(|w| w[0] < w[1]) && errors[4..].windows(2).all(|w| w[0] > w[1]));
        assert_eq!((errors[0], errors[8]), (0.0, 0.0));
        assert!(expected(&walk(8, 1.0), &still, 5) > errors[4]);
    }

    #[test]
    fn beyond_the_last_key_errors_grow_with_every_step_that_moves() {
        let mut states = walk(6, 0.5);
        let last = states[6].clone();
        states.push(last);
        let judge = Judge::new(true, [Some(Walked { start: 1, states: &states }), None]);
        let at = |frame| judge.expected_px(frame, &Joined { positions: Vec::new(), later: 0.0 });
        assert!((1..7).all(|f| at(f) < at(f + 1)));
        assert_eq!(at(7), at(8), "a held frame is as good as the one it holds");
    }
}
