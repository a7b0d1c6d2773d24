//! A request that waits for a person: written once, bounded in size and life, found by a handle in our pages' addresses.

use super::authorization_request::encode;
use writ_core::{Params, vocabulary::params::append_encoded};

use crate::{
    fault::{Fault, Stop},
    secret::Handle,
    server::Server,
    store::{
        Id,
        requests::{self, PendingRequest},
    },
};

/// The most bytes of a request that a form of ours carries: posted, each may become three, and the form has other fields, too.
const CARRIED_AGAIN: usize = 3 * 1024;

/// A pending request with the handle that found it.
pub struct Pending {
    /// The text in our pages' addresses and forms.
    pub handle: String,
    /// The stored row.
    pub row: PendingRequest,
    /// Its authorization parameters.
    pub params: Params,
}

impl Pending {
    /// Keeps a request until somebody has signed in and decided. `session_before` is the browser's session now,
    /// `pushed_id` the pushed request that it visits.
    ///
    /// # Errors
    /// `invalid_request`: it is too long; the store's faults.
    pub async fn store(
        server: &Server,
        client_id: &str,
        params: &Params,
        session_before: Option<Id>,
        pushed_id: Option<Id>,
    ) -> Result<String, Stop> {
        let handle = Handle::random();
        let now = server.clock.now();
        let row = PendingRequest {
            id: Id(handle.id),
            secret_hash: handle.secret.hash().0.to_vec(),
            client_id: client_id.to_owned(),
            parameters: encode(client_id, params)?,
            session_before,
            decided_by: None,
            granted: None,
            duration: None,
            created_at: now,
            expires_at: now + server.settings.sessions.request_lifetime,
            pushed_id,
        };
        server.store.write(move |tx| requests::insert(tx, &row)).await?;
        Ok(handle.expose())
    }

    /// The request behind a handle, unless it has expired or was answered.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn find(server: &Server, handle: &str) -> Result<Option<Self>, Fault> {
        let found = Self::find_even_expired(server, handle).await?;
        Ok(found.filter(|pending| pending.row.expires_at > server.clock.now()))
    }

    async fn find_even_expired(server: &Server, handle: &str) -> Result<Option<Self>, Fault> {
        let Some(parsed) = Handle::parse(handle) else { return Ok(None) };
        let row = server.store.read(move |tx| requests::find(tx, Id(parsed.id))).await?;
        let Some(row) = row.filter(|row| parsed.secret.matches(&row.secret_hash)) else { return Ok(None) };
        let params = Params::parse(row.parameters.as_bytes()).map_err(|error| Fault::Corrupt(error.to_string()))?;
        Ok(Some(Self { handle: handle.to_owned(), row, params }))
    }

    /// What a page's form carries so that a person who comes back too late can begin anew: the parameters as they came in the
    /// browser's address. Those of a pushed request were never there, and stay with us, as do too many: only whose it is goes along.
    pub fn again(&self) -> String {
        Some(self.told()).filter(|told| told.len() <= CARRIED_AGAIN).unwrap_or_else(|| self.whose())
    }

    fn told(&self) -> String {
        if self.row.pushed_id.is_none() { self.row.parameters.clone() } else { self.whose() }
    }

    fn whose(&self) -> String {
        append_encoded(String::new(), [("client_id", &*self.row.client_id)])
    }

    /// What is left of the request that a form or an address outlived: what is still known here, or what the form carries.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn left(server: &Server, params: &Params) -> Result<Params, Fault> {
        let text = |name| params.get(name).ok().flatten();
        let known = match text("request") {
            Some(handle) => Self::find_even_expired(server, handle).await?.map(|pending| pending.told()),
            None => None,
        };
        let again = known.or_else(|| text("again").map(str::to_owned)).unwrap_or_default();
        Ok(Params::parse(again.as_bytes()).unwrap_or_default())
    }

    /// Where the flow decides anew what comes next.
    pub fn resume_path(handle: &str) -> String {
        format!("/authorize/resume?request={handle}")
    }
}
