//! Access tokens for the administration API. Only a client that an operator registered gets one:
//! for itself ([RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)), or from an
//! administrator who signs in at a device ([RFC 8628](https://www.rfc-editor.org/rfc/rfc8628)).

use super::access_token::AccessTokenClaims;
use crate::{
    Cause, Error, ErrorCode, ScopeSet,
    scopes::is_same_resource,
    vocabulary::{
        acr::Acr,
        administration_scope::{AdministrationScope, is_reserved},
        jwt::Audience,
    },
};

/// Checks the scope that a client requests for itself, if it has the name of a scope of the
/// administration API. `audience` is that of the API. `by_operator` says whether an operator
/// registered the client.
///
/// # Errors
/// `invalid_scope` if a scope does not exist, or is not registered for the client, or an operator
/// did not register the client. `invalid_target` if a scope or `resource` belongs to another
/// resource server.
pub fn check_request(
    requested: &ScopeSet,
    resource: Option<&str>,
    audience: &str,
    registered: &ScopeSet,
    by_operator: bool,
) -> Result<(), Error> {
    let other = requested.iter().find(|name| !is_reserved(name));
    if other.is_some() || resource.is_some_and(|resource| !is_same_resource(audience, resource)) {
        let description = "scopes of the administration API are requested alone, for its audience";
        return Err(Error::new(Cause::ResourceAmbiguous, description).expected(audience, requested.to_string()));
    }
    for name in requested.iter() {
        if name.parse::<AdministrationScope>().is_err() {
            return Err(Error::new(Cause::ScopeUnknown, format!("the scope {name} is unknown")));
        }
        if !registered.contains(name) {
            let description = format!("the scope {name} is not registered for this client");
            return Err(Error::new(Cause::ScopeUnregistered, description)
                .expected(registered.to_string(), requested.to_string()));
        }
    }
    if !by_operator {
        let description = "only a client that an operator registered administers the server";
        return Err(Error::new(Cause::ScopeAdministrative, description));
    }
    Ok(())
}

