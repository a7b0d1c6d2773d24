//! `/consent`: what an app asks for, and what the person decides.

mod view;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, LOCATION},
    web::Data,
};
use time::OffsetDateTime;

pub use view::{AccountView, AppView, CannotView, ConsentPage, ScopeGroup, ScopeStatus, ScopeView};

use super::{
    navigate::{NavigatePage, Outcome},
    scope_words::ScopeWords,
};
use crate::{
    catalogue::Catalogue,
    protocol::{ClientMetadata, Error, Params, ScopeSet, duration::GrantDuration, scope::Risk},
    requests::{AuthorizationRequest, Pending},
    server::Server,
    sessions::{self, SignedIn, csrf},
    store::{
        clients::Client,
        connections,
        consents::{self, Consent},
        decisions::{self, Shown, ShownScope},
        requests,
        security_events::{self, Kind},
    },
    web::{
        Failure,
        client_address::{client_address, network},
        error_page::{self, Interruption},
        form::{self, Body},
        locale::Locale,
        page::{Page, PageContext},
    },
};

const ENDPOINT: &str = "consent";

/// `GET /consent?request=…`.
pub async fn show(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    let shown = match Params::parse(request.query_string().as_bytes()) {
        Ok(params) => ask(&server, &request, &params).await,
        Err(error) => Err(error.into()),
    };
    answer(&server, &request, shown)
}

/// `POST /consent`.
pub async fn submit(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    let decided = match form::parse(&request, &body) {
        Ok(params) => decide(&server, &request, &params).await,
        Err(error) => Err(error.into()),
    };
    answer(&server, &request, decided)
}

fn answer(server: &Server, request: &HttpRequest, response: Result<HttpResponse, Failure>) -> HttpResponse {
    response.unwrap_or_else(|failure| error_page::refuse(server.page(request, None), request, ENDPOINT, failure))
}

/// All that a decision is about.
struct Question {
    page: PageContext,
    pending: Pending,
    client: std::sync::Arc<Client>,
    asked: AuthorizationRequest,
    signed_in: SignedIn,
    consent: Consent,
}

impl Question {
    /// The question behind a pending request's handle, or the response that there is none to ask.
    async fn find(
        server: &Server,
        request: &HttpRequest,
        params: &Params,
    ) -> Result<Result<Self, HttpResponse>, Failure> {
        let page = server.page(request, None);
        let gone = |page| Ok(Err(error_page::interrupt(page, Interruption::RequestGone, "/")));
        let Some(pending) = Pending::find(server, params.require("request")?).await? else { return gone(page) };
        let Some(client) = server.client(&pending.row.client_id).await? else { return gone(page) };
        let parsed = AuthorizationRequest::parse(&pending.params, &client.metadata, &server.remembered().catalogue);
        // The resumed request says what has become wrong with it, in the way that the app understands.
        let (Ok(asked), Some(signed_in)) = (parsed, sessions::current(server, request).await?) else {
            return Ok(Err(resume(&pending)));
        };
        let (user_id, client_id) = (signed_in.user.id, client.id.clone());
        let consent = server.store.read(move |tx| consents::find(tx, user_id, &client_id)).await?.unwrap_or_default();
        let setting = signed_in.user.standard_claims()?.locale;
        let locale = Locale::of(request, pending.params.get("ui_locales")?, setting.as_deref());
        let page = PageContext { locale, ..page }.at(&format!("/consent?request={}", pending.handle));
        Ok(Ok(Self { page, pending, client, asked, signed_in, consent }))
    }

    fn groups(&self, server: &Server, locale: Locale) -> Vec<ScopeGroup> {
        let scopes = (&self.asked.scope, &self.asked.required);
        groups(server, locale, &self.client.metadata, scopes, &self.consent)
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
    fn token(&self, server: &Server) -> String {
        let bound_to = self.bound_to(self.page.locale);
        csrf::token(&server.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str))
    }

