//! Mattes: anti-aliased coverage of shapes.
//!
//! Coverage is exact: the share of each pixel's area inside the outline, self-overlaps included. All sums are whole numbers,
//! so a tile has the very values of the whole picture.
//!
//! `flatten` and `stroke` make polygons, `chains` cuts them where they turn, `sweep` goes down their rows, `cells` and
//! `slabs` count areas, and `row` holds the runs of pixels that result.

mod cells;
mod chains;
mod coverage;
mod flatten;
mod grid;
#[cfg(test)]
mod properties;
mod row;
mod slabs;
mod soften;
mod stack;
mod stroke;
mod sweep;
mod through;
mod window;

pub use coverage::{Edges, FillRule};
pub use flatten::TOLERANCE_PX;
pub use row::{Row, Run};
pub use stack::{MatteOptions, MotionBlur, matte, shape_coverage};
pub use stroke::Caps;
pub use through::through;
pub use window::Window;
