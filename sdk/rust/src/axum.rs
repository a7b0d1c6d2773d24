//! axum: the [`Token`] extractor, [`Protect`] as a tower layer, the resource metadata (RFC 9728).
//!
//! ```
//! # use axum::Router; use writ_verifier::{Verifier, axum::Protect};
//! # fn routes(admin: Router, verifier: Verifier) -> Router {
//! admin.layer(Protect::new(verifier).require("admin"))
//! # }
//! ```
//!
//! Behind the layer, `Extension<Token>` works too, for routers whose state has no verifier.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::Body,
    extract::{FromRef, FromRequestParts, Request},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use tower_layer::Layer;
use tower_service::Service;

pub use crate::protect::Protect;
use crate::{Token, Verifier, VerifyError, protect::verify};

/// Verifies the request's token with the router state's [`Verifier`], or takes the token that
/// [`Protect`] verified.
impl<S> FromRequestParts<S> for Token
where
    Verifier: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = VerifyError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, VerifyError> {
        match parts.extensions.get::<Token>() {
            Some(token) => Ok(token.clone()),
            None => verify(&Verifier::from_ref(state), authorization(&parts.headers)).await,
        }
    }
}

fn authorization(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(header::AUTHORIZATION).iter().map(|value| value.as_bytes())
}

impl IntoResponse for VerifyError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        let mut response = json(self.body().to_string());
        *response.status_mut() = status;
        if let Some(challenge) = self.challenge().and_then(|value| value.try_into().ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

fn json(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Serves the resource metadata (RFC 9728). Merge it into a router.
pub fn resource_metadata<S>(verifier: &Verifier) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let document = verifier.resource_metadata().clone();
    let path = document.path();
    Router::new().route(
        &path,
        get(async move || {
            let body = serde_json::json!(document).to_string();
            ([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], json(body))
        }),
    )
}

impl<S> Layer<S> for Protect {
    type Service = Protected<S>;

    fn layer(&self, service: S) -> Protected<S> {
        Protected { service, protect: self.clone() }
    }
}

/// A service behind [`Protect`].
#[derive(Clone)]
pub struct Protected<S> {
    service: S,
    protect: Protect,
}

impl<S> Service<Request> for Protected<S>
where
    S: Service<Request, Error = Infallible> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        // The service that was polled ready must be the one that is called.
        let clone = self.service.clone();
        let mut service = std::mem::replace(&mut self.service, clone);
        let protect = self.protect.clone();
        Box::pin(async move {
            match protect.authorize(authorization(request.headers())).await {
                Ok(token) => {
                    request.extensions_mut().insert(token);
                    service.call(request).await.map(IntoResponse::into_response)
                }
                Err(refusal) => Ok(refusal.into_response()),
            }
        })
    }
}
