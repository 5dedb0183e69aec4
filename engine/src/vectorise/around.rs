//! A contour by the length of the way around it, and which place on it is which on the next frame's.

use kurbo::{Point, Vec2};

use super::contour::Loop;

/// Steps of a contour of pixels are smoothed over about this, px (the standard deviation of the weights).
const SMOOTH_PX: f64 = 1.5;
/// Contours of a pixel or less are smoothed no more than this often.
const MOST_PASSES: f64 = 6.0;
/// Distance of samples, px.
const STEP_PX: f64 = 1.0;
/// Half the way over which a direction is taken, px.
const DIRECTION_PX: f64 = 5.0;

/// A closed contour, evenly sampled. Places on it are numbers of samples, fractions too, and go on beyond a whole turn.
#[derive(Clone, Debug)]
pub struct Around {
    samples: Vec<Point>,
}

impl Around {
    /// Of a contour, without the steps of its pixels.
    pub fn new(contour: &Loop) -> Self {
        let points = &contour.0;
        let n = points.len();
        let mut along = vec![0.0];
        for i in 0..n {
            along.push(along[i] + points[i].distance(points[(i + 1) % n]));
        }
        let length = along[n];
        let count = ((length / STEP_PX).round() as usize).max(8);
        let mut samples = Vec::with_capacity(count);
        let mut i = 0;
        for k in 0..count {
            let at = length * k as f64 / count as f64;
            while along[i + 1] <= at && i + 1 < n {
                i += 1;
            }
            let span = along[i + 1] - along[i];
            let t = if span > 0.0 { (at - along[i]) / span } else { 0.0 };
            samples.push(points[i].lerp(points[(i + 1) % n], t));
        }
        Around { samples: smoothed(&samples, SMOOTH_PX * count as f64 / length.max(1e-9)) }
    }

    /// Samples in a turn.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// The place, px.
    pub fn at(&self, s: f64) -> Point {
        let n = self.samples.len();
        let s = s.rem_euclid(n as f64);
        let i = (s as usize).min(n - 1);
        self.samples[i].lerp(self.samples[(i + 1) % n], s - i as f64)
    }

    /// The unit vector of the way to `s` and of the way on from it.
    pub fn directions(&self, s: f64) -> [Vec2; 2] {
        let reach = DIRECTION_PX.min(self.samples.len() as f64 / 8.0);
        let here = self.at(s);
        [here - self.at(s - reach), self.at(s + reach) - here].map(unit)
    }

    /// The places from `from` to `to`, both ends included, at most about `STEP_PX` apart.
    pub fn between(&self, from: f64, to: f64) -> Vec<Point> {
        let count = ((to - from).ceil().max(1.0)) as usize;
        (0..=count).map(|k| self.at(from + (to - from) * k as f64 / count as f64)).collect()
    }

    fn centre(&self) -> Vec2 {
        self.samples.iter().map(|p| p.to_vec2()).sum::<Vec2>() / self.samples.len() as f64
    }
}

/// Of length 1, or zero.
pub fn unit(v: Vec2) -> Vec2 {
    let length = v.hypot();
    if length > 1e-9 { v / length } else { Vec2::ZERO }
}

/// Samples averaged around the contour by a binomial of this standard deviation, samples.
fn smoothed(samples: &[Point], sigma: f64) -> Vec<Point> {
    let n = samples.len();
    let mut out = samples.to_vec();
    // Each pass of 1 2 1 adds a variance of a half.
    for _ in 0..(2.0 * sigma * sigma).round().min(MOST_PASSES) as usize {
        let old = out.clone();
        for i in 0..n {
            let (a, b, c) = (old[(i + n - 1) % n], old[i], old[(i + 1) % n]);
            out[i] = ((a.to_vec2() + b.to_vec2() * 2.0 + c.to_vec2()) / 4.0).to_point();
        }
    }
    out
}

/// How far a sample of one contour may run ahead on the other, in what an even way would be.
const AHEAD: f64 = 4.0;
/// What a difference in direction costs: that of a way of so many px.
const TURN_PX: f64 = 12.0;
/// What an uneven way costs, px squared for each sample squared.
const UNEVEN: f64 = 0.6;
/// Places on the other contour that are tried.
const MOST_PLACES: usize = 720;
/// Starts that are tried.
const STARTS: usize = 6;

