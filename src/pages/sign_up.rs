//! `/sign-up`: creates an account, for all users or for those with an invitation.
//!
//! The response is the same whether or not the address belongs to an account.

pub mod confirm;
mod view;

use actix_web::HttpResponse;
use writ_core::{
    Error, Params,
    vocabulary::{display_name, login_name, mail_domain},
};

pub use self::view::{ClosedPage, SignUpPage, SignUpProblem};
use super::{
    account::{own_path, passkeys::default_name},
    answer::{PageStop, answer},
    login::{sign_in_browser, start_session},
    terms::Documents,
};
use crate::{
    config::SignUpMode,
    fault::Stop,
    mail::link::{self, Purpose},
    requests::{Pending, expired},
    secret::Secret,
    server::Call,
    sessions::{
        self, browser, csrf,
        new_password::{NewPassword, Unacceptable},
        passkeys::{self, registration::Registration},
        sign_up::{Chosen, Confirmed, Entry, NotEntered, SignedUp, accept, enter},
    },
    store::{
        AfterSignIn,
        invitations::{self, Invitation},
    },
    web::{
        cookies::{self, Name},
        error_page::{self, Interruption, Recovery},
        form::{self, Body},
        page::{Page, PageContext},
        see_other,
    },
};

const ENDPOINT: &str = "sign-up";
const PATH: &str = "/sign-up";

/// `GET /sign-up?request=…`, `?return_to=…`, or `?token=…` with an invitation.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        let context = SignUpContext::find(&call, &call.query()?).await?;
        Ok::<_, PageStop>(context.show(&call, Input::default(), None)?)
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `POST /sign-up`.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, &body)?;
        let context = SignUpContext::find(&call, &params).await?;
        context.submit(&call, &params).await
    };
    answer(&call, ENDPOINT, response.await).await
}

/// Who may use the page, and what follows.
struct SignUpContext {
    page: PageContext,
    next: AfterSignIn,
    invitation: Option<(String, Invitation)>,
}

/// What the user entered, without the password.
#[derive(Default)]
struct Input {
    name: String,
    email: String,
}

impl SignUpContext {
    /// The context of a form or URL. Without a right to sign up, another page replaces it.
    async fn find(call: &Call, params: &Params) -> Result<Self, PageStop> {
        let server = &call.server;
        let page = sessions::page(server, &call.request, None).await;
        let mode = server.settings.sign_up.mode;
        let closed = |page| PageStop::Instead(ClosedPage::new(server, page).respond());
        if let Some(token) = params.get("token")?.filter(|token| !token.is_empty()) {
            let invitation = match link::find(&server.front.form_key, Purpose::Invitation, token) {
                Some(id) if mode != SignUpMode::Off => {
                    server.store.read(move |tx| invitations::find_valid(tx, id)).await?
                }
                _ => None,
            };
            let Some(invitation) = invitation else { return Err(closed(page)) };
            let invitation = Some((token.to_owned(), invitation));
            return Ok(Self {
                page: page.at(&format!("{PATH}?token={token}")),
                next: AfterSignIn::default(),
                invitation,
            });
        }
        if mode != SignUpMode::Open {
            return Err(closed(page));
        }
        let Some(handle) = params.get("request")?.filter(|handle| !handle.is_empty()) else {
            let return_to = params.get("return_to")?.and_then(own_path).unwrap_or_default().to_owned();
            let next = AfterSignIn { return_to, ..AfterSignIn::default() };
            return Ok(Self { page: page.at(&next.path(PATH)), next, invitation: None });
        };
        let Some(pending) = Pending::find(server, &call.request, handle).await? else {
            return Err(PageStop::Instead(expired::respond(server, page, params).await?));
        };
        let page = sessions::page(server, &call.request, pending.ui_locales()).await;
        let here = format!("{PATH}?request={handle}");
        let next = AfterSignIn { again: pending.again(), request: pending.handle, return_to: String::new() };
        Ok(Self { page: page.at(&here), next, invitation: None })
    }

    /// The form. It is bound to this browser by a cookie.
    fn show(self, call: &Call, input: Input, problem: Option<SignUpProblem>) -> Result<HttpResponse, Stop> {
        let server = &call.server;
        let invited = self.invitation.as_ref().map(|(_, invitation)| invitation.address.clone());
        with_csrf(call, |csrf, browser| {
            let passkey = passkeys::sign_up::ask(server, browser, self.page.product())?;
            let page = SignUpPage {
                page: self.page,
                csrf,
                is_invited: invited.is_some(),
                token: self.invitation.map(|(token, _)| token).unwrap_or_default(),
                request: self.next.request,
                return_to: self.next.return_to,
                name: input.name,
                email: invited.unwrap_or(input.email),
                min_characters: server.settings.passwords.min_length,
                terms: server.settings.terms.version.clone(),
                documents: Documents::of(server),
                passkey,
                problem,
            };
            Ok(page.respond())
        })
    }

