//! An HTTP request with the data that every handler needs.

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

/// A request to this node. It is an extractor, so that handlers pass a single value.
#[derive(Clone)]
pub struct Call {
    /// The node.
    pub server: Data<Server>,
    /// The HTTP request.
    pub request: HttpRequest,
}

impl Call {
    /// The client's IP address, as determined with the trusted proxies.
    pub fn client_address(&self) -> IpAddr {
        client_address::client_address(&self.request, &self.server.settings.server.trusted_proxies)
    }

    /// The network for counting and recording: an IPv4 address or an IPv6 /64.
    pub fn network(&self) -> String {
        client_address::network(self.client_address())
    }

    /// The value of a header. Empty if it is absent or not ASCII.
    pub fn header(&self, name: &str) -> &str {
        self.request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The value of a cookie of this server.
    pub fn cookie(&self, name: Name) -> Option<String> {
        cookies::read(&self.request, name, self.server.front.https)
    }

    /// Parses the query.
    ///
    /// # Errors
    /// `invalid_request`, as for [`Params::parse`].
    pub fn query(&self) -> Result<Params, Error> {
        Params::parse(self.request.query_string().as_bytes())
    }

    /// The layout of a page, in the first supported language of `ui_locales`, else in the user's.
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
