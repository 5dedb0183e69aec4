//! A displacement for every pixel.

use crate::image::{Plane, SizeError};
use rayon::prelude::*;

use crate::image::Tap;

/// A displacement for every pixel, px: `u` to the right, `v` downwards.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    width: usize,
    height: usize,
    u: Vec<f32>,
    v: Vec<f32>,
}

impl Field {
    /// No motion anywhere.
    pub fn zero(width: usize, height: usize) -> Self {
        Field { width, height, u: vec![0.0; width * height], v: vec![0.0; width * height] }
    }

    /// From both components, row by row from the top, px.
    pub fn from_parts(width: usize, height: usize, u: Vec<f32>, v: Vec<f32>) -> Result<Self, SizeError> {
        for part in [&u, &v] {
            if width.checked_mul(height) != Some(part.len()) {
                return Err(SizeError { width, height, got: part.len() });
            }
        }
        Ok(Field { width, height, u, v })
    }

    /// From a function of the pixel's column and row.
    pub fn from_fn(width: usize, height: usize, mut motion: impl FnMut(usize, usize) -> [f32; 2]) -> Self {
        let mut field = Field { width, height, ..Field::default() };
        for y in 0..height {
            for x in 0..width {
                let [u, v] = motion(x, y);
                field.u.push(u);
                field.v.push(v);
            }
        }
        field
    }

    /// Width, px.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height, px.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Motion to the right, px, row by row from the top.
    pub fn u(&self) -> &[f32] {
        &self.u
    }

    /// Motion downwards, px, row by row from the top.
    pub fn v(&self) -> &[f32] {
        &self.v
    }

    /// Both components, to be written to.
    pub fn parts_mut(&mut self) -> (&mut [f32], &mut [f32]) {
        (&mut self.u, &mut self.v)
    }

    /// The motion of pixel `(x, y)`; zero outside.
    pub fn at(&self, x: usize, y: usize) -> [f32; 2] {
        if x >= self.width || y >= self.height {
            return [0.0; 2];
        }
        let i = y * self.width + x;
        [self.u[i], self.v[i]]
    }

    /// The motion at a position in px (pixel centres at .5), bilinear, borders continued; zero if empty.
    #[inline]
    pub fn sample(&self, x: f32, y: f32) -> [f32; 2] {
        if self.u.is_empty() {
            return [0.0; 2];
        }
        let tap = Tap::new(x, y, self.width, self.height);
        [tap.of(&self.u), tap.of(&self.v)]
    }

    /// Memory held, bytes.
    pub fn bytes(&self) -> usize {
        (self.u.len() + self.v.len()) * size_of::<f32>()
    }

    /// The field of a picture of twice the size (`width` by `height`), vectors doubled.
    pub(super) fn doubled(&self, width: usize, height: usize) -> Field {
        let mut out = Field::zero(width, height);
        if self.u.is_empty() || width == 0 {
            return out;
        }
        let rows = crate::image::rows_per_task(width);
        (out.u.par_chunks_mut(width), out.v.par_chunks_mut(width))
            .into_par_iter()
            .with_min_len(rows)
            .enumerate()
            .for_each(|(y, (u, v))| {
                for x in 0..width {
                    let tap =
                        Tap::new((x as f32 + 0.5) * 0.5, (y as f32 + 0.5) * 0.5, self.width, self.height);
                    u[x] = 2.0 * tap.of(&self.u);
                    v[x] = 2.0 * tap.of(&self.v);
                }
            });
        out
    }
}

impl From<&Field> for [Plane; 2] {
    fn from(field: &Field) -> Self {
        [&field.u, &field.v]
            .map(|part| Plane::from_vec(field.width, field.height, part.clone()).unwrap_or_default())
    }
}
