//! Gets and renews the server's certificate, on one node at a time. Every node uses the current
//! one.

use std::{sync::Arc, time::Duration};

use instant_acme::Account;
use tokio::signal::unix::Signal;
use writ_core::certificate_renewal::{asked_again_after, is_due, renewal_time, suggested_time};

use crate::{
    acme::{Authority, OrderError, Published},
    fault::Fault,
    secret::random_bytes,
    server::Server,
    store::{
        acme::{self, Certificate, Challenge},
        leases, revision,
    },
    tls::{self, Validity},
};

const LEASE: &str = "renew_certificate";
/// Milliseconds between two looks at the certificate of all nodes.
const INTERVAL: u64 = 5_000;
/// Maximum time of an order.
const ORDER_WITHIN: Duration = Duration::from_secs(180);
/// Time between two attempts to store a certificate.
const STORED_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// Duration of the lease in seconds, which exceeds that of an order.
const LEASE_SECONDS: i64 = 240;
/// Seconds for which a challenge is answered: an authority may check it several times.
const CHALLENGE_LIFETIME: i64 = 3600;

/// Runs until aborted. Ends at once if certificates come from elsewhere.
pub async fn run(server: Arc<Server>) {
    let Some(authority) = &server.authority else { return };
    let mut interval = super::interval(INTERVAL);
    loop {
        interval.tick().await;
        if let Err(fault) = run_once(&server, authority).await {
            tracing::error!(%fault, "the state of the certificate cannot be read");
        }
    }
}

/// Orders at once at each signal, whatever failed before. Ends at once if certificates come from
/// elsewhere.
pub async fn retry_on(server: Arc<Server>, mut hangup: Signal) {
    let Some(authority) = &server.authority else { return };
    while hangup.recv().await.is_some() {
        let id = authority.certificate_id();
        match server.store.write(move |tx| acme::retry(tx, &id)).await {
            Ok(()) => tracing::info!("SIGHUP: a certificate that is due is ordered without delay"),
            Err(fault) => tracing::error!(%fault, "the certificate could not be renewed"),
        }
    }
}

/// Uses the current certificate, and renews it if it is due and this node has the lease.
///
/// # Errors
/// A fault of the store, or [`Fault::Keys`] if the certificate cannot be unsealed.
pub async fn run_once(server: &Server, authority: &Authority) -> Result<(), Fault> {
    if !has_work(current(server, authority).await?.as_ref(), server.clock.now())
        || !super::take_lease(server, LEASE, LEASE_SECONDS).await?
    {
        return Ok(());
    }
    let worked = work(server, authority).await;
    let node = server.node;
    server.store.write(move |tx| leases::release(tx, LEASE, node)).await?;
    worked
}

/// Renews the certificate, or asks when to renew it. The node has the lease.
async fn work(server: &Server, authority: &Authority) -> Result<(), Fault> {
    // Another node may have renewed it before this one got the lease.
    let row = current(server, authority).await?;
    let now = server.clock.now();
    if is_due_now(row.as_ref(), now) {
        renew(server, authority, row.as_ref()).await?;
        current(server, authority).await?;
    } else if let Some((row, chain)) = row.as_ref().and_then(|row| Some((row, row.chain.as_deref()?)))
        && row.ask_at <= now
    {
        ask(server, authority, row, chain).await?;
    }
    Ok(())
}

async fn current(server: &Server, authority: &Authority) -> Result<Option<Certificate>, Fault> {
    let Some(certificates) = &server.certificates else { return Ok(None) };
    authority.adopt(&server.store, &server.secrets.master_keys, certificates).await
}

fn is_due_now(row: Option<&Certificate>, now: i64) -> bool {
    row.is_none_or(|row| is_due(row.renew_at, row.next_attempt_at, now))
}

fn has_work(row: Option<&Certificate>, now: i64) -> bool {
    is_due_now(row, now) || row.is_some_and(|row| row.chain.is_some() && row.ask_at <= now)
}

/// Orders a certificate that replaces that of `row`. What fails is stored and logged, and tried
/// again later.
async fn renew(server: &Server, authority: &Authority, row: Option<&Certificate>) -> Result<(), Fault> {
    let number = row.map_or(0, |row| row.number);
    let id = authority.certificate_id();
    let counted = id.clone();
    server.store.write(move |tx| acme::begin(tx, &counted)).await?;
    tracing::info!(names = id.names, directory = id.directory, "a certificate is ordered");
    let order = tokio::time::timeout(ORDER_WITHIN, order(server, authority, row)).await;
    let error = match order.unwrap_or(Err(OrderError::TimedOut)) {
        Ok(validity) => {
            tracing::info!(names = id.names, not_after = validity.not_after, "a certificate was issued");
            return Ok(());
        }
        Err(error) => error,
    };
    tracing::warn!(names = id.names, %error, "no certificate was obtained");
    let forgets_account = error.is_unknown_account();
    let error = error.to_string();
    let unit = move |tx: &mut crate::store::Tx<'_>| {
        if forgets_account {
            acme::delete_account(tx, &id.directory)?;
        }
        acme::failed(tx, &id, number, &error)
    };
    server.store.write(unit).await
}

