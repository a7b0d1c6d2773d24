//! Writ.

pub mod pages;
pub mod web;
