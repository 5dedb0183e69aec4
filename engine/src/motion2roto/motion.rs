//! Where motion and pictures come from.

use std::sync::Arc;

use super::SolveError;
use crate::flow::Field;
use crate::image::{Colours, Plane};

/// Motion between two frames, and how far to trust it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MotionField {
    /// Displacement of every pixel, px.
    pub field: Field,
    /// 0 (no motion known there) to 1; `None` means 1 everywhere. Same size as the field.
    pub confidence: Option<Plane>,
}

/// Motion between neighbouring frames of a shot.
pub trait Motion: Sync {
    /// Motion from `from` to `to`, which is `from + 1` or `from - 1`. [`SolveError::NoFrame`] ends the shot on
    /// that side; any other error ends the solve.
    fn field(&self, from: i32, to: i32) -> Result<Arc<MotionField>, SolveError>;

    /// The colours of a frame, of the field's size. With them a solve pulls closed splines to the outline; without them
    /// motion alone decides.
    fn picture(&self, _frame: i32) -> Result<Option<Arc<Colours>>, SolveError> {
        Ok(None)
    }
}

/// Pictures by frame number.
pub trait Frames: Sync {
    /// Luma for matching ([`crate::image::Rgb::luma`]). [`SolveError::NoFrame`] where the shot has no such frame.
    fn plane(&self, frame: i32) -> Result<Arc<Plane>, SolveError>;

    /// The frame's colours, if there are any; see [`Motion::picture`].
    fn picture(&self, _frame: i32) -> Result<Option<Arc<Colours>>, SolveError> {
        Ok(None)
    }
}
