//! Shapes and tracks in the formats of other applications.
//!
//! Each format is one file or folder. [`format`] lists them with what each can carry; [`space`] is the one table of origins,
//! axes and units that all of them convert with. What cannot be carried is said as a [`Warning`] that names shape and property.
//!
//! | module | holds |
//! |---|---|
//! | [`format`] | [`Format`], the list, and reading and writing through it |
//! | [`file`] | files and folders by their paths |
//! | [`space`] | [`space::Space`]: where the origin lies, which way y goes, the unit, what handles are relative to |
//! | [`shot`] | [`Settings`] and [`Shot`]: the picture's size, rate, pixel aspect and first frame |
//! | [`report`] | [`Warning`], [`ReadError`], [`WriteError`] |
//! | [`carry`] | what is baked or taken out of a document that a format cannot carry, and said |
//! | [`fades`] | opacity over time, as formats carry it |
//! | `nuke`, `silhouette`, `fusion`, `after_effects`, `natron`, `blender`, `tracks_text`, `sir_lionel` | the formats |
#![forbid(unsafe_code)]

mod after_effects;
mod blender;
pub mod carry;
mod corners;
pub mod fades;
pub mod file;
pub mod format;
mod fusion;
mod natron;
mod nuke;
pub mod report;
pub mod shot;
mod silhouette;
mod sir_lionel;
pub mod space;
mod text;
mod tracks_text;
mod transform;

pub use format::{FORMATS, Format};
pub use report::{ReadError, Warning, WriteError};
pub use shot::{Settings, Shot};
