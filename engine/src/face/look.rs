//! A picture made fit for finding small pieces of it in another light.

use rayon::prelude::*;

use crate::image::{Colours, Plane, wide};

/// Root mean square distance of a face's places from their middle in a look of it, px, where its picture shows as much.
const FACE_PX: f64 = 120.0;
/// Around a pixel, px of the look: what is brighter than that is bright.
const SURROUND_PX: f32 = 8.0;
/// Contrast below which a place counts as flat, of a brightness of 1.
const FLAT: f32 = 0.012;

/// A picture without its light: brightness against the surround, by the surround's contrast.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// Lightness against its surround; then of half the size, and of a quarter.
    pub light: [Plane; 3],
    /// Pixels of the look for one of the picture.
    pub scale: f64,
    /// The colours, resized.
    pub colours: Vec<Colour>,
}

/// Px of a look for one of a picture in which the places of a face are so far from their middle, px.
pub(super) fn scale_for(radius: f64) -> f64 {
    (FACE_PX / radius).min(1.0)
}

/// Red, green, blue, and 0: four numbers at a time are as quick as one.
pub(super) type Colour = [f32; 4];

impl Look {
    /// Of a picture, made smaller by `scale`.
    pub fn new(picture: &Colours, scale: f64) -> Look {
        let colours = resized(picture, scale);
        let (w, h) = size(picture, scale);
        let luma: Vec<f32> =
            colours.iter().map(|[r, g, b, _]| 0.2126 * r + 0.7152 * g + 0.0722 * b).collect();
        let luma = Plane::from_vec(w, h, luma).unwrap_or_default();
        let half = crate::image::half_size(&luma);
        let quarter = crate::image::half_size(&half);
        let light = [luma, half, quarter].map(flattened);
        Look { light, scale, colours }
    }

    /// Memory held, bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.colours) + self.light.iter().map(|l| size_of_val(l.data())).sum::<usize>()
    }

    /// With left and right exchanged.
    pub fn mirrored(&self) -> Look {
        let flipped = |plane: &Plane| {
            let w = plane.width();
            Plane::from_fn(w, plane.height(), |x, y| plane.row(y)[w - 1 - x])
        };
        let mut colours = self.colours.clone();
        colours.chunks_mut(self.light[0].width().max(1)).for_each(<[Colour]>::reverse);
        Look { light: self.light.each_ref().map(flipped), scale: self.scale, colours }
    }

    /// The colour at a place, px of the look; borders are continued.
    pub fn colour(&self, x: f64, y: f64) -> Colour {
        let (w, h) = (self.light[0].width(), self.light[0].height());
        if w == 0 || h == 0 || !(x.is_finite() && y.is_finite()) {
            return [0.0; 4];
        }
        let (x, y) = ((x - 0.5).clamp(0.0, (w - 1) as f64), (y - 0.5).clamp(0.0, (h - 1) as f64));
        let (x0, y0) = (x as u32 as usize, y as u32 as usize);
        let (fx, fy) = ((x - x0 as f64) as f32, (y - y0 as f64) as f32);
        let (right, below) = (usize::from(x0 + 1 < w), if y0 + 1 < h { w } else { 0 });
        let first = y0 * w + x0;
        let at = |i: usize| self.colours[first + i];
        let (a, b, c, d) = (at(0), at(right), at(below), at(below + right));
        let weights = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
        std::array::from_fn(|i| a[i] * weights[0] + b[i] * weights[1] + c[i] * weights[2] + d[i] * weights[3])
    }
}

fn flattened(luma: Plane) -> Plane {
    let mean = crate::image::gaussian_blur(&luma, SURROUND_PX);
    let mut off = luma;
    off.data_mut().iter_mut().zip(mean.data()).for_each(|(v, m)| *v -= m);
    let mut squared = off.clone();
    squared.data_mut().iter_mut().for_each(|v| *v *= *v);
    let variance = crate::image::gaussian_blur(&squared, SURROUND_PX);
    let mut light = off;
    light.data_mut().iter_mut().zip(variance.data()).for_each(|(v, s)| *v /= s.max(0.0).sqrt() + FLAT);
    light
}

