//! Splitline's picture side: motion, splines, mattes and the solvers that move splines. It knows no host, no
//! file and no OpenFX.
//!
//! Space: pixels of the full-resolution picture, origin at the top-left corner of the top-left pixel, x right,
//! y down, pixel centres at .5, square pixels. Motion `forward(x, t)` is where the picture's content at `x` on
//! frame `t` goes on frame `t + 1`, as a displacement in pixels; `backward` goes to `t - 1`.
//!
//! Every result is the same for any number of threads. Long work takes a `cancel` or a `progress` callback.
//!
//! | module | holds |
//! |---|---|
//! | [`image`] | [`image::Plane`], [`image::Rgb`], luma for matching, filters, pyramids |
//! | [`face`] | a face learned from keyed frames, found in shots |
//! | [`flow`] | dense motion between two planes, and how far to trust it |
//! | [`vectors`] | conventions of motion-vector pictures: decode and encode |
//! | [`spline`] | Bezier outlines: sampling by arc length, refitting control points to moved samples |
//! | [`raster`] | anti-aliased mattes of shapes: coverage, strokes, feather, blend stack, motion blur |
//! | [`vectorise`] | mattes of a shot to animated shapes |
//! | [`motion2roto`] | sparse keys carried to every frame of a shot |
#![forbid(unsafe_code)]

pub mod face;
pub mod flow;
pub mod image;
pub mod motion2roto;
mod random;
pub mod raster;
pub mod spline;
pub mod vectorise;
pub mod vectors;
