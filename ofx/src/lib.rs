//! A safe layer for OpenFX plug-ins.
