//! `/login`: signs in with username and password, with a passkey, or with another provider.

pub mod code;
pub mod first_time;
pub mod link;
mod routing;
pub mod upstream;
mod view;

use actix_web::{HttpResponse, http::header::USER_AGENT};
use zeroize::Zeroizing;

pub use self::view::{Forgotten, LoginPage, LoginProblem, ProviderButton, Routed};
use super::{
    account,
    answer::{PageStop, answer},
    passkey_prompt::PasskeyPrompt,
};
use writ_core::{Error, Params, vocabulary::login_name};

use crate::{
    config::SignUpMode,
    fault::Fault,
    password,
    requests::{Pending, expired},
    secret::{Handle, Secret},
    server::{Call, Server},
    sessions::{
        self,
        browser::{self, BrowserAccount},
        csrf,
        limits::DeviceCookie,
        origin::Origin,
        passkeys::{self, Assertion, ceremony::Bound},
        password_proof::{self, PasswordProof},
        sign_in::{Credentials, SignIn, SignInBrowser, sign_in},
        trusted_browser::TrustCookie,
    },
    store::{Id, passkey_offers},
    web::{
        cookies::{self, Name},
        error_page::{self, Interruption, Recovery},
        form::{self, Body},
        page::PageContext,
        see_other,
    },
};

const ENDPOINT: &str = "login";

/// `GET /login?request=…`. Without `request`, an account page follows.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        let params = call.query()?;
        let context = LoginContext::find(&call, &params).await?;
        if params.get("hinted")?.is_some()
            && let Some(away) = context.hinted(&call.server)
        {
            return Ok(away);
        }
        let username = context.login_hint.clone();
        Ok::<_, PageStop>(context.show(&call, username, None)?)
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `POST /login`.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, &body)?;
        let context = LoginContext::find(&call, &params).await?;
        context.submit(&call, &params).await
    };
    answer(&call, ENDPOINT, response.await).await
}

/// The purpose of the sign-in.
struct LoginContext {
    page: PageContext,
    /// The handle of the pending request, or an empty string.
    request: String,
    /// The data to restart an expired request, or an empty string.
    again: String,
    app_name: Option<String>,
    login_hint: String,
    /// The id of the provider that the client names, or an empty string.
    provider_hint: String,
    /// Maximum age of the authentication that the request asks for, in seconds.
    max_age: Option<i64>,
    /// The name of the provider that did not sign the user in.
    failed_provider: Option<String>,
    /// The page that follows without a pending request.
    return_to: String,
}

impl LoginContext {
    /// The context of a form or URL. An expired request leads to a page of its own.
    async fn find(call: &Call, params: &Params) -> Result<Self, PageStop> {
        let (server, request) = (&*call.server, &call.request);
        let page = sessions::page(server, request, None).await;
        let return_to = params.get("return_to")?.and_then(account::own_path).unwrap_or("/account").to_owned();
        let Some(handle) = params.get("request")?.filter(|handle| !handle.is_empty()) else {
            return Ok(Self {
                page: page.at(&format!("/login?return_to={return_to}")),
                request: String::new(),
                again: String::new(),
                app_name: None,
                login_hint: String::new(),
                provider_hint: String::new(),
                max_age: None,
                failed_provider: None,
                return_to,
            });
        };
        let Some(pending) = Pending::find(server, request, handle).await? else {
            return Err(PageStop::Instead(expired::respond(server, page, params).await?));
        };
        let client = server.clients.find(&pending.row.client_id).await?;
        let page = sessions::page(server, request, pending.ui_locales()).await;
        let login_hint = pending.login_hint();
        let asked = client.as_ref().map(|client| pending.request(&client.metadata, &server.snapshot().scopes.offer));
        // A request that has become invalid is refused after the sign-in.
        let max_age =
            asked.and_then(Result::ok).and_then(|asked| if asked.prompt.login { Some(0) } else { asked.max_age });
        Ok(Self {
            max_age,
            failed_provider: None,
            app_name: client.map(|client| page.client_name(&client.metadata)),
            page: page.at(&format!("/login?request={handle}")),
            login_hint: login_hint.chars().take(login_name::MAX_LENGTH).collect(),
            provider_hint: pending.provider_hint().to_owned(),
            again: pending.again(),
            request: pending.handle,
            return_to,
        })
    }

