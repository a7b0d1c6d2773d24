//! The complete flow with the `oauth2` crate, which knows only the issuer.

use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IntrospectionUrl,
    PkceCodeChallenge, RedirectUrl, RequestTokenError, RevocationUrl, Scope, StandardRevocableToken,
    TokenIntrospectionResponse, TokenResponse, TokenUrl,
    basic::{BasicClient, BasicErrorResponseType},
};
use serde_json::{Value, json};

use crate::support::TestServer;

/// Sends a request of the `oauth2` or the `openidconnect` crate.
pub(crate) async fn send(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = reqwest::Client::new().execute(request.try_into()?).await?;
    let mut response = HttpResponse::default();
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    *response.body_mut() = answer.bytes().await?.into();
    Ok(response)
}

#[tokio::test]
async fn client_completes_the_flow_from_discovery_alone() {
    let server = TestServer::start().await;
    let app = server.register("an app & co", json!({ "rotate_refresh_tokens": true })).await;
    let url = format!("{}/.well-known/oauth-authorization-server", server.issuer);
    let metadata: Value = reqwest::get(url).await.expect("an answer").json().await.expect("a document");
    let endpoint = |name: &str| metadata[name].as_str().expect(name).to_owned();
    assert_eq!(metadata["issuer"], server.issuer);
    let client = BasicClient::new(ClientId::new(app.id.clone()))
        .set_client_secret(ClientSecret::new(app.secret.clone().expect("a secret")))
        .set_auth_uri(AuthUrl::new(endpoint("authorization_endpoint")).expect("a URL"))
        .set_token_uri(TokenUrl::new(endpoint("token_endpoint")).expect("a URL"))
        .set_introspection_url(IntrospectionUrl::new(endpoint("introspection_endpoint")).expect("a URL"))
        // The crate accepts only https URLs here. The URL is replaced before it is called.
        .set_revocation_url(
            RevocationUrl::new(endpoint("revocation_endpoint").replace("http:", "https:")).expect("a URL"),
        )
        .set_redirect_uri(RedirectUrl::new(app.redirect_uri.clone()).expect("a URL"));

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let scopes = ["openid", "profile:read", "message:read"];
    let (url, state) = client
        .authorize_url(CsrfToken::new_random)
        .add_scopes(scopes.map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    let browser = server.browser();
    let login = browser.open(url.as_str()).await;
    let consent = browser.sign_in(&login, "alice").await;
    let sent = browser.allow(&consent, &["openid", "profile:read"]).await;
    assert_eq!(sent.parameter("state").as_ref(), Some(state.secret()));
    assert_eq!(sent.parameter("iss").as_ref(), Some(&server.issuer));

    let code = AuthorizationCode::new(sent.parameter("code").expect("a code"));
    let tokens = client.exchange_code(code.clone()).set_pkce_verifier(verifier).request_async(&send).await;
    let tokens = tokens.expect("tokens");
    let granted: Vec<&str> = tokens.scopes().expect("scopes").iter().map(|scope| scope.as_str()).collect();
    assert_eq!(granted, ["openid", "profile:read"]);
    let introspected = client.introspect(tokens.access_token()).request_async(&send).await.expect("an answer");
    assert!(introspected.active());
    assert_eq!(introspected.client_id().map(|id| id.as_str()), Some("an app & co"));

    let refreshed = client.exchange_refresh_token(tokens.refresh_token().expect("a refresh token"));
    let refreshed = refreshed.request_async(&send).await.expect("tokens");
    let newest = refreshed.refresh_token().expect("a refresh token").clone();
    let own = client.exchange_client_credentials().add_scope(Scope::new("message:read".to_owned()));
    own.request_async(&send).await.expect("a token of its own");

    let revocation = client.revoke_token(StandardRevocableToken::from(newest.clone())).expect("a revocation");
    let plain = async |mut request: HttpRequest| {
        let uri = request.uri().to_string().replace("https:", "http:");
        *request.uri_mut() = uri.parse().expect("a URI");
        send(request).await
    };
    revocation.request_async(&plain).await.expect("revoked");
    let refused = client.exchange_refresh_token(&newest).request_async(&send).await;
    let Err(RequestTokenError::ServerResponse(refusal)) = refused else { panic!("{refused:?}") };
    assert_eq!(refusal.error(), &BasicErrorResponseType::InvalidGrant);
}
