//! The transform of a layer or a shape: pivot, translation, rotation and scale (three numbers each), skew, and a matrix by rows.
//!
//! As in Nuke's nodes the order is scale, rotation, translation, the first two about the pivot.

use super::cursor::{Cursor, Fault, Token};
use super::curve::{Curve, Met};
use crate::transform::{Moving, Projective};

/// Numbers before the matrix.
const PARTS: usize = 13;

/// What follows `t` in a list, or `tx` and its frame.
pub(crate) struct Transform {
    curves: Vec<Curve>,
}

impl Transform {
    /// Reads as many numbers as there are, to the end of the list.
    pub(crate) fn read(cursor: &mut Cursor<'_>, met: &mut Met) -> Result<Transform, Fault> {
        let mut curves = Vec::new();
        while curves.len() < PARTS + 16 && cursor.peek() != Token::Close {
            curves.push(Curve::read(cursor, met)?);
        }
        cursor.skip_rest()?;
        Ok(Transform { curves })
    }

    /// Whether a number is not what leaves everything in place.
    fn is_used(&self, i: usize) -> bool {
        self.curves.get(i).is_some_and(|c| !c.is_always(resting(i)))
    }

    /// Whether anything is moved.
    pub(crate) fn moves(&self) -> bool {
        (3..self.curves.len()).any(|i| self.is_used(i))
    }

    /// Whether there is a part that is not applied: a turn out of the picture's plane, or a skew.
    pub(crate) fn has_unread(&self) -> bool {
        [6, 7, 12].into_iter().any(|i| self.is_used(i))
    }

    /// Whether there is a matrix beside other parts.
    pub(crate) fn has_both(&self) -> bool {
        (3..12).any(|i| self.is_used(i)) && (PARTS..PARTS + 16).any(|i| self.is_used(i))
    }
}

/// The value that does nothing.
fn resting(i: usize) -> f64 {
    let diagonal = i >= PARTS && (i - PARTS).is_multiple_of(5);
    if (9..12).contains(&i) || diagonal { 1.0 } else { 0.0 }
}

impl Moving for Transform {
    fn frames(&self) -> Vec<f64> {
        let moving = self.curves.iter().filter(|c| c.keys().first().is_some_and(|k| !c.is_always(k.value)));
        moving.flat_map(|c| c.keys().iter().map(|k| k.frame)).collect()
    }

    fn at(&self, frame: f64) -> Projective {
        let value = |i: usize| self.curves.get(i).map_or(resting(i), |c| c.at(frame));
        let pivot = [value(0), value(1)];
        let turned = Projective::rotation(value(8)).after(&Projective::scale(value(9), value(10)));
        let parts = Projective::translation(pivot[0] + value(3), pivot[1] + value(4))
            .after(&turned)
            .after(&Projective::translation(-pivot[0], -pivot[1]));
        let matrix = Projective::of_space(&std::array::from_fn(|i| value(PARTS + i)));
        let rests = !(3..12).any(|i| self.is_used(i));
        if rests { matrix } else { matrix.after(&parts) }
    }
}
