//! The result of a token request before the tokens are signed.

use std::sync::Arc;

use writ_core::{ScopeSet, grants::Grant};

use crate::store::{clients::Client, users::User};

/// The subject of the tokens.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A user and the user's grant.
    User(Box<(User, Grant)>),
    /// The client itself (RFC 6749 §4.4).
    Client,
}

/// What a token request was granted.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// The subject of the tokens.
    pub subject: Subject,
    /// The client that receives them.
    pub client: Arc<Client>,
    /// The granted scope.
    pub scope: ScopeSet,
    /// The resource server that the access token is for.
    pub resource: String,
    /// The `nonce` of the authorization request, for the ID token of the first token response.
    pub nonce: Option<String>,
    /// The generation of the refresh token to issue. `None` if no new one is issued.
    pub refresh_generation: Option<i32>,
}
