//! Median filter of a motion (between warps: Sun, Roth, Black: "Secrets of Optical Flow Estimation and Their
//! Principles", CVPR 2010).

use super::bordered::{Block, Bordered, block};

/// The median of the 3x3 neighbourhood, borders continued.
pub(super) fn median(plane: &Bordered) -> Bordered {
    let mut out = Bordered::new(plane.width(), plane.height());
    out.fill(
        #[inline(always)]
        |x, y| {
            let [_, above, _, below, _] = plane.around(y);
            let rows = [above, y, below];
            let [l, m, r] =
                [column(plane, x, -1, rows), column(plane, x, 0, rows), column(plane, x, 1, rows)];
            block(
                #[inline(always)]
                |k| {
                    let [l, m, r] = [
                        sort3(l[0][k], l[1][k], l[2][k]),
                        sort3(m[0][k], m[1][k], m[2][k]),
                        sort3(r[0][k], r[1][k], r[2][k]),
                    ];
                    median9([l, m, r])
                },
            )
        },
    );
    out
}

#[inline(always)]
fn column(plane: &Bordered, x: usize, dx: isize, rows: [usize; 3]) -> [&Block; 3] {
    [plane.block(x, dx, rows[0]), plane.block(x, dx, rows[1]), plane.block(x, dx, rows[2])]
}

#[inline(always)]
fn least(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

#[inline(always)]
fn most(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn sort3(a: f32, b: f32, c: f32) -> [f32; 3] {
    let (lo, hi) = (least(a, b), most(a, b));
    let (mid, hi) = (least(hi, c), most(hi, c));
    [least(lo, mid), most(lo, mid), hi]
}

/// Of three sorted columns: the median of the greatest low, the middle middle, and the least high.
#[inline(always)]
fn median9(c: [[f32; 3]; 3]) -> f32 {
    let low = most(most(c[0][0], c[1][0]), c[2][0]);
    let mid = sort3(c[0][1], c[1][1], c[2][1])[1];
    let high = least(least(c[0][2], c[1][2]), c[2][2]);
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
