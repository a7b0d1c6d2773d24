//! A client of another server, and what of it a client of this server can have.

use std::path::Path;

use serde_json::{Map, Value, json};
use writ_core::vocabulary::{client_metadata::GrantType, redirect_uri::RedirectUri, scope::OPENID_SCOPES};

use super::{
    Kind,
    draft::{Draft, free, shown, slug},
};
use crate::{
    administration::{
        clients::registration::{self, Invalid},
        configuration::document::{ClientEntry, Reference},
    },
    secret::Secret,
};

/// Maximum number of entries in a list of URIs.
const MAX_LISTED: usize = 20;

/// The secret of a client, as the source shows it.
#[derive(Default)]
pub(super) enum Shown {
    /// There is none.
    #[default]
    No,
    /// There is one, which the source does not show.
    Hidden,
    /// This one.
    Text(String),
}

/// A text with its place in the source.
pub(super) type Placed = (String, String);

/// A client of another server.
#[derive(Default)]
pub(super) struct Foreign {
    pub(super) path: String,
    /// Without one, a `client_id` is made from the name.
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) is_public: bool,
    pub(super) is_native: bool,
    pub(super) redirect_uris: Vec<Placed>,
    pub(super) post_logout_redirect_uris: Vec<Placed>,
    pub(super) allowed_origins: Vec<Placed>,
    pub(super) grant_types: Vec<GrantType>,
    pub(super) scope: Vec<Placed>,
    pub(super) secret: Shown,
    /// Further members. Those of one entry are taken together, or not at all.
    pub(super) members: Vec<(String, Map<String, Value>)>,
}

/// The texts of a list with their places.
pub(super) fn placed(path: &str, texts: &[String]) -> Vec<Placed> {
    texts.iter().enumerate().map(|(index, text)| (format!("{path}[{index}]"), text.clone())).collect()
}

impl Foreign {
    /// Adds a member.
    pub(super) fn member(&mut self, path: String, name: &str, value: impl Into<Value>) {
        self.members.push((path, Map::from_iter([(name.to_owned(), value.into())])));
    }
}

