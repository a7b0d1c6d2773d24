//! The demonstration.

pub mod shop;
pub mod talk;
