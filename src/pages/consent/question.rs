//! The question that a waiting request asks a person, and the proof that an answer is to that very question.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};

use super::{ENDPOINT, ScopeGroup, scopes};
use writ_core::{Params, authorization::AuthorizationRequest};

use crate::{
    fault::Stop,
    requests::{Pending, expired},
    server::Server,
    sessions::{self, SignedIn, csrf},
    store::{
        clients::Client,
        consents::{self, Consent},
    },
    web::{locale::Locale, page::PageContext, see_other},
};

/// All that a decision is about.
pub(super) struct Question {
    /// The frame of its page.
    pub(super) page: PageContext,
    /// The request that waits.
    pub(super) pending: Pending,
    /// Who asks.
    pub(super) client: Arc<Client>,
    /// For what.
    pub(super) asked: AuthorizationRequest,
    /// Who decides.
    pub(super) signed_in: SignedIn,
    /// What they decided before.
    pub(super) consent: Consent,
}

impl Question {
    /// The question behind a pending request's handle, or the response that there is none to ask.
    pub(super) async fn find(
        server: &Server,
        request: &HttpRequest,
        params: &Params,
    ) -> Result<Result<Self, HttpResponse>, Stop> {
        let signed_in = sessions::current(server, request).await?;
        let gone = async || Ok(Err(expired::respond(server, server.front.page(request, None), params).await?));
        let Some(pending) = Pending::find(server, request, params.require("request")?).await? else {
            return gone().await;
        };
        let Some(client) = server.clients.find(&pending.row.client_id).await? else {
            return gone().await;
        };
        let parsed = pending.request(&client.metadata, &server.snapshot().scopes.offer);
        // The resumed request says what has become wrong with it, in the way that the app understands.
        let (Ok(asked), Some(signed_in)) = (parsed, signed_in) else {
            return Ok(Err(resume(&pending)));
        };
        let (user_id, client_id) = (signed_in.user.id, client.id.clone());
        let consent = server.store.read(move |tx| consents::find(tx, user_id, &client_id)).await?.unwrap_or_default();
        let page = server.front.page(request, pending.ui_locales());
        let page = page.at(&format!("/consent?request={}", pending.handle));
        Ok(Ok(Self { page, pending, client, asked, signed_in, consent }))
    }

    /// What is asked for, in words.
    pub(super) fn groups(&self, server: &Server, locale: Locale) -> Vec<ScopeGroup> {
        let scopes = (&self.asked.scope, &self.asked.required);
        scopes::groups(server, locale, &self.client.metadata, scopes, &self.consent)
    }

    /// What the form's token is good for: this session, this request, exactly these scopes, and the language they are shown in.
    fn bound_to(&self, shown_in: Locale) -> [String; 5] {
        [
            shown_in.to_string(),
            self.signed_in.session.id.to_string(),
            self.pending.row.id.to_string(),
            self.asked.scope.to_string(),
            self.asked.required.to_string(),
        ]
    }

    /// The form's token.
    pub(super) fn token(&self, server: &Server) -> String {
        let bound_to = self.bound_to(self.page.locale);
        csrf::token(&server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str))
    }

    /// The language in which the form with this token was shown; none: it was not shown for this question.
    pub(super) fn shown_in(&self, server: &Server, token: &str) -> Option<Locale> {
        Locale::all().iter().copied().find(|locale| {
            let bound_to = self.bound_to(*locale);
            csrf::verify(&server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str), token)
        })
    }
}

fn resume(pending: &Pending) -> HttpResponse {
    see_other(&Pending::resume_path(&pending.handle))
}
