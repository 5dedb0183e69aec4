//! A closed spline by one parameter.

use kurbo::Vec2;

/// Control points of a closed spline: for each of them the point itself, then the ends of its handles into it and out of it, px.
pub type Controls = Vec<Vec2>;

/// What makes a place on a closed spline: the cubic's four controls, by their numbers in [`Controls`], and its parameter.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    pub controls: [usize; 4],
    t: f64,
}

impl Spot {
    /// Of a spline with `points` control points, at the number of a segment and a parameter on it (0 to 1), added; beyond a turn it goes on.
    pub fn new(u: f64, points: usize) -> Self {
        let u = u.rem_euclid(points as f64);
        let i = (u as usize).min(points - 1);
        let next = (i + 1) % points;
        Spot { controls: [3 * i, 3 * i + 2, 3 * next + 1, 3 * next], t: u - i as f64 }
    }

    /// What each of the four controls counts for the place.
    pub fn shares(&self) -> [f64; 4] {
        let (t, s) = (self.t, 1.0 - self.t);
        [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t]
    }

    /// The place, px.
    pub fn on(&self, controls: &[Vec2]) -> Vec2 {
        self.sum(self.shares(), controls)
    }

    /// The first and the second derivative by the parameter there.
    pub fn slopes(&self, controls: &[Vec2]) -> [Vec2; 2] {
        let (t, s) = (self.t, 1.0 - self.t);
        let first = [-s * s, s * s - 2.0 * s * t, 2.0 * s * t - t * t, t * t].map(|v| 3.0 * v);
        let second = [s, t - 2.0 * s, s - 2.0 * t, t].map(|v| 6.0 * v);
        [self.sum(first, controls), self.sum(second, controls)]
    }

    /// The four controls' sum with these shares.
    pub fn sum(&self, shares: [f64; 4], controls: &[Vec2]) -> Vec2 {
        self.controls.iter().zip(shares).fold(Vec2::ZERO, |sum, (i, share)| sum + controls[*i] * share)
    }

    /// Adds a vector to the four controls by these shares.
    pub fn spread(&self, shares: [f64; 4], v: Vec2, controls: &mut [Vec2]) {
        self.controls.iter().zip(shares).for_each(|(i, share)| controls[*i] += v * share);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kurbo::{CubicBez, ParamCurve, ParamCurveDeriv};

    #[test]
    fn it_is_kurbos_cubic() {
        let controls: Controls =
            (0..9).map(|i| Vec2::new(f64::from(i * i % 7), f64::from(i * 5 % 11))).collect();
        // From the last point back to the first.
        let cubic = CubicBez::new(
            controls[6].to_point(),
            controls[8].to_point(),
            controls[1].to_point(),
            controls[0].to_point(),
        );
        for t in [0.0, 0.3, 0.9] {
            let spot = Spot::new(2.0 + t - 3.0, 3);
            let [d, dd] = spot.slopes(&controls);
            let near = |v: Vec2, p: kurbo::Point| (v - p.to_vec2()).hypot() < 1e-9;
            assert!(near(spot.on(&controls), cubic.eval(t)));
            assert!(near(d, cubic.deriv().eval(t)) && near(dd, cubic.deriv().deriv().eval(t)));
        }
    }
}
