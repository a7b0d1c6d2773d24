//! Client metadata from options or JSON, for `create` and `update`.

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::{Map, Value};

use super::super::input::text_of;

/// The metadata with options of its own. `--json` accepts every member.
#[derive(Debug, Args)]
pub(super) struct MetadataArgs {
    /// Print JSON. With FILE (`-` is standard input), also read the metadata from it, as a JSON
    /// object with the member names of RFC 7591.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    json: Option<Option<String>>,
    /// The name that users see (client_name).
    #[arg(long)]
    name: Option<String>,
    /// The organization that owns the client (organization_name).
    #[arg(long)]
    organization: Option<String>,
    /// A contact of the owner (contacts). May be repeated.
    #[arg(long = "contact", value_name = "CONTACT")]
    contacts: Vec<String>,
    /// The website (client_uri).
    #[arg(long, value_name = "URL")]
    website: Option<String>,
    /// A redirect URI (redirect_uris). May be repeated.
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// The scopes that the client may be granted, space-separated (scope).
    #[arg(long)]
    scope: Option<String>,
    /// The scopes that the client requires, space-separated (required_scope).
    #[arg(long)]
    required_scope: Option<String>,
    /// A grant type that the client may use (grant_types). May be repeated.
    #[arg(long = "grant-type", value_name = "GRANT")]
    grant_types: Vec<String>,
    /// The client has no secret (token_endpoint_auth_method none).
    #[arg(long)]
    public: bool,
    /// The client runs on the user's device (application_type native).
    #[arg(long)]
    native: bool,
    /// Accept requests with neither a PKCE challenge nor a nonce, for software that sends none
    /// (require_pkce and require_nonce false). Its codes are then bound to no browser.
    #[arg(long)]
    unbound: bool,
}

impl MetadataArgs {
    /// Whether the output is JSON.
    pub(super) fn prints_json(&self) -> bool {
        self.json.is_some()
    }

    /// The members that were specified.
    pub(super) fn members(self) -> anyhow::Result<Map<String, Value>> {
        let mut members = Map::new();
        let mut member = |name: &str, value: Option<Value>| {
            value.map(|value| members.insert(name.to_owned(), value));
        };
        member("client_name", self.name.map(Value::from));
        member("organization_name", self.organization.map(Value::from));
        member("contacts", (!self.contacts.is_empty()).then(|| self.contacts.into()));
        member("client_uri", self.website.map(Value::from));
        member("redirect_uris", (!self.redirect_uris.is_empty()).then(|| self.redirect_uris.into()));
        member("scope", self.scope.map(Value::from));
        member("required_scope", self.required_scope.map(Value::from));
        member("grant_types", (!self.grant_types.is_empty()).then(|| self.grant_types.into()));
        member("token_endpoint_auth_method", self.public.then(|| "none".into()));
        member("application_type", self.native.then(|| "native".into()));
        member("require_pkce", self.unbound.then(|| false.into()));
        member("require_nonce", self.unbound.then(|| false.into()));
        let Some(Some(file)) = self.json else { return Ok(members) };
        ensure!(members.is_empty(), "the metadata comes from --json {file}: put the other options in there");
        serde_json::from_str(&text_of(&file)?).context("client metadata")
    }
}
