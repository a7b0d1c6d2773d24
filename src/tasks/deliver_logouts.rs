//! Tells apps that a session is over (OpenID Connect Back-Channel Logout §2.5): one node at a time, from the durable queue.
//!
//! A node that dies between an answer and its note tells an app twice, with the same `jti`.

use std::sync::Arc;

use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::{
    fault::Fault,
    server::Server,
    store::{
        leases,
        logout_deliveries::{self, LogoutDelivery},
    },
    tokens::logout_token,
};

const LEASE: &str = "deliver_logouts";
/// Seconds of the lease: more than one batch takes, whose calls run side by side and end after five.
const LEASE_SECONDS: i64 = 60;
/// Deliveries at the same time.
const BATCH: i64 = 16;

/// Runs until aborted.
pub async fn run(server: Arc<Server>) {
    let mut beat = super::every(1000);
    loop {
        beat.tick().await;
        if let Err(fault) = look(&server).await {
            tracing::error!(%fault, "logouts could not be delivered");
        }
    }
}

/// Delivers what is due, if this node has the lease.
///
/// # Errors
/// The store's faults.
pub async fn look(server: &Arc<Server>) -> Result<(), Fault> {
    let node = server.node;
    // A look costs a read; only work costs a write.
    if server.store.read(|tx| logout_deliveries::list_due(tx, 1)).await?.is_empty()
        || !server.store.write(move |tx| leases::take(tx, LEASE, node, LEASE_SECONDS)).await?
    {
        return Ok(());
    }
    let mut calls = JoinSet::new();
    for delivery in server.store.read(|tx| logout_deliveries::list_due(tx, BATCH)).await? {
        let server = Arc::clone(server);
        calls.spawn(async move { deliver(&server, delivery).await });
    }
    while let Some(ended) = calls.join_next().await {
        ended.map_err(|error| Fault::Panicked(error.to_string()))??;
    }
    Ok(())
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
