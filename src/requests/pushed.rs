//! Pushed authorization requests (RFC 9126). The client sends the parameters to the server, and the
//! browser only has a reference.

use writ_core::{Error, ErrorCode, Params, authorization::request::encode};

use crate::{
    fault::{Fault, Stop},
    secret::Handle,
    server::{Call, Server},
    store::{
        Id, Tx,
        clients::Client,
        pushed_requests::{self, PushedRequest},
    },
    web::limits::of_strangers,
};

/// Seconds for which a browser may open a `request_uri`.
pub const LIFETIME: i64 = 60;
/// The prefix of every `request_uri` of this server (RFC 9126 §2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// A pushed request that a browser has opened.
pub struct Pushed {
    /// The id of its row, which the response uses up.
    pub id: Id,
    /// The pushed parameters. Those next to `request_uri` are ignored.
    pub params: Params,
}

impl Pushed {
    /// Stores a client's request and returns its `request_uri`.
    ///
    /// # Errors
    /// `invalid_request` if it is too long. `temporarily_unavailable` if unauthenticated clients
    /// pushed too many. [`Stop::Broken`] if the database fails.
    pub async fn store(call: &Call, client: &Client, params: &Params) -> Result<String, Stop> {
        let server = &call.server;
        let handle = Handle::random();
        let visit_until = server.clock.now() + LIFETIME;
        let row = PushedRequest {
            id: Id(handle.id),
            secret_hash: handle.secret.hash().0.to_vec(),
            client_id: client.id.clone(),
            parameters: encode(&client.id, params)?,
            visit_until,
            expires_at: visit_until + server.settings.sessions.request_lifetime,
        };
        // An approved confidential client has no limit.
        let is_stranger = client.metadata.is_public() || !client.approved;
        let limits = is_stranger.then(|| of_strangers(&server.settings.throttle, "pushed", call.client_address()));
        match limits {
            None => server.store.decide_by_statement(move |tx| Ok(pushed_requests::insert(tx, &row)?)).await?,
            Some(limits) => {
                let unit = move |tx: &mut Tx<'_>| {
                    limits.admit_row(tx, pushed_requests::sweep)?;
                    Ok(pushed_requests::insert(tx, &row)?)
                };
                server.store.decide(unit).await?;
            }
        }
        Ok(format!("{PREFIX}{}", handle.expose()))
    }

    /// Finds the pushed request of a `request_uri` and `client_id`. `None` if there is no
    /// `request_uri` of this server.
    ///
    /// # Errors
    /// `invalid_request_uri` if it has expired, was answered, or belongs to another client.
    /// [`Stop::Broken`] if the database fails.
    pub async fn find(server: &Server, brought: &Params) -> Result<Option<Self>, Stop> {
        let Some(reference) = brought.get("request_uri")?.and_then(|uri| uri.strip_prefix(PREFIX)) else {
            return Ok(None);
        };
        let client_id = brought.require("client_id")?;
        let unknown = |cause: &str| {
            Error::new(ErrorCode::InvalidRequestUri, "request_uri has expired, was used, or is not valid")
                .because(cause)
        };
        let handle = Handle::parse(reference).ok_or_else(|| unknown("it is malformed"))?;
        let row = server.store.read(move |tx| pushed_requests::find_visitable(tx, Id(handle.id))).await?;
        let row = row
            .filter(|row| handle.secret.matches(&row.secret_hash))
            .ok_or_else(|| unknown("no such pushed request waits"))?;
        if row.client_id != client_id {
            return Err(unknown(&format!("client {} pushed it, and {client_id:?} presented it", row.client_id)).into());
        }
        let params = Params::parse(row.parameters.as_bytes()).map_err(|error| Fault::Corrupt(error.to_string()))?;
        Ok(Some(Self { id: row.id, params }))
    }
}
