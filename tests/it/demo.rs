//! The demonstration: its shop, its API, and all of it in Chromium.

mod flow;
mod shop;
mod talk;
mod walk;
