//! What the operator lets clients have that no administrator registers.

use super::Server;
use crate::{protocol::registration::Terms, store::registrations::Quota};

impl Server {
    /// What such a client may register: of the configured scopes those that exist.
    pub fn registration_terms(&self) -> Terms {
        let settings = &self.settings.registration;
        let remembered = self.remembered();
        let known = |name: &&String| remembered.catalogue.owner(name).is_some();
        Terms {
            scope: settings.scopes.iter().filter(known).cloned().collect(),
            require_pkce: settings.require_pkce,
            id_token_signing_alg: self.settings.tokens.id_token_signing_alg,
        }
    }

    /// How many such clients there may be; who was given an initial access token is not counted by network.
    pub fn registration_quota(&self, by_token: bool) -> Quota {
        let settings = &self.settings.registration;
        let of_network = if by_token { i64::MAX } else { settings.max_clients_per_network };
        Quota { total: settings.max_clients, of_network }
    }
}
