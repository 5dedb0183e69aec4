//! The outline across each sample of a contour, found for all samples together.

use rayon::prelude::*;

use super::band::Band;
use super::palette::Palette;

/// How much of what a pixel says counts: neighbours say much the same.
const TEMPER: f64 = 0.3;
/// Spread of the step between neighbours' offsets: a part of their distance, and px.
const STEP: f64 = 0.2;
const STEP_PX: f64 = 0.1;
/// Samples that a message runs before it counts, so that a closed chain has no seam.
const WARM_UP: usize = 40;

/// Expected distance of the outline from each sample, px outwards.
///
/// The offsets form a closed chain: each has a likelihood from the tones on both sides of it and a Gaussian prior about
/// zero (`variance_px2`), neighbours differ little. The means are those of the chain's marginals by the sum-product
/// algorithm (Kschischang, Frey, Loeliger, IEEE Transactions on Information Theory 47, 2001). `trust` (0 to 1) weighs the
/// tones.
pub(super) fn offsets(band: &Band, palette: &Palette, variance_px2: &[f64], trust: &[f64]) -> Vec<f64> {
    let n = band.inner.len();
    let states = 2 * band.reach + 1;
    let likely: Vec<Vec<f64>> =
        (0..n).into_par_iter().map(|i| likelihood(band, palette, i, variance_px2[i], trust[i])).collect();
    let spread = STEP * band.spacing_px + STEP_PX;
    let wide = ((3.0 * spread).ceil() as usize).clamp(1, states);
    let kernel: Vec<f64> =
        (0..=2 * wide).map(|d| (-0.5 * ((d as f64 - wide as f64) / spread).powi(2)).exp()).collect();
    let run = |backwards: bool| {
        let warm_up = WARM_UP.min(n);
        let mut message = vec![1.0 / states as f64; states];
        let mut out = vec![Vec::new(); n];
        for step in 0..n + warm_up {
            let at = (step + n - warm_up) % n;
            let i = if backwards { n - 1 - at } else { at };
            if step >= warm_up {
                out[i] = message.clone();
            }
            message = passed(&message, &likely[i], &kernel);
        }
        out
    };
    let (ahead, back) = rayon::join(|| run(false), || run(true));
    (0..n)
        .map(|i| {
            let (mut total, mut sum) = (0.0, 0.0);
            for (j, l) in likely[i].iter().enumerate() {
                let p = ahead[i][j] * back[i][j] * l;
                total += p;
                sum += p * (j as f64 - band.reach as f64);
            }
            if total > 0.0 { sum / total } else { 0.0 }
        })
        .collect()
}

/// Likelihood times prior of each offset of a sample; its largest value is 1.
fn likelihood(band: &Band, palette: &Palette, i: usize, variance: f64, trust: f64) -> Vec<f64> {
    let reach = band.reach as isize;
    let mut log = vec![f64::NEG_INFINITY; 2 * band.reach + 1];
    let mut inside = 0.0;
    for d in -(band.inner[i] as isize)..=band.outer[i] as isize {
        let says = band.tone(i, d).map_or(0.0, |t| f64::from(palette.favour(i, t)));
        let px = d as f64;
        log[(d + reach) as usize] = TEMPER * trust * (inside + 0.5 * says) - px * px / (2.0 * variance);
        inside += says;
    }
    let most = log.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    log.iter().map(|v| (v - most).max(-60.0).exp() * f64::from(u8::from(v.is_finite()))).collect()
}

/// A message after a sample, for the next one.
fn passed(message: &[f64], likely: &[f64], kernel: &[f64]) -> Vec<f64> {
    let belief: Vec<f64> = message.iter().zip(likely).map(|(m, l)| m * l).collect();
    let wide = kernel.len() / 2;
    let mut out: Vec<f64> = (0..belief.len())
        .map(|j| {
            let first = j.saturating_sub(wide);
            let last = (j + wide).min(belief.len() - 1);
            let sum: f64 = (first..=last).map(|k| belief[k] * kernel[k + wide - j]).sum();
            // So that no offset is ruled out for good.
            sum + 1e-9
        })
        .collect();
    let total: f64 = out.iter().sum();
    out.iter_mut().for_each(|v| *v /= total);
    out
}
