//! The demonstration.

pub mod shop;
