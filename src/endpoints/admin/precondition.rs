//! The version that a change is for: `If-Match`, which every change needs
//! ([RFC 6585 §3](https://www.rfc-editor.org/rfc/rfc6585#section-3)).

use actix_web::{
    HttpRequest,
    http::header::{self, ETag, EntityTag, Header},
};
use utoipa::IntoParams;
use writ_core::{Cause, Error};

/// The header, for the description of an operation.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it only describes the header")]
pub(super) struct IfMatch {
    /// The `ETag` of the version that is changed.
    #[param(rename = "If-Match")]
    if_match: String,
}

/// The versions that the caller has read.
#[derive(Debug, Clone)]
pub(super) struct Precondition(header::IfMatch);

impl Precondition {
    /// Reads `If-Match`.
    ///
    /// # Errors
    /// [`Cause::PreconditionMissing`] if it is missing or malformed.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, Error> {
        match header::IfMatch::parse(request) {
            Ok(header::IfMatch::Items(tags)) if tags.is_empty() => Err(missing()),
            Ok(named) => Ok(Self(named)),
            Err(_) => Err(missing()),
        }
    }

    /// Compares with the current version
    /// ([RFC 9110 §13.1.1](https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1)). It counts only
    /// in the unit of work that changes.
    ///
    /// # Errors
    /// [`Cause::PreconditionFailed`] if it is none of the named ones.
    pub(super) fn check(&self, version: &str) -> Result<(), Error> {
        let current = EntityTag::new_strong(version.to_owned());
        let matches = match &self.0 {
            header::IfMatch::Any => true,
            header::IfMatch::Items(tags) => tags.iter().any(|tag| tag.strong_eq(&current)),
        };
        if matches {
            return Ok(());
        }
        Err(Error::new(Cause::PreconditionFailed, "it was changed since this version: read it again"))
    }
}

fn missing() -> Error {
    Error::new(Cause::PreconditionMissing, "a change needs If-Match with the ETag of what was read")
}

/// The header that names a version.
pub(super) fn etag(version: &str) -> ETag {
    ETag(EntityTag::new_strong(version.to_owned()))
}
