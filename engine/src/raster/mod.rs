//! Mattes: anti-aliased coverage of shapes.
//!
//! Coverage is exact: the share of each pixel's area inside the outline by the non-zero rule, self-overlaps
//! included. All sums are whole numbers, so a tile has the very values of the whole picture.
//!
//! Soft and grown edges are made of distances to the outline and its feather contour; they come to the exact coverage as
//! their width goes to nothing.

mod coverage;
mod falloff;
mod field;
mod flatten;
mod layer;
mod region;
mod shutter;
mod soft;
mod stack;
mod stroke;
#[cfg(test)]
mod tests;
mod windows;

pub use coverage::{Edges, Window};
pub use falloff::Falloff;
pub use shutter::MotionBlur;
pub use stack::{MatteOptions, Reach, matte, multi_matte, reach, shape_coverage};
