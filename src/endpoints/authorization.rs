//! The authorization endpoint (RFC 6749 §3.1): the story of one authorization code begins and ends here.
//!
//! Every step that a person takes returns to [`resume`], which decides anew; no step knows the next.

mod answer;
pub mod form_post;
mod next_step;
mod target;

use actix_web::{HttpRequest, HttpResponse, http::Method, web::Data};
use aws_lc_rs::hmac;

use self::{
    next_step::{Arrival, Decision, Situation, Step, next_step},
    target::{Target, find_client},
};
use writ_core::{Cause, Error, ErrorCode, Params, vocabulary::duration::GrantDuration};

use crate::{
    fault::Stop,
    requests::{AuthorizationRequest, Pending, Pushed, expired, request_object},
    server::Server,
    sessions::{self, browser},
    store::{Id, requests::Answered},
    tokens::{id_token::IdTokenHint, subject_identifier::sub},
    web::{
        error_page::{self, Interruption},
        form::{self, Body},
        page::PageContext,
        see_other,
    },
};

const ENDPOINT: &str = "authorization";

/// `GET` and `POST /authorize`.
pub async fn authorize(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    match form::parse_or_query(&request, &body) {
        Ok(params) => match Pushed::find(&server, &params).await {
            Ok(None) => open(&server, &request, params).await,
            Ok(Some(pushed)) => decide(&server, &request, &pushed.params, Origin::Pushed(pushed.id)).await,
            Err(failure) => not_pushed(&server, &request, &params, failure).await,
        },
        Err(error) => refuse(&server, sessions::page(&server, &request, None).await, &request, error.into()),
    }
}

/// A request may lie in an object that its client signed. What is wrong with that goes wherever the parameters beside it lead.
async fn open(server: &Server, request: &HttpRequest, params: Params) -> HttpResponse {
    let client = match find_client(server, request, &params).await {
        Ok(client) => client,
        Err(failure) => return refuse(server, page(server, request, &params).await, request, failure),
    };
    match request_object::open(server, &client, params.clone()).await {
        Ok(params) => decide(server, request, &params, Origin::Direct).await,
        Err(error) => {
            let page = page(server, request, &params).await;
            match Target::find(server, request, &params).await {
                Ok(target) => target.refuse(page, ENDPOINT, error.into()),
                Err(_) => refuse(server, page, request, error.of(&client.id).into()),
            }
        }
    }
}

/// A `request_uri` of ours that is over says nothing about the request, but `client_id` beside it says whose it was.
async fn not_pushed(server: &Server, request: &HttpRequest, params: &Params, failure: Stop) -> HttpResponse {
    let page = page(server, request, params).await;
    if !matches!(&failure, Stop::Refused(error) if error.code == ErrorCode::InvalidRequestUri) {
        return refuse(server, page, request, failure);
    }
    match expired::way_to_app(server, &page, params.get("client_id").ok().flatten()).await {
        Ok(way) => {
            server.refusals.record(ENDPOINT, &failure);
            error_page::show_expired(page, request, failure, way)
        }
        Err(fault) => refuse(server, page, request, fault.into()),
    }
}

async fn page(server: &Server, request: &HttpRequest, params: &Params) -> PageContext {
    sessions::page(server, request, params.get("ui_locales").ok().flatten()).await
}

/// Until there is a [`Target`], a refusal is a page.
fn refuse(server: &Server, page: PageContext, request: &HttpRequest, failure: Stop) -> HttpResponse {
    server.refusals.record(ENDPOINT, &failure);
    error_page::show(page, request, failure)
}

/// How a request came before us.
enum Origin {
    /// In this very address or form.
    Direct,
    /// Its client had pushed it (RFC 9126).
    Pushed(Id),
    /// It waited for a person, who may have proven that they chose an account for it.
    Waited(Box<Pending>, Option<String>),
}

impl Origin {
    fn pending(&self) -> Option<&Pending> {
        match self {
            Self::Waited(pending, _) => Some(pending),
            Self::Direct | Self::Pushed(_) => None,
        }
    }

    fn is_chosen(&self, key: &hmac::Key, session: Id) -> bool {
        matches!(self, Self::Waited(pending, Some(proof)) if browser::is_choice(key, session, &pending.handle, proof))
    }

    /// What the answer uses up.
    fn answered(&self) -> Answered {
        match self {
            Self::Direct => Answered::default(),
            Self::Pushed(id) => Answered { pending: None, pushed: Some(*id) },
            Self::Waited(pending, _) => Answered { pending: Some(pending.row.id), pushed: pending.row.pushed_id },
        }
    }
}

/// `GET /authorize/resume?request=…`: goes on with a request after a person did something about it.
pub async fn resume(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    match find_pending(&server, &request).await {
        Ok(Some((pending, chosen))) => {
            let params = pending.params.clone();
            decide(&server, &request, &params, Origin::Waited(Box::new(pending), chosen)).await
        }
        Ok(None) => gone(&server, &request).await,
        Err(failure) => refuse(&server, sessions::page(&server, &request, None).await, &request, failure),
    }
}

