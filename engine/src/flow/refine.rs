//! Variational refinement of a field on one level.

use super::bordered::Bordered;
use super::equations::{Linear, Motion, diffusivity, edge_weights};
use super::options::{FlowError, Plan};
use super::prepare::Level;
use super::sor::{Checker, System};
use super::{Field, in_pool, median, weighted};
use crate::image::gaussian_blur;

/// Smoothing before matching, px: grain and aliasing.
const PRESMOOTH_PX: f32 = 0.6;

/// Improves `field` on this level: `plan.warps` rounds of warping and solving.
pub(super) fn refine(
    level: &Level,
    field: Field,
    plan: &Plan,
    index: usize,
    cancel: &(dyn Fn() -> bool + Sync),
) -> Result<Field, FlowError> {
    let (w, h) = (field.width(), field.height());
    let bordered = |rows: &[f32]| Bordered::from_rows(w, h, rows);
    let a = bordered(gaussian_blur(&level.a, PRESMOOTH_PX).data());
    let b = gaussian_blur(&level.b, PRESMOOTH_PX);
    let edges = edge_weights(&a);
    let mut now = Motion { u: bordered(field.u()), v: bordered(field.v()) };
    let mut linear = Linear::new(w, h);
    let mut weights = Bordered::new(w, h);
    let mut system = System::new(w, h);
    let (mut u, mut v) = (Checker::new(w, h), Checker::new(w, h));
    let coarse = usize::from(index > 0);
    let warps = plan.warps[coarse];
    for round in 0..warps {
        if cancel() {
            return Err(FlowError::Cancelled);
        }
        in_pool(|| {
            linear.warp(&a, &b, &now);
            let start = now.clone();
            u.load(&now.u);
            v.load(&now.v);
            for _ in 0..plan.reweights {
                diffusivity(&mut weights, &now, &edges, plan.smoothness[coarse]);
                linear.equations(&mut system, &weights, &start, &now, plan);
                system.solve(&mut u, &mut v, plan.sweeps);
                u.store(&mut now.u);
                v.store(&mut now.v);
            }
            if plan.median {
                now = Motion { u: median::median(&now.u), v: median::median(&now.v) };
            }
            if index == 0 && round + plan.edge_filters >= warps {
                weighted::filter(&mut now, &a, &b, linear.left_over());
            }
        });
    }
    let mut field = field;
    let (fu, fv) = field.parts_mut();
    now.u.store(fu);
    now.v.store(fv);
    Ok(field)
}
