//! Mattes against masks: the measures that the benchmark's tables name.

use std::collections::VecDeque;

use host::Picture;

/// What is inside of a matte, cut at one half.
pub struct Mask {
    width: usize,
    height: usize,
    inside: Vec<bool>,
}

/// How near a matte is to the truth on one frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    /// Region overlap, intersection over union; 1 for two empty masks.
    pub j: f64,
    /// Boundary F-measure at the tolerance of DAVIS, 0.8 % of the diagonal.
    pub f: f64,
    /// The same with a tolerance of 2 px.
    pub f2: f64,
    /// Mean distance between the two boundaries, both ways, px; the picture's diagonal when only one is empty.
    pub distance_px: f64,
}

impl Mask {
    /// Of a picture's red.
    pub fn of(picture: &Picture) -> Self {
        let b = picture.bounds();
        let inside = picture.to_rgba_f32().iter().map(|p| p[0] >= 0.5).collect();
        Mask { width: b.width(), height: b.height(), inside }
    }

    /// A mask from a function of the pixel.
    pub fn from_fn(width: usize, height: usize, inside: impl Fn(usize, usize) -> bool) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Mask { width, height, inside: places.map(|(x, y)| inside(x, y)).collect() }
    }

    fn at(&self, x: usize, y: usize) -> bool {
        self.inside[y.min(self.height - 1) * self.width + x.min(self.width - 1)]
    }

    /// Pixels that differ from the one beside, below, or both.
    fn boundary(&self) -> Vec<bool> {
        let places = (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y)));
        places
            .map(|(x, y)| {
                let here = self.at(x, y);
                here != self.at(x + 1, y) || here != self.at(x, y + 1) || here != self.at(x + 1, y + 1)
            })
            .collect()
    }

    /// Against the truth.
    pub fn scores(&self, truth: &Mask) -> Scores {
        let pairs = || self.inside.iter().zip(&truth.inside);
        let either = pairs().filter(|(a, b)| **a || **b).count();
        let both = pairs().filter(|(a, b)| **a && **b).count();
        let j = if either == 0 { 1.0 } else { both as f64 / either as f64 };
        let diagonal = (self.width as f64).hypot(self.height as f64);
        let (ours, theirs) = (self.boundary(), truth.boundary());
        let any = |b: &[bool]| b.contains(&true);
        if !any(&ours) || !any(&theirs) {
            let same = any(&ours) == any(&theirs);
            let f = if same { 1.0 } else { 0.0 };
            return Scores { j, f, f2: f, distance_px: if same { 0.0 } else { diagonal } };
        }
        let to_theirs = at_boundary(&distance_px(&theirs, self.width), &ours);
        let to_ours = at_boundary(&distance_px(&ours, self.width), &theirs);
        let f = |tolerance: f64| {
            let share = |d: &[f64]| d.iter().filter(|d| **d <= tolerance).count() as f64 / d.len() as f64;
            let (precision, recall) = (share(&to_theirs), share(&to_ours));
            if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
        };
        let mean = |d: &[f64]| d.iter().sum::<f64>() / d.len() as f64;
        Scores {
            j,
            f: f((0.008 * diagonal).ceil()),
            f2: f(2.0),
            distance_px: (mean(&to_theirs) + mean(&to_ours)) / 2.0,
        }
    }

    /// The middle of what is inside; `None` of nothing.
    fn centroid(&self) -> Option<[f64; 2]> {
        let (mut sum, mut count) = ([0.0, 0.0], 0usize);
        for (i, _) in self.inside.iter().enumerate().filter(|(_, inside)| **inside) {
            sum[0] += (i % self.width) as f64;
            sum[1] += (i / self.width) as f64;
            count += 1;
        }
        (count > 0).then(|| sum.map(|s| s / count as f64))
    }

    /// Distance to the boundary, positive inside and zero on the pixel edges, smoothed by 1.5 px; 20 px from none.
    fn signed_distance_px(&self) -> Vec<f64> {
        if !self.inside.contains(&true) || !self.inside.contains(&false) {
            let all = if self.inside.first() == Some(&true) { 20.0 } else { -20.0 };
            return vec![all; self.inside.len()];
        }
        let outside: Vec<bool> = self.inside.iter().map(|v| !v).collect();
        let (to_out, to_in) = (distance_px(&outside, self.width), distance_px(&self.inside, self.width));
        let signed: Vec<f64> =
            to_out.iter().zip(&to_in).map(|(a, b)| a - b - 0.5 * (a - b).signum()).collect();
        blurred(&signed, self.width, 1.5)
    }
}

