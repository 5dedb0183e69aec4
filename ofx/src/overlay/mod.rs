//! Drawing into the viewer, and the pen and keys there.
//!
//! One [`Pen`], two back ends: OpenGL's fixed functions, which every host with overlays has, and the draw suite of
//! OpenFX 1.5. Coordinates are canonical; line widths and text sizes are screen pixels.

mod args;
mod draw_suite;
mod entry;
mod font;
mod gl;
mod gl_functions;
pub mod key;
mod pen;

pub use args::{KeyArgs, Modifiers, OverlayArgs, PenArgs};
pub(crate) use entry::{draw_suite_entry, opengl_entry};
pub use pen::{Align, Colour, HostColour, LineStyle, Pen};
