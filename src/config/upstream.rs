//! `[upstream]`: the other providers with which users sign in.

use std::{collections::BTreeSet, fmt, path::PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use writ_core::{
    upstream::ClaimPointers,
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
    let providers = Vec::<ProviderSettings>::deserialize(deserializer)?;
    let (mut ids, mut issuers) = (BTreeSet::new(), BTreeSet::new());
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
        unless(
            self.trusted_email_domains.iter().all(|domain| !domain.is_empty() && !domain.contains('@')),
            "trusted_email_domains",
            "is a list of domains such as \"example.com\"",
        )?;
        unless(
            self.userinfo_claims.iter().all(|(_, pointer)| pointer.starts_with('/')),
            "userinfo_claims",
            "has JSON pointers such as \"/id\"",
        )
    }

    fn check_secret(&self) -> Result<(), Broken> {
        let is_configured = self.client_secret.is_some() || self.client_secret_file.is_some();
        match self.token_endpoint_auth_method {
            AuthMethod::None if is_configured => {
                Err(("token_endpoint_auth_method", "is \"none\", but there is a client secret"))
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
mod tests {
    use rstest::rstest;

    use super::*;

    const PROVIDER: &str =
        "id = \"example\"\nname = \"Example ID\"\nissuer = \"https://id.example\"\nclient_id = \"writ\"\n";

    fn read(members: &str) -> Result<UpstreamSettings, String> {
        let parsed = toml::from_str(&format!("[[providers]]\n{PROVIDER}{members}"));
        parsed.map_err(|error: toml::de::Error| error.message().to_owned())
    }

    fn endpoints(names: &[&str]) -> String {
        names.iter().map(|name| format!("{name} = \"https://id.example/{name}\"\n")).collect()
    }

    #[rstest]
    #[case("")]
    #[case("client_secret = \"s\"")]
    #[case("client_secret_file = \"/run/secrets/example\"")]
    #[case("token_endpoint_auth_method = \"none\"")]
    #[case(&endpoints(&["authorization_endpoint", "token_endpoint", "jwks_uri"]))]
    #[case(&format!("scopes = [\"user:email\"]\n{}", endpoints(&["authorization_endpoint", "token_endpoint", "userinfo_endpoint"])))]
    #[case(&format!("{}[providers.userinfo_claims]\nsub = \"/id\"", endpoints(&["authorization_endpoint", "token_endpoint", "userinfo_endpoint"])))]
    fn provider_is_accepted(#[case] members: &str) {
        assert_eq!(read(members).expect("settings").providers.len(), 1);
    }

    #[rstest]
    #[case("client_secret = \"\"", "`client_secret`")]
    #[case("client_secret = \"s\"\nclient_secret_file = \"f\"", "`client_secret_file`")]
    #[case("client_secret = \"s\"\ntoken_endpoint_auth_method = \"none\"", "`token_endpoint_auth_method`")]
    #[case("token_endpoint_auth_method = \"tls\"", "client_secret_post")]
    #[case("client_sceret = \"s\"", "client_sceret")]
    #[case("scopes = [\"profile\"]", "`scopes`")]
    #[case("scopes = [\"openid profile\"]", "`scopes`")]
    #[case("trusted_email_domains = [\"@example.com\"]", "`trusted_email_domains`")]
    #[case("userinfo_claims = { sub = \"id\" }", "`userinfo_claims`")]
    #[case("userinfo_claims = { id = \"/id\" }", "id")]
    #[case(&endpoints(&["token_endpoint"]), "`token_endpoint`")]
    #[case(&endpoints(&["jwks_uri"]), "`jwks_uri`")]
    #[case(&endpoints(&["userinfo_endpoint"]), "`userinfo_endpoint`")]
    #[case(&endpoints(&["authorization_endpoint", "jwks_uri"]), "`token_endpoint`")]
    #[case(&endpoints(&["authorization_endpoint", "token_endpoint"]), "`userinfo_endpoint`")]
    #[case(&format!("[[providers]]\n{PROVIDER}"), "`id`")]
    #[case(&format!("[[providers]]\n{}", PROVIDER.replace("\"example\"", "\"other\"")), "`issuer`")]
    #[case(&format!("[[providers]]\n{}", PROVIDER.replace("\"example\"", "\"Example\"")), "`id`")]
    #[case(&format!("[[providers]]\n{}", PROVIDER.replace("Example ID", " ")), "`name`")]
    #[case(&format!("[[providers]]\n{}", PROVIDER.replace("\"writ\"", "\"\"")), "`client_id`")]
    #[case(&format!("[[providers]]\n{}", PROVIDER.replace("https:", "http:")), "https")]
    fn member_with_a_mistake_is_named(#[case] members: &str, #[case] member: &str) {
        let error = read(members).expect_err("refused");
        assert!(error.contains(member), "{error}");
    }

    #[test]
    fn secret_is_not_shown() {
        let settings = read("client_secret = \"hunter2\"").expect("settings");
        let shown = [format!("{settings:?}"), toml::to_string(&settings).expect("TOML")];
        assert!(shown.iter().all(|text| !text.contains("hunter2") && text.contains("***")), "{shown:?}");
    }
}
