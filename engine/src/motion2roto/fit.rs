//! Robust parametric motion.

use kurbo::{Affine, Point, Vec2};

use crate::random::Random;

/// One observed displacement, px, with a weight from 0 to 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observation {
    pub at: Point,
    pub motion: Vec2,
    pub trust: f64,
}

/// Misses of this many px count half.
const SOFT_PX: f64 = 1.0;
/// Hypotheses tried.
const TRIES: usize = 120;
/// Observations that judge a hypothesis.
const JUDGES: usize = 400;

/// The affine motion (a map of positions) that most observations follow: the best of many two-point similarities
/// by a bounded loss (as MSAC, Torr and Zisserman 2000), then iteratively reweighted least squares. `None` without
/// a trusted observation. Deterministic.
pub(super) fn robust_affine(observations: &[Observation]) -> Option<Affine> {
    let good: Vec<&Observation> = observations.iter().filter(|o| o.trust > 0.05).collect();
    if good.is_empty() {
        return None;
    }
    let step = good.len().div_ceil(JUDGES);
    let judges: Vec<&Observation> = good.iter().step_by(step).copied().collect();
    let loss = |m: &Affine| {
        judges
            .iter()
            .map(|o| {
                o.trust * ((*m * o.at - (o.at + o.motion)).hypot2() / (4.0 * SOFT_PX * SOFT_PX)).min(1.0)
            })
            .sum::<f64>()
    };
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut best = (Affine::translate(median(&judges)), f64::INFINITY);
    best.1 = loss(&best.0);
    for _ in 0..TRIES {
        let (a, b) = (good[random.below(good.len())], good[random.below(good.len())]);
        if let Some(m) = similarity(a, b) {
            let l = loss(&m);
            if l < best.1 {
                best = (m, l);
            }
        }
    }
    let mut model = best.0;
    for _ in 0..6 {
        let weighted = good.iter().map(|o| {
            let miss = (model * o.at - (o.at + o.motion)).hypot2() / (SOFT_PX * SOFT_PX);
            (*o, o.trust / (1.0 + miss).powi(2))
        });
        model = least_squares(weighted)?;
    }
    let polished = loss(&model);
    Some(if polished <= best.1 + 1e-9 { model } else { best.0 })
}

/// The similarity that moves two observed points as observed, unless they are too near to tell.
fn similarity(a: &Observation, b: &Observation) -> Option<Affine> {
    let (from, to) = (b.at - a.at, b.at + b.motion - (a.at + a.motion));
    let size = from.hypot2();
    if size < 16.0 {
        return None;
    }
    let (c, s) = (from.dot(to) / size, from.cross(to) / size);
    let scale = c.hypot(s);
    (0.5..2.0).contains(&scale).then(|| about(a.at, [c, s, -s, c], a.motion))
}

/// The affine map that multiplies by `m` (columns) about a point and moves that point by `shift`.
fn about(at: Point, m: [f64; 4], shift: Vec2) -> Affine {
    let to = at + shift;
    Affine::new([m[0], m[1], m[2], m[3], to.x - m[0] * at.x - m[2] * at.y, to.y - m[1] * at.x - m[3] * at.y])
}

fn median(of: &[&Observation]) -> Vec2 {
    let middle = |get: fn(&Observation) -> f64| {
        let mut v: Vec<f64> = of.iter().map(|o| get(o)).collect();
        v.sort_by(f64::total_cmp);
        v.get(v.len() / 2).copied().unwrap_or(0.0)
    };
    Vec2::new(middle(|o| o.motion.x), middle(|o| o.motion.y))
}

/// Weighted affine fit, lightly held to a translation so that a thin support cannot shear.
fn least_squares<'a>(weighted: impl Iterator<Item = (&'a Observation, f64)> + Clone) -> Option<Affine> {
    let (mut total, mut at, mut motion) = (0.0, Vec2::ZERO, Vec2::ZERO);
    for (o, w) in weighted.clone() {
        total += w;
        at += o.at.to_vec2() * w;
        motion += o.motion * w;
    }
    if total.is_nan() || total < 1e-9 {
        return None;
    }
    let (at, motion) = (at / total, motion / total);
    // The hold: worth eight observations two px from the centre.
    let hold = 32.0_f64.min(total * 4.0);
    let (mut xx, mut xy, mut yy) = (hold, 0.0, hold);
    let mut sums = [0.0; 4];
    for (o, w) in weighted {
        let (p, d) = (o.at.to_vec2() - at, o.motion - motion);
        xx += w * p.x * p.x;
        xy += w * p.x * p.y;
        yy += w * p.y * p.y;
        for (s, v) in sums.iter_mut().zip([p.x * d.x, p.y * d.x, p.x * d.y, p.y * d.y]) {
            *s += w * v;
        }
    }
    let det = xx * yy - xy * xy;
    let solve = |p: f64, q: f64| [(yy * p - xy * q) / det, (xx * q - xy * p) / det];
    let (u, v) = (solve(sums[0], sums[1]), solve(sums[2], sums[3]));
    let m = [1.0 + u[0], v[0], u[1], 1.0 + v[1]];
    m.iter().all(|c| c.is_finite()).then(|| about(at.to_point(), m, motion))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn outliers_do_not_matter(m in prop::array::uniform4(-0.1..0.1f64), d in prop::array::uniform2(-30.0..30.0f64)) {
            let truth = about(Point::new(50.0, 40.0), [1.0 + m[0], m[1], m[2], 1.0 + m[3]], Vec2::new(d[0], d[1]));
            let observations: Vec<_> = (0..400)
                .map(|i| {
                    let at = Point::new(f64::from(i % 20) * 5.0, f64::from(i / 20) * 4.0);
                    let motion = if i % 3 == 0 { Vec2::new(55.0, f64::from(i) * 0.1) } else { truth * at - at };
                    Observation { at, motion, trust: 1.0 }
                })
                .collect();
            let found = robust_affine(&observations).unwrap();
            for o in observations.iter().step_by(7) {
                prop_assert!((found * o.at).distance(truth * o.at) < 0.3);
            }
        }
    }

    #[test]
    fn few_observations_give_a_translation() {
        let one = Observation { at: Point::new(3.0, 4.0), motion: Vec2::new(1.0, 2.0), trust: 1.0 };
        let m = robust_affine(&[one]).unwrap();
        assert!((m * Point::new(90.0, 10.0)).distance(Point::new(91.0, 12.0)) < 1e-9);
        assert!(robust_affine(&[]).is_none());
        assert!(robust_affine(&[Observation { trust: 0.0, ..one }]).is_none());
    }
}
