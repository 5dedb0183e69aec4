//! The pyramid, with the planes cleaned and freed from changes of exposure.

use crate::image::{Plane, half_size};
use rayon::prelude::*;

use super::options::Plan;

/// Matching wants about 8-bit steps: the constants of the search and of the refinement are in this unit.
const SCALE: f32 = 255.0;

/// Both pictures on one level.
pub(super) struct Level {
    pub a: Plane,
    pub b: Plane,
}

/// Levels from fine (0, though it is left unworked below `plan.finest_level`) to coarse.
pub(super) fn pyramid(a: &Plane, b: &Plane, plan: &Plan) -> Vec<Level> {
    let (mut a, mut b) = (clean(a), clean(b));
    let gain = spread(&a) / spread(&b).max(1e-6);
    // A cut or a fade to black says nothing about exposure.
    if (0.25..4.0).contains(&gain) && (gain - 1.0).abs() > 1e-3 {
        b.data_mut().iter_mut().for_each(|v| *v *= gain);
    }
    for _ in 0..plan.finest_level {
        (a, b) = (half_size(&a), half_size(&b));
    }
    let mut levels = Vec::new();
    loop {
        let next = (a.width().min(a.height()) >= 24).then(|| (half_size(&a), half_size(&b)));
        levels.push(Level { a, b });
        match next {
            Some(n) => (a, b) = n,
            None => return levels,
        }
    }
}

fn clean(plane: &Plane) -> Plane {
    let data = plane
        .data()
        .par_iter()
        .map(|&v| if v.is_finite() { v.clamp(-4.0, 4.0) * SCALE } else { 0.0 })
        .collect();
    Plane::from_vec(plane.width(), plane.height(), data).unwrap_or_default()
}

/// How strong a picture's contrast is: the mean absolute difference of neighbours in a row, which a moving
/// picture keeps and an exposure change scales.
fn spread(plane: &Plane) -> f32 {
    let rows: Vec<f64> = (0..plane.height())
        .into_par_iter()
        .map(|y| plane.row(y).windows(2).map(|w| f64::from((w[1] - w[0]).abs())).sum())
        .collect();
    (rows.iter().sum::<f64>() / plane.data().len().max(1) as f64) as f32
}
