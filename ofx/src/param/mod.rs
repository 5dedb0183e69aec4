//! Params: typed keys that are declared as constants, described once and then read and written by the same constant.
//!
//! ```
//! use ofx::param::{Choice, Double, Push};
//!
//! const TOLERANCE: Double = Double::new(c"tolerance", c"Tolerance")
//!     .default(0.5)
//!     .range(0.0, 100.0)
//!     .display(0.0, 5.0)
//!     .increment(0.1)
//!     .help(c"How far, in pixels, a curve may stray.");
//! const OUTPUT: Choice = Choice::new(c"output", c"Output", &[c"Matte", c"Source"]);
//! const SOLVE: Push = Push::new(c"solve", c"Solve");
//! ```
//!
//! There are no 2-D and 3-D whole numbers: Resolve crashes on them in generators.

mod choice;
mod common;
mod layout;
mod number;
mod parametric;
pub(crate) mod raw;
mod text;
mod vector;

pub use choice::{Bool, Choice, ChoiceOf, Options, Push};
pub(crate) use common::Secret;
pub use common::{Common, Invalidates, Param, ParamProps, Valued};
pub use layout::{Group, Page};
pub use number::{Double, DoubleKind, Int};
pub use parametric::Parametric;
pub(crate) use raw::RawParam;
pub use text::{Custom, Text, TextMode};
pub use vector::{Double2, Double3, Rgb, Rgba};
