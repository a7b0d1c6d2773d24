//! The outcome of a token request, before anything is signed.

use std::sync::Arc;

use writ_core::{ScopeSet, grants::Grant};

use crate::store::{clients::Client, users::User};

/// The subject of the tokens.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A user, through a grant.
    User(Box<(User, Grant)>),
    /// The client itself (RFC 6749 §4.4).
    Client,
}

/// What is issued.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// The subject of the tokens.
    pub subject: Subject,
    /// The client that receives them.
    pub client: Arc<Client>,
    /// What they allow.
    pub scope: ScopeSet,
    /// The resource server that the access token is for.
    pub resource: String,
    /// The `nonce` of the authorization request, for the ID token of the first token response.
    pub nonce: Option<String>,
    /// The generation of the refresh token to hand out; none: no new one.
    pub refresh_generation: Option<i32>,
}
