//! The administration API, `/admin/v1`: the second face of [`crate::administration`]. The command
//! line is the first.
//!
//! Writ is its own resource server here. `authority` checks the access token, and each operation
//! that changes something checks again, in its unit of work, what could have been taken back.
//! Errors are problem documents ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)).

pub mod audit;
mod authority;
pub mod client_state;
pub mod clients;
pub mod connections;
pub mod groups;
pub mod initial_access_tokens;
pub mod keys;
mod once;
pub mod openapi;
mod page;
mod precondition;
mod problem;
mod reply;
mod request;
pub mod resources;
pub mod scopes;
pub mod users;

use actix_web::{
    HttpResponse,
    http::header::{ALLOW, HeaderValue},
};
use serde::Serialize;
use utoipa::ToSchema;
use writ_core::{Cause, Error, ErrorCode};

use crate::{
    administration::{Restricted, administrators, clients::Refusal},
    fault::Stop,
    server::Call,
};

/// The clients whose registration lost a deleted scope.
#[derive(Debug, Serialize, ToSchema)]
struct Withdrawn {
    withdrawn_from: Vec<String>,
}

const ENDPOINT: &str = "administration";

/// Any other path below `/admin/v1`.
pub async fn not_found(call: Call) -> HttpResponse {
    problem::respond(&call, unknown("there is no such operation"), "")
}

/// A method that no operation on the path has
/// ([RFC 9110 §15.5.6](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6)).
pub async fn method_not_allowed(call: Call) -> HttpResponse {
    let allowed = openapi::methods(call.request.match_pattern().as_deref().unwrap_or_default());
    let refusal = Error::new(Cause::MethodNotAllowed, format!("the methods of this path are {allowed}"));
    let mut response = problem::respond(&call, refusal.into(), "");
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

fn unknown(description: &str) -> Stop {
    Error::new(Cause::ObjectUnknown, description).into()
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Error::new(refusal.cause(), refusal.to_string()).into()
    }
}

impl From<administrators::Refusal> for Stop {
    fn from(refusal: administrators::Refusal) -> Self {
        let cause = match refusal {
            administrators::Refusal::Last => Cause::ObjectInUse,
            administrators::Refusal::Administrator => ErrorCode::AccessDenied.into(),
        };
        Error::new(cause, refusal.to_string()).into()
    }
}

impl From<Restricted> for Stop {
    fn from(restricted: Restricted) -> Self {
        Error::new(ErrorCode::AccessDenied, restricted.to_string()).into()
    }
}
