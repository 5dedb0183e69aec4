//! A picture made fit for finding small pieces of it in another light.

use rayon::prelude::*;

use crate::image::{Colours, Plane};

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

/// Each pixel the mean of what it covers.
fn resized(picture: &Colours, scale: f64) -> Vec<Colour> {
    let (w, h) = size(picture, scale);
    let covered = |from: usize, of: usize, pixels: usize| {
        let (a, b) = (from * pixels / of, (from + 1) * pixels / of);
        a..b.max(a + 1)
    };
    let row = |y: usize| {
        let rows = covered(y, h, picture.height());
        (0..w).map(move |x| {
            let columns = covered(x, w, picture.width());
            let mut sum = [0.0f32; 3];
            for y in rows.clone() {
                for x in columns.clone() {
                    let p = picture.pixel(x, y);
                    sum.iter_mut().zip(p).for_each(|(s, v)| *s += v);
                }
            }
            let count = (rows.len() * columns.len()) as f32;
            let [r, g, b] = sum.map(|s| s / count);
            [r, g, b, 0.0]
        })
    };
    (0..h).into_par_iter().flat_map_iter(row).collect()
}
