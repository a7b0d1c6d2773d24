//! `/accounts`: the user chooses one of the accounts that are signed in at this browser.

use actix_web::HttpResponse;
use askama::Template;

use super::{
    account,
    answer::{PageStop, answer},
    consent::AccountView,
};
use writ_core::Params;

use crate::{
    fault::Stop,
    requests::{Pending, expired},
    server::{Call, Server},
    sessions::{
        self, SignedIn,
        browser::{self, BrowserAccount},
        csrf,
    },
    web::{
        form::{self, Body},
        page::{Page, PageContext},
        see_other,
    },
};

const ENDPOINT: &str = "accounts";

/// `GET /accounts?request=…`. Without `request`, an account page follows.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        let params = call.query()?;
        let context = ChooserContext::find(&call, &params).await?;
        Ok::<_, PageStop>(context.show(&call.server)?)
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `POST /accounts`.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, &body)?;
        let context = ChooserContext::find(&call, &params).await?;
        Ok::<_, PageStop>(context.choose(&call.server, &params).await?)
    };
    answer(&call, ENDPOINT, response.await).await
}

/// The purpose of the choice.
struct ChooserContext {
    page: PageContext,
    /// The pending request with the name of its client.
    pending: Option<(Pending, String)>,
    /// The page that follows without a pending request.
    return_to: String,
    accounts: Vec<BrowserAccount>,
}

impl ChooserContext {
    async fn find(call: &Call, params: &Params) -> Result<Self, PageStop> {
        let Call { server, request } = call;
        let return_to = params.get("return_to")?.and_then(account::own_path).unwrap_or("/account").to_owned();
        let accounts = browser::accounts(server, request).await?;
        let page = sessions::page(server, request, None).await;
        let Some(handle) = params.get("request")?.filter(|handle| !handle.is_empty()) else {
            let page = page.at(&format!("/accounts?return_to={return_to}"));
            return Ok(Self { page, pending: None, return_to, accounts });
        };
        let Some(pending) = Pending::find(server, request, handle).await? else {
            return Err(PageStop::Instead(expired::respond(server, page, params).await?));
        };
        let client = server.clients.find(&pending.row.client_id).await?;
        let page = sessions::page(server, request, pending.ui_locales()).await;
        let app_name = client.map(|client| page.client_name(&client.metadata));
        let page = page.at(&format!("/accounts?request={handle}"));
        Ok(Self { page, pending: Some((pending, app_name.unwrap_or_default())), return_to, accounts })
    }

    /// The handle of the pending request, or an empty string.
    fn request(&self) -> &str {
        self.pending.as_ref().map_or("", |(pending, _)| &pending.handle)
    }

    /// The sessions on the page. The form's token is bound to them and to the request.
    fn shown(&self) -> String {
        let sessions = self.accounts.iter().map(|account| account.signed_in.session.id.to_string());
        sessions.collect::<Vec<_>>().join(" ")
    }

    fn show(self, server: &Server) -> Result<HttpResponse, Stop> {
        let accounts = self.accounts.iter().map(|account| {
            let SignedIn { session, user } = &account.signed_in;
            let account = AccountView { name: user.display_name()?, username: user.username.clone() };
            Ok(ChoiceView { session: session.id.to_string(), account })
        });
        let another_url = match &self.pending {
            Some((pending, _)) => format!("/login?request={}", pending.handle),
            None => format!("/login?return_to={}", self.return_to),
        };
        let page = AccountsPage {
            accounts: accounts.collect::<Result<_, Stop>>()?,
            csrf: csrf::token(&server.front.form_key, ENDPOINT, &[&self.shown(), self.request()]),
            request: self.request().to_owned(),
            again: self.pending.as_ref().map(|(pending, _)| pending.again()).unwrap_or_default(),
            another_url,
            app_name: self.pending.map(|(_, app_name)| app_name),
            return_to: self.return_to,
            page: self.page,
        };
        Ok(page.respond())
    }

    async fn choose(mut self, server: &Server, params: &Params) -> Result<HttpResponse, Stop> {
        let chosen = params.require("session")?;
        let index = self.accounts.iter().position(|account| account.signed_in.session.id.to_string() == chosen);
        let token = params.get("csrf")?.unwrap_or_default();
        let bound_to = [&*self.shown(), self.request()];
        let Some(index) = index.filter(|_| csrf::verify(&server.front.form_key, ENDPOINT, &bound_to, token)) else {
            tracing::info!("choice of an account refused: the sessions have changed since the form was shown");
            return self.show(server);
        };
        let chosen = self.accounts.remove(index);
        let session_id = chosen.signed_in.session.id;
        tracing::info!(user = %chosen.signed_in.user.id, session = %session_id, "account chosen");
        let path = match &self.pending {
            Some((pending, _)) => {
                let proof = browser::choice(&server.front.form_key, session_id, &pending.handle);
                format!("{}&chosen={proof}", Pending::resume_path(&pending.handle))
            }
            None => self.return_to,
        };
        let mut response = see_other(&path);
        browser::activate(server, &mut response, &chosen.handle, self.accounts).await?;
        Ok(response)
    }
}

/// The account chooser. Its form posts `csrf`, `request`, `again`, `return_to` and the chosen
/// `session` to `/accounts`.
#[derive(Template)]
#[template(path = "pages/accounts.html")]
pub struct AccountsPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The handle of the pending request. Empty if there is none.
    pub request: String,
    /// The data to restart an expired request. Empty if there is none.
    pub again: String,
    /// The account page that follows without a pending request.
    pub return_to: String,
    /// The name of the client that sent the user.
    pub app_name: Option<String>,
    /// The accounts that are signed in.
    pub accounts: Vec<ChoiceView>,
    /// The URL to sign in with another account.
    pub another_url: String,
}

/// An account to choose.
pub struct ChoiceView {
    /// The session's id.
    pub session: String,
    /// The account.
    pub account: AccountView,
}

impl Page for AccountsPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
