//! The document while it is made.

use std::path::PathBuf;

use serde_json::{Map, Value, json};
use writ_core::{
    groups::is_name,
    vocabulary::{
        administration_scope::is_reserved,
        scope::{OPENID_SCOPES, Risk, is_scope_token},
    },
};

use super::{Imported, Kind, Note, Options, Source};
use crate::{
    administration::{
        configuration::document::{Document, GroupEntry, ResourceEntry, ScopeEntry},
        resources::check_audience,
    },
    store::resources::ScopeText,
};

/// Maximum length of a text of the source in the report, in characters.
const LONGEST_SHOWN: usize = 100;

/// The document with its report.
pub(super) struct Draft<'a> {
    pub(super) options: &'a Options<'a>,
    source: Source,
    /// Whether paths name their file.
    names_files: bool,
    file: String,
    pub(super) document: Document,
    notes: Vec<Note>,
    pub(super) providers: Vec<Map<String, Value>>,
    pub(super) secrets: Vec<(PathBuf, String)>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(source: Source, names_files: bool, options: &'a Options<'a>) -> Self {
        let document = Document { owner: options.owner.clone(), ..Document::default() };
        let file = String::new();
        let (notes, providers, secrets) = (Vec::new(), Vec::new(), Vec::new());
        Self { options, source, names_files, file, document, notes, providers, secrets }
    }

    pub(super) fn finish(self) -> Imported {
        let Self { document, notes, providers, secrets, .. } = self;
        Imported { document, notes, providers: suggestion(providers), secrets }
    }

    /// What follows is in this file.
    pub(super) fn open(&mut self, file: &str) {
        file.clone_into(&mut self.file);
    }

    /// The name of the source in identifiers.
    pub(super) fn source_name(&self) -> &'static str {
        match self.source {
            Source::Keycloak => "keycloak",
            Source::Hydra => "hydra",
            Source::Auth0 => "auth0",
            Source::Dex => "dex",
        }
    }

    /// Adds an entry to the report.
    pub(super) fn note(&mut self, kind: Kind, path: &str, about: &str, text: impl Into<String>) {
        let path = if self.names_files { format!("{}: {path}", self.file) } else { path.to_owned() };
        self.notes.push(Note { kind, path: shown(&path), about: shown(about), text: text.into() });
    }

    /// As [`Draft::note`], once for the whole import.
    pub(super) fn note_once(&mut self, kind: Kind, path: &str, text: &str) {
        if !self.notes.iter().any(|note| note.text == text) {
            self.note(kind, path, "", text);
        }
    }

    pub(super) fn left_out(&mut self, path: &str, about: &str, text: impl Into<String>) {
        self.note(Kind::LeftOut, path, about, text);
    }

    /// Adds a group.
    pub(super) fn group(&mut self, path: &str, name: &str, r#in: Option<&str>) {
        if !is_name(name) {
            self.left_out(path, "", "a group has a name of 1 to 64 characters on one line, without a comma");
        } else if self.document.groups.contains_key(name) {
            self.note(Kind::Changed, path, &format!("group {name}"), "another group has this name: they are one here");
        } else {
            self.document.groups.insert(name.to_owned(), GroupEntry { r#in: r#in.map(str::to_owned) });
        }
    }

    /// The id of the resource server with this audience, which is added if there is none.
    pub(super) fn resource(&mut self, path: &str, audience: &str, name: &str) -> String {
        let is_audience = check_audience(audience, &self.options.settings.server.issuer).is_ok();
        let usable = if is_audience { audience.to_owned() } else { self.urn(audience) };
        if let Some((id, _)) = self.document.resources.iter().find(|(_, entry)| entry.audience == usable) {
            return id.clone();
        }
        let id = free(&slug(if name.is_empty() { audience } else { name }, 48), |id| {
            self.document.resources.contains_key(id)
        });
        if !is_audience {
            let text = format!("an audience is an absolute URI: its tokens have {usable}, which the API has to accept");
            self.note(Kind::Needed, path, &format!("resource {id}"), text);
        }
        let shown_name = if shown(name).is_empty() { id.clone() } else { shown(name) };
        let entry = ResourceEntry {
            audience: usable,
            names: [("en".to_owned(), shown_name)].into(),
            token_typ: None,
            token_alg: None,
            token_lifetime: None,
            token_groups: None,
            secret: None,
        };
        self.document.resources.insert(id.clone(), entry);
        id
    }

    /// The resource server of scopes without one, if the operator named its audience.
    pub(super) fn default_resource(&mut self, path: &str) -> Option<String> {
        let audience = self.options.audience.clone()?;
        Some(self.resource(path, &audience, ""))
    }

    fn urn(&self, audience: &str) -> String {
        let encoded = percent_encoding::utf8_percent_encode(audience, percent_encoding::NON_ALPHANUMERIC);
        format!("urn:{}:{encoded}", self.source_name()).replace("%2D", "-").replace("%5F", "_").replace("%2E", ".")
    }

    /// Adds a scope of a resource server. `None` if no scope can have this name.
    pub(super) fn scope(&mut self, path: &str, resource: &str, name: &str, description: &str) -> Option<String> {
        let about = format!("scope {name}");
        if OPENID_SCOPES.contains(&name) {
            return Some(name.to_owned());
        }
        if !is_scope_token(name) {
            self.left_out(path, "", "a scope's name is printable ASCII without space, quote and backslash");
            return None;
        }
        if is_reserved(name) {
            self.left_out(path, &about, "the name is reserved for the administration API");
            return None;
        }
        match self.document.scopes.get(name).map(|entry| entry.resource == resource) {
            Some(true) => return Some(name.to_owned()),
            Some(false) => {
                let other = format!("{resource}:{name}");
                let text = format!("another resource server has a scope of this name: apps request {other} here");
                self.note(Kind::Changed, path, &about, text);
                return self.scope(path, resource, &other, description);
            }
            None => {}
        }
        let described = shown(description.trim());
        let sentence = if described.is_empty() { format!("Use {name}") } else { described };
        let consequence = format!("The app can do what {name} allows");
        let entry = ScopeEntry {
            resource: resource.to_owned(),
            // No request includes it unless it names it.
            risk: Risk::Elevated,
            default: None,
            groups: None,
            acr: None,
            texts: [("en".to_owned(), ScopeText { sentence, consequence })].into(),
        };
        self.document.scopes.insert(name.to_owned(), entry);
        let text = "write what users read about it (texts), and choose its risk";
        self.note(Kind::Needed, path, &about, text);
        Some(name.to_owned())
    }
}

/// A text of the source for the report and for names: one line, bounded.
pub(super) fn shown(text: &str) -> String {
    let line: String = text.chars().filter(|c| !c.is_control()).take(LONGEST_SHOWN).collect();
    line.trim().to_owned()
}

/// Letters, digits and hyphens of a text, at most `most`.
pub(super) fn slug(text: &str, most: usize) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(most);
    match slug.trim_end_matches('-') {
        "" => "imported".to_owned(),
        slug => slug.to_owned(),
    }
}

/// The name, with a number if it is taken.
pub(super) fn free(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number: u32| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_default()
}

/// Providers as `writ.toml` has them. Empty without providers.
fn suggestion(providers: Vec<Map<String, Value>>) -> String {
    if providers.is_empty() {
        return String::new();
    }
    toml::to_string_pretty(&json!({ "upstream": { "providers": providers } })).unwrap_or_default()
}
