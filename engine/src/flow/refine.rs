//! Variational refinement of a field on one level.

use rayon::prelude::*;

use super::bordered::Bordered;
use super::equations::{Linear, Motion, diffusivity, edge_weights};
use super::options::{FlowError, Plan};
use super::prepare::Level;
use super::region::Region;
use super::sor::{Checker, System};
use super::stop::Stop;
use super::{Field, median, weighted};
use crate::image::{Plane, gaussian_blur};

/// Smoothing before matching, px: grain and aliasing.
const PRESMOOTH_PX: f32 = 0.6;

/// Improves `field` on a region of this level, one strip after the other so that the memory is bounded. `finest` says
/// whether this is the last level that is worked on.
pub(super) fn refine(
    level: &Level,
    field: Field,
    plan: &Plan,
    finest: bool,
    region: Region,
    stop: &Stop,
) -> Result<Field, FlowError> {
    let a = gaussian_blur(&level.a, PRESMOOTH_PX);
    let b = gaussian_blur(&level.b, PRESMOOTH_PX);
    // Every strip starts from the field as it came, so that the order does not matter.
    let mut out = field.clone();
    for (strip, first, kept) in region.strips() {
        let done = rounds(&a, &b, Motion::crop(&field, strip), plan, finest, strip, stop)?;
        done.keep(&mut out, strip, first, kept);
    }
    Ok(out)
}

impl Motion {
    fn crop(field: &Field, region: Region) -> Self {
        let of = |part: &[f32]| Bordered::crop(part, field.width(), region);
        Motion { u: of(field.u()), v: of(field.v()) }
    }

    /// Writes `rows` rows from row `first` of the field, as far as the region goes.
    fn keep(&self, field: &mut Field, region: Region, first: usize, rows: usize) {
        let w = field.width();
        let (u, v) = field.parts_mut();
        for (from, to) in [(&self.u, u), (&self.v, v)] {
            to[first * w..(first + rows) * w].par_chunks_mut(w).with_min_len(64).enumerate().for_each(
                |(y, row)| {
                    let row = &mut row[region.left..region.left + region.width];
                    row.copy_from_slice(from.row(first + y - region.top));
                },
            );
        }
    }
}

/// `plan.warps` rounds of warping and solving.
fn rounds(
    a: &Plane,
    b: &Plane,
    mut now: Motion,
    plan: &Plan,
    finest: bool,
    region: Region,
    stop: &Stop,
) -> Result<Motion, FlowError> {
    let (w, h) = (region.width, region.height);
    let a = Bordered::crop(a.data(), a.width(), region);
    let edges = edge_weights(&a);
    let mut linear = Linear::new(region, b);
    let mut weights = Bordered::new(w, h);
    let mut system = System::new(w, h);
    let (mut u, mut v) = (Checker::new(w, h), Checker::new(w, h));
    let coarse = usize::from(!finest);
    let warps = plan.warps[coarse];
    for round in 0..warps {
        stop.check()?;
        linear.warp(&a, b, &now);
        let start = now.clone();
        u.load(&now.u);
        v.load(&now.v);
        for _ in 0..plan.reweights {
            stop.check()?;
            diffusivity(&mut weights, &now, &edges, plan.smoothness[coarse]);
            linear.equations(&mut system, &weights, &start, &now, plan);
            stop.check()?;
            system.solve(&mut u, &mut v, plan.sweeps);
            u.store(&mut now.u);
            v.store(&mut now.v);
        }
        if plan.median {
            now = Motion { u: median::median(&now.u), v: median::median(&now.v) };
        }
        if finest && round + plan.edge_filters >= warps {
            stop.check()?;
            weighted::filter(&mut now, &a, b, linear.left_over(), region);
        }
    }
    Ok(now)
}
