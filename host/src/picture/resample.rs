//! Pictures at a render scale.

use super::{Picture, Storage};

impl Picture {
    /// Resized by a box filter to a render scale: each new pixel is the mean of the old ones under it, channel by
    /// channel, as hosts make their proxies. The bounds are [`RectI::scaled`](super::RectI::scaled); what the old
    /// picture does not cover does not count. A scale that is not a positive number gives a copy.
    pub fn scaled(&self, sx: f64, sy: f64) -> Picture {
        let good = |s: f64| s.is_finite() && s > 0.0;
        if !good(sx) || !good(sy) || (sx == 1.0 && sy == 1.0) || self.bounds.is_empty() {
            return self.clone();
        }
        let bounds = self.bounds.scaled(sx, sy);
        let columns = taps(self.bounds.x1, self.bounds.x2, bounds.x1, bounds.x2, sx);
        let rows = taps(self.bounds.y1, self.bounds.y2, bounds.y1, bounds.y2, sy);
        let n = self.components.count();
        let row_length = self.bounds.width() * n;
        let from = self.storage.floats();
        let mut to = vec![0.0f32; bounds.width() * bounds.height() * n];
        let mut line = vec![0.0f32; row_length];
        for (row_taps, row) in rows.iter().zip(to.chunks_exact_mut(bounds.width() * n)) {
            line.fill(0.0);
            for &(y, weight) in row_taps {
                let old = &from[y * row_length..(y + 1) * row_length];
                line.iter_mut().zip(old).for_each(|(sum, v)| *sum += weight * v);
            }
            for (column_taps, pixel) in columns.iter().zip(row.chunks_exact_mut(n)) {
                for &(x, weight) in column_taps {
                    pixel.iter_mut().zip(&line[x * n..]).for_each(|(sum, v)| *sum += weight * v);
                }
            }
        }
        Picture { bounds, storage: Storage::of_floats(to, self.depth()), ..*self }
    }
}

/// For each new pixel the old ones under it (counted from `from1`) with weights that sum to 1.
fn taps(from1: i32, from2: i32, to1: i32, to2: i32, scale: f64) -> Vec<Vec<(usize, f32)>> {
    let first = f64::from(from1);
    let last = f64::from(from2);
    (to1..to2)
        .map(|t| {
            let start = (f64::from(t) / scale).clamp(first, last);
            let end = (f64::from(t + 1) / scale).clamp(first, last);
            let mut old: Vec<(usize, f32)> = (start.floor() as i32..end.ceil() as i32)
                .filter_map(|i| {
                    let weight = end.min(f64::from(i + 1)) - start.max(f64::from(i));
                    let index = usize::try_from(i64::from(i) - i64::from(from1)).ok()?;
                    (weight > 0.0).then_some((index, weight as f32))
                })
                .collect();
            let sum: f32 = old.iter().map(|o| o.1).sum();
            old.iter_mut().for_each(|o| o.1 /= sum);
            old
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::picture::{Components, Picture, RectI};

    #[test]
    fn the_box_filter_averages_and_keeps_odd_edges() {
        let picture = Picture::from_fn(RectI::of_size(5, 3), Components::Rgba, |x, y| {
            [x as f32 / 16.0, y as f32 / 16.0, 0.25, 1.0]
        });
        let half = picture.scaled(0.5, 0.5);
        assert_eq!(half.bounds(), RectI::of_size(3, 2));
        assert_eq!(half.pixel(0, 0)[..2], [0.5 / 16.0, 0.5 / 16.0]);
        assert_eq!(half.pixel(2, 1)[..2], [4.0 / 16.0, 2.0 / 16.0]);
        let twice = picture.scaled(2.0, 2.0);
        assert_eq!(twice.bounds(), RectI::of_size(10, 6));
        assert_eq!(twice.pixel(9, 5), picture.pixel(4, 2));
        let flat = Picture::from_fn(RectI::new(-3, -7, 8, 9), Components::Alpha, |_, _| [0.0, 0.0, 0.0, 0.5]);
        let third = flat.scaled(1.0 / 3.0, 0.37);
        assert!(third.to_rgba_f32().iter().all(|p| (p[3] - 0.5).abs() < 1e-6));
    }
}
