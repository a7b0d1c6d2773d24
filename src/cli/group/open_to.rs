//! The groups that a client or a scope is open to, and the class of authentication that it demands.

use std::str::FromStr;

use anyhow::Context;
use clap::Args;
use serde_json::Value;
use writ::store::{Store, groups};
use writ_core::{groups::GroupIds, vocabulary::acr::Acr};

use super::missing;

/// The class of authentication that something demands, or none.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct DemandedAcr(pub(in crate::cli) Option<Acr>);

impl FromStr for DemandedAcr {
    type Err = String;

    /// A class by its URI or the last part of it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" {
            return Ok(Self(None));
        }
        let acr = text.parse().or_else(|_| format!("urn:writ:acr:{text}").parse());
        acr.map(|acr| Self(Some(acr))).map_err(|_| format!("there is no class {text}: name mfa or none"))
    }
}

/// The groups that something is open to.
#[derive(Debug, Args)]
pub(in crate::cli) struct OpenToArgs {
    /// Open it only to members of these groups, comma-separated.
    #[arg(long, value_name = "GROUP,...", value_delimiter = ',', conflicts_with = "all_users")]
    groups: Vec<String>,
    /// Open it to all users again.
    #[arg(long)]
    all_users: bool,
}

/// A change of what something is open to.
#[derive(Debug, Clone)]
pub(in crate::cli) enum OpenTo {
    Unchanged,
    AllUsers,
    Groups(GroupIds),
}

/// The ids of the groups with these names.
pub(in crate::cli) async fn find_ids(store: &Store, names: &[String]) -> anyhow::Result<GroupIds> {
    let all = store.read(groups::list).await?;
    names.iter().map(|name| Ok(all.find(name.trim()).with_context(|| missing(name))?.id)).collect()
}

impl OpenToArgs {
    /// Whether there is a change.
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.all_users || !self.groups.is_empty()
    }

    /// The names of the groups, for the API. `null` for all users.
    pub(in crate::cli) fn names(&self) -> Value {
        if self.all_users { Value::Null } else { self.groups.iter().map(|name| name.trim()).collect() }
    }

    pub(in crate::cli) async fn find(&self, store: &Store) -> anyhow::Result<OpenTo> {
        Ok(match (self.all_users, self.groups.is_empty()) {
            (true, _) => OpenTo::AllUsers,
            (false, true) => OpenTo::Unchanged,
            (false, false) => OpenTo::Groups(find_ids(store, &self.groups).await?),
        })
    }
}

impl OpenTo {
    pub(in crate::cli) const fn is_unchanged(&self) -> bool {
        matches!(self, Self::Unchanged)
    }

    /// The groups after the change.
    pub(in crate::cli) fn apply(self, before: Option<GroupIds>) -> Option<GroupIds> {
        match self {
            Self::Unchanged => before,
            Self::AllUsers => None,
            Self::Groups(groups) => Some(groups),
        }
    }
}
