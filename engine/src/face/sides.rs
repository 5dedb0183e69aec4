//! What colours lie on the two sides of a stretch of an outline, as keyed pictures show them, and how well a line of a frame parts the
//! same colours (the statistics of region competition: Zhu and Yuille 1996, but each stretch by itself). It knows an outline whose
//! shape no key shows, as that of lips around a mouth that opens wider than it ever did.

use nalgebra::{Matrix3, Vector3};

use super::look::Colour;
use super::ribbon::{BESIDE, GRAIN, Piece, Side, Window};

/// Logarithm of a ratio of likelihoods that is as good as certain.
const CERTAIN: f64 = 3.0;
/// The least mean logarithm by which the keyed pictures' own sides must be told apart.
const LEAST: f64 = 1.0;

/// Both sides of a stretch of an outline.
#[derive(Clone, Debug)]
pub(super) struct Sides {
    inside: Normal,
    outside: Normal,
    /// How well keyed outlines part them.
    pub keyed: f64,
}

impl Sides {
    /// As pieces of keyed pictures show them, each with what it counts. None where they look alike.
    pub fn of(pieces: &[(f64, &Piece)], inside: Side) -> Option<Sides> {
        let side = |which: usize| {
            Normal::of(pieces.iter().flat_map(move |&(weight, piece)| {
                piece.beside(inside)[which].iter().map(move |c| (weight, vector(c)))
            }))
        };
        let mut sides = Sides { inside: side(0)?, outside: side(1)?, keyed: 0.0 };
        let weights: f64 = pieces.iter().map(|(weight, _)| weight).sum();
        let parted = |(weight, piece): &(f64, &Piece)| weight * sides.along(&piece.means(BESIDE), inside)[0];
        sides.keyed = pieces.iter().map(parted).sum::<f64>() / weights;
        (sides.keyed >= LEAST).then_some(sides)
    }

    /// How well an edge would part the two sides at each offset of a window, as a mean logarithm.
    pub fn across(&self, window: &Window, inside: Side) -> Vec<f64> {
        self.along(&window.means(BESIDE), inside)
    }

    fn along(&self, means: &[Colour], inside: Side) -> Vec<f64> {
        let ratio = |c: &Colour| {
            let c = vector(c);
            (self.inside.log(&c) - self.outside.log(&c)).clamp(-CERTAIN, CERTAIN)
        };
        let ratios: Vec<f64> = means.iter().map(ratio).collect();
        let parted = |lines: &[f64]| {
            let mean = |lines: &[f64]| lines.iter().sum::<f64>() / BESIDE as f64;
            let (lower, higher) = (mean(&lines[..BESIDE]), mean(&lines[BESIDE + 1..]));
            match inside {
                Side::Lower => (lower - higher) / 2.0,
                Side::Higher => (higher - lower) / 2.0,
            }
        };
        ratios.windows(2 * BESIDE + 1).map(parted).collect()
    }
}

fn vector(c: &Colour) -> Vector3<f64> {
    Vector3::new(f64::from(c[0]), f64::from(c[1]), f64::from(c[2]))
}

/// A normal distribution of colours.
#[derive(Clone, Debug)]
struct Normal {
    mean: Vector3<f64>,
    inverse: Matrix3<f64>,
    log_norm: f64,
}

impl Normal {
    fn of(colours: impl Iterator<Item = (f64, Vector3<f64>)> + Clone) -> Option<Normal> {
        let weight: f64 = colours.clone().map(|(w, _)| w).sum();
        let mean = colours.clone().map(|(w, c)| c * w).sum::<Vector3<f64>>() / weight;
        let spread = |(w, c): (f64, Vector3<f64>)| (c - mean) * (c - mean).transpose() * w;
        let covariance = colours.map(spread).sum::<Matrix3<f64>>() / weight
            + Matrix3::from_diagonal_element(GRAIN * GRAIN);
        let log_norm = -0.5 * covariance.determinant().ln();
        let normal = Normal { mean, inverse: covariance.try_inverse()?, log_norm };
        normal.log_norm.is_finite().then_some(normal)
    }

    /// Logarithm of the density, but for a constant.
    fn log(&self, colour: &Vector3<f64>) -> f64 {
        let off = colour - self.mean;
        self.log_norm - 0.5 * off.dot(&(self.inverse * off))
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::Point2;

    use super::super::look::Look;
    use super::super::ribbon::peaks;
    use super::*;
    use crate::image::{Colours, Encoding, Rgb};

    const SKIN: [f32; 3] = [0.7, 0.5, 0.4];
    const LIP: [f32; 3] = [0.7, 0.35, 0.35];

    /// Level stripes of colours down a picture, each from its height on, with a little texture.
    fn stripes(stripes: &[(usize, [f32; 3])]) -> Look {
        let pixel = |i: usize| {
            let (x, y) = (i % 80, i / 80);
            let (_, colour) = stripes.iter().rev().find(|(from, _)| *from <= y).unwrap();
            colour.map(|v| v + 0.02 * ((x as f32 * 1.3).sin() + (y as f32 * 0.9).cos()))
        };
        let pixels = (0..80 * 80).map(pixel).collect();
        Look::new(&Colours::new(&Rgb::from_vec(80, 80, pixels).unwrap(), Encoding::Display), 1.0)
    }

    fn level(y: f64) -> [Point2<f64>; 4] {
        [20.0, 33.0, 46.0, 60.0].map(|x| Point2::new(x, y))
    }

    /// The normal points up, and lips lie below the outline.
    const INSIDE: Side = Side::Lower;

    #[test]
    fn lips_end_at_skin_however_far_the_mouth_has_opened() {
        let keyed = Piece::across(&stripes(&[(0, SKIN), (40, LIP)]), &level(40.0), 0.5, 1.0).unwrap();
        let sides = Sides::of(&[(1.0, &keyed)], INSIDE).unwrap();
        assert!(sides.keyed > 2.0, "{}", sides.keyed);
        // Teeth and what is dark make stronger edges than lips do.
        let frame = stripes(&[(0, SKIN), (34, LIP), (41, [0.05; 3]), (50, [0.9; 3])]);
        let window = Window::across(&frame, &level(40.0), 0.5, 14).unwrap();
        let parted = sides.across(&window, INSIDE);
        assert_eq!(parted.len(), 29);
        let best = peaks(&parted).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        assert!((best.0 - 6.0).abs() < 0.6 && best.1 > 0.6 * sides.keyed, "{best:?} {}", sides.keyed);
    }

    #[test]
    fn sides_that_look_alike_tell_nothing() {
        let keyed = Piece::across(&stripes(&[(0, SKIN)]), &level(40.0), 0.5, 1.0).unwrap();
        assert!(Sides::of(&[(1.0, &keyed), (0.5, &keyed)], INSIDE).is_none());
        assert!(Sides::of(&[], INSIDE).is_none());
    }
}
