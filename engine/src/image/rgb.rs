//! Colour pictures, and the luma that matching works on.

use rayon::prelude::*;

use super::{Plane, SizeError};

/// How a picture's values relate to light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Proportional to light, as a compositing host delivers.
    #[default]
    Linear,
    /// Made for a display: sRGB, Rec. 709, and log pictures too.
    Display,
}

/// A colour picture: `width * height` pixels of red, green, blue, row by row from the top.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rgb {
    width: usize,
    height: usize,
    data: Vec<[f32; 3]>,
}

impl Rgb {
    /// A picture from its rows.
    pub fn from_vec(width: usize, height: usize, data: Vec<[f32; 3]>) -> Result<Self, SizeError> {
        if width.checked_mul(height) == Some(data.len()) {
            Ok(Rgb { width, height, data })
        } else {
            Err(SizeError { width, height, got: data.len() })
        }
    }

    /// Width, px.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height, px.
    pub fn height(&self) -> usize {
        self.height
    }

    /// All pixels, row by row from the top.
    pub fn data(&self) -> &[[f32; 3]] {
        &self.data
    }

    /// The plane that [`crate::flow`] wants: Rec. 709 luma of values made fit for matching, 0 to 2. What is not a number or negative
    /// becomes 0; above 1 the values are compressed, so that a lamp does not outweigh the rest of the picture.
    pub fn luma(&self, encoding: Encoding) -> Plane {
        let luma = |p: &[f32; 3]| luma_of(p.map(|v| compress(v, encoding)));
        let data = self.data.par_iter().map(luma).collect();
        Plane::from_vec(self.width, self.height, data).unwrap_or_default()
    }
}

/// Of compressed values.
pub(super) fn luma_of([r, g, b]: [f32; 3]) -> f32 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// A value made fit for matching.
pub(super) fn compress(v: f32, encoding: Encoding) -> f32 {
    if v.is_nan() || v <= 0.0 {
        return 0.0;
    }
    if v > 1.0 {
        return (1.0 + 0.2 * v.ln()).min(2.0);
    }
    match encoding {
        Encoding::Display => v,
        // The sRGB curve (IEC 61966-2-1).
        Encoding::Linear if v <= 0.003_130_8 => 12.92 * v,
        Encoding::Linear => 1.055 * v.powf(1.0 / 2.4) - 0.055,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luma_is_finite_and_rises() {
        let values = [f32::NEG_INFINITY, -3.0, 0.0, 1e-4, 0.2, 1.0, 4.0, 65504.0, f32::INFINITY];
        let data = values.iter().map(|&v| [v; 3]).chain([[f32::NAN; 3]]).collect();
        let picture = Rgb::from_vec(10, 1, data).unwrap();
        for encoding in [Encoding::Linear, Encoding::Display] {
            let luma = picture.luma(encoding);
            assert!(luma.data().iter().all(|v| (0.0..=2.001).contains(v)));
            assert!(luma.data()[..9].windows(2).all(|w| w[0] <= w[1]), "{luma:?}");
            assert_eq!(luma.data()[9], 0.0);
        }
    }
}
