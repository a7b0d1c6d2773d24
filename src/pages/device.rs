//! `/device`: the user enters the code of a device, sees which client requests what from where, and
//! decides (RFC 8628 §3.3).
//!
//! A link never approves anything. It only fills in the code, and the page asks the user to compare
//! it with the device ([RFC 8628 §5.4](https://www.rfc-editor.org/rfc/rfc8628#section-5.4)).

mod view;

use actix_web::{HttpResponse, http::StatusCode};
use writ_core::{
    Params, ScopeSet,
    authorization::{
        AuthorizationRequest,
        next_step::{open, without},
    },
    consent::{Consent, Decision, preset_duration, ticked},
    scopes::required,
    vocabulary::claims_request::ClaimsRequest,
};

pub use view::{DeviceAnsweredPage, DeviceCodePage, DevicePage, DeviceProblem};

use super::{
    answer::answer,
    consent::{AccountView, AppView, OfflineAccess, durations, parse_duration},
    not_open::NotOpenPage,
};
use crate::{
    consent::{
        self, ConsentRecord, ConsentSource, ScopeDescription, ScopeGroup, disclosures, scope_groups, shown_scopes,
    },
    fault::Stop,
    requests::UserCode,
    server::{Call, Server},
    sessions::{self, SignedIn, csrf, factors::Factors},
    store::{
        Tx, accepted_terms,
        clients::Client,
        decisions::ShownConsent,
        device_requests::{self, DeviceRequest, Lookup},
        throttle::{Key, Limits},
    },
    web::{
        form::{self, Body},
        limits::{account_rate, of_networks},
        page::{Page, PageContext},
        see_other,
        zone::Zone,
    },
};

const ENDPOINT: &str = "device";
const PATH: &str = "/device";

/// `GET /device`, and `GET /device?user_code=…`, which a device may show as a link or QR code.
pub async fn show(call: Call) -> HttpResponse {
    let shown = match call.query() {
        Ok(params) => ask_for_code(&call, &params).await,
        Err(error) => Err(error.into()),
    };
    answer(&call, ENDPOINT, shown).await
}

/// `POST /device`: a code, or a decision.
pub async fn submit(call: Call, body: Body) -> HttpResponse {
    let shown = match form::parse(&call.request, &body) {
        Ok(params) => take(&call, &params).await,
        Err(error) => Err(error.into()),
    };
    answer(&call, ENDPOINT, shown).await
}

/// The path of this page, optionally with a code filled in.
fn path(code: Option<&UserCode>) -> String {
    code.map_or_else(|| PATH.to_owned(), |code| format!("{PATH}?user_code={code}"))
}

/// Whether `path` is this page, with or without a code.
pub(super) fn is_device_path(path: &str) -> bool {
    path == PATH || path.strip_prefix("/device?user_code=").is_some_and(|code| UserCode::parse(code).is_some())
}

fn to_login(code: Option<&UserCode>) -> HttpResponse {
    see_other(&format!("/login?return_to={}", path(code)))
}

async fn ask_for_code(call: &Call, params: &Params) -> Result<HttpResponse, Stop> {
    let code = params.get("user_code")?.and_then(UserCode::parse);
    Ok(match DeviceContext::of(call).await? {
        Some(context) => context.code_page(&call.server, code, None),
        None => to_login(code.as_ref()),
    })
}

