//! `/consent`: what an app requests and what the user decides.

mod app;
mod preview;
mod request;
mod view;

use actix_web::HttpResponse;
use writ_core::{
    Error, Params, ScopeSet,
    consent::{Decision, ticked},
    vocabulary::{duration::GrantDuration, redirect_uri::RedirectUri},
};

use self::request::{ConsentRequest, Found};
pub(super) use self::view::duration_key;
pub use self::{
    app::{AppLink, AppView, is_not, users},
    preview::Preview,
    view::{AccountView, ConsentPage, DeniedPage, DurationChoice, OfflineAccess, PreviousConsent},
};
use super::answer::answer;
use crate::{
    config::TokensSettings,
    consent::{self, ConsentRecord, ConsentSource, disclosures, shown_scopes, unrequested_scopes},
    fault::Stop,
    metrics::METRICS,
    requests::Pending,
    server::{Call, Server},
    sessions::browser,
    store::decisions::ShownConsent,
    web::{
        error_page::{self, Interruption, Recovery},
        form::{self, Body},
        locale::Locale,
        page::Page,
        see_other,
        zone::Zone,
    },
};

const ENDPOINT: &str = "consent";

/// `GET /consent?request=…`.
pub async fn show(call: Call) -> HttpResponse {
    let shown = match call.query() {
        Ok(params) => ask(&call, &params).await,
        Err(error) => Err(error.into()),
    };
    answer(&call, ENDPOINT, shown).await
}

/// `POST /consent`.
pub async fn submit(call: Call, body: Body) -> HttpResponse {
    let decided = match form::parse(&call.request, &body) {
        Ok(params) => decide(&call, &params).await,
        Err(error) => Err(error.into()),
    };
    answer(&call, ENDPOINT, decided).await
}

async fn ask(call: &Call, params: &Params) -> Result<HttpResponse, Stop> {
    let request = match ConsentRequest::find(call, params).await? {
        Found::Request(request) => request,
        Found::Response(response) => return Ok(response),
    };
    if request.was_denied() {
        return Ok(denied(*request));
    }
    let server = &call.server;
    let locale = request.page.locale;
    let redirect = redirect_uri(&request);
    let offline_access = OfflineAccess::of(&request.client.metadata, &request.asked.scope);
    let mut groups = request.groups(server, locale);
    let about = (request.signed_in.user.id, request.client.id.as_str());
    consent::add_previous_texts(&server.store, about, locale, &mut groups).await?;
    let page = ConsentPage {
        csrf: request.csrf(server),
        request: request.pending.handle.clone(),
        again: request.pending.again(),
        app: AppView::of(server, &request.client, locale, redirect.as_ref()).await?,
        account: AccountView {
            name: request.signed_in.user.display_name()?,
            username: request.signed_in.user.username.clone(),
        },
        groups,
        unrequested: unrequested_scopes(locale, &server.snapshot().scopes, &request.asked.scope, &request.unmet),
        durations: durations(server, locale, &request.zone, offline_access),
        duration: request.duration(),
        previous: request.previous(),
        offline_access,
        session_lifetime: locale.duration(server.settings.sessions.lifetime),
        another_account_url: {
            let page = if browser::has_inactive(server, &call.request) { "accounts" } else { "login" };
            format!("/{page}?request={}", request.pending.handle)
        },
        page: request.page,
    };
    METRICS.consents.add(["shown"]);
    Ok(page.respond())
}

/// The redirect URI, which was validated when the request arrived.
fn redirect_uri(request: &ConsentRequest) -> Option<url::Url> {
    let only = || request.client.metadata.redirect_uris.first().map(RedirectUri::as_str);
    url::Url::parse(request.pending.redirect_uri().or_else(only)?).ok()
}

