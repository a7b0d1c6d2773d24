//! `[upstream]`: the other providers with which users sign in.

mod preset;

use std::{collections::BTreeSet, fmt, path::PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::Value;
use writ_core::{
    upstream::{ClaimPointers, Preset},
    vocabulary::{display_name, web_uri::WebUri},
};

/// Maximum length of an id, which is part of URLs.
const MAX_ID: usize = 32;

/// The other providers with which users sign in. Without any, there are none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpstreamSettings {
    /// The providers, in the order of their buttons.
    #[serde(deserialize_with = "providers")]
    pub providers: Vec<ProviderSettings>,
}

/// A provider, of which this server is a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// Its name in URLs: letters, digits and hyphens.
    pub id: String,
    /// The provider whose members and deviations are known. Members that are set have priority.
    pub preset: Option<Preset>,
    /// The tenant at Microsoft.
    pub tenant: Option<String>,
    /// The domain of the Google Workspace to which all users must belong.
    pub hosted_domain: Option<String>,
    /// Its name on pages.
    pub name: String,
    /// Its issuer identifier, exactly as in its metadata. With `sub` it is the key of a user.
    pub issuer: WebUri,
    /// The identifier of this server there.
    pub client_id: String,
    /// The client secret. Otherwise `client_secret_file` or the environment has it.
    pub client_secret: Option<ClientSecret>,
    /// A file with the client secret.
    pub client_secret_file: Option<PathBuf>,
    /// The key that signs the client secrets for Apple.
    pub client_secret_jwt: Option<SignedSecret>,
    /// How this server authenticates at the token endpoint.
    #[serde(default)]
    pub token_endpoint_auth_method: AuthMethod,
    /// The requested scopes.
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
    /// Whether the first sign-in of an unknown user may create an account.
    #[serde(default)]
    pub create_accounts: bool,
    /// The domains for which a verified e-mail address of this provider identifies a user.
    #[serde(default)]
    pub trusted_email_domains: Vec<String>,
    /// The mail domains whose users sign in with this provider, which the sign-in page offers them.
    #[serde(default)]
    pub domains: Vec<String>,
    /// The endpoints of a provider without discovery: all but `jwks_uri` or `userinfo_endpoint`.
    pub authorization_endpoint: Option<WebUri>,
    /// See `authorization_endpoint`.
    pub token_endpoint: Option<WebUri>,
    /// The keys that sign its ID tokens. Without it, there are none.
    pub jwks_uri: Option<WebUri>,
    /// Where it discloses the user.
    pub userinfo_endpoint: Option<WebUri>,
    /// Where the userinfo response has each claim, as JSON pointers.
    #[serde(default)]
    pub userinfo_claims: ClaimPointers,
}

/// A client secret. `Debug` and `Serialize` never show it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct ClientSecret(pub String);

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for ClientSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

/// A key with which the client secret is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedSecret {
    /// The identifier of the team, which issues the client secret.
    pub team_id: String,
    /// The identifier of the key.
    pub key_id: String,
    /// The key as downloaded: PKCS#8 in PEM. Otherwise the environment has it.
    pub private_key_file: Option<PathBuf>,
}

/// How this server authenticates at a token endpoint
/// ([OpenID Connect Core
/// §9](https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication)).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// With the secret in the `Authorization` header.
    #[default]
    ClientSecretBasic,
    /// With the secret in the form.
    ClientSecretPost,
    /// Not at all: it is registered there as a public client.
    None,
}

fn usual_scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(str::to_owned).to_vec()
}

