//! `sub`: who a person is to a client (OpenID Connect Core §8).

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use writ_core::vocabulary::client_metadata::SubjectType;

use crate::{
    server::Server,
    store::{Id, clients::Client},
};

/// The person's id; for a pairwise client an HMAC of it and the client's sector, under a key that all nodes derive alike. The
/// access tokens of such a client carry it too, or two apps could compare those.
pub fn sub(server: &Server, client: &Client, user_id: Id) -> String {
    match client.metadata.subject_type {
        SubjectType::Public => user_id.to_string(),
        SubjectType::Pairwise => {
            let sector = client.metadata.sector_identifier().unwrap_or_default();
            let message = [sector.as_bytes(), b"\0", user_id.0.as_bytes()].concat();
            BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&server.secrets.subject_key, &message))
        }
    }
}
