//! Changes of resource servers.

pub mod information;

use serde_json::{Value, json};
use writ_core::{SigningAlg, scopes::is_same_resource, token::access_token::AccessTokenTyp};

use super::{Actor, Change, Restricted, audit, texts, version_of};
use crate::{
    config::Issuer,
    fault::Fault,
    scopes::administration_audience,
    secret::SecretHash,
    store::{
        Tx,
        resources::{self, ResourceServer},
    },
};

/// Maximum lifetime of an access token, in seconds.
const LONGEST_TOKEN: i64 = 86_400;

/// Why a resource server cannot be stored like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The id has another length, or other characters.
    #[error("a resource server's id has 1 to 64 of the characters A-Z a-z 0-9 - _ .")]
    Id,
    /// The audience is no absolute URI.
    #[error("the audience is an absolute URI without fragment, such as https://api.example.com")]
    NotAnAudience,
    /// The audience is that of the administration API.
    #[error("the audience {0} is that of the administration API of this server")]
    Reserved(String),
    /// A name cannot be shown.
    #[error("names: {0}")]
    Names(texts::Invalid),
    /// Its tokens would live too long, or not at all.
    #[error("token_lifetime must be 1 to {LONGEST_TOKEN} seconds")]
    Lifetime,
}

/// Checks a resource server.
///
/// # Errors
/// The [`Refusal`].
pub fn check(server: &ResourceServer, issuer: &Issuer) -> Result<(), Refusal> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !(1..=64).contains(&server.id.len()) || !server.id.bytes().all(plain) {
        return Err(Refusal::Id);
    }
    check_audience(&server.audience, issuer)?;
    let names = server.names.iter().map(|(language, name)| (language.as_str(), name.as_str()));
    texts::check(names).map_err(Refusal::Names)?;
    if server.tokens.lifetime.is_some_and(|lifetime| !(1..=LONGEST_TOKEN).contains(&lifetime)) {
        return Err(Refusal::Lifetime);
    }
    Ok(())
}

/// Checks the audience of a resource server
/// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).
///
/// # Errors
/// The [`Refusal`].
pub fn check_audience(audience: &str, issuer: &Issuer) -> Result<(), Refusal> {
    let is_uri = url::Url::parse(audience).is_ok_and(|url| url.fragment().is_none());
    if !is_uri || audience.contains(char::is_control) {
        return Err(Refusal::NotAnAudience);
    }
    if is_same_resource(&administration_audience(issuer), audience) {
        return Err(Refusal::Reserved(audience.to_owned()));
    }
    Ok(())
}

/// Adds a resource server without scopes. An id or audience in use is a unique violation.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    server: &ResourceServer,
    secret: Option<SecretHash>,
) -> Result<(), Fault> {
    resources::insert(tx, &server.id, &server.audience, &server.names, secret, server.tokens)?;
    audit::record(tx, actor, "resource.create", &server.id, Change::creation(json(server)))
}

/// Replaces the audience, the names and the token format. An audience in use is a unique violation.
pub fn update(tx: &mut Tx<'_>, actor: &Actor, before: &ResourceServer, after: &ResourceServer) -> Result<(), Fault> {
    resources::update(tx, after)?;
    audit::record(tx, actor, "resource.update", &after.id, Change::between(json(before), json(after)))
}

/// Replaces the secret.
pub fn rotate_secret(tx: &mut Tx<'_>, actor: &Actor, id: &str, secret: SecretHash) -> Result<(), Fault> {
    resources::set_secret(tx, id, secret)?;
    audit::record(tx, actor, "resource.rotate-secret", id, Change::default())
}

/// Deletes a resource server and its scopes, in registrations too. Returns the clients that lost a
/// scope. `None` if there is no such resource server.
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, id: &str) -> Result<Result<Option<Vec<String>>, Restricted>, Fault> {
    let Some(server) = resources::list(tx)?.into_iter().find(|server| server.id == id) else { return Ok(Ok(None)) };
    if let Err(restricted) = Restricted::check_scopes(actor, &server.scopes) {
        return Ok(Err(restricted));
    }
    let withdrawn = resources::delete(tx, id)?;
    if let Some(clients) = &withdrawn {
        let mut before = json(&server);
        before["withdrawn_from"] = json!(clients);
        audit::record(tx, actor, "resource.delete", id, Change::deletion(before))?;
    }
    Ok(Ok(withdrawn))
}

/// A digest of everything that an administrator can change about a resource server, its secret
/// included.
pub fn version(server: &ResourceServer) -> String {
    version_of(&(&server.id, json(server), &server.secret_hash))
}

fn json(server: &ResourceServer) -> Value {
    json!({
        "audience": server.audience,
        "names": server.names,
        "scopes": server.scopes.iter().map(|scope| &scope.name).collect::<Vec<_>>(),
        "token_typ": server.tokens.typ.map(AccessTokenTyp::as_str),
        "token_alg": server.tokens.alg.map(SigningAlg::as_str),
        "token_lifetime": server.tokens.lifetime,
        "token_groups": server.tokens.groups,
    })
}
