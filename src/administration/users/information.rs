//! What an administrator sees of a user.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use writ_core::{
    StandardClaims,
    groups::{GroupIds, Groups},
};

use crate::{
    administration::version_of,
    fault::Fault,
    store::{Id, accepted_terms::AcceptedTerms, users::User},
};

/// A user, with the names of OpenID Connect claims.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserInformation {
    /// The subject identifier. Clients with pairwise subjects receive others.
    #[schema(value_type = String)]
    pub sub: Id,
    /// The username.
    pub preferred_username: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether it is known to belong to the user.
    pub email_verified: bool,
    /// When the account was created, in seconds since the epoch.
    pub created_at: i64,
    /// When it was disabled. `None` if it is not.
    pub disabled_at: Option<i64>,
    /// The names of the groups that the user is directly in. Left out unless named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// The versions of the terms that the user has accepted, the latest last. Left out unless asked
    /// for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub accepted_terms: Option<Vec<AcceptedTerms>>,
    /// What was recorded for claims of the operator's own. Left out unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub attributes: Option<BTreeMap<String, String>>,
    #[serde(skip)]
    group_ids: GroupIds,
    /// The standard claims.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub claims: StandardClaims,
    /// A generated password, which is shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

impl UserInformation {
    /// Describes a user. A `password` was generated just now.
    ///
    /// # Errors
    /// [`Fault::Corrupt`] if the stored claims cannot be parsed.
    pub fn new(user: User, password: Option<String>) -> Result<Self, Fault> {
        Ok(Self {
            sub: user.id,
            groups: None,
            accepted_terms: None,
            attributes: None,
            group_ids: user.groups(),
            claims: user.standard_claims()?,
            preferred_username: user.username,
            email: user.email,
            email_verified: user.email_verified,
            created_at: user.created_at,
            disabled_at: user.disabled_at,
            password,
        })
    }

    /// With the names of the user's groups.
    #[must_use]
    pub fn with_groups(mut self, groups: &Groups) -> Self {
        self.groups = Some(groups.names(&self.group_ids));
        self
    }
}

/// A digest of everything that an administrator can change about a user.
pub fn version(user: &User) -> String {
    let User { id, username, email, email_verified, claims, password_hash, disabled_at, created_at, .. } = user;
    let account = (id, username, email, email_verified, claims, created_at);
    version_of(&(account, password_hash, disabled_at, user.session_epoch, &user.group_ids, &user.attributes))
}