impl Draft<'_> {
    /// Adds a client. What it cannot have is reported.
    pub(super) fn client(&mut self, foreign: Foreign) {
        let id = self.client_id(&foreign);
        let about = format!("client {id}");
        let Some(metadata) = self.metadata(&foreign, &id, &about) else { return };
        let needs_secret = metadata
            .get("token_endpoint_auth_method")
            .is_none_or(|method| !matches!(method.as_str(), Some("none" | "private_key_jwt")));
        let client_secret = needs_secret.then(|| self.secret(&foreign, &id, &about)).flatten();
        self.document.clients.insert(id, ClientEntry { groups: None, client_secret, metadata });
    }

    fn client_id(&mut self, foreign: &Foreign) -> String {
        let is_taken = |draft: &Self, id: &str| draft.document.clients.contains_key(id);
        let id = match foreign.id.as_deref() {
            Some(id) if !is_taken(self, id) => match registration::check_client_id(id) {
                Ok(()) => return id.to_owned(),
                Err(Invalid::LikeUser) => format!("{}-{id}", self.source_name()),
                Err(_) => slug(id, 64),
            },
            Some(id) => slug(id, 64),
            None => slug(&foreign.name, 64),
        };
        let id = free(&id, |id| is_taken(self, id));
        let text = match foreign.id {
            Some(_) => {
                "it cannot have its client_id here, which is a UUID as those of users, in use, or has other \
                        characters: enter the new one in the app"
            }
            None => "the source does not show its client_id: rename it here, or enter this one in the app",
        };
        self.note(Kind::Needed, &foreign.path, &format!("client {id}"), text);
        id
    }

    /// The metadata, or `None` if nothing usable is left.
    fn metadata(&mut self, foreign: &Foreign, id: &str, about: &str) -> Option<Map<String, Value>> {
        let is_native = foreign.is_native || foreign.is_public && has_own_scheme(&foreign.redirect_uris);
        let may_be_short = foreign.is_public && is_native;
        let redirect_uris = self.uris(&foreign.redirect_uris, may_be_short, about);
        let post_logout = self.uris(&foreign.post_logout_redirect_uris, may_be_short, about);
        let grant_types = self.grant_types(foreign, !redirect_uris.is_empty(), about);
        if grant_types.is_empty() {
            self.left_out(&foreign.path, about, "no grant type is left that it could use");
            return None;
        }
        let name = shown(&foreign.name);
        let mut metadata = Map::from_iter([
            ("client_name".to_owned(), json!(if name.is_empty() { id } else { &name })),
            ("redirect_uris".to_owned(), json!(redirect_uris)),
            ("grant_types".to_owned(), json!(grant_types)),
            ("scope".to_owned(), json!(self.scopes_of(foreign, about).join(" "))),
        ]);
        if foreign.is_public {
            metadata.insert("token_endpoint_auth_method".to_owned(), json!("none"));
        }
        if is_native {
            metadata.insert("application_type".to_owned(), json!("native"));
        }
        if let Err(reason) = registration::parse(metadata.clone(), self.options.settings) {
            self.left_out(&foreign.path, about, reason.to_string());
            return None;
        }
        let listed = |name: &str, uris: Vec<String>| Map::from_iter([(name.to_owned(), json!(uris))]);
        let mut members = Vec::new();
        if !post_logout.is_empty() {
            members.push((foreign.path.clone(), listed("post_logout_redirect_uris", post_logout)));
        }
        for (path, origin) in &foreign.allowed_origins {
            let mut origins: Vec<String> = metadata
                .get("allowed_origins")
                .and_then(|known| serde_json::from_value(known.clone()).ok())
                .unwrap_or_default();
            origins.push(origin.trim_end_matches('/').to_owned());
            self.add(&mut metadata, path, about, &listed("allowed_origins", origins));
        }
        for (path, more) in members.iter().chain(&foreign.members) {
            self.add(&mut metadata, path, about, more);
        }
        Some(metadata)
    }

    /// Adds members if the client can have them.
    fn add(&mut self, metadata: &mut Map<String, Value>, path: &str, about: &str, more: &Map<String, Value>) {
        let mut longer = metadata.clone();
        longer.extend(more.clone());
        match registration::parse(longer.clone(), self.options.settings) {
            Ok(_) => *metadata = longer,
            Err(reason) => self.left_out(path, about, reason.to_string()),
        }
    }

    fn uris(&mut self, uris: &[Placed], may_be_short: bool, about: &str) -> Vec<String> {
        let mut kept: Vec<String> = Vec::new();
        for (path, uri) in uris {
            let insecure_hosts = &self.options.settings.server.insecure_hosts;
            let checked = RedirectUri::parse(uri).and_then(|parsed| {
                parsed.check_transport(insecure_hosts)?;
                match parsed.has_short_scheme() && !may_be_short {
                    true => Err("only a public native client may have a scheme without a dot".to_owned()),
                    false => Ok(()),
                }
            });
            match checked {
                Err(_) if uri.contains('*') => {
                    self.left_out(path, about, "a wildcard: list every URI that the app uses");
                }
                Err(reason) => self.left_out(path, about, reason),
                Ok(()) if kept.contains(uri) => {}
                Ok(()) if kept.len() == MAX_LISTED => {
                    self.left_out(path, about, format!("a client has at most {MAX_LISTED} of them"));
                }
                Ok(()) => kept.push(uri.clone()),
            }
        }
        kept
    }

    fn grant_types(&mut self, foreign: &Foreign, has_redirect_uri: bool, about: &str) -> Vec<GrantType> {
        let mut kept = Vec::new();
        for grant_type in &foreign.grant_types {
            let is_own =
                !matches!(grant_type, GrantType::AuthorizationCode | GrantType::RefreshToken | GrantType::DeviceCode);
            if is_own && foreign.is_public {
                let name = json!(grant_type);
                let text = format!("a public client cannot use {}", name.as_str().unwrap_or_default());
                self.left_out(&foreign.path, about, text);
            } else if *grant_type == GrantType::AuthorizationCode && !has_redirect_uri {
                self.left_out(&foreign.path, about, "authorization_code needs a redirect URI, and none is left");
            } else if !kept.contains(grant_type) {
                kept.push(*grant_type);
            }
        }
        let with_user = kept.iter().any(|kept| matches!(kept, GrantType::AuthorizationCode | GrantType::DeviceCode));
        kept.retain(|kept| with_user || *kept != GrantType::RefreshToken);
        kept
    }

    fn scopes_of(&mut self, foreign: &Foreign, about: &str) -> Vec<String> {
        let mut kept: Vec<String> = Vec::new();
        for (path, name) in &foreign.scope {
            if !OPENID_SCOPES.contains(&name.as_str()) && !self.document.scopes.contains_key(name) {
                let text = "the document has no such scope, because no resource server is known for it: name one with \
                            --audience";
                self.left_out(path, &format!("{about}, scope {name}"), text);
            } else if !kept.contains(name) {
                kept.push(name.clone());
            }
        }
        kept
    }

    /// The reference to the secret, if it is copied.
    fn secret(&mut self, foreign: &Foreign, id: &str, about: &str) -> Option<Reference> {
        let path = format!("{}.secret", foreign.path);
        let rotate = format!("`writ client rotate-secret {}` makes one after `writ apply`", shown(id));
        let text = match (&self.options.secrets, &foreign.secret) {
            (Some(folder), Shown::Text(secret)) if Secret::parse(secret).is_some() => {
                let file = folder.join(self.secret_file(id));
                self.secrets.push((file.clone(), secret.clone()));
                return Some(Reference::File(file));
            }
            (Some(_), Shown::Text(_)) => format!("its secret is not 43 characters of base64url: {rotate}"),
            (None, Shown::Text(_)) => format!("its secret is not copied: {rotate}"),
            (_, Shown::Hidden | Shown::No) => format!("the source does not show its secret: {rotate}"),
        };
        self.note(Kind::Needed, &path, about, text);
        None
    }

    /// A name that cannot lead out of the folder.
    fn secret_file(&self, id: &str) -> String {
        let is_taken = |name: &str| {
            let name = format!("{name}.secret");
            self.secrets.iter().any(|(file, _)| file.file_name() == Path::new(&name).file_name())
        };
        format!("{}.secret", free(&slug(id, 100), is_taken))
    }
}

fn has_own_scheme(uris: &[Placed]) -> bool {
    let is_own =
        |uri: &str| RedirectUri::parse(uri).is_ok() && !uri.starts_with("http://") && !uri.starts_with("https://");
    uris.iter().any(|(_, uri)| is_own(uri))
}
