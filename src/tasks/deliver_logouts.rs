//! Delivers logout tokens (OpenID Connect Back-Channel Logout §2.5) from the durable queue. One
//! node delivers at a time, with a few concurrent requests per client.
//!
//! If a node fails between a response and its record, the token is delivered twice with the same
//! `jti`.

use std::sync::Arc;

use reqwest::StatusCode;

use super::lanes::{self, Delivery};
use crate::{
    fault::Fault,
    server::Server,
    store::{
        Id, Tx,
        logout_deliveries::{self, LogoutDelivery},
    },
    tokens::logout_token,
};

/// Duration of the lease in seconds, which exceeds that of a request (five seconds).
const LEASE_SECONDS: i64 = 60;

/// Runs until aborted.
pub async fn run(server: Arc<Server>) {
    lanes::run::<LogoutDelivery>(server, LEASE_SECONDS).await;
}

impl Delivery for LogoutDelivery {
    const LEASE: &'static str = "deliver_logouts";

    fn id(&self) -> Id {
        self.id
    }

    fn lane(&self) -> &str {
        &self.client_id
    }

    fn list_due(tx: &mut Tx<'_>, limit: i64, except: &[String]) -> Result<Vec<Self>, Fault> {
        logout_deliveries::list_due(tx, limit, except)
    }

    async fn deliver(self, server: Arc<Server>) -> Result<(), Fault> {
        deliver(&server, self).await
    }
}

async fn deliver(server: &Server, delivery: LogoutDelivery) -> Result<(), Fault> {
    let Some(client) = server.clients.find(&delivery.client_id).await? else { return Ok(()) };
    let answer = match &client.metadata.backchannel_logout_uri {
        None => Err("the client no longer has a backchannel_logout_uri".to_owned()),
        Some(uri) => {
            let token = logout_token::sign(server, &client, &delivery)?;
            let answer = server.fetcher.post_form(uri.as_str(), &[("logout_token", &token)]).await;
            answer.map_err(|error| error.to_string())
        }
    };
    let outcome = match &answer {
        Ok(status) => format!("HTTP {}", status.as_u16()),
        Err(reason) => reason.clone(),
    };
    let taken = matches!(answer, Ok(StatusCode::OK | StatusCode::NO_CONTENT));
    let next_attempt_at = server
        .store
        .write({
            let (delivery, outcome) = (delivery.clone(), outcome.clone());
            move |tx| match taken {
                true => logout_deliveries::succeeded(tx, &delivery, &outcome).map(|()| None),
                false => logout_deliveries::failed(tx, &delivery, &outcome),
            }
        })
        .await?;
    let client = delivery.client_id;
    tracing::info!(client, delivery = %delivery.id, outcome, taken, next_attempt_at, "logout delivery");
    Ok(())
}
