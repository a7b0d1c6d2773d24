//! What the operator lets clients have that no administrator registers.

use super::Server;
use writ_core::{Error, ErrorCode, vocabulary::registration::Terms};

use crate::{
    fault::Stop,
    store::{
        registrations::Quota,
        throttle::{self, Key, Rate},
    },
};

impl Server {
    /// What such a client may register: of the configured scopes those that exist.
    pub fn registration_terms(&self) -> Terms {
        let settings = &self.settings.registration;
        let snapshot = self.snapshot();
        let known = |name: &&String| snapshot.scopes.owner(name).is_some();
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

    /// Counts that somebody of this network names addresses for us to call, so that nobody has us try one after another; what is
    /// counted can be taken back.
    ///
    /// # Errors
    /// `access_denied`: it was too often; the store's faults.
    pub async fn count_introduction(&self, network: &str) -> Result<(Key, Rate), Stop> {
        let settings = &self.settings.throttle;
        let rate = Rate { burst: settings.network_attempts.into(), interval: settings.network_interval };
        let key = Key::new("introduction", network);
        let counted = key.clone();
        if self.store.write(move |tx| throttle::attempt(tx, &counted, rate)).await?.is_some() {
            let description = "too many clients were named or changed from this network: try again later";
            return Err(Error::new(ErrorCode::AccessDenied, description).into());
        }
        Ok((key, rate))
    }
}