    /// The sign-in form. It is bound to this browser by a cookie and to the request by its token.
    fn show(self, call: &Call, username: String, problem: Option<LoginProblem>) -> Result<HttpResponse, Fault> {
        let (server, https) = (&call.server, call.server.front.https);
        let known = call.cookie(Name::Browser);
        let browser = known.clone().unwrap_or_else(|| Secret::random().expose());
        let forgotten = match (&server.mailer, &server.settings.mail.contact) {
            (Some(_), _) => Forgotten::Recover(self.path("/recover")),
            (None, Some(contact)) => Forgotten::Contact(contact.clone()),
            (None, None) => Forgotten::Unknown,
        };
        let routed = self.routed(server, &username);
        let page = LoginPage {
            passkey: PasskeyPrompt::sign_in(server, &browser, self.fields(server, &browser))?,
            sign_up: (server.settings.sign_up.mode == SignUpMode::Open).then(|| self.path("/sign-up")),
            forgotten,
            providers: self.providers(server, routed.as_ref()),
            routed,
            needs_password: server.providers.iter().all(|provider| provider.settings.domains.is_empty()),
            failed_provider: self.failed_provider.clone(),
            csrf: self.csrf(server, &browser),
            page: self.page,
            request: self.request,
            again: self.again,
            return_to: self.return_to,
            username,
            app_name: self.app_name,
            problem,
        };
        let mut response = page.respond_with_wait();
        if known.is_none() {
            cookies::set(&mut response, &cookies::write(Name::Browser, browser, None, https));
        }
        Ok(response)
    }

    /// The token of the sign-in form.
    fn csrf(&self, server: &Server, browser: &str) -> String {
        csrf::token(&server.front.form_key, ENDPOINT, &[browser, &self.request])
    }

    /// The hidden fields of the form that a passkey fills in.
    fn fields(&self, server: &Server, browser: &str) -> Vec<(&'static str, String)> {
        vec![
            ("request", self.request.clone()),
            ("again", self.again.clone()),
            ("return_to", self.return_to.clone()),
            ("csrf", self.csrf(server, browser)),
        ]
    }

    async fn submit(self, call: &Call, params: &Params) -> Result<HttpResponse, PageStop> {
        let server = &call.server;
        let Some(browser) = call.cookie(Name::Browser) else {
            let path = format!("/login?request={}", self.request);
            return Ok(error_page::interrupt(self.page, Interruption::CookieLost, Recovery::Here(path)));
        };
        let (login, password) = typed(params)?;
        let assertion = Assertion::of_form(params)?;
        let token = params.get("csrf")?.unwrap_or_default();
        if !csrf::verify(&server.front.form_key, ENDPOINT, &[&browser, &self.request], token) {
            tracing::info!("sign-in refused: the form was not shown to this browser for this request");
            return Ok(self.show(call, login, Some(LoginProblem::Stale))?);
        }
        if assertion.is_none() && password.is_empty() && self.routed(server, &login).is_some() {
            return Ok(self.show(call, login, None)?);
        }
        let accounts = browser::accounts(server, &call.request).await?;
        let attempt = sign_in_browser(call, &self.page, &accounts);
        if let Some(assertion) = assertion {
            return match passkeys::sign_in::sign_in(server, attempt, &Bound::sign_in(&browser), assertion).await? {
                Ok((handle, user_id)) => self.finish(call, None, &handle, user_id, accounts).await,
                Err(unaccepted) => Ok(self.show(call, login, Some(LoginProblem::Passkey(unaccepted)))?),
            };
        }
        let credentials = Credentials { login: login.clone(), password, browser: attempt };
        let problem = match sign_in(server, credentials).await? {
            SignIn::Accepted(handle, user_id) => {
                let can_keep_passkey = params.get("can_keep_passkey")?.is_some();
                let next = if can_keep_passkey { self.passkey_offer(server, user_id).await? } else { None };
                return self.finish(call, next, &handle, user_id, accounts).await;
            }
            SignIn::SecondStep(proof) => return Ok(self.second_step(call, &proof, &browser)),
            SignIn::Wrong => LoginProblem::Wrong,
            SignIn::Throttled(retry_after_seconds) => LoginProblem::Throttled { retry_after_seconds },
            SignIn::Busy => LoginProblem::Busy,
        };
        Ok(self.show(call, login, Some(problem))?)
    }

