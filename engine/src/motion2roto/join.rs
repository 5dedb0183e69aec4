//! What was carried from two keys, made one.

use kurbo::{Point, Vec2};

use super::step::State;

/// Spread over which a walk's variance is smoothed, in lengths of the contour.
const SMOOTH: f64 = 0.05;

/// A contour on a frame between keys.
#[derive(Clone, Debug)]
pub(super) struct Joined {
    pub positions: Vec<Point>,
    /// How much of it comes from the later key, 0 to 1.
    pub later: f64,
}

/// From one key only.
pub(super) fn single(state: &State, later: bool) -> Joined {
    Joined { positions: state.positions.clone(), later: if later { 1.0 } else { 0.0 } }
}

/// From both keys of a span. `forward` starts at the earlier key and has a state for each frame up to and
/// with the later one; `backward` the other way round, in order of walking. Gives the frames in between.
///
/// A walk's miss at the far key is handed back over its steps in proportion to their variance, turned back with the
/// shape; the two are then mixed in proportion to the variance that lies between each and its key. The variance
/// is smoothed along the contour: neighbours that were handed back different shares would tear it into spikes. Where
/// nothing moved nothing varies, so a held frame gets the values of the frame it holds.
pub(super) fn both(forward: &[State], backward: &[State], closed: bool) -> Vec<Joined> {
    let n = forward.len();
    let [Some(a), Some(b)] = [forward.first(), backward.first()] else { return Vec::new() };
    let walks = [(forward, b), (backward, a)].map(|(walk, target)| Corrected::new(walk, target, closed));
    (1..n.saturating_sub(1))
        .map(|i| {
            let (f, g) = (&forward[i], &backward[n - 1 - i]);
            let (pf, pg) = (walks[0].positions(f), walks[1].positions(g));
            let (wf, wg) = (smoothed(&f.variance, closed), smoothed(&g.variance, closed));
            let shares: Vec<f64> = wf.iter().zip(&wg).map(|(f, g)| share_of(*f, f + g)).collect();
            let later = mean(&shares);
            let positions = pf.iter().zip(&pg).zip(&shares).map(|((p, q), s)| p.lerp(*q, *s)).collect();
            Joined { later, positions }
        })
        .collect()
}

/// A walk with its miss at the far end known.
struct Corrected {
    end: State,
    closed: bool,
    /// The end's variance, smoothed.
    total: Vec<f64>,
    miss: Vec<Vec2>,
}

impl Corrected {
    fn new(walk: &[State], target: &State, closed: bool) -> Self {
        let end = walk.last().cloned().unwrap_or_else(|| State::at_key(Vec::new()));
        let miss: Vec<Vec2> = target.positions.iter().zip(&end.positions).map(|(t, p)| *t - *p).collect();
        let total = smoothed(&end.variance, closed);
        Corrected { end, closed, total, miss }
    }

    fn positions(&self, state: &State) -> Vec<Point> {
        let turn = turn(&self.end.positions, &state.positions);
        let variance = smoothed(&state.variance, self.closed);
        state
            .positions
            .iter()
            .zip(&self.miss)
            .zip(variance.iter().zip(&self.total))
            .map(|((p, m), (part, whole))| {
                let turned = Vec2::new(turn.x * m.x - turn.y * m.y, turn.y * m.x + turn.x * m.y);
                *p + turned * share_of(*part, *whole)
            })
            .collect()
    }
}

/// Values smoothed along the contour, over about a tenth of it.
fn smoothed(values: &[f64], closed: bool) -> Vec<f64> {
    let n = values.len() as isize;
    let sigma = (SMOOTH * n as f64).max(2.0);
    let reach = ((2.0 * sigma).ceil() as isize).min(n / 2);
    (0..n)
        .map(|i| {
            let (mut sum, mut total) = (0.0, 0.0);
            for d in -reach..=reach {
                let at = if closed { (i + d).rem_euclid(n) } else { (i + d).clamp(0, n - 1) };
                let w = (-0.5 * (d as f64 / sigma).powi(2)).exp();
                sum += w * values[at as usize];
                total += w;
            }
            sum / total
        })
        .collect()
}

/// A part of a whole, 0 to 1; 0 of nothing.
fn share_of(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
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
