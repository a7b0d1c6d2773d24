//! The demonstration: its shop, its API, and the walk through all of it in a browser.

mod browser;
mod shop;
mod talk;
mod walk;
