//! A safe layer for OpenFX plug-ins.
//!
//! An effect is a type that implements [`Effect`]: it says who it is, describes its clips and params (typed keys that
//! are constants, see [`param`]), and renders. [`export_plugins!`] makes a binary of effects. Everything unsafe, and
//! everything that hosts do in their own ways, stays in here.
//!
//! ```
//! use ofx::param::Double;
//! use ofx::{ClipSpec, Context, Describe, DescribeInContext, Effect, Info, Instance, RenderArgs, Result};
//!
//! const GAIN: Double = Double::new(c"gain", c"Gain").default(1.0).range(0.0, 10.0).display(0.0, 2.0);
//! const SOURCE: ClipSpec = ClipSpec::source();
//!
//! struct Gain;
//!
//! impl Effect for Gain {
//!     const INFO: Info = Info {
//!         identifier: c"org.example.Gain",
//!         version: (1, 0),
//!         label: c"Gain",
//!         group: c"Examples",
//!         help: c"Makes pictures brighter.",
//!     };
//!
//!     fn describe(d: &mut Describe<'_>) -> Result<()> {
//!         d.tiles(true);
//!         Ok(())
//!     }
//!
//!     fn describe_in_context(d: &mut DescribeInContext<'_>, _: Context) -> Result<()> {
//!         d.clip(&SOURCE)?;
//!         d.clip(&ClipSpec::output())?;
//!         d.define(&GAIN)
//!     }
//!
//!     fn create(_: &Instance) -> Result<Self> {
//!         Ok(Self)
//!     }
//!
//!     fn render(&self, instance: &Instance, args: &RenderArgs) -> Result<()> {
//!         let gain = instance.get_at(&GAIN, args.time)? as f32;
//!         let source = instance.clip(SOURCE)?.required_image(args.time, None)?;
//!         let mut pixels = vec![0.0; 4 * args.window.width() * args.window.height()];
//!         source.read_rgba_f32(args.window, &mut pixels)?;
//!         for rgba in pixels.chunks_exact_mut(4) {
//!             rgba[..3].iter_mut().for_each(|v| *v *= gain);
//!         }
//!         instance.output(args.time)?.write_rgba_f32(args.window, &pixels)
//!     }
//! }
//!
//! ofx::export_plugins![log("EXAMPLE_LOG", "EXAMPLE_LOG_LEVEL"); Gain];
//! # fn main() {}
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`effect`], [`args`] | the trait, and what its functions are given |
//! | [`describe`], [`param`], [`kinds`] | saying what an effect is |
//! | [`instance`], [`clip`], [`plane`], [`image`] | a node, its inputs and output, their planes, their pixels |
//! | [`message`], [`progress`], [`timeline`] | talking to the artist |
//! | [`threads`], [`memory`] | the host's threads and memory |
//! | [`overlay`] | drawing into the viewer, and the pen and keys there |
//! | [`host`], [`props`], [`library`] | the application, its property sets, our own file |
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
pub mod library;
pub mod memory;
pub mod message;
pub mod overlay;
pub mod param;
pub mod plane;
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

mod suites;

pub use args::{
    Changed, ClipComponents, ClipPreferences, FramesNeeded, Identity, IdentityArgs, Reason, Regions,
    RegionsArgs, RenderArgs, SequenceArgs, Target, TimeArgs,
};
pub use clip::Clip;
pub use describe::{ClipSpec, Describe, DescribeInContext, Sequential};
pub use effect::{Effect, Info};
pub use error::{Error, Result};
pub use geometry::{PointD, PointI, RangeD, RectD, RectI};
pub use host::{ApiVersion, Host, HostKind};
pub use image::{Image, ImageInfo, ImageView, OutputImage, RowMut};
pub use instance::Instance;
pub use kinds::{Components, Context, Depth, Field, Premult, ThreadSafety};
pub use logging::LogConfig;
pub use message::Severity;
pub use overlay::{KeyArgs, OverlayArgs, Pen, PenArgs};
pub use progress::Progress;
