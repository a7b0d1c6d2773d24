//! The user in the token response of a provider: in the ID token, and at its userinfo endpoint.

use oauth2::{
    TokenResponse,
    http::{Method, Request, StatusCode, header},
};
use serde_json::{Map, Value};
use writ_core::{
    upstream::{
        ClaimPointers, Expected, IdToken, Identity, Preset, Profile, primary_email, subject_of, verify_with_secret,
    },
    vocabulary::{jwt::Broken, login_name, web_uri::WebUri},
};

use super::{Endpoints, Provider, UpstreamError, secret::Credentials, tokens::Tokens};
use crate::{clock::Clock, fetch::Fetcher};

/// The `typ` of ID tokens, if they have one.
const ID_TOKEN: [&str; 1] = ["jwt"];

impl Provider {
    /// The user of a token response.
    pub(super) async fn identify(
        &self,
        fetcher: &Fetcher,
        endpoints: &Endpoints,
        tokens: &Tokens,
        nonce: &str,
        clock: &Clock,
    ) -> Result<Identity, UpstreamError> {
        let now = clock.now();
        let Some(jwks) = &endpoints.jwks else {
            return self.identity_of_userinfo(fetcher, endpoints, tokens, now).await;
        };
        let id_token = tokens.id_token.as_deref();
        let id_token = id_token.ok_or_else(|| UpstreamError::IdToken("there is none".to_owned()))?;
        let mut claims = Value::Object(self.verified(fetcher, jwks, id_token, now).await?);
        if let Some(preset) = self.settings.preset {
            preset.amend(&mut claims);
        }
        // The fetches took some time.
        let (mut identity, sub) = self.identity_of_id_token(&claims, nonce, clock.now())?;
        // Many providers disclose the profile only at the userinfo endpoint.
        if let (None, Some(endpoint)) = (&identity.profile.email, &endpoints.userinfo) {
            let userinfo = self.userinfo(fetcher, endpoint, tokens, now).await?;
            let pointers = &self.settings.userinfo_claims;
            if subject_of(&userinfo, pointers).as_deref() != Some(&*sub) {
                return Err(UpstreamError::Userinfo("its sub is another one than that of the ID token"));
            }
            let profile = Profile::of(&userinfo, pointers);
            identity.profile = Profile { name: profile.name.or(identity.profile.name), ..profile };
        }
        Ok(identity)
    }

    /// The claims of an ID token that the provider has signed.
    async fn verified(
        &self,
        fetcher: &Fetcher,
        jwks: &WebUri,
        id_token: &str,
        now: i64,
    ) -> Result<Map<String, Value>, UpstreamError> {
        if self.has(Preset::signs_with_client_secret) {
            let Credentials::Secret(secret) = &self.credentials else {
                return Err(UpstreamError::IdToken("there is no client secret to verify it".to_owned()));
            };
            let verified = verify_with_secret(id_token, secret.secret().as_bytes());
            return verified.map_err(|reason| UpstreamError::IdToken(reason.to_string()));
        }
        let verified = fetcher.verify_published(jwks.as_str(), id_token, &ID_TOKEN, None, now).await;
        verified.map_err(|reason| UpstreamError::IdToken(reason.detail()))
    }

    /// The user of an ID token, and its `sub`.
    fn identity_of_id_token(&self, claims: &Value, nonce: &str, now: i64) -> Result<(Identity, String), UpstreamError> {
        let malformed = |error: serde_json::Error| UpstreamError::IdToken(error.to_string());
        let id_token: IdToken = serde_json::from_value(claims.clone()).map_err(malformed)?;
        let (configured, client_id) = (self.settings.issuer.as_str(), &self.settings.client_id);
        let issuer = match self.settings.preset {
            Some(preset) => preset.issuer_of(configured, claims)?,
            None => configured.into(),
        };
        id_token.check(Expected { issuer: &issuer, client_id, nonce, now })?;
        if let Some(domain) = &self.settings.hosted_domain {
            let hd = claims.get("hd").and_then(Value::as_str).unwrap_or_default();
            let description = "hd of the ID token is another domain";
            Broken::unless(hd.eq_ignore_ascii_case(domain), description, || hd.to_owned())?;
        }
        let pointers = ClaimPointers::default();
        let sub = subject_of(claims, &pointers);
        let sub = sub.ok_or_else(|| UpstreamError::IdToken("its sub cannot be stored".to_owned()))?;
        let subject = match self.settings.preset {
            Some(preset) => preset.subject_of(configured, claims, sub.clone()),
            None => sub.clone(),
        };
        let identity = Identity {
            issuer: configured.to_owned(),
            subject,
            sid: id_token.sid().map(str::to_owned),
            auth_time: id_token.auth_time(),
            profile: Profile::of(claims, &pointers),
        };
        Ok((identity, sub))
    }

    /// The user at a provider without ID tokens.
    async fn identity_of_userinfo(
        &self,
        fetcher: &Fetcher,
        endpoints: &Endpoints,
        tokens: &Tokens,
        now: i64,
    ) -> Result<Identity, UpstreamError> {
        let endpoint = endpoints.userinfo.as_ref().ok_or(UpstreamError::Userinfo("there is no userinfo endpoint"))?;
        let userinfo = self.userinfo(fetcher, endpoint, tokens, now).await?;
        let pointers = &self.settings.userinfo_claims;
        let subject = subject_of(&userinfo, pointers).ok_or(UpstreamError::Userinfo("it has no subject"))?;
        let mut profile = Profile::of(&userinfo, pointers);
        if self.has(Preset::has_emails_endpoint) {
            // Without the scope there are none. The user signs in all the same.
            let emails = fetch(fetcher, &format!("{}/emails", endpoint.as_str()), tokens, now).await?;
            profile.email = emails.as_ref().and_then(primary_email).and_then(login_name::verified_email);
            profile.email_verified = profile.email.is_some();
        }
        let issuer = self.settings.issuer.as_str().to_owned();
        Ok(Identity { issuer, subject, sid: None, auth_time: None, profile })
    }

    async fn userinfo(
        &self,
        fetcher: &Fetcher,
        endpoint: &WebUri,
        tokens: &Tokens,
        now: i64,
    ) -> Result<Value, UpstreamError> {
        let userinfo = fetch(fetcher, endpoint.as_str(), tokens, now).await?;
        let mut userinfo = userinfo.ok_or(UpstreamError::Userinfo("its status is not 200"))?;
        if let Some(preset) = self.settings.preset {
            preset.amend(&mut userinfo);
        }
        Ok(userinfo)
    }
}

/// Fetches what a provider discloses about the user with the access token
/// ([OpenID Connect Core
/// §5.3](https://openid.net/specs/openid-connect-core-1_0.html#UserInfo)). `None` if it refuses.
async fn fetch(fetcher: &Fetcher, url: &str, tokens: &Tokens, now: i64) -> Result<Option<Value>, UpstreamError> {
    let request = Request::builder()
        .method(Method::GET)
        .uri(url)
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", tokens.access_token().secret()))
        .body(Vec::new())
        .map_err(|_| UpstreamError::Userinfo("the access token cannot be sent"))?;
    let response = fetcher.send(request, now).await;
    let response = response.map_err(|error| UpstreamError::Unreachable("the userinfo endpoint", error))?;
    if response.status() != StatusCode::OK {
        return Ok(None);
    }
    serde_json::from_slice(response.body()).map(Some).map_err(|_| UpstreamError::Userinfo("it is not JSON"))
}
