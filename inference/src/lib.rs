//! Runs landmark models with ONNX Runtime. It knows no OpenFX, no document and no solver.
//!
//! Space: pixels of the picture given, origin at the top-left corner of the top-left pixel, x right, y down, pixel
//! centres at .5.
//!
//! ONNX Runtime is a library of its own, loaded when a model is first opened and never before ([`Runtime::load`]). A model is
//! read and its layers are added up before the runtime sees it ([`ModelError`] says what is refused), so a file from anywhere may
//! be opened: it can neither reach other files nor take the memory or time of the host.
//!
//! | module | holds |
//! |---|---|
//! | [`runtime`] | [`Runtime`]: the library, loaded once a process |
//! | [`card`] | [`Card`]: what a model file says of itself |
//! | [`landmarker`] | [`Landmarker`]: a picture in, a [`Detection`] out |
//! | [`picture`] | [`Picture`]: 8-bit RGB, and square views of it |
#![forbid(unsafe_code)]

pub mod card;
mod graph;
pub mod landmarker;
mod layers;
pub mod picture;
pub mod runtime;
mod wire;

pub use card::Card;
pub use landmarker::{Bounds, Detection, Landmark, Landmarker, ModelError};
pub use picture::Picture;
pub use runtime::{Runtime, RuntimeError};
