//! Smoothing and halving.

use rayon::prelude::*;

use super::Plane;

/// Rows that one task takes, so that small pictures do not pay for threads.
pub(crate) fn rows_per_task(width: usize) -> usize {
    (16_384 / width.max(1)).max(1)
}

/// Gaussian blur with standard deviation `sigma_px`, kernel cut at three of them; borders are continued. Zero,
/// negative and not-a-number leave the plane as it is.
pub fn gaussian_blur(plane: &Plane, sigma_px: f32) -> Plane {
    if plane.is_empty() || sigma_px.is_nan() || sigma_px < 0.05 {
        return plane.clone();
    }
    let radius = (3.0 * sigma_px).ceil().min(4096.0) as isize;
    let mut kernel: Vec<f32> =
        (-radius..=radius).map(|i| (-0.5 * (i as f32 / sigma_px).powi(2)).exp()).collect();
    let total: f32 = kernel.iter().sum();
    kernel.iter_mut().for_each(|k| *k /= total);
    separable(plane, &kernel)
}

/// Both ways with one odd-length kernel; borders are continued.
fn separable(plane: &Plane, kernel: &[f32]) -> Plane {
    let (w, h) = (plane.width(), plane.height());
    let radius = kernel.len() / 2;
    let mut across = vec![0.0f32; w * h];
    across.par_chunks_mut(w).with_min_len(rows_per_task(w)).enumerate().for_each_init(
        || vec![0.0f32; w + 2 * radius],
        |padded, (y, out)| {
            let row = plane.row(y);
            padded[..radius].fill(row[0]);
            padded[radius..radius + w].copy_from_slice(row);
            padded[radius + w..].fill(row[w - 1]);
            for (i, k) in kernel.iter().enumerate() {
                for (o, v) in out.iter_mut().zip(&padded[i..]) {
                    *o += k * v;
                }
            }
        },
    );
    let mut down = Plane::filled(w, h, 0.0);
    down.data_mut().par_chunks_mut(w).with_min_len(rows_per_task(w)).enumerate().for_each(|(y, out)| {
        for (i, k) in kernel.iter().enumerate() {
            let from = (y + i).saturating_sub(radius).min(h - 1);
            for (o, v) in out.iter_mut().zip(&across[from * w..(from + 1) * w]) {
                *o += k * v;
            }
        }
    });
    down
}

/// Half the size, rounded up: `[1 3 3 1] / 8` both ways, centred between the pixels that merge, so a position
/// `x` px of the plane is exactly `x / 2` of the result.
pub fn half_size(plane: &Plane) -> Plane {
    let (w, h) = (plane.width(), plane.height());
    if plane.is_empty() {
        return Plane::default();
    }
    let (hw, hh) = (w.div_ceil(2), h.div_ceil(2));
    let mut out = Plane::filled(hw, hh, 0.0);
    out.data_mut().par_chunks_mut(hw).with_min_len(rows_per_task(w)).enumerate().for_each_init(
        || vec![0.0f32; w + 3],
        |merged, (y, out)| {
            let rows = [-1isize, 0, 1, 2].map(|d| {
                let at = (2 * y as isize + d).clamp(0, h as isize - 1) as usize;
                plane.row(at)
            });
            let inner = &mut merged[1..=w];
            for (i, m) in inner.iter_mut().enumerate() {
                *m = 0.125 * (rows[0][i] + rows[3][i]) + 0.375 * (rows[1][i] + rows[2][i]);
            }
            merged[0] = merged[1];
            merged[w + 1] = merged[w];
            merged[w + 2] = merged[w];
            for (i, o) in out.iter_mut().enumerate() {
                let m = &merged[2 * i..2 * i + 4];
                *o = 0.125 * (m[0] + m[3]) + 0.375 * (m[1] + m[2]);
            }
        },
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halving_keeps_positions() {
        let p = Plane::from_fn(40, 32, |x, y| 2.0 * (x as f32 + 0.5) - (y as f32 + 0.5));
        let half = half_size(&p);
        for (x, y) in [(4.5f32, 5.5f32), (10.5, 7.5)] {
            assert!((half.bilinear(x, y) - (2.0 * (2.0 * x) - 2.0 * y)).abs() < 1e-4);
        }
    }

    proptest! {
        #[test]
        fn any_size_keeps_a_constant(w in 1usize..20, h in 1usize..20, sigma in 0.0..9.0f32) {
            let p = Plane::filled(w, h, 0.7);
            for q in [gaussian_blur(&p, sigma), half_size(&p)] {
                prop_assert!(q.data().iter().all(|v| (v - 0.7).abs() < 1e-5));
            }
            prop_assert_eq!(half_size(&p).data().len(), w.div_ceil(2) * h.div_ceil(2));
        }
    }
}
