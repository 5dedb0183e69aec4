//! The `splitline` command.
fn main() {}