    /// The language in which the form with this token was shown; none: it was not shown for this question.
    fn shown_in(&self, server: &Server, token: &str) -> Option<Locale> {
        Locale::all().iter().copied().find(|locale| {
            let bound_to = self.bound_to(*locale);
            csrf::verify(&server.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str), token)
        })
    }
}

fn resume(pending: &Pending) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, Pending::resume_path(&pending.handle)))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

async fn ask(server: &Server, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Failure> {
    let question = match Question::find(server, request, params).await? {
        Ok(question) => question,
        Err(response) => return Ok(response),
    };
    let csrf = question.token(server);
    let remembered = server.remembered();
    let catalogue = &remembered.catalogue;
    let locale = question.page.locale;
    let metadata = &question.client.metadata;
    let (redirect_host, on_this_computer) = destination(&question.pending.params);
    let page = ConsentPage {
        csrf,
        request: question.pending.handle.clone(),
        app: AppView {
            name: metadata.client_name.clone(),
            redirect_host,
            on_this_computer,
            verified: question.client.approved,
            described_at: question.client.described_at(),
            first_seen: first_seen(locale, question.client.created_at),
        },
        account: AccountView {
            name: question.signed_in.user.display_name()?,
            username: question.signed_in.user.username.clone(),
        },
        groups: question.groups(server, locale),
        cannot: cannot(locale, catalogue, &question.asked.scope),
        duration: GrantDuration::default(),
        another_account_url: format!("/login?request={}", question.pending.handle),
        page: question.page,
    };
    Ok(page.respond())
}

/// What is shown of a redirect URI: its host, or the scheme of an app's own; and whether that is a program on this computer.
fn destination(params: &Params) -> (String, bool) {
    let url = params.get("redirect_uri").ok().flatten().and_then(|uri| url::Url::parse(uri).ok());
    match url {
        Some(url) => {
            let loopback = crate::protocol::redirect_uri::is_loopback(&url);
            (url.host_str().unwrap_or(url.scheme()).to_owned(), loopback || url.host_str().is_none())
        }
        None => (String::new(), false),
    }
}

fn first_seen(locale: Locale, created_at: i64) -> String {
    OffsetDateTime::from_unix_timestamp(created_at).map(|at| locale.date(at)).unwrap_or_default()
}

/// The requested scopes by their owner, our own first; of those asked for, `required` are locked.
pub(super) fn groups(
    server: &Server,
    locale: Locale,
    client: &ClientMetadata,
    (asked, required): (&ScopeSet, &ScopeSet),
    consent: &Consent,
) -> Vec<ScopeGroup> {
    let remembered = server.remembered();
    let product = &server.settings.branding.product_name;
    let mut groups: Vec<ScopeGroup> = Vec::new();
    for name in asked.iter() {
        let Some(words) = ScopeWords::find(&remembered.catalogue, name, locale, product) else { continue };
        let required = required.contains(name);
        let status = if consent.granted.contains(name) {
            ScopeStatus::AlreadyAllowed
        } else if consent.declined.contains(name) {
            ScopeStatus::DeclinedBefore
        } else {
            ScopeStatus::New
        };
        let ticked = required
            || match status {
                ScopeStatus::AlreadyAllowed => true,
                ScopeStatus::DeclinedBefore => false,
                ScopeStatus::New => words.risk != Risk::High,
            };
        let view = ScopeView {
            value: name.to_owned(),
            sentence: words.sentence,
            consequence: words.consequence,
            risk: words.risk,
            required,
            why_required: required.then(|| client.required_scope_reason.clone()).flatten(),
            ticked,
            status,
        };
        match groups.iter_mut().find(|group| group.resource_server == words.resource_server) {
            Some(group) => group.scopes.push(view),
            None => groups.push(ScopeGroup { resource_server: words.resource_server, scopes: vec![view] }),
        }
    }
    groups
}

/// What the app could have asked of the same resource servers and did not.
fn cannot(locale: Locale, catalogue: &Catalogue, asked: &ScopeSet) -> Vec<CannotView> {
    let concerned =
        catalogue.servers().iter().filter(|server| server.scopes.iter().any(|scope| asked.contains(&scope.name)));
    concerned
        .flat_map(|server| &server.scopes)
        .filter(|scope| !asked.contains(&scope.name))
        .map(|scope| CannotView {
            text: locale.pick(&scope.texts).map_or_else(|| scope.name.clone(), |text| text.sentence.clone()),
            scope: scope.name.clone(),
        })
        .collect()
}

async fn decide(server: &Server, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Failure> {
    let question = match Question::find(server, request, params).await? {
        Ok(question) => question,
        Err(response) => return Ok(response),
    };
    let Some(shown_in) = question.shown_in(server, params.get("csrf")?.unwrap_or_default()) else {
        tracing::info!(
            "consent refused: the form was shown to another session, for another request, or for other scopes"
        );
        let path = format!("/consent?request={}", question.pending.handle);
        return Ok(error_page::interrupt(question.page, Interruption::Expired, &path));
    };
    let asked = question.asked.scope.clone();
    let granted = granted(params, &question.asked)?;
    let duration = match params.get("duration")? {
        None => GrantDuration::default(),
        Some(text) => GrantDuration::parse(text)
            .ok_or_else(|| Error::invalid_request("duration is none of the page's choices"))?,
    };
    let outcome = if granted.is_empty() { Outcome::Denied } else { Outcome::Allowed };
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
            let kind = if granted.is_empty() { Kind::AppDenied } else { Kind::AppAllowed };
            security_events::record(tx, user_id, kind, Some(&client_id), &network)?;
            if !granted.is_empty() && duration != GrantDuration::Once {
                connections::allow(tx, user_id, &client_id, &asked, &granted, duration.ends_at(tx.now))?;
            }
            Ok(true)
        })
        .await?;
    if !decided {
        let path = Pending::resume_path(&question.pending.handle);
        return Ok(error_page::interrupt(question.page, Interruption::AlreadyAnswered, &path));
    }
    Ok(NavigatePage {
        page: question.page,
        outcome,
        app_name: question.client.metadata.client_name.clone(),
        host: destination(&question.pending.params).0,
        url: Pending::resume_path(&question.pending.handle),
    }
    .respond())
}

