//! What an app may know about a person.

use serde_json::{Map, Value, json};

use crate::{
    protocol::ScopeSet,
    store::{Fault, users::User},
};

/// The claims that the scopes bring (OpenID Connect Core §5.4); what is not known is left out.
///
/// # Errors
/// The stored claims cannot be read.
pub fn claims(user: &User, scope: &ScopeSet) -> Result<Map<String, Value>, Fault> {
    let standard = serde_json::to_value(user.standard_claims()?).map_err(|error| Fault::Corrupt(error.to_string()))?;
    let Value::Object(mut standard) = standard else {
        return Err(Fault::Corrupt(format!("claims of user {}", user.id)));
    };
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(user.id.to_string()));
    let phone = ["phone_number", "phone_number_verified"].map(|name| (name, standard.remove(name)));
    let address = standard.remove("address");
    if scope.contains("profile") {
        claims.insert("preferred_username".to_owned(), json!(user.username));
        claims.insert("updated_at".to_owned(), json!(user.updated_at));
        claims.append(&mut standard);
    }
    if scope.contains("email")
        && let Some(email) = &user.email
    {
        claims.insert("email".to_owned(), json!(email));
        claims.insert("email_verified".to_owned(), json!(user.email_verified));
    }
    if scope.contains("phone") {
        claims.extend(phone.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    if scope.contains("address") {
        claims.extend(address.map(|address| ("address".to_owned(), address)));
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Id;

    #[test]
    fn each_scope_brings_its_own_claims_and_no_others() {
        let user = User {
            id: Id::now_v7(),
            username: "minji".to_owned(),
            email: Some("minji@example.com".to_owned()),
            email_verified: true,
            claims: r#"{"name":"김민지","phone_number":"+82 2 123","address":{"country":"KR"}}"#.to_owned(),
            password_hash: None,
            disabled_at: None,
            created_at: 1,
            updated_at: 2,
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
