//! `/account`: what the server stores about a user, for that user to see and change.

pub mod apps;
pub mod confirm;
pub mod data;
pub mod delete;
mod detour;
pub mod email;
pub mod links;
pub mod overview;
pub mod passkeys;
pub mod password;
pub mod preferences;
pub mod profile;
pub mod receipt;
pub mod second_factor;
pub mod sessions;

use actix_web::HttpResponse;
use writ_core::{Params, StandardClaims, account::Missing};

use self::detour::Detour;
use super::{console, device::is_device_path};
use crate::{
    fault::Stop,
    server::Call,
    sessions::{
        SignedIn,
        confirm::is_recent,
        csrf, current,
        factors::{Factors, missing_proof},
    },
    web::{
        error_page::{self, Interruption, Recovery},
        form,
        page::PageContext,
        see_other,
        zone::Zone,
    },
};

const ENDPOINT: &str = "account";

/// A signed-in user on an account page.
pub struct AccountContext {
    /// The layout of the page, in the user's language.
    pub page: PageContext,
    /// The user and the session.
    pub signed_in: SignedIn,
    /// The user's standard claims.
    pub claims: StandardClaims,
    /// The CSRF token of all forms on the account pages.
    pub csrf: String,
    /// The user's network: an IPv4 address or IPv6 /64.
    pub network: String,
    zone: Zone,
}

impl AccountContext {
    async fn of(call: &Call, here: &str) -> Result<Option<Self>, Stop> {
        let Some(signed_in) = current(&call.server, &call.request).await? else { return Ok(None) };
        let claims = signed_in.user.standard_claims()?;
        Ok(Some(Self {
            page: call.page(None).at(here),
            csrf: csrf::token(&call.server.front.form_key, ENDPOINT, &[&signed_in.session.id.to_string()]),
            network: call.network(),
            zone: Zone::of(&claims),
            claims,
            signed_in,
        }))
    }

    /// A date in the user's language and time zone.
    pub fn date(&self, seconds: i64) -> String {
        self.page.locale.date(&self.zone.at(seconds))
    }

    /// A date and time in the user's language and time zone.
    pub fn date_time(&self, seconds: i64) -> String {
        self.page.locale.date_time(&self.zone.at(seconds))
    }
}

/// Shows an account page. A user who is not signed in is sent to the sign-in page first.
async fn show(
    call: &Call,
    here: &str,
    page: impl AsyncFnOnce(AccountContext) -> Result<HttpResponse, Stop>,
) -> HttpResponse {
    let shown = match AccountContext::of(call, here).await {
        Ok(Some(account)) => page(account).await,
        Ok(None) => Ok(see_other(&format!("/login?return_to={here}"))),
        Err(failure) => Err(failure),
    };
    match shown {
        Ok(response) => response,
        Err(failure) => error_page::refuse(call.page(None), ENDPOINT, failure),
    }
}

/// Shows a page with sensitive changes. The user must confirm the password first, unless the
/// sign-in is recent.
async fn show_confirmed(
    call: &Call,
    here: &str,
    page: impl AsyncFnOnce(AccountContext) -> Result<HttpResponse, Stop>,
) -> HttpResponse {
    show(call, here, async |account| {
        if is_recent(&account.signed_in.session, call.server.clock.now()) {
            page(account).await
        } else {
            Ok(see_other(&confirm::path(here)))
        }
    })
    .await
}

/// Shows a page that changes what opens the account. As for [`show_confirmed`], and the session
/// must have a second factor if the account has one.
async fn show_proven(
    call: &Call,
    here: &str,
    page: impl AsyncFnOnce(AccountContext) -> Result<HttpResponse, Stop>,
) -> HttpResponse {
    show(call, here, async |account| match unproven(call, &account, here).await? {
        Some(response) => Ok(response),
        None => page(account).await,
    })
    .await
}

/// Sends the user to prove what the session lacks, on the way to `here`.
async fn unproven(call: &Call, account: &AccountContext, here: &str) -> Result<Option<HttpResponse>, Stop> {
    let missing = missing_proof(&call.server, &account.signed_in).await?;
    Ok(missing.map(|missing| see_other(&proof_path(missing, here))))
}

