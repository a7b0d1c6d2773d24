//! Runs one authorization request from its facts to its outcome.

use std::sync::Arc;

use actix_web::http::Method;
use writ_core::{
    Cause, Error, Params,
    authorization::{
        AuthorizationRequest, Step, Target, binding,
        next_step::{Arrival, Trust},
    },
};

use super::{
    ENDPOINT,
    facts::{Facts, decision},
    issue::{self, Issued},
    outcome::Outcome,
    response::{AuthorizationResponse, Previous},
};
use crate::{
    consent::disclosures,
    fault::Stop,
    requests::{NewPending, Pending},
    secret::Secret,
    server::Call,
    sessions::{self, browser, factors::Factors},
    store::{self, Id, Tx, accepted_terms, audit_events, clients::Client, requests::Answered, sessions::Session},
    tokens::{id_token::IdTokenHint, subject_identifier::sub},
    web::cookies::Name,
};

/// How a request reached the endpoint.
pub(super) enum Source {
    /// In the query or form of this request.
    Direct,
    /// In a request object that the client publishes.
    Fetched,
    /// Pushed by the client.
    Pushed(Id),
    /// Pending, after a page.
    Pending(Box<Pending>, Resumed),
}

/// What the page before says in the URL.
#[derive(Default)]
pub(super) struct Resumed {
    /// The proof that the user chose an account for the request.
    pub(super) chosen: Option<String>,
    /// Whether the user goes on without a stronger authentication. It needs no proof, because it
    /// only gives up what was asked for.
    pub(super) declines_step_up: bool,
    /// Whether the user returns to the client without what is not open, or without the terms. It
    /// needs no proof either.
    pub(super) leaves: bool,
}

impl Source {
    fn pending(&self) -> Option<&Pending> {
        match self {
            Self::Pending(pending, _) => Some(pending),
            Self::Direct | Self::Fetched | Self::Pushed(_) => None,
        }
    }

    /// The stored requests that the response uses up.
    fn answered(&self) -> Answered {
        match self {
            Self::Direct | Self::Fetched => Answered::default(),
            Self::Pushed(id) => Answered { pending: None, pushed: Some(*id) },
            Self::Pending(pending, _) => pending.answered(),
        }
    }
}

/// A request with a known client and a valid target.
pub(super) struct Flow<'a> {
    pub(super) call: &'a Call,
    pub(super) client: Arc<Client>,
    pub(super) target: Target,
    pub(super) params: Params,
    pub(super) source: Source,
}

