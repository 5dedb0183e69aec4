//! How what lies around places goes over from one picture to another.

use nalgebra::{DMatrix, Matrix2x3, Matrix3, Matrix3x2, Point2, Vector2, Vector3};

/// From how far a point takes what places beside it do beyond the affine map, as a share of how far all are spread.
const REACH: f64 = 0.35;
/// What a place is off without meaning anything, beside what it is off the affine map (both variances).
const NOISE: f64 = 0.05;
/// Fewer places than this say nothing about how a picture is turned and bent.
const FEWEST: usize = 4;

/// An affine map by least squares, and a smooth field of what places are off it (regression by a Gaussian process: Rasmussen and
/// Williams 2006, 2.2).
#[derive(Clone, Debug)]
pub(super) struct Warp {
    affine: Matrix2x3<f64>,
    places: Vec<Point2<f64>>,
    pulls: Vec<Vector2<f64>>,
    reach: f64,
    /// Root mean square of what the places are off the affine map, px of the second picture.
    pub bent_px: f64,
}

impl Warp {
    /// Of places in both pictures, px; `None` for less than four, or places along a line.
    pub fn between(pairs: &[(Point2<f64>, Point2<f64>)]) -> Option<Warp> {
        if pairs.len() < FEWEST {
            return None;
        }
        let count = pairs.len() as f64;
        let middle = pairs.iter().map(|p| p.0.coords).sum::<Vector2<f64>>() / count;
        let spread = (pairs.iter().map(|p| (p.0.coords - middle).norm_squared()).sum::<f64>() / count).sqrt();
        let (mut normal, mut right) = (Matrix3::zeros(), Matrix3x2::zeros());
        for (from, to) in pairs {
            let row = ahead(from);
            normal += row * row.transpose();
            right += row * to.coords.transpose();
        }
        // The narrowest way across all places, beside the widest.
        let across = pairs.iter().fold(nalgebra::Matrix2::zeros(), |sum, (from, _)| {
            let d = from.coords - middle;
            sum + d * d.transpose()
        });
        let widths = across.symmetric_eigenvalues();
        if widths.min() < 1e-4 * widths.max() {
            return None;
        }
        let affine = (normal.try_inverse()? * right).transpose();
        let places: Vec<Point2<f64>> = pairs.iter().map(|p| p.0).collect();
        let rests: Vec<Vector2<f64>> = pairs.iter().map(|(f, t)| t.coords - affine * ahead(f)).collect();
        let bent_px = (rests.iter().map(|r| r.norm_squared()).sum::<f64>() / count).sqrt();
        let reach = REACH * spread.max(1e-6);
        let covariance = DMatrix::from_fn(places.len(), places.len(), |i, j| {
            near(&places[i], &places[j], reach) + if i == j { NOISE } else { 0.0 }
        });
        let right = DMatrix::from_fn(places.len(), 2, |i, axis| rests[i][axis]);
        let pulls = covariance.cholesky()?.solve(&right);
        let pulls = (0..places.len()).map(|i| Vector2::new(pulls[(i, 0)], pulls[(i, 1)])).collect();
        Some(Warp { affine, places, pulls, reach, bent_px })
    }

    /// Where a point of the first picture is in the second.
    pub fn at(&self, p: Point2<f64>) -> Point2<f64> {
        let pulled =
            self.places.iter().zip(&self.pulls).map(|(place, pull)| pull * near(place, &p, self.reach));
        Point2::from(self.affine * ahead(&p) + pulled.sum::<Vector2<f64>>())
    }
}

fn ahead(p: &Point2<f64>) -> Vector3<f64> {
    Vector3::new(p.x, p.y, 1.0)
}

fn near(a: &Point2<f64>, b: &Point2<f64>, reach: f64) -> f64 {
    (-0.5 * (a - b).norm_squared() / (reach * reach)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bent(p: Point2<f64>) -> Point2<f64> {
        Point2::new(1.1 * p.x + 0.2 * p.y + 7.0 + 3.0 * (p.y / 40.0).sin(), 0.9 * p.y - 0.1 * p.x)
    }

    #[test]
    fn what_lies_between_places_goes_along() {
        let places = (0..36).map(|i| Point2::new(f64::from(i % 6) * 20.0, f64::from(i / 6) * 20.0));
        let pairs: Vec<_> = places.map(|p| (p, bent(p))).collect();
        let warp = Warp::between(&pairs).unwrap();
        for p in [Point2::new(33.0, 47.0), Point2::new(12.0, 88.0)] {
            assert!((warp.at(p) - bent(p)).norm() < 0.5, "{p:?}");
        }
        // Far outside only the affine map is left.
        let far = Point2::new(1000.0, 50.0);
        assert!((warp.at(far) - bent(far)).norm() < 30.0);
    }

    #[test]
    fn few_places_and_places_along_a_line_say_nothing() {
        let line: Vec<_> =
            (0..9).map(|i| Point2::new(f64::from(i), 2.0 * f64::from(i))).map(|p| (p, p)).collect();
        assert!(Warp::between(&line).is_none() && Warp::between(&line[..2]).is_none());
    }
}
