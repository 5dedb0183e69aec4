//! A safe layer for OpenFX plug-ins.
//!
//! An effect is a type that implements [`Effect`]: it says who it is, describes its clips and params (typed keys that
//! are constants, see [`param`]), and renders. [`export_plugins!`] makes a binary of effects. Everything unsafe, and
//! everything that hosts do in their own ways, stays in here.
//!
//! | module | what |
//! |---|---|
//! | [`effect`], [`args`] | the trait, and what its functions are given |
//! | [`describe`], [`param`], [`kinds`] | saying what an effect is |
//! | [`instance`], [`clip`], [`image`] | a node, its inputs and output, their pixels |
//! | [`message`], [`progress`], [`timeline`] | talking to the artist |
//! | [`threads`], [`memory`] | the host's threads and memory |
//! | [`overlay`] | drawing into the viewer, and the pen and keys there |
//! | [`host`], [`props`] | the application, and its property sets |
//! | [`geometry`] | points, rectangles, and the way between spaces |
#![allow(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used)]

pub mod args;
pub mod clip;
pub mod describe;
pub mod effect;
pub mod error;
pub mod geometry;
pub mod host;
pub mod image;
pub mod instance;
pub mod kinds;
pub mod memory;
pub mod message;
pub mod overlay;
pub mod param;
pub mod progress;
pub mod props;
pub mod threads;
pub mod timeline;

mod action;
mod entry;
#[doc(hidden)]
pub mod export;
mod handle;
#[doc(hidden)]
pub mod live;
mod logging;
mod panics;
mod pin;
mod suites;

pub use args::{
    Changed, ClipComponents, ClipPreferences, FramesNeeded, Identity, IdentityArgs, Reason, Regions,
    RegionsArgs, RenderArgs, SequenceArgs, Target, TimeArgs,
};
pub use clip::{Clip, plane};
pub use describe::{ClipSpec, Describe, DescribeInContext, Sequential};
pub use effect::{Effect, Info};
pub use error::{Error, Result};
pub use geometry::{PointD, PointI, RangeD, RectD, RectI, TopLeft};
pub use host::{ApiVersion, Host, HostKind};
pub use image::{Image, ImageInfo, ImageView, OutputImage, RowMut};
pub use instance::Instance;
pub use kinds::{Components, Context, Depth, Field, Premult, ThreadSafety};
pub use logging::LogConfig;
pub use message::Severity;
pub use overlay::{KeyArgs, OverlayArgs, Pen, PenArgs};
pub use progress::Progress;
