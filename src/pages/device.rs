//! `/device`: a person types the code that a device shows, sees who asks from where, and decides (RFC 8628 §3.3).
//!
//! No link brings a code along. Whoever talks somebody into this page has to have them type the code, and then stand beside
//! what the page says about app, place and time (§5.4).

mod view;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};

pub use view::{DeviceAnsweredPage, DeviceCodePage, DevicePage, DeviceProblem};

use super::{
    answer::answer,
    app_logo::AppLogo,
    consent::{AccountView, groups, shown, ticked},
};
use writ_core::{Params, ScopeSet, scopes::required, vocabulary::duration::GrantDuration};

use crate::{
    fault::Stop,
    requests::UserCode,
    server::Server,
    sessions::{self, SignedIn, csrf},
    store::{
        clients::Client,
        consents::Consent,
        decisions,
        device_requests::{self, Answer, DeviceRequest},
        security_events::{self, Kind},
        throttle::{self, Key, Rate},
    },
    web::{
        client_address::{client_address, network},
        form::{self, Body},
        page::{Page, PageContext},
        see_other,
    },
};

const ENDPOINT: &str = "device";
const PATH: &str = "/device";

/// `GET /device`.
pub async fn show(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    let shown = match Visit::of(&server, &request).await {
        Ok(Some(visit)) => Ok(visit.ask_for_code(&server, None)),
        Ok(None) => Ok(to_login()),
        Err(failure) => Err(failure),
    };
    answer(&server, &request, ENDPOINT, shown).await
}

/// `POST /device`: a typed code, or a decision.
pub async fn submit(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    let shown = match form::parse(&request, &body) {
        Ok(params) => take(&server, &request, &params).await,
        Err(error) => Err(error.into()),
    };
    answer(&server, &request, ENDPOINT, shown).await
}

fn to_login() -> HttpResponse {
    see_other(&format!("/login?return_to={PATH}"))
}

