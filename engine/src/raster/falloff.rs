//! From full to nothing across a soft edge.

/// Contours that a narrow edge is averaged of.
const CONTOURS: usize = 20;
/// Edges wider than this many times half a pixel are sampled, narrower ones averaged of contours.
const NARROW: f32 = 10.0;
/// Places at which a wide edge is sampled, along the side that reaches farther across it, and along the other.
const ALONG: [f32; 4] = [-0.375, -0.125, 0.125, 0.375];
const ASIDE: [f32; 2] = [-0.25, 0.25];
/// Inside of edges wider than this many times half a pixel one place is enough.
const WIDE: f32 = 64.0;

/// How a soft edge falls from 1 to 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Falloff {
    /// Evenly.
    Linear,
    /// Slowly at both ends (a cubic with no slope there), close to a Gaussian blur of the edge.
    #[default]
    Smooth,
    /// The even ramp to a power: above 1 the matte falls quickly at its full side, below 1 late. At least 0.01.
    Gamma(f64),
}

impl Falloff {
    /// The matte at `t` from nothing (0) to full (1).
    pub fn at(&self, t: f64) -> f64 {
        let t = t.clamp(0.0, 1.0);
        match self {
            Falloff::Linear => t,
            Falloff::Smooth => t * t * (3.0 - 2.0 * t),
            Falloff::Gamma(g) if g.is_finite() => t.powf(g.clamp(0.01, 100.0)),
            Falloff::Gamma(_) => t,
        }
    }
}

/// A falloff, ready to be averaged over pixels.
#[derive(Clone, Debug)]
pub(super) struct Ramp {
    falloff: Falloff,
    /// What each contour adds.
    steps: [f32; CONTOURS],
}

impl Ramp {
    pub fn new(falloff: Falloff) -> Self {
        let at = |k: usize| falloff.at(k as f64 / CONTOURS as f64);
        Ramp { falloff, steps: std::array::from_fn(|k| (at(k + 1) - at(k)) as f32) }
    }

    /// The mean over a pixel whose centre lies `outer` outside of the edge's outer contour, where the inner contour is `width`
    /// further in. `pixel` is how far each of the pixel's two sides reaches across the edge. All in one unit.
    ///
    /// A narrow edge is a sum of contours, each with its exact coverage of the pixel, so that an edge of no width has that of
    /// a straight line.
    pub fn mean(&self, outer: f32, width: f32, pixel: [f32; 2]) -> f32 {
        let reach = 0.5 * (pixel[0] + pixel[1]);
        if outer >= reach {
            return 0.0;
        }
        if outer + width <= -reach {
            return 1.0;
        }
        if width <= NARROW * reach {
            let coverage = Halfplane::new(pixel);
            let contour = |k: usize| outer + width * ((k as f32 + 0.5) / CONTOURS as f32);
            return self.steps.iter().enumerate().map(|(k, s)| s * coverage.at(contour(k))).sum();
        }
        let t = |u: f32| f64::from((u - outer) / width);
        if width > WIDE * reach && outer < -reach && outer + width > reach {
            return self.falloff.at(t(0.0)) as f32;
        }
        let (long, short) = (pixel[0].max(pixel[1]), pixel[0].min(pixel[1]));
        let places = ALONG.iter().flat_map(|u| ASIDE.iter().map(move |v| u * long + v * short));
        places.map(|u| self.falloff.at(t(u)) as f32).sum::<f32>() / (ALONG.len() * ASIDE.len()) as f32
    }
}

/// Coverage of a pixel by a half-plane: the integral of its profile across the edge, a trapezoid.
struct Halfplane {
    half_base: f32,
    half_top: f32,
    scale: f32,
}

impl Halfplane {
    fn new([a, b]: [f32; 2]) -> Self {
        let (long, short) = (a.max(b).max(1e-6), a.min(b).max(1e-3 * a.max(b)).max(1e-9));
        Halfplane {
            half_base: 0.5 * (long + short),
            half_top: 0.5 * (long - short),
            scale: 0.5 / (long * short),
        }
    }

    /// `outside` is how far the pixel's centre lies outside.
    fn at(&self, outside: f32) -> f32 {
        if outside.abs() >= self.half_base {
            return if outside > 0.0 { 0.0 } else { 1.0 };
        }
        let far = |x: f32| x.max(0.0) * x.max(0.0);
        // The smaller side, so that large parts do not cancel.
        let x = -outside.abs();
        let part = (far(x + self.half_base) - far(x + self.half_top)) * self.scale;
        if outside > 0.0 { part } else { 1.0 - part }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn falloffs_run_from_nothing_to_full() {
        for f in [
            Falloff::Linear,
            Falloff::Smooth,
            Falloff::Gamma(2.2),
            Falloff::Gamma(0.5),
            Falloff::Gamma(f64::NAN),
        ] {
            assert_eq!((f.at(-1.0), f.at(0.0), f.at(1.0), f.at(7.0)), (0.0, 0.0, 1.0, 1.0));
            assert!((1..=100).all(|i| f.at(f64::from(i) * 0.01) >= f.at(f64::from(i - 1) * 0.01)));
        }
    }

    #[test]
    fn a_half_planes_coverage_is_exact() {
        // A square pixel and an edge along its diagonal: the corner beyond is a triangle.
        let side = std::f32::consts::FRAC_1_SQRT_2;
        let diagonal = Halfplane::new([side, side]);
        for outside in [0.0f32, 0.2, 0.5, 0.7] {
            let corner = (side - outside).max(0.0);
            assert!((diagonal.at(outside) - corner * corner).abs() < 2e-3, "{outside}");
            assert!((diagonal.at(-outside) - (1.0 - corner * corner)).abs() < 2e-3);
        }
        let upright = Halfplane::new([1.0, 0.0]);
        assert!((upright.at(0.25) - 0.25).abs() < 1e-3 && (upright.at(-0.25) - 0.75).abs() < 1e-3);
    }

    #[test]
    fn means_are_those_of_many_places() {
        for falloff in [Falloff::Linear, Falloff::Smooth, Falloff::Gamma(2.0)] {
            let ramp = Ramp::new(falloff);
            for width in [0.0f32, 0.3, 1.0, 2.5, 3.9, 4.1, 8.0, 30.0, 90.0] {
                for outer in (-64..8).map(|i| i as f32 * 0.25 * (width + 2.0) / 16.0) {
                    let pixel = [0.8f32, 0.6];
                    let places = (0..64).flat_map(|i| (0..64).map(move |j| (i, j)));
                    let sum: f64 = places
                        .map(|(i, j)| {
                            let at = |i: i32| (f64::from(i) + 0.5) / 64.0 - 0.5;
                            let d =
                                f64::from(outer) + at(i) * f64::from(pixel[0]) + at(j) * f64::from(pixel[1]);
                            if width == 0.0 {
                                f64::from(u8::from(d < 0.0))
                            } else {
                                falloff.at(-d / f64::from(width))
                            }
                        })
                        .sum();
                    let far = (f64::from(ramp.mean(outer, width, pixel)) - sum / 4096.0).abs();
                    assert!(far < 1.0 / 512.0, "{falloff:?} {width} {outer}: {far}");
                }
            }
        }
    }
}