fn providers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ProviderSettings>, D::Error> {
    let written = Vec::<Value>::deserialize(deserializer)?;
    let providers: Result<Vec<_>, _> = written.into_iter().map(preset::read).collect();
    let providers = providers.map_err(D::Error::custom)?;
    let (mut ids, mut issuers, mut domains) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut names = BTreeSet::new();
    for provider in &providers {
        let named =
            |(member, rule): (&str, &str)| D::Error::custom(format!("provider `{}`: `{member}` {rule}", provider.id));
        provider.check().map_err(named)?;
        if !ids.insert(&provider.id) {
            return Err(named(("id", "is that of an earlier provider")));
        }
        if !issuers.insert(provider.issuer.as_str()) {
            return Err(named(("issuer", "is that of an earlier provider")));
        }
        // On buttons and in notices it is all that users see.
        if !names.insert(provider.name.to_lowercase()) {
            return Err(named(("name", "is that of an earlier provider")));
        }
        if !provider.domains.iter().all(|domain| domains.insert(domain.to_lowercase())) {
            return Err(named(("domains", "has a domain twice, or that of an earlier provider")));
        }
    }
    Ok(providers)
}

/// A member, and the rule that it breaks.
type Broken = (&'static str, &'static str);

impl ProviderSettings {
    /// Whether its endpoints come from its metadata.
    pub fn is_discovered(&self) -> bool {
        self.authorization_endpoint.is_none()
    }

    fn check(&self) -> Result<(), Broken> {
        let unless = |holds: bool, member, rule| if holds { Ok(()) } else { Err((member, rule)) };
        let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        unless(
            (1..=MAX_ID).contains(&self.id.len()) && self.id.chars().all(is_id),
            "id",
            "has 1 to 32 lower-case letters, digits and hyphens",
        )?;
        unless(display_name::parse(&self.name).as_deref() == Some(&*self.name), "name", "is empty or cannot be shown")?;
        unless(!self.client_id.is_empty(), "client_id", "is empty")?;
        preset::check(self)?;
        self.check_secret()?;
        self.check_endpoints()?;
        let is_scope = |scope: &String| !scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_graphic());
        unless(self.scopes.iter().all(is_scope), "scopes", "has an item that is not a scope")?;
        let asks_openid = self.scopes.iter().any(|scope| scope == "openid");
        unless(
            asks_openid || self.jwks_uri.is_none() && !self.is_discovered(),
            "scopes",
            "needs `openid` for an ID token",
        )?;
        for (member, domains) in [("trusted_email_domains", &self.trusted_email_domains), ("domains", &self.domains)] {
            let is_domain = |domain: &String| !domain.is_empty() && !domain.contains('@');
            unless(domains.iter().all(is_domain), member, "is a list of domains such as \"example.com\"")?;
        }
        unless(
            self.userinfo_claims.iter().all(|(_, pointer)| pointer.starts_with('/')),
            "userinfo_claims",
            "has JSON pointers such as \"/id\"",
        )
    }

    fn check_secret(&self) -> Result<(), Broken> {
        let is_configured =
            self.client_secret.is_some() || self.client_secret_file.is_some() || self.client_secret_jwt.is_some();
        match self.token_endpoint_auth_method {
            AuthMethod::None if is_configured => {
                Err(("token_endpoint_auth_method", "is \"none\", but there is a client secret"))
            }
            _ if self.client_secret_jwt.is_some()
                && (self.client_secret.is_some() || self.client_secret_file.is_some()) =>
            {
                Err(("client_secret_jwt", "replaces `client_secret` and `client_secret_file`"))
            }
            _ if self.client_secret.is_some() && self.client_secret_file.is_some() => {
                Err(("client_secret_file", "is set besides `client_secret`"))
            }
            _ if self.client_secret.as_ref().is_some_and(|secret| secret.0.is_empty()) => {
                Err(("client_secret", "is empty"))
            }
            _ => Ok(()),
        }
    }

    fn check_endpoints(&self) -> Result<(), Broken> {
        let with = "is needed with `authorization_endpoint`";
        let without = "needs `authorization_endpoint`, because the metadata has it otherwise";
        match (&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri, &self.userinfo_endpoint) {
            (Some(_), None, ..) => Err(("token_endpoint", with)),
            (Some(_), Some(_), None, None) => Err(("userinfo_endpoint", "or `jwks_uri` is needed to know the user")),
            (None, Some(_), ..) => Err(("token_endpoint", without)),
            (None, _, Some(_), _) => Err(("jwks_uri", without)),
            (None, _, _, Some(_)) => Err(("userinfo_endpoint", without)),
            (None, None, None, None) | (Some(_), Some(_), ..) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
