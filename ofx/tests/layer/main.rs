//! The layer against a small host made of Rust functions. What only a real variadic host can show is tested end to end
//! through the headless host.
//!
//! The param suite's variadic functions are stood in for by functions of fixed arguments, which the calling
//! conventions of x86-64 and AArch64 Linux make the same thing.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#![allow(unsafe_code)]

mod actions;
mod clips;
mod describing;
mod fake;
mod messages;
mod opengl;
mod overlays;
mod params;
mod pixels;
mod sharing;
