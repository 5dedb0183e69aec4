//! The bundle in hosts that others wrote.
