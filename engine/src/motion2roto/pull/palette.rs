//! What the inside and the outside of a contour look like, place by place.

use rayon::prelude::*;

use super::band::{Band, Tone};

/// How far along the contour tones count as a place's own, px.
const NEAR_PX: f64 = 20.0;
/// Most tones of a place and side, and of the whole contour.
const MOST_NEAR: usize = 64;
const MOST_ALL: usize = 48;
/// Share of the whole contour's tones.
const ALL: f32 = 0.3;
/// Tones that differ by this much have nothing in common.
const ALIKE: f32 = 0.15;
/// Density that a tone never seen has on both sides, so that it decides nothing.
const UNSEEN: f32 = 0.01;
/// Most that one pixel may say, in natural logarithms.
const LOUDEST: f32 = 2.5;

/// Tones to compare with.
pub(super) struct Palette {
    inside: Side,
    outside: Side,
}

struct Side {
    near: Vec<Vec<Tone>>,
    all: Vec<Tone>,
}

impl Palette {
    /// Of the inside as on some bands, and the outside as on others; all of the same samples.
    pub fn new(inside: &[&Band], outside: &[&Band]) -> Self {
        Palette { inside: Side::new(inside, -1), outside: Side::new(outside, 1) }
    }

    /// How much more a tone near sample `i` looks like inside than like outside, in natural logarithms.
    pub fn favour(&self, i: usize, tone: Tone) -> f32 {
        let (p, q) = (self.inside.density(i, tone), self.outside.density(i, tone));
        ((p + UNSEEN) / (q + UNSEEN)).ln().clamp(-LOUDEST, LOUDEST)
    }
}

impl Side {
    fn new(bands: &[&Band], sign: isize) -> Self {
        let n = bands.first().map_or(0, |b| b.inner.len());
        let spacing = bands.first().map_or(1.0, |b| b.spacing_px).max(0.1);
        let own = |i: usize| {
            bands.iter().flat_map(move |band| {
                let depth = if sign < 0 { band.inner[i] } else { band.outer[i] } as isize;
                (1..=depth).step_by(2).filter_map(move |e| band.tone(i, sign * e))
            })
        };
        let own: Vec<Vec<Tone>> = (0..n).map(|i| own(i).collect()).collect();
        let reach = ((NEAR_PX / spacing).round() as isize).clamp(1, (n as isize / 4).max(1));
        let step = (reach as usize / 4).max(1);
        let near = (0..n as isize)
            .into_par_iter()
            .map(|i| {
                let around = (-reach..=reach).step_by(step).map(|d| (i + d).rem_euclid(n as isize) as usize);
                thinned(around.flat_map(|j| own[j].iter().copied()).collect(), MOST_NEAR)
            })
            .collect();
        Side { near, all: thinned(own.into_iter().flatten().collect(), MOST_ALL) }
    }

    fn density(&self, i: usize, tone: Tone) -> f32 {
        (1.0 - ALL) * density(&self.near[i], tone) + ALL * density(&self.all, tone)
    }
}

fn thinned(tones: Vec<Tone>, most: usize) -> Vec<Tone> {
    let step = tones.len().div_ceil(most).max(1);
    tones.into_iter().step_by(step).collect()
}

/// Mean of a bounded kernel over the tones, 0 to 1; 0 of none.
fn density(tones: &[Tone], at: Tone) -> f32 {
    let alike = |t: &Tone| {
        let far: f32 = t.iter().zip(at).map(|(a, b)| (a - b) * (a - b)).sum();
        let close = (1.0 - far * (1.0 / (ALIKE * ALIKE))).max(0.0);
        close * close
    };
    tones.iter().map(alike).sum::<f32>() / tones.len().max(1) as f32
}
