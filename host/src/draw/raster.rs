//! Coverage of lines and areas, with soft edges.

use crate::geometry::PointD;
use crate::picture::RectI;

/// Samples a side of a pixel, for areas.
const SAMPLES: usize = 4;
/// Lines are cut this far outside of the picture.
const MARGIN: f64 = 64.0;

/// How much of each pixel of a picture is covered, 0 to 1.
pub(super) struct Mask {
    bounds: RectI,
    cover: Vec<f32>,
}

impl Mask {
    pub fn new(bounds: RectI) -> Mask {
        Mask { bounds, cover: vec![0.0; bounds.width() * bounds.height()] }
    }

    /// Pixels that are covered at all.
    pub fn covered(&self) -> impl Iterator<Item = (i32, i32, f32)> + '_ {
        let columns = self.bounds.x1..self.bounds.x2;
        let pixels = (self.bounds.y1..self.bounds.y2).flat_map(move |y| columns.clone().map(move |x| (x, y)));
        pixels.zip(&self.cover).filter(|(_, c)| **c > 0.0).map(|((x, y), c)| (x, y, *c))
    }

    fn raise(&mut self, x: i32, y: i32, cover: f64) {
        let column = usize::try_from(x - self.bounds.x1).ok().filter(|c| *c < self.bounds.width());
        let row = usize::try_from(y - self.bounds.y1).ok().filter(|r| *r < self.bounds.height());
        if let (Some(column), Some(row)) = (column, row) {
            let now = &mut self.cover[row * self.bounds.width() + column];
            *now = now.max(cover as f32);
        }
    }

    /// Columns or rows of the picture between two coordinates.
    fn within(low: f64, high: f64, from: i32, to: i32) -> std::ops::Range<i32> {
        let low = low.floor().clamp(f64::from(from), f64::from(to)) as i32;
        let high = high.ceil().clamp(f64::from(from), f64::from(to)) as i32;
        low..high
    }

    /// A square of dots: text.
    pub fn block(&mut self, x: f64, y: f64, side: f64) {
        for row in Mask::within(y, y + side, self.bounds.y1, self.bounds.y2) {
            for column in Mask::within(x, x + side, self.bounds.x1, self.bounds.x2) {
                self.raise(column, row, 1.0);
            }
        }
    }

    /// A line through points, broken by a pattern of lengths on and off.
    pub fn strip(&mut self, points: &[PointD], width: f64, pattern: &[f64]) {
        let mut walked = 0.0;
        for pair in points.windows(2) {
            let length = (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y);
            if let Some((from, to)) = self.cut(pair[0], pair[1]) {
                if pattern.iter().sum::<f64>() > 0.0 {
                    let part = |p: PointD| walked + (p.x - pair[0].x).hypot(p.y - pair[0].y);
                    self.dashes(from, to, part(from), width, pattern);
                } else {
                    self.segment(from, to, width);
                }
            }
            walked += length;
        }
    }

    fn dashes(&mut self, a: PointD, b: PointD, start: f64, width: f64, pattern: &[f64]) {
        let length = (b.x - a.x).hypot(b.y - a.y);
        let period: f64 = pattern.iter().sum();
        let at = |t: f64| {
            let part = if length > 0.0 { (t / length).clamp(0.0, 1.0) } else { 0.0 };
            PointD::new(a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part)
        };
        let mut t = -(start % period);
        let mut i = 0;
        while t < length {
            let step = pattern[i % pattern.len()];
            if i % 2 == 0 && t + step > 0.0 && step > 0.0 {
                self.segment(at(t.max(0.0)), at(t + step), width);
            }
            t += step;
            i += 1;
        }
    }

    /// The part of a line near the picture.
    fn cut(&self, a: PointD, b: PointD) -> Option<(PointD, PointD)> {
        let (mut start, mut end) = (0.0f64, 1.0f64);
        let d = PointD::new(b.x - a.x, b.y - a.y);
        let walls = [
            (-d.x, a.x - (f64::from(self.bounds.x1) - MARGIN)),
            (d.x, f64::from(self.bounds.x2) + MARGIN - a.x),
            (-d.y, a.y - (f64::from(self.bounds.y1) - MARGIN)),
            (d.y, f64::from(self.bounds.y2) + MARGIN - a.y),
        ];
        for (p, q) in walls {
            if p == 0.0 {
                if q < 0.0 {
                    return None;
                }
            } else if p < 0.0 {
                start = start.max(q / p);
            } else {
                end = end.min(q / p);
            }
        }
        let at = |t: f64| PointD::new(a.x + d.x * t, a.y + d.y * t);
        (start <= end).then(|| (at(start), at(end)))
    }

    /// One straight line with round ends.
    fn segment(&mut self, a: PointD, b: PointD, width: f64) {
        let reach = width / 2.0 + 1.0;
        let d = PointD::new(b.x - a.x, b.y - a.y);
        let square = d.x * d.x + d.y * d.y;
        let rows = Mask::within(a.y.min(b.y) - reach, a.y.max(b.y) + reach, self.bounds.y1, self.bounds.y2);
        for y in rows {
            let columns =
                Mask::within(a.x.min(b.x) - reach, a.x.max(b.x) + reach, self.bounds.x1, self.bounds.x2);
            for x in columns {
                let p = PointD::new(f64::from(x) + 0.5 - a.x, f64::from(y) + 0.5 - a.y);
                let t = if square > 0.0 { ((p.x * d.x + p.y * d.y) / square).clamp(0.0, 1.0) } else { 0.0 };
                let distance = (p.x - d.x * t).hypot(p.y - d.y * t);
                let cover = (width / 2.0 + 0.5 - distance).clamp(0.0, 1.0);
                if cover > 0.0 {
                    self.raise(x, y, cover);
                }
            }
        }
    }

    /// An area, even-odd, by samples in rows.
    pub fn polygon(&mut self, points: &[PointD]) {
        if points.len() < 3 {
            return;
        }
        let low = points.iter().map(|p| p.y).fold(f64::INFINITY, f64::min);
        let high = points.iter().map(|p| p.y).fold(f64::NEG_INFINITY, f64::max);
        let mut counts = vec![0.0f64; self.bounds.width()];
        for y in Mask::within(low, high, self.bounds.y1, self.bounds.y2) {
            counts.fill(0.0);
            for sample in 0..SAMPLES {
                let line = f64::from(y) + (sample as f64 + 0.5) / SAMPLES as f64;
                let mut crossings: Vec<f64> = (0..points.len())
                    .filter_map(|i| {
                        let (a, b) = (points[i], points[(i + 1) % points.len()]);
                        let crosses = (a.y <= line) != (b.y <= line);
                        crosses.then(|| a.x + (line - a.y) / (b.y - a.y) * (b.x - a.x))
                    })
                    .collect();
                crossings.sort_by(f64::total_cmp);
                for span in crossings.chunks_exact(2) {
                    for x in Mask::within(span[0], span[1], self.bounds.x1, self.bounds.x2) {
                        let inside = span[1].min(f64::from(x) + 1.0) - span[0].max(f64::from(x));
                        if let Ok(i) = usize::try_from(x - self.bounds.x1) {
                            counts[i] += inside.clamp(0.0, 1.0) / SAMPLES as f64;
                        }
                    }
                }
            }
            for (x, count) in (self.bounds.x1..).zip(counts.clone()) {
                if count > 0.0 {
                    self.raise(x, y, count.min(1.0));
                }
            }
        }
    }
}
