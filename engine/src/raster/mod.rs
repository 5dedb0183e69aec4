//! Mattes: anti-aliased coverage of shapes.
//!
//! Coverage is exact: the share of each pixel's area inside the outline, self-overlaps included. All sums are whole numbers,
//! so a tile has the very values of the whole picture.
//!
//! `flatten` and `stroke` make polygons, `chains` cuts them where they turn, `descent` cuts them at the rows, `sweep` goes
//! through these, `cells` and `slabs` count areas, and `row` holds the runs of pixels that result.
//!
//! Soft and grown edges are made of distances to the outline and its feather contour; they come to the exact coverage as
//! their width goes to nothing: `region` finds the boundary, `field` the distances, `soft` and `falloff` the matte. `layer`
//! draws what belongs together, `stack` composes it (`sharp` where there are only sharp edges), `separate` says which shapes make
//! which matte where there are several, `shutter` at which moments.

mod cells;
mod chains;
mod coverage;
mod descent;
mod falloff;
mod field;
mod flatten;
mod grid;
mod layer;
#[cfg(test)]
mod properties;
mod region;
mod row;
mod separate;
mod sharp;
mod shutter;
mod slabs;
mod soft;
#[cfg(test)]
mod soft_strokes;
mod stack;
mod stroke;
mod sweep;
#[cfg(test)]
mod tests;
mod through;
mod window;

pub use coverage::{Edges, FillRule};
pub use falloff::Falloff;
pub use flatten::TOLERANCE_PX;
pub use row::{Row, Run};
pub use separate::{adds, multi_matte, separate_matte, separate_reach};
pub use shutter::MotionBlur;
pub use stack::{MatteOptions, Reach, matte, reach, shape_coverage};
pub use stroke::{Caps, feather_line};
pub use through::through;
pub use window::Window;
