//! What an administrator sees of a scope.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use writ_core::{
    groups::{GroupIds, Groups},
    vocabulary::{acr::Acr, scope::Risk},
};

use crate::store::resources::{Scope, ScopeText};

/// A scope, with the id of its resource server.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScopeInformation {
    /// The name.
    pub name: String,
    /// The id of its resource server.
    pub resource: String,
    /// The risk of allowing it.
    #[schema(value_type = String)]
    pub risk: Risk,
    /// Whether a request that names the resource server and no scope includes it.
    pub default: bool,
    /// The names of the groups that it is open to, if not to all users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    #[serde(skip)]
    open_to: Option<GroupIds>,
    /// The class of authentication that it demands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<&'static str>,
    /// The descriptions by language.
    pub texts: BTreeMap<String, ScopeText>,
}

impl ScopeInformation {
    /// Describes a scope of `resource`.
    pub fn new(resource: String, scope: Scope) -> Self {
        Self {
            name: scope.name,
            resource,
            risk: scope.risk,
            default: scope.is_default,
            groups: None,
            open_to: scope.open_to,
            acr: scope.acr.map(Acr::as_str),
            texts: scope.texts,
        }
    }

    /// With the names of the groups that the scope is open to.
    #[must_use]
    pub fn with_groups(mut self, groups: &Groups) -> Self {
        self.groups = self.open_to.as_ref().map(|ids| groups.names(ids));
        self
    }
}
