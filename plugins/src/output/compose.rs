//! Mattes and the source on their way to the rows of an output image.

use engine::image::Plane;
use engine::raster::through;
use ofx::{Components, ImageView, OutputImage, Premult, RectI, Result, RowMut};
use rayon::prelude::*;

use super::params::Output;

/// What was drawn in a window, rows from the top.
pub enum Drawn {
    /// One matte, put out in this way.
    Matte(Plane, Output),
    /// A matte for each of R, G, B, A.
    Channels([Plane; 4]),
    /// RGBA pixels.
    Pixels(Vec<f32>),
}

impl Drawn {
    /// Writes the rows of `window` for which `wanted` is true. Every row is read, composed and written by itself: no copy of
    /// the picture is made, and pictures of floats are read and written in place where nothing changes but by the matte.
    pub fn write(
        &self,
        source: &ImageView<'_>,
        output: &mut OutputImage<'_>,
        window: RectI,
        wanted: impl Fn(i32) -> bool,
    ) -> Result<()> {
        let in_place = output.components == Components::Rgba && source.components == Components::Rgba;
        let mut rows = output.rows_mut(window);
        rows.retain(|r| wanted(r.y));
        let blank = || vec![[0.0; 4]; window.width()];
        rows.into_par_iter().try_for_each_init(
            || [blank(), blank()],
            |[below, pixels], mut row| {
                let from_top = window.y2.abs_diff(row.y + 1) as usize;
                if let Drawn::Matte(matte, Output::SourceTimesMatte) = self
                    && in_place
                    && source.premult != Some(Premult::Unpremultiplied)
                    && let Some(below) = stored(source, window, row.y)
                    && let Ok(samples) = row.samples_mut::<f32>()
                    && samples.len() == 4 * window.width()
                {
                    through(below, matte.row(from_top), samples.as_chunks_mut().0);
                    return Ok(());
                }
                self.row(source, window, from_top, &row, [below, pixels])?;
                row.write_rgba_f32(window.x1, pixels.as_flattened());
                Ok(())
            },
        )
    }

    /// One row into the second of two rows; the first is for what lies below.
    fn row(
        &self,
        source: &ImageView<'_>,
        window: RectI,
        from_top: usize,
        row: &RowMut<'_>,
        [below, pixels]: [&mut [[f32; 4]]; 2],
    ) -> Result<()> {
        let line = RectI::new(window.x1, row.y, window.x2, row.y + 1);
        match self {
            Drawn::Pixels(all) => {
                let width = pixels.len();
                pixels.copy_from_slice(&all.as_chunks().0[from_top * width..(from_top + 1) * width]);
            }
            Drawn::Channels(planes) => {
                for (channel, plane) in planes.iter().enumerate() {
                    pixels.iter_mut().zip(plane.row(from_top)).for_each(|(p, m)| p[channel] = *m);
                }
            }
            Drawn::Matte(matte, Output::SourceTimesMatte) => {
                source.read_rgba_f32(line, below.as_flattened_mut())?;
                if source.premult == Some(Premult::Unpremultiplied) {
                    below.iter_mut().for_each(|[r, g, b, a]| [r, g, b].into_iter().for_each(|c| *c *= *a));
                }
                through(below, matte.row(from_top), pixels);
            }
            Drawn::Matte(matte, Output::MatteInAlpha) => {
                source.read_rgba_f32(line, pixels.as_flattened_mut())?;
                pixels.iter_mut().zip(matte.row(from_top)).for_each(|(p, m)| p[3] = *m);
            }
            Drawn::Matte(matte, _) => {
                pixels.iter_mut().zip(matte.row(from_top)).for_each(|(p, m)| p.fill(*m));
            }
        }
        Ok(())
    }
}

/// The pixels of a row of an RGBA picture of floats as they are stored, if it reaches over the window.
fn stored<'v>(source: &ImageView<'v>, window: RectI, y: i32) -> Option<&'v [[f32; 4]]> {
    let row = source.row::<f32>(y).ok()??.as_chunks().0;
    let bounds = source.bounds;
    let from = usize::try_from(i64::from(window.x1) - i64::from(bounds.x1)).ok()?;
    row.get(from..from + window.width())
}
