//! `/sign-up/digits` and `/sign-up/link`: confirm the address of a new account.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use writ_core::{Error, Params, vocabulary::mail_domain};
use zeroize::Zeroizing;

use super::{ClosedPage, ENDPOINT, finish, is_shown, sign_in_browser, with_csrf};
use crate::{
    config::{SignUpMode, SignUpSettings},
    fault::Stop,
    mail::link::{self, Purpose},
    pages::{
        answer::{PageStop, answer},
        code_page,
        passkey_prompt::PasskeyPrompt,
    },
    password,
    server::Call,
    sessions::{
        self, browser, csrf,
        passkeys::{Assertion, Unaccepted},
        sign_up::{Confirmed, confirm_with_digits, confirm_with_passkey, confirm_with_password},
    },
    store::{
        Id,
        sign_ups::{self, Credential, SignUp},
    },
    web::{
        cookies::Name,
        form::{self, Body},
        page::{Page, PageContext},
    },
};

/// How the address is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// With the digits of the mail, in the browser that asked for it.
    Digits,
    /// With the link of the mail and the password or passkey, in any browser.
    Link,
}

impl Way {
    fn purpose(self) -> Purpose {
        match self {
            Self::Digits => Purpose::SignUpForm,
            Self::Link => Purpose::SignUp,
        }
    }
}

/// What the proof in the URL of the digits is for.
const PROOF: &str = "sign-up digits";

/// The path of the page that asks for the digits, in this browser only. In another one, the owner
/// of the address could be made to confirm an account whose password a stranger chose.
pub(super) fn path(call: &Call, id: Id) -> String {
    let key = &call.server.front.form_key;
    let browser = call.cookie(Name::Browser).unwrap_or_default();
    let proof = csrf::token(key, PROOF, &[&browser, &id.to_string()]);
    format!("{}&proof={proof}", link::path(key, Purpose::SignUpForm, id))
}

fn is_this_browser(call: &Call, id: Id, proof: &str) -> bool {
    let browser = call.cookie(Name::Browser);
    browser.is_some_and(|browser| csrf::verify(&call.server.front.form_key, PROOF, &[&browser, &id.to_string()], proof))
}

/// `GET /sign-up/digits?token=…&proof=…`.
pub async fn get_digits(call: Call) -> HttpResponse {
    show(&call, Way::Digits).await
}

/// `POST /sign-up/digits`.
pub async fn post_digits(call: Call, body: Body) -> HttpResponse {
    submit(&call, &body, Way::Digits).await
}

/// `GET /sign-up/link?token=…`. It changes nothing, because programs follow links in mails.
pub async fn get_link(call: Call) -> HttpResponse {
    show(&call, Way::Link).await
}

/// `POST /sign-up/link`.
pub async fn post_link(call: Call, body: Body) -> HttpResponse {
    submit(&call, &body, Way::Link).await
}

async fn show(call: &Call, way: Way) -> HttpResponse {
    let response = async {
        let context = ConfirmContext::find(call, &call.query()?, way).await?;
        Ok::<_, PageStop>(context.show(call, None)?)
    };
    answer(call, ENDPOINT, response.await).await
}

async fn submit(call: &Call, body: &Body, way: Way) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, body)?;
        ConfirmContext::find(call, &params, way).await?.submit(call, &params).await
    };
    answer(call, ENDPOINT, response.await).await
}

/// An account that is to be created.
struct ConfirmContext {
    page: PageContext,
    way: Way,
    token: String,
    /// Empty for the link.
    proof: String,
    pending: SignUp,
}

impl ConfirmContext {
    /// A link that does not hold any more leads to a page of its own.
    async fn find(call: &Call, params: &Params, way: Way) -> Result<Self, PageStop> {
        let server = &call.server;
        let page = sessions::page(server, &call.request, None).await;
        let token = link::token(params)?.to_owned();
        let proof = params.get("proof")?.unwrap_or_default().to_owned();
        let id = link::find(&server.front.form_key, way.purpose(), &token)
            .filter(|id| way == Way::Link || is_this_browser(call, *id, &proof));
        let pending = match id {
            Some(id) => server.store.read(move |tx| sign_ups::find_valid(tx, id)).await?,
            None => None,
        };
        // Sign-up may have been closed, or limited to other domains, since.
        let SignUpSettings { mode, allowed_domains, blocked_domains, .. } = &server.settings.sign_up;
        let is_open = |pending: &SignUp| {
            *mode == SignUpMode::Open && mail_domain::admits(&pending.address, allowed_domains, blocked_domains)
        };
        let Some(pending) = pending.filter(is_open) else {
            return Err(PageStop::Instead(ClosedPage::new(server, page).respond()));
        };
        let here = match way {
            Way::Digits => path(call, pending.id),
            Way::Link => format!("{}?token={token}", way.purpose().path()),
        };
        Ok(Self { page: page.at(&here), way, token, proof, pending })
    }