/// The available durations, each with its end as text, in the user's time zone.
pub(super) fn durations(server: &Server, locale: Locale, zone: &Zone, access: OfflineAccess) -> Vec<DurationChoice> {
    let now = server.clock.now();
    let by_session = access == OfflineAccess::EndsWithSession;
    let once = if by_session { "consent-duration-once-ends-or-sign-out" } else { "consent-duration-once-ends" };
    GrantDuration::ALL
        .into_iter()
        .map(|duration| {
            let ends = match (duration, duration.ends_at(now)) {
                (GrantDuration::Once, Some(end)) => locale.text_with(once, &[("duration", locale.duration(end - now))]),
                (_, Some(end)) => locale.text_with("consent-duration-ends", &[("date", locale.date(&zone.at(end)))]),
                (_, None) if by_session => locale.text("consent-duration-session-ends"),
                (_, None) => unused_ends(&server.settings.tokens, locale),
            };
            DurationChoice { duration, ends }
        })
        .collect()
}

/// When a grant ends to which the user set no end.
fn unused_ends(tokens: &TokensSettings, locale: Locale) -> String {
    let idle = ("duration", locale.duration(tokens.grant_idle_lifetime));
    match tokens.grant_max_lifetime {
        0 => locale.text_with("consent-duration-idle-ends", &[idle]),
        max => locale.text_with("consent-duration-idle-or-age-ends", &[idle, ("max", locale.duration(max))]),
    }
}

async fn decide(call: &Call, params: &Params) -> Result<HttpResponse, Stop> {
    let request = match ConsentRequest::find(call, params).await? {
        Found::Request(request) => request,
        Found::Response(response) => return Ok(response),
    };
    let server = &call.server;
    let Some(shown_in) = request.shown_in(server, params.get("csrf")?.unwrap_or_default()) else {
        tracing::info!(
            "consent refused: the form was shown to another session, for another request, or with other scopes"
        );
        let path = format!("/consent?request={}", request.pending.handle);
        return Ok(error_page::interrupt(request.page, Interruption::Expired, Recovery::Here(path)));
    };
    let decision = parse_decision(server, params, &request)?;
    let allowed = !decision.ticked.is_empty();
    tracing::info!(
        client = request.client.id,
        user = %request.signed_in.user.id,
        requested = %decision.requested,
        granted = %decision.ticked,
        "decided"
    );
    let app = AppView::of(server, &request.client, shown_in, redirect_uri(&request).as_ref()).await?;
    let shown = ShownConsent {
        app: app.shown(),
        scopes: shown_scopes(request.groups(server, shown_in), &server.snapshot().scopes, &decision.ticked),
        ..ShownConsent::new(shown_in, allowed, decision.duration)
    };
    let record = ConsentRecord {
        source: ConsentSource::Browser(request.pending.row.id),
        session: request.signed_in.session.clone(),
        client_id: request.client.id.clone(),
        decision,
        shown,
        network: call.network(),
    };
    let resume = Pending::resume_path(&request.pending.handle);
    if !consent::record(&server.store, record).await? {
        return Ok(error_page::interrupt(request.page, Interruption::AlreadyAnswered, Recovery::Here(resume)));
    }
    if !allowed {
        return Ok(denied(*request));
    }
    Ok(see_other(&resume))
}

/// The page after a denial. The client is notified when the user continues.
fn denied(request: ConsentRequest) -> HttpResponse {
    let app_name = request.page.client_name(&request.client.metadata);
    let previous = request.previous();
    DeniedPage { url: Pending::resume_path(&request.pending.handle), app_name, previous, page: request.page }.respond()
}

/// The decision in a form about `request`: the ticked scopes if the user allowed, otherwise none.
fn parse_decision(server: &Server, params: &Params, request: &ConsentRequest) -> Result<Decision, Stop> {
    let asked = &request.asked;
    let allowed = params.get("decision")? == Some("approve");
    let boxes: ScopeSet = params.all("scope").collect();
    Ok(Decision {
        ticked: if allowed { ticked(&asked.scope, &asked.required, &boxes) } else { ScopeSet::default() },
        duration: parse_duration(params)?,
        requested: asked.scope.clone(),
        implied: asked.implied.clone(),
        claims: asked.claims.clone(),
        disclosed: disclosures(&server.snapshot().scopes, server.claim_mappings(&request.client.id), &asked.scope),
    })
}

/// The chosen duration.
pub(super) fn parse_duration(params: &Params) -> Result<GrantDuration, Error> {
    match params.get("duration")? {
        None => Ok(GrantDuration::default()),
        Some(text) => text.parse().map_err(|_| Error::invalid_request("duration is not one of the page's choices")),
    }
}
