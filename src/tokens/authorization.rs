//! What was granted, to whom, by whom.

use std::sync::Arc;
use writ_core::{ScopeSet, vocabulary::claims_request::ClaimsRequest};

use crate::{
    fault::Fault,
    store::{Id, clients::Client, grants::Grant},
};

/// Who a token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A person, who gave the grant and had signed in at `auth_time` (seconds since the epoch).
    Person {
        /// The person.
        user_id: Id,
        /// What they gave.
        grant_id: Id,
        /// When they proved who they are.
        auth_time: i64,
        /// The `sid` of the browser session in which they gave it.
        sid: Id,
        /// The single claims that they allowed.
        claims: ClaimsRequest,
        /// When all of it ends, because the person said so.
        ends_at: Option<i64>,
    },
    /// The client itself (RFC 6749 §4.4).
    Client,
}

impl Subject {
    /// The person behind a grant.
    ///
    /// # Errors
    /// The stored claims cannot be read.
    pub fn of(grant: &Grant) -> Result<Self, Fault> {
        Ok(Self::Person {
            user_id: grant.user_id,
            grant_id: grant.id,
            auth_time: grant.auth_time,
            sid: grant.session_id,
            claims: grant.claims()?,
            ends_at: grant.ends_at,
        })
    }
}

/// The outcome of every grant.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// Who the tokens speak for.
    pub subject: Subject,
    /// Who receives them.
    pub client: Arc<Client>,
    /// What they allow.
    pub scope: ScopeSet,
    /// Where the access token is good.
    pub audience: String,
    /// The `nonce` of the authorization request, for the ID token of the first exchange.
    pub nonce: Option<String>,
    /// The generation of the refresh token to hand out; none: no new one.
    pub refresh_generation: Option<i32>,
}
