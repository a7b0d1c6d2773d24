//! Who enters the console. Each request looks at the session, the account and the group, and each
//! change looks again in its unit of work.

use std::sync::Arc;

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use aws_lc_rs::hmac;
use writ_core::console::{Entrant, Entry, entry};

use super::{
    Place, is_own_path,
    refusal::{Halt, Refusal},
};
use crate::{
    administration::{Actor, administrators::is_administrator},
    config::Settings,
    fault::{Fault, Stop},
    server::{Call, Server},
    sessions::{
        self, SignedIn,
        factors::{Accepted, Factors},
    },
    store::{
        Id, Tx, audit_events, groups,
        sessions::{self as stored, Session},
        users::User,
    },
    web::{
        page::{Page, PageContext},
        see_other,
    },
};

/// The right to administer. Only [`enter`] makes one.
#[derive(Clone)]
pub(super) struct Entrance {
    session_id: Id,
    user_id: Id,
    network: String,
    settings: Arc<Settings>,
    accepted: Accepted,
    audit_key: hmac::Key,
}

/// The result of a request to enter.
pub(super) enum Admission {
    /// The user has entered.
    Entered(Box<(SignedIn, Entrance)>),
    /// What comes first.
    Instead(HttpResponse),
}

/// Lets the signed-in user enter. `here` is the path of the page, which follows what comes first.
pub(super) async fn enter(call: &Call, place: Place, here: &str) -> Result<Admission, Stop> {
    let server = &call.server;
    let follows = if is_own_path(here) { here } else { place.path() };
    let Some(signed_in) = sessions::current(server, &call.request).await? else {
        return Ok(Admission::Instead(see_other(&format!("/login?return_to={follows}"))));
    };
    let (settings, accepted, seen) = (Arc::clone(&server.settings), Accepted::of(server), signed_in.clone());
    let entry = server.store.read(move |tx| decide(tx, &settings, &accepted, &seen.session, &seen.user)).await?;
    let closed = |reason| ClosedPage { page: call.page(None), username: signed_in.user.username.clone(), reason };
    Ok(match entry {
        Entry::Open => {
            let entrance = Entrance {
                session_id: signed_in.session.id,
                user_id: signed_in.user.id,
                network: call.network(),
                settings: Arc::clone(&server.settings),
                accepted: Accepted::of(server),
                audit_key: server.secrets.audit_key.clone(),
            };
            Admission::Entered(Box::new((signed_in, entrance)))
        }
        Entry::Closed => {
            let (user_id, network) = (signed_in.user.id, call.network());
            let refusal = move |tx: &mut Tx<'_>| {
                audit_events::refusal(tx, user_id, &network, "policy.no_administrator", &user_id.to_string())
            };
            server.store.write(refusal).await?;
            Admission::Instead(closed(Closed::NoAdministrator).respond())
        }
        Entry::SetUp => Admission::Instead(closed(Closed::NoSecondFactor).respond()),
        Entry::StepUp => Admission::Instead(see_other(&format!("/step-up?return_to={follows}"))),
        Entry::Password => Admission::Instead(see_other(&format!("/account/confirm?then={follows}"))),
    })
}

/// Applies the rule to a session that was just read.
fn decide(
    tx: &mut Tx<'_>,
    settings: &Settings,
    accepted: &Accepted,
    session: &Session,
    user: &User,
) -> Result<Entry, Fault> {
    let evidence = session.evidence();
    let entrant = Entrant {
        is_administrator: is_administrator(&groups::list(tx)?, &settings.console.group, user),
        has_second_factor: !Factors::read(tx, accepted, user.id)?.is_empty(),
        evidence: &evidence,
    };
    Ok(entry(entrant, settings.console.max_age, tx.now))
}

impl Entrance {
    pub(super) fn session_id(&self) -> Id {
        self.session_id
    }

    /// Makes a change in one unit of work, which looks again at what could have been taken back
    /// since the request began. This node applies the change at once.
    pub(super) async fn change<T, F>(
        &self,
        server: &Server,
        reason: String,
        change: F,
    ) -> Result<Result<T, Refusal>, Stop>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>, &Actor) -> Result<T, Halt> + Clone + Send + 'static,
    {
        let own = self.clone();
        let unit = move |tx: &mut Tx<'_>| {
            let key = own.audit_key.clone();
            let actor = Actor::at_console(own.user_id, &own.network, reason, key, &own.settings.console);
            let changed = match own.is_still_in(tx)? {
                true => change(tx, &actor),
                false => Err(Refusal::Left.into()),
            };
            match changed {
                Ok(changed) => Ok(Ok(changed)),
                Err(Halt::Refused(refusal)) => Ok(Err(refusal)),
                Err(Halt::Broken(fault)) => Err(fault),
            }
        };
        let changed = server.store.write(unit).await?;
        if let Err(fault) = server.refresh().await {
            tracing::warn!(endpoint = super::ENDPOINT, %fault, "this node applies the change later");
        }
        Ok(changed)
    }

    /// Locks the account and the session, so that a take-back either is visible here or waits.
    fn is_still_in(&self, tx: &mut Tx<'_>) -> Result<bool, Fault> {
        if !stored::lock(tx, self.session_id)? {
            return Ok(false);
        }
        let Some((session, user)) = stored::find_live(tx, self.session_id)? else { return Ok(false) };
        Ok(decide(tx, &self.settings, &self.accepted, &session, &user)? == Entry::Open)
    }
}

/// Why the console is closed to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The user is not in the group.
    NoAdministrator,
    /// The user has no second factor.
    NoSecondFactor,
}

/// The page for a user who may not enter.
#[derive(Template)]
#[template(path = "pages/console/closed.html")]
pub struct ClosedPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The username.
    pub username: String,
    /// Why.
    pub reason: Closed,
}

impl Page for ClosedPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }
}
