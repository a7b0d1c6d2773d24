//! The parameters of an authorization request ([RFC 6749
//! §4.1.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1), [OpenID Connect Core
//! §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)).

use super::{binding::Binding, requested_acr::RequestedAcr};
use crate::{
    Cause, ClientMetadata, Error, ErrorCode, Params, ScopeSet,
    scopes::{self, Dropped, Offer},
    vocabulary::{
        authorization_details,
        claims_request::ClaimsRequest,
        client_metadata::GrantType,
        display,
        params::{self, append_encoded},
        pkce::CodeChallenge,
        prompt::Prompt,
        response_mode::ResponseMode,
    },
};

/// The parameters that are stored with a pending request, besides `client_id`.
const KEPT: [&str; 17] = [
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "acr_values",
    "login_hint",
    "idp_hint",
    "kc_idp_hint",
    "id_token_hint",
    "claims",
    "ui_locales",
];

/// Maximum length in bytes of a value that the server stores for the client: `state` and `nonce`.
pub const CARRIED_LENGTH: usize = 2048;
/// Maximum number of resource servers in one request.
const MAX_RESOURCES: usize = 10;

/// An authorization request whose client and redirect URI have been validated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// The requested scopes that the client may have, with the scopes that represent single claims.
    pub scope: ScopeSet,
    /// The requested scopes that the client cannot be granted.
    pub dropped: Vec<Dropped>,
    /// The scopes in `scope` that only represent single claims. If the user allows one, the client
    /// receives those claims and nothing else of the scope.
    pub implied: ScopeSet,
    /// The scopes in `scope` that the user cannot untick.
    pub required: ScopeSet,
    /// The requested single claims
    /// ([OpenID Connect Core
    /// §5.5](https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter)).
    pub claims: ClaimsRequest,
    /// The registered audiences of the requested resource servers
    /// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).
    pub resources: Vec<String>,
    /// Repeated in the ID token.
    pub nonce: Option<String>,
    /// The PKCE challenge that the code verifier must match.
    pub code_challenge: Option<CodeChallenge>,
    /// The pages that the client requests.
    pub prompt: Prompt,
    /// Maximum age of the user's authentication, in seconds.
    pub max_age: Option<i64>,
    /// The requested classes of authentication.
    pub acr: RequestedAcr,
}

/// A check that needs only the parameters and the client.
type Check = fn(&Params, &ClientMetadata) -> Result<(), Error>;

/// The checks that run before anything is parsed, in this order.
const CHECKS: [Check; 8] = [
    no_parameter_is_repeated,
    registration_is_absent,
    response_type_is_code,
    grant_type_is_registered,
    response_mode_is_supported,
    carried_values_are_short,
    authorization_details_are_absent,
    display_is_known,
];

impl AuthorizationRequest {
    /// Parses the parameters of a request from `client`.
    ///
    /// # Errors
    /// The error for the authorization response, from the first check that fails.
    pub fn parse(params: &Params, client: &ClientMetadata, offer: &Offer) -> Result<Self, Error> {
        CHECKS.iter().try_for_each(|check| check(params, client))?;
        let named = named_resources(params)?;
        let requestable = offer.requestable(ScopeSet::asked(params)?, &named, client)?;
        let claims = claims(params, &requestable.scope)?;
        // A client that requires `auth_time` needs a known one, of any age.
        let any_age = client.require_auth_time.then_some(i64::MAX);
        let implied = claims.scopes().intersect(&client.scope).without(&requestable.scope);
        Ok(Self {
            resources: resources(&named, &requestable.scope, offer)?,
            required: scopes::required(&requestable.scope, client, false),
            scope: requestable.scope.union(&implied),
            dropped: requestable.dropped,
            implied,
            acr: RequestedAcr::new(params.get("acr_values")?, &claims),
            claims,
            nonce: params.get("nonce")?.map(str::to_owned),
            code_challenge: code_challenge(params)?,
            prompt: Prompt::parse(params.get("prompt")?.unwrap_or_default())
                .map_err(|reason| Error::new(Cause::PromptInvalid, reason))?,
            max_age: params.get("max_age")?.map(max_age).transpose()?.or(client.default_max_age).or(any_age),
        })
    }

    /// How the request binds its response.
    pub fn binding(&self) -> Binding {
        Binding {
            challenge: self.code_challenge.is_some(),
            openid_nonce: self.scope.contains("openid") && self.nonce.is_some(),
        }
    }
}

