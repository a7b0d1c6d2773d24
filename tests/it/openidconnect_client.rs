//! OpenID Connect with the `openidconnect` crate, which knows only the issuer.

use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, LogoutRequest, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope,
    TokenResponse,
    core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreUserInfoClaims},
};
use serde_json::json;

use crate::{independent_client::send, support::TestServer};

const SIGNED_OUT: &str = "https://shop.example/signed-out";

#[tokio::test]
async fn openidconnect_crate_discovers_signs_in_refreshes_and_signs_out() {
    let server = TestServer::start().await;
    let app = server.register("shop", json!({ "post_logout_redirect_uris": [SIGNED_OUT] })).await;
    let issuer = IssuerUrl::new(server.issuer.clone()).expect("a URL");
    let metadata = ProviderMetadataWithLogout::discover_async(issuer, &send).await.expect("metadata and keys");
    let end_session = metadata.additional_metadata().end_session_endpoint.clone().expect("an endpoint");
    let secret = ClientSecret::new(app.secret.clone().expect("a secret"));
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(app.id.clone()), Some(secret))
        .set_redirect_uri(RedirectUrl::new(app.redirect_uri.clone()).expect("a URL"));

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = || CoreAuthenticationFlow::AuthorizationCode;
    let (url, state, nonce) = client
        .authorize_url(flow(), CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["email", "profile:read"].map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    let browser = server.browser();
    let consent = browser.sign_in(&browser.open(url.as_str()).await, "alice").await;
    let sent = browser.allow(&consent, &["openid", "email", "profile:read"]).await;
    assert_eq!(sent.parameter("state").as_ref(), Some(state.secret()));

    let code = AuthorizationCode::new(sent.parameter("code").expect("a code"));
    let exchange = client.exchange_code(code).expect("a token endpoint").set_pkce_verifier(verifier);
    let tokens = exchange.request_async(&send).await.expect("tokens");
    let id_token = tokens.id_token().expect("an ID token");
    let trusted = client.id_token_verifier();
    let claims = id_token.claims(&trusted, &nonce).expect("a good ID token");
    let hash = AccessTokenHash::from_token(
        tokens.access_token(),
        id_token.signing_alg().expect("an algorithm"),
        id_token.signing_key(&trusted).expect("a published key"),
    );
    assert_eq!(claims.access_token_hash(), Some(&hash.expect("a hash")));
    assert!(id_token.claims(&trusted, &Nonce::new_random()).is_err(), "the nonce counts");
    let told: CoreUserInfoClaims = client
        .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
        .expect("a userinfo endpoint")
        .request_async(&send)
        .await
        .expect("userinfo of the same user");
    assert_eq!(told.email().map(|email| email.as_str()), Some("alice@example.com"));

    let refresh_token = tokens.refresh_token().expect("a refresh token");
    let refreshed = client.exchange_refresh_token(refresh_token).expect("a token endpoint");
    let refreshed = refreshed.request_async(&send).await.expect("tokens");
    let again = refreshed.id_token().expect("an ID token").claims(&trusted, |_: Option<&Nonce>| Ok(()));
    assert_eq!(again.expect("a good ID token").subject(), claims.subject());

    let logout = LogoutRequest::from(end_session)
        .set_id_token_hint(id_token)
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(SIGNED_OUT.to_owned()).expect("a URL"))
        .set_state(CsrfToken::new("see you".to_owned()));
    let signed_out = browser.open(logout.http_get_url().as_str()).await;
    let back = signed_out.next().expect("the way back");
    assert_eq!(back.split('?').next(), Some(SIGNED_OUT));
    assert_eq!(signed_out.parameter("state").as_deref(), Some("see you"));
    let silent = client.authorize_url(flow(), CsrfToken::new_random, Nonce::new_random);
    let (challenge, _) = PkceCodeChallenge::new_random_sha256();
    let (url, ..) = silent.add_prompt(CoreAuthPrompt::None).set_pkce_challenge(challenge).url();
    let refused = browser.open(url.as_str()).await;
    assert_eq!(refused.parameter("error").as_deref(), Some("login_required"));
}
