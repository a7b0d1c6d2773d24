//! An authorization request, parsed (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1).

use writ_core::{
    Cause, ClientMetadata, Error, ErrorCode, Params, ScopeSet,
    vocabulary::{
        authorization_details, claims_request::ClaimsRequest, client_metadata::GrantType, display, params,
        pkce::CodeChallenge, prompt::Prompt, redirect_uri::RedirectUri, response_mode::ResponseMode,
    },
};

use crate::{scopes::ScopeDirectory, store::clients::Client};

/// The parameters that mean something to us besides `client_id`: what a pending request keeps.
const PARAMETERS: [&str; 15] = [
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
    "login_hint",
    "id_token_hint",
    "claims",
    "ui_locales",
    "resource",
];

/// The most bytes of a parameter that an app has us carry: `state` and `nonce`.
pub const CARRIED_LENGTH: usize = 2048;

/// What is asked for, once client and redirect URI are known good.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// Requested and allowed for the client, with the scopes that stand for single claims.
    pub scope: ScopeSet,
    /// Of these scopes, those that nobody asked for by name: a person allows them, and the app gets the claims alone.
    pub implied: ScopeSet,
    /// Of these scopes, those without which the app cannot work.
    pub required: ScopeSet,
    /// Single claims asked for (OpenID Connect Core §5.5).
    pub claims: ClaimsRequest,
    /// The resource server the tokens are for, where the app named it (RFC 8707 §2).
    pub resource: Option<String>,
    /// To be repeated in the ID token.
    pub nonce: Option<String>,
    /// What the code verifier must match.
    pub code_challenge: Option<CodeChallenge>,
    /// What to show, whatever we remember.
    pub prompt: Prompt,
    /// The oldest sign-in that will do, in seconds.
    pub max_age: Option<i64>,
}

impl AuthorizationRequest {
    /// Parses the parameters of `client`'s request.
    ///
    /// # Errors
    /// The authorization error to redirect with.
    pub fn parse(params: &Params, client: &ClientMetadata, catalogue: &ScopeDirectory) -> Result<Self, Error> {
        params.check_unrepeated()?;
        if params.get("registration")?.is_some() {
            let description = "the parameter registration is not supported";
            return Err(Error::new(ErrorCode::RegistrationNotSupported, description));
        }
        match params.require("response_type")? {
            "code" => {}
            other => {
                return Err(Error::new(ErrorCode::UnsupportedResponseType, "response_type must be code")
                    .because(format!("it is {other}")));
            }
        }
        if !client.allows(GrantType::AuthorizationCode) {
            return Err(Error::new(
                Cause::GrantTypeUnregistered,
                "this client is not registered for authorization_code",
            ));
        }
        if ResponseMode::parse(params.get("response_mode")?).is_none() {
            return Err(Error::new(Cause::ResponseModeUnsupported, "response_mode must be query or form_post"));
        }
        for name in ["state", "nonce"] {
            if params.get(name)?.is_some_and(|value| value.len() > CARRIED_LENGTH) {
                return Err(Error::new(Cause::ValueTooLong, format!("{name} has more than {CARRIED_LENGTH} bytes")));
            }
        }
        let scope = scope(params, client, catalogue)?;
        let claims = claims(params, &scope)?;
        let nonce = params.get("nonce")?.map(str::to_owned);
        let code_challenge = code_challenge(params)?;
        authorization_details::refuse(params.get("authorization_details")?)?;
        if params.get("display")?.is_some_and(|asked| !display::SUPPORTED.contains(&asked)) {
            return Err(Error::new(Cause::DisplayInvalid, "display must be page, popup, touch or wap"));
        }
        let resource = params.get("resource")?.map(str::to_owned);
        catalogue.audience(&scope, resource.as_deref())?;
        let implied = claims.scopes().intersect(&client.scope).without(&scope);
        Ok(Self {
            resource,
            claims,
            required: required(&scope, client),
            prompt: Prompt::parse(params.get("prompt")?.unwrap_or_default())
                .map_err(|reason| Error::new(Cause::PromptInvalid, reason))?,
            max_age: params.get("max_age")?.map(max_age).transpose()?.or(client.default_max_age),
            scope: scope.union(&implied),
            implied,
            nonce,
            code_challenge,
        })
    }

    /// What ties the answer to who asked, so that nobody else can use its code (RFC 9700 §2.1.1): PKCE, or for a confidential
    /// `client` that registered so, a nonce. Only where the operator does not `require_pkce` may such a client leave out both.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn check_binding(&self, client: &ClientMetadata, require_pkce: bool) -> Result<(), Error> {
        if self.code_challenge.is_some() || (!require_pkce && !client.is_public()) {
            return Ok(());
        }
        if client.require_pkce {
            return Err(Error::new(
                Cause::CodeChallengeMissing,
                "code_challenge is missing: this server requires PKCE with S256",
            ));
        }
        if !(self.scope.contains("openid") && self.nonce.is_some()) {
            return Err(Error::new(
                Cause::NonceMissing,
                "without a code_challenge the request must have the scope openid and a nonce",
            ));
        }
        Ok(())
    }
}