/// Encodes the meaningful parameters of a request as a form, for storage. The stored form is parsed
/// like a request, so it has the same length limit. Re-encoding a signed object or non-ASCII
/// characters can exceed it.
///
/// # Errors
/// `invalid_request` if the encoded form is too long.
pub fn encode(client_id: &str, params: &Params) -> Result<String, Error> {
    let known = KEPT.iter().filter_map(|name| Some((*name, params.get(name).ok()??)));
    let resources = params.all("resource").map(|resource| ("resource", resource));
    let pairs = std::iter::once(("client_id", client_id)).chain(known).chain(resources);
    let encoded = append_encoded(String::new(), pairs);
    if encoded.len() > params::MAX_LENGTH {
        let description = format!("the parameters have more than {} bytes when they are encoded", params::MAX_LENGTH);
        return Err(Error::new(Cause::ParametersMalformed, description));
    }
    Ok(encoded)
}

/// Each parameter is sent at most once
/// ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1)), but for `resource`
/// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).
fn no_parameter_is_repeated(params: &Params, _: &ClientMetadata) -> Result<(), Error> {
    params.check_unrepeated_but("resource")
}

/// [OpenID Connect Core
/// §7.2.1](https://openid.net/specs/openid-connect-core-1_0.html#RegistrationParameter).
fn registration_is_absent(params: &Params, _: &ClientMetadata) -> Result<(), Error> {
    match params.get("registration")? {
        None => Ok(()),
        Some(_) => {
            let description = "the parameter registration is not supported";
            Err(Error::new(ErrorCode::RegistrationNotSupported, description))
        }
    }
}

/// [RFC 6749 §3.1.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1.1).
fn response_type_is_code(params: &Params, _: &ClientMetadata) -> Result<(), Error> {
    match params.require("response_type")? {
        "code" => Ok(()),
        other => Err(Error::new(ErrorCode::UnsupportedResponseType, "response_type must be code")
            .because(format!("it is {other}"))),
    }
}

/// [RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1),
/// `unauthorized_client`.
fn grant_type_is_registered(_: &Params, client: &ClientMetadata) -> Result<(), Error> {
    if client.allows(GrantType::AuthorizationCode) {
        return Ok(());
    }
    Err(Error::new(Cause::GrantTypeUnregistered, "this client is not registered for authorization_code"))
}

/// [Form Post Response Mode
/// §2](https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html).
fn response_mode_is_supported(params: &Params, _: &ClientMetadata) -> Result<(), Error> {
    match ResponseMode::parse(params.get("response_mode")?) {
        Some(_) => Ok(()),
        None => Err(Error::new(Cause::ResponseModeUnsupported, "response_mode must be query or form_post")),
    }
}

fn carried_values_are_short(params: &Params, _: &ClientMetadata) -> Result<(), Error> {
    for name in ["state", "nonce"] {
        if params.get(name)?.is_some_and(|value| value.len() > CARRIED_LENGTH) {
            return Err(Error::new(Cause::ValueTooLong, format!("{name} has more than {CARRIED_LENGTH} bytes")));
        }
    }
    Ok(())
}

/// [RFC 9396 §5](https://www.rfc-editor.org/rfc/rfc9396#section-5).
fn authorization_details_are_absent(params: &Params, _: &ClientMetadata) -> Result<(), Error> {
    authorization_details::refuse(params.get("authorization_details")?)
}

/// [OpenID Connect Core
/// §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest).
fn display_is_known(params: &Params, _: &ClientMetadata) -> Result<(), Error> {
    match params.get("display")? {
        Some(display) if !display::SUPPORTED.contains(&display) => {
            Err(Error::new(Cause::DisplayInvalid, "display must be page, popup, touch or wap"))
        }
        _ => Ok(()),
    }
}

/// The values of `resource`. An empty one is omitted.
fn named_resources(params: &Params) -> Result<Vec<&str>, Error> {
    let named: Vec<&str> = params.all("resource").filter(|resource| !resource.is_empty()).collect();
    if named.len() > MAX_RESOURCES {
        return Err(Error::new(Cause::ResourceAmbiguous, format!("there are more than {MAX_RESOURCES} resources")));
    }
    Ok(named)
}

/// The audiences of the named resources, which must own the scopes.
fn resources(named: &[&str], scope: &ScopeSet, offer: &Offer) -> Result<Vec<String>, Error> {
    let resources = offer.resources(scope, named)?;
    Ok(if named.is_empty() { Vec::new() } else { resources })
}

