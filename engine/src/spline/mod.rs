//! Bezier outlines: sampling them densely, and fitting their control points to samples that have moved.

mod outline;
mod refit;

pub use outline::{Outline, Sample};
pub use refit::refit;