/// Where the places `from` of contour `a`, ascending within a turn, are on contour `b`: the monotonic way around with the least
/// sum of squared distances, after both are laid on each other, and of differences in direction (dynamic time warping, Sakoe and
/// Chiba 1978, closed by trying starts).
pub fn carried(a: &Around, from: &[f64], b: &Around) -> Vec<f64> {
    let (count, n) = (from.len(), b.len().min(MOST_PLACES));
    let stride = b.len() as f64 / n as f64;
    let motion = b.centre() - a.centre();
    let spot = |c: &Around, s: f64, by: Vec2| {
        let [into, out] = c.directions(s);
        (c.at(s) + by, unit(into + out) * TURN_PX)
    };
    let mine: Vec<_> = from.iter().map(|s| spot(a, *s, motion)).collect();
    let theirs: Vec<_> = (0..n).map(|j| spot(b, j as f64 * stride, Vec2::ZERO)).collect();
    let cost = |k: usize, j: usize| {
        let ((p, d), (q, e)) = (mine[k % count], theirs[j % n]);
        (p - q).hypot2() + (d - e).hypot2() / 2.0
    };
    let mut best: Option<(f64, Vec<f64>)> = None;
    for start in 0..STARTS {
        let first = start * count / STARTS;
        let nearest = (0..n).min_by(|i, j| cost(first, *i).total_cmp(&cost(first, *j))).unwrap_or(0);
        let (sum, way) = way_around(count, n, |k, j| cost(first + k, nearest + j));
        if best.as_ref().is_none_or(|(least, _)| sum < *least) {
            let mut places = vec![0.0; count];
            for (k, j) in way.iter().enumerate() {
                let (index, turns) = ((first + k) % count, (first + k) / count);
                places[index] = stride * ((nearest + j) as f64 - (turns * n) as f64);
            }
            best = Some((sum, places));
        }
    }
    best.map_or_else(|| vec![0.0; count], |(_, places)| places)
}

/// The cheapest monotonic way from (0, 0) to (count, n), a step in the first for each.
fn way_around(count: usize, n: usize, cost: impl Fn(usize, usize) -> f64) -> (f64, Vec<usize>) {
    let even = n as f64 / count as f64;
    let most = ((AHEAD * even).ceil() as usize).max(2);
    let (mut sums, mut steps) = (vec![f64::INFINITY; n + 1], Vec::with_capacity(count));
    sums[0] = cost(0, 0);
    for k in 1..=count {
        let mut new = vec![f64::INFINITY; n + 1];
        let mut by = vec![0u16; n + 1];
        for j in 0..=n {
            for step in 0..=most.min(j) {
                let sum = sums[j - step] + UNEVEN * (step as f64 - even).powi(2);
                if sum < new[j] {
                    (new[j], by[j]) = (sum, step as u16);
                }
            }
            if new[j] < f64::INFINITY && k < count {
                new[j] += cost(k, j);
            }
        }
        sums = new;
        steps.push(by);
    }
    let mut way = vec![0; count];
    let mut j = n;
    for k in (0..count).rev() {
        j -= usize::from(steps[k][j]);
        way[k] = j;
    }
    (sums[n], way)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn star(turn: f64, centre: (f64, f64), start: f64) -> Loop {
        let place = |i: usize| {
            let a = std::f64::consts::TAU * (i as f64 / 300.0 + start);
            let r = 40.0 + 12.0 * (3.0 * a).cos() + 5.0 * (a + 1.0).sin();
            Point::new(centre.0 + r * (a + turn).cos(), centre.1 + r * (a + turn).sin())
        };
        Loop((0..300).map(place).collect())
    }

    #[test]
    fn places_stay_on_their_features() {
        let (a, b) =
            (Around::new(&star(0.0, (100.0, 90.0), 0.0)), Around::new(&star(0.1, (108.0, 95.0), 0.37)));
        let from: Vec<f64> = (0..60).map(|k| k as f64 * a.len() as f64 / 60.0).collect();
        let to = carried(&a, &from, &b);
        for (s, t) in from.iter().zip(&to) {
            let at = a.at(*s) - Point::new(100.0, 90.0);
            let (sin, cos) = 0.1f64.sin_cos();
            let truth = Point::new(108.0 + at.x * cos - at.y * sin, 95.0 + at.x * sin + at.y * cos);
            assert!(b.at(*t).distance(truth) < 6.0, "{s}: {:?} {truth:?}", b.at(*t));
        }
        assert!(to.windows(2).all(|w| w[1] >= w[0]) && to[59] <= to[0] + b.len() as f64);
    }

    #[test]
    fn small_contours_have_samples_too() {
        let small =
            Around::new(&Loop(vec![Point::new(1.0, 1.0), Point::new(2.0, 1.0), Point::new(1.5, 2.0)]));
        assert_eq!(small.len(), 8);
        assert_eq!(small.at(8.0), small.at(0.0));
        assert_eq!(small.between(0.0, 3.5).len(), 5);
    }
}