/// Parses the `claims` parameter, which is ignored without `openid`.
fn claims(params: &Params, scope: &ScopeSet) -> Result<ClaimsRequest, Error> {
    let Some(text) = params.get("claims")? else { return Ok(ClaimsRequest::default()) };
    let claims = ClaimsRequest::parse(text).map_err(|reason| Error::new(Cause::ClaimsInvalid, reason))?;
    if !scope.contains("openid") {
        return Ok(ClaimsRequest::default());
    }
    if !claims.acr_is_met() {
        return Err(Error::new(
            ErrorCode::UnmetAuthenticationRequirements,
            "acr is essential with a value that this server does not support",
        ));
    }
    Ok(claims)
}

fn code_challenge(params: &Params) -> Result<Option<CodeChallenge>, Error> {
    let method = params.get("code_challenge_method")?;
    match params.get("code_challenge")? {
        Some(challenge) => CodeChallenge::parse(challenge, method)
            .map(Some)
            .map_err(|reason| Error::new(Cause::CodeChallengeInvalid, reason)),
        None if method.is_some() => {
            Err(Error::new(Cause::CodeChallengeInvalid, "code_challenge_method without code_challenge"))
        }
        None => Ok(None),
    }
}

fn max_age(text: &str) -> Result<i64, Error> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse::<i64>()
        .ok()
        .filter(|_| digits)
        .ok_or_else(|| Error::new(Cause::MaxAgeInvalid, "max_age must be a number of seconds"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scopes::Offered;

    fn parse(query: &str) -> Result<AuthorizationRequest, Error> {
        let client: ClientMetadata = serde_json::from_value(json!({
            "client_name": "Shop",
            "redirect_uris": ["https://shop.example/cb"],
            "scope": "openid email message:read",
        }))
        .expect("client metadata");
        let offered = |name: &str| Offered { name: name.to_owned(), is_default: false };
        let server = |audience: &str, scope: &str| (audience.to_owned(), vec![offered(scope)]);
        let servers = [server("https://talk.example", "message:read"), server("https://bank.example", "payment:make")];
        let offer = Offer::new(servers, "https://id.example/userinfo".to_owned());
        AuthorizationRequest::parse(&Params::parse(query.as_bytes())?, &client, &offer)
    }

    #[test]
    fn malformed_request_is_refused_with_its_cause() {
        for (query, cause) in [
            ("scope=openid", Cause::ParameterMissing),
            ("response_type=token&scope=openid", Cause::Code(ErrorCode::UnsupportedResponseType)),
            ("response_type=code&scope=openid&scope=openid", Cause::ParameterRepeated),
            ("response_type=code&scope=openid&registration={}", Cause::Code(ErrorCode::RegistrationNotSupported)),
            ("response_type=code&scope=openid&response_mode=fragment", Cause::ResponseModeUnsupported),
            ("response_type=code&scope=openid&display=wall", Cause::DisplayInvalid),
            ("response_type=code&scope=openid&prompt=none+login", Cause::PromptInvalid),
            ("response_type=code&scope=openid&max_age=-1", Cause::MaxAgeInvalid),
            ("response_type=code&scope=openid&max_age=%2B1", Cause::MaxAgeInvalid),
            ("response_type=code&scope=openid&code_challenge=x", Cause::CodeChallengeInvalid),
            ("response_type=code&scope=openid&code_challenge_method=S256", Cause::CodeChallengeInvalid),
            ("response_type=code&scope=openid&claims=[]", Cause::ClaimsInvalid),
            ("response_type=code", Cause::ScopeMissing),
            ("response_type=code&scope=gone", Cause::ScopeUnknown),
            ("response_type=code&scope=groups", Cause::ScopeUnregistered),
            ("response_type=code&scope=openid&resource=https://no.example", Cause::ResourceUnknown),
            ("response_type=code&scope=message:read&resource=https://bank.example", Cause::ResourceAmbiguous),
        ] {
            assert_eq!(parse(query).expect_err(query).cause, cause, "{query}");
        }
        let long = format!("response_type=code&scope=openid&state={}", "s".repeat(CARRIED_LENGTH + 1));
        assert_eq!(parse(&long).expect_err("too long").cause, Cause::ValueTooLong);
    }

    #[test]
    fn repeated_resource_is_accepted_and_stored() {
        let query = "client_id=shop&response_type=code&scope=message:read\
                     &resource=https://bank.example/&resource=https://talk.example";
        let request = parse(query).expect("a request");
        assert_eq!(request.resources, ["https://bank.example", "https://talk.example"]);
        let params = Params::parse(query.as_bytes()).expect("parameters");
        let encoded = encode("shop", &params).expect("short");
        assert_eq!(parse(&encoded).expect("a request"), request);
    }
}
