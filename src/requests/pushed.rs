//! A pushed authorization request (RFC 9126): the client leaves it with us and gives the browser a reference that tells nothing.

use writ_core::{Error, ErrorCode, Params, authorization::request::encode};

use crate::{
    fault::{Fault, Stop},
    secret::Handle,
    server::Server,
    store::{
        Id,
        pushed_requests::{self, PushedRequest},
    },
};

/// Seconds for which a browser may bring a `request_uri`.
pub const LIFETIME: i64 = 60;
/// What every `request_uri` of ours begins with (RFC 9126 §2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// A pushed request that a browser brought.
pub struct Pushed {
    /// Its row, which the answer uses up.
    pub id: Id,
    /// The authorization parameters: those beside `request_uri` do not count.
    pub params: Params,
}

impl Pushed {
    /// Keeps a client's request, and says its `request_uri`.
    ///
    /// # Errors
    /// `invalid_request`: it is too long; the store's faults.
    pub async fn store(server: &Server, client_id: &str, params: &Params) -> Result<String, Stop> {
        let handle = Handle::random();
        let visit_until = server.clock.now() + LIFETIME;
        let row = PushedRequest {
            id: Id(handle.id),
            secret_hash: handle.secret.hash().0.to_vec(),
            client_id: client_id.to_owned(),
            parameters: encode(client_id, params)?,
            visit_until,
            expires_at: visit_until + server.settings.sessions.request_lifetime,
        };
        server.store.write(move |tx| pushed_requests::insert(tx, &row)).await?;
        Ok(format!("{PREFIX}{}", handle.expose()))
    }

    /// The request behind the `request_uri` that a browser brings with its `client_id`; none: it brings no `request_uri` of ours.
    ///
    /// # Errors
    /// `invalid_request_uri`: it has expired, was answered, or is another client's; the store's faults.
    pub async fn find(server: &Server, brought: &Params) -> Result<Option<Self>, Stop> {
        let Some(reference) = brought.get("request_uri")?.and_then(|uri| uri.strip_prefix(PREFIX)) else {
            return Ok(None);
        };
        let client_id = brought.require("client_id")?;
        let unknown = |cause: &str| {
            Error::new(ErrorCode::InvalidRequestUri, "request_uri has expired, was used, or is not valid")
                .because(cause)
        };
        let handle = Handle::parse(reference).ok_or_else(|| unknown("it is not one of ours by its form"))?;
        let row = server.store.read(move |tx| pushed_requests::find_visitable(tx, Id(handle.id))).await?;
        let row = row
            .filter(|row| handle.secret.matches(&row.secret_hash))
            .ok_or_else(|| unknown("no such pushed request waits"))?;
        if row.client_id != client_id {
            return Err(unknown(&format!("client {} pushed it, and {client_id:?} came", row.client_id)).into());
        }
        let params = Params::parse(row.parameters.as_bytes()).map_err(|error| Fault::Corrupt(error.to_string()))?;
        Ok(Some(Self { id: row.id, params }))
    }
}
