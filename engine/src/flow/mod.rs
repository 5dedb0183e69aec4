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
mod sor;
#[cfg(test)]
mod tests;
mod weighted;

pub use consistency::{Consistency, consistency};
pub use field::Field;
pub use options::{FlowError, Options, Quality};

use crate::image::Plane;
use options::Plan;

/// Motion of `a`'s content into `b`, in px of `a`: pixel `x` of `a` is found at `x + field(x)` in `b`.
///
/// Both planes are luma as [`crate::image::Rgb::luma`] makes it (0 to about 2; other ranges work less well, NaN and
/// infinity count as 0). Identical planes give exactly zero. A plane under 2 px wide or high gives zero.
/// `cancel` is asked often, from the calling thread.
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
    let levels = in_pool(|| prepare::pyramid(a, b, &plan));
    let mut field: Option<Field> = None;
    for (i, level) in levels.iter().enumerate().rev() {
        if cancel() {
            return Err(FlowError::Cancelled);
        }
        let (lw, lh) = (level.a.width(), level.a.height());
        let start = field.take().map_or_else(|| Field::zero(lw, lh), |f| f.doubled(lw, lh));
        let searched = in_pool(|| dis::search(level, start, &plan));
        if cancel() {
            return Err(FlowError::Cancelled);
        }
        let refined = refine::refine(level, searched, &plan, i, cancel)?;
        field = Some(refined);
    }
    let mut field = field.unwrap_or_else(|| Field::zero(w, h));
    for _ in 0..plan.finest_level {
        let at = levels_size(w, h, plan.finest_level, &field);
        field = field.doubled(at.0, at.1);
    }
    Ok(field)
}

/// Runs `work` on a thread of the pool: many short parallel loops started from outside would each wait to be let in.
fn in_pool<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    rayon::scope(|_| work())
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
