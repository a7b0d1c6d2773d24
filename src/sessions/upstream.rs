//! Signing in with another provider. What was read before a fetch is read again in the unit of work
//! that relies on it.

pub mod first_time;
pub mod links;
pub mod logout;
mod sign_in;

use actix_web::web::Data;
use url::Url;
use writ_core::{
    Params,
    upstream::{Denied, Identity},
};

pub use self::sign_in::SignIn;
use super::{csrf, sign_in::SignInBrowser};
use crate::{
    fault::Fault,
    secret::{Handle, sha256},
    server::{Call, Server},
    store::{
        Id, Tx,
        upstream_attempts::{self, Attempt, LIFETIME},
    },
    upstream::{AuthenticationRequest, Provider, Redemption, UpstreamError},
    web::limits::of_strangers,
};

/// The kind of the limits on attempts.
const ATTEMPTS: &str = "upstream";

/// What a sign-in at another provider is for.
pub struct Start<'a> {
    /// The cookie that identifies the browser.
    pub browser: &'a str,
    /// The session whose user links the provider. `None` if it is a sign-in.
    pub session_id: Option<Id>,
    /// Maximum age of the user's authentication there, in seconds. `None` if it does not matter.
    pub max_age: Option<i64>,
    /// The handle of the authorization request that waits. Empty without one.
    pub request: String,
    /// The account page that follows without a request.
    pub return_to: String,
    /// The `login_hint` of that request.
    pub login_hint: Option<&'a str>,
    /// The BCP 47 tag of the language of the page.
    pub language: String,
}

/// The result of starting a sign-in.
pub enum Started {
    /// The browser continues at this URL of the provider.
    Away(Url),
    /// There were too many. Seconds until another one is accepted.
    Throttled(i64),
    /// The metadata of the provider cannot be used.
    Unavailable,
}

/// Why a user is not signed in or linked, as shown to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The user cancelled at the provider.
    Cancelled,
    /// The provider cannot be reached, or its response is not accepted.
    Unavailable,
    /// The user must have authenticated again, and the provider does not say so.
    NotRecent,
    /// The account is disabled.
    Disabled,
    /// The user of the provider is linked to another account.
    LinkedElsewhere,
    /// The session, or the sign-in at the provider, has ended.
    Ended,
}

/// Counts an attempt and stores it, and then makes the URL at which the user continues.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn start(call: &Call, provider: &Provider, start: Start<'_>) -> Result<Started, Fault> {
    let server = &call.server;
    let (now, handle) = (server.clock.now(), Handle::random());
    let attempt = Attempt {
        id: Id(handle.id),
        secret_hash: handle.secret.hash().0.to_vec(),
        browser: sha256(start.browser),
        provider: provider.settings.id.clone(),
        session_id: start.session_id,
        since: start.max_age.map(|seconds| now.saturating_sub(seconds)),
        request: start.request,
        return_to: start.return_to,
        created_at: now,
        expires_at: now + LIFETIME,
    };
    let limits = of_strangers(&server.settings.throttle, ATTEMPTS, call.client_address());
    let unit = move |tx: &mut Tx<'_>| {
        let wait = limits.attempt(tx)?;
        if wait.is_none() {
            upstream_attempts::insert(tx, &attempt)?;
        }
        Ok(wait)
    };
    if let Some(seconds) = server.store.write(unit).await? {
        return Ok(Started::Throttled(seconds));
    }
    let state = handle.expose();
    let request = AuthenticationRequest {
        nonce: nonce(server, &state),
        code_verifier: code_verifier(server, &state),
        state,
        max_age: start.max_age,
        language: start.language,
        login_hint: start.login_hint,
    };
    Ok(match provider.authorization_url(&server.fetcher, request, now).await {
        Ok(url) => Started::Away(url),
        Err(error) => {
            failed(provider, &error);
            Started::Unavailable
        }
    })
}

/// The attempt that an authorization response belongs to, once. `None` if it has expired or was
/// used, or began in another browser or at another provider
/// ([RFC 9700 §4.4.2](https://www.rfc-editor.org/rfc/rfc9700#section-4.4.2)).
///
/// # Errors
/// [`Fault`] of the store.
pub async fn take(
    server: &Server,
    provider: &Provider,
    state: &str,
    browser: Option<&str>,
) -> Result<Option<Attempt>, Fault> {
    let (Some(handle), Some(browser)) = (Handle::parse(state), browser.map(sha256)) else { return Ok(None) };
    let (id, hash, provider) = (Id(handle.id), handle.secret.hash(), provider.settings.id.clone());
    server.store.write(move |tx| upstream_attempts::take(tx, id, &hash.0, &browser, &provider)).await
}

/// Completes a sign-in with the authorization response of the provider.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn sign_in(
    server: &Data<Server>,
    provider: &Provider,
    attempt: &Attempt,
    params: &Params,
    browser: SignInBrowser,
) -> Result<Result<SignIn, Failure>, Fault> {
    let now = server.clock.now();
    let identity = match authenticate(server, provider, params).await {
        Ok(identity) => identity,
        Err(failure) => return Ok(Err(failure)),
    };
    let Ok(evidence) = identity.evidence(attempt.since, now) else {
        tracing::info!(provider = provider.settings.id, "sign-in refused: the provider does not say that it is recent");
        return Ok(Err(Failure::NotRecent));
    };
    let since = identity.auth_time.unwrap_or(attempt.created_at);
    sign_in::begin(server, provider, attempt, identity, evidence, browser, since).await
}

/// The user who has authenticated at the provider.
async fn authenticate(server: &Server, provider: &Provider, params: &Params) -> Result<Identity, Failure> {
    let (fetcher, now) = (&server.fetcher, server.clock.now());
    let state = params.get("state").ok().flatten().unwrap_or_default();
    let authenticated = async {
        let code = provider.code(fetcher, params, now).await?;
        let (code_verifier, nonce) = (code_verifier(server, state), nonce(server, state));
        let redemption = Redemption { code, state, code_verifier, nonce: &nonce };
        let mut identity = provider.redeem(fetcher, redemption, &server.clock).await?;
        identity.profile.name = identity.profile.name.or_else(|| provider.posted_name(params));
        Ok(identity)
    };
    authenticated.await.map_err(|error| {
        failed(provider, &error);
        match error {
            UpstreamError::Denied(Denied::ByUser) => Failure::Cancelled,
            _ => Failure::Unavailable,
        }
    })
}

fn failed(provider: &Provider, error: &UpstreamError) {
    match error {
        UpstreamError::Denied(Denied::ByUser) => tracing::info!(provider = provider.settings.id, "sign-in cancelled"),
        error => tracing::warn!(provider = provider.settings.id, %error, "no sign-in at the provider"),
    }
}

/// The nonce of an attempt, derived from its state.
fn nonce(server: &Server, state: &str) -> String {
    csrf::token(&server.front.form_key, "upstream nonce", &[state])
}

/// The PKCE code verifier of an attempt, derived from its state and never disclosed but to the
/// provider.
fn code_verifier(server: &Server, state: &str) -> String {
    csrf::token(&server.front.form_key, "upstream code verifier", &[state])
}
