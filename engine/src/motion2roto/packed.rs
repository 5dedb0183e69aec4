//! A motion field as it is kept: 5 bytes a pixel.

use rayon::prelude::*;

use super::MotionField;
use crate::flow::Field;
use crate::image::Plane;

/// Pixels that one task packs or unpacks.
const PART: usize = 1 << 16;
/// The largest number of a packed vector.
const MOST: f32 = i16::MAX as f32;

/// A field and its confidence, rounded: vectors to a 65534th of the largest one's (0.0008 px where that is 50 px),
/// confidence to a 255th. No motion stays exactly none. What is not a finite number becomes 0.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    width: usize,
    height: usize,
    /// Of one step, px.
    step_px: f32,
    u: Vec<i16>,
    v: Vec<i16>,
    confidence: Vec<u8>,
}

impl Packed {
    pub fn new(field: &Field, confidence: &Plane) -> Self {
        let finite = |v: &f32| if v.is_finite() { v.abs() } else { 0.0 };
        let largest = |c: &[f32]| c.par_iter().with_min_len(PART).map(finite).reduce(|| 0.0, f32::max);
        let step_px = largest(field.u()).max(largest(field.v())) / MOST;
        let steps = |c: &[f32]| -> Vec<i16> {
            let one = |v: &f32| if v.is_finite() && step_px > 0.0 { (v / step_px).round() as i16 } else { 0 };
            c.par_iter().with_min_len(PART).map(one).collect()
        };
        let share = |c: &f32| (c.clamp(0.0, 1.0) * 255.0).round() as u8;
        Packed {
            width: field.width(),
            height: field.height(),
            step_px,
            u: steps(field.u()),
            v: steps(field.v()),
            confidence: confidence.data().par_iter().with_min_len(PART).map(share).collect(),
        }
    }

    pub fn unpacked(&self) -> MotionField {
        let mut field = Field::zero(self.width, self.height);
        let (u, v) = field.parts_mut();
        for (to, from) in [(u, &self.u), (v, &self.v)] {
            let pairs = to.par_iter_mut().with_min_len(PART).zip(from);
            pairs.for_each(|(to, from)| *to = f32::from(*from) * self.step_px);
        }
        let mut confidence = Plane::filled(self.width, self.height, 0.0);
        let pairs = confidence.data_mut().par_iter_mut().with_min_len(PART).zip(&self.confidence);
        pairs.for_each(|(to, from)| *to = f32::from(*from) / 255.0);
        MotionField { field, confidence: Some(confidence) }
    }

    /// Memory held, bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.u) + size_of_val(&*self.v) + size_of_val(&*self.confidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_kept_is_near(values in prop::collection::vec((-300.0..300.0f32, -300.0..300.0f32, 0.0..1.0f32), 1..40)) {
            let n = values.len();
            let field = Field::from_fn(n, 1, |x, _| [values[x].0, values[x].1]);
            let confidence = Plane::from_fn(n, 1, |x, _| values[x].2);
            let out = Packed::new(&field, &confidence).unpacked();
            let largest = values.iter().map(|v| v.0.abs().max(v.1.abs())).fold(0.0, f32::max);
            for (x, v) in values.iter().enumerate() {
                let [a, b] = out.field.at(x, 0);
                prop_assert!((a - v.0).abs().max((b - v.1).abs()) <= 0.51 * largest / MOST);
                let trust = out.confidence.as_ref().map_or(-1.0, |c| c.row(0)[x]);
                prop_assert!((trust - v.2).abs() <= 0.51 / 255.0);
            }
        }
    }

    #[test]
    fn still_pixels_stay_still() {
        let field = Field::from_fn(3, 1, |x, _| [[0.0, 0.0], [40.0, -3.0], [f32::NAN, f32::INFINITY]][x]);
        let out = Packed::new(&field, &Plane::filled(3, 1, 1.0)).unpacked();
        assert_eq!((out.field.at(0, 0), out.field.at(2, 0)), ([0.0; 2], [0.0; 2]));
        let none = Packed::new(&Field::zero(2, 2), &Plane::filled(2, 2, 0.5)).unpacked();
        assert_eq!(none.field, Field::zero(2, 2));
    }
}
