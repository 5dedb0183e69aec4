//! After Effects: a script that makes masks, and the keyframe text that its clipboard holds.

pub(crate) mod keyframes;
pub(crate) mod masks;