fn size(picture: &Colours, scale: f64) -> (usize, usize) {
    let side = |px: usize| ((px as f64 * scale).round() as usize).max(1);
    (side(picture.width()), side(picture.height()))
}

/// Each pixel a weighted mean of what lies around its middle.
fn resized(picture: &Colours, scale: f64) -> Vec<Colour> {
    let (w, h) = size(picture, scale);
    let mut resized = vec![[0.0; 4]; w * h];
    if picture.data().is_empty() {
        return resized;
    }
    let columns: Vec<_> = (0..w).map(|x| around(x, scale, picture.width())).collect();
    let row_of = || vec![[0.0f32; 3]; picture.width()];
    resized.par_chunks_mut(w).enumerate().for_each_init(row_of, |row, (y, out)| {
        row.fill([0.0; 3]);
        for (other, share) in around(y, scale, picture.height()) {
            let other = &picture.data()[other * picture.width()..][..picture.width()];
            add(row.as_flattened_mut(), other.as_flattened(), share);
        }
        for (out, columns) in out.iter_mut().zip(&columns) {
            for (column, share) in columns {
                out.iter_mut().zip(row[*column]).for_each(|(o, v)| *o += share * v);
            }
            // A cubic goes beyond what it is made from beside an edge.
            *out = out.map(|v| Colours::brightness(v.max(0.0)));
        }
    });
    resized
}

fn add(sum: &mut [f32], row: &[u8], share: f32) {
    wide(
        #[inline(always)]
        || sum.iter_mut().zip(row).for_each(|(s, v)| *s += share * f32::from(*v)),
    );
}

/// Which of so many pixels make another that is `scale` as large, and what share of it each is.
fn around(other: usize, scale: f64, pixels: usize) -> Vec<(usize, f32)> {
    let (middle, reach) = ((other as f64 + 0.5) / scale, 2.0 / scale);
    let first = ((middle - reach).max(0.0) as usize).min(pixels - 1);
    let last = ((middle + reach).ceil() as usize).clamp(first + 1, pixels);
    let share = |i: usize| cubic((i as f64 + 0.5 - middle) * scale);
    let total: f64 = (first..last).map(share).sum();
    // A pixel that hardly reaches into the picture continues its border.
    let share = |i: usize| if total > 0.1 { share(i) / total } else { 1.0 / (last - first) as f64 };
    (first..last).map(|i| (i, share(i) as f32)).collect()
}

/// Cubic convolution (Keys 1981): 1 at 0, and 0 from 2 on.
fn cubic(t: f64) -> f64 {
    let t = t.abs();
    if t < 1.0 {
        (1.5 * t - 2.5) * t * t + 1.0
    } else if t < 2.0 {
        ((2.5 - 0.5 * t) * t - 4.0) * t + 2.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Encoding, Rgb};

    #[test]
    fn a_slope_is_where_it_was_at_any_size() {
        let slope = (0..97 * 41).map(|i| [(i % 97) as f32 / 100.0, (i / 97) as f32 / 50.0, 0.5]).collect();
        let picture = Colours::new(&Rgb::from_vec(97, 41, slope).unwrap(), Encoding::Display);
        for scale in [1.0, 0.77, 0.5, 0.413] {
            let look = Look::new(&picture, scale);
            for (x, y) in [(10.0, 8.0), (48.3, 20.0), (90.0, 36.5)] {
                let colour = look.colour(x * scale, y * scale);
                assert!((colour[0] - (x as f32 - 0.5) / 100.0).abs() < 0.006, "{scale} {x}: {colour:?}");
                assert!((colour[1] - (y as f32 - 0.5) / 50.0).abs() < 0.006, "{scale} {y}: {colour:?}");
            }
        }
    }

    #[test]
    fn no_pixels_are_black() {
        let look = Look::new(&Colours::default(), 0.7);
        assert_eq!(look.colour(0.5, 0.5), [0.0; 4]);
    }
}
