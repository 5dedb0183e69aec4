//! What the coverage is: exact along lines through the curves themselves, of which every row of pixels has many.

use kurbo::{CubicBez, ParamCurve, ParamCurveExtrema, Point};
use rayon::prelude::*;

use crate::outlines::Case;

/// Lines in a row of pixels. A level edge between two of them is the worst: it is off by half their distance.
pub const LINES: usize = 1024;

/// A part of a curve that runs up or down all the way.
struct Part {
    curve: CubicBez,
    top: f64,
    bottom: f64,
    sign: i32,
}

/// The matte of a case: `m + c - m c` over its outlines, by the non-zero rule.
pub fn truth(case: &Case) -> Vec<f32> {
    let mut matte = vec![0.0f32; case.width * case.height];
    for segments in case.segments() {
        let parts: Vec<Part> = segments.iter().flat_map(parts).collect();
        matte.par_chunks_mut(case.width).enumerate().for_each(|(y, row)| {
            for (m, c) in row.iter_mut().zip(row_truth(&parts, y as f64, case.width)) {
                *m += c as f32 * (1.0 - *m);
            }
        });
    }
    matte
}

fn parts(curve: &CubicBez) -> Vec<Part> {
    let mut cuts = vec![0.0, 1.0];
    cuts.extend(curve.extrema());
    cuts.sort_by(f64::total_cmp);
    let parts = cuts.windows(2).map(|t| curve.subsegment(t[0]..t[1])).filter(|c| c.p0.y != c.p3.y);
    parts
        .map(|c| {
            if c.p0.y < c.p3.y {
                Part { curve: c, top: c.p0.y, bottom: c.p3.y, sign: 1 }
            } else {
                let curve = CubicBez::new(c.p3, c.p2, c.p1, c.p0);
                Part { curve, top: c.p3.y, bottom: c.p0.y, sign: -1 }
            }
        })
        .collect()
}

fn row_truth(parts: &[Part], y: f64, width: usize) -> Vec<f64> {
    let mut sums = Sums { own: vec![0.0; width], right: vec![0.0; width + 1] };
    let mut lines: Vec<Vec<(f64, i32)>> = vec![Vec::new(); LINES];
    for part in parts.iter().filter(|p| p.top < y + 1.0 && p.bottom > y) {
        let mut t = 0.5;
        for (i, line) in lines.iter_mut().enumerate() {
            let height = y + (i as f64 + 0.5) / LINES as f64;
            if part.top <= height && height < part.bottom {
                t = solve(&part.curve, height, t);
                line.push((part.curve.eval(t).x, part.sign));
            }
        }
    }
    for line in &mut lines {
        line.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut winding = 0;
        for (x, sign) in line {
            let before = winding;
            winding += *sign;
            if (before == 0) != (winding == 0) {
                sums.add(*x, if before == 0 { 1.0 } else { -1.0 });
            }
        }
    }
    let mut sum = 0.0;
    let columns = sums.own.iter().zip(&sums.right);
    columns
        .map(|(own, right)| {
            sum += right;
            (sum + own) / LINES as f64
        })
        .collect()
}

/// Where the curve, which runs down, is at a height: Newton's steps within a shrinking bracket.
fn solve(curve: &CubicBez, y: f64, near: f64) -> f64 {
    let (mut low, mut high, mut t) = (0.0, 1.0, near);
    for _ in 0..60 {
        let Point { y: at, .. } = curve.eval(t);
        if at < y {
            low = t
        } else {
            high = t
        }
        let (s, p) = (1.0 - t, curve);
        let slope =
            3.0 * (s * s * (p.p1.y - p.p0.y) + 2.0 * s * t * (p.p2.y - p.p1.y) + t * t * (p.p3.y - p.p2.y));
        let next = t - (at - y) / slope;
        let next = if next > low && next < high { next } else { 0.5 * (low + high) };
        if (next - t).abs() < 1e-13 {
            break;
        }
        t = next;
    }
    t
}

/// What each column adds to itself and to those on its right.
struct Sums {
    own: Vec<f64>,
    right: Vec<f64>,
}

impl Sums {
    /// All that lies to the right of `x`.
    fn add(&mut self, x: f64, amount: f64) {
        let column = x.max(0.0) as usize;
        if column < self.own.len() {
            self.own[column] += amount * (1.0 - (x.max(0.0) - column as f64));
            self.right[column + 1] += amount;
        }
    }
}
