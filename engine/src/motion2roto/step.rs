//! One step of a contour, from a frame to its neighbour.

use kurbo::{Affine, Point, Vec2};
use rayon::prelude::*;

use super::MotionField;
use super::fit::{Observation, robust_affine};
use super::support::gather;

/// A residual of this many px from its surroundings counts half.
const SOFT_PX: f64 = 1.0;
/// Least variance of a step that moves, px squared.
const FLOOR_PX2: f64 = 0.01;
/// Variance of a step that nothing is known about, px squared.
const UNKNOWN_PX2: f64 = 9.0;
/// How far around is looked at first, in reaches: what a limb does as a whole.
const WIDE: f64 = 3.0;
/// Hold of a fit to the one before it, in observations times px squared, and the spread that even a rigid
/// shape's motion is seen with.
const HOLD_PX2: f64 = 0.3;
const NOISE_PX2: f64 = 0.02;

/// Where a contour is on a frame.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub positions: Vec<Point>,
    /// Variance of each sample's motion since the key, px squared.
    pub variance: Vec<f64>,
    /// How motion alone took each sample here from the frame before, px.
    pub moved: Vec<Vec2>,
    /// The last step's overall motion: what is gone from the picture goes on with it.
    pub model: Option<Affine>,
}

impl State {
    pub fn at_key(positions: Vec<Point>) -> Self {
        let n = positions.len();
        State { positions, variance: vec![0.0; n], moved: vec![Vec2::ZERO; n], model: None }
    }
}

/// Reach of the local motion for a contour of this size, px.
pub(super) fn reach_px(positions: &[Point]) -> f64 {
    let lo =
        positions.iter().fold(Vec2::new(f64::MAX, f64::MAX), |m, p| Vec2::new(m.x.min(p.x), m.y.min(p.y)));
    let hi =
        positions.iter().fold(Vec2::new(f64::MIN, f64::MIN), |m, p| Vec2::new(m.x.max(p.x), m.y.max(p.y)));
    (0.04 * (hi - lo).hypot()).clamp(6.0, 40.0)
}

/// Moves a contour by one frame.
pub(super) fn advance(state: &State, closed: bool, motion: &MotionField) -> State {
    let support = gather(&state.positions, closed, motion);
    if !support.is_empty() && support.iter().all(|o| o.motion == Vec2::ZERO) {
        let moved = vec![Vec2::ZERO; state.positions.len()];
        return State { moved, model: Some(Affine::IDENTITY), ..state.clone() };
    }
    let seen = robust_affine(&support);
    let model = seen.or(state.model).unwrap_or(Affine::IDENTITY);
    let reach = reach_px(&state.positions);
    // A rigid shape's parts are held firmly to the whole, those of a soft one loosely: the spread about the wider
    // fit says which. First the neighbourhood's motion is held to the whole's, then the place's to that.
    let coarse: Vec<Observation> = support.iter().step_by(3).copied().collect();
    let hold = HOLD_PX2 / (typical_miss(&support, &model) + NOISE_PX2);
    let locals: Vec<Local> = state
        .positions
        .par_iter()
        .map(|p| {
            let wide = Local::at(*p, &coarse, &model, WIDE * reach, hold, Vec2::ZERO);
            Local::at(*p, &support, &model, reach, HOLD_PX2 / (wide.spread + NOISE_PX2), wide.shift)
        })
        .collect();
    let smooth = smoothed(&state.positions, closed, &locals, 0.5 * reach);
    let positions: Vec<Point> = state.positions.iter().zip(&smooth).map(|(p, d)| model * *p + *d).collect();
    let moved = positions.iter().zip(&state.positions).map(|(p, q)| *p - *q).collect();
    let variance = state.variance.iter().zip(&locals).map(|(v, l)| v + l.variance).collect();
    State { positions, variance, moved, model: seen.map(|_| model).or(state.model) }
}

/// The median squared residual of what is trusted, px squared.
fn typical_miss(support: &[Observation], model: &Affine) -> f64 {
    let mut misses: Vec<f64> = support
        .iter()
        .filter(|o| o.trust > 0.2)
        .map(|o| (o.at + o.motion - *model * o.at).hypot2())
        .collect();
    misses.sort_by(f64::total_cmp);
    misses.get(misses.len() / 2).copied().unwrap_or(0.0)
}

