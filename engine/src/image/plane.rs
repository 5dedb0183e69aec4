//! One channel of a picture.

use std::hash::{DefaultHasher, Hasher};

/// A buffer's length does not match the size it is said to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{got} values do not make a picture of {width}x{height}")]
pub struct SizeError {
    /// Width asked for, px.
    pub width: usize,
    /// Height asked for, px.
    pub height: usize,
    /// Values given.
    pub got: usize,
}

/// One channel of a picture: `width * height` values, row by row from the top. Pixel `(i, j)` has its centre at
/// `(i + 0.5, j + 0.5)`. May be empty (a size of zero); sampling an empty plane gives 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plane {
    width: usize,
    height: usize,
    data: Vec<f32>,
}

impl Plane {
    /// A plane of one value everywhere.
    pub fn filled(width: usize, height: usize, value: f32) -> Self {
        Plane { width, height, data: vec![value; width * height] }
    }

    /// A plane from its rows.
    pub fn from_vec(width: usize, height: usize, data: Vec<f32>) -> Result<Self, SizeError> {
        if width.checked_mul(height) == Some(data.len()) {
            Ok(Plane { width, height, data })
        } else {
            Err(SizeError { width, height, got: data.len() })
        }
    }

    /// A plane from a function of the pixel's column and row.
    pub fn from_fn(width: usize, height: usize, mut value: impl FnMut(usize, usize) -> f32) -> Self {
        let mut data = Vec::with_capacity(width * height);
        for y in 0..height {
            data.extend((0..width).map(|x| value(x, y)));
        }
        Plane { width, height, data }
    }

    /// Width, px.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height, px.
    pub fn height(&self) -> usize {
        self.height
    }

    /// All values, row by row from the top.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// All values, row by row from the top.
    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// The values, row by row from the top.
    pub fn into_vec(self) -> Vec<f32> {
        self.data
    }

    /// A number that changes with the picture: planes with the same one are the same for all purposes.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write_usize(self.width);
        for pair in self.data.chunks(2) {
            let low = pair.get(1).map_or(0, |v| v.to_bits());
            hasher.write_u64(u64::from(pair[0].to_bits()) << 32 | u64::from(low));
        }
        hasher.finish()
    }

    /// Row `y`; empty outside of the plane.
    pub fn row(&self, y: usize) -> &[f32] {
        if y < self.height { &self.data[y * self.width..(y + 1) * self.width] } else { &[] }
    }

    /// Whether there is no pixel.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// The value of a pixel, the nearest one's outside of the plane.
    #[inline]
    pub fn clamped(&self, x: isize, y: isize) -> f32 {
        if self.data.is_empty() {
            return 0.0;
        }
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.data[y * self.width + x]
    }

    /// Bilinear interpolation at a position in px (pixel centres at .5); borders are continued.
    #[inline]
    pub fn bilinear(&self, x: f32, y: f32) -> f32 {
        if self.data.is_empty() {
            return 0.0;
        }
        let tap = Tap::new(x, y, self.width, self.height);
        tap.of(&self.data)
    }

    /// Catmull-Rom interpolation at a position in px (pixel centres at .5); borders are continued.
    #[inline(always)]
    pub fn bicubic(&self, x: f32, y: f32) -> f32 {
        if self.data.is_empty() {
            return 0.0;
        }
        let (x, fx) = split(x - 0.5);
        let (y, fy) = split(y - 0.5);
        let (wx, wy) = (catmull_rom(fx), catmull_rom(fy));
        let mut sum = 0.0;
        // Away from the borders the sixteen pixels are read in runs of four.
        let inner = x >= 1 && y >= 1 && x + 3 <= self.width as isize && y + 3 <= self.height as isize;
        if inner {
            let first = (y as usize - 1) * self.width + x as usize - 1;
            let mut columns = [0.0; 4];
            for (j, wy) in wy.iter().enumerate() {
                let row = &self.data[first + j * self.width..][..4];
                for (c, v) in columns.iter_mut().zip(row) {
                    *c += wy * v;
                }
            }
            return (wx[0] * columns[0] + wx[1] * columns[1]) + (wx[2] * columns[2] + wx[3] * columns[3]);
        }
        for (j, wy) in wy.iter().enumerate() {
            let y = y + j as isize - 1;
            let row: f32 = wx.iter().enumerate().map(|(i, w)| w * self.clamped(x + i as isize - 1, y)).sum();
            sum += wy * row;
        }
        sum
    }
}

