//! The scopes of the administration API, which is a resource server of its own.

use strum::{EnumString, IntoStaticStr, VariantArray};

use uuid::Uuid;

use super::{ScopeSet, scope::Risk};

/// How the names of these scopes start. No other resource server can have a scope like this.
const PREFIX: &str = "writ:";

/// What a client may do with the administration API.
/// The order is that of the ids that users have allowed: a new one is the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
pub enum AdministrationScope {
    /// List and show clients.
    #[strum(serialize = "writ:clients:read")]
    ClientsRead,
    /// Create, change and delete clients.
    #[strum(serialize = "writ:clients:write")]
    ClientsWrite,
    /// List and show users and what they allowed.
    #[strum(serialize = "writ:users:read")]
    UsersRead,
    /// Create, disable and delete users, and end what they allowed.
    #[strum(serialize = "writ:users:write")]
    UsersWrite,
    /// List and show groups and their members.
    #[strum(serialize = "writ:groups:read")]
    GroupsRead,
    /// Create, change and delete groups, and change their members.
    #[strum(serialize = "writ:groups:write")]
    GroupsWrite,
    /// List and show resource servers and their scopes.
    #[strum(serialize = "writ:resources:read")]
    ResourcesRead,
    /// Create, change and delete resource servers and their scopes.
    #[strum(serialize = "writ:resources:write")]
    ResourcesWrite,
    /// List the signing keys.
    #[strum(serialize = "writ:keys:read")]
    KeysRead,
    /// Rotate the signing keys.
    #[strum(serialize = "writ:keys:write")]
    KeysWrite,
    /// List initial access tokens.
    #[strum(serialize = "writ:initial-access-tokens:read")]
    InitialAccessTokensRead,
    /// Create and delete initial access tokens.
    #[strum(serialize = "writ:initial-access-tokens:write")]
    InitialAccessTokensWrite,
    /// Read the audit log.
    #[strum(serialize = "writ:audit:read")]
    AuditRead,
}

impl AdministrationScope {
    /// Every scope.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// What it allows, for the description of the API.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::ClientsRead => "List and show clients",
            Self::ClientsWrite => "Create, change, approve and delete clients, and replace their secrets",
            Self::UsersRead => "List and show users and what they allowed clients",
            Self::UsersWrite => "Create, disable, enable, sign out, unlock and delete users, and disconnect clients",
            Self::GroupsRead => "List and show groups and their members",
            Self::GroupsWrite => "Create, change and delete groups, and change their members",
            Self::ResourcesRead => "List and show resource servers and scopes",
            Self::ResourcesWrite => "Create, change and delete resource servers and scopes",
            Self::KeysRead => "List the signing keys",
            Self::KeysWrite => "Rotate the signing keys",
            Self::InitialAccessTokensRead => "List initial access tokens",
            Self::InitialAccessTokensWrite => "Create and delete initial access tokens",
            Self::AuditRead => "Read the audit log",
        }
    }

    /// Which scope of its name it is, for what a user allowed. It never changes.
    pub fn id(self) -> Uuid {
        const FIRST: u128 = 0x77726974_3a61_646d_696e_697374726174;
        Uuid::from_u128(FIRST + self as u128)
    }

    /// How much harm it can do. What changes something starts unticked.
    pub fn risk(self) -> Risk {
        if self.as_str().ends_with(":write") { Risk::High } else { Risk::Elevated }
    }

    /// The name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Whether a name is reserved for the administration API.
pub fn is_reserved(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// The first reserved name in `scope`.
pub fn first_reserved(scope: &ScopeSet) -> Option<&str> {
    scope.iter().find(|name| is_reserved(name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_is_reserved_and_parsed() {
        for scope in AdministrationScope::ALL {
            assert!(is_reserved(scope.as_str()), "{scope:?}");
            assert_eq!(scope.as_str().parse(), Ok(*scope));
        }
        let ids: BTreeSet<Uuid> = AdministrationScope::ALL.iter().map(|scope| scope.id()).collect();
        assert_eq!(ids.len(), AdministrationScope::ALL.len());
        assert!(!is_reserved("written:by-hand") && !is_reserved("message:writ:read"));
    }
}