/// What the page said, for the record.
pub(super) fn shown(groups: Vec<ScopeGroup>, language: Locale, granted: &ScopeSet, duration: GrantDuration) -> Shown {
    let scopes = groups.into_iter().flat_map(|group| group.scopes).map(|scope| ShownScope {
        granted: granted.contains(&scope.value),
        scope: scope.value,
        sentence: scope.sentence,
        consequence: scope.consequence,
        required: scope.required,
    });
    Shown {
        language: language.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        decision: if granted.is_empty() { "deny" } else { "approve" }.to_owned(),
        duration: duration.as_str().to_owned(),
        scopes: scopes.collect(),
    }
}

/// What was ticked if the person allowed, else nothing.
fn granted(params: &Params, asked: &AuthorizationRequest) -> Result<ScopeSet, Failure> {
    if params.get("decision")? != Some("approve") {
        return Ok(ScopeSet::default());
    }
    Ok(ticked(params, &asked.scope, &asked.required))
}

/// Requested ∩ ticked, or nothing if a required scope was taken out of the form.
pub(super) fn ticked(params: &Params, asked: &ScopeSet, required: &ScopeSet) -> ScopeSet {
    let ticked: ScopeSet = params.all("scope").collect();
    if !required.is_subset(&ticked) {
        tracing::info!(missing = %required.without(&ticked), "a required scope is missing from the form: nothing is granted");
        return ScopeSet::default();
    }
    asked.intersect(&ticked)
}
