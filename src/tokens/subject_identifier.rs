//! The identifiers of a user and a session that are disclosed to a client
//! ([OpenID Connect Core
//! §8](https://openid.net/specs/openid-connect-core-1_0.html#SubjectIDTypes)).

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use writ_core::vocabulary::client_metadata::SubjectType;

use crate::{
    server::Server,
    store::{Id, clients::Client},
};

/// `sub`: the user's id or, for a pairwise client, an identifier that differs by sector. Access
/// tokens contain it as well, so that two clients cannot link a user by comparing them.
pub fn sub(server: &Server, client: &Client, user_id: Id) -> String {
    match client.metadata.subject_type {
        SubjectType::Public => user_id.to_string(),
        SubjectType::Pairwise => pairwise(server, client, &[user_id.0.as_bytes()]),
    }
}

/// `sid`: that of the session or, for a pairwise client, an identifier that differs by sector.
/// Otherwise two clients could tell that they have the same user.
pub fn sid(server: &Server, client: &Client, sid: Id) -> String {
    match client.metadata.subject_type {
        SubjectType::Public => sid.to_string(),
        SubjectType::Pairwise => pairwise(server, client, &[b"sid\0", sid.0.as_bytes()]),
    }
}

/// An HMAC of the client's sector and the parts, under a key that all nodes share.
fn pairwise(server: &Server, client: &Client, parts: &[&[u8]]) -> String {
    let sector = client.metadata.sector_identifier().unwrap_or_default();
    let mut message = [sector.as_bytes(), b"\0"].concat();
    parts.iter().for_each(|part| message.extend_from_slice(part));
    BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&server.secrets.subject_key, &message))
}