/// Checks that a token opens an operation of the administration API. `audience` is that of the API,
/// `scope` the scope that the token has now, `by_operator` whether an operator registered its
/// client. A user who is no administrator has none left of that scope.
///
/// # Errors
/// `invalid_token` if the token is for another resource server, or its client acts neither for
/// itself nor for a user with two factors. `insufficient_scope` if it lacks the `needed` scope.
pub fn check_token(
    claims: &AccessTokenClaims,
    audience: &str,
    scope: &ScopeSet,
    by_operator: bool,
    needed: AdministrationScope,
) -> Result<(), Error> {
    let invalid = |description: &str| Err(Error::new(ErrorCode::InvalidToken, description));
    if claims.aud != Audience::One(audience.to_owned()) {
        return invalid("the access token is not for the administration API");
    }
    let for_itself = claims.is_of_client() && claims.sub == claims.client_id;
    let for_user = claims.grant_id.is_some() && claims.acr.as_deref() == Some(Acr::Mfa.as_str());
    let is_direct = claims.act.is_none() && claims.exchanged_from.is_empty();
    if !(for_itself || for_user) || !is_direct || !by_operator {
        return invalid("the access token is not that of a client that administers the server");
    }
    if !scope.contains(needed.as_str()) {
        let description = format!("the access token lacks the scope {}", needed.as_str());
        return Err(Error::new(ErrorCode::InsufficientScope, description));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::token::actor::Actor;

    const API: &str = "https://id.example/admin/v1";
    const READ: &str = "writ:clients:read";

    fn set(text: &str) -> ScopeSet {
        ScopeSet::parse(text).expect("a scope list")
    }

    #[rstest]
    #[case::own_scope(READ, None, true, None)]
    #[case::own_audience(READ, Some(API), true, None)]
    #[case::same_resource(READ, Some("https://ID.example/admin/v1"), true, None)]
    #[case::several("writ:clients:read writ:clients:write", None, true, Some(Cause::ScopeUnregistered))]
    #[case::unknown("writ:everything", None, true, Some(Cause::ScopeUnknown))]
    #[case::beside_another("writ:clients:read message:read", None, true, Some(Cause::ResourceAmbiguous))]
    #[case::for_another(READ, Some("https://talk.example"), true, Some(Cause::ResourceAmbiguous))]
    #[case::self_registered(READ, None, false, Some(Cause::ScopeAdministrative))]
    fn client_requests_registered_scopes_of_the_administration_api(
        #[case] requested: &str,
        #[case] resource: Option<&str>,
        #[case] by_operator: bool,
        #[case] refused: Option<Cause>,
    ) {
        let registered = set("writ:clients:read writ:everything message:read");
        let checked = check_request(&set(requested), resource, API, &registered, by_operator);
        assert_eq!(checked.err().map(|error| error.cause), refused);
    }

    fn token() -> AccessTokenClaims {
        AccessTokenClaims {
            iss: "https://id.example".to_owned(),
            sub: "console".to_owned(),
            aud: Audience::One(API.to_owned()),
            client_id: "console".to_owned(),
            scope: set(READ),
            jti: "1".to_owned(),
            iat: 0,
            exp: 300,
            auth_time: None,
            acr: None,
            groups: None,
            grant_id: None,
            act: None,
            exchanged_from: Vec::new(),
            own: serde_json::Map::new(),
        }
    }

    fn of_user(token: &mut AccessTokenClaims, acr: Acr) {
        token.sub = "ada".to_owned();
        token.grant_id = Some(Uuid::nil());
        token.acr = Some(acr.as_str().into());
    }

    #[rstest]
    #[case::own(|_: &mut AccessTokenClaims| {}, None)]
    #[case::other_audience(
        |token: &mut AccessTokenClaims| token.aud = Audience::One("https://talk.example".to_owned()),
        Some(ErrorCode::InvalidToken)
    )]
    #[case::two_audiences(
        |token: &mut AccessTokenClaims| token.aud = Audience::Many(vec![API.to_owned(), "https://b.example".to_owned()]),
        Some(ErrorCode::InvalidToken)
    )]
    #[case::of_a_user_with_a_password(
        |token: &mut AccessTokenClaims| of_user(token, Acr::Password),
        Some(ErrorCode::InvalidToken)
    )]
    #[case::of_a_user_with_two_factors(|token: &mut AccessTokenClaims| of_user(token, Acr::Mfa), None)]
    #[case::of_a_user_of_unknown_acr(
        |token: &mut AccessTokenClaims| token.grant_id = Some(Uuid::nil()),
        Some(ErrorCode::InvalidToken)
    )]
    #[case::of_a_user_exchanged(
        |token: &mut AccessTokenClaims| {
            of_user(token, Acr::Mfa);
            token.exchanged_from = vec!["0".to_owned()];
        },
        Some(ErrorCode::InvalidToken)
    )]
    #[case::of_another_client(|token: &mut AccessTokenClaims| token.sub = "shop".to_owned(), Some(ErrorCode::InvalidToken))]
    #[case::delegated(|token: &mut AccessTokenClaims| token.act = Some(Actor::first("shop")), Some(ErrorCode::InvalidToken))]
    #[case::exchanged(
        |token: &mut AccessTokenClaims| token.exchanged_from = vec!["0".to_owned()],
        Some(ErrorCode::InvalidToken)
    )]
    fn token_is_of_a_client_for_itself_or_for_a_user_with_two_factors(
        #[case] change: fn(&mut AccessTokenClaims),
        #[case] refused: Option<ErrorCode>,
    ) {
        let mut token = token();
        change(&mut token);
        let checked = check_token(&token, API, &token.scope, true, AdministrationScope::ClientsRead);
        assert_eq!(checked.err().map(|error| error.code), refused);
    }

    #[test]
    fn token_needs_the_scope_of_the_operation_and_a_client_of_the_operator() {
        let refused = |scope: &str, by_operator, needed| {
            check_token(&token(), API, &set(scope), by_operator, needed).err().map(|error| error.code)
        };
        assert_eq!(refused(READ, true, AdministrationScope::ClientsRead), None);
        assert_eq!(refused(READ, true, AdministrationScope::ClientsWrite), Some(ErrorCode::InsufficientScope));
        // The scope was taken back since the token was issued.
        assert_eq!(refused("", true, AdministrationScope::ClientsRead), Some(ErrorCode::InsufficientScope));
        assert_eq!(refused(READ, false, AdministrationScope::ClientsRead), Some(ErrorCode::InvalidToken));
    }
}
