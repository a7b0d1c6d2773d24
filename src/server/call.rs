//! One HTTP request, with what every handler asks of it.

use std::{
    future::{Ready, ready},
    net::IpAddr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, error::ErrorInternalServerError, web::Data};
use writ_core::{Error, Params};

use super::Server;
use crate::web::{
    client_address,
    cookies::{self, Name},
    page::PageContext,
};

/// A request to this node: an extractor, so that handlers pass on one value.
#[derive(Clone)]
pub struct Call {
    /// The node.
    pub server: Data<Server>,
    /// The request as it came.
    pub request: HttpRequest,
}

impl Call {
    /// The client's IP address, as far as the trusted proxies tell.
    pub fn client_address(&self) -> IpAddr {
        client_address::client_address(&self.request, &self.server.settings.server.trusted_proxies)
    }

    /// What is counted and recorded as one place: an IPv4 address or an IPv6 /64.
    pub fn network(&self) -> String {
        client_address::network(self.client_address())
    }

    /// A header's value; empty if it is absent or not ASCII.
    pub fn header(&self, name: &str) -> &str {
        self.request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The value of a cookie of ours.
    pub fn cookie(&self, name: Name) -> Option<String> {
        cookies::read(&self.request, name, self.server.front.https)
    }

    /// The query's parameters.
    ///
    /// # Errors
    /// `invalid_request`, as [`Params::parse`].
    pub fn query(&self) -> Result<Params, Error> {
        Params::parse(self.request.query_string().as_bytes())
    }

    /// The frame of a page, in the first language of `ui_locales` that exists, or else in the
    /// user's.
    pub fn page(&self, ui_locales: Option<&str>) -> PageContext {
        self.server.front.page(&self.request, ui_locales)
    }
}

impl FromRequest for Call {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let server = request.app_data::<Data<Server>>().cloned();
        ready(match server {
            Some(server) => Ok(Self { server, request: request.clone() }),
            None => Err(ErrorInternalServerError("the app has no server")),
        })
    }
}
