//! The userinfo endpoint (OpenID Connect Core §5.3): what the granted scopes tell about the person.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{AUTHORIZATION, CACHE_CONTROL},
    },
    web::Data,
};
use serde_json::{Map, Value, json};

use crate::{
    protocol::{Error, ErrorCode, ScopeSet},
    server::Server,
    store::{Fault, users, users::User},
    tokens::access_token::{AccessTokenClaims, Standing, invalid_token, standing},
    web::{
        Failure, bearer_error,
        form::{self, Body},
    },
};

const ENDPOINT: &str = "userinfo";

/// `GET` and `POST /userinfo`. Any access token with `openid` opens it, whichever resource server it is for: the endpoint is ours.
pub async fn userinfo(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    let token = match bearer_token(&request, &body) {
        Ok(Some(token)) => token,
        Ok(None) => return bearer_error::no_token(),
        Err(error) => return bearer_error::respond(ENDPOINT, error.into(), "openid"),
    };
    match claims(&server, &token).await {
        Ok(claims) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(claims),
        Err(failure) => bearer_error::respond(ENDPOINT, failure, "openid"),
    }
}

/// The token from the header (RFC 6750 §2.1) or, of a POST, from the form (§2.2).
fn bearer_token(request: &HttpRequest, body: &Body) -> Result<Option<String>, Error> {
    let from_header = match request.headers().get(AUTHORIZATION) {
        None => None,
        Some(value) => {
            let value = value.to_str().map_err(|_| Error::invalid_request("the Authorization header is malformed"))?;
            match value.split_once(' ') {
                Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim().to_owned()),
                // Another scheme is no token: the answer names the scheme, and no error (RFC 6750 §3.1).
                _ => None,
            }
        }
    };
    let from_form = if *request.method() == Method::POST && !body.is_empty() {
        form::parse_strictly(request, body)?.get("access_token")?.map(str::to_owned)
    } else {
        None
    };
    if from_header.is_some() && from_form.is_some() {
        return Err(Error::invalid_request("the access token is in the header and in the body: use one"));
    }
    Ok(from_header.or(from_form))
}

async fn claims(server: &Server, token: &str) -> Result<Value, Failure> {
    let claims = AccessTokenClaims::parse(&server.remembered().keys, token, server.clock.now())?;
    let scope = claims.scope.clone();
    let found = server
        .store
        .read(move |tx| match standing(tx, &claims)? {
            Standing::Revoked => Ok(None),
            Standing::Client => Ok(Some(Err("it was issued to a client for itself"))),
            Standing::Grant(grant) => Ok(users::find(tx, grant.user_id)?.map(|user| Ok((user, grant.scope())))),
        })
        .await?;
    match found {
        None => Err(invalid_token("the access token was revoked")
            .because("its grant is over, or its jti was revoked")
            .into()),
        Some(Err(cause)) => Err(invalid_token("the access token names no person").because(cause).into()),
        Some(Ok((user, granted))) => {
            let scope = scope.intersect(&granted);
            if !scope.contains("openid") {
                return Err(Error::new(ErrorCode::InsufficientScope, "the access token lacks the scope openid").into());
            }
            Ok(person(&user, &scope)?)
        }
    }
}

/// The claims that the scopes bring (OpenID Connect Core §5.4); what is not known is left out.
fn person(user: &User, scope: &ScopeSet) -> Result<Value, Fault> {
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
    Ok(Value::Object(claims))
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
            let value = person(&user, &scope).expect("readable claims");
            let mut names: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
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