async fn take(call: &Call, params: &Params) -> Result<HttpResponse, Stop> {
    let server = &call.server;
    let code = UserCode::parse(params.get("user_code")?.unwrap_or_default());
    let Some(context) = DeviceContext::of(call).await? else { return Ok(to_login(code.as_ref())) };
    let token = params.get("csrf")?.unwrap_or_default();
    let Some(decision) = params.get("decision")? else {
        return context.take_code(server, code, token).await;
    };
    // The form of a decision contains the code, so it could be used to guess codes as well.
    let waiting = match context.look_up(server, code, DeviceProblem::Gone).await? {
        LookedUp::Waiting(waiting) => *waiting,
        LookedUp::NotOpen(page) => return Ok(page.respond()),
        LookedUp::Elsewhere(url) => return Ok(see_other(&url)),
        LookedUp::Problem(problem) => return Ok(context.code_page(server, None, Some(problem))),
    };
    if !csrf::verify(
        &server.front.form_key,
        ENDPOINT,
        &context.bound_to(server, &waiting).each_ref().map(String::as_str),
        token,
    ) {
        tracing::info!("device decision refused: the form was shown to another session, or for another request");
        return Ok(context.code_page(server, Some(waiting.code), Some(DeviceProblem::Stale)));
    }
    let boxes: ScopeSet = params.all("scope").collect();
    let requested = waiting.scope.clone();
    let decision = Decision {
        ticked: match decision {
            "approve" => ticked(&requested, &waiting.required(), &boxes),
            _ => ScopeSet::default(),
        },
        duration: parse_duration(params)?,
        disclosed: disclosures(&server.snapshot().scopes, &requested),
        requested,
        implied: ScopeSet::default(),
        claims: ClaimsRequest::default(),
    };
    context.decide(server, waiting, decision).await
}

/// A signed-in user on this page.
struct DeviceContext {
    page: PageContext,
    signed_in: SignedIn,
    limits: Limits,
    network: String,
}

/// A device that waits for a decision.
struct WaitingDevice {
    code: UserCode,
    row: DeviceRequest,
    client: std::sync::Arc<Client>,
    /// The requested scopes whose conditions the user meets.
    scope: ScopeSet,
    /// The others.
    left_out: ScopeSet,
    /// Where the user can prove a second factor, which some of those demand.
    step_up_url: Option<String>,
}

/// What a submitted code led to.
enum LookedUp {
    Waiting(Box<WaitingDevice>),
    /// The client, or what it requires, is not open to the user.
    NotOpen(Box<NotOpenPage>),
    /// The user must first accept the terms, or prove a second factor that the client requires: at
    /// this path.
    Elsewhere(String),
    Problem(DeviceProblem),
}

impl WaitingDevice {
    fn required(&self) -> ScopeSet {
        required(&self.scope, &self.client.metadata, true)
    }
}

impl DeviceContext {
    async fn of(call: &Call) -> Result<Option<Self>, Stop> {
        let Some(signed_in) = sessions::current(&call.server, &call.request).await? else { return Ok(None) };
        let throttle = &call.server.settings.throttle;
        let mut limits = of_networks(throttle, "user_code", call.client_address());
        limits.push((Key::new("user_code", &signed_in.user.id.to_string()), account_rate(throttle)));
        let (page, limits) = (call.page(None).at(PATH), Limits::new(limits));
        Ok(Some(Self { page, limits, network: call.network(), signed_in }))
    }

    fn session(&self) -> String {
        self.signed_in.session.id.to_string()
    }

    /// What a decision's token is bound to: the session, the request, the requested scopes with
    /// their current state, and the language of the page.
    fn bound_to(&self, server: &Server, waiting: &WaitingDevice) -> [String; 5] {
        let disclosed = disclosures(&server.snapshot().scopes, &waiting.scope);
        [
            self.session(),
            waiting.row.id.to_string(),
            waiting.required().to_string(),
            serde_json::to_string(&disclosed).unwrap_or_default(),
            self.page.locale.to_string(),
        ]
    }