/// The request is over: with a button that begins it anew where it is still known.
async fn gone(server: &Server, request: &HttpRequest) -> HttpResponse {
    let page = sessions::page(server, request, None).await;
    let params = Params::parse(request.query_string().as_bytes()).unwrap_or_default();
    match expired::respond(server, page.clone(), &params).await {
        Ok(response) => response,
        Err(fault) => refuse(server, page, request, fault.into()),
    }
}

/// The request that waits, and the proof that an account was chosen for it, if there is one.
async fn find_pending(server: &Server, request: &HttpRequest) -> Result<Option<(Pending, Option<String>)>, Stop> {
    let params = Params::parse(request.query_string().as_bytes())?;
    let chosen = params.get("chosen")?.map(str::to_owned);
    Ok(Pending::find(server, params.require("request")?).await?.map(|pending| (pending, chosen)))
}

/// Until there is a [`Target`], errors are pages; from then on, they are redirects.
async fn decide(server: &Server, request: &HttpRequest, params: &Params, origin: Origin) -> HttpResponse {
    let target = match Target::find(server, request, params).await {
        Ok(target) => target,
        Err(failure) => return refuse(server, page(server, request, params).await, request, failure),
    };
    let proceeded = proceed(server, request, &target, params, origin).await;
    let page = if target.answers_with_pages() || matches!(proceeded, Ok(Proceed::AnsweredAlready)) {
        page(server, request, params).await
    } else {
        server.front.page(request, None)
    };
    match proceeded {
        Ok(Proceed::To(path)) => see_other(&path),
        Ok(Proceed::Answer(code)) => target.grant(page, &code),
        Ok(Proceed::AnsweredAlready) => {
            let way = expired::way_to(server, &page, &target.client);
            error_page::interrupt(page, Interruption::AlreadyAnswered, way)
        }
        Err(failure) => target.refuse(page, ENDPOINT, failure),
    }
}

/// What the browser does next.
enum Proceed {
    /// Goes to a page of ours.
    To(String),
    /// Takes a code to the client.
    Answer(String),
    /// Nothing: another tab was faster.
    AnsweredAlready,
}

async fn proceed(
    server: &Server,
    http_request: &HttpRequest,
    target: &Target,
    params: &Params,
    origin: Origin,
) -> Result<Proceed, Stop> {
    let request = AuthorizationRequest::parse(params, &target.client.metadata, &server.snapshot().scopes)?;
    request.check_binding(&target.client.metadata, server.settings.tokens.require_pkce)?;
    if target.client.metadata.require_pushed_authorization_requests && matches!(origin, Origin::Direct) {
        return Err(Error::new(Cause::PushRequired, "this client has to push its authorization requests").into());
    }
    let visit = sessions::current_with_consent(server, http_request, target.client.id.clone()).await?;
    if visit.is_none() && *http_request.method() == Method::POST {
        // A form that an app posts comes without our cookies (`SameSite=Lax`), the GET after it with them.
        let pushed = origin.answered().pushed;
        let handle = Pending::store(server, &target.client.id, params, None, pushed).await?;
        return Ok(Proceed::To(Pending::resume_path(&handle)));
    }
    let (session, consent) = visit.unzip();
    let hint = IdTokenHint::of_request(&server.snapshot().keys, params, &target.client.id)?;
    let meant = [hint.as_ref().map(|hint| hint.sub.as_str()), request.claims.subject()];
    let now = server.clock.now();
    let situation = Situation {
        session: session.as_ref(),
        arrival: origin
            .pending()
            .map(|pending| Arrival { at: pending.row.created_at, session: pending.row.session_before }),
        means_another: session.as_ref().is_some_and(|session| {
            let sub = sub(server, &target.client, session.user_id);
            meant.into_iter().flatten().any(|meant| meant != sub)
        }),
        others_wait: browser::has_inactive(server, http_request),
        chosen: session.as_ref().is_some_and(|session| origin.is_chosen(&server.front.form_key, session.id)),
        consent: consent.flatten().unwrap_or_default(),
        always_asks: target.always_asks(),
        decision: origin.pending().and_then(|pending| {
            let row = &pending.row;
            Some(Decision {
                session_id: row.decided_by?,
                granted: row.granted.as_deref()?,
                duration: row.duration.as_deref().and_then(GrantDuration::parse).unwrap_or_default(),
            })
        }),
        now,
    };
    let page = match next_step(&request, &situation) {
        Step::Login => "/login",
        Step::Choose => "/accounts",
        Step::Consent => "/consent",
        Step::Issue { scope, ends_at, session } => {
            let given = answer::Given { scope, ends_at, session: session.clone(), answered: origin.answered() };
            return answer::issue_code(server, target, request, given).await;
        }
        Step::Refuse(error) => {
            if !matches!(origin, Origin::Direct) {
                answer::forget(server, origin.answered()).await?;
            }
            return Err(error.into());
        }
    };
    let session = situation.session.map(|session| session.id);
    let pushed = origin.answered().pushed;
    let handle = match origin {
        Origin::Waited(pending, _) => pending.handle,
        Origin::Direct | Origin::Pushed(_) => {
            Pending::store(server, &target.client.id, params, session, pushed).await?
        }
    };
    Ok(Proceed::To(format!("{page}?request={handle}")))
}
