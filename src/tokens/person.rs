//! What an app may know about a person.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use writ_core::{
    ScopeSet,
    vocabulary::{claims_request::ClaimRequest, standard_claims},
};

use crate::{fault::Fault, store::users::User};

/// The claims that the scopes bring (OpenID Connect Core §5.4); what is not known is left out.
///
/// # Errors
/// The stored claims cannot be read.
pub fn claims(user: &User, scope: &ScopeSet) -> Result<Map<String, Value>, Fault> {
    let brought = |name: &str| standard_claims::scope_of(name).is_some_and(|bringing| scope.contains(bringing));
    let mut claims = known(user)?;
    claims.retain(|name, _| brought(name));
    claims.insert("sub".to_owned(), json!(user.id.to_string()));
    Ok(claims)
}

/// The claims that were asked for one by one (OpenID Connect Core §5.5), where their value is one that will do.
///
/// # Errors
/// The stored claims cannot be read.
pub fn asked(user: &User, asked: &BTreeMap<String, Option<ClaimRequest>>) -> Result<Map<String, Value>, Fault> {
    let mut claims = known(user)?;
    claims.retain(|name, value| {
        asked.get(name).is_some_and(|claim| claim.as_ref().is_none_or(|claim| claim.accepts(value)))
    });
    Ok(claims)
}

/// Every claim about a person but `sub`.
fn known(user: &User) -> Result<Map<String, Value>, Fault> {
    let mut standard = user.standard_claims()?;
    standard.address = standard.address.and_then(|address| address.told());
    let standard = serde_json::to_value(standard).map_err(|error| Fault::Corrupt(error.to_string()))?;
    let Value::Object(mut claims) = standard else {
        return Err(Fault::Corrupt(format!("claims of user {}", user.id)));
    };
    claims.insert("preferred_username".to_owned(), json!(user.username));
    claims.insert("updated_at".to_owned(), json!(user.updated_at));
    // An address that nobody verified may be anybody's: a client could take it for an account's key.
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
    fn each_scope_brings_its_own_claims_and_no_others() {
        let user = User {
            email: Some("minji@example.com".to_owned()),
            email_verified: true,
            claims: r#"{"name":"김민지","phone_number":"+82 2 123","address":{"country":"KR"}}"#.to_owned(),
            updated_at: 2,
            ..User::named("minji")
        };
        let names = |scope: &str| {
            let scope = ScopeSet::parse(scope).expect("a scope list");
            let told = claims(&user, &scope).expect("readable claims");
            let mut names: Vec<&str> = told.keys().map(String::as_str).collect();
            names.sort_unstable();
            names.join(" ")
        };
        assert_eq!(names("openid"), "sub");
        assert_eq!(names("openid profile"), "name preferred_username sub updated_at");
        assert_eq!(names("openid email"), "email email_verified sub");
        assert_eq!(names("openid phone"), "phone_number sub");
        assert_eq!(names("openid address"), "address sub");
    }
}
