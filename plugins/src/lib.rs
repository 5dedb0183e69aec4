//! The Splitline effects, built as one OpenFX binary.
//!
//! | module | holds |
//! |---|---|
//! | [`motion2roto`] | sparse keyed splines to a spline on every frame |
//! | [`motion_vectors`] | forward and backward motion as an image |
//! | [`face_roto`] | a face learned from keyed frames, found in a shot, as landmarks and shapes |
//! | [`matte_to_roto`] | mattes of a shot to animated shapes |
//! | [`output`] | what effects with shapes put out: params, mattes, overlays |
//! | [`splines`] | splines in the viewer: drawn, and dragged by the artist |
//! | [`exchange`] | import from and export to files of other applications |
//! | [`stored`] | the document of a node |
//! | [`range`] | the frames that an effect works on |
//! | [`reporting`] | progress of long work |
//! | [`waiting`] | waiting for other renders |
//! | [`documents`] | documents from params and files, parsed once |
//! | [`recent`] | the last few things that were made |
//! | [`file_identity`] | states of files |
//! | [`plate`] | a clip's frames as the engine reads them |
//! | [`given_vectors`] | motion that the host brings |
//! | [`motion_planes`] | motion as planes of the host's |
//! | [`vector_params`] | params that several effects have |
//! | [`space`] | document, canonical and image space |
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod documents;
mod exchange;
mod face_roto;
mod fields;
mod file_identity;
mod given_vectors;
mod matte_to_roto;
mod motion2roto;
mod motion_planes;
mod motion_vectors;
mod output;
mod plate;
mod range;
mod recent;
mod reporting;
mod space;
mod splines;
mod stored;
mod vector_params;
mod waiting;

ofx::export_plugins![log("SPLITLINE_LOG", "SPLITLINE_LOG_LEVEL"); motion2roto::Motion2Roto, motion_vectors::MotionVectors, face_roto::FaceRoto, matte_to_roto::MatteToRoto];