/// Motion about one sample, relative to the overall model.
struct Local {
    shift: Vec2,
    /// Of the shift, px squared.
    variance: f64,
    /// Of the motion seen about it, px squared.
    spread: f64,
}

impl Local {
    /// A robust affine fit of the residuals near `at`, held to `guess` as by `hold` observations.
    fn at(at: Point, support: &[Observation], model: &Affine, reach: f64, hold: f64, guess: Vec2) -> Self {
        let near: Vec<(Vec2, Vec2, f64)> = support
            .iter()
            .filter_map(|o| {
                let p = (o.at - at) / reach;
                let d2 = p.hypot2();
                (d2 < 9.0 && o.trust > 0.0).then(|| {
                    let residual = o.at + o.motion - *model * o.at - guess;
                    (p, residual, o.trust * (-0.5 * d2).exp())
                })
            })
            .collect();
        let total: f64 = near.iter().map(|n| n.2).sum();
        if total < 1e-3 {
            return Local { shift: guess, variance: UNKNOWN_PX2, spread: 1.0 };
        }
        // From a wide loss to a narrow one: the motion that most of the neighbourhood shares is found from afar.
        let mut fit = [Vec2::ZERO; 3];
        let (mut spread, mut kept) = (0.0, 0.0);
        let farthest = near.iter().map(|(_, r, _)| r.hypot()).fold(SOFT_PX, f64::max);
        let mut soft = farthest;
        let mut last = false;
        while !last {
            last = soft <= SOFT_PX;
            // The slopes are held as by a third of all observations besides.
            let mut m = [[0.0f64; 3]; 3];
            let mut b = [Vec2::ZERO; 3];
            (m[0][0], m[1][1], m[2][2]) = (hold, hold + 0.3 * total, hold + 0.3 * total);
            (spread, kept) = (0.0, 0.0);
            for (p, r, w) in &near {
                let miss = (*r - fit[0] - fit[1] * p.x - fit[2] * p.y).hypot2();
                let w = w / (1.0 + miss / (soft * soft)).powi(2);
                let basis = [1.0, p.x, p.y];
                for i in 0..3 {
                    for j in 0..3 {
                        m[i][j] += w * basis[i] * basis[j];
                    }
                    b[i] += *r * (w * basis[i]);
                }
                spread += w * miss;
                kept += w;
            }
            fit = solve3(m, b);
            soft = (0.5 * soft).max(SOFT_PX);
        }
        let spread = spread / kept.max(1e-6);
        let share = kept / total;
        let doubt = 1.0 - (total / (total + 3.0)) * share;
        let variance = FLOOR_PX2 + 0.1 * spread + 0.5 * doubt * doubt;
        Local { shift: guess + fit[0], variance, spread }
    }
}

/// Solves a symmetric positive system by elimination.
fn solve3(mut m: [[f64; 3]; 3], mut b: [Vec2; 3]) -> [Vec2; 3] {
    for i in 0..3 {
        for j in i + 1..3 {
            let (f, upper) = (m[j][i] / m[i][i], m[i]);
            for (low, up) in m[j].iter_mut().zip(upper).skip(i) {
                *low -= f * up;
            }
            b[j] -= b[i] * f;
        }
    }
    let mut x = [Vec2::ZERO; 3];
    for i in (0..3).rev() {
        let mut v = b[i];
        for k in i + 1..3 {
            v -= x[k] * m[i][k];
        }
        x[i] = v / m[i][i];
    }
    x
}

/// Shifts smoothed along the arc, the surer ones counting more.
fn smoothed(positions: &[Point], closed: bool, locals: &[Local], sigma_px: f64) -> Vec<Vec2> {
    let n = positions.len();
    let mut arc = vec![0.0; n + 1];
    for i in 0..n {
        arc[i + 1] = arc[i] + positions[i].distance(positions[(i + 1) % n]);
    }
    let length = arc[n];
    (0..n)
        .map(|i| {
            let (mut sum, mut total) = (Vec2::ZERO, 0.0);
            for j in 0..n {
                let mut d = (arc[i] - arc[j]).abs();
                if closed {
                    d = d.min(length - d);
                }
                if d < 3.0 * sigma_px {
                    let w = (-0.5 * (d / sigma_px).powi(2)).exp() / locals[j].variance;
                    sum += locals[j].shift * w;
                    total += w;
                }
            }
            if total > 0.0 { sum / total } else { Vec2::ZERO }
        })
        .collect()
}
