//! A request to the administration API: which operation, on what, with what.

use std::sync::LazyLock;

use anyhow::Context;
use reqwest::Method;
use serde_json::Value;

use super::{document, fill};
use crate::cli::administrator::ConfirmArgs;

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// A request.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Request {
    pub(super) operation: &'static str,
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
    pub(super) confirm: Option<ConfirmArgs>,
}

impl Request {
    /// A request for an operation, such as `client.show`.
    pub(in crate::cli) fn new(operation: &'static str) -> Self {
        Self { operation, path: Vec::new(), query: Vec::new(), body: None, confirm: None }
    }

    /// Names what the operation is about, in the order of its path.
    pub(in crate::cli) fn on(mut self, id: impl Into<String>) -> Self {
        self.path.push(id.into());
        self
    }

    /// Adds a parameter of the query.
    pub(in crate::cli) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// With this body.
    pub(in crate::cli) fn with(mut self, body: impl Into<Value>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// If something is in use, asks as `confirm` says, and insists.
    pub(in crate::cli) fn confirmed_by(mut self, confirm: ConfirmArgs) -> Self {
        self.confirm = Some(confirm);
        self
    }
}

/// An operation, as the API describes it.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: Method,
    template: &'static str,
    /// Whether the change names a version.
    is_conditional: bool,
    /// Whether it takes an `Idempotency-Key`.
    pub(super) is_made_once: bool,
    /// Whether it takes `force`.
    pub(super) has_force: bool,
    /// Whether it is a list in pages.
    pub(super) is_paged: bool,
}

impl Operation {
    /// The operation with this id.
    pub(super) fn find(id: &str) -> anyhow::Result<Self> {
        let paths = DOCUMENT["paths"].as_object().into_iter().flatten();
        let mut operations = paths.flat_map(|(path, operations)| {
            operations.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
        });
        let found = operations.find(|(.., operation)| operation["operationId"] == id);
        let (path, method, operation) = found.with_context(|| format!("there is no operation {id}"))?;
        let has = |name: &str| {
            operation["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["name"] == name)
        };
        Ok(Self {
            method: method.to_uppercase().parse().context("a method")?,
            template: path,
            is_conditional: has("If-Match"),
            is_made_once: has("Idempotency-Key"),
            has_force: has("force"),
            is_paged: has("after"),
        })
    }

    /// The path with these values.
    pub(super) fn path(&self, values: &[String]) -> String {
        fill(self.template, values)
    }

    /// The path of the object whose version a change names: the longest one within the own path
    /// that can be read.
    pub(super) fn versioned_path(&self) -> Option<String> {
        let mut path = self.is_conditional.then_some(self.template)?;
        while DOCUMENT["paths"][path].get("get").is_none() {
            path = path.rsplit_once('/')?.0;
        }
        Some(path.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_names_the_version_of_the_object_that_it_changes() {
        for (id, path) in [
            ("client.update", Some("/admin/v1/clients/{client_id}")),
            ("client.disconnect-users", Some("/admin/v1/clients/{client_id}")),
            ("key.rotate", Some("/admin/v1/keys")),
            ("connection.remove", Some("/admin/v1/users/{sub}/connections/{client_id}")),
            ("client.create", None),
            ("client.list", None),
        ] {
            assert_eq!(Operation::find(id).expect(id).versioned_path().as_deref(), path, "{id}");
        }
        assert!(Operation::find("client.explode").is_err());
    }

    #[test]
    fn values_in_a_path_are_encoded() {
        let values = ["a b".to_owned(), "https://app.example/?x=1#y".to_owned()];
        let path = Operation::find("connection.show").expect("an operation").path(&values);
        assert_eq!(path, "/admin/v1/users/a%20b/connections/https%3A%2F%2Fapp.example%2F%3Fx%3D1%23y");
    }
}