    fn show(self, call: &Call, problem: Option<ConfirmProblem>) -> Result<HttpResponse, Stop> {
        let passkey = match (self.way, self.pending.credential()?) {
            (Way::Link, Credential::Passkey(passkey)) => Some(passkey),
            _ => None,
        };
        with_csrf(call, |csrf, browser| {
            let Self { page, way, token, proof, pending: SignUp { name, address, .. } } = self;
            let needs_passkey = passkey.is_some();
            let passkey = match passkey {
                Some(passkey) => {
                    let fields = vec![("csrf", csrf.clone()), ("token", token.clone())];
                    PasskeyPrompt::sign_up(&call.server, browser, *passkey, fields)?
                }
                None => None,
            };
            let page =
                ConfirmSignUpPage { page, csrf, way, token, proof, name, address, needs_passkey, passkey, problem };
            Ok(page.respond())
        })
    }

    async fn submit(self, call: &Call, params: &Params) -> Result<HttpResponse, PageStop> {
        if !is_shown(call, params)? {
            return Ok(self.show(call, Some(ConfirmProblem::Stale))?);
        }
        let server = &call.server;
        let accounts = browser::accounts(server, &call.request).await?;
        let browser = sign_in_browser(call, &self.page, &accounts);
        let confirmed = match self.way {
            Way::Digits => confirm_with_digits(server, self.pending.id, code_page::typed(params)?, browser).await?,
            Way::Link => match self.pending.credential()? {
                Credential::Password(hash) => {
                    let password = (typed(params)?, hash);
                    confirm_with_password(server, self.pending.clone(), password, browser).await?
                }
                Credential::Passkey(passkey) => {
                    let Some(assertion) = Assertion::of_form(params)? else {
                        return Ok(self.show(call, None)?);
                    };
                    let browser_id = call.cookie(Name::Browser).unwrap_or_default();
                    let response = (browser_id.as_str(), assertion);
                    confirm_with_passkey(server, self.pending.clone(), *passkey, response, browser).await?
                }
            },
        };
        let problem = match confirmed {
            Confirmed::Done(signed_up) => return finish(call, signed_up, accounts).await,
            Confirmed::Void => return Ok(ClosedPage::new(server, self.page).respond()),
            Confirmed::Wrong => ConfirmProblem::Wrong,
            Confirmed::Unaccepted(reason) => ConfirmProblem::Passkey(reason),
            Confirmed::Throttled(retry_after_seconds) => ConfirmProblem::Throttled { retry_after_seconds },
            Confirmed::Busy => ConfirmProblem::Busy,
        };
        Ok(self.show(call, Some(problem))?)
    }
}

fn typed(params: &Params) -> Result<Zeroizing<String>, Error> {
    let password = params.get("password")?.unwrap_or_default();
    if password.len() > password::MAX_LENGTH {
        return Err(Error::invalid_request("the password is too long"));
    }
    Ok(Zeroizing::new(password.to_owned()))
}

/// The page that asks for the digits, or for the password.
#[derive(Template)]
#[template(path = "pages/sign_up/confirm.html")]
pub struct ConfirmSignUpPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of this browser.
    pub csrf: String,
    /// How the address is confirmed.
    pub way: Way,
    /// The token of the form or of the link.
    pub token: String,
    /// The proof that this browser asked for the digits. Empty for the link.
    pub proof: String,
    /// The name of the new account.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Whether the account has a passkey instead of a password, which the link needs.
    pub needs_passkey: bool,
    /// The form for it. `None` also if passkeys were switched off.
    pub passkey: Option<PasskeyPrompt>,
    /// Why the last attempt failed.
    pub problem: Option<ConfirmProblem>,
}

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmProblem {
    /// The digits or the password are wrong.
    Wrong,
    /// The passkey was not accepted.
    Passkey(Unaccepted),
    /// There were too many attempts.
    Throttled {
        /// Seconds until another one is accepted.
        retry_after_seconds: i64,
    },
    /// The password queue is full.
    Busy,
    /// The form's token is not valid for this browser.
    Stale,
}

impl ConfirmSignUpPage {
    fn sentence(&self) -> Option<String> {
        let locale = self.page.locale;
        Some(match (self.problem?, self.way) {
            (ConfirmProblem::Wrong, Way::Digits) => locale.text("email-digits-wrong"),
            (ConfirmProblem::Wrong, Way::Link) => locale.text("sign-up-password-wrong"),
            (ConfirmProblem::Passkey(Unaccepted::Stale), _) => locale.text("passkey-stale"),
            (ConfirmProblem::Passkey(Unaccepted::Refused), _) => locale.text("sign-up-passkey-wrong"),
            (ConfirmProblem::Throttled { retry_after_seconds }, _) => {
                locale.text_with("login-advice-throttled", &[("moment", locale.in_time(retry_after_seconds))])
            }
            (ConfirmProblem::Busy, _) => locale.text("login-advice-busy"),
            (ConfirmProblem::Stale, _) => locale.text("sign-up-stale"),
        })
    }

    fn is_wrong(&self) -> bool {
        self.problem == Some(ConfirmProblem::Wrong)
    }

    fn heading(&self) -> String {
        self.page.text(match self.way {
            Way::Digits => "recover-sent-heading",
            Way::Link => "email-confirm-heading",
        })
    }
}

impl Page for ConfirmSignUpPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.problem {
            None => StatusCode::OK,
            Some(ConfirmProblem::Throttled { .. } | ConfirmProblem::Busy) => StatusCode::TOO_MANY_REQUESTS,
            Some(ConfirmProblem::Wrong | ConfirmProblem::Passkey(_) | ConfirmProblem::Stale) => StatusCode::BAD_REQUEST,
        }
    }
}