    /// The page that offers a passkey before the request goes on, if the last offer is long ago.
    async fn passkey_offer(&self, server: &Server, user_id: Id) -> Result<Option<HttpResponse>, Fault> {
        if self.request.is_empty() || server.webauthn.is_none() {
            return Ok(None);
        }
        let is_due = server.store.write(move |tx| passkey_offers::claim(tx, user_id)).await?;
        Ok(is_due.then(|| see_other(&account::passkeys::new::offer(&self.request))))
    }

    /// Continues with the second factor.
    fn second_step(&self, call: &Call, proof: &PasswordProof, browser: &str) -> HttpResponse {
        let mut response = see_other(&self.path("/login/code"));
        let (value, https) = (proof.seal(&call.server, browser), call.server.front.https);
        let lifetime = Some(password_proof::LIFETIME);
        cookies::set(&mut response, &cookies::write(Name::Password, value, lifetime, https));
        response
    }

    /// Sets the cookies of a new session, and goes on, or to `next`. A user who has just signed in
    /// at a provider is asked first whether to link that.
    async fn finish(
        &self,
        call: &Call,
        next: Option<HttpResponse>,
        handle: &Handle,
        user_id: Id,
        accounts: Vec<BrowserAccount>,
    ) -> Result<HttpResponse, PageStop> {
        let mut response = match call.cookie(Name::Unlinked) {
            Some(_) => see_other(&self.path(link::PATH)),
            None => next.unwrap_or_else(|| self.go_on()),
        };
        start_session(call, &mut response, handle, user_id, accounts).await?;
        Ok(response)
    }

    /// A page of the sign-in, for the same purpose.
    fn path(&self, page: &str) -> String {
        match self.request.as_str() {
            "" => format!("{page}?return_to={}", self.return_to),
            request => format!("{page}?request={request}"),
        }
    }

    /// Redirects to a page of this server, because `form-action 'self'` blocks other origins.
    fn go_on(&self) -> HttpResponse {
        if self.request.is_empty() {
            see_other(&self.return_to)
        } else {
            see_other(&Pending::resume_path(&self.request))
        }
    }
}

/// Makes a new session the active one of a browser, in which these users are signed in.
pub(super) async fn start_session(
    call: &Call,
    response: &mut HttpResponse,
    handle: &Handle,
    user_id: Id,
    mut accounts: Vec<BrowserAccount>,
) -> Result<(), PageStop> {
    DeviceCookie::read(call).remember(&call.server, user_id, response);
    accounts.retain(|account| account.signed_in.user.id != user_id);
    Ok(browser::activate(&call.server, response, handle, accounts).await?)
}

/// The browser of a sign-in, in which these users are signed in.
pub(super) fn sign_in_browser(call: &Call, page: &PageContext, accounts: &[BrowserAccount]) -> SignInBrowser {
    SignInBrowser {
        address: call.client_address(),
        origin: Origin::of(call, page),
        device: DeviceCookie::read(call),
        trusted: TrustCookie::read(call),
        user_agent: call.header(USER_AGENT.as_str()).to_owned(),
        earlier_sessions: accounts.iter().map(|account| account.signed_in.session.clone()).collect(),
    }
}

/// The submitted username or e-mail address, and the password.
fn typed(params: &Params) -> Result<(String, Zeroizing<String>), Error> {
    let login = params.get("username")?.unwrap_or_default();
    let password = params.get("password")?.unwrap_or_default();
    if login.len() > login_name::MAX_LENGTH || password.len() > password::MAX_LENGTH {
        return Err(Error::invalid_request("the username or the password is too long"));
    }
    Ok((login.to_owned(), Zeroizing::new(password.to_owned())))
}
