//! The members of Keycloak's `UserRepresentation`, with the names of OpenID Connect.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Invalid;

/// Keycloak's names, and ours.
const NAMES: [(&str, &str); 3] =
    [("emailVerified", "email_verified"), ("firstName", "given_name"), ("lastName", "family_name")];

#[derive(Deserialize)]
struct Credential {
    #[serde(rename = "type")]
    kind: String,
    /// [`Secret`] as JSON.
    #[serde(rename = "secretData", default)]
    secret: String,
    /// [`Parameters`] as JSON.
    #[serde(rename = "credentialData", default)]
    parameters: String,
}

#[derive(Deserialize)]
struct Secret {
    value: String,
    salt: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    hash_iterations: u32,
    algorithm: String,
    #[serde(default)]
    additional_parameters: Additional,
}

/// Of Argon2. Each is a list of one text.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Additional {
    #[serde(rename = "type")]
    variant: Vec<String>,
    memory: Vec<String>,
    parallelism: Vec<String>,
}

/// Replaces the members that only Keycloak has.
pub(super) fn translate(members: &mut Map<String, Value>) -> Result<(), Invalid> {
    for (theirs, ours) in NAMES {
        if let Some(value) = members.remove(theirs) {
            members.insert(ours.to_owned(), value);
        }
    }
    match members.remove("enabled") {
        None => {}
        Some(Value::Bool(enabled)) => drop(members.insert("disabled".to_owned(), (!enabled).into())),
        Some(_) => return Err(Invalid::Type("enabled")),
    }
    // A group is named by its path.
    if let Some(Value::Array(groups)) = members.get_mut("groups") {
        for group in groups {
            if let Some(name) = group.as_str().and_then(|path| path.rsplit('/').next()) {
                *group = name.into();
            }
        }
    }
    if let Some(credentials) = members.remove("credentials") {
        let credentials: Vec<Credential> =
            serde_json::from_value(credentials).map_err(|_| Invalid::Type("credentials"))?;
        let (passwords, others): (Vec<_>, Vec<_>) =
            credentials.into_iter().partition(|credential| credential.kind == "password");
        if let Some(password) = passwords.first() {
            members.insert("password_hash".to_owned(), hash(password)?.into());
        }
        for other in others {
            members.insert(format!("credentials: {}", other.kind), Value::Bool(true));
        }
    }
    Ok(())
}

/// The hash in PHC format, in which Base64 has no padding.
fn hash(password: &Credential) -> Result<String, Invalid> {
    let secret: Secret = serde_json::from_str(&password.secret).map_err(|_| Invalid::Type("secretData"))?;
    let parameters: Parameters =
        serde_json::from_str(&password.parameters).map_err(|_| Invalid::Type("credentialData"))?;
    let (salt, value) = (secret.salt.trim_end_matches('='), secret.value.trim_end_matches('='));
    let iterations = parameters.hash_iterations;
    Ok(match &*parameters.algorithm {
        "argon2" => {
            let Additional { variant, memory, parallelism } = &parameters.additional_parameters;
            let only = |values: &[String]| values.first().cloned().ok_or(Invalid::Type("additionalParameters"));
            let (variant, memory, parallelism) = (only(variant)?, only(memory)?, only(parallelism)?);
            format!("$argon2{variant}$v=19$m={memory},t={iterations},p={parallelism}${salt}${value}")
        }
        // Its oldest name, for SHA-1.
        "pbkdf2" => format!("$pbkdf2-sha1$i={iterations}${salt}${value}"),
        algorithm => format!("${algorithm}$i={iterations}${salt}${value}"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::administration::users::import::parse;

    fn user(credential_data: &Value, secret: &str) -> Value {
        let secret = json!({ "value": secret, "salt": "MDEyMzQ1Njc4OWFiY2RlZg==" }).to_string();
        json!({
            "username": "ada", "email": "ada@example.com", "emailVerified": true, "enabled": false,
            "firstName": "Ada", "groups": ["/staff/support"], "attributes": { "locale": ["en"] },
            "credentials": [
                { "type": "otp", "secretData": "{}", "credentialData": "{}" },
                { "type": "password", "secretData": secret, "credentialData": credential_data.to_string() },
            ],
        })
    }

    #[test]
    fn export_of_keycloak_is_imported() {
        let sha256 = json!({ "hashIterations": 1000, "algorithm": "pbkdf2-sha256" });
        let sha1 = json!({ "hashIterations": 1000, "algorithm": "pbkdf2" });
        let argon2 = json!({
            "hashIterations": 5, "algorithm": "argon2",
            "additionalParameters": { "hashLength": ["32"], "memory": ["7168"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"] },
        });
        let value = "cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M=";
        for (credential_data, begins) in [
            (sha256, "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$cBg8"),
            (sha1, "$pbkdf2-sha1$i=1000$MDEy"),
            (argon2, "$argon2id$v=19$m=7168,t=5,p=1$MDEy"),
        ] {
            let document = json!({ "realm": "example", "users": [user(&credential_data, value)] });
            let import = parse(&document.to_string()).expect("a document").remove(0).expect("a user");
            assert_eq!((&*import.user.username, import.disabled), ("ada", true));
            assert_eq!(import.groups, ["support"]);
            assert_eq!(import.left_out, ["attributes", "credentials: otp"]);
            let hash = import.user.password_hash.expect("a hash");
            assert!(hash.starts_with(begins) && !hash.ends_with('='), "{hash}");
        }
    }

    #[test]
    fn credentials_of_another_shape_are_refused() {
        for credentials in
            [json!(3), json!([{ "type": "password" }]), json!([{ "type": "password", "secretData": "{}" }])]
        {
            let user = json!([{ "username": "ada", "credentials": credentials }]);
            assert!(parse(&user.to_string()).expect("a document").remove(0).is_err(), "{user}");
        }
    }
}