/// Whole part (safe to index with after clamping) and fraction; not-a-number counts as 0.
#[inline(always)]
fn split(v: f32) -> (isize, f32) {
    let v = if v.is_finite() { v.clamp(-1e7, 1e7) } else { 0.0 };
    let whole = v.floor();
    (whole as isize, v - whole)
}

/// Weights of the four neighbours for a fraction in 0..1 (Catmull and Rom 1974).
#[inline(always)]
pub(crate) fn catmull_rom(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        0.5 * (-t3 + 2.0 * t2 - t),
        0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
        0.5 * (-3.0 * t3 + 4.0 * t2 + t),
        0.5 * (t3 - t2),
    ]
}

/// Four neighbours and their weights, for sampling several planes of one size at one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tap {
    at: [usize; 4],
    weight: [f32; 4],
}

impl Tap {
    /// At a position in px of a plane that has at least one pixel.
    #[inline]
    pub(crate) fn new(x: f32, y: f32, width: usize, height: usize) -> Self {
        let clean = |v: f32, size: usize| {
            let v = if v.is_finite() { v } else { 0.0 };
            (v - 0.5).clamp(0.0, (size - 1) as f32)
        };
        let (x, y) = (clean(x, width), clean(y, height));
        let (x0, y0) = (x as usize, y as usize);
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let (x1, y1) = ((x0 + 1).min(width - 1), (y0 + 1).min(height - 1));
        Tap {
            at: [y0 * width + x0, y0 * width + x1, y1 * width + x0, y1 * width + x1],
            weight: [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy],
        }
    }

    #[inline]
    pub(crate) fn of(&self, data: &[f32]) -> f32 {
        let mut sum = 0.0;
        for k in 0..4 {
            sum += self.weight[k] * data[self.at[k]];
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn centres_are_at_half() {
        let p = Plane::from_fn(3, 2, |x, y| (x + 10 * y) as f32);
        for (x, y) in [(0, 0), (2, 0), (1, 1)] {
            let (fx, fy) = (x as f32 + 0.5, y as f32 + 0.5);
            assert_eq!(p.bilinear(fx, fy), (x + 10 * y) as f32);
            assert_eq!(p.bicubic(fx, fy), (x + 10 * y) as f32);
        }
        assert_eq!(p.bilinear(1.0, 0.5), 0.5);
    }

    #[test]
    fn nothing_and_nonsense_are_survived() {
        let nothing = Plane::default();
        assert_eq!(nothing.bilinear(3.0, 1.0), 0.0);
        assert_eq!(nothing.bicubic(3.0, 1.0), 0.0);
        let one = Plane::filled(1, 1, 2.0);
        for v in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30] {
            assert_eq!(one.bilinear(v, v), 2.0);
            assert!((one.bicubic(v, v) - 2.0).abs() < 1e-5);
        }
        assert!(Plane::from_vec(usize::MAX, 2, vec![]).is_err());
    }

    proptest! {
        #[test]
        fn both_reproduce_a_slope(x in 2.5..9.5f32, y in 2.5..7.5f32, a in -2.0..2.0f32, b in -2.0..2.0f32) {
            let p = Plane::from_fn(12, 10, |i, j| a * (i as f32 + 0.5) + b * (j as f32 + 0.5));
            prop_assert!((p.bilinear(x, y) - (a * x + b * y)).abs() < 1e-4);
            prop_assert!((p.bicubic(x, y) - (a * x + b * y)).abs() < 1e-4);
        }
    }
}
