//! Pictures as the engine wants them: planes of `f32`, row by row from the top.

mod colours;
mod filter;
mod plane;
mod rgb;
mod wide;

pub use colours::{Colours, luma_and_colours};
pub(crate) use filter::rows_per_task;
pub use filter::{gaussian_blur, half_size};
pub(crate) use plane::Tap;
pub use plane::{Plane, SizeError};
pub use rgb::{Encoding, Rgb};
pub(crate) use wide::{LANES, wide};
