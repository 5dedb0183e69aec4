//! A soft edge of one width all round.

use rayon::prelude::*;

use crate::image::Plane;

/// Pixels that [`soften`] needs around what it returns, for a feather of this width in raster px.
pub(super) fn margin_px(feather_px: [f64; 2]) -> i32 {
    if feather_px.iter().all(|f| sigma(*f) > 0.0 || *f <= 0.0) {
        feather_px.iter().map(|f| radius(sigma(*f))).fold(0, usize::max) as i32
    } else {
        0
    }
}

/// Standard deviation of the blur: 95 % of the ramp of a straight edge lies within the feather's width.
fn sigma(feather_px: f64) -> f64 {
    if feather_px.is_finite() { feather_px.clamp(0.0, 4000.0) / 4.0 } else { 0.0 }
}

fn radius(sigma: f64) -> usize {
    (3.0 * sigma).ceil() as usize
}

/// Gaussian ramp centred on the edge, then the margin cut off: the result is smaller than `wide` by
/// [`margin_px`] on each side. Each pixel is a sum over its own surroundings in a fixed order, so that tiles do
/// not show.
pub(super) fn soften(wide: &Plane, feather_px: [f64; 2]) -> Plane {
    let margin = margin_px(feather_px) as usize;
    let (w, h) = (wide.width().saturating_sub(2 * margin), wide.height().saturating_sub(2 * margin));
    let mut out = Plane::filled(w, h, 0.0);
    if w == 0 || h == 0 {
        return out;
    }
    let [kx, ky] = feather_px.map(|f| kernel(sigma(f)));
    let mut across = vec![0.0f32; w * wide.height()];
    across.par_chunks_mut(w).enumerate().for_each(|(y, out)| {
        let row = &wide.row(y)[margin - kx.len() / 2..];
        for (i, k) in kx.iter().enumerate() {
            for (o, v) in out.iter_mut().zip(&row[i..]) {
                *o += k * v;
            }
        }
    });
    out.data_mut().par_chunks_mut(w).enumerate().for_each(|(y, out)| {
        let first = y + margin - ky.len() / 2;
        for (i, k) in ky.iter().enumerate() {
            for (o, v) in out.iter_mut().zip(&across[(first + i) * w..]) {
                *o += k * v;
            }
        }
        out.iter_mut().for_each(|v| *v = v.clamp(0.0, 1.0));
    });
    out
}

fn kernel(sigma: f64) -> Vec<f32> {
    let r = radius(sigma) as i64;
    let raw: Vec<f64> =
        (-r..=r).map(|i| if sigma > 0.0 { (-0.5 * (i as f64 / sigma).powi(2)).exp() } else { 1.0 }).collect();
    let total: f64 = raw.iter().sum();
    raw.iter().map(|k| (k / total) as f32).collect()
}
