//! A customer who is logged in at Shop: the tokens, and the data read with them.

use std::time::{Duration, Instant};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use oauth2::{TokenResponse, basic::BasicTokenResponse};
use serde_json::{Map, Value};

use super::{
    log_in::{LogIn, NotLoggedIn, PAYMENT, SCOPES},
    talk_api::{Answer, Call, Profile, TalkApi},
};

/// How long before its expiry a token is renewed, so that it cannot expire during a request.
const RENEW_BEFORE: Duration = Duration::from_secs(10);

pub(super) struct Customer {
    tokens: BasicTokenResponse,
    renew_at: Option<Instant>,
    pub(super) profile: Option<Profile>,
    /// Talk's latest response.
    pub(super) answer: Answer,
}

impl Customer {
    /// Creates the customer after a login and reads the profile.
    pub(super) async fn greet(tokens: BasicTokenResponse, talk: &TalkApi) -> Self {
        let answer = talk.ask(Call::ReadProfile, tokens.access_token()).await;
        Self { renew_at: renew_at(&tokens), profile: answer.profile(), tokens, answer }
    }

    /// Sends `call` to Talk, after refreshing the access token if it is about to expire.
    ///
    /// # Errors
    ///
    /// An error if the token has expired and cannot be refreshed. The customer must log in again.
    pub(super) async fn ask(&mut self, call: Call, talk: &TalkApi, log_in: &LogIn) -> Result<(), NotLoggedIn> {
        if self.renew_at.is_some_and(|at| at <= Instant::now()) {
            self.renew(log_in).await?;
        }
        self.answer = talk.ask(call, self.tokens.access_token()).await;
        Ok(())
    }

    async fn renew(&mut self, log_in: &LogIn) -> Result<(), NotLoggedIn> {
        let Some(refresh_token) = self.tokens.refresh_token().cloned() else {
            return Ok(());
        };
        let mut tokens = log_in.refresh(&refresh_token).await?;
        if tokens.refresh_token().is_none() {
            tokens.set_refresh_token(Some(refresh_token));
        }
        self.renew_at = renew_at(&tokens);
        self.tokens = tokens;
        Ok(())
    }

    /// The scopes of Talk, and whether each was granted. A response without `scope` grants all that
    /// were requested (RFC 6749 §5.1).
    pub(super) fn scopes(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let granted = self.tokens.scopes();
        SCOPES.into_iter().chain([PAYMENT]).map(move |scope| {
            let is_granted = granted.map_or(scope != PAYMENT, |all| all.iter().any(|one| one.as_str() == scope));
            (scope, is_granted)
        })
    }

    /// The unverified claims of the access token, for display only: the token is for Talk, and a
    /// client must not rely on its content (RFC 9068 §6).
    pub(super) fn claims(&self) -> Map<String, Value> {
        let token = self.tokens.access_token().secret();
        token
            .split('.')
            .nth(1)
            .and_then(|payload| BASE64_URL_SAFE_NO_PAD.decode(payload).ok())
            .and_then(|payload| serde_json::from_slice(&payload).ok())
            .unwrap_or_default()
    }
}

fn renew_at(tokens: &BasicTokenResponse) -> Option<Instant> {
    let lifetime = tokens.expires_in()?;
    Some(Instant::now() + lifetime.saturating_sub(RENEW_BEFORE))
}
