//! The Splitline effects, built as one OpenFX binary.