    fn code_page(&self, server: &Server, code: Option<UserCode>, problem: Option<DeviceProblem>) -> HttpResponse {
        let csrf = csrf::token(&server.front.form_key, ENDPOINT, &[&self.session()]);
        let page = self.page.clone().at(&path(code.as_ref()));
        let user_code = code.map(|code| code.to_string());
        let mut response = DeviceCodePage { page, csrf, user_code, problem }.respond();
        *response.status_mut() = match problem {
            None => StatusCode::OK,
            Some(DeviceProblem::Throttled { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Some(_) => StatusCode::BAD_REQUEST,
        };
        response
    }

    /// Shows the request for a submitted code.
    async fn take_code(&self, server: &Server, code: Option<UserCode>, token: &str) -> Result<HttpResponse, Stop> {
        if !csrf::verify(&server.front.form_key, ENDPOINT, &[&self.session()], token) {
            return Ok(self.code_page(server, code, Some(DeviceProblem::Stale)));
        }
        match self.look_up(server, code, DeviceProblem::Wrong).await? {
            LookedUp::Waiting(waiting) => self.show_request(server, *waiting).await,
            LookedUp::NotOpen(page) => Ok(page.respond()),
            LookedUp::Elsewhere(url) => Ok(see_other(&url)),
            LookedUp::Problem(problem) => Ok(self.code_page(server, None, Some(problem))),
        }
    }

    /// The pending request with this user code. Returns `missing` if there is none.
    async fn look_up(&self, server: &Server, code: Option<UserCode>, missing: DeviceProblem) -> Result<LookedUp, Stop> {
        let (typed, limits) = (code.clone(), self.limits.clone());
        let look_up =
            move |tx: &mut Tx<'_>| device_requests::look_up(tx, typed.as_ref().map(UserCode::as_str), &limits);
        let row = match server.store.write(look_up).await? {
            Lookup::Waiting(row) => *row,
            Lookup::Missing => return Ok(LookedUp::Problem(missing)),
            Lookup::Throttled(retry_after_seconds) => {
                return Ok(LookedUp::Problem(DeviceProblem::Throttled { retry_after_seconds }));
            }
        };
        let (Some(code), Some(client)) = (code, server.clients.find(&row.client_id).await?) else {
            return Ok(LookedUp::Problem(missing));
        };
        if client.check_enabled().is_err() {
            return Ok(LookedUp::Problem(DeviceProblem::Gone));
        }
        let asked = AuthorizationRequest {
            scope: row.scope(),
            required: required(&row.scope(), &client.metadata, true),
            ..AuthorizationRequest::default()
        };
        let restrictions = server.snapshot().scopes.restrictions(&client, &asked.scope);
        let closed = restrictions.closed_to(&self.signed_in.user.groups());
        let Some(open) = open(&asked, &closed) else {
            let page = self.page.clone().at(&path(Some(&code)));
            let another_account_url = format!("/login?return_to={}", path(Some(&code)));
            let page = NotOpenPage::new(server, page, &client, &self.signed_in, (&asked, &closed))?;
            return Ok(LookedUp::NotOpen(Box::new(NotOpenPage { another_account_url, ..page })));
        };
        if self.are_terms_due(server).await? {
            return Ok(LookedUp::Elsewhere(format!("/terms?return_to={}", path(Some(&code)))));
        }
        let acr = self.signed_in.session.evidence().acr();
        let snapshot = server.snapshot();
        let beyond = snapshot.scopes.demands(&asked.scope).beyond(acr);
        let demanded = snapshot.sign_in_demands(&client).of(&self.signed_in.user.groups());
        let user_id = self.signed_in.user.id;
        if !acr.meets(demanded) {
            return Ok(match Factors::of(server, user_id).await?.is_empty() {
                true => LookedUp::Problem(DeviceProblem::NeedsFactor),
                false => LookedUp::Elsewhere(format!("/step-up?return_to={}", path(Some(&code)))),
            });
        }
        let can_step_up = !beyond.is_empty() && !Factors::of(server, user_id).await?.is_empty();
        let step_up_url = can_step_up.then(|| format!("/step-up?return_to={}", path(Some(&code))));
        match (without(open, &beyond), step_up_url) {
            (Some(open), step_up_url) => {
                let (scope, left_out) = (open.scope.clone(), asked.scope.without(&open.scope));
                Ok(LookedUp::Waiting(Box::new(WaitingDevice { code, row, client, scope, left_out, step_up_url })))
            }
            (None, Some(url)) => Ok(LookedUp::Elsewhere(url)),
            (None, None) => Ok(LookedUp::Problem(DeviceProblem::NeedsFactor)),
        }
    }

    /// Whether the user has not accepted the current version of the terms.
    async fn are_terms_due(&self, server: &Server) -> Result<bool, Stop> {
        let Some(version) = server.settings.terms.version.clone() else { return Ok(false) };
        let user_id = self.signed_in.user.id;
        Ok(!server.store.read(move |tx| accepted_terms::are_accepted(tx, user_id, &version)).await?)
    }

    async fn show_request(&self, server: &Server, waiting: WaitingDevice) -> Result<HttpResponse, Stop> {
        let user = &self.signed_in.user;
        let bound_to = self.bound_to(server, &waiting);
        let age = server.clock.now() - waiting.row.created_at;
        let zone = Zone::of(&user.standard_claims()?);
        let page = DevicePage {
            csrf: csrf::token(&server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str)),
            user_code: waiting.code.to_string(),
            app: AppView::of(server, &waiting.client, self.page.locale, None).await?,
            same_network: waiting.row.network == self.network,
            network: waiting.row.network.clone(),
            since: self.page.locale.time_ago(age),
            account: AccountView { name: user.display_name()?, username: user.username.clone() },
            groups: self.groups(server, &waiting),
            left_out: self.left_out(server, &waiting),
            step_up_url: waiting.step_up_url,
            durations: durations(server, self.page.locale, &zone, OfflineAccess::OwnSession),
            duration: preset_duration(waiting.client.approved),
            page: self.page.clone().at(&path(Some(&waiting.code))),
        };
        Ok(page.respond())
    }

    /// Scopes that were allowed elsewhere are not ticked here: each device needs a decision of its
    /// own.
    fn groups(&self, server: &Server, waiting: &WaitingDevice) -> Vec<ScopeGroup> {
        let scopes = (&waiting.scope, &waiting.required());
        scope_groups(server, self.page.locale, &waiting.client, scopes, &Consent::default())
    }

    /// The sentences of the scopes whose conditions the user does not meet.
    fn left_out(&self, server: &Server, waiting: &WaitingDevice) -> Vec<String> {
        let (scopes, product) = (&server.snapshot().scopes, &server.settings.branding.product_name);
        let sentence = |name| Some(ScopeDescription::find(scopes, name, self.page.locale, product)?.sentence);
        waiting.left_out.iter().filter_map(sentence).collect()
    }

    async fn decide(&self, server: &Server, waiting: WaitingDevice, decision: Decision) -> Result<HttpResponse, Stop> {
        let allowed = !decision.ticked.is_empty();
        let locale = self.page.locale;
        tracing::info!(
            client = waiting.client.id,
            user = %self.signed_in.user.id,
            granted = %decision.ticked,
            "device decided"
        );
        let shown = ShownConsent {
            app: AppView::of(server, &waiting.client, locale, None).await?.shown(),
            scopes: shown_scopes(self.groups(server, &waiting), &server.snapshot().scopes, &decision.ticked),
            ..ShownConsent::new(locale, allowed, decision.duration)
        };
        let record = ConsentRecord {
            source: ConsentSource::Device(waiting.row.id),
            session: self.signed_in.session.clone(),
            client_id: waiting.client.id.clone(),
            decision,
            shown,
            network: self.network.clone(),
        };
        if !consent::record(&server.store, record).await? {
            return Ok(self.code_page(server, None, Some(DeviceProblem::Gone)));
        }
        let app_name = self.page.client_name(&waiting.client.metadata);
        Ok(DeviceAnsweredPage { page: self.page.clone(), app_name, allowed }.respond())
    }
}
