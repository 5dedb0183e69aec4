//! A headless OpenFX host that checks what it hosts.

pub mod picture;
mod rect;
pub mod source;
