//! Requests that are made once: the `Idempotency-Key` of a POST. The response is stored in the unit
//! of work that makes the change, so that there is never one without the other. A refused request
//! changed nothing, and is decided again when it is repeated.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use writ_core::{
    Cause, Error,
    vocabulary::idempotency_key::{IdempotencyKey, is_repetition},
};

use super::reply::Reply;
use crate::{
    fault::{Fault, Stop},
    keys::SealingKey,
    server::Call,
    store::{Store, Tx, idempotency_keys as keys},
    web::form::Body,
};

/// The header.
pub(super) const HEADER: &str = "Idempotency-Key";

/// A request that has a key.
#[derive(Clone)]
pub(super) struct Once {
    client_id: String,
    id: Vec<u8>,
    fingerprint: Vec<u8>,
    sealing: Arc<SealingKey>,
}

impl Once {
    /// Reads the key of a client's request for the subject `sub`, which has keys of its own. `None`
    /// if it has none.
    ///
    /// # Errors
    /// [`Cause::IdempotencyKeyInvalid`], or that the body cannot be read.
    pub(super) fn of(call: &Call, client_id: &str, sub: &str, body: &Body) -> Result<Option<Self>, Error> {
        let mut headers = call.request.headers().get_all(HEADER);
        let Some(header) = headers.next() else { return Ok(None) };
        // Several headers are one list, which is not a string.
        let text = if headers.next().is_some() { "," } else { header.to_str().unwrap_or_default() };
        let key = IdempotencyKey::parse(text)?;
        let uri = call.request.uri();
        let target = uri.path_and_query().map_or(uri.path(), |target| target.as_str());
        let body = body.bytes().map_err(|error| Error { cause: Cause::BodyInvalid, ..error })?;
        Ok(Some(Self {
            client_id: client_id.to_owned(),
            id: hash(&[client_id.as_bytes(), sub.as_bytes(), key.as_str().as_bytes()]),
            fingerprint: hash(&[call.request.method().as_str().as_bytes(), target.as_bytes(), body]),
            sealing: Arc::clone(&call.server.secrets.response_key),
        }))
    }

    /// The first response, if the request was made before.
    ///
    /// # Errors
    /// [`Cause::IdempotencyKeyReused`]. A fault of the store.
    pub(super) async fn first_response(&self, store: &Store) -> Result<Option<Reply>, Stop> {
        let id = self.id.clone();
        let found = store.read(move |tx| keys::find(tx, &id)).await?;
        if !is_repetition(found.as_ref().map(|found| &*found.fingerprint), &self.fingerprint)? {
            return Ok(None);
        }
        let opened = found.and_then(|found| self.sealing.unseal(&self.name(), &found.sealed));
        let opened = opened.ok_or_else(|| Fault::Keys("a stored response was sealed with another key".to_owned()))?;
        let reply = serde_json::from_slice(&opened);
        Ok(Some(reply.map_err(|error| Fault::Corrupt(format!("a stored response: {error}")))?))
    }

    /// Makes a change and stores its response, if it is complete.
    ///
    /// # Errors
    /// The refusal of the change, or [`Cause::IdempotencyKeyBusy`]. A fault of the store.
    pub(super) fn make<T>(
        &self,
        tx: &mut Tx<'_>,
        change: impl FnOnce(&mut Tx<'_>) -> Result<T, Stop>,
        reply: impl FnOnce(&T) -> Option<Reply>,
    ) -> Result<T, Stop> {
        let taken = keys::take(tx, &self.id, &self.client_id, &self.fingerprint);
        if !taken.map_err(|fault| Stop::from(fault).refuse_deleted(Cause::AccessTokenRevoked))? {
            let description = "a request with this Idempotency-Key was made at the same time: repeat it";
            return Err(Error::new(Cause::IdempotencyKeyBusy, description).into());
        }
        let changed = change(tx);
        match changed.as_ref().ok().and_then(reply) {
            Some(reply) => {
                let reply = serde_json::to_vec(&reply).map_err(|error| Fault::Corrupt(error.to_string()))?;
                keys::complete(tx, &self.id, self.sealing.seal(&self.name(), &reply))?;
            }
            // A refusal commits, and so does a part of a change.
            None if !matches!(changed, Err(Stop::Broken(_))) => keys::give_back(tx, &self.id)?,
            None => {}
        }
        changed
    }

    /// The name under which the response is sealed, so that rows cannot be exchanged.
    fn name(&self) -> String {
        self.id.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// SHA-256 of parts, each with its length, so that none continues another.
fn hash(parts: &[&[u8]]) -> Vec<u8> {
    let lengths = parts.iter().flat_map(|part| (part.len() as u64).to_be_bytes());
    let joined: Vec<u8> = lengths.chain(parts.concat()).collect();
    digest(&SHA256, &joined).as_ref().to_owned()
}
