//! `/login`: name and password.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{HeaderValue, RETRY_AFTER, USER_AGENT},
    },
    web::Data,
};
use askama::Template;
use zeroize::Zeroizing;

use super::{
    account,
    answer::answer,
    navigate::{NavigatePage, Outcome},
};
use writ_core::{Error, Params};

use crate::{
    fault::Stop,
    password,
    requests::{Pending, expired},
    secret::Secret,
    server::Server,
    sessions::{
        self, accounts, csrf,
        sign_in::{Attempt, SignIn, sign_in},
    },
    web::{
        client_address::{client_address, network},
        cookies::{self, Name},
        error_page::{self, Interruption, Recovery},
        form::{self, Body},
        page::{Page, PageContext},
    },
};

const ENDPOINT: &str = "login";
/// The longest name that is heard, in bytes.
const MAX_LOGIN_LENGTH: usize = 320;

/// `GET /login?request=…`; without a request it leads to the account.
pub async fn show(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    let shown = match Params::parse(request.query_string().as_bytes()) {
        Ok(params) => form_for(&server, &request, &params).await,
        Err(error) => Err(error.into()),
    };
    answer(&server, &request, ENDPOINT, shown).await
}

/// `POST /login`.
pub async fn submit(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    let shown = match form::parse_strictly(&request, &body) {
        Ok(params) => check(&server, &request, &params).await,
        Err(error) => Err(error.into()),
    };
    answer(&server, &request, ENDPOINT, shown).await
}

/// What the sign-in is for.
struct Errand {
    page: PageContext,
    /// The pending request's handle, or nothing.
    request: String,
    /// What begins the request anew, or nothing.
    again: String,
    app_name: Option<String>,
    login_hint: String,
    /// Where to go on without a pending request.
    return_to: String,
}

/// The errand of a form or an address, or the page that says why there is none.
async fn errand(server: &Server, request: &HttpRequest, params: &Params) -> Result<Result<Errand, HttpResponse>, Stop> {
    let page = sessions::page(server, request, None).await;
    let return_to = params.get("return_to")?.and_then(account::own_path).unwrap_or("/account").to_owned();
    let Some(handle) = params.get("request")?.filter(|handle| !handle.is_empty()) else {
        let page = page.at(&format!("/login?return_to={return_to}"));
        return Ok(Ok(Errand {
            page,
            request: String::new(),
            again: String::new(),
            app_name: None,
            login_hint: String::new(),
            return_to,
        }));
    };
    let Some(pending) = Pending::find(server, handle).await? else {
        return Ok(Err(expired::respond(server, page, params).await?));
    };
    let client = server.clients.find(&pending.row.client_id).await?;
    let page = sessions::page(server, request, pending.params.get("ui_locales")?).await;
    Ok(Ok(Errand {
        app_name: client.map(|client| page.client_name(&client.metadata)),
        page: page.at(&format!("/login?request={handle}")),
        login_hint: pending.params.get("login_hint")?.unwrap_or_default().chars().take(MAX_LOGIN_LENGTH).collect(),
        again: pending.again(),
        request: pending.handle,
        return_to,
    }))
}

