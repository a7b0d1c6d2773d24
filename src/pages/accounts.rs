//! `/accounts`: which of the people who are signed in at this browser goes on.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{
    account,
    answer::answer,
    consent::AccountView,
    navigate::{NavigatePage, Outcome},
};
use writ_core::Params;

use crate::{
    fault::Stop,
    requests::{Pending, expired},
    server::Server,
    sessions::{
        self, SignedIn,
        accounts::{self, Account},
        csrf,
    },
    web::{
        form::{self, Body},
        page::{Page, PageContext},
    },
};

const ENDPOINT: &str = "accounts";

/// `GET /accounts?request=…`; without a request it leads to the account.
pub async fn show(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    let shown = match Params::parse(request.query_string().as_bytes()) {
        Ok(params) => ask(&server, &request, &params).await,
        Err(error) => Err(error.into()),
    };
    answer(&server, &request, ENDPOINT, shown).await
}

/// `POST /accounts`.
pub async fn submit(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    let chosen = match form::parse_strictly(&request, &body) {
        Ok(params) => choose(&server, &request, &params).await,
        Err(error) => Err(error.into()),
    };
    answer(&server, &request, ENDPOINT, chosen).await
}

/// What the choice is for.
struct Errand {
    page: PageContext,
    /// The request that waits, with the name of its app.
    pending: Option<(Pending, String)>,
    /// Where to go on without one.
    return_to: String,
    accounts: Vec<Account>,
}

impl Errand {
    async fn of(server: &Server, request: &HttpRequest, params: &Params) -> Result<Result<Self, HttpResponse>, Stop> {
        let return_to = params.get("return_to")?.and_then(account::own_path).unwrap_or("/account").to_owned();
        let accounts = accounts::all(server, request).await?;
        let page = sessions::page(server, request, None).await;
        let Some(handle) = params.get("request")?.filter(|handle| !handle.is_empty()) else {
            let page = page.at(&format!("/accounts?return_to={return_to}"));
            return Ok(Ok(Self { page, pending: None, return_to, accounts }));
        };
        let Some(pending) = Pending::find(server, handle).await? else {
            return Ok(Err(expired::respond(server, page, params).await?));
        };
        let client = server.clients.find(&pending.row.client_id).await?;
        let page = sessions::page(server, request, pending.params.get("ui_locales")?).await;
        let app_name = client.map(|client| page.client_name(&client.metadata));
        let app_name = app_name.unwrap_or_default();
        let page = page.at(&format!("/accounts?request={handle}"));
        Ok(Ok(Self { page, pending: Some((pending, app_name)), return_to, accounts }))
    }

    /// The pending request's handle, or nothing.
    fn request(&self) -> &str {
        self.pending.as_ref().map_or("", |(pending, _)| &pending.handle)
    }

    /// Everybody who is shown: what the form is bound to besides the request.
    fn shown(&self) -> String {
        let sessions = self.accounts.iter().map(|account| account.signed_in.session.id.to_string());
        sessions.collect::<Vec<_>>().join(" ")
    }
}

async fn ask(server: &Server, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Stop> {
    match Errand::of(server, request, params).await? {
        Ok(errand) => Ok(chooser(server, errand)?.respond()),
        Err(response) => Ok(response),
    }
}

fn chooser(server: &Server, errand: Errand) -> Result<AccountsPage, Stop> {
    let accounts = errand.accounts.iter().map(|account| {
        let SignedIn { session, user } = &account.signed_in;
        let account = AccountView { name: user.display_name()?, username: user.username.clone() };
        Ok(ChoiceView { session: session.id.to_string(), account })
    });
    let another_url = match &errand.pending {
        Some((pending, _)) => format!("/login?request={}", pending.handle),
        None => format!("/login?return_to={}", errand.return_to),
    };
    Ok(AccountsPage {
        accounts: accounts.collect::<Result<_, Stop>>()?,
        csrf: csrf::token(&server.front.form_key, ENDPOINT, &[&errand.shown(), errand.request()]),
        request: errand.request().to_owned(),
        again: errand.pending.as_ref().map(|(pending, _)| pending.again()).unwrap_or_default(),
        another_url,
        app_name: errand.pending.map(|(_, app_name)| app_name),
        return_to: errand.return_to,
        page: errand.page,
    })
}

async fn choose(server: &Server, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Stop> {
    let mut errand = match Errand::of(server, request, params).await? {
        Ok(errand) => errand,
        Err(response) => return Ok(response),
    };
    let chosen = params.require("session")?;
    let index = errand.accounts.iter().position(|account| account.signed_in.session.id.to_string() == chosen);
    let token = params.get("csrf")?.unwrap_or_default();
    let bound_to = [&*errand.shown(), errand.request()];
    let Some(index) = index.filter(|_| csrf::verify(&server.front.form_key, ENDPOINT, &bound_to, token)) else {
        tracing::info!("the choice of an account is refused: the form shows other people than are signed in now");
        return Ok(chooser(server, errand)?.respond());
    };
    let chosen = errand.accounts.remove(index);
    let session_id = chosen.signed_in.session.id;
    tracing::info!(user = %chosen.signed_in.user.id, session = %session_id, "chosen");
    let url = match &errand.pending {
        Some((pending, _)) => {
            let proof = accounts::choice(&server.front.form_key, session_id, &pending.handle);
            format!("{}&chosen={proof}", Pending::resume_path(&pending.handle))
        }
        None => errand.return_to.clone(),
    };
    // A page that goes on, not a redirect: the next hop may lead to another origin, which `form-action 'self'` would stop.
    let page = NavigatePage {
        page: errand.page,
        outcome: Outcome::SignedIn,
        app_name: errand.pending.map(|(_, app_name)| app_name).unwrap_or_default(),
        host: server.settings.server.issuer.host().to_owned(),
        url,
    };
    let mut response = page.respond();
    accounts::activate(server, &mut response, &chosen.handle, errand.accounts).await?;
    Ok(response)
}

/// The people to choose from. Its form posts `csrf`, `request`, `again`, `return_to` and the chosen `session` to `/accounts`.
#[derive(Template)]
#[template(path = "pages/accounts.html")]
pub struct AccountsPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The form's token.
    pub csrf: String,
    /// The handle of the pending authorization request, or nothing.
    pub request: String,
    /// What begins that request anew should it expire meanwhile, or nothing.
    pub again: String,
    /// The page of the account to go on to without a request.
    pub return_to: String,
    /// The app that waits for the choice.
    pub app_name: Option<String>,
    /// Whoever is signed in here.
    pub accounts: Vec<ChoiceView>,
    /// Where somebody else signs in.
    pub another_url: String,
}

/// Somebody to choose.
pub struct ChoiceView {
    /// Their session's id.
    pub session: String,
    /// Who they are.
    pub account: AccountView,
}

impl Page for AccountsPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
