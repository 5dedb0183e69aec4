//! Colours of a picture in three bytes a pixel.

use rayon::prelude::*;

use super::rgb::{compress, luma_of};
use super::{Encoding, Plane, Rgb, SizeError};

/// The [luma](Rgb::luma) and the colours of a picture whose rows `read` gives, RGBA, from the top, each once and on any thread.
pub fn luma_and_colours<E: Send>(
    [width, height]: [usize; 2],
    encoding: Encoding,
    read: impl Fn(usize, &mut [[f32; 4]]) -> Result<(), E> + Sync,
) -> Result<(Plane, Colours), E> {
    let (mut luma, mut data) = (vec![0.0; width * height], vec![[0; 3]; width * height]);
    let rows = luma.par_chunks_mut(width.max(1)).zip(data.par_chunks_mut(width.max(1))).enumerate();
    rows.try_for_each_init(
        || vec![[0.0; 4]; width],
        |pixels, (y, (luma, colours))| {
            read(y, pixels)?;
            for ((luma, colour), [r, g, b, _]) in luma.iter_mut().zip(colours).zip(&*pixels) {
                let compressed = [*r, *g, *b].map(|v| compress(v, encoding));
                (*luma, *colour) = (luma_of(compressed), byte_colour(compressed));
            }
            Ok(())
        },
    )?;
    let luma = Plane::from_vec(width, height, luma).unwrap_or_default();
    Ok((luma, Colours { width, height, data }))
}

/// Of compressed values.
fn byte_colour(compressed: [f32; 3]) -> [u8; 3] {
    compressed.map(|v| (v * STEPS + 0.5) as u8)
}

/// Steps of a byte in one unit of brightness: the values go up to 2.
const STEPS: f32 = 127.0;

/// A picture's compressed colours (see [`Rgb::luma`]), rounded to 1/127: enough to tell materials apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Colours {
    width: usize,
    height: usize,
    data: Vec<[u8; 3]>,
}

impl Colours {
    /// Of a picture.
    pub fn new(picture: &Rgb, encoding: Encoding) -> Self {
        let bytes = |p: &[f32; 3]| byte_colour(p.map(|v| compress(v, encoding)));
        let data = picture.data().par_iter().map(bytes).collect();
        Colours { width: picture.width(), height: picture.height(), data }
    }

    /// A picture from rows of bytes, 127 for a brightness of 1.
    pub fn from_vec(width: usize, height: usize, data: Vec<[u8; 3]>) -> Result<Self, SizeError> {
        if width.checked_mul(height) == Some(data.len()) {
            Ok(Colours { width, height, data })
        } else {
            Err(SizeError { width, height, got: data.len() })
        }
    }

    /// All pixels, row by row from the top.
    pub fn data(&self) -> &[[u8; 3]] {
        &self.data
    }

    /// A part of the picture; what lies outside of it is left out.
    pub fn cropped(&self, x: usize, y: usize, width: usize, height: usize) -> Colours {
        let (right, bottom) = ((x + width).min(self.width), (y + height).min(self.height));
        let (x, y) = (x.min(right), y.min(bottom));
        let rows = (y..bottom).flat_map(|row| &self.data[row * self.width + x..row * self.width + right]);
        Colours { width: right - x, height: bottom - y, data: rows.copied().collect() }
    }

    /// What the bytes stand for.
    pub fn brightness(byte: f32) -> f32 {
        byte * (1.0 / STEPS)
    }

    /// Width, px.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height, px.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Memory held, bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.data.as_slice())
    }

    /// Red, green and blue of a pixel, 0 to 2; the border's beyond it. Black without pixels.
    pub fn pixel(&self, x: usize, y: usize) -> [f32; 3] {
        let (x, y) = (x.min(self.width.saturating_sub(1)), y.min(self.height.saturating_sub(1)));
        self.data.get(y * self.width + x).map_or([0.0; 3], |p| p.map(|v| Self::brightness(f32::from(v))))
    }

    /// Red, green and blue at a place, px, interpolated; `None` outside of the picture.
    pub fn bilinear(&self, x: f64, y: f64) -> Option<[f32; 3]> {
        if !(x >= 0.0 && y >= 0.0 && x <= self.width as f64 && y <= self.height as f64) {
            return None;
        }
        let (x, y) = ((x - 0.5).max(0.0), (y - 0.5).max(0.0));
        let (x0, y0) = (x as usize, y as usize);
        let (fx, fy) = ((x - x0 as f64) as f32, (y - y0 as f64) as f32);
        let mix = |a: [f32; 3], b: [f32; 3], t: f32| std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t);
        let row = |y| mix(self.pixel(x0, y), self.pixel(x0 + 1, y), fx);
        Some(mix(row(y0), row(y0 + 1), fy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixel_centres_are_exact_and_the_outside_is_unknown() {
        let data = vec![[0, 10, 20], [127, 127, 127], [254, 0, 0], [1, 2, 3]];
        let colours = Colours::from_vec(2, 2, data).unwrap();
        assert_eq!(colours.bilinear(1.5, 0.5), Some([1.0; 3]));
        assert_eq!(colours.bilinear(0.5, 1.5), Some([2.0, 0.0, 0.0]));
        assert_eq!(colours.bilinear(2.0, 0.0), Some([1.0; 3]));
        assert_eq!(colours.bilinear(1.0, 0.5).unwrap()[0], 0.5);
        assert_eq!(colours.bilinear(-0.1, 0.5), None);
        assert_eq!(colours.bilinear(f64::NAN, 0.5), None);
        assert!(Colours::default().bilinear(0.0, 0.0).is_some_and(|c| c == [0.0; 3]));
        assert!(Colours::from_vec(2, 2, vec![[0; 3]; 3]).is_err());
    }

    #[test]
    fn rows_give_what_the_whole_picture_gives() {
        let pixel = |x: usize, y: usize| [0.1 * x as f32, 0.3 * y as f32 - 0.1, 1.7, 0.5];
        let all = (0..7 * 5).map(|i| pixel(i % 7, i / 7)).map(|[r, g, b, _]| [r, g, b]).collect();
        let picture = Rgb::from_vec(7, 5, all).unwrap();
        for encoding in [Encoding::Linear, Encoding::Display] {
            let read = |y: usize, row: &mut [[f32; 4]]| {
                row.iter_mut().enumerate().for_each(|(x, p)| *p = pixel(x, y));
                Ok::<(), String>(())
            };
            let (luma, colours) = luma_and_colours([7, 5], encoding, read).unwrap();
            assert_eq!((luma, colours), (picture.luma(encoding), Colours::new(&picture, encoding)));
        }
        let failing = |y: usize, _: &mut [[f32; 4]]| if y == 3 { Err("row 3") } else { Ok(()) };
        assert_eq!(luma_and_colours([7, 5], Encoding::Linear, failing).unwrap_err(), "row 3");
    }

    #[test]
    fn light_above_one_and_no_numbers_are_survived() {
        let picture = Rgb::from_vec(2, 1, vec![[f32::NAN, -1.0, 1.0], [f32::INFINITY, 100.0, 0.5]]).unwrap();
        let colours = Colours::new(&picture, Encoding::Display);
        assert_eq!(colours.pixel(0, 0), [0.0, 0.0, 1.0]);
        assert_eq!(colours.pixel(1, 0)[0], 2.0);
    }
}
