//! The logout tokens of a provider.

use serde_json::{Map, Value};
use writ_core::upstream::{Addressed, LogoutToken, Preset};

use super::{Provider, UpstreamError};
use crate::{clock::Clock, fetch::Fetcher};

/// The `typ` of logout tokens, if they have one. Not all providers use the first one
/// ([OpenID Connect Back-Channel Logout
/// §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken)).
const LOGOUT_TOKEN: [&str; 2] = ["logout+jwt", "jwt"];

impl Provider {
    /// Whether it can inform this server of a logout with a token: it signs with published keys,
    /// and has one issuer. Microsoft, which has several, documents no logout token, so that it is
    /// unknown whose `sub` a token of its shared tenants would name.
    pub fn sends_logout_tokens(&self) -> bool {
        let issuer = self.settings.issuer.as_str();
        let has_several = self.settings.preset.is_some_and(|preset| preset.has_several_issuers(issuer));
        self.has_logout_frames() && !has_several
    }

    /// Whether it can inform this server of a logout in a frame.
    pub fn has_logout_frames(&self) -> bool {
        self.has_id_tokens() && !self.has(Preset::signs_with_client_secret)
    }

    /// Whether a frame with this `iss` is about a session at this provider.
    pub fn is_issuer_of_frame(&self, iss: &str) -> bool {
        let issuer = self.settings.issuer.as_str();
        self.settings.preset.map_or(iss == issuer, |preset| preset.stands_for(issuer, iss))
    }

    /// Verifies a logout token, except that it is used once.
    ///
    /// # Errors
    /// [`UpstreamError`] with the reason.
    pub async fn logout_token(
        &self,
        fetcher: &Fetcher,
        token: &str,
        clock: &Clock,
    ) -> Result<LogoutToken, UpstreamError> {
        let endpoints = self.endpoints(fetcher, clock.now()).await?;
        let refused = |reason: String| UpstreamError::LogoutToken(reason);
        let jwks = endpoints.jwks.ok_or_else(|| refused("the provider has no keys".to_owned()))?;
        let now = clock.now();
        let verified = fetcher.verify_published::<Map<String, Value>>(jwks.as_str(), token, &LOGOUT_TOKEN, None, now);
        let claims = verified.await.map_err(|reason| refused(reason.detail()))?;
        // The fetches took some time.
        let (issuer, client_id) = (self.settings.issuer.as_str(), &self.settings.client_id);
        let parsed = LogoutToken::parse(claims, Addressed { issuer, client_id, now: clock.now() });
        parsed.map_err(|broken| refused(format!("{}: {}", broken.description, broken.detail)))
    }
}