async fn order(server: &Server, authority: &Authority, row: Option<&Certificate>) -> Result<Validity, OrderError> {
    let (number, chain) = (row.map_or(0, |row| row.number), row.and_then(|row| row.chain.as_deref()));
    let account = account(server, authority).await?;
    let publish = |published: Published| async move {
        let Published { token, name, key_authorization } = published;
        let add = move |tx: &mut crate::store::Tx<'_>| {
            let expires_at = tx.now + CHALLENGE_LIFETIME;
            let (token, name, key_authorization) = (token.clone(), name.clone(), key_authorization.clone());
            acme::add_challenge(tx, &Challenge { token, name, key_authorization, expires_at })
        };
        server.store.write(add).await
    };
    let issued = authority.order(&account, chain, publish).await?;
    let (id, master_keys) = (authority.certificate_id(), Arc::clone(&server.secrets.master_keys));
    let Validity { not_before, not_after } = issued.validity;
    let issued = Arc::new(issued);
    let (validity, renew_at) = (issued.validity, renewal_time(not_before, not_after));
    let unit = move |tx: &mut crate::store::Tx<'_>| {
        // A rotation of the master key holds the same lock, so this key is sealed like the others.
        revision::lock(tx)?;
        let sealed = master_keys.sealing(tx)?.seal(&id.sealed_name(), issued.private_key.as_bytes());
        acme::succeeded(tx, &id, number, &acme::Issued { chain: issued.chain.clone(), sealed, renew_at })?;
        acme::delete_abandoned(tx)
    };
    // An authority issues only a few certificates for a name in a week, so this one is not given up
    // while the database fails over. The time of the order is the bound.
    while let Err(fault) = server.store.write(unit.clone()).await {
        if !fault.is_passing() {
            return Err(fault.into());
        }
        tracing::warn!(%fault, "the certificate is not stored yet");
        tokio::time::sleep(STORED_AGAIN_AFTER).await;
    }
    Ok(validity)
}

/// The account at the authority, which is registered at the first order.
async fn account(server: &Server, authority: &Authority) -> Result<Account, OrderError> {
    let directory = authority.directory().to_owned();
    let stored = server.store.read(move |tx| acme::account(tx, &directory)).await?;
    let contact = authority.contact();
    let (account, credentials) = match stored {
        None => authority.register().await?,
        Some(stored) => {
            let name = acme::account_name(&stored.directory);
            let credentials = server.secrets.master_keys.unseal(&name, &stored.sealed);
            let credentials =
                credentials.ok_or_else(|| Fault::Keys(format!("{name} was sealed under another master key")))?;
            let account = authority.account(&credentials).await?;
            if stored.contact == contact {
                return Ok(account);
            }
            authority.update_contact(&account).await?;
            (account, credentials)
        }
    };
    let (directory, master_keys) = (authority.directory().to_owned(), Arc::clone(&server.secrets.master_keys));
    let unit = move |tx: &mut crate::store::Tx<'_>| {
        revision::lock(tx)?;
        let sealed = master_keys.sealing(tx)?.seal(&acme::account_name(&directory), &credentials);
        let (directory, contact) = (directory.clone(), contact.clone());
        acme::put_account(tx, &acme::Account { directory, sealed, contact, created_at: tx.now })
    };
    server.store.write(unit).await?;
    Ok(account)
}

/// Asks the authority when to renew the certificate. It may want that early, before it revokes the
/// certificate.
async fn ask(server: &Server, authority: &Authority, row: &Certificate, chain: &str) -> Result<(), Fault> {
    let suggest = async { authority.suggestion(&account(server, authority).await?, chain).await };
    let suggestion = tokio::time::timeout(ORDER_WITHIN, suggest).await.unwrap_or(Err(OrderError::TimedOut));
    let (id, number, now, planned) = (row.id(), row.number, server.clock.now(), row.renew_at);
    let validity = tls::issued_chain(chain).ok().as_deref().and_then(Validity::of);
    let latest = validity.map_or(planned, |Validity { not_before, not_after }| renewal_time(not_before, not_after));
    let (renew_at, again_after) = match suggestion {
        Ok(Some(suggestion)) => {
            let random = u32::from_ne_bytes(random_bytes());
            (suggested_time((suggestion.start, suggestion.end), planned, latest, random), suggestion.again_after)
        }
        Ok(None) => (planned, i64::MAX),
        Err(OrderError::Fault(fault)) => return Err(fault),
        Err(error) => {
            tracing::warn!(%error, "the authority did not say when to renew the certificate");
            (planned, 0)
        }
    };
    let ask_at = now + asked_again_after(again_after);
    tracing::debug!(names = id.names, renew_at, ask_at, "the renewal of the certificate is planned");
    server.store.write(move |tx| acme::plan(tx, &id, number, renew_at, ask_at)).await
}
