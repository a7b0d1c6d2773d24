//! `/not-open`: explains that an app, or what it requires, is open to some groups only.

use actix_web::HttpResponse;
use askama::Template;
use writ_core::{
    Params, ScopeSet,
    authorization::{AuthorizationRequest, next_step::open},
    groups::Closed,
};

use super::{
    answer::{PageStop, answer},
    consent::AccountView,
};
use crate::{
    consent::ScopeDescription,
    fault::Fault,
    requests::{Pending, expired},
    server::{Call, Server},
    sessions::{self, SignedIn, browser},
    store::clients::Client,
    web::{
        page::{Page, PageContext},
        see_other,
    },
};

const ENDPOINT: &str = "not-open";

/// `GET /not-open?request=…`.
pub async fn show(call: Call) -> HttpResponse {
    let response = async {
        let params = call.query()?;
        explain(&call, &params).await
    };
    answer(&call, ENDPOINT, response.await).await
}

/// The page, as long as the request is not open to the user. Otherwise the request goes on.
async fn explain(call: &Call, params: &Params) -> Result<HttpResponse, PageStop> {
    let (server, request) = (&call.server, &call.request);
    let Some(pending) = Pending::find(server, request, params.require("request")?).await? else {
        let page = sessions::page(server, request, None).await;
        return Ok(expired::respond(server, page, params).await?);
    };
    let resume = Pending::resume_path(&pending.handle);
    let signed_in = sessions::current(server, request).await?;
    let (Some(signed_in), Some(client)) = (signed_in, server.clients.find(&pending.row.client_id).await?) else {
        return Ok(see_other(&resume));
    };
    let snapshot = server.snapshot();
    let Ok(asked) = pending.request(&client.metadata, &snapshot.scopes.offer) else { return Ok(see_other(&resume)) };
    let closed = snapshot.scopes.restrictions(&client, &asked.scope).closed_to(&signed_in.user.groups());
    if open(&asked, &closed).is_some() {
        return Ok(see_other(&resume));
    }
    let page = call.page(pending.ui_locales()).at(&format!("/not-open?request={}", pending.handle));
    let chooser = if browser::has_inactive(server, request) { "accounts" } else { "login" };
    let shown = NotOpenPage {
        another_account_url: format!("/{chooser}?request={}", pending.handle),
        back_url: Some(format!("{resume}&leave=1")),
        ..NotOpenPage::new(server, page, &client, &signed_in, (&asked, &closed))?
    };
    Ok(shown.respond())
}

/// The page.
#[derive(Template)]
#[template(path = "pages/not_open.html")]
pub struct NotOpenPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The client's name.
    pub app_name: String,
    /// The user's account.
    pub account: AccountView,
    /// The sentences of the scopes that are not open. Empty if the client is not.
    pub needs: Vec<String>,
    /// Where to ask for access, if known.
    pub contact: Option<String>,
    /// The link to use another account.
    pub another_account_url: String,
    /// The link back to the app. `None` if a device waits.
    pub back_url: Option<String>,
}

impl NotOpenPage {
    /// The page about what of a request is `closed`, without its links.
    pub(super) fn new(
        server: &Server,
        page: PageContext,
        client: &Client,
        signed_in: &SignedIn,
        (asked, closed): (&AuthorizationRequest, &Closed),
    ) -> Result<Self, Fault> {
        let of_client = || client.metadata.contacts.first().filter(|_| client.approved).cloned();
        let required = closed.scope.intersect(&asked.required);
        let needs = match closed.client {
            true => ScopeSet::default(),
            false if required.is_empty() => closed.scope.clone(),
            false => required,
        };
        let (scopes, product) = (&server.snapshot().scopes, &server.settings.branding.product_name);
        let sentence = |name| Some(ScopeDescription::find(scopes, name, page.locale, product)?.sentence);
        Ok(Self {
            app_name: page.client_name(&client.metadata),
            account: AccountView { name: signed_in.user.display_name()?, username: signed_in.user.username.clone() },
            needs: needs.iter().filter_map(sentence).collect(),
            contact: server.settings.mail.contact.clone().or_else(of_client),
            another_account_url: String::new(),
            back_url: None,
            page,
        })
    }

    fn heading(&self) -> String {
        self.page.text_with("not-open-heading", &[("app", self.app_name.as_str())])
    }

    fn lead(&self) -> String {
        let key = if self.needs.is_empty() { "not-open-lead" } else { "not-open-needs" };
        let values = [("app", self.app_name.as_str()), ("username", self.account.username.as_str())];
        self.page.text_with(key, &values)
    }

    /// Where to ask for access.
    fn advice(&self) -> String {
        match &self.contact {
            Some(contact) => self.page.text_with("not-open-contact", &[("contact", contact.as_str())]),
            None => self.page.text_with("not-open-ask", &[("product", self.page.product())]),
        }
    }
}

impl Page for NotOpenPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
