//! What nodes share about the server's own certificate: the account at the authority, the
//! certificate, and the challenges of an order ([RFC 8555](https://www.rfc-editor.org/rfc/rfc8555)).

use diesel::prelude::*;
use writ_core::certificate_renewal::delay_after;

use super::{
    Fault, Tx, delete_batch, on,
    schema::{acme_accounts, acme_certificates, acme_challenges},
};

/// The longest error that is stored, in characters.
const MAX_ERROR: usize = 1000;

/// Seconds after its renewal was due, and was tried last, in which a certificate is kept.
const ABANDONED: i64 = 30 * 86_400;

/// An account at an authority.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = acme_accounts)]
pub struct Account {
    /// The URL of the authority's directory.
    pub directory: String,
    /// The key and the URL of the account, sealed under [`account_name`].
    pub sealed: Vec<u8>,
    /// The addresses that the authority has, separated by commas.
    pub contact: String,
    /// When it was registered.
    pub created_at: i64,
}

/// The name that is bound to the sealed account.
pub fn account_name(directory: &str) -> String {
    format!("acme account at {directory}")
}

/// Which certificate: the authority and the names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateId {
    /// The URL of the authority's directory.
    pub directory: String,
    /// The names in the certificate, sorted, separated by commas.
    pub names: String,
}

impl CertificateId {
    /// The name that is bound to the sealed private key.
    pub fn sealed_name(&self) -> String {
        format!("key of {} at {}", self.names, self.directory)
    }
}

/// A certificate, or the attempts to get one.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = acme_certificates)]
pub struct Certificate {
    /// The URL of the authority's directory.
    pub directory: String,
    /// The names in the certificate.
    pub names: String,
    /// The chain in PEM. `None` before the first order has succeeded.
    pub chain: Option<String>,
    /// The private key, sealed under [`CertificateId::sealed_name`].
    pub sealed: Option<Vec<u8>>,
    /// The number of certificates so far.
    pub number: i64,
    /// When it is renewed.
    pub renew_at: i64,
    /// When the authority is asked for the best time of the renewal.
    pub ask_at: i64,
    /// Orders since the last certificate.
    pub attempts: i32,
    /// When the next order may be sent.
    pub next_attempt_at: i64,
    /// Why the last order failed.
    pub last_error: Option<String>,
}

impl Certificate {
    /// Which certificate it is.
    pub fn id(&self) -> CertificateId {
        CertificateId { directory: self.directory.clone(), names: self.names.clone() }
    }
}

/// A certificate that the authority has issued.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The chain in PEM.
    pub chain: String,
    /// The sealed private key.
    pub sealed: Vec<u8>,
    /// When it is renewed.
    pub renew_at: i64,
}

/// What an authority asks for to see that a name belongs to this server.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = acme_challenges)]
pub struct Challenge {
    /// The token, which is part of the URL for HTTP-01.
    pub token: String,
    /// The name to be proved.
    pub name: String,
    /// The response.
    pub key_authorization: String,
    /// When it is deleted.
    pub expires_at: i64,
}

/// The account at an authority.
pub fn account(tx: &mut Tx<'_>, directory: &str) -> Result<Option<Account>, Fault> {
    Ok(on!(tx, |conn| acme_accounts::table.find(directory).select(Account::as_select()).first(conn).optional())?)
}

/// Every account.
pub fn accounts(tx: &mut Tx<'_>) -> Result<Vec<Account>, Fault> {
    Ok(on!(tx, |conn| acme_accounts::table.select(Account::as_select()).load(conn))?)
}

/// Stores an account, in place of an earlier one at the same authority.
pub fn put_account(tx: &mut Tx<'_>, account: &Account) -> Result<(), Fault> {
    delete_account(tx, &account.directory)?;
    on!(tx, |conn| diesel::insert_into(acme_accounts::table).values(account).execute(conn))?;
    Ok(())
}

/// Forgets the account at an authority.
pub fn delete_account(tx: &mut Tx<'_>, directory: &str) -> Result<(), Fault> {
    on!(tx, |conn| diesel::delete(acme_accounts::table.find(directory)).execute(conn))?;
    Ok(())
}

/// Replaces the sealed form of an account.
pub fn reseal_account(tx: &mut Tx<'_>, directory: &str, sealed: Vec<u8>) -> Result<(), Fault> {
    on!(tx, |conn| diesel::update(acme_accounts::table.find(directory))
        .set(acme_accounts::sealed.eq(&sealed))
        .execute(conn))?;
    Ok(())
}

/// The certificate, or the attempts to get it. `None` before the first one.
pub fn certificate(tx: &mut Tx<'_>, id: &CertificateId) -> Result<Option<Certificate>, Fault> {
    let row = acme_certificates::table.find((&id.directory, &id.names));
    Ok(on!(tx, |conn| row.select(Certificate::as_select()).first(conn).optional())?)
}

/// Every certificate.
pub fn certificates(tx: &mut Tx<'_>) -> Result<Vec<Certificate>, Fault> {
    Ok(on!(tx, |conn| acme_certificates::table.select(Certificate::as_select()).load(conn))?)
}

