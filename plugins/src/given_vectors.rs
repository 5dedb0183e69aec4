//! Motion that the host brings: vectors in a clip's colour channels, or in the source's own motion planes.

use std::ffi::CStr;
use std::sync::Arc;

use engine::motion2roto::{MotionField, SolveError, VectorSource};
use engine::vectors::{Convention, Pair};
use ofx::{Clip, Image, plane};

use crate::plate::Placement;
use crate::recent::Recent;

/// Frames whose vectors are kept.
const KEPT: usize = 3;

/// Which pictures hold the vectors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layout {
    /// The clip's colour, in this convention.
    Colour(Convention),
    /// The clip's planes for forward and backward motion (Nuke's px, y up).
    Planes,
}

/// A frame's forward and backward motion.
type Both = [Option<Arc<MotionField>>; 2];

/// Vectors of a clip, frame by frame, read where the plate lies.
pub struct GivenVectors<'i> {
    clip: Clip<'i>,
    placement: Placement,
    layout: Layout,
    recent: Recent<i32, Both>,
}

impl<'i> GivenVectors<'i> {
    /// Vectors of `clip` for a plate that lies at `placement`.
    pub fn new(clip: Clip<'i>, placement: Placement, layout: Layout) -> Self {
        GivenVectors { clip, placement, layout, recent: Recent::new() }
    }

    /// Whether the clip has motion planes.
    pub fn has_planes(clip: &Clip<'_>) -> bool {
        let names = clip.planes();
        [plane::FORWARD_MOTION, plane::BACKWARD_MOTION]
            .iter()
            .any(|p| names.iter().any(|n| n.as_bytes() == p.to_bytes()))
    }

    fn both(&self, frame: i32) -> Result<Both, SolveError> {
        if let Some(both) = self.recent.get(&frame) {
            return Ok(both);
        }
        let both = self.fetch(frame).map_err(|e| match e {
            ofx::Error::Aborted => SolveError::Cancelled,
            e => SolveError::Frame { frame, reason: e.to_string() },
        })?;
        self.recent.put(frame, both.clone(), KEPT);
        Ok(both)
    }

    fn fetch(&self, frame: i32) -> ofx::Result<Both> {
        let time = f64::from(frame);
        Ok(match self.layout {
            Layout::Colour(convention) => match self.clip.image(time, None)? {
                Some(image) => self.decode(&image, &convention)?,
                None => [None, None],
            },
            Layout::Planes => {
                let one = |name: &CStr| self.clip.plane(time, name, 0, None);
                let pair = Some(Pair { u: 0, v: 1, reversed: false });
                let forward = Convention { forward: pair, backward: None, ..Convention::NUKE };
                let backward = Convention { forward: None, backward: pair, ..Convention::NUKE };
                let [forward, _] = match one(plane::FORWARD_MOTION)? {
                    Some(image) => self.decode(&image, &forward)?,
                    None => [None, None],
                };
                let [_, backward] = match one(plane::BACKWARD_MOTION)? {
                    Some(image) => self.decode(&image, &backward)?,
                    None => [None, None],
                };
                [forward, backward]
            }
        })
    }

    fn decode(&self, image: &Image<'_>, convention: &Convention) -> ofx::Result<Both> {
        let (width, height) = self.placement.size();
        let pixels = self.placement.read(&image.view())?;
        Ok(convention.decode_picture(&pixels, width, height).map(|f| f.map(Arc::new)))
    }
}

impl VectorSource for GivenVectors<'_> {
    fn forward(&self, frame: i32) -> Result<Option<Arc<MotionField>>, SolveError> {
        self.both(frame).map(|[forward, _]| forward)
    }

    fn backward(&self, frame: i32) -> Result<Option<Arc<MotionField>>, SolveError> {
        self.both(frame).map(|[_, backward]| backward)
    }
}
