//! A headless OpenFX host that checks what it hosts.

pub mod picture;
pub mod source;