/// Counts an order before it is sent, so that a node that ends during it does not order again at
/// once.
pub fn begin(tx: &mut Tx<'_>, id: &CertificateId) -> Result<(), Fault> {
    use acme_certificates as columns;
    let attempts = certificate(tx, id)?.map(|row| row.attempts);
    let next = columns::next_attempt_at.eq(tx.now + delay_after(attempts.unwrap_or(0)));
    match attempts {
        Some(attempts) => on!(tx, |conn| diesel::update(columns::table.find((&id.directory, &id.names)))
            .set((columns::attempts.eq(attempts.saturating_add(1)), next))
            .execute(conn))?,
        None => on!(tx, |conn| diesel::insert_into(columns::table)
            .values((
                columns::directory.eq(&id.directory),
                columns::names.eq(&id.names),
                columns::number.eq(0),
                columns::renew_at.eq(0),
                columns::ask_at.eq(0),
                columns::attempts.eq(1),
                next,
            ))
            .execute(conn))?,
    };
    Ok(())
}

/// Stores a certificate that replaces the one with this number, unless another node has replaced
/// that meanwhile.
pub fn succeeded(tx: &mut Tx<'_>, id: &CertificateId, number: i64, issued: &Issued) -> Result<(), Fault> {
    use acme_certificates as columns;
    let now = tx.now;
    let row = columns::table.find((&id.directory, &id.names)).filter(columns::number.eq(number));
    on!(tx, |conn| diesel::update(row)
        .set((
            columns::chain.eq(Some(&issued.chain)),
            columns::sealed.eq(Some(&issued.sealed)),
            columns::number.eq(columns::number + 1),
            columns::renew_at.eq(issued.renew_at),
            columns::ask_at.eq(now),
            columns::attempts.eq(0),
            columns::next_attempt_at.eq(now),
            columns::last_error.eq(None::<String>),
        ))
        .execute(conn))?;
    Ok(())
}

/// Records why an order failed that was to replace the certificate with this number.
pub fn failed(tx: &mut Tx<'_>, id: &CertificateId, number: i64, error: &str) -> Result<(), Fault> {
    let error: String = error.chars().take(MAX_ERROR).collect();
    let row = acme_certificates::table.find((&id.directory, &id.names));
    on!(tx, |conn| diesel::update(row.filter(acme_certificates::number.eq(number)))
        .set(acme_certificates::last_error.eq(Some(&error)))
        .execute(conn))?;
    Ok(())
}

/// Sets when the certificate with this number is renewed, and when the authority is asked again.
pub fn plan(tx: &mut Tx<'_>, id: &CertificateId, number: i64, renew_at: i64, ask_at: i64) -> Result<(), Fault> {
    let times = (acme_certificates::renew_at.eq(renew_at), acme_certificates::ask_at.eq(ask_at));
    let row = acme_certificates::table.find((&id.directory, &id.names));
    let row = row.filter(acme_certificates::number.eq(number));
    on!(tx, |conn| diesel::update(row).set(times).execute(conn))?;
    Ok(())
}

/// Ends the wait after failed orders, and asks the authority for the time of the renewal.
pub fn retry(tx: &mut Tx<'_>, id: &CertificateId) -> Result<(), Fault> {
    let now = tx.now;
    let times = (acme_certificates::next_attempt_at.eq(now), acme_certificates::ask_at.eq(now));
    on!(tx, |conn| diesel::update(acme_certificates::table.find((&id.directory, &id.names))).set(times).execute(conn))?;
    Ok(())
}

/// Deletes the certificates that no node renews any more, because the configuration has changed.
pub fn delete_abandoned(tx: &mut Tx<'_>) -> Result<(), Fault> {
    let before = tx.now - ABANDONED;
    let abandoned = acme_certificates::renew_at.lt(before).and(acme_certificates::next_attempt_at.lt(before));
    on!(tx, |conn| diesel::delete(acme_certificates::table.filter(abandoned)).execute(conn))?;
    Ok(())
}

/// Replaces the sealed form of a private key.
pub fn reseal_certificate(tx: &mut Tx<'_>, id: &CertificateId, sealed: Vec<u8>) -> Result<(), Fault> {
    on!(tx, |conn| diesel::update(acme_certificates::table.find((&id.directory, &id.names)))
        .set(acme_certificates::sealed.eq(Some(&sealed)))
        .execute(conn))?;
    Ok(())
}

/// Adds a challenge, unless it is known.
pub fn add_challenge(tx: &mut Tx<'_>, challenge: &Challenge) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(acme_challenges::table)
        .values(challenge)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// The challenge with this token.
pub fn challenge_by_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Challenge>, Fault> {
    let unexpired = acme_challenges::token.eq(token).and(acme_challenges::expires_at.gt(tx.now));
    let found = acme_challenges::table.filter(unexpired);
    Ok(on!(tx, |conn| found.select(Challenge::as_select()).first(conn).optional())?)
}

/// The latest challenge for a name.
pub fn challenge_by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Challenge>, Fault> {
    let unexpired = acme_challenges::name.eq(name).and(acme_challenges::expires_at.gt(tx.now));
    let latest = acme_challenges::table.filter(unexpired).order(acme_challenges::expires_at.desc());
    Ok(on!(tx, |conn| latest.select(Challenge::as_select()).first(conn).optional())?)
}

/// Deletes at most `batch` expired challenges.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = acme_challenges::expires_at.le(tx.now);
    delete_batch!(tx, batch, acme_challenges::table, acme_challenges::token, String, expired)
}
