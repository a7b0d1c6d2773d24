//! `/terms`: asks a signed-in user to accept the current version of the terms, once, before a
//! request or a device goes on.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde_json::json;
use url::Url;
use writ_core::Params;

use super::{
    answer::{PageStop, answer},
    device::{Denial, is_device_path},
};
use crate::{
    requests::{Pending, expired},
    server::{Call, Server},
    sessions::{self, SignedIn, csrf},
    store::{Tx, accepted_terms, audit_events, sessions as stored},
    web::{
        form::{self, Body},
        page::{Page, PageContext},
        see_other,
    },
};

const ENDPOINT: &str = "terms";
const PATH: &str = "/terms";

/// `GET /terms?request=…`, or `GET /terms?return_to=…` with the page of a device.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        let asked = Asked::find(&call, &call.query()?).await?;
        Ok::<_, PageStop>(asked.page(&call, false))
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `POST /terms`: accepts them.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, &body)?;
        let asked = Asked::find(&call, &params).await?;
        asked.accept(&call, &params).await
    };
    answer(&call, ENDPOINT, response.await).await
}

/// A user who has not accepted the current version yet.
struct Asked {
    page: PageContext,
    signed_in: SignedIn,
    version: String,
    /// The handle of the pending request. Empty if a device waits.
    request: String,
    /// The page of the device. Empty if a request waits.
    return_to: String,
    app_name: Option<String>,
}

impl Asked {
    /// If there is nothing to ask, what waits goes on.
    async fn find(call: &Call, params: &Params) -> Result<Self, PageStop> {
        let (server, request) = (&call.server, &call.request);
        let device = params.get("return_to")?.filter(|path| is_device_path(path));
        let pending = match device {
            Some(_) => None,
            None => match Pending::find(server, request, params.require("request")?).await? {
                Some(pending) => Some(pending),
                None => {
                    let page = sessions::page(server, request, None).await;
                    return Err(PageStop::Instead(expired::respond(server, page, params).await?));
                }
            },
        };
        let handle = pending.as_ref().map(|pending| pending.handle.clone()).unwrap_or_default();
        let return_to = device.unwrap_or_default().to_owned();
        let next = next(&handle, &return_to);
        let signed_in = sessions::current(server, request).await?;
        let (Some(version), Some(signed_in)) = (server.settings.terms.version.clone(), signed_in) else {
            return Err(PageStop::Instead(see_other(&next)));
        };
        let (user_id, asked) = (signed_in.user.id, version.clone());
        if server.store.read(move |tx| accepted_terms::are_accepted(tx, user_id, &asked)).await? {
            return Err(PageStop::Instead(see_other(&next)));
        }
        let client = match &pending {
            Some(pending) => server.clients.find(&pending.row.client_id).await?,
            None => None,
        };
        let page = call.page(pending.as_ref().and_then(Pending::ui_locales));
        let here = match device {
            Some(path) => format!("{PATH}?return_to={path}"),
            None => format!("{PATH}?request={handle}"),
        };
        Ok(Self {
            app_name: client.map(|client| page.client_name(&client.metadata)),
            page: page.at(&here),
            signed_in,
            version,
            request: handle,
            return_to,
        })
    }

    /// The token is bound to the version, so that no other one is accepted than was shown.
    fn csrf_of(&self) -> [String; 3] {
        [self.signed_in.session.id.to_string(), self.version.clone(), next(&self.request, &self.return_to)]
    }

    async fn accept(self, call: &Call, params: &Params) -> Result<HttpResponse, PageStop> {
        let (server, bound_to) = (&call.server, self.csrf_of());
        let token = params.get("csrf")?.unwrap_or_default();
        if !csrf::verify(&server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str), token) {
            tracing::info!("terms not accepted: the form was shown to another session, or for another version");
            return Ok(self.page(call, true));
        }
        let (user_id, session_id, version) = (self.signed_in.user.id, self.signed_in.session.id, self.version.clone());
        let network = call.network();
        let unit = move |tx: &mut Tx<'_>| {
            let is_live = stored::lock(tx, session_id)?;
            if is_live {
                accepted_terms::insert(tx, user_id, &version, tx.now)?;
                let (action, about) = ("account.terms_accepted".to_owned(), json!({ "version": version }));
                audit_events::of_user(tx, user_id, &network, action, user_id.to_string(), about)?;
            }
            Ok(is_live)
        };
        if server.store.write(unit).await? {
            tracing::info!(user = %user_id, version = self.version, "terms accepted");
        }
        Ok(see_other(&next(&self.request, &self.return_to)))
    }

    fn page(self, call: &Call, is_stale: bool) -> HttpResponse {
        let bound_to = self.csrf_of();
        let documents = Documents::of(&call.server);
        let page = TermsPage {
            csrf: csrf::token(&call.server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str)),
            denial: Denial::of_path(&call.server, &bound_to[0], &self.return_to),
            leave: (!self.request.is_empty()).then(|| format!("{}&leave=1", Pending::resume_path(&self.request))),
            page: self.page,
            version: self.version,
            documents,
            request: self.request,
            return_to: self.return_to,
            app_name: self.app_name,
            is_stale,
        };
        page.respond()
    }
}

/// What follows: the request, or the page of the device.
fn next(request: &str, return_to: &str) -> String {
    if request.is_empty() { return_to.to_owned() } else { Pending::resume_path(request) }
}

/// What a user accepts.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    /// The terms.
    pub terms: Option<Url>,
    /// The privacy policy.
    pub privacy: Option<Url>,
}

impl Documents {
    /// The documents of the configuration.
    pub fn of(server: &Server) -> Self {
        let terms = &server.settings.terms;
        Self { terms: terms.url.clone(), privacy: terms.privacy_url.clone() }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "pages/terms.html")]
pub struct TermsPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The version.
    pub version: String,
    /// What is accepted.
    pub documents: Documents,
    /// The handle of the pending request. Empty if a device waits.
    pub request: String,
    /// The page of the device. Empty if a request waits.
    pub return_to: String,
    /// The client's name, if a request waits.
    pub app_name: Option<String>,
    /// The form that denies the device, if one waits.
    pub denial: Option<Denial>,
    /// Where the user returns to the client without accepting.
    pub leave: Option<String>,
    /// Whether the form's token is not valid any more.
    pub is_stale: bool,
}

impl TermsPage {
    fn sentence(&self) -> Option<String> {
        self.is_stale.then(|| self.page.text("sign-up-stale"))
    }
}

impl Page for TermsPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.is_stale { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    }
}