/// How far the boundary lies off the middle of its neighbours in time, px, as a mean over the inner frames, in a frame of
/// reference that moves with the truth's centroid. A mask held still has 0; a disc that moves smoothly by parts of a pixel
/// has about 0.1.
#[derive(Default)]
pub struct Chatter {
    /// Signed distances and the truth's centroids of the last frames.
    last: VecDeque<(Vec<f64>, [f64; 2])>,
    width: usize,
    sum: f64,
    count: usize,
}

impl Chatter {
    /// Takes the next frame.
    pub fn add(&mut self, mask: &Mask, truth: &Mask) {
        let before = self.last.back().map_or([0.0; 2], |(_, c)| *c);
        self.last.push_back((mask.signed_distance_px(), truth.centroid().unwrap_or(before)));
        self.width = mask.width;
        if self.last.len() > 3 {
            self.last.pop_front();
        }
        if self.last.len() == 3 {
            self.sum += self.middle();
            self.count += 1;
        }
    }

    /// The mean so far, px.
    pub fn mean_px(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }

    fn middle(&self) -> f64 {
        let (here, at) = &self.last[1];
        let (mut sum, mut count) = (0.0, 0usize);
        for (i, d) in here.iter().enumerate().filter(|(_, d)| d.abs() <= 1.0) {
            let (x, y) = ((i % self.width) as f64, (i / self.width) as f64);
            let around: f64 = [0, 2]
                .iter()
                .map(|k| {
                    let (other, there) = &self.last[*k];
                    bilinear(other, self.width, x + there[0] - at[0], y + there[1] - at[1])
                })
                .sum();
            sum += ((around - 2.0 * d).abs() / 2.0).min(10.0);
            count += 1;
        }
        if count == 0 { 0.0 } else { sum / count as f64 }
    }
}

fn at_boundary(distances: &[f64], boundary: &[bool]) -> Vec<f64> {
    distances.iter().zip(boundary).filter(|(_, on)| **on).map(|(d, _)| *d).collect()
}

/// Exact distance of every pixel from the nearest true one (Felzenszwalb and Huttenlocher 2012): parabolas along the
/// columns, then along the rows.
fn distance_px(on: &[bool], width: usize) -> Vec<f64> {
    let height = on.len() / width;
    let mut squares: Vec<f64> = on.iter().map(|on| if *on { 0.0 } else { 1e12 }).collect();
    for x in 0..width {
        let column: Vec<f64> = (0..height).map(|y| squares[y * width + x]).collect();
        for (y, d) in lower_envelope(&column).into_iter().enumerate() {
            squares[y * width + x] = d;
        }
    }
    for row in squares.chunks_exact_mut(width) {
        let line = lower_envelope(row);
        row.copy_from_slice(&line);
    }
    squares.into_iter().map(f64::sqrt).collect()
}

fn lower_envelope(f: &[f64]) -> Vec<f64> {
    let cross = |p: usize, q: usize| {
        let (a, b) = (p as f64, q as f64);
        ((f[q] + b * b) - (f[p] + a * a)) / (2.0 * (b - a))
    };
    // Parabolas by their place, and where each takes over.
    let mut parts: Vec<(usize, f64)> = vec![(0, f64::NEG_INFINITY)];
    for q in 1..f.len() {
        let mut from = f64::NEG_INFINITY;
        while let Some(&(p, start)) = parts.last() {
            from = cross(p, q);
            if from > start || parts.len() == 1 {
                break;
            }
            parts.pop();
        }
        match parts.last() {
            Some(&(_, start)) if from <= start => parts = vec![(q, f64::NEG_INFINITY)],
            _ => parts.push((q, from)),
        }
    }
    let mut k = 0;
    (0..f.len())
        .map(|x| {
            while parts.get(k + 1).is_some_and(|(_, from)| *from < x as f64) {
                k += 1;
            }
            let at = parts[k].0;
            (x as f64 - at as f64).powi(2) + f[at]
        })
        .collect()
}