async fn form_for(server: &Server, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Stop> {
    Ok(match errand(server, request, params).await? {
        Ok(errand) => {
            let username = errand.login_hint.clone();
            login_page(server, request, errand, username, None)
        }
        Err(response) => response,
    })
}

/// The form, tied to this browser by a cookie and to its errand by the token.
fn login_page(
    server: &Server,
    request: &HttpRequest,
    errand: Errand,
    username: String,
    problem: Option<LoginProblem>,
) -> HttpResponse {
    let https = server.front.https;
    let known = cookies::read(request, Name::Browser, https);
    let browser = known.clone().unwrap_or_else(|| Secret::random().expose());
    let page = LoginPage {
        csrf: csrf::token(&server.front.form_key, ENDPOINT, &[&browser, &errand.request]),
        page: errand.page,
        request: errand.request,
        again: errand.again,
        return_to: errand.return_to,
        username,
        app_name: errand.app_name,
        problem,
    };
    let mut response = page.respond();
    *response.status_mut() = match problem {
        None => StatusCode::OK,
        Some(LoginProblem::Wrong | LoginProblem::Stale) => StatusCode::BAD_REQUEST,
        Some(LoginProblem::Throttled { .. } | LoginProblem::Busy) => StatusCode::TOO_MANY_REQUESTS,
    };
    let wait = match problem {
        Some(LoginProblem::Throttled { retry_after_seconds }) => Some(retry_after_seconds),
        Some(LoginProblem::Busy) => Some(1),
        _ => None,
    };
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if known.is_none() {
        cookies::set(&mut response, &cookies::write(Name::Browser, browser, None, https));
    }
    response
}

async fn check(server: &Server, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Stop> {
    let errand = match errand(server, request, params).await? {
        Ok(errand) => errand,
        Err(response) => return Ok(response),
    };
    let https = server.front.https;
    let Some(browser) = cookies::read(request, Name::Browser, https) else {
        let path = format!("/login?request={}", errand.request);
        return Ok(error_page::interrupt(errand.page, Interruption::CookieLost, Recovery::Here(path)));
    };
    let username = params.get("username")?.unwrap_or_default().to_owned();
    let password = Zeroizing::new(params.get("password")?.unwrap_or_default().to_owned());
    if username.len() > MAX_LOGIN_LENGTH || password.len() > password::MAX_LENGTH {
        return Err(Error::invalid_request("the username or the password is too long").into());
    }
    let token = params.get("csrf")?.unwrap_or_default();
    if !csrf::verify(&server.front.form_key, ENDPOINT, &[&browser, &errand.request], token) {
        tracing::info!("sign-in refused: the form is not one shown to this browser for this request");
        return Ok(login_page(server, request, errand, username, Some(LoginProblem::Stale)));
    }
    let mut accounts = accounts::all(server, request).await?;
    let attempt = Attempt {
        login: username.clone(),
        password,
        network: network(client_address(request, &server.settings.server.trusted_proxies)),
        user_agent: header(request, USER_AGENT.as_str()),
        sessions_before: accounts.iter().map(|account| account.signed_in.session.clone()).collect(),
    };
    let problem = match sign_in(server, attempt).await? {
        SignIn::Accepted(handle, user_id) => {
            let mut response = go_on(server, errand);
            accounts.retain(|account| account.signed_in.user.id != user_id);
            accounts::activate(server, &mut response, &handle, accounts).await?;
            return Ok(response);
        }
        SignIn::Wrong => LoginProblem::Wrong,
        SignIn::Throttled(retry_after_seconds) => LoginProblem::Throttled { retry_after_seconds },
        SignIn::Busy => LoginProblem::Busy,
    };
    Ok(login_page(server, request, errand, username, Some(problem)))
}

/// A page that navigates on, rather than a redirect: the next hop may lead to another origin, which `form-action 'self'` would stop.
fn go_on(server: &Server, errand: Errand) -> HttpResponse {
    let url = if errand.request.is_empty() { errand.return_to } else { Pending::resume_path(&errand.request) };
    NavigatePage {
        page: errand.page,
        outcome: Outcome::SignedIn,
        app_name: errand.app_name.unwrap_or_default(),
        host: server.settings.server.issuer.host().to_owned(),
        url,
    }
    .respond()
}

fn header(request: &HttpRequest, name: &str) -> String {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// The sign-in page. Its form posts `request`, `csrf`, `username` and `password` to `/login`.
#[derive(Template)]
#[template(path = "pages/login.html")]
pub struct LoginPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The handle of the pending authorization request; empty when nobody sent the person here.
    pub request: String,
    /// The parameters of that request, where they came in the browser's address, to begin it anew should it expire meanwhile.
    pub again: String,
    /// The page of the account to go on to without a pending request.
    pub return_to: String,
    /// The CSRF token of this browser session.
    pub csrf: String,
    /// What to fill in: `login_hint`, or what was typed before.
    pub username: String,
    /// The client that waits for this sign-in.
    pub app_name: Option<String>,
    /// Why the last attempt did not succeed.
    pub problem: Option<LoginProblem>,
}

/// Why a sign-in did not succeed, as far as the person may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginProblem {
    /// The username or the password is wrong; which of the two is not said.
    Wrong,
    /// Too many attempts from here or on this account.
    Throttled {
        /// After how many seconds another attempt is accepted.
        retry_after_seconds: i64,
    },
    /// More sign-ins are being checked than the server can take on.
    Busy,
    /// The form was older than its CSRF token.
    Stale,
}

impl LoginPage {
    fn problem_heading(&self, problem: &LoginProblem) -> String {
        self.page.text(match problem {
            LoginProblem::Wrong => "login-problem-wrong",
            LoginProblem::Throttled { .. } => "login-problem-throttled",
            LoginProblem::Busy => "login-problem-busy",
            LoginProblem::Stale => "login-problem-stale",
        })
    }

    fn problem_advice(&self, problem: &LoginProblem) -> String {
        match *problem {
            LoginProblem::Wrong => self.page.text("login-advice-wrong"),
            LoginProblem::Throttled { retry_after_seconds } => {
                let moment = self.page.locale.in_time(retry_after_seconds);
                self.page.text_with("login-advice-throttled", &[("moment", moment)])
            }
            LoginProblem::Busy => self.page.text("login-advice-busy"),
            LoginProblem::Stale => self.page.text("login-advice-stale"),
        }
    }

    fn is_wrong(&self) -> bool {
        self.problem == Some(LoginProblem::Wrong)
    }
}

impl Page for LoginPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