/// The parameters that mean something to us, form-encoded: what is stored of a client's request. It is read again like a request,
/// and so has the same bound: in a signed object, or in a form of other characters than ASCII, more than that can come.
///
/// # Errors
/// `invalid_request`: they are too long.
pub fn encode(client_id: &str, params: &Params) -> Result<String, Error> {
    let known = PARAMETERS.iter().filter_map(|name| Some((*name, params.get(name).ok()??)));
    let encoded = params::append_encoded(String::new(), std::iter::once(("client_id", client_id)).chain(known));
    if encoded.len() > params::MAX_LENGTH {
        let description = format!("the parameters have more than {} bytes when they are encoded", params::MAX_LENGTH);
        return Err(Error::new(Cause::ParametersMalformed, description));
    }
    Ok(encoded)
}

/// The request's redirect URI, which must be one that its client registered.
///
/// # Errors
/// `invalid_request`, for a page or a JSON answer: there is nowhere to redirect to.
pub fn redirect_uri<'a>(client: &Client, params: &'a Params) -> Result<&'a str, Error> {
    let redirect_uri = params.require("redirect_uri")?;
    if client.metadata.redirect_uri(redirect_uri).is_none() {
        let registered: Vec<&str> = client.metadata.redirect_uris.iter().map(RedirectUri::as_str).collect();
        return Err(Error::new(Cause::RedirectUriUnregistered, "redirect_uri is not one that this client registered")
            .because(format!("client {} registered {registered:?} and sent {redirect_uri:?}", client.id))
            .expected(likeliest(&registered, redirect_uri), redirect_uri)
            .of(&client.id));
    }
    Ok(redirect_uri)
}

/// Of `registered` the one that begins most like `sent`.
pub fn likeliest<'a>(registered: &[&'a str], sent: &str) -> &'a str {
    let alike = |uri: &&&str| uri.bytes().zip(sent.bytes()).take_while(|(a, b)| a == b).count();
    registered.iter().max_by_key(alike).copied().unwrap_or_default()
}

/// The requested scopes, whoever owns them; an omitted `scope` asks for what the client cannot do without.
///
/// # Errors
/// `invalid_scope`.
pub fn asked_scope(params: &Params, client: &ClientMetadata) -> Result<ScopeSet, Error> {
    let scope = ScopeSet::asked(params)?.unwrap_or_else(|| client.required_scope.clone());
    if scope.is_empty() {
        return Err(Error::new(Cause::ScopeMissing, "scope is missing, and no scope is registered as required"));
    }
    Ok(scope)
}

/// The requested scopes, each of which exists and is registered for the client.
///
/// # Errors
/// `invalid_scope`.
pub fn scope(params: &Params, client: &ClientMetadata, catalogue: &ScopeDirectory) -> Result<ScopeSet, Error> {
    let scope = asked_scope(params, client)?;
    for name in scope.iter() {
        if catalogue.owner(name).is_none() {
            return Err(Error::new(Cause::ScopeUnknown, format!("the scope {name} is unknown")));
        }
        if !client.scope.contains(name) {
            return Err(Error::new(
                Cause::ScopeUnregistered,
                format!("the scope {name} is not registered for this client"),
            )
            .expected(client.scope.to_string(), scope.to_string()));
        }
    }
    Ok(scope)
}

/// What `claims` asks for; without `openid` it means nothing.
fn claims(params: &Params, scope: &ScopeSet) -> Result<ClaimsRequest, Error> {
    let Some(text) = params.get("claims")? else { return Ok(ClaimsRequest::default()) };
    let claims = ClaimsRequest::parse(text).map_err(|reason| Error::new(Cause::ClaimsInvalid, reason))?;
    if !scope.contains("openid") {
        return Ok(ClaimsRequest::default());
    }
    if !claims.acr_is_met() {
        return Err(Error::new(
            ErrorCode::UnmetAuthenticationRequirements,
            "acr is essential with a value that this server does not reach",
        ));
    }
    Ok(claims)
}

/// Of the requested scopes, those that cannot be unticked: `openid` cannot be left out of an OpenID request, since without it the
/// answer is another protocol's.
pub fn required(scope: &ScopeSet, client: &ClientMetadata) -> ScopeSet {
    scope.filter(|name| name == "openid" || client.required_scope.contains(name))
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
