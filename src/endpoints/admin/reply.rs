//! Responses, which can be stored and sent again.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderValue, LOCATION},
    },
};
use serde::{Deserialize, Serialize};

use super::precondition;
use crate::server::Server;

/// A response to a request that was not refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reply {
    status: u16,
    /// The version of what the body describes.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// The path of what was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// JSON. `None` if there is nothing to describe.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

impl Reply {
    /// A response that describes something without a version.
    pub(super) fn ok(body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("texts and numbers are JSON");
        Self { status: StatusCode::OK.as_u16(), version: None, path: None, body: Some(body) }
    }

    /// A response with the `version` of what it describes.
    pub(super) fn versioned(status: StatusCode, version: &str, body: &impl Serialize) -> Self {
        Self { status: status.as_u16(), version: Some(version.to_owned()), ..Self::ok(body) }
    }

    /// The response to a change that leaves nothing to describe.
    pub(super) fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT.as_u16(), version: None, path: None, body: None }
    }

    /// Adds the path of what was created.
    pub(super) fn at(self, path: String) -> Self {
        Self { path: Some(path), ..self }
    }

    /// The response over HTTP.
    pub(super) fn into_response(self, server: &Server) -> HttpResponse {
        let mut response = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or_default());
        response.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(version) = &self.version {
            response.insert_header(precondition::etag(version));
        }
        let url = self.path.map(|path| server.settings.server.issuer.join(&path));
        if let Some(location) = url.and_then(|url| HeaderValue::from_str(&url).ok()) {
            response.insert_header((LOCATION, location));
        }
        match self.body {
            Some(body) => response.content_type("application/json").body(body),
            None => response.finish(),
        }
    }
}
