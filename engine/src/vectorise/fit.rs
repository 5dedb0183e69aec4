//! A cubic through places between two control points.

use kurbo::{CubicBez, ParamCurve, ParamCurveDeriv, Point, Vec2};

/// Rounds of moving each place's parameter to where the curve is nearest.
const ROUNDS: usize = 4;
/// What the guide's handles count beside a place.
const GUIDE: f64 = 0.02;
/// How many times as far as the others a single place may be.
const FARTHEST: f64 = 4.0;

/// How far off places at these distances are, px: twice the root of the mean square, so that nearly all are nearer, or a share of the
/// farthest.
pub fn off_px(misses: &[f64]) -> f64 {
    let square = misses.iter().map(|m| m * m).sum::<f64>() / misses.len().max(1) as f64;
    let most = misses.iter().copied().fold(0.0, f64::max);
    (2.0 * square.sqrt()).max(most / FARTHEST)
}

/// A curve, and where it misses its places most.
#[derive(Clone, Copy, Debug)]
pub struct Fitted {
    pub curve: CubicBez,
    /// How far off the places are, px ([`off_px`]).
    pub off_px: f64,
    /// Which place is farthest.
    pub worst: usize,
}

/// The cubic from the first place to the last one by least squares, with each place's parameter where the curve is nearest (Plass and
/// Stone 1983). What the places leave open is settled by handles that leave along `out` and arrive along `into` (unit vectors).
pub fn fit(places: &[Point], out: Vec2, into: Vec2) -> Fitted {
    let (first, last) = (places[0], places[places.len() - 1]);
    let length: f64 = places.windows(2).map(|w| w[0].distance(w[1])).sum();
    let guide = CubicBez::new(first, first + out * (length / 3.0), last - into * (length / 3.0), last);
    let mut ts = by_chords(places, length);
    let mut curve = least_squares(places, &ts, &guide);
    for _ in 0..ROUNDS {
        let (slopes, bends) = (curve.deriv(), curve.deriv().deriv());
        for (t, p) in ts.iter_mut().zip(places) {
            let off = curve.eval(*t) - *p;
            let (d, dd) = (slopes.eval(*t).to_vec2(), bends.eval(*t).to_vec2());
            let slope = d.hypot2() + off.dot(dd);
            if slope > 1e-9 {
                *t = (*t - off.dot(d) / slope).clamp(0.0, 1.0);
            }
        }
        curve = least_squares(places, &ts, &guide);
    }
    let misses: Vec<f64> = places.iter().zip(&ts).map(|(p, t)| curve.eval(*t).distance(*p)).collect();
    let worst = (0..misses.len()).max_by(|a, b| misses[*a].total_cmp(&misses[*b])).unwrap_or(0);
    Fitted { curve, off_px: off_px(&misses), worst }
}

fn by_chords(places: &[Point], length: f64) -> Vec<f64> {
    let mut way = 0.0;
    let mut ts = vec![0.0];
    for pair in places.windows(2) {
        way += pair[0].distance(pair[1]);
        ts.push(if length > 0.0 { way / length } else { 0.0 });
    }
    ts
}

fn least_squares(places: &[Point], ts: &[f64], guide: &CubicBez) -> CubicBez {
    let (mut aa, mut ab, mut bb) = (GUIDE, 0.0, GUIDE);
    let (mut ar, mut br) = (guide.p1.to_vec2() * GUIDE, guide.p2.to_vec2() * GUIDE);
    for (t, p) in ts.iter().zip(places) {
        let s = 1.0 - t;
        let (a, b) = (3.0 * s * s * t, 3.0 * s * t * t);
        let rest = p.to_vec2() - guide.p0.to_vec2() * (s * s * s) - guide.p3.to_vec2() * (t * t * t);
        aa += a * a;
        ab += a * b;
        bb += b * b;
        ar += rest * a;
        br += rest * b;
    }
    // Above 0, as the guide has a share in both sums of squares.
    let determinant = aa * bb - ab * ab;
    let [p1, p2] = [ar * bb - br * ab, br * aa - ar * ab].map(|v| (v / determinant).to_point());
    CubicBez::new(guide.p0, p1, p2, guide.p3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cubic_is_found_again() {
        let curve = CubicBez::new((0.0, 0.0), (10.0, -20.0), (40.0, -15.0), (50.0, 5.0));
        let places: Vec<Point> = (0..=60).map(|i| curve.eval(f64::from(i) / 60.0)).collect();
        let unit = |v: Vec2| v / v.hypot();
        let fitted = fit(&places, unit(curve.p1 - curve.p0), unit(curve.p3 - curve.p2));
        assert!(fitted.off_px < 0.15, "{fitted:?}");
    }

    #[test]
    fn a_bend_is_missed_where_it_is() {
        let bend =
            (0..=40).map(|i| Point::new(f64::from(i), if i == 30 { 6.0 } else { 0.0 })).collect::<Vec<_>>();
        let fitted = fit(&bend, Vec2::new(1.0, 0.0), Vec2::new(1.0, 0.0));
        assert!(fitted.worst == 30 && fitted.off_px > 1.0, "{fitted:?}");
        let nothing = fit(&[Point::new(1.0, 2.0); 3], Vec2::ZERO, Vec2::ZERO);
        assert!(nothing.curve.p1.is_finite() && nothing.off_px == 0.0);
    }
}
