//! `/consent`: what an app asks for, and what the person decides.

mod question;
mod scopes;
mod view;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use time::OffsetDateTime;

use self::question::Question;
pub(super) use self::scopes::{groups, shown, ticked};
pub use self::view::{AccountView, AppView, CannotView, ConsentPage, DeniedPage, ScopeGroup, ScopeStatus, ScopeView};
use super::{answer::answer, app_logo::AppLogo};
use writ_core::{
    ClientMetadata, Error, Params, ScopeSet,
    authorization::AuthorizationRequest,
    vocabulary::{
        duration::GrantDuration,
        redirect_uri::{RedirectUri, is_loopback, web_host},
    },
};

use crate::{
    fault::Stop,
    requests::Pending,
    server::Server,
    sessions::browser,
    store::{
        connections, decisions, requests,
        security_events::{self, Kind},
    },
    web::{
        client_address::{client_address, network},
        error_page::{self, Interruption, Recovery},
        form::{self, Body},
        locale::Locale,
        page::Page,
        see_other,
        shown_host::shown_host,
    },
};

const ENDPOINT: &str = "consent";

/// `GET /consent?request=…`.
pub async fn show(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    let shown = match Params::parse(request.query_string().as_bytes()) {
        Ok(params) => ask(&server, &request, &params).await,
        Err(error) => Err(error.into()),
    };
    answer(&server, &request, ENDPOINT, shown).await
}

/// `POST /consent`.
pub async fn submit(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    let decided = match form::parse(&request, &body) {
        Ok(params) => decide(&server, &request, &params).await,
        Err(error) => Err(error.into()),
    };
    answer(&server, &request, ENDPOINT, decided).await
}

async fn ask(server: &Server, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Stop> {
    let question = match Question::find(server, request, params).await? {
        Ok(question) => question,
        Err(response) => return Ok(response),
    };
    let csrf = question.token(server);
    let catalogue = &server.snapshot().scopes;
    let locale = question.page.locale;
    let metadata = &question.client.metadata;
    let redirect = redirect(&question);
    let page = ConsentPage {
        csrf,
        request: question.pending.handle.clone(),
        again: question.pending.again(),
        app: AppView {
            name: metadata.client_name_in(locale.tag()).to_owned(),
            logo: AppLogo::of(server, &question.client, locale),
            links: links(metadata, locale),
            redirect_host: redirect.as_ref().map(shown_host).unwrap_or_default(),
            on_this_computer: redirect.is_some_and(|url| is_loopback(&url) || web_host(&url).is_none()),
            verified: question.client.approved,
            described_at: question.client.described_at(),
            first_seen: first_seen(locale, question.client.created_at),
        },
        account: AccountView {
            name: question.signed_in.user.display_name()?,
            username: question.signed_in.user.username.clone(),
        },
        groups: question.groups(server, locale),
        cannot: scopes::cannot(locale, catalogue, &question.asked.scope),
        duration: GrantDuration::default(),
        allowed_before: !question.consent.granted.is_empty(),
        another_account_url: {
            let page = if browser::has_inactive(server, request) { "accounts" } else { "login" };
            format!("/{page}?request={}", question.pending.handle)
        },
        page: question.page,
    };
    Ok(page.respond())
}

/// The redirect URI, which was found good when the request actual.
fn redirect(question: &Question) -> Option<url::Url> {
    let only = || question.client.metadata.redirect_uris.first().map(RedirectUri::as_str);
    url::Url::parse(question.pending.redirect_uri().or_else(only)?).ok()
}

/// Where an app says more about itself (OpenID Connect Dynamic Registration §2).
fn links(metadata: &ClientMetadata, locale: Locale) -> Vec<(String, String)> {
    let links = [
        ("consent-app-website", metadata.client_uri_in(locale.tag())),
        ("privacy", metadata.policy_uri_in(locale.tag())),
        ("terms", metadata.tos_uri_in(locale.tag())),
    ];
    links.into_iter().filter_map(|(key, uri)| Some((locale.text(key), uri?.as_str().to_owned()))).collect()
}

fn first_seen(locale: Locale, created_at: i64) -> String {
    OffsetDateTime::from_unix_timestamp(created_at).map(|at| locale.date(at)).unwrap_or_default()
}

async fn decide(server: &Server, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Stop> {
    let question = match Question::find(server, request, params).await? {
        Ok(question) => question,
        Err(response) => return Ok(response),
    };
    let Some(shown_in) = question.shown_in(server, params.get("csrf")?.unwrap_or_default()) else {
        tracing::info!(
            "consent refused: the form was shown to another session, for another request, or for other scopes"
        );
        let path = format!("/consent?request={}", question.pending.handle);
        return Ok(error_page::interrupt(question.page, Interruption::Expired, Recovery::Here(path)));
    };
    let asked = question.asked.scope.clone();
    let granted = granted(params, &question.asked)?;
    let duration = match params.get("duration")? {
        None => GrantDuration::default(),
        Some(text) => GrantDuration::parse(text)
            .ok_or_else(|| Error::invalid_request("duration is none of the page's choices"))?,
    };
    let allowed = !granted.is_empty();
    tracing::info!(client = question.client.id, user = %question.signed_in.user.id, %asked, %granted, "decided");

    let (row_id, session_id, user_id) =
        (question.pending.row.id, question.signed_in.session.id, question.signed_in.user.id);
    let shown = shown(question.groups(server, shown_in), shown_in, &granted, duration);
    let network = network(client_address(request, &server.settings.server.trusted_proxies));
    let client_id = question.client.id.clone();
    let decided = server
        .store
        .write(move |tx| {
            if !requests::decide(tx, row_id, session_id, &granted.to_string(), duration.as_str())? {
                return Ok(false);
            }
            decisions::insert(tx, user_id, &client_id, &shown, &network)?;
            let kind = if allowed { Kind::AppAllowed } else { Kind::AppDenied };
            security_events::record(tx, user_id, kind, Some(&client_id), &network)?;
            if allowed {
                connections::allow(tx, user_id, &client_id, &asked, &granted, duration)?;
            }
            Ok(true)
        })
        .await?;
    let go_on = Pending::resume_path(&question.pending.handle);
    if !decided {
        return Ok(error_page::interrupt(question.page, Interruption::AlreadyAnswered, Recovery::Here(go_on)));
    }
    Ok(if allowed {
        see_other(&go_on)
    } else {
        let app_name = question.page.client_name(&question.client.metadata);
        let still_allowed = !question.consent.granted.is_empty();
        DeniedPage { page: question.page, app_name, still_allowed, url: go_on }.respond()
    })
}

/// What was ticked if the person allowed, else nothing.
fn granted(params: &Params, asked: &AuthorizationRequest) -> Result<ScopeSet, Stop> {
    if params.get("decision")? != Some("approve") {
        return Ok(ScopeSet::default());
    }
    Ok(ticked(params, &asked.scope, &asked.required))
}
