//! Mattes: anti-aliased coverage of shapes.
//!
//! Coverage is exact: the share of each pixel's area inside the outline by the non-zero rule, self-overlaps
//! included. All sums are whole numbers, so a tile has the very values of the whole picture.

mod coverage;
mod flatten;
mod soften;
mod stack;
mod stroke;

pub use coverage::{Edges, Window};
pub use stack::{MatteOptions, MotionBlur, matte, shape_coverage};
