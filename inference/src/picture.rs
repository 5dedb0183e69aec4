//! Pictures as a network takes them.

/// 8-bit RGB as on a display (sRGB curve or alike), rows from the top, tightly packed.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    width: usize,
    height: usize,
    rgb: &'a [u8],
}

impl<'a> Picture<'a> {
    /// `rgb` holds `width * height * 3` bytes; none where it does not, or where a side is 0 or above 32768.
    pub fn new(width: usize, height: usize, rgb: &'a [u8]) -> Option<Self> {
        let sides = 1..=32768;
        let fits = sides.contains(&width) && sides.contains(&height) && rgb.len() == width * height * 3;
        fits.then_some(Self { width, height, rgb })
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }
}

/// A square part of a picture, in its pixels; it may reach over the picture's edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct View {
    pub x: f32,
    pub y: f32,
    pub side: f32,
}

impl View {
    /// The smallest square that holds all of the picture, centred.
    pub fn whole(picture: &Picture<'_>) -> Self {
        let (width, height) = (picture.width as f32, picture.height as f32);
        let side = width.max(height);
        Self { x: (width - side) / 2.0, y: (height - side) / 2.0, side }
    }

    /// The square of a side around a centre.
    pub fn around(x: f32, y: f32, side: f32) -> Self {
        Self { x: x - side / 2.0, y: y - side / 2.0, side }
    }

    /// The view resized to `size` by `size`, values 0 to 1, plane after plane in the order R, G, B; grey outside of the picture.
    /// A triangle filter as wide as the step, so that nothing aliases.
    pub fn sample(&self, picture: &Picture<'_>, size: usize) -> Vec<f32> {
        let columns = taps(self.x, self.side, size, picture.width);
        let rows = taps(self.y, self.side, size, picture.height);
        let needed = rows.iter().map(|t| t.first).min().unwrap_or(0)
            ..rows.iter().map(|t| t.first + t.weights.len()).max().unwrap_or(0);

        let mut narrow = vec![0f32; needed.len() * size * 3];
        for (y, line) in needed.clone().zip(narrow.chunks_exact_mut(size * 3)) {
            let source = &picture.rgb[y * picture.width * 3..][..picture.width * 3];
            for (tap, pixel) in columns.iter().zip(line.as_chunks_mut::<3>().0) {
                *pixel = [GREY * tap.outside; 3];
                for (weight, rgb) in tap.weights.iter().zip(source.as_chunks::<3>().0.iter().skip(tap.first))
                {
                    for c in 0..3 {
                        pixel[c] += weight * f32::from(rgb[c]) / 255.0;
                    }
                }
            }
        }

        let mut planes = vec![0f32; 3 * size * size];
        for (v, tap) in rows.iter().enumerate() {
            for u in 0..size {
                for c in 0..3 {
                    let column = (tap.first - needed.start) * size * 3 + u * 3 + c;
                    let values = narrow.iter().skip(column).step_by(size * 3);
                    let sum: f32 = tap.weights.iter().zip(values).map(|(w, v)| w * v).sum();
                    planes[(c * size + v) * size + u] = sum + GREY * tap.outside;
                }
            }
        }
        planes
    }
}

/// What lies outside of the picture.
const GREY: f32 = 0.5;

/// Which source pixels make one pixel: `weights` from `first` on, and the weight that fell `outside` of the picture. All sum to 1.
struct Tap {
    first: usize,
    weights: Vec<f32>,
    outside: f32,
}

fn taps(start: f32, side: f32, size: usize, length: usize) -> Vec<Tap> {
    let step = side / size as f32;
    let reach = step.max(1.0);
    let tap = |k: usize| {
        let centre = start + (k as f32 + 0.5) * step;
        let from = (centre - reach - 0.5).ceil().max(0.0) as usize;
        let to = ((centre + reach - 0.5).floor() + 1.0).clamp(0.0, length as f32) as usize;
        let weight = |i: usize| (1.0 - (i as f32 + 0.5 - centre).abs() / reach).max(0.0) / reach;
        let first = from.min(length);
        let mut weights: Vec<f32> = (first..to.max(first)).map(weight).collect();
        // Away from the edges the samples' sum is only nearly 1.
        let inside = centre - reach >= 0.0 && centre + reach <= length as f32;
        let sum: f32 = weights.iter().sum();
        if inside || sum > 1.0 {
            weights.iter_mut().for_each(|w| *w /= sum);
        }
        Tap { first, outside: (1.0 - weights.iter().sum::<f32>()).max(0.0), weights }
    };
    (0..size).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ramp(width: usize, height: usize) -> Vec<u8> {
        (0..width * height).flat_map(|i| [(i % width) as u8, (i / width) as u8, 200]).collect()
    }

    #[test]
    fn the_same_size_is_the_same_picture() {
        let rgb = ramp(16, 16);
        let picture = Picture::new(16, 16, &rgb).unwrap();
        let planes = View::whole(&picture).sample(&picture, 16);
        for y in 0..16 {
            for x in 0..16 {
                assert!((planes[y * 16 + x] * 255.0 - x as f32).abs() < 1e-3);
                assert!((planes[256 + y * 16 + x] * 255.0 - y as f32).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn a_wide_picture_lies_in_grey() {
        let rgb = ramp(64, 16);
        let picture = Picture::new(64, 16, &rgb).unwrap();
        let planes = View::whole(&picture).sample(&picture, 64);
        let blue = |x: usize, y: usize| planes[2 * 64 * 64 + y * 64 + x];
        assert!((blue(32, 5) - GREY).abs() < 1e-6 && (blue(32, 60) - GREY).abs() < 1e-6);
        assert!((blue(32, 30) - 200.0 / 255.0).abs() < 1e-5);
    }

    #[test]
    fn no_picture_of_a_wrong_size() {
        assert!(Picture::new(0, 4, &[]).is_none());
        assert!(Picture::new(2, 2, &[0; 11]).is_none());
        assert!(Picture::new(40000, 1, &[0; 120_000]).is_none());
    }

    proptest! {
        #[test]
        fn a_ramp_stays_a_ramp(x in 20f32..60.0, y in 20f32..60.0, side in 8f32..120.0) {
            let rgb = ramp(200, 200);
            let picture = Picture::new(200, 200, &rgb).unwrap();
            let view = View { x, y, side };
            let planes = view.sample(&picture, 32);
            for v in 0..32 {
                for u in 0..32 {
                    let expected = x + (u as f32 + 0.5) * side / 32.0 - 0.5;
                    prop_assert!((planes[v * 32 + u] * 255.0 - expected).abs() < 0.6);
                }
            }
        }

        #[test]
        fn values_stay_between_black_and_white(x in -500f32..500.0, y in -500f32..500.0, side in 1f32..2000.0) {
            let rgb = vec![255; 37 * 11 * 3];
            let picture = Picture::new(37, 11, &rgb).unwrap();
            let planes = View { x, y, side }.sample(&picture, 24);
            prop_assert!(planes.iter().all(|v| (0.49..=1.001).contains(v)));
        }
    }
}
