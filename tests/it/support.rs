//! A server on a port of its own, a browser, and an app.

pub(crate) mod app;
pub(crate) mod browser;
pub(crate) mod client_key;
pub(crate) mod database;
pub(crate) mod process;
pub(crate) mod receiver;
pub(crate) mod registrar;
pub(crate) mod seed;
pub(crate) mod server;
pub(crate) mod site;

pub(crate) use app::{Answer, App};
pub(crate) use browser::{Browser, Page};
pub(crate) use receiver::Receiver;
pub(crate) use server::{TestServer, eventually};
pub(crate) use site::Site;
