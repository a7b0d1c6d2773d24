//! A client presents the identity assertion of a user
//! ([RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3), ID-JAG §4.4.1).

use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use super::TYP;
use crate::{
    Cause, ClientMetadata, Error, ScopeSet,
    scopes::Offer,
    vocabulary::{
        administration_scope::is_reserved,
        client_keys::{unverified_claims, unverified_type},
        jwt::{Audience, Broken, SingleUse},
        login_name, mail_domain,
    },
};

/// Maximum length of `sub` in bytes (OpenID Connect Core §2).
const MAX_SUBJECT_LENGTH: usize = 255;

/// The claims of an assertion (ID-JAG §3.1).
#[derive(Debug, Clone, Deserialize)]
pub struct IdentityAssertion {
    /// The identity provider.
    pub iss: String,
    /// The user's identifier there.
    pub sub: String,
    aud: Audience,
    client_id: String,
    /// `jti` and the times.
    #[serde(flatten)]
    pub once: SingleUse,
    resource: Option<Audience>,
    scope: Option<ScopeSet>,
    email: Option<String>,
    #[serde(default)]
    email_verified: Value,
    cnf: Option<IgnoredAny>,
    tenant: Option<IgnoredAny>,
    authorization_details: Option<IgnoredAny>,
}

/// What an assertion is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The identity provider whose keys verified it.
    pub identity_provider: &'a str,
    /// The issuer identifier of this server.
    pub issuer: &'a str,
    /// The authenticated client.
    pub client_id: &'a str,
    /// The current time, in seconds since the epoch.
    pub now: i64,
}

type Check = fn(&IdentityAssertion, Expected<'_>) -> Result<(), Broken>;

const CHECKS: [Check; 6] = [issuer, subject, audience, client, single_use, extensions];

/// The `iss` of an unverified assertion. Use it only to find the keys that verify it.
///
/// # Errors
/// `invalid_grant` if it is not a JWT of this type.
pub fn unverified_issuer(assertion: &str) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Issuer {
        iss: String,
    }
    if unverified_type(assertion).is_none_or(|typ| !typ.eq_ignore_ascii_case(TYP)) {
        return Err(untrusted(format!("its typ is not {TYP}")));
    }
    let claims = unverified_claims::<Issuer>(assertion);
    claims.map(|claims| claims.iss).ok_or_else(|| untrusted("it is not a JWT with iss"))
}

/// The error for an assertion that no trusted identity provider signed.
pub fn untrusted(detail: impl Into<String>) -> Error {
    let description = "assertion is not an identity assertion of a trusted identity provider";
    Error::new(Cause::AssertionUntrusted, description).because(detail)
}

/// Checks the claims of an assertion whose signature has been verified.
///
/// # Errors
/// `invalid_grant` with the first broken rule.
pub fn check(assertion: &IdentityAssertion, expected: Expected<'_>) -> Result<(), Error> {
    let invalid = |broken: Broken| Error::new(Cause::AssertionInvalid, broken.description).because(broken.detail);
    CHECKS.iter().try_for_each(|check| check(assertion, expected)).map_err(invalid)
}

fn issuer(assertion: &IdentityAssertion, expected: Expected<'_>) -> Result<(), Broken> {
    let same = assertion.iss == expected.identity_provider;
    Broken::unless(same, "iss of the assertion is not the identity provider", || assertion.iss.clone())
}

fn subject(assertion: &IdentityAssertion, _: Expected<'_>) -> Result<(), Broken> {
    let description = format!("sub of the assertion must have 1 to {MAX_SUBJECT_LENGTH} bytes of text");
    let length = assertion.sub.len();
    let is_text = (1..=MAX_SUBJECT_LENGTH).contains(&length) && !assertion.sub.chars().any(char::is_control);
    Broken::unless(is_text, &description, || format!("it has {length}"))
}

/// "The `aud` claim MUST identify the Issuer URL of the Resource Authorization Server" and no other
/// server, which could present the assertion here.
fn audience(assertion: &IdentityAssertion, expected: Expected<'_>) -> Result<(), Broken> {
    let with_slash = format!("{}/", expected.issuer);
    let ours = assertion.aud.is_only(&[expected.issuer, &with_slash]);
    let description = "aud of the assertion must be the issuer identifier of this server";
    Broken::unless(ours, description, || format!("it is {:?}", assertion.aud))
}

/// "The `client_id` claim MUST identify the same client as the client authentication in the
/// request."
fn client(assertion: &IdentityAssertion, expected: Expected<'_>) -> Result<(), Broken> {
    let same = assertion.client_id == expected.client_id;
    let description = "client_id of the assertion must be the client_id that authenticates";
    Broken::unless(same, description, || format!("it is {:?}", assertion.client_id))
}