/// As [`unproven`], on a page that asks for the password itself: a user who has only that enters it
/// there.
async fn unproven_beside_password(
    call: &Call,
    account: &AccountContext,
    here: &str,
) -> Result<Option<HttpResponse>, Stop> {
    let SignedIn { session, user } = &account.signed_in;
    if user.password_hash.is_some()
        && !is_recent(session, call.server.clock.now())
        && Factors::of(&call.server, user.id).await?.is_empty()
    {
        return Ok(None);
    }
    unproven(call, account, here).await
}

/// Where the user proves what the session lacks, before the page `here`.
fn proof_path(missing: Missing, here: &str) -> String {
    match missing {
        Missing::Code => format!("{}?then={here}", second_factor::change::PROOF),
        Missing::SignIn | Missing::Passkey => confirm::path(here),
    }
}

/// Handles a form of the page `here`.
async fn submit(
    call: &Call,
    body: &form::Body,
    here: &str,
    change: impl AsyncFnOnce(AccountContext, Params) -> Result<HttpResponse, Stop>,
) -> HttpResponse {
    show(call, here, async |account| {
        let params = form::parse_strictly(&call.request, body)?;
        let session_id = account.signed_in.session.id.to_string();
        if !csrf::verify(&call.server.front.form_key, ENDPOINT, &[&session_id], params.get("csrf")?.unwrap_or_default())
        {
            return Ok(error_page::interrupt(account.page, Interruption::Expired, Recovery::Here(here.to_owned())));
        }
        change(account, params).await
    })
    .await
}

/// Handles a form with a sensitive change. If the sign-in is no longer recent, the input is lost.
async fn submit_confirmed(
    call: &Call,
    body: &form::Body,
    here: &str,
    change: impl AsyncFnOnce(AccountContext, Params) -> Result<HttpResponse, Stop>,
) -> HttpResponse {
    submit(call, body, here, async |account, params| {
        if is_recent(&account.signed_in.session, call.server.clock.now()) {
            change(account, params).await
        } else {
            Ok(see_other(&confirm::path(here)))
        }
    })
    .await
}

/// Handles a form that changes what opens the account. As for [`submit_confirmed`] and
/// [`show_proven`].
async fn submit_proven(
    call: &Call,
    body: &form::Body,
    here: &str,
    change: impl AsyncFnOnce(AccountContext, Params) -> Result<HttpResponse, Stop>,
) -> HttpResponse {
    submit(call, body, here, async |account, params| match unproven(call, &account, here).await? {
        Some(response) => Ok(response),
        None => change(account, params).await,
    })
    .await
}

/// As [`submit_proven`], on a page that may be in the middle of a pending request, which must
/// survive what is asked for in between.
async fn submit_proven_in_detour(
    call: &Call,
    body: &form::Body,
    here: &str,
    change: impl AsyncFnOnce(AccountContext, Params) -> Result<HttpResponse, Stop>,
) -> HttpResponse {
    let detour =
        form::parse_strictly(&call.request, body).map_or_else(|_| Detour::default(), |params| Detour::of(&params));
    submit_proven(call, body, &detour.path(here), change).await
}

/// Returns `path` if it is an account page, or one of the console. Only such a path may follow a
/// sign-in.
pub(super) fn own_path(path: &str) -> Option<&str> {
    const PATHS: [&str; 17] = [
        "/account",
        "/account/apps",
        "/account/data",
        "/account/delete",
        "/account/email",
        "/account/passkeys",
        "/account/passkeys/new",
        links::HERE,
        "/account/password",
        "/account/preferences",
        "/account/profile",
        "/account/second-factor",
        "/account/second-factor/prove",
        "/account/second-factor/recovery-codes",
        "/account/second-factor/remove",
        "/account/second-factor/set-up",
        "/account/sessions",
    ];
    let is_detour = [passkeys::new::HERE, second_factor::set_up::HERE].iter().any(|here| detour::is_path(path, here));
    let is_own = PATHS.contains(&path) || is_device_path(path) || is_detour;
    (is_own || console::is_own_path(path)).then_some(path)
}
