//! Users of another provider who are not linked yet: they create an account, or sign in to one.

use actix_web::web::Data;
use writ_core::vocabulary::display_name;

use super::sign_in::session_of;
use crate::{
    fault::Fault,
    secret::{Handle, sha256},
    server::{Call, Server},
    sessions::sign_in::{self, SignInBrowser},
    store::{
        Id, Tx, accepted_terms, linked_subjects,
        security_events::{self, Kind as Event},
        sessions::Session,
        sign_ups,
        unlinked_identities::{self, UnlinkedIdentity},
        upstream_logouts, upstream_sessions, users,
    },
    upstream::Provider,
    web::{cookies::Name, limits::of_strangers},
};

/// The kind of the limits on new accounts, as for those with a password.
const SIGN_UPS: &str = "sign-up";
/// How often a username may be taken while the account is created.
const TRIES: usize = 3;

/// The user of another provider who has signed in there with this browser, and is not linked yet.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn find(call: &Call) -> Result<Option<UnlinkedIdentity>, Fault> {
    let handle = call.cookie(Name::Unlinked).as_deref().and_then(Handle::parse);
    let (Some(handle), Some(browser)) = (handle, call.cookie(Name::Browser)) else { return Ok(None) };
    let id = Id(handle.id);
    let found = call.server.store.read(move |tx| unlinked_identities::find(tx, id)).await?;
    let is_own =
        |found: &UnlinkedIdentity| handle.secret.matches(&found.secret_hash) && found.browser == sha256(&browser);
    Ok(found.filter(|found| is_own(found) && found.is_known()))
}

/// Whether the user may create an account. It needs the time of authentications, or an address for
/// the recovery: without either, the user could never change anything about it.
///
/// # Errors
/// [`Fault::Corrupt`] if the evidence cannot be read.
pub fn may_create(found: &UnlinkedIdentity, provider: &Provider) -> Result<bool, Fault> {
    let settings = &provider.settings;
    let has_address = found.identity().profile.trusted_email(&settings.trusted_email_domains).is_some();
    Ok(settings.create_accounts && (has_address || !found.evidence()?.is_undated()))
}

/// The result of creating an account.
pub enum Created {
    /// A new session of the new account: its handle, and its user.
    Done(Handle, Id),
    /// The name cannot be shown.
    Name,
    /// It was used or has expired, the provider may not create accounts, or the user is linked by
    /// now.
    Void,
    /// There were too many from this network. Seconds until another one is accepted.
    Throttled(i64),
}

/// Creates the account of a user of another provider, and its first session, in one unit of work.
/// `terms` is the version that the user has accepted. `None` if there are none.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn create(
    server: &Data<Server>,
    found: UnlinkedIdentity,
    name: &str,
    terms: Option<String>,
    browser: SignInBrowser,
) -> Result<Created, Fault> {
    let Some(name) = display_name::parse(name) else { return Ok(Created::Name) };
    let Some(provider) = server.providers.find(&found.provider) else { return Ok(Created::Void) };
    if !may_create(&found, provider)? {
        return Ok(Created::Void);
    }
    let limits = of_strangers(&server.settings.throttle, SIGN_UPS, browser.address);
    if let Some(seconds) = server.store.write(move |tx| limits.attempt(tx)).await? {
        return Ok(Created::Throttled(seconds));
    }
    let (identity, evidence) = (found.identity(), found.evidence()?);
    let address = identity.profile.trusted_email(&provider.settings.trusted_email_domains).map(str::to_owned);
    let handle = Handle::random();
    let template = browser.session(server, &handle, Id(handle.id));
    let language = browser.origin.language.clone();
    let unit = move |tx: &mut Tx<'_>| {
        // A user who has the address by now would have been found by it.
        let is_taken = match &address {
            Some(address) => users::find_by_email(tx, address)?.is_some(),
            None => false,
        };
        let is_linked = linked_subjects::find_user(tx, &identity.issuer, &identity.subject)?.is_some();
        if is_taken || is_linked || !unlinked_identities::take(tx, found.id)? {
            return Ok(None);
        }
        if !upstream_logouts::may_begin(tx, &session_of(&identity), found.created_at)? {
            return Ok(None);
        }
        let user = sign_ups::create_without_password(tx, name, language, address)?;
        if let Some(version) = &terms {
            accepted_terms::insert(tx, user.id, version, tx.now)?;
        }
        linked_subjects::insert(tx, user.id, &identity.issuer, &identity.subject)?;
        linked_subjects::use_link(tx, user.id, &identity.issuer, &identity.subject, identity.account())?;
        let session = Session { user_id: user.id, ..template };
        let session_id = session.id;
        security_events::record(tx, user.id, Event::SignedUp, None, &session.network)?;
        sign_in::insert(tx, session, &evidence, None, None)?;
        upstream_sessions::insert(tx, session_id, &session_of(&identity))?;
        Ok(Some(user.id))
    };
    for _ in 0..TRIES {
        match server.store.write(unit.clone()).await {
            // Another unit of work has taken the username or the address, or linked the user.
            Err(fault) if fault.is_unique_violation() => {}
            Err(fault) => return Err(fault),
            Ok(None) => return Ok(Created::Void),
            Ok(Some(user_id)) => {
                tracing::info!(user = %user_id, provider = provider.settings.id, "signed up");
                return Ok(Created::Done(handle, user_id));
            }
        }
    }
    Ok(Created::Void)
}
