//! The entry points of the fuzzers.

pub mod targets;
