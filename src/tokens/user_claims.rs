//! The claims about a user that may be disclosed to a client.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use writ_core::{
    ScopeSet,
    claim_mapping::Place,
    scopes::ScopeIds,
    vocabulary::{claims_request::ClaimRequest, standard_claims},
};

use crate::{fault::Fault, server::Server, store::users::User};

/// The claims that the scopes grant (OpenID Connect Core §5.4), except `sub`. Unknown ones are left
/// out. `groups` is the claim with that name.
///
/// # Errors
/// [`Fault::Corrupt`] if the stored claims cannot be parsed.
pub fn of_scopes(user: &User, groups: &[String], scope: &ScopeSet) -> Result<Map<String, Value>, Fault> {
    let mut claims = all(user, groups)?;
    claims.retain(|name, _| standard_claims::scope_of(name).is_some_and(|granting| scope.contains(granting)));
    Ok(claims)
}

/// The claims that were requested singly (OpenID Connect Core §5.5), if their value is one that the
/// client accepts.
///
/// # Errors
/// [`Fault::Corrupt`] if the stored claims cannot be parsed.
pub fn of_request(
    user: &User,
    groups: &[String],
    requested: &BTreeMap<String, Option<ClaimRequest>>,
) -> Result<Map<String, Value>, Fault> {
    let mut claims = all(user, groups)?;
    claims.retain(|name, value| {
        requested.get(name).is_some_and(|claim| claim.as_ref().is_none_or(|claim| claim.accepts(value)))
    });
    Ok(claims)
}

/// The claims of the operator's own in `place` that a client gets with these scopes, of those that
/// the user read about (`allowed`).
///
/// # Errors
/// [`Fault::Corrupt`] if the stored attributes cannot be parsed.
pub fn of_mappings(
    server: &Server,
    client_id: &str,
    user: &User,
    place: Place,
    (scope, allowed): (&ScopeSet, &ScopeIds),
) -> Result<Map<String, Value>, Fault> {
    if server.settings.claims.mappings.is_empty() {
        return Ok(Map::new());
    }
    Ok(server.claim_mappings(client_id).claims(place, scope, allowed, &user.attributes()?))
}

/// Every claim about a user except `sub`.
fn all(user: &User, groups: &[String]) -> Result<Map<String, Value>, Fault> {
    let mut standard = user.standard_claims()?;
    standard.address = standard.address.and_then(|address| address.told());
    let standard = serde_json::to_value(standard).map_err(|error| Fault::Corrupt(error.to_string()))?;
    let Value::Object(mut claims) = standard else {
        return Err(Fault::Corrupt(format!("claims of user {}", user.id)));
    };
    claims.insert("preferred_username".to_owned(), json!(user.username));
    claims.insert("groups".to_owned(), json!(groups));
    claims.insert("updated_at".to_owned(), json!(user.updated_at));
    // An unverified address may belong to someone else, and a client could use it to identify an
    // account.
    if let Some(email) = user.email.as_deref().filter(|_| user.email_verified) {
        claims.insert("email".to_owned(), json!(email));
        claims.insert("email_verified".to_owned(), json!(true));
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_grants_its_own_claims_and_no_others() {
        let user = User {
            email: Some("minji@example.com".to_owned()),
            email_verified: true,
            claims: r#"{"name":"김민지","phone_number":"+82 2 123","address":{"country":"KR"}}"#.to_owned(),
            updated_at: 2,
            ..User::named("minji")
        };
        let names = |scope: &str| {
            let scope = ScopeSet::parse(scope).expect("a scope list");
            let disclosed = of_scopes(&user, &["staff".to_owned()], &scope).expect("readable claims");
            let mut names: Vec<&str> = disclosed.keys().map(String::as_str).collect();
            names.sort_unstable();
            names.join(" ")
        };
        assert_eq!(names("openid"), "");
        assert_eq!(names("openid profile"), "name preferred_username updated_at");
        assert_eq!(names("openid email"), "email email_verified");
        assert_eq!(names("openid phone"), "phone_number");
        assert_eq!(names("openid address"), "address");
        assert_eq!(names("openid groups"), "groups");
    }
}
