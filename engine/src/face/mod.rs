//! Face Roto: a character's face learned from a handful of keyed frames, and found on every frame of a shot.
mod camera;
mod fit;
mod layout;
mod look;
mod matching;
mod prior;
mod shot;
mod solid;

pub use shot::{Example, analyse_lab};

/// lab
pub fn knob(i: usize, default: f64) -> f64 {
    static KNOBS: std::sync::OnceLock<Vec<Option<f64>>> = std::sync::OnceLock::new();
    KNOBS.get_or_init(|| std::env::var("KNOBS").unwrap_or_default().split(',').map(|v| v.parse().ok()).collect()).get(i).copied().flatten().unwrap_or(default)
}
