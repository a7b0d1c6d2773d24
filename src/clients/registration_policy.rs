//! What the operator allows clients that no administrator registered.

use super::Clients;
use writ_core::{Error, ErrorCode, vocabulary::registration::Terms};

use crate::{
    fault::Stop,
    store::{
        registrations::Quota,
        throttle::{self, Key, Rate},
    },
};

impl Clients {
    /// What such a client may register: those of the configured scopes that exist.
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

    /// How many such clients there may be. With an initial access token there is no bound per network.
    pub fn registration_quota(&self, by_token: bool) -> Quota {
        let settings = &self.settings.registration;
        let of_network = if by_token { i64::MAX } else { settings.max_clients_per_network };
        Quota { total: settings.max_clients, of_network }
    }

    /// Rate-limits, per network, requests that make the server fetch a URL of the client's choice.
    /// What is counted can be refunded.
    ///
    /// # Errors
    /// `access_denied` if the limit is reached; [`Stop::Broken`] if the database fails.
    pub async fn count_introduction(&self, network: &str) -> Result<(Key, Rate), Stop> {
        let settings = &self.settings.throttle;
        let rate = Rate::new(settings.network_attempts, settings.network_interval);
        let key = Key::new("introduction", network);
        let counted = key.clone();
        if self.store.write(move |tx| throttle::attempt(tx, &counted, rate)).await?.is_some() {
            let description = "too many clients were named or changed from this network: try again later";
            return Err(Error::new(ErrorCode::AccessDenied, description).into());
        }
        Ok((key, rate))
    }
}
