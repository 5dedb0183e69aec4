//! Motion that somebody else computed: a renderer's vectors, or another node's.

use std::sync::Arc;

use super::{Motion, MotionField, SolveError};
use crate::flow::Field;
use crate::image::{Colours, Plane};

/// Vectors by frame, as [`crate::vectors::Convention::decode_picture`] makes them.
pub trait VectorSource: Sync {
    /// Motion from `frame` to the next one; `None` where the source has none.
    fn forward(&self, frame: i32) -> Result<Option<Arc<MotionField>>, SolveError>;
    /// Motion from `frame` to the previous one.
    fn backward(&self, frame: i32) -> Result<Option<Arc<MotionField>>, SolveError>;
}

/// A [`VectorSource`] as [`Motion`]. A direction that is missing is found by turning the other one round; where
/// vectors are invalid, or missing altogether, `fallback` fills in.
pub struct FieldMotion<'a> {
    source: &'a dyn VectorSource,
    fallback: Option<&'a dyn Motion>,
}

impl<'a> FieldMotion<'a> {
    /// Without a fallback, frames without vectors end the shot.
    pub fn new(source: &'a dyn VectorSource, fallback: Option<&'a dyn Motion>) -> Self {
        FieldMotion { source, fallback }
    }
}

impl Motion for FieldMotion<'_> {
    fn field(&self, from: i32, to: i32) -> Result<Arc<MotionField>, SolveError> {
        let given = if to > from { self.source.forward(from)? } else { self.source.backward(from)? };
        let given = match given {
            Some(given) => Some(given),
            None => {
                let other = if to > from { self.source.backward(to)? } else { self.source.forward(to)? };
                other.map(|other| Arc::new(reversed(&other)))
            }
        };
        match (given, self.fallback) {
            (Some(given), Some(fallback)) if has_gaps(&given) => match fallback.field(from, to) {
                Ok(other) => Ok(Arc::new(filled(&given, &other))),
                Err(SolveError::NoFrame(_)) => Ok(given),
                Err(e) => Err(e),
            },
            (Some(given), _) => Ok(given),
            (None, Some(fallback)) => fallback.field(from, to),
            (None, None) => Err(SolveError::NoFrame(to)),
        }
    }

    fn picture(&self, frame: i32) -> Result<Option<Arc<Colours>>, SolveError> {
        self.fallback.map_or(Ok(None), |f| f.picture(frame))
    }
}

fn has_gaps(motion: &MotionField) -> bool {
    motion.confidence.as_ref().is_some_and(|c| c.data().iter().any(|v| *v <= 0.0))
}

/// `given` with the pixels of no confidence taken from `other`; as it is when the sizes differ.
fn filled(given: &MotionField, other: &MotionField) -> MotionField {
    let mut out = given.clone();
    let (w, h) = (given.field.width(), given.field.height());
    let Some(confidence) = &mut out.confidence else { return out };
    if (w, h) != (other.field.width(), other.field.height()) || confidence.data().len() != w * h {
        return out;
    }
    let (u, v) = out.field.parts_mut();
    for (i, c) in confidence.data_mut().iter_mut().enumerate() {
        if *c <= 0.0 {
            u[i] = other.field.u()[i];
            v[i] = other.field.v()[i];
            *c = other.confidence.as_ref().map_or(1.0, |o| o.data().get(i).copied().unwrap_or(0.0));
        }
    }
    out
}

/// The opposite motion: each vector, turned round, is laid down where it points, over the four pixels there.
/// Where nothing lands the confidence is 0; where several land the mean counts.
fn reversed(motion: &MotionField) -> MotionField {
    let (w, h) = (motion.field.width(), motion.field.height());
    let mut field = Field::zero(w, h);
    let mut weight = Plane::filled(w, h, 0.0);
    let (u, v) = field.parts_mut();
    for y in 0..h {
        for x in 0..w {
            let trust = motion.confidence.as_ref().map_or(1.0, |c| c.clamped(x as isize, y as isize));
            let [du, dv] = motion.field.at(x, y);
            let (tx, ty) = (x as f32 + du, y as f32 + dv);
            let far = !(tx > -1.0 && ty > -1.0 && tx < w as f32 && ty < h as f32);
            if far || trust <= 0.0 {
                continue;
            }
            let (fx, fy) = (tx - tx.floor(), ty - ty.floor());
            for (ox, oy, k) in [
                (0, 0, (1.0 - fx) * (1.0 - fy)),
                (1, 0, fx * (1.0 - fy)),
                (0, 1, (1.0 - fx) * fy),
                (1, 1, fx * fy),
            ] {
                let (px, py) = (tx.floor() as isize + ox, ty.floor() as isize + oy);
                if k > 0.0 && px >= 0 && py >= 0 && (px as usize) < w && (py as usize) < h {
                    let i = py as usize * w + px as usize;
                    u[i] -= k * trust * du;
                    v[i] -= k * trust * dv;
                    weight.data_mut()[i] += k * trust;
                }
            }
        }
    }
    for (i, k) in weight.data_mut().iter_mut().enumerate() {
        if *k > 0.05 {
            u[i] /= *k;
            v[i] /= *k;
            *k = k.min(1.0);
        } else {
            (u[i], v[i], *k) = (0.0, 0.0, 0.0);
        }
    }
    MotionField { field, confidence: Some(weight) }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct ForwardOnly;
    impl VectorSource for ForwardOnly {
        fn forward(&self, frame: i32) -> Result<Option<Arc<MotionField>>, SolveError> {
            let field = Field::from_fn(12, 8, |_, _| [2.0, 1.0]);
            let mut valid = Plane::filled(12, 8, 1.0);
            valid.data_mut()[0] = 0.0;
            Ok((frame < 5).then(|| Arc::new(MotionField { field, confidence: Some(valid) })))
        }
        fn backward(&self, _: i32) -> Result<Option<Arc<MotionField>>, SolveError> {
            Ok(None)
        }
    }

    struct Still;
    impl Motion for Still {
        fn field(&self, _: i32, _: i32) -> Result<Arc<MotionField>, SolveError> {
            Ok(Arc::new(MotionField { field: Field::zero(12, 8), confidence: None }))
        }
    }

    #[test]
    fn a_missing_direction_is_turned_round_and_gaps_are_filled() {
        let motion = FieldMotion::new(&ForwardOnly, None);
        let back = motion.field(3, 2).unwrap();
        assert_eq!(back.field.at(6, 4), [-2.0, -1.0]);
        let trust = back.confidence.as_ref().unwrap();
        assert_eq!((trust.row(4)[6], trust.row(0)[0]), (1.0, 0.0));
        assert_eq!(motion.field(7, 8), Err(SolveError::NoFrame(8)));
        let motion = FieldMotion::new(&ForwardOnly, Some(&Still));
        let there = motion.field(0, 1).unwrap();
        assert_eq!((there.field.at(0, 0), there.field.at(1, 0)), ([0.0; 2], [2.0, 1.0]));
        assert_eq!(motion.field(7, 8).unwrap().field.at(3, 3), [0.0; 2]);
    }
}
