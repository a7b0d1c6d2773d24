//! actix-web: the [`Token`] extractor, [`Protect`] as a middleware, the resource metadata (RFC
//! 9728).
//!
//! ```
//! # use actix_web::web; use writ_verifier::{Verifier, actix::Protect};
//! # fn routes(verifier: Verifier) -> impl actix_web::dev::HttpServiceFactory {
//! web::scope("/admin").wrap(Protect::new(verifier).require("admin"))
//! # }
//! ```

use std::{
    future::{Ready, ready},
    pin::Pin,
    rc::Rc,
};

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError,
    body::{EitherBody, MessageBody},
    dev::{HttpServiceFactory, Payload, Service, ServiceRequest, ServiceResponse, Transform},
    http::{StatusCode, header},
    web,
};

pub use crate::protect::Protect;
use crate::{Token, Verifier, VerifyError, protect::verify};

type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// Verifies the request's token with the [`Verifier`] in `app_data` (plain or in [`web::Data`]),
/// or takes the token that [`Protect`] verified.
impl FromRequest for Token {
    type Error = Error;
    type Future = LocalFuture<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        if let Some(token) = request.extensions().get::<Token>() {
            return Box::pin(ready(Ok(token.clone())));
        }
        let in_data = || Some(request.app_data::<web::Data<Verifier>>()?.get_ref());
        let Some(verifier) = request.app_data::<Verifier>().or_else(in_data).cloned() else {
            tracing::error!("the app has no writ_verifier::Verifier in its app_data");
            return Box::pin(ready(Err(actix_web::error::ErrorInternalServerError("no verifier"))));
        };
        let request = request.clone();
        Box::pin(async move { Ok(verify(&verifier, authorization(&request)).await?) })
    }
}

fn authorization(request: &HttpRequest) -> impl Iterator<Item = &[u8]> {
    request.headers().get_all(header::AUTHORIZATION).map(|value| value.as_bytes())
}

impl ResponseError for VerifyError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::UNAUTHORIZED)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(challenge) = self.challenge() {
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        if let Some(seconds) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        response.json(self.body())
    }
}

/// Serves the resource metadata (RFC 9728). Register it with `App::service`.
pub fn resource_metadata(verifier: &Verifier) -> impl HttpServiceFactory + 'static {
    let document = verifier.resource_metadata().clone();
    web::resource(document.path()).route(web::get().to(move || {
        let response = HttpResponse::Ok().insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")).json(&document);
        ready(response)
    }))
}

impl<S, B> Transform<S, ServiceRequest> for Protect
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type InitError = ();
    type Transform = Protected<S>;
    type Future = Ready<Result<Protected<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Protected { service: Rc::new(service), protect: self.clone() }))
    }
}

/// A service behind [`Protect`].
pub struct Protected<S> {
    service: Rc<S>,
    protect: Protect,
}

impl<S, B> Service<ServiceRequest> for Protected<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = LocalFuture<Result<Self::Response, Error>>;

    actix_web::dev::forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (service, protect) = (Rc::clone(&self.service), self.protect.clone());
        Box::pin(async move {
            match protect.authorize(authorization(request.request())).await {
                Ok(token) => {
                    request.extensions_mut().insert(token);
                    Ok(service.call(request).await?.map_into_left_body())
                }
                Err(refusal) => Ok(request.error_response(refusal).map_into_right_body()),
            }
        })
    }
}
