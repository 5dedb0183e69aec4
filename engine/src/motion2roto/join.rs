//! What was carried from two keys, made one.

use kurbo::{Point, Vec2};

use super::step::State;

/// A contour on a frame between keys.
#[derive(Clone, Debug)]
pub(super) struct Joined {
    pub positions: Vec<Point>,
    /// How much of it comes from the later key, 0 to 1.
    pub later: f64,
    /// Expected error, px.
    pub error_px: f64,
}

/// From one key only.
pub(super) fn single(state: &State, later: bool) -> Joined {
    Joined {
        positions: state.positions.clone(),
        later: if later { 1.0 } else { 0.0 },
        error_px: mean(&state.variance).sqrt(),
    }
}

/// From both keys of a span. `forward` starts at the earlier key and has a state for each frame up to and
/// with the later one; `backward` the other way round, in order of walking. Gives the frames in between.
///
/// A walk's miss at the far key is handed back over its steps in proportion to their variance, turned back with the
/// shape; the two are then mixed in proportion to the variance that lies between each and its key. Where nothing
/// moved nothing varies, so a held frame gets the values of the frame it holds.
pub(super) fn both(forward: &[State], backward: &[State]) -> Vec<Joined> {
    let n = forward.len();
    let [Some(a), Some(b)] = [forward.first(), backward.first()] else { return Vec::new() };
    let walks = [(forward, b), (backward, a)].map(|(walk, target)| Corrected::new(walk, target));
    (1..n.saturating_sub(1))
        .map(|i| {
            let (f, g) = (&forward[i], &backward[n - 1 - i]);
            let (pf, pg) = (walks[0].positions(f), walks[1].positions(g));
            let mut later = 0.0;
            let positions: Vec<Point> = (0..pf.len())
                .map(|k| {
                    let (vf, vg) = (f.variance[k], g.variance[k]);
                    let share = if vf + vg > 0.0 { vf / (vf + vg) } else { 0.0 };
                    later += share;
                    pf[k].lerp(pg[k], share)
                })
                .collect();
            let (vf, vg) = (mean(&f.variance) * walks[0].excess, mean(&g.variance) * walks[1].excess);
            let bridge = if vf + vg > 0.0 { vf * vg / (vf + vg) } else { 0.0 };
            Joined { later: later / positions.len().max(1) as f64, error_px: bridge.sqrt(), positions }
        })
        .collect()
}

/// A walk with its miss at the far end known.
struct Corrected {
    end: State,
    miss: Vec<Vec2>,
    /// How much larger the miss is than the walk's own variance says, at least 1.
    excess: f64,
}

impl Corrected {
    fn new(walk: &[State], target: &State) -> Self {
        let end = walk.last().cloned().unwrap_or_else(|| State::at_key(Vec::new()));
        let miss: Vec<Vec2> = target.positions.iter().zip(&end.positions).map(|(t, p)| *t - *p).collect();
        let square = miss.iter().map(|m| m.hypot2()).sum::<f64>() / miss.len().max(1) as f64;
        let excess = (square / mean(&end.variance).max(1e-9)).max(1.0);
        Corrected { end, miss, excess }
    }

    fn positions(&self, state: &State) -> Vec<Point> {
        let turn = turn(&self.end.positions, &state.positions);
        state
            .positions
            .iter()
            .enumerate()
            .map(|(k, p)| {
                let total = self.end.variance[k];
                let share = if total > 0.0 { state.variance[k] / total } else { 0.0 };
                let m = self.miss[k] * share;
                *p + Vec2::new(turn.x * m.x - turn.y * m.y, turn.y * m.x + turn.x * m.y)
            })
            .collect()
    }
}

/// Rotation and scale that best take one set of positions onto another, as a complex number.
fn turn(from: &[Point], to: &[Point]) -> Vec2 {
    let centre = |p: &[Point]| p.iter().fold(Vec2::ZERO, |s, p| s + p.to_vec2()) / p.len().max(1) as f64;
    let (a, b) = (centre(from), centre(to));
    let (mut sum, mut size) = (Vec2::ZERO, 0.0);
    for (p, q) in from.iter().zip(to) {
        let (p, q) = (p.to_vec2() - a, q.to_vec2() - b);
        sum += Vec2::new(p.dot(q), p.cross(q));
        size += p.hypot2();
    }
    if size > 1e-6 && (sum / size).is_finite() { sum / size } else { Vec2::new(1.0, 0.0) }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