impl Flow<'_> {
    /// Runs the request until there is a page, a response, or an error.
    pub(super) async fn run(mut self) -> Outcome {
        let previous = self.source.pending().map(|pending| match pending.row.granted.as_deref() {
            Some("") => Previous::Denied,
            Some(_) => Previous::Allowed,
            None => Previous::SignedIn,
        });
        match self.proceed().await {
            Ok(Progress::Visit { path, new_browser }) => Outcome::Visit { path, new_browser },
            Ok(Progress::AlreadyAnswered) => Outcome::AlreadyAnswered(self.client),
            Ok(Progress::Code(code)) => {
                Outcome::Response(AuthorizationResponse::code(self.client, self.target, code).after(previous))
            }
            Err(Stop::Broken(fault)) if fault.is_foreign_key_violation() => {
                Outcome::Refused(Stop::Broken(fault).refuse_deleted(Cause::ClientUnknown))
            }
            Err(failure) => Outcome::Response(
                AuthorizationResponse::error(self.call, self.client, self.target, failure).after(previous),
            ),
        }
    }

    async fn proceed(&mut self) -> Result<Progress, Stop> {
        let server = &self.call.server;
        let metadata = &self.client.metadata;
        let request = AuthorizationRequest::parse(&self.params, metadata, &server.snapshot().scopes.offer)?;
        binding::check(request.binding(), metadata, server.settings.tokens.require_pkce)?;
        if metadata.require_pushed_authorization_requests && matches!(self.source, Source::Direct | Source::Fetched) {
            return Err(Error::new(Cause::PushRequired, "this client must push its authorization requests").into());
        }
        self.record_dropped(&request);
        let found = sessions::current_with_permissions(server, &self.call.request, self.client.id.clone()).await?;
        if found.is_none() && *self.call.request.method() == Method::POST {
            // A form posted by another site arrives without the server's cookies (`SameSite=Lax`).
            // The GET after it has them.
            let handle = self.store(None, None).await?;
            return Ok(Progress::Visit { path: Pending::resume_path(&handle), new_browser: None });
        }
        let session = found.as_ref().map(|(session, _)| session.clone());
        let mut facts = self.facts(request, session.as_ref())?;
        if let Some(user_id) = session.as_ref().map(|session| session.user_id)
            && (facts.request.acr.is_any() || !facts.demands.is_empty() || !facts.sign_in_demands.is_empty())
        {
            facts.has_second_factor = !Factors::of(server, user_id).await?.is_empty();
        }
        if let Some((session, version)) = session.as_ref().zip(server.settings.terms.version.clone()) {
            let user_id = session.user_id;
            facts.terms_due = !server.store.read(move |tx| accepted_terms::are_accepted(tx, user_id, &version)).await?;
        }
        let mut step = facts.next_step(found.clone());
        if let Step::Issue(issue) = step {
            let answered = self.source.answered();
            match issue::code(server, &self.client, &self.target, facts, answered, found, issue).await? {
                Issued::Code(code) => return Ok(Progress::Code(code)),
                Issued::AlreadyAnswered => return Ok(Progress::AlreadyAnswered),
                Issued::Changed(changed) => step = changed,
            }
        }
        let page = match step {
            Step::Login => "/login",
            Step::Choose => "/accounts",
            Step::Terms => "/terms",
            Step::NotOpen => {
                self.record_not_open(session.as_ref()).await?;
                "/not-open"
            }
            Step::StepUp => "/step-up",
            Step::SetUp => "/account/second-factor/set-up",
            Step::Consent => "/consent",
            Step::Issue(_) => return Ok(Progress::AlreadyAnswered),
            Step::Refuse(error) => {
                let pushed = self.source.answered().pushed;
                server.store.write(move |tx| store::requests::forget(tx, pushed)).await?;
                return Err(error.into());
            }
        };
        self.visit(page, session.as_ref()).await
    }

    fn facts(&self, request: AuthorizationRequest, session: Option<&Session>) -> Result<Facts, Stop> {
        let server = &self.call.server;
        let hint = IdTokenHint::of_request(&server.snapshot().keys, &self.params, &self.client.id)?;
        let meant = [hint.as_ref().map(|hint| hint.sub.as_str()), request.claims.subject()];
        let means_another = session.is_some_and(|session| {
            let sub = sub(server, &self.client, session.user_id);
            meant.into_iter().flatten().any(|meant| meant != sub)
        });
        let snapshot = server.snapshot();
        let disclosed = disclosures(&snapshot.scopes, server.claim_mappings(&self.client.id), &request.scope);
        let resumed = match &self.source {
            Source::Pending(_, resumed) => Some(resumed),
            Source::Direct | Source::Fetched | Source::Pushed(_) => None,
        };
        Ok(Facts {
            session: session.map(|session| session.id),
            arrival: self.source.pending().map(|pending| Arrival {
                at: pending.row.created_at,
                session: pending.row.session_before.map(|id| id.0),
            }),
            means_another,
            chosen: session.is_some_and(|session| self.is_chosen(session.id)),
            others_signed_in: browser::has_inactive(server, &self.call.request),
            trust: trust(&self.client, &self.target),
            decision: self.source.pending().and_then(|pending| decision(&pending.row, &disclosed)),
            has_second_factor: false,
            declines_step_up: resumed.is_some_and(|resumed| resumed.declines_step_up),
            demands: snapshot.scopes.demands(&request.scope),
            sign_in_demands: snapshot.sign_in_demands(&self.client),
            restrictions: snapshot.scopes.restrictions(&self.client, &request.scope),
            leaves: resumed.is_some_and(|resumed| resumed.leaves),
            terms_due: false,
            disclosed,
            now: server.clock.now(),
            request,
        })
    }

    fn is_chosen(&self, session: Id) -> bool {
        let key = &self.call.server.front.form_key;
        matches!(&self.source, Source::Pending(pending, Resumed { chosen: Some(proof), .. })
            if browser::is_choice(key, session, &pending.handle, proof))
    }

    /// Redirects the browser to a page, with the pending request in its URL.
    async fn visit(&mut self, page: &str, session: Option<&Session>) -> Result<Progress, Stop> {
        let known = self.call.cookie(Name::Browser);
        // Later, the user has seen the provider that the client names, or chosen another way.
        let is_first = !matches!(&self.source, Source::Pending(pending, _) if pending.row.browser.is_some());
        let names_provider =
            ["idp_hint", "kc_idp_hint"].iter().any(|name| matches!(self.params.get(name), Ok(Some(_))));
        let hinted = if page == "/login" && is_first && names_provider { "&hinted=1" } else { "" };
        let (handle, new_browser) = match (std::mem::replace(&mut self.source, Source::Direct), session) {
            // The user's decision can only be stored in a row.
            (Source::Pending(pending, _), Some(session)) => {
                (pending.into_stored(self.call, session, known.as_deref()).await?, None)
            }
            (Source::Pending(pending, _), None) if pending.row.browser.is_some() => (pending.handle, None),
            (source, _) => {
                self.source = source;
                let new = known.is_none().then(|| Secret::random().expose());
                let browser = known.as_deref().or(new.as_deref());
                (self.store(session, browser).await?, new)
            }
        };
        Ok(Progress::Visit { path: format!("{page}?request={handle}{hinted}"), new_browser })
    }

    /// Stores this request as pending and returns its handle.
    async fn store(&self, session: Option<&Session>, browser: Option<&str>) -> Result<String, Stop> {
        let new = NewPending {
            client_id: &self.client.id,
            params: &self.params,
            session,
            pushed_id: self.source.answered().pushed,
            browser,
            may_travel: !matches!(self.source, Source::Fetched),
        };
        Pending::store(self.call, new).await
    }

    /// Records for auditors that a policy refuses the user this client or scope.
    async fn record_not_open(&self, session: Option<&Session>) -> Result<(), Stop> {
        let Some(user_id) = session.map(|session| session.user_id) else { return Ok(()) };
        let (network, client_id) = (self.call.network(), self.client.id.clone());
        let refusal =
            move |tx: &mut Tx<'_>| audit_events::refusal(tx, user_id, &network, "policy.not_open", &client_id);
        Ok(self.call.server.store.write(refusal).await?)
    }

    /// Records dropped scopes as a mistake of the client, once per request.
    fn record_dropped(&self, request: &AuthorizationRequest) {
        if self.source.pending().is_some() {
            return;
        }
        for dropped in &request.dropped {
            self.call.server.refusals.record(ENDPOINT, &Stop::Refused(dropped.error().of(&self.client.id)));
        }
    }
}

/// How far a request got.
enum Progress {
    /// The browser goes to a page, and may receive the cookie that binds the request to it.
    Visit { path: String, new_browser: Option<String> },
    /// The client receives a code.
    Code(String),
    /// Another tab completed the request first.
    AlreadyAnswered,
}

fn trust(client: &Client, target: &Target) -> Trust {
    match (client.approved, client.metadata.can_be_impersonated(&target.redirect_uri)) {
        (false, _) => Trust::Unapproved,
        (true, true) => Trust::Impersonable,
        (true, false) => Trust::Approved,
    }
}
