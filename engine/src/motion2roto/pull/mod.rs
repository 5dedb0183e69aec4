//! The pull to the picture: what lay inside and outside of a contour on its keys says where the contour is now.
//!
//! Tones near each sample are compared with those of the key's inside and of the outside as it was last seen (local models
//! along the contour, as in Bai, Wang, Simons, Sapiro: "Video SnapCut", SIGGRAPH 2009). Three stages: the area they ask
//! for ([`segment`]), whose outline takes over the samples in their order ([`align`]), then each sample's place across
//! the outline to a part of a pixel ([`chain`]).
//!
//! The key itself says how far to believe that: the same three stages on the key's own picture must find the artist's
//! outline. Where they are off, they count for less, and what is left of their bias is taken away on other frames.

mod align;
mod band;
mod chain;
mod nearest;
mod palette;
mod segment;
#[cfg(test)]
mod tests;
mod trace;

use kurbo::Point;

use super::step::reach_px;
use crate::image::Colours;
use align::aligned;
use band::{Band, outward};
use palette::Palette;
use segment::Segment;

/// Longest reach of a profile to each side, px: beyond it tones say nothing about the outline.
const LONGEST_PX: f64 = 20.0;
/// Width of the band that may change, in reaches.
const BAND: f64 = 1.5;
/// Softness of the carried outline in reaches, and how an expected error changes it: by this for each px, in bounds.
const SOFT: f64 = 0.3;
const SOFT_PER_PX: f64 = 4.0;
const SOFT_BOUNDS: (f64, f64) = (0.5, 3.0);
/// Variance of a place across the outline before its tones are looked at, px squared.
const LOOSE_PX2: f64 = 0.5;
/// An error of this many px on the key halves the trust in tones.
const HALF_TRUST_PX: f64 = 1.0;
/// Most of a bias that is taken away, px.
const BIAS_PX: f64 = 2.0;

/// How a shape looks near its outline.
#[derive(Clone, Debug)]
pub(super) struct Look {
    keys: Vec<Band>,
    last: Band,
    /// How far to trust tones about each sample, 0 to 1.
    trust: Vec<f64>,
    /// Where they lie on the keys, px outwards.
    bias_px: Vec<f64>,
}

impl Look {
    /// Of an artist's closed contour.
    pub fn at_key(positions: &[Point], picture: &Colours) -> Self {
        let n = positions.len();
        let band = Band::new(positions, picture, reach_px(positions).min(LONGEST_PX) as usize);
        let mut look =
            Look { last: band.clone(), keys: vec![band], trust: vec![1.0; n], bias_px: vec![0.0; n] };
        let soft = vec![SOFT * look.last.reach as f64; n];
        let off = |look: &Look| -> Vec<f64> {
            let found = look.found(positions, picture, &soft, &vec![LOOSE_PX2; n]);
            let moved = found.iter().zip(positions).map(|(f, p)| *f - *p);
            moved.zip(&look.last.normals).map(|(d, v)| d.dot(*v)).collect()
        };
        look.trust = off(&look).iter().map(|o| 1.0 / (1.0 + (o / HALF_TRUST_PX).powi(2))).collect();
        look.bias_px = off(&look).into_iter().map(|o| o.clamp(-BIAS_PX, BIAS_PX)).collect();
        look
    }

    /// Of the keys that two looks of the same shape began at; the outside was last seen on the first one.
    pub fn between(first: &Look, other: &Look) -> Self {
        let mean = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| 0.5 * (a + b)).collect();
        Look {
            last: first.keys[0].clone(),
            keys: first.keys.iter().chain(&other.keys).cloned().collect(),
            trust: mean(&first.trust, &other.trust),
            bias_px: mean(&first.bias_px, &other.bias_px),
        }
    }

    /// Squared bias of each sample, px squared: what tones cannot tell.
    pub fn doubt_px2(&self) -> impl Iterator<Item = f64> {
        self.bias_px.iter().map(|b| b * b)
    }

    /// Carried positions on a later frame's outline. `expected_px` is how far each may be off since the last frame,
    /// `variance_px2` since the key.
    pub fn pulled(
        &self,
        carried: &[Point],
        picture: &Colours,
        expected_px: impl Iterator<Item = f64>,
        variance_px2: &[f64],
    ) -> Vec<Point> {
        let reach = self.last.reach as f64;
        let factor = |e: f64| (SOFT_PER_PX * e).clamp(SOFT_BOUNDS.0, SOFT_BOUNDS.1);
        let soft: Vec<f64> = expected_px.map(|e| SOFT * reach * factor(e)).collect();
        let loose: Vec<f64> = variance_px2.iter().map(|v| LOOSE_PX2 + v).collect();
        let mut found = self.found(carried, picture, &soft, &loose);
        let facing = outward(&found);
        for ((p, n), bias) in found.iter_mut().zip(facing).zip(&self.bias_px) {
            *p -= n * *bias;
        }
        found
    }

    /// Takes note of the outside about positions that are final.
    pub fn see(&mut self, positions: &[Point], picture: &Colours) {
        self.last = Band::new(positions, picture, self.last.reach);
    }

    fn found(&self, carried: &[Point], picture: &Colours, soft_px: &[f64], loose_px2: &[f64]) -> Vec<Point> {
        let inside: Vec<&Band> = self.keys.iter().collect();
        let outside: Vec<&Band> = std::iter::once(&self.last).chain(&self.keys).collect();
        let palette = Palette::new(&inside, &outside);
        let band_px = BAND * self.last.reach as f64;
        let area = Segment::new(carried, &palette, picture, band_px, soft_px, &self.trust);
        let outline = area.and_then(|s| {
            let cells = trace::outline(&s.inside, &s.carried, s.width, s.height)?;
            let line: Vec<Point> = cells.iter().map(|p| s.origin + p.to_vec2() * s.cell_px).collect();
            aligned(carried, &line)
        });
        let mut out = outline.unwrap_or_else(|| carried.to_vec());
        let band = Band::new(&out, picture, self.last.reach);
        let offsets = chain::offsets(&band, &palette, loose_px2, &self.trust);
        for ((p, n), d) in out.iter_mut().zip(&band.normals).zip(offsets) {
            *p += *n * d;
        }
        out
    }
}
