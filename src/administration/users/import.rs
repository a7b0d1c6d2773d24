//! Users of another server: JSON, one document or a line for each user, with the members of
//! [OpenID Connect Core §5.1](https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims)
//! and `password_hash`. What Keycloak and Auth0 export is such a file, too. In CSV, the members are
//! columns.

mod csv;
mod keycloak;

pub use self::csv::parse as parse_csv;

use serde_json::{Map, Value};
use writ_core::StandardClaims;

use super::registration;
use crate::{
    password::{self, InvalidHash},
    store::users::User,
};

/// A user to import.
#[derive(Debug)]
pub struct Import {
    /// The user, without groups.
    pub user: User,
    /// The account is disabled.
    pub disabled: bool,
    /// The names of the groups.
    pub groups: Vec<String>,
    /// The members that have no counterpart.
    pub left_out: Vec<String>,
}

/// Why a user cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// The document, or its line.
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The file in CSV, with the place.
    #[error("{0}")]
    Csv(String),
    /// A user is no object.
    #[error("expected a JSON object for each user")]
    NoObject,
    /// A member has another type.
    #[error("{0} has another type")]
    Type(&'static str),
    /// There is neither a username nor an address.
    #[error("expected a username or an e-mail address")]
    Nameless,
    /// The username, the address or a claim.
    #[error(transparent)]
    Registration(#[from] registration::Invalid),
    /// The password hash.
    #[error(transparent)]
    Hash(#[from] InvalidHash),
}

/// Parses a file: an array of users, an object with `users`, or a user on each line.
///
/// # Errors
/// [`Invalid::Json`] if it is none of them.
pub fn parse(text: &str) -> Result<Vec<Result<Import, Invalid>>, Invalid> {
    let users = match serde_json::from_str(text) {
        Ok(Value::Array(users)) => users,
        Ok(Value::Object(mut document)) => match document.remove("users") {
            Some(Value::Array(users)) => users,
            Some(_) => return Err(Invalid::Type("users")),
            None => vec![Value::Object(document)],
        },
        Ok(_) => return Err(Invalid::NoObject),
        Err(_) => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            return Ok(lines.map(|line| Import::parse(serde_json::from_str(line)?)).collect());
        }
    };
    Ok(users.into_iter().map(Import::parse).collect())
}

impl Import {
    fn parse(user: Value) -> Result<Self, Invalid> {
        let Value::Object(mut members) = user else { return Err(Invalid::NoObject) };
        keycloak::translate(&mut members)?;
        members.retain(|_, value| !value.is_null());
        let mut take = |names: &[&'static str]| names.iter().find_map(|name| Some((*name, members.remove(*name)?)));
        let username = text(take(&["username", "preferred_username"]))?;
        let email = text(take(&["email"]))?;
        let email_verified = boolean(take(&["email_verified"]))?;
        let disabled = boolean(take(&["disabled", "blocked"]))?;
        let password_hash = text(take(&["password_hash", "passwordHash"]))?;
        let groups = texts(take(&["groups"]))?;
        let (claims, left_out) = claims(members);
        // Auth0 exports addresses only.
        let first_part = || email.as_deref().and_then(|email| Some(email.split_once('@')?.0.to_owned()));
        let username = username.or_else(first_part).ok_or(Invalid::Nameless)?;
        let mut user = registration::user(&username, email.as_deref(), email_verified, &claims)?;
        if let Some(hash) = &password_hash {
            password::check_imported(hash)?;
        }
        user.password_hash = password_hash;
        Ok(Self { user, disabled, groups, left_out })
    }
}

type Member = Option<(&'static str, Value)>;

fn text(member: Member) -> Result<Option<String>, Invalid> {
    match member {
        None => Ok(None),
        Some((_, Value::String(text))) => Ok(Some(text)),
        Some((name, _)) => Err(Invalid::Type(name)),
    }
}

fn boolean(member: Member) -> Result<bool, Invalid> {
    match member {
        None => Ok(false),
        Some((_, Value::Bool(is_set))) => Ok(is_set),
        Some((name, _)) => Err(Invalid::Type(name)),
    }
}

fn texts(member: Member) -> Result<Vec<String>, Invalid> {
    let Some((name, values)) = member else { return Ok(Vec::new()) };
    serde_json::from_value(values).map_err(|_| Invalid::Type(name))
}

/// The standard claims among `members`, and the names of the others.
fn claims(members: Map<String, Value>) -> (StandardClaims, Vec<String>) {
    let is_claim = |name: &str, value: &Value| {
        let alone = Map::from_iter([(name.to_owned(), value.clone())]);
        serde_json::from_value::<StandardClaims>(Value::Object(alone)).is_ok()
    };
    let (claims, others): (Map<_, _>, Map<_, _>) = members.into_iter().partition(|(name, value)| is_claim(name, value));
    let claims = serde_json::from_value(Value::Object(claims)).unwrap_or_default();
    let mut left_out: Vec<String> = others.into_iter().map(|(name, _)| name).collect();
    left_out.sort_unstable();
    (claims, left_out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HASH: &str = "$2b$04$czaL4pEQKGw/PfZvi7EhUuKAbouw06zRGQr75tjljObJs7yClpE2K";

    fn one(user: Value) -> Result<Import, Invalid> {
        parse(&user.to_string()).expect("a document").remove(0)
    }

    #[test]
    fn files_are_arrays_documents_and_lines() {
        let ada = json!({ "username": "ada" });
        for text in
            [json!([ada, ada]).to_string(), json!({ "users": [ada, ada] }).to_string(), format!("{ada}\n\n{ada}\n")]
        {
            let users = parse(&text).expect(&text);
            assert_eq!(users.len(), 2, "{text}");
            assert!(users.iter().all(Result::is_ok), "{text}");
        }
        assert_eq!(parse("{}\nnonsense").expect("lines").iter().filter(|user| user.is_ok()).count(), 0);
        assert!(parse("3").is_err() && parse(r#"{ "users": 3 }"#).is_err());
    }

    #[test]
    fn export_of_auth0_is_imported() {
        let import = one(json!({
            "_id": { "$oid": "60425da93519d90068f82966" },
            "email": "Ada@Example.com", "email_verified": true, "passwordHash": HASH, "name": "Ada", "tenant": "example",
        }));
        let import = import.expect("a user");
        assert_eq!(import.user.username, "ada");
        assert_eq!(import.user.email.as_deref(), Some("ada@example.com"));
        assert!(import.user.email_verified);
        assert_eq!(import.user.password_hash.as_deref(), Some(HASH));
        assert_eq!(import.user.standard_claims().expect("claims").name.as_deref(), Some("Ada"));
        assert_eq!(import.left_out, ["_id", "tenant"]);
    }

    #[test]
    fn user_that_cannot_be_imported_is_refused_with_its_cause() {
        for (user, cause) in [
            (json!(3), "expected a JSON object for each user"),
            (json!({}), "expected a username or an e-mail address"),
            (json!({ "username": 3 }), "username has another type"),
            (json!({ "username": "ada", "disabled": "no" }), "disabled has another type"),
            (json!({ "username": "ada", "groups": "staff" }), "groups has another type"),
            (json!({ "username": "ada", "email": "nonsense" }), "expected an e-mail address such as ada@example.com"),
            (json!({ "username": "ada", "zoneinfo": "Mars" }), "zoneinfo is not a time zone"),
            (
                json!({ "username": "ada", "password_hash": "5f4dcc3b5aa765d61d8327deb882cf99" }),
                "expected a hash of argon2, bcrypt, pbkdf2-sha1, pbkdf2-sha256, pbkdf2-sha512 or scrypt",
            ),
            (
                json!({ "username": "ada", "password_hash": HASH.replace("$04$", "$15$") }),
                "the parameters of the password hash cost more than a second",
            ),
        ] {
            let refused = parse(&json!([user]).to_string()).expect("a document").remove(0).expect_err(cause);
            assert_eq!(refused.to_string(), cause, "{user}");
        }
    }
}