async fn take(server: &Server, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Stop> {
    let Some(visit) = Visit::of(server, request).await? else { return Ok(to_login()) };
    let code = UserCode::parse(params.get("user_code")?.unwrap_or_default());
    let token = params.get("csrf")?.unwrap_or_default();
    let Some(decision) = params.get("decision")? else {
        return visit.take_code(server, code, token).await;
    };
    let question = match visit.look_up(server, code, DeviceProblem::Gone).await? {
        Ok(question) => question,
        Err(problem) => return Ok(visit.ask_for_code(server, Some(problem))),
    };
    if !csrf::verify(&server.front.form_key, ENDPOINT, &question.bound_to(&visit).each_ref().map(String::as_str), token)
    {
        tracing::info!("device answer refused: the form was shown to another session, or for another request");
        return Ok(visit.ask_for_code(server, Some(DeviceProblem::Stale)));
    }
    let granted = match decision {
        "approve" => ticked(params, &question.row.scope(), &question.required()),
        _ => ScopeSet::default(),
    };
    visit.decide(server, question, granted).await
}

/// Somebody who has signed in, on this page.
struct Visit {
    page: PageContext,
    signed_in: SignedIn,
    network: String,
}

/// What a device asks.
struct Question {
    code: UserCode,
    row: DeviceRequest,
    client: std::sync::Arc<Client>,
}

impl Question {
    fn required(&self) -> ScopeSet {
        required(&self.row.scope(), &self.client.metadata)
    }

    /// What the form's token is good for: this session, this request, these scopes, and the language they are shown in.
    fn bound_to(&self, visit: &Visit) -> [String; 4] {
        [
            visit.signed_in.session.id.to_string(),
            self.row.id.to_string(),
            self.required().to_string(),
            visit.page.locale.to_string(),
        ]
    }
}

impl Visit {
    async fn of(server: &Server, request: &HttpRequest) -> Result<Option<Self>, Stop> {
        let Some(signed_in) = sessions::current(server, request).await? else { return Ok(None) };
        Ok(Some(Self {
            page: server.front.page(request, None).at(PATH),
            network: network(client_address(request, &server.settings.server.trusted_proxies)),
            signed_in,
        }))
    }

    fn session(&self) -> String {
        self.signed_in.session.id.to_string()
    }

    fn ask_for_code(&self, server: &Server, problem: Option<DeviceProblem>) -> HttpResponse {
        let csrf = csrf::token(&server.front.form_key, ENDPOINT, &[&self.session()]);
        let mut response = DeviceCodePage { page: self.page.clone(), csrf, problem }.respond();
        *response.status_mut() = match problem {
            None => StatusCode::OK,
            Some(DeviceProblem::Throttled { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Some(_) => StatusCode::BAD_REQUEST,
        };
        response
    }

    /// Shows the request of a typed code.
    async fn take_code(&self, server: &Server, code: Option<UserCode>, token: &str) -> Result<HttpResponse, Stop> {
        if !csrf::verify(&server.front.form_key, ENDPOINT, &[&self.session()], token) {
            return Ok(self.ask_for_code(server, Some(DeviceProblem::Stale)));
        }
        match self.look_up(server, code, DeviceProblem::Wrong).await? {
            Ok(question) => self.show_question(server, question),
            Err(problem) => Ok(self.ask_for_code(server, Some(problem))),
        }
    }

    /// The request of a user code; `missing` if there is none. Every look-up counts unless it finds
    /// one, whichever form it comes from: user codes cannot be guessed
    /// ([RFC 8628 §5.1](https://www.rfc-editor.org/rfc/rfc8628#section-5.1)).
    async fn look_up(
        &self,
        server: &Server,
        code: Option<UserCode>,
        missing: DeviceProblem,
    ) -> Result<Result<Question, DeviceProblem>, Stop> {
        let settings = &server.settings.throttle;
        let rate = Rate::new(settings.account_attempts, settings.account_interval);
        let key = Key::new("user_code", &self.signed_in.user.id.to_string());
        let typed = code.as_ref().map(|code| code.as_str().to_owned());
        let found = server.store.write(move |tx| {
            if let Some(seconds) = throttle::attempt(tx, &key, rate)? {
                return Ok(Err(seconds));
            }
            let row = match typed {
                Some(typed) => device_requests::find_waiting(tx, &typed)?,
                None => None,
            };
            if row.is_some() {
                throttle::refund(tx, &key, rate)?;
            }
            Ok(Ok(row))
        });
        let row = match found.await? {
            Ok(row) => row,
            Err(retry_after_seconds) => return Ok(Err(DeviceProblem::Throttled { retry_after_seconds })),
        };
        let (Some(code), Some(row)) = (code, row) else { return Ok(Err(missing)) };
        let client = server.clients.find(&row.client_id).await?;
        Ok(client.map(|client| Question { code, row, client }).ok_or(missing))
    }

    fn show_question(&self, server: &Server, question: Question) -> Result<HttpResponse, Stop> {
        let user = &self.signed_in.user;
        let bound_to = question.bound_to(self);
        let age = server.clock.now() - question.row.created_at;
        let page = DevicePage {
            csrf: csrf::token(&server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str)),
            user_code: question.code.to_string(),
            app_name: self.app_name(&question),
            verified: question.client.approved,
            described_at: question.client.described_at(),
            logo: AppLogo::of(server, &question.client, self.page.locale),
            same_network: question.row.network == self.network,
            network: question.row.network.clone(),
            since: self.page.locale.time_ago(age),
            account: AccountView { name: user.display_name()?, username: user.username.clone() },
            groups: self.groups(server, &question),
            page: self.page.clone(),
        };
        Ok(page.respond())
    }

    fn app_name(&self, question: &Question) -> String {
        question.client.metadata.client_name_in(self.page.locale.tag()).to_owned()
    }

    /// Nothing that was allowed elsewhere is ticked by itself here: a device is asked about anew.
    fn groups(&self, server: &Server, question: &Question) -> Vec<super::consent::ScopeGroup> {
        let (scope, required) = (question.row.scope(), question.required());
        groups(server, self.page.locale, &question.client.metadata, (&scope, &required), &Consent::default())
    }

    async fn decide(&self, server: &Server, question: Question, granted: ScopeSet) -> Result<HttpResponse, Stop> {
        let allowed = !granted.is_empty();
        let record = shown(self.groups(server, &question), self.page.locale, &granted, GrantDuration::UntilRevoked);
        let session = &self.signed_in.session;
        let user_id = self.signed_in.user.id;
        tracing::info!(client = question.client.id, user = %user_id, %granted, "device answered");
        let answer = Answer { user_id, session_id: session.sid, auth_time: session.auth_time, granted };
        let (row_id, client_id, network) = (question.row.id, question.client.id.clone(), self.network.clone());
        let answered = server
            .store
            .write(move |tx| {
                if !device_requests::answer(tx, row_id, &answer)? {
                    return Ok(false);
                }
                decisions::insert(tx, user_id, &client_id, &record, &network)?;
                let kind = if allowed { Kind::AppAllowed } else { Kind::AppDenied };
                security_events::record(tx, user_id, kind, Some(&client_id), &network)?;
                Ok(true)
            })
            .await?;
        if !answered {
            return Ok(self.ask_for_code(server, Some(DeviceProblem::Gone)));
        }
        let app_name = self.app_name(&question);
        Ok(DeviceAnsweredPage { page: self.page.clone(), app_name, allowed }.respond())
    }
}
