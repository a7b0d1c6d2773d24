//! The demonstration: its shop, its API, and the walk through all of it in a browser.

mod shop;
mod talk;