    async fn submit(self, call: &Call, params: &Params) -> Result<HttpResponse, PageStop> {
        if call.cookie(Name::Browser).is_none() {
            let here = self.page.here.clone().unwrap_or_default();
            return Ok(error_page::interrupt(self.page, Interruption::CookieLost, Recovery::Here(here)));
        }
        let text = |name| Ok::<_, Error>(params.get(name)?.unwrap_or_default().to_owned());
        let input = Input { name: text("name")?, email: text("email")? };
        if !is_shown(call, params)? {
            return Ok(self.show(call, input, Some(SignUpProblem::Stale))?);
        }
        let chosen = if params.get("credential")?.is_some() {
            let name = default_name(call, &self.page);
            Ok(Chosen::Passkey(Registration::of_form(params)?, name))
        } else {
            let min_length = call.server.settings.passwords.min_length;
            NewPassword::parse(&text("new_password")?, min_length).map(Chosen::Password)
        };
        let entry = match self.entry(call, &input, chosen, params.get("terms")?) {
            Ok(entry) => entry,
            Err(problem) => return Ok(self.show(call, input, Some(problem))?),
        };
        let refused = match &self.invitation {
            Some((_, invitation)) => {
                let accounts = browser::accounts(&call.server, &call.request).await?;
                let browser = sign_in_browser(call, &self.page, &accounts);
                match accept(call, invitation, entry, browser).await? {
                    Ok(Confirmed::Done(signed_up)) => return finish(call, signed_up, accounts).await,
                    Ok(_) => return Ok(ClosedPage::new(&call.server, self.page).respond()),
                    Err(refused) => refused,
                }
            }
            None => match enter(call, entry, self.next.clone()).await? {
                Ok(id) => {
                    return Ok(see_other(&confirm::path(call, id)));
                }
                Err(refused) => refused,
            },
        };
        let problem = match refused {
            NotEntered::Password(reason) => SignUpProblem::Password(reason),
            NotEntered::Passkey(reason) => SignUpProblem::Passkey(reason),
            NotEntered::Throttled(retry_after_seconds) => SignUpProblem::Throttled { retry_after_seconds },
            NotEntered::Busy => SignUpProblem::Busy,
        };
        Ok(self.show(call, input, Some(problem))?)
    }

    /// The entry, if every field is acceptable by itself.
    fn entry(
        &self,
        call: &Call,
        input: &Input,
        chosen: Result<Chosen, Unacceptable>,
        accepted: Option<&str>,
    ) -> Result<Entry, SignUpProblem> {
        let settings = &call.server.settings;
        let name = display_name::parse(&input.name).ok_or(SignUpProblem::Name)?;
        let address = match &self.invitation {
            Some((_, invitation)) => invitation.address.clone(),
            None => login_name::email(&input.email).ok_or(SignUpProblem::Email)?,
        };
        let domains = &settings.sign_up;
        if self.invitation.is_none()
            && !mail_domain::admits(&address, &domains.allowed_domains, &domains.blocked_domains)
        {
            return Err(SignUpProblem::Domain);
        }
        let chosen = chosen.map_err(SignUpProblem::Password)?;
        // The box has the version, so that no other one is accepted than was shown.
        let terms = settings.terms.version.clone();
        if terms.is_some() && terms.as_deref() != accepted {
            return Err(SignUpProblem::Terms);
        }
        Ok(Entry { name, address, chosen, language: self.page.locale.to_string(), terms })
    }
}

/// Signs in at this browser, and goes on.
async fn finish(
    call: &Call,
    signed_up: SignedUp,
    accounts: Vec<browser::BrowserAccount>,
) -> Result<HttpResponse, PageStop> {
    let SignedUp { user_id, handle, next } = signed_up;
    let path = match (next.request.as_str(), next.return_to.as_str()) {
        ("", "") => "/account".to_owned(),
        ("", return_to) => return_to.to_owned(),
        // In another browser, the request starts again.
        _ => next.path("/authorize/resume"),
    };
    let mut response = see_other(&path);
    start_session(call, &mut response, &handle, user_id, accounts).await?;
    Ok(response)
}

/// A form with the CSRF token and the id of this browser, which gets a cookie if it has none.
fn with_csrf(call: &Call, form: impl FnOnce(String, &str) -> Result<HttpResponse, Stop>) -> Result<HttpResponse, Stop> {
    let server = &call.server;
    let known = call.cookie(Name::Browser);
    let browser = known.clone().unwrap_or_else(|| Secret::random().expose());
    let mut response = form(csrf::token(&server.front.form_key, ENDPOINT, &[&browser]), &browser)?;
    if known.is_none() {
        cookies::set(&mut response, &cookies::write(Name::Browser, browser, None, server.front.https));
    }
    Ok(response)
}

/// Whether the form was shown to this browser.
fn is_shown(call: &Call, params: &Params) -> Result<bool, Error> {
    let token = params.get("csrf")?.unwrap_or_default();
    let browser = call.cookie(Name::Browser);
    Ok(browser.is_some_and(|browser| csrf::verify(&call.server.front.form_key, ENDPOINT, &[&browser], token)))
}
