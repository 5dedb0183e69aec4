//! Bezier outlines: fitting their control points to samples that have moved.

mod refit;

pub use refit::refit;
pub use shapes::outline::{Outline, Sample};