fn single_use(assertion: &IdentityAssertion, expected: Expected<'_>) -> Result<(), Broken> {
    assertion.once.check("the assertion", expected.now)?;
    let dated = assertion.once.issued_at().is_some();
    Broken::unless(dated, "iat of the assertion is missing", String::new)
}

/// An extension restricts what the assertion grants: to the holder of a key, to a tenant of the
/// identity provider, or to less than a scope. None can be ignored.
fn extensions(assertion: &IdentityAssertion, _: Expected<'_>) -> Result<(), Broken> {
    let IdentityAssertion { cnf, tenant, authorization_details, .. } = assertion;
    for (name, member) in [("cnf", cnf), ("tenant", tenant), ("authorization_details", authorization_details)] {
        let description = format!("{name} of the assertion is not supported");
        Broken::unless(member.is_none(), &description, String::new)?;
    }
    Ok(())
}

/// What a client is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The scope.
    pub scope: ScopeSet,
    /// The audience of the resource server.
    pub resource: String,
}

/// The parameters of a token request, which may narrow what the assertion grants.
#[derive(Debug, Clone, Copy, Default)]
pub struct Requested<'a> {
    /// `scope`.
    pub scope: Option<&'a ScopeSet>,
    /// `resource`.
    pub resource: Option<&'a str>,
}

/// What an assertion grants to `client`: at one of its resource servers, the scopes that it names,
/// the request names, the client registered, and the resource server offers. The scopes of OpenID
/// Connect and of the administration API are left out, because the user did not sign in here.
/// Without `scope` in the assertion, the default scopes stand for it.
///
/// # Errors
/// `invalid_grant` if `resource` of the assertion is unknown. `invalid_target` if the request names
/// another one, or needs to name one. `invalid_scope` if no scope remains.
pub fn grant(
    assertion: &IdentityAssertion,
    requested: Requested<'_>,
    client: &ClientMetadata,
    offer: &Offer,
) -> Result<Granted, Error> {
    let mut resources: Vec<&str> = Vec::new();
    for named in assertion.resource.iter().flat_map(Audience::iter) {
        let unknown = |error: Error| {
            Error::new(Cause::AssertionInvalid, "resource of the assertion is not a resource server of this server")
                .because(error.detail)
        };
        resources.push(offer.resource(named).map_err(unknown)?);
    }
    let asserted = match &assertion.scope {
        Some(scope) => scope.clone(),
        None => offer.requestable(None, &resources, client)?.scope,
    };
    let scope = requested.scope.map_or(asserted.clone(), |requested| asserted.intersect(requested));
    let scope = scope.intersect(&client.scope).filter(|name| offer.owner(name).is_some() && !is_reserved(name));
    let resource = match (requested.resource, resources.as_slice()) {
        (Some(requested), named) => {
            let requested = offer.resource(requested)?;
            if !named.is_empty() && !named.contains(&requested) {
                let description = "resource is not one of the assertion";
                return Err(Error::new(Cause::ResourceNotGranted, description).expected(named.join(" "), requested));
            }
            requested.to_owned()
        }
        (None, [only]) => (*only).to_owned(),
        (None, []) => offer.audience(&scope, None)?,
        (None, several) => {
            let description = "the assertion names several resources: name the one that the access token is for";
            return Err(Error::new(Cause::ResourceMissing, description).because(several.join(" ")));
        }
    };
    let scope = scope.filter(|name| offer.owner(name) == Some(&resource));
    if scope.is_empty() {
        return Err(Error::new(Cause::ScopeUnregistered, "the assertion has no scope that this client may have")
            .because(format!("asserted: {asserted}; registered: {}; resource: {resource}", client.scope)));
    }
    Ok(Granted { scope, resource })
}

/// The e-mail address that identifies the user: the identity provider has verified it, and the
/// operator trusts it for this domain. Otherwise an identity provider could name the users of
/// another one.
pub fn trusted_email<'a>(assertion: &'a IdentityAssertion, domains: &[String]) -> Option<&'a str> {
    let email = assertion.email.as_deref().filter(|_| assertion.email_verified == Value::Bool(true))?;
    let is_address = login_name::verified_email(email).is_some();
    (is_address && mail_domain::is_one_of(email, domains)).then_some(email)
}

/// The error if no enabled user of this server is the subject.
pub fn unknown_subject(detail: impl Into<String>) -> Error {
    Error::new(Cause::AssertionSubjectUnknown, "the subject of the assertion is not an active user of this server")
        .because(detail)
}

/// The error for an assertion that was presented before
/// ([RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3), item 7).
pub fn replayed() -> Error {
    Error::new(Cause::AssertionInvalid, "the assertion was used before: each needs a jti of its own").because("replay")
}

/// The error for an assertion from before the user disconnected the client.
pub fn taken_back() -> Error {
    Error::new(Cause::AssertionInvalid, "the user disconnected the client after the assertion was issued")
        .because("an assertion that is issued later grants access again")
}

#[cfg(test)]
mod tests;
