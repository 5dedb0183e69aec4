//! Helpers for the end-to-end tests: where the bundle and the sample shot are.
