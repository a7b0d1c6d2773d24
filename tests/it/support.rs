//! Test support: a server on its own port, a browser, and an app.

pub(crate) mod administrator;
pub(crate) mod app;
pub(crate) mod authenticator;
pub(crate) mod browser;
pub(crate) mod client_key;
pub(crate) mod console;
pub(crate) mod database;
pub(crate) mod device;
pub(crate) mod mail_server;
pub(crate) mod mailbox;
pub(crate) mod passkey;
pub(crate) mod process;
pub(crate) mod provider;
pub(crate) mod proxy;
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

use serde_json::Value;

/// An object with members replaced or added.
pub(crate) fn changed(mut all: Value, changes: &Value) -> Value {
    let members = all.as_object_mut().expect("an object");
    members.extend(changes.as_object().expect("an object").clone());
    all
}

/// A path with query parameters.
pub(crate) fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{path}?{query}")
}
