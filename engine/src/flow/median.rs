//! Median filter of a field (between warps: Sun, Roth, Black: "Secrets of Optical Flow Estimation and Their
//! Principles", CVPR 2010).

use rayon::prelude::*;

use super::Field;
use crate::image::rows_per_task;

/// The median of the 3x3 neighbourhood of each component, borders continued.
pub(super) fn median(field: &Field) -> Field {
    let (w, h) = (field.width(), field.height());
    let mut out = Field::zero(w, h);
    let (u, v) = out.parts_mut();
    for (from, to) in [(field.u(), u), (field.v(), v)] {
        to.par_chunks_mut(w).with_min_len(rows_per_task(w)).enumerate().for_each(|(y, out)| {
            let row = |y: usize| &from[y * w..(y + 1) * w];
            let rows = [row(y.saturating_sub(1)), row(y), row((y + 1).min(h - 1))];
            for (x, o) in out.iter_mut().enumerate() {
                let columns = [x.saturating_sub(1), x, (x + 1).min(w - 1)];
                let sorted = columns.map(|c| sort3(rows[0][c], rows[1][c], rows[2][c]));
                *o = median9(sorted);
            }
        });
    }
    out
}

#[inline]
fn sort3(a: f32, b: f32, c: f32) -> [f32; 3] {
    let (lo, hi) = (a.min(b), a.max(b));
    let (mid, hi) = (hi.min(c), hi.max(c));
    [lo.min(mid), lo.max(mid), hi]
}

/// Of three sorted columns: the median of the greatest low, the middle middle, and the least high.
#[inline]
fn median9(c: [[f32; 3]; 3]) -> f32 {
    let low = c[0][0].max(c[1][0]).max(c[2][0]);
    let mid = sort3(c[0][1], c[1][1], c[2][1])[1];
    let high = c[0][2].min(c[1][2]).min(c[2][2]);
    sort3(low, mid, high)[1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nine_values_give_the_fifth(values in prop::array::uniform9(-9.0..9.0f32)) {
            let v = values;
            let columns = [sort3(v[0], v[1], v[2]), sort3(v[3], v[4], v[5]), sort3(v[6], v[7], v[8])];
            let mut sorted = v;
            sorted.sort_by(f32::total_cmp);
            prop_assert_eq!(median9(columns), sorted[4]);
        }
    }
}
