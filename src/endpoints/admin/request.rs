//! The query and the body of a request. Unknown parameters and members are refused by name.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::IntoParams;
use writ_core::{Cause, Error, Params};

use crate::{
    fault::Stop,
    server::Call,
    store::usage::Usage,
    web::{
        form::Body,
        json::{JSON, parse_as, without_value},
    },
};

/// The media type of a merge patch ([RFC 7396 §4](https://www.rfc-editor.org/rfc/rfc7396#section-4)).
const MERGE_PATCH: &str = "application/merge-patch+json";

/// The parameter of a change that may take something from users, for its description.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes the query")]
pub(super) struct Force {
    /// Make the change even if users lose something that is in use.
    force: Option<bool>,
}

/// Parses the query, which may have only the `known` parameters, each once.
///
/// # Errors
/// [`Cause::QueryInvalid`], or as for [`Params::parse`].
pub(super) fn query(call: &Call, known: &[&str]) -> Result<Params, Error> {
    let params = call.query()?;
    params.check_unrepeated()?;
    if let Some(name) = params.names().find(|name| !known.contains(name)) {
        let shown: String = name.chars().take(50).collect();
        return Err(Error::new(Cause::QueryInvalid, format!("the parameter {shown} is unknown here")));
    }
    Ok(params)
}

/// Whether the caller accepts that users lose something.
///
/// # Errors
/// As for [`query`].
pub(super) fn force(call: &Call) -> Result<bool, Error> {
    match query(call, &["force"])?.get("force")? {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Error::new(Cause::QueryInvalid, "force must be true or false")),
    }
}

/// Refuses to take something from live grants. `subject` is the start of a sentence.
///
/// # Errors
/// [`Cause::ObjectInUse`] if there are any.
pub(super) fn check_unused(usage: Usage, subject: &str) -> Result<(), Error> {
    if usage.grants == 0 {
        return Ok(());
    }
    Err(Error::new(Cause::ObjectInUse, format!("{subject} {usage}: repeat with force=true")))
}

/// The members of a JSON body.
///
/// # Errors
/// [`Cause::BodyInvalid`].
pub(super) fn members(call: &Call, body: &Body) -> Result<Map<String, Value>, Error> {
    parse_as(&call.request, body, &[JSON]).map_err(invalid)
}

/// The members of a merge patch.
///
/// # Errors
/// [`Cause::BodyInvalid`].
pub(super) fn patch(call: &Call, body: &Body) -> Result<Map<String, Value>, Error> {
    let patch = parse_as(&call.request, body, &[MERGE_PATCH, JSON]).map_err(invalid)?;
    if patch.is_empty() {
        return Err(Error::new(Cause::BodyInvalid, "there is nothing to change: name a member"));
    }
    Ok(patch)
}

/// Checks that an operation without a body gets none.
///
/// # Errors
/// [`Cause::BodyInvalid`].
pub(super) fn no_body(body: &Body) -> Result<(), Error> {
    if body.bytes().map_err(invalid)?.is_empty() {
        return Ok(());
    }
    Err(Error::new(Cause::BodyInvalid, "this operation has no body"))
}

/// Parses the members of a body, which must all be known. The error names the member, but does not
/// repeat its value, which may be a secret in the wrong place.
///
/// # Errors
/// [`Cause::BodyInvalid`].
pub(super) fn parse<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T, Error> {
    serde_path_to_error::deserialize(Value::Object(members)).map_err(|error| {
        let (member, reason) = (error.path().to_string(), without_value(error.inner()));
        // The path of the body itself is a dot.
        Error::new(Cause::BodyInvalid, if member == "." { reason } else { format!("{member}: {reason}") })
    })
}

/// A unique violation as a refusal with a description.
pub(super) fn if_taken(stop: Stop, description: &str) -> Stop {
    match stop {
        Stop::Broken(fault) if fault.is_unique_violation() => Error::new(Cause::ObjectExists, description).into(),
        stop => stop,
    }
}

fn invalid(error: Error) -> Error {
    Error { cause: Cause::BodyInvalid, ..error }
}
