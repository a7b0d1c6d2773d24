//! The device with a user code, and what the user must do before the question about it.

use std::sync::Arc;

use writ_core::{
    ScopeSet,
    authorization::{
        AuthorizationRequest,
        next_step::{open, without},
    },
    scopes::required,
};

use super::{DeviceContext, DeviceProblem, path};
use crate::{
    fault::Stop,
    pages::not_open::NotOpenPage,
    requests::UserCode,
    server::Server,
    sessions::factors::Factors,
    store::{
        Tx, accepted_terms, audit_events,
        clients::Client,
        device_requests::{self, DeviceRequest, Lookup},
    },
};

/// A device that waits for a decision.
#[derive(Clone)]
pub(super) struct FoundDevice {
    pub(super) code: UserCode,
    pub(super) row: DeviceRequest,
    pub(super) client: Arc<Client>,
}

/// A device about which the user can be asked.
pub(super) struct WaitingDevice {
    pub(super) code: UserCode,
    pub(super) row: DeviceRequest,
    pub(super) client: Arc<Client>,
    /// The requested scopes whose conditions the user meets.
    pub(super) scope: ScopeSet,
    /// The others.
    pub(super) left_out: ScopeSet,
    /// Where the user can prove a second factor, which some of those demand.
    pub(super) step_up_url: Option<String>,
}

/// What comes first.
pub(super) enum Due {
    /// Only the question.
    Question(Box<WaitingDevice>),
    /// The client, or what it requires, is not open to the user.
    NotOpen(Box<NotOpenPage>),
    /// The user must first accept the terms, or prove a second factor that the client requires: at
    /// this path.
    Elsewhere(String),
    /// The user must first set up a second factor.
    Factor(UserCode),
}

impl FoundDevice {
    /// The device without the scopes, which are not shown to a user who denies at once.
    pub(super) fn unasked(self) -> WaitingDevice {
        let Self { code, row, client } = self;
        let (scope, left_out) = (ScopeSet::default(), ScopeSet::default());
        WaitingDevice { code, row, client, scope, left_out, step_up_url: None }
    }
}

impl WaitingDevice {
    pub(super) fn required(&self) -> ScopeSet {
        required(&self.scope, &self.client.metadata, true)
    }
}

impl DeviceContext {
    /// The pending request with this user code. Returns `missing` if there is none.
    pub(super) async fn find(
        &self,
        server: &Server,
        code: Option<UserCode>,
        missing: DeviceProblem,
    ) -> Result<Result<FoundDevice, DeviceProblem>, Stop> {
        let (typed, limits) = (code.clone(), self.limits.clone());
        let look_up =
            move |tx: &mut Tx<'_>| device_requests::look_up(tx, typed.as_ref().map(UserCode::as_str), &limits);
        let row = match server.store.write(look_up).await? {
            Lookup::Waiting(row) => *row,
            Lookup::Missing => return Ok(Err(missing)),
            Lookup::Throttled(retry_after_seconds) => return Ok(Err(DeviceProblem::Throttled { retry_after_seconds })),
        };
        let (Some(code), Some(client)) = (code, server.clients.find(&row.client_id).await?) else {
            return Ok(Err(missing));
        };
        if client.check_enabled().is_err() {
            return Ok(Err(DeviceProblem::Gone));
        }
        Ok(Ok(FoundDevice { code, row, client }))
    }

    /// What comes before the question about a device.
    pub(super) async fn due(&self, server: &Server, found: FoundDevice) -> Result<Due, Stop> {
        let FoundDevice { code, row, client } = found;
        let asked = AuthorizationRequest {
            scope: row.scope(),
            required: required(&row.scope(), &client.metadata, true),
            ..AuthorizationRequest::default()
        };
        let restrictions = server.snapshot().scopes.restrictions(&client, &asked.scope);
        let closed = restrictions.closed_to(&self.signed_in.user.groups());
        let Some(open) = open(&asked, &closed) else {
            let (user_id, network, client_id) = (self.signed_in.user.id, self.network.clone(), client.id.clone());
            let refusal =
                move |tx: &mut Tx<'_>| audit_events::refusal(tx, user_id, &network, "policy.not_open", &client_id);
            server.store.write(refusal).await?;
            let page = self.page.clone().at(&path(Some(&code)));
            let another_account_url = format!("/login?return_to={}", path(Some(&code)));
            let page = NotOpenPage::new(server, page, &client, &self.signed_in, (&asked, &closed))?;
            return Ok(Due::NotOpen(Box::new(NotOpenPage { another_account_url, ..page })));
        };
        if self.are_terms_due(server).await? {
            return Ok(Due::Elsewhere(format!("/terms?return_to={}", path(Some(&code)))));
        }
        let acr = self.signed_in.session.evidence().acr();
        let snapshot = server.snapshot();
        let beyond = snapshot.scopes.demands(&asked.scope).beyond(acr);
        let demanded = snapshot.sign_in_demands(&client).of(&self.signed_in.user.groups());
        let user_id = self.signed_in.user.id;
        if !acr.meets(demanded) {
            return Ok(match Factors::of(server, user_id).await?.is_empty() {
                true => Due::Factor(code),
                false => Due::Elsewhere(format!("/step-up?return_to={}", path(Some(&code)))),
            });
        }
        let can_step_up = !beyond.is_empty() && !Factors::of(server, user_id).await?.is_empty();
        let step_up_url = can_step_up.then(|| format!("/step-up?return_to={}", path(Some(&code))));
        match (without(open, &beyond), step_up_url) {
            (Some(open), step_up_url) => {
                let (scope, left_out) = (open.scope.clone(), asked.scope.without(&open.scope));
                Ok(Due::Question(Box::new(WaitingDevice { code, row, client, scope, left_out, step_up_url })))
            }
            (None, Some(url)) => Ok(Due::Elsewhere(url)),
            (None, None) => Ok(Due::Factor(code)),
        }
    }

    /// Whether the user has not accepted the current version of the terms.
    async fn are_terms_due(&self, server: &Server) -> Result<bool, Stop> {
        let Some(version) = server.settings.terms.version.clone() else { return Ok(false) };
        let user_id = self.signed_in.user.id;
        Ok(!server.store.read(move |tx| accepted_terms::are_accepted(tx, user_id, &version)).await?)
    }
}
