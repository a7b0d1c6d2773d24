//! `/account/links`: the other providers with which the user signs in.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use writ_core::Params;

use super::AccountContext;
use crate::{
    fault::Stop,
    server::{Call, Server},
    sessions::{
        csrf,
        origin::Origin,
        upstream::{
            self, Failure, Start, Started,
            links::{Unlinked, remove},
        },
    },
    store::linked_subjects::{self, LinkedSubject},
    upstream::Provider,
    web::{
        cookies::Name,
        error_page::{self, Interruption, Recovery},
        form,
        page::{Page, PageContext},
        see_other,
    },
};

/// The path of the page.
pub(crate) const HERE: &str = "/account/links";
/// What the token of the link to a provider is for.
const ADD: &str = "add a provider";

/// `GET /account/links`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, HERE, async |account| overview(&call.server, account, None).await).await
}

/// `POST /account/links`: removes a link.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit_proven(&call, &body, HERE, async |account, params| unlink(&call, account, &params).await).await
}

async fn unlink(call: &Call, account: AccountContext, params: &Params) -> Result<HttpResponse, Stop> {
    let (issuer, subject) = (params.require("issuer")?.to_owned(), params.require("subject")?.to_owned());
    let origin = Origin::of(call, &account.page);
    match remove(&call.server, &account.signed_in, issuer, subject, origin).await? {
        Unlinked::Done | Unlinked::Gone => Ok(see_other(HERE)),
        Unlinked::LastWay => overview(&call.server, account, Some(LinksProblem::LastWay)).await,
    }
}

/// `GET /account/links/add?provider=…&csrf=…`: continues at a provider, which is linked then. It is
/// not a form, because `form-action` would block the redirect.
pub async fn add(call: Call) -> HttpResponse {
    super::show_proven(&call, HERE, async |account| {
        let params = call.query()?;
        let session_id = account.signed_in.session.id;
        let provider = params.get("provider")?.and_then(|id| call.server.providers.find(id));
        let token = params.get("csrf")?.unwrap_or_default();
        let is_shown = csrf::verify(&call.server.front.form_key, ADD, &[&session_id.to_string()], token);
        let (Some(provider), Some(browser), true) = (provider, call.cookie(Name::Browser), is_shown) else {
            return Ok(error_page::interrupt(account.page, Interruption::Expired, Recovery::Here(HERE.to_owned())));
        };
        let start = Start {
            browser: &browser,
            session_id: Some(session_id),
            max_age: None,
            request: String::new(),
            return_to: HERE.to_owned(),
            login_hint: None,
            language: account.page.locale.to_string(),
        };
        match upstream::start(&call, provider, start).await? {
            Started::Away(url) => Ok(see_other(url.as_str())),
            Started::Unavailable => {
                let problem = LinksProblem::Failed(Failure::Unavailable, provider.settings.name.clone());
                overview(&call.server, account, Some(problem)).await
            }
            Started::Throttled(seconds) => {
                overview(&call.server, account, Some(LinksProblem::Throttled(seconds))).await
            }
        }
    })
    .await
}

/// The page after the user has returned from a provider.
pub(crate) async fn after_linking(call: &Call, provider: &Provider, linked: Result<(), Failure>) -> HttpResponse {
    match linked {
        Ok(()) => see_other(HERE),
        Err(failure) => {
            super::show(call, HERE, async |account| {
                let problem = LinksProblem::Failed(failure, provider.settings.name.clone());
                overview(&call.server, account, Some(problem)).await
            })
            .await
        }
    }
}

async fn overview(
    server: &Server,
    account: AccountContext,
    problem: Option<LinksProblem>,
) -> Result<HttpResponse, Stop> {
    let user_id = account.signed_in.user.id;
    let links = server.store.read(move |tx| linked_subjects::list_of_user(tx, user_id)).await?;
    let session_id = account.signed_in.session.id.to_string();
    let page = LinksPage {
        links: links.into_iter().map(|link| LinkView::of(server, &account, link)).collect(),
        offers: server
            .providers
            .iter()
            .map(|Provider { settings, .. }| (settings.id.clone(), settings.name.clone()))
            .collect(),
        add_csrf: csrf::token(&server.front.form_key, ADD, &[&session_id]),
        page: account.page,
        csrf: account.csrf,
        problem,
    };
    Ok(page.respond())
}

/// The page of the links.
#[derive(Template)]
#[template(path = "pages/account/links.html")]
pub struct LinksPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the forms.
    pub csrf: String,
    /// The CSRF token of the links to providers.
    pub add_csrf: String,
    /// The links, oldest first.
    pub links: Vec<LinkView>,
    /// The id and the name of each provider that can be linked.
    pub offers: Vec<(String, String)>,
    /// Why a change was not made.
    pub problem: Option<LinksProblem>,
}

/// A link, as text.
#[derive(Clone, Debug)]
pub struct LinkView {
    /// The issuer identifier of the provider.
    pub issuer: String,
    /// The `sub` of the user there.
    pub subject: String,
    /// The name of the provider, or the issuer of one that is not configured.
    pub provider: String,
    /// What the user is called there.
    pub account: String,
    /// Since when it is linked.
    pub since: String,
    /// When the user last signed in with it.
    pub last_used: Option<String>,
}

impl LinkView {
    fn of(server: &Server, account: &AccountContext, link: LinkedSubject) -> Self {
        let provider = server.providers.find_by_issuer(&link.issuer);
        let text = |key, at| account.page.text_with(key, &[("date", account.date(at))]);
        Self {
            provider: provider.map_or_else(|| link.issuer.clone(), |provider| provider.settings.name.clone()),
            account: link.account.unwrap_or_else(|| link.subject.clone()),
            since: text("links-since", link.created_at),
            last_used: link.last_used_at.map(|at| text("links-last-used", at)),
            issuer: link.issuer,
            subject: link.subject,
        }
    }
}

/// Why a change was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinksProblem {
    /// It is the last way to sign in.
    LastWay,
    /// The provider with this name was not linked.
    Failed(Failure, String),
    /// There were too many attempts. Seconds until another one is accepted.
    Throttled(i64),
}

impl LinksPage {
    fn sentence(&self) -> Option<String> {
        Some(match self.problem.as_ref()? {
            LinksProblem::LastWay => self.page.text("links-last-way"),
            LinksProblem::Failed(failure, provider) => {
                self.page.text_with(advice_of(*failure), &[("provider", provider.as_str())])
            }
            LinksProblem::Throttled(seconds) => {
                let moment = self.page.locale.in_time(*seconds);
                self.page.text_with("login-advice-throttled", &[("moment", moment)])
            }
        })
    }
}

/// The text about a failure, in which the provider is named.
pub(crate) fn advice_of(failure: Failure) -> &'static str {
    match failure {
        Failure::Cancelled => "provider-cancelled",
        Failure::Unavailable => "provider-unavailable",
        Failure::NotRecent => "provider-not-recent",
        Failure::Disabled => "provider-disabled",
        Failure::LinkedElsewhere => "provider-linked-elsewhere",
        Failure::Ended => "provider-ended",
    }
}

impl Page for LinksPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.problem {
            None => StatusCode::OK,
            Some(LinksProblem::Throttled(_)) => StatusCode::TOO_MANY_REQUESTS,
            Some(_) => StatusCode::BAD_REQUEST,
        }
    }
}
