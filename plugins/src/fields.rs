//! Motion found in pictures, kept for the process: hosts ask for a frame's vectors again and again, each pair serves two
//! frames, and a solve after an edit by hand needs the fields of the solve before.

use engine::motion2roto::FieldStore;

/// The fields found last, at most this much: 51 pairs of frames of 1080p, 12 of 4K.
pub static FIELDS: FieldStore = FieldStore::new(1 << 30);