/// Smoothed by a Gaussian, the edge's value repeated outside.
fn blurred(values: &[f64], width: usize, sigma_px: f64) -> Vec<f64> {
    let reach = (4.0 * sigma_px) as isize;
    let weights: Vec<f64> = (-reach..=reach).map(|d| (-0.5 * (d as f64 / sigma_px).powi(2)).exp()).collect();
    let total: f64 = weights.iter().sum();
    let height = values.len() / width;
    let pass = |from: &[f64], down: bool| -> Vec<f64> {
        (0..from.len())
            .map(|i| {
                let (x, y) = ((i % width) as isize, (i / width) as isize);
                let at = |d: isize| {
                    let (x, y) = if down { (x, y + d) } else { (x + d, y) };
                    let (x, y) = (x.clamp(0, width as isize - 1), y.clamp(0, height as isize - 1));
                    from[y as usize * width + x as usize]
                };
                (-reach..=reach).zip(&weights).map(|(d, w)| w * at(d)).sum::<f64>() / total
            })
            .collect()
    };
    pass(&pass(values, false), true)
}

fn bilinear(values: &[f64], width: usize, x: f64, y: f64) -> f64 {
    let height = values.len() / width;
    let at = |x: f64, y: f64| {
        let (x, y) = (x.clamp(0.0, width as f64 - 1.0), y.clamp(0.0, height as f64 - 1.0));
        values[y as usize * width + x as usize]
    };
    let (x0, y0) = (x.floor(), y.floor());
    let (fx, fy) = (x - x0, y - y0);
    let row = |y: f64| at(x0, y) * (1.0 - fx) + at(x0 + 1.0, y) * fx;
    row(y0) * (1.0 - fy) + row(y0 + 1.0) * fy
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(left: usize) -> Mask {
        Mask::from_fn(60, 50, |x, y| (left..left + 20).contains(&x) && (15..35).contains(&y))
    }

    #[test]
    fn a_shift_is_seen_in_px() {
        let s = square(20).scores(&square(20));
        assert_eq!((s.j, s.f, s.f2, s.distance_px), (1.0, 1.0, 1.0, 0.0));
        let s = square(23).scores(&square(20));
        assert!((s.j - 17.0 / 23.0).abs() < 1e-9);
        assert!(s.f2 < 0.75 && s.distance_px > 0.8 && s.distance_px < 1.6, "{s:?}");
        let nothing = Mask::from_fn(60, 50, |_, _| false);
        assert_eq!(nothing.scores(&nothing).j, 1.0);
        assert!(nothing.scores(&square(20)).distance_px > 70.0);
    }

    #[test]
    fn distances_are_exact() {
        let on: Vec<bool> = (0..80).map(|i| [3, 57, 71].contains(&i)).collect();
        for (i, d) in distance_px(&on, 10).iter().enumerate() {
            let to = |j: usize| ((i % 10) as f64 - (j % 10) as f64).hypot((i / 10) as f64 - (j / 10) as f64);
            let least = [3, 57, 71].map(to).into_iter().fold(f64::MAX, f64::min);
            assert!((d - least).abs() < 1e-9, "pixel {i}: {d}, not {least}");
        }
    }

    #[test]
    fn what_moves_evenly_does_not_chatter() {
        let chatter = |moves: &[usize]| {
            let mut c = Chatter::default();
            moves.iter().for_each(|m| c.add(&square(*m), &square(20)));
            c.mean_px()
        };
        assert!(chatter(&[20, 20, 20]) < 1e-9);
        assert!(chatter(&[20, 22, 20, 22]) > 0.8);
        let mut with_truth = Chatter::default();
        [20, 23, 26].iter().for_each(|m| with_truth.add(&square(*m), &square(*m)));
        assert!(with_truth.mean_px() < 1e-9, "the frame of reference moves with the truth");
    }
}
