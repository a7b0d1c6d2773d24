//! The pending request of a consent page, and the proof that a form belongs to it.

use std::{borrow::Cow, sync::Arc};

use actix_web::HttpResponse;
use writ_core::{
    Params,
    authorization::{
        AuthorizationRequest,
        next_step::{open, without},
    },
    consent::{Consent, preset_duration},
    vocabulary::duration::GrantDuration,
};

use super::{ENDPOINT, PreviousConsent};
use crate::{
    consent::{ScopeGroup, Unmet, disclosures, scope_groups},
    fault::Stop,
    requests::{Pending, expired},
    server::{Call, Server},
    sessions::{self, SignedIn, csrf},
    store::{clients::Client, consents},
    web::{locale::Locale, page::PageContext, see_other, zone::Zone},
};

/// Everything that the decision depends on.
pub(super) struct ConsentRequest {
    /// The layout of the page.
    pub(super) page: PageContext,
    /// The pending request.
    pub(super) pending: Pending,
    /// The client.
    pub(super) client: Arc<Client>,
    /// Its parameters, without the scopes whose conditions the user does not meet.
    pub(super) asked: AuthorizationRequest,
    /// Those scopes.
    pub(super) unmet: Unmet,
    /// The user who decides.
    pub(super) signed_in: SignedIn,
    /// The user's time zone.
    pub(super) zone: Zone,
    /// The user's earlier decisions.
    pub(super) consent: Consent,
    /// When the user last decided, in seconds since the epoch.
    decided_at: Option<i64>,
}

/// The request, or the response if there is nothing to decide.
pub(super) enum Found {
    Request(Box<ConsentRequest>),
    Response(HttpResponse),
}

impl ConsentRequest {
    /// Finds the request with the handle in `params`.
    pub(super) async fn find(call: &Call, params: &Params) -> Result<Found, Stop> {
        let server = &call.server;
        let signed_in = sessions::current(server, &call.request).await?;
        let gone = async || Ok(Found::Response(expired::respond(server, call.page(None), params).await?));
        let Some(pending) = Pending::find(server, &call.request, params.require("request")?).await? else {
            return gone().await;
        };
        let Some(client) = server.clients.find(&pending.row.client_id).await? else {
            return gone().await;
        };
        let parsed = pending.request(&client.metadata, &server.snapshot().scopes.offer);
        // If the request has become invalid, resuming it returns the right error to the client.
        let resume = || Ok(Found::Response(see_other(&Pending::resume_path(&pending.handle))));
        let (Ok(asked), Some(signed_in)) = (parsed, signed_in) else { return resume() };
        if client.check_enabled().is_err() {
            return resume();
        }
        let snapshot = server.snapshot();
        let closed = snapshot.scopes.restrictions(&client, &asked.scope).closed_to(&signed_in.user.groups());
        let beyond = snapshot.scopes.demands(&asked.scope).beyond(signed_in.session.evidence().acr());
        let asked = open(&asked, &closed).and_then(|open| without(open, &beyond)).map(Cow::into_owned);
        let Some(asked) = asked else { return resume() };
        let (user_id, client_id) = (signed_in.user.id, client.id.clone());
        let known = server.store.read(move |tx| consents::find_dated(tx, user_id, &client_id)).await?;
        let (consent, decided_at) = known.map_or((Consent::default(), None), |(consent, at)| (consent, Some(at)));
        let page = call.page(pending.ui_locales()).at(&format!("/consent?request={}", pending.handle));
        let zone = Zone::of(&signed_in.user.standard_claims()?);
        Ok(Found::Request(Box::new(Self {
            page,
            pending,
            client,
            asked,
            unmet: Unmet { closed: closed.scope, beyond },
            signed_in,
            zone,
            consent,
            decided_at,
        })))
    }

    /// Whether this request was denied in this session.
    pub(super) fn was_denied(&self) -> bool {
        let row = &self.pending.row;
        row.decided_by == Some(self.signed_in.session.id) && row.granted.as_deref() == Some("")
    }

    /// The descriptions of the requested scopes.
    pub(super) fn groups(&self, server: &Server, locale: Locale) -> Vec<ScopeGroup> {
        let scopes = (&self.asked.scope, &self.asked.required);
        scope_groups(server, locale, &self.client, scopes, &self.consent)
    }

    /// The earlier consent, if it is still in force.
    pub(super) fn previous(&self) -> Option<PreviousConsent> {
        let at = self.decided_at.filter(|_| !self.consent.granted.is_empty())?;
        let day = |seconds| self.page.locale.date(&self.zone.at(seconds));
        Some(PreviousConsent { on: day(at), until: self.consent.expires_at.map(day) })
    }

    /// The preselected duration: the current one, if there is one.
    pub(super) fn duration(&self) -> GrantDuration {
        match (self.previous(), self.consent.expires_at) {
            (Some(_), Some(_)) => GrantDuration::ThirtyDays,
            (Some(_), None) => GrantDuration::UntilRevoked,
            (None, _) => preset_duration(self.client.approved),
        }
    }

    /// What the form's token is bound to: the session, the request, the requested scopes with their
    /// current state, and the language of the page.
    fn bound_to(&self, server: &Server, shown_in: Locale) -> [String; 6] {
        let mappings = server.claim_mappings(&self.client.id);
        let disclosed = disclosures(&server.snapshot().scopes, mappings, &self.asked.scope);
        [
            shown_in.to_string(),
            self.signed_in.session.id.to_string(),
            self.pending.row.id.to_string(),
            self.asked.scope.to_string(),
            self.asked.required.to_string(),
            serde_json::to_string(&disclosed).unwrap_or_default(),
        ]
    }

    /// The CSRF token of the form.
    pub(super) fn csrf(&self, server: &Server) -> String {
        let bound_to = self.bound_to(server, self.page.locale);
        csrf::token(&server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str))
    }

    /// The language of the form with this token. `None` if it was not shown for this request.
    pub(super) fn shown_in(&self, server: &Server, token: &str) -> Option<Locale> {
        Locale::all().iter().copied().find(|locale| {
            let bound_to = self.bound_to(server, *locale);
            csrf::verify(&server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str), token)
        })
    }
}
