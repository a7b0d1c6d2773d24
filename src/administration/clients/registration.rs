//! The metadata with which an administrator registers a client.

use serde_json::{Map, Value, json};
use writ_core::{ClientMetadata, vocabulary::merge_patch};

use crate::{
    clients::sector::{self, SectorError},
    config::Settings,
    fetch::Fetcher,
    web::json::without_value,
};

/// The default grant types.
pub const GRANT_TYPES: [&str; 2] = ["authorization_code", "refresh_token"];

/// Why a client cannot be registered like this.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// The `client_id` has another length, or other characters.
    #[error("a client_id has 1 to 100 printable ASCII characters and no space")]
    ClientId,
    /// The `client_id` could be the `sub` of a user. In its own tokens, the client would then look
    /// like the user.
    #[error("a client_id that is chosen is not a UUID, because users have those")]
    LikeUser,
    /// A member is unknown, or has a value of another type.
    #[error("client metadata: {}", without_value(.0))]
    Member(serde_json::Error),
    /// The only response type is `code`.
    #[error("response_types: only code is supported")]
    ResponseType,
    /// The members contradict each other. The text says how.
    #[error("{0}")]
    Contradiction(String),
    /// The client does not belong to its sector.
    #[error(transparent)]
    Sector(#[from] SectorError),
}

/// Checks a `client_id` that an administrator chose.
///
/// # Errors
/// [`Invalid::ClientId`] or [`Invalid::LikeUser`].
pub fn check_client_id(id: &str) -> Result<(), Invalid> {
    let is_client_id = (1..=100).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    match is_client_id {
        false => Err(Invalid::ClientId),
        true if uuid::Uuid::parse_str(id).is_ok() => Err(Invalid::LikeUser),
        true => Ok(()),
    }
}

/// The metadata of a new client.
///
/// # Errors
/// [`Invalid`] with the reason.
pub async fn create(
    members: Map<String, Value>,
    settings: &Settings,
    fetcher: &Fetcher,
) -> Result<ClientMetadata, Invalid> {
    let metadata = parse(members, settings)?;
    sector::check(fetcher, &metadata).await?;
    Ok(metadata)
}

/// As [`create`], without a look at the sector of the client.
///
/// # Errors
/// [`Invalid`] with the reason.
pub fn parse(mut members: Map<String, Value>, settings: &Settings) -> Result<ClientMetadata, Invalid> {
    members.entry("grant_types").or_insert_with(|| json!(GRANT_TYPES));
    check(members, settings)
}

/// The metadata of a client after a merge patch
/// ([RFC 7396](https://www.rfc-editor.org/rfc/rfc7396)): `null` removes a member.
///
/// # Errors
/// [`Invalid`] with the reason.
pub async fn update(
    before: &ClientMetadata,
    patch: Map<String, Value>,
    settings: &Settings,
    fetcher: &Fetcher,
) -> Result<ClientMetadata, Invalid> {
    let Value::Object(mut members) = serde_json::to_value(before).map_err(Invalid::Member)? else {
        return Err(Invalid::Contradiction("the metadata is not an object".to_owned()));
    };
    merge_patch::apply(&mut members, patch);
    let metadata = check(members, settings)?;
    sector::check(fetcher, &metadata).await?;
    Ok(metadata)
}

fn check(mut members: Map<String, Value>, settings: &Settings) -> Result<ClientMetadata, Invalid> {
    // `response_types` follows from `grant_types` (RFC 7591 §2.1).
    if members.remove("response_types").is_some_and(|types| types != json!(["code"]) && types != json!([])) {
        return Err(Invalid::ResponseType);
    }
    let metadata: ClientMetadata = serde_json::from_value(members.into()).map_err(Invalid::Member)?;
    metadata.check(&settings.server.insecure_hosts).map_err(Invalid::Contradiction)?;
    Ok(metadata)
}

/// Whether a change takes something from running apps.
pub fn narrows(before: &ClientMetadata, after: &ClientMetadata) -> bool {
    before.scope.iter().any(|name| !after.scope.contains(name))
        || before.redirect_uris.iter().any(|uri| !after.redirect_uris.contains(uri))
        || before.grant_types.iter().any(|grant_type| !after.grant_types.contains(grant_type))
        || before.token_endpoint_auth_method != after.token_endpoint_auth_method
}
