//! The material whose motion carries a contour.

use kurbo::{Point, Vec2};

use super::MotionField;
use super::contour::{doubled_area, normals};
use super::fit::Observation;
use crate::raster::{Edges, Window};

/// About the most places looked at in the inside.
const INSIDE: f64 = 1600.0;
/// Inside is what lies at least this far from the outline, px: nearer, the flow is torn.
const SKIN_PX: isize = 2;
/// Distances from the outline at which the band is sampled, px.
const BAND_PX: [f64; 5] = [1.5, 3.0, 5.0, 7.5, 10.0];

/// Motion seen in the inside of a closed contour, or on both sides of an open one (and of a closed one that has
/// no inside to speak of).
pub(super) fn gather(positions: &[Point], closed: bool, motion: &MotionField) -> Vec<Observation> {
    let (w, h) = (motion.field.width(), motion.field.height());
    if w == 0 || h == 0 {
        return Vec::new();
    }
    if closed {
        let inside = inside(positions, motion);
        if inside.len() >= 12 {
            return inside;
        }
    }
    both_sides(positions, closed, motion)
}

/// What the field says at a place; `None` outside of the picture.
fn observe(at: Point, motion: &MotionField) -> Option<Observation> {
    let (w, h) = (motion.field.width() as f64, motion.field.height() as f64);
    if !(at.x >= 0.0 && at.y >= 0.0 && at.x <= w && at.y <= h) {
        return None;
    }
    let (x, y) = (at.x as f32, at.y as f32);
    let [u, v] = motion.field.sample(x, y);
    let trust = motion.confidence.as_ref().map_or(1.0, |c| c.bilinear(x, y));
    let good = u.is_finite() && v.is_finite() && trust.is_finite();
    good.then(|| Observation {
        at,
        motion: Vec2::new(f64::from(u), f64::from(v)),
        trust: f64::from(trust.clamp(0.0, 1.0)),
    })
}

fn inside(positions: &[Point], motion: &MotionField) -> Vec<Observation> {
    let (w, h) = (motion.field.width() as f64, motion.field.height() as f64);
    let range = |get: fn(&Point) -> f64, size: f64| {
        let (lo, hi) = positions
            .iter()
            .map(get)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
        (lo.floor().clamp(0.0, size) as i32, hi.ceil().clamp(0.0, size) as i32)
    };
    let ((x0, x1), (y0, y1)) = (range(|p| p.x, w), range(|p| p.y, h));
    let window = Window { x0, y0, x1, y1 };
    if window.width() == 0 || window.height() == 0 {
        return Vec::new();
    }
    let mut edges = Edges::new();
    edges.add_polygon(positions.iter().map(|p| [p.x, p.y]));
    let coverage = edges.coverage(window);
    let full = |x: isize, y: isize| coverage.clamped(x, y) >= 0.999;
    let area = coverage.data().iter().map(|v| f64::from(*v)).sum::<f64>();
    let stride = (area / INSIDE).sqrt().ceil().max(1.0) as usize;
    let mut out = Vec::new();
    let mut thin = Vec::new();
    for y in (stride / 2..window.height()).step_by(stride) {
        for x in (stride / 2..window.width()).step_by(stride) {
            let (i, j) = (x as isize, y as isize);
            if !full(i, j) {
                continue;
            }
            let at = Point::new(f64::from(x0) + x as f64 + 0.5, f64::from(y0) + y as f64 + 0.5);
            let Some(o) = observe(at, motion) else { continue };
            let d = SKIN_PX;
            if full(i - d, j) && full(i + d, j) && full(i, j - d) && full(i, j + d) {
                out.push(o);
            } else {
                thin.push(o);
            }
        }
    }
    // Along the outline, a little inside of it, more closely.
    let inward = if doubled_area(positions) > 0.0 { 1.0 } else { -1.0 };
    for (p, n) in positions.iter().zip(normals(positions, true)) {
        for d in BAND_PX {
            let at = *p + n * (inward * d);
            let (i, j) = ((at.x - f64::from(x0)).floor() as isize, (at.y - f64::from(y0)).floor() as isize);
            let shown = i >= 0 && j >= 0 && (i as usize) < window.width() && (j as usize) < window.height();
            if shown && full(i, j) {
                out.extend(observe(at, motion));
            }
        }
    }
    if out.len() < 40 {
        out.append(&mut thin);
    }
    out
}

fn both_sides(positions: &[Point], closed: bool, motion: &MotionField) -> Vec<Observation> {
    let mut out = Vec::new();
    for (p, n) in positions.iter().zip(normals(positions, closed)) {
        if n == Vec2::ZERO {
            // A single point: a ring about it.
            for k in 0..8 {
                let (s, c) = (f64::from(k) * std::f64::consts::FRAC_PI_4).sin_cos();
                out.extend(BAND_PX[..3].iter().filter_map(|d| observe(*p + Vec2::new(c, s) * *d, motion)));
            }
            continue;
        }
        for d in [-6.0, -3.5, -1.5, 0.0, 1.5, 3.5, 6.0] {
            out.extend(observe(*p + n * d, motion));
        }
    }
    out
}
