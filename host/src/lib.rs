//! A headless OpenFX host that checks what it hosts: a library.
//!
//! ```no_run
//! # fn demo(frames: std::sync::Arc<dyn host::FrameSource>) -> host::Result<()> {
//! let bundle = host::Bundle::load("dist/Splitline.ofx.bundle")?;
//! let host = host::Host::new(host::Profile::named("natron")?);
//! let effect = host.effect(&bundle, "org.splitline.Motion2Roto")?;
//! let mut node = effect.create(host::Context::Filter)?;
//! node.connect("Source", frames)?;
//! node.assign("tolerance=0.5")?;
//! node.press("solve")?;
//! let picture = node.render(&host::RenderJob::at(12.0))?;
//! assert!(host.violations().is_empty());
//! # Ok(()) }
//! ```
//!
//! A [`Bundle`] is a binary, a [`Host`] what its effects see, an [`Effect`] is one of them described, a [`Node`] one
//! instance with inputs, params and a place in time. What a plug-in does against the rules is a [`Violation`].
#![allow(unsafe_code)]

mod buffer;
mod bundle;
mod call;
mod clip;
mod context;
pub mod description;
mod draw;
mod effect;
mod error;
mod fetch;
mod geometry;
mod handle;
mod host;
mod image;
mod inspect;
mod interact;
mod interpolate;
pub mod io;
mod job;
mod node;
mod object;
mod param;
pub mod picture;
mod planes;
mod preferences;
pub mod profile;
mod property;
mod rect;
mod regions;
mod render;
mod report;
mod scratch;
mod shared;
pub mod source;
mod status;
mod suites;
mod value;
mod violation;

pub use bundle::Bundle;
pub use context::Context;
pub use description::{ClipInfo, ContextInfo, EffectInfo, ParamInfo, ThreadSafety};
pub use effect::Effect;
pub use error::{Error, Result};
pub use geometry::{PointD, RectD};
pub use host::Host;
pub use job::{CancelToken, Field, RangeJob, RenderJob};
pub use node::Node;
pub use object::Project;
pub use picture::{Components, Depth, Picture, Premultiplication, RectI};
pub use profile::Profile;
pub use report::{Message, MessageKind, Progress};
pub use source::{FrameSource, SourceError, SourceFormat};
pub use status::Status;
pub use value::{ParamKind, Value};
pub use violation::{Rule, Severity, Violation};
