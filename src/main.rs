//! Writ.
fn main() {}
