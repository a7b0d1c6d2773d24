//! `/login/first-time`: users of another provider who are not linked yet create an account, or sign
//! in to one.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use writ_core::Params;

use super::{LoginContext, sign_in_browser, start_session};
use crate::{
    fault::Fault,
    pages::{
        answer::{PageStop, answer},
        terms::Documents,
    },
    server::Call,
    sessions::{
        browser, csrf,
        upstream::first_time::{Created, create, find, may_create},
    },
    store::unlinked_identities::UnlinkedIdentity,
    web::{
        cookies::{self, Name},
        form::{self, Body},
        page::{Page, PageContext},
        see_other,
    },
};

const ENDPOINT: &str = "first sign-in with a provider";
/// The path of the page.
pub(super) const PATH: &str = "/login/first-time";

/// `GET /login/first-time`.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        match find(&call).await? {
            Some(found) => {
                let context = LoginContext::of(&call, &found.request, &found.return_to).await?;
                let name = found.name.clone().unwrap_or_default();
                Ok::<_, PageStop>(show(&call, context, &found, name, None)?)
            }
            None => Ok(see_other("/login")),
        }
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `POST /login/first-time`: creates the account.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, &body)?;
        match find(&call).await? {
            Some(found) => submit(&call, found, &params).await,
            None => Ok(see_other("/login")),
        }
    };
    answer(&call, ENDPOINT, response.await).await
}

async fn submit(call: &Call, found: UnlinkedIdentity, params: &Params) -> Result<HttpResponse, PageStop> {
    let server = &call.server;
    let context = LoginContext::of(call, &found.request, &found.return_to).await?;
    let name = params.get("name")?.unwrap_or_default();
    let (token, browser_id) = (params.get("csrf")?.unwrap_or_default(), call.cookie(Name::Browser).unwrap_or_default());
    if !csrf::verify(&server.front.form_key, ENDPOINT, &[&browser_id, &found.id.to_string()], token) {
        return Ok(show(call, context, &found, name.to_owned(), Some(FirstTimeProblem::Stale))?);
    }
    // The box has the version, so that no other one is accepted than was shown.
    let terms = server.settings.terms.version.clone();
    if terms.is_some() && terms.as_deref() != params.get("terms")? {
        return Ok(show(call, context, &found, name.to_owned(), Some(FirstTimeProblem::Terms))?);
    }
    let accounts = browser::accounts(server, &call.request).await?;
    let browser = sign_in_browser(call, &context.page, &accounts);
    let problem = match create(server, found.clone(), name, terms, browser).await? {
        Created::Done(handle, user_id) => {
            let mut response = context.go_on();
            start_session(call, &mut response, &handle, user_id, accounts).await?;
            cookies::set(&mut response, &cookies::remove(Name::Unlinked, server.front.https));
            return Ok(response);
        }
        Created::Void => return Ok(see_other(&context.path("/login"))),
        Created::Name => FirstTimeProblem::Name,
        Created::Throttled(retry_after_seconds) => FirstTimeProblem::Throttled { retry_after_seconds },
    };
    Ok(show(call, context, &found, name.to_owned(), Some(problem))?)
}

fn show(
    call: &Call,
    context: LoginContext,
    found: &UnlinkedIdentity,
    name: String,
    problem: Option<FirstTimeProblem>,
) -> Result<HttpResponse, Fault> {
    let server = &call.server;
    let browser = call.cookie(Name::Browser).unwrap_or_default();
    let provider = server.providers.find(&found.provider);
    let page = FirstTimePage {
        csrf: csrf::token(&server.front.form_key, ENDPOINT, &[&browser, &found.id.to_string()]),
        provider: provider.map_or_else(|| found.provider.clone(), |provider| provider.settings.name.clone()),
        may_create: match provider {
            Some(provider) => may_create(found, provider)?,
            None => false,
        },
        account: found.identity().account().map(str::to_owned),
        sign_in: context.path("/login"),
        page: context.page.at(PATH),
        name,
        terms: server.settings.terms.version.clone(),
        documents: Documents::of(server),
        problem,
    };
    Ok(page.respond())
}

/// The page after the first sign-in with another provider.
#[derive(Template)]
#[template(path = "pages/first_time.html")]
pub struct FirstTimePage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The name of the provider.
    pub provider: String,
    /// What the user is called there.
    pub account: Option<String>,
    /// Whether the user may create an account.
    pub may_create: bool,
    /// The name of the new account.
    pub name: String,
    /// The version of the terms that the user must accept.
    pub terms: Option<String>,
    /// What the user accepts.
    pub documents: Documents,
    /// The page on which the user signs in to an existing account.
    pub sign_in: String,
    /// Why the account was not created.
    pub problem: Option<FirstTimeProblem>,
}

/// Why an account was not created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstTimeProblem {
    /// The name cannot be shown.
    Name,
    /// The terms were not accepted.
    Terms,
    /// There were too many new accounts.
    Throttled {
        /// Seconds until another one is accepted.
        retry_after_seconds: i64,
    },
    /// The form's token is not valid for this browser.
    Stale,
}

impl FirstTimePage {
    fn sentence(&self) -> Option<String> {
        let locale = self.page.locale;
        Some(match self.problem? {
            FirstTimeProblem::Name => locale.text("sign-up-name-wrong"),
            FirstTimeProblem::Terms => locale.text("terms-required"),
            FirstTimeProblem::Throttled { retry_after_seconds } => {
                locale.text_with("login-advice-throttled", &[("moment", locale.in_time(retry_after_seconds))])
            }
            FirstTimeProblem::Stale => locale.text("first-time-stale"),
        })
    }

    fn is_name_wrong(&self) -> bool {
        self.problem == Some(FirstTimeProblem::Name)
    }

    fn are_terms_missing(&self) -> bool {
        self.problem == Some(FirstTimeProblem::Terms)
    }
}

impl Page for FirstTimePage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.problem {
            None => StatusCode::OK,
            Some(FirstTimeProblem::Throttled { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Some(FirstTimeProblem::Name | FirstTimeProblem::Terms | FirstTimeProblem::Stale) => StatusCode::BAD_REQUEST,
        }
    }
}
