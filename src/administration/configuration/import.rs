//! What another server exports, as a document that `writ plan` and `writ apply` read.
//!
//! Each importer is a function of the text of files: it yields the document, and a report of
//! everything that is not in it, or is there in another way. Members that it does not know are
//! ignored. A secret is never copied unless a folder for secrets was named.

mod auth0;
mod client;
mod dex;
mod draft;
mod hydra;
mod keycloak;
mod providers;

use std::{fmt, path::PathBuf};

use self::draft::Draft;
use super::document::{Document, Invalid};
use crate::{config::Settings, web::json::without_value};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::Value;

/// Maximum length of a file in bytes: the export of a realm can have its users.
pub const LONGEST_FILE: u64 = 64 << 20;

/// The server that a file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The export of a realm of Keycloak, in JSON.
    Keycloak,
    /// The clients of Ory Hydra, in JSON.
    Hydra,
    /// The export of a tenant of Auth0, in JSON or YAML.
    Auth0,
    /// The configuration of Dex, in YAML.
    Dex,
}

/// A file to import.
#[derive(Clone)]
pub struct File {
    /// Its name, for the report.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What the operator decides about an import.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// The label of the document.
    pub owner: Option<String>,
    /// The audience of the resource server that gets scopes of which the source names none.
    pub audience: Option<String>,
    /// The folder for secrets, as the document names it. `None` if no secret is copied.
    pub secrets: Option<PathBuf>,
    /// The settings, which say what a client may have.
    pub settings: &'a Settings,
}

/// How something was imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is not in the document.
    LeftOut,
    /// It is in the document in another way.
    Changed,
    /// The operator has to do something about it.
    Needed,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LeftOut => "left out",
            Self::Changed => "changed",
            Self::Needed => "needed",
        })
    }
}

/// An entry of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// How it was imported.
    pub kind: Kind,
    /// Where it is in the source, such as `clients[2].redirectUris[0]`.
    pub path: String,
    /// What it is about, such as `client shop`. Empty if it is about the whole.
    pub about: String,
    /// The reason, and what to do.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = if self.about.is_empty() { String::new() } else { format!(" ({})", self.about) };
        write!(f, "{}: {}{about}: {}", self.kind, self.path, self.text)
    }
}

/// The result of an import.
pub struct Imported {
    /// The document.
    pub document: Document,
    /// The report.
    pub notes: Vec<Note>,
    /// The providers with which users signed in there, as a suggestion for `writ.toml`. Empty if
    /// there are none.
    pub providers: String,
    /// The copied secrets, each with its file.
    pub secrets: Vec<(PathBuf, String)>,
}

/// Imports the files of a server.
///
/// # Errors
/// [`Invalid`] with the file and the place, if one is not what the source exports.
pub fn import(source: Source, files: &[File], options: &Options<'_>) -> Result<Imported, Invalid> {
    let mut draft = Draft::new(source, files.len() > 1, options);
    match source {
        Source::Keycloak => keycloak::import(&mut draft, &parse_all(files)?)?,
        Source::Hydra => hydra::import(&mut draft, &parse_all(files)?)?,
        Source::Auth0 => auth0::import(&mut draft, &parse_all(files)?)?,
        Source::Dex => dex::import(&mut draft, &parse_all(files)?),
    }
    Ok(draft.finish())
}

/// A parsed file with its name.
type Parsed<T> = Vec<(String, T)>;

fn parse_all<T: DeserializeOwned>(files: &[File]) -> Result<Parsed<T>, Invalid> {
    let parse = |file: &File| match parse(&file.text) {
        Ok(parsed) => Ok((file.name.clone(), parsed)),
        Err(Invalid(reason)) => Err(Invalid(format!("{}: {reason}", file.name))),
    };
    files.iter().map(parse).collect()
}

/// Parses JSON, or YAML if the text starts with neither a brace nor a bracket. An error names the
/// place, and no value.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Invalid> {
    let mut value: Value = if text.trim_start().starts_with(['{', '[']) {
        serde_json::from_str(text).map_err(|error| Invalid(format!("not JSON: {error}")))?
    } else {
        serde_saphyr::from_str(text).map_err(|error| {
            // The message could repeat the line, which may have a secret.
            let line = error.location().map(|location| format!(": line {}", location.line()));
            Invalid(format!("not YAML{}", line.unwrap_or_default()))
        })?
    };
    remove_nulls(&mut value);
    typed("", value)
}

/// Reads the value at `path`. An error names the place in it.
fn typed<T: DeserializeOwned>(path: &str, value: Value) -> Result<T, Invalid> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let reason = without_value(error.inner());
        match (path, error.path().to_string().as_str()) {
            ("", ".") => Invalid(reason),
            ("", inner) => Invalid(format!("{inner}: {reason}")),
            (path, ".") => Invalid(format!("{path}: {reason}")),
            (path, inner) => Invalid(format!("{path}.{inner}: {reason}")),
        }
    })
}

/// The number of items of a list.
fn length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    Ok(Vec::<IgnoredAny>::deserialize(deserializer)?.len())
}

/// A member that is `null` counts as missing.
fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(remove_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
