//! Fusion and Resolve: `.setting` files, Lua tables of tools, with a PolylineMask for each shape and a path for each track.

mod read;
mod spline;
mod table;
mod write;

pub(crate) use read::read;
pub(crate) use write::write;
