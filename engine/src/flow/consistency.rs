//! How far a field can be trusted: forward motion followed by backward motion must come home.

use rayon::prelude::*;

use super::Field;
use crate::image::{Plane, Tap};

/// The verdict on a field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consistency {
    /// 0 (no trust) to 1, for every pixel.
    pub confidence: Plane,
    /// 1 where the content is hidden in the other picture or has left it, else 0.
    pub occluded: Plane,
}

/// Compares a field with the one of the opposite direction. A pixel counts as occluded by the test of Sundaram,
/// Brox, Keutzer (ECCV 2010): the round trip misses by more than `0.01 (|f|^2 + |b|^2) + 0.5` px squared.
/// Confidence falls with the miss relative to that bound. Fields of different sizes trust nothing.
pub fn consistency(forward: &Field, backward: &Field) -> Consistency {
    let (w, h) = (forward.width(), forward.height());
    let mut confidence = Plane::filled(w, h, 0.0);
    let mut occluded = Plane::filled(w, h, 1.0);
    if w == 0 || h == 0 || (w, h) != (backward.width(), backward.height()) {
        return Consistency { confidence, occluded };
    }
    let rows = crate::image::rows_per_task(w);
    (confidence.data_mut().par_chunks_mut(w), occluded.data_mut().par_chunks_mut(w))
        .into_par_iter()
        .with_min_len(rows)
        .enumerate()
        .for_each(|(y, (confidence, occluded))| {
            for x in 0..w {
                let [u, v] = forward.at(x, y);
                let (tx, ty) = (x as f32 + 0.5 + u, y as f32 + 0.5 + v);
                let inside = tx >= 0.0 && ty >= 0.0 && tx <= w as f32 && ty <= h as f32;
                if !inside {
                    continue;
                }
                let tap = Tap::new(tx, ty, w, h);
                let (bu, bv) = (tap.of(backward.u()), tap.of(backward.v()));
                let miss = (u + bu).powi(2) + (v + bv).powi(2);
                let bound = 0.01 * (u * u + v * v + bu * bu + bv * bv) + 0.5;
                confidence[x] = (-miss / bound).exp();
                occluded[x] = if miss > bound { 1.0 } else { 0.0 };
            }
        });
    Consistency { confidence, occluded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreeing_fields_are_trusted_except_where_content_leaves() {
        let forward = Field::from_fn(20, 10, |_, _| [3.0, 0.0]);
        let backward = Field::from_fn(20, 10, |_, _| [-3.0, 0.0]);
        let c = consistency(&forward, &backward);
        assert_eq!((c.confidence.row(4)[5], c.occluded.row(4)[5]), (1.0, 0.0));
        assert_eq!((c.confidence.row(4)[18], c.occluded.row(4)[18]), (0.0, 1.0));
        let c = consistency(&forward, &Field::zero(20, 10));
        assert_eq!(c.occluded.row(4)[5], 1.0);
        assert!(consistency(&forward, &Field::zero(3, 3)).confidence.data().iter().all(|&v| v == 0.0));
        assert!(consistency(&Field::default(), &Field::default()).confidence.is_empty());
    }
}
