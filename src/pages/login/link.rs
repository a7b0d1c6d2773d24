//! `/login/link`: users of another provider who have just signed in to their account link the two.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use writ_core::Params;

use super::LoginContext;
use crate::{
    pages::{
        account::links::advice_of,
        answer::{PageStop, answer},
    },
    server::Call,
    sessions::{
        self, SignedIn, csrf,
        factors::missing_proof,
        origin::Origin,
        upstream::{Failure, first_time, links},
    },
    store::unlinked_identities::UnlinkedIdentity,
    web::{
        cookies::{self, Name},
        form::{self, Body},
        page::{Page, PageContext},
        see_other,
    },
};

const ENDPOINT: &str = "link to a provider";
/// The path of the page.
pub(super) const PATH: &str = "/login/link";

/// `GET /login/link?request=…`. Without `request`, an account page follows.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        let context = LinkContext::find(&call, &call.query()?).await?;
        Ok::<_, PageStop>(context.show(&call, None))
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `POST /login/link`.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, &body)?;
        LinkContext::find(&call, &params).await?.submit(&call, &params).await
    };
    answer(&call, ENDPOINT, response.await).await
}

/// A user who is signed in here, and in the same browser at a provider.
struct LinkContext {
    login: LoginContext,
    signed_in: SignedIn,
    found: UnlinkedIdentity,
}

impl LinkContext {
    /// Without a user of a provider, or with a sign-in here that is too weak or too old, the
    /// request goes on.
    async fn find(call: &Call, params: &Params) -> Result<Self, PageStop> {
        let login = LoginContext::find(call, params).await?;
        let Some(found) = first_time::find(call).await? else {
            return Err(PageStop::Instead(forget(call, login.go_on())));
        };
        match sessions::current(&call.server, &call.request).await? {
            None => Err(PageStop::Instead(see_other(&login.path("/login")))),
            Some(signed_in) if missing_proof(&call.server, &signed_in).await?.is_none() => {
                Ok(Self { login, signed_in, found })
            }
            // The sign-in was enough for the request, but not for another way to sign in.
            Some(_) => Err(PageStop::Instead(forget(call, login.go_on()))),
        }
    }

    fn csrf_of(&self) -> [String; 2] {
        [self.signed_in.session.id.to_string(), self.found.id.to_string()]
    }

    async fn submit(self, call: &Call, params: &Params) -> Result<HttpResponse, PageStop> {
        let (server, bound_to) = (&call.server, self.csrf_of());
        let token = params.get("csrf")?.unwrap_or_default();
        if !csrf::verify(&server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str), token) {
            return Ok(self.show(call, Some(Failure::Ended)));
        }
        if params.get("decision")? != Some("link") {
            return Ok(forget(call, self.login.go_on()));
        }
        let origin = Origin::of(call, &self.login.page);
        match links::accept(server, &self.signed_in, self.found.clone(), origin).await? {
            Ok(()) => Ok(forget(call, self.login.go_on())),
            Err(failure) => Ok(self.show(call, Some(failure))),
        }
    }

    fn show(self, call: &Call, problem: Option<Failure>) -> HttpResponse {
        let bound_to = self.csrf_of();
        let Self { login, signed_in, found } = self;
        let provider = call.server.providers.find(&found.provider);
        LinkPage {
            csrf: csrf::token(&call.server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str)),
            provider: provider.map_or_else(|| found.provider.clone(), |provider| provider.settings.name.clone()),
            account: found.identity().account().map(str::to_owned),
            username: signed_in.user.username,
            page: login.page.clone().at(&login.path(PATH)),
            request: login.request,
            return_to: login.return_to,
            problem,
        }
        .respond()
    }
}

/// The response, after which this browser offers no link.
fn forget(call: &Call, mut response: HttpResponse) -> HttpResponse {
    cookies::set(&mut response, &cookies::remove(Name::Unlinked, call.server.front.https));
    response
}

/// The page that asks whether to link the accounts.
#[derive(Template)]
#[template(path = "pages/link.html")]
pub struct LinkPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The handle of the pending request. Empty without one.
    pub request: String,
    /// The account page that follows without a request.
    pub return_to: String,
    /// The name of the provider.
    pub provider: String,
    /// What the user is called there.
    pub account: Option<String>,
    /// The username here.
    pub username: String,
    /// Why they were not linked.
    pub problem: Option<Failure>,
}

impl LinkPage {
    fn sentence(&self) -> Option<String> {
        let provider = [("provider", self.provider.as_str())];
        Some(self.page.text_with(advice_of(self.problem?), &provider))
    }
}

impl Page for LinkPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    }
}
