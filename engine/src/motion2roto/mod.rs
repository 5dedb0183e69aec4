//! Motion2Roto: an artist's sparse keys, carried by the picture's motion to every frame.
//!
//! Not the control points are carried but a dense sampling of the contour ([`crate::spline`]), by the motion of the
//! material inside of it (on both sides of an open spline): flow is torn exactly on an outline. Each step is one
//! robust affine motion plus a local residual, weighted by how far forward and backward motion agree. What is
//! missing when the next key is reached is known there, and handed back over the steps by their uncertainty; what
//! comes from both keys is mixed in the same measure. Control points are fitted again to the moved samples, so point
//! `k` stays on its feature.
//!
//! With pictures, closed splines follow the outline as well ([`pull`]): each walk from a key is pulled, step by step, to
//! where the colours change as they do on the key; a walk by motion alone goes beside it, and the far key says which of the
//! two to believe where ([`walk`]). Between two keys the picture has the last word, as far as it is more certain than
//! the walks' misses at the far keys ([`settle`]). Points keep their order and their places along the contour.
//!
//! A held frame (motion exactly zero) moves nothing, to the last bit.
//!
//! Motion is asked for in runs: from the earliest key of a run of overlapping spans upwards, frame by frame, then
//! from its latest key downwards. A cache that holds one run's fields computes each pair once; one that holds a
//! single pair computes each at most twice.

mod confidence;
mod contour;
mod error;
mod external;
mod fit;
mod join;
mod motion;
mod packed;
mod pins;
mod provider;
mod pull;
mod settle;
mod solve;
mod steady;
mod step;
mod support;
#[cfg(test)]
mod tests;
mod walk;

pub use error::SolveError;
pub use external::{FieldMotion, VectorSource};
pub use motion::{Frames, Motion, MotionField};
pub use provider::{FieldPair, FieldStore, FlowMotion, Look};
pub use solve::{Direction, Options, solve, solve_shape};
