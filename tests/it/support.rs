//! A server on a port of its own, a browser, and an app.

pub(crate) mod app;
pub(crate) mod browser;
pub(crate) mod database;
pub(crate) mod server;

pub(crate) use app::App;
pub(crate) use browser::Browser;
pub(crate) use server::TestServer;
