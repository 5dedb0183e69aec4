//! The Splitline effects, built as one OpenFX binary.
//!
//! | module | holds |
//! |---|---|
//! | [`motion2roto`] | sparse keyed splines to a spline on every frame |
//! | [`motion_vectors`] | forward and backward motion as an image |
//! | [`documents`] | documents from params and files, parsed once |
//! | [`recent`] | the last few things that were made |
//! | [`plate`] | a clip's frames as the engine reads them |
//! | [`given_vectors`] | motion that the host brings |
//! | [`vector_params`] | params that several effects have |
//! | [`space`] | document, canonical and image space |
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod documents;
mod fields;
mod given_vectors;
mod motion2roto;
mod motion_vectors;
mod plate;
mod recent;
mod space;
mod vector_params;

ofx::export_plugins![log("SPLITLINE_LOG", "SPLITLINE_LOG_LEVEL"); motion2roto::Motion2Roto, motion_vectors::MotionVectors];
