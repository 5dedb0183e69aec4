//! Dense motion between two pictures.
//!
//! Coarse to fine: on every level of a pyramid patches are matched by dense inverse search (Kroeger, Timofte,
//! Dai, Van Gool: "Fast Optical Flow using Dense Inverse Search", ECCV 2016), then the dense field is refined by
//! minimising a robust energy of brightness and gradient constancy with a picture-driven smoothness (Brox, Bruhn,
//! Papenberg, Weickert, ECCV 2004; normalised data terms as in Zimmer, Bruhn, Weickert, IJCV 2011). The best quality also
//! moves edges of the motion to where the picture has them (Sun, Roth, Black, IJCV 2014).

mod bordered;
mod consistency;
mod dis;
mod equations;
mod field;
mod median;
mod options;
mod prepare;
mod refine;
mod region;
mod sor;
mod stop;
#[cfg(test)]
mod tests;
mod weighted;

pub use consistency::{Consistency, consistency};
pub use field::Field;
pub use options::{FlowError, Options, Quality, Window};

use crate::image::Plane;
use options::Plan;
use region::Region;
use stop::Stop;

/// Motion of `a`'s content into `b`, in px of `a`: pixel `x` of `a` is found at `x + field(x)` in `b`.
///
/// Both planes are luma as [`crate::image::Rgb::luma`] makes it (0 to about 2; other ranges work less well, NaN and
/// infinity count as 0). Identical planes give exactly zero. A plane under 2 px wide or high gives zero.
///
/// Memory at its peak, measured, the field included: about 130 bytes a pixel at 1920x1080, and 45 at 7680x4320 (1.5 GB; both
/// directions one after the other 2 GB), as the refinement takes strips of 4 million pixels.
///
/// The result is the same for any number of threads and any instruction set.
///
/// `cancel` is asked every few milliseconds, from the calling thread; the answer comes within tens of milliseconds at
/// 1920x1080 on one thread.
pub fn estimate(
    a: &Plane,
    b: &Plane,
    options: &Options,
    cancel: &(dyn Fn() -> bool + Sync),
) -> Result<Field, FlowError> {
    let (w, h) = (a.width(), a.height());
    if (w, h) != (b.width(), b.height()) {
        return Err(FlowError::Sizes { a: (w, h), b: (b.width(), b.height()) });
    }
    if w < 2 || h < 2 || a.data() == b.data() {
        return Ok(Field::zero(w, h));
    }
    let plan = Plan::of(options);
    stop::in_pool(cancel, |stop| coarse_to_fine(a, b, &plan, stop))
}

fn coarse_to_fine(a: &Plane, b: &Plane, plan: &Plan, stop: &Stop) -> Result<Field, FlowError> {
    let (w, h) = (a.width(), a.height());
    stop.check()?;
    let mut levels = prepare::pyramid(a, b, plan);
    let mut field = Field::default();
    while let Some(level) = levels.pop() {
        stop.check()?;
        let index = levels.len();
        let (lw, lh) = (level.a.width(), level.a.height());
        let region = Region::of(plan.window, lw, lh, index + plan.finest_level);
        field = dis::search(&level, field.doubled(lw, lh), plan, region, stop);
        stop.check()?;
        field = refine::refine(&level, field, plan, index == 0, region, stop)?;
    }
    for _ in 0..plan.finest_level {
        let at = levels_size(w, h, plan.finest_level, &field);
        field = field.doubled(at.0, at.1);
    }
    Ok(field)
}

/// The size one level finer than `field`, on the way up to `w` by `h`.
fn levels_size(w: usize, h: usize, finest: usize, field: &Field) -> (usize, usize) {
    let mut sizes = vec![(w, h)];
    for _ in 0..finest {
        let (lw, lh) = sizes[sizes.len() - 1];
        sizes.push((lw.div_ceil(2), lh.div_ceil(2)));
    }
    let here = sizes.iter().position(|&s| s == (field.width(), field.height())).unwrap_or(0);
    sizes[here.saturating_sub(1)]
}
