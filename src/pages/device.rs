//! `/device`: the user enters the code of a device, sees which client requests what from where, and
//! decides (RFC 8628 §3.3).
//!
//! A link never approves anything. It only fills in the code, and the page asks the user to compare
//! it with the device ([RFC 8628 §5.4](https://www.rfc-editor.org/rfc/rfc8628#section-5.4)).

mod denial;
mod look_up;
mod view;

use actix_web::HttpResponse;
use writ_core::{
    Params, ScopeSet,
    consent::{Consent, Decision, preset_duration, ticked},
    vocabulary::claims_request::ClaimsRequest,
};

pub use denial::Denial;
pub use view::{DeviceAnsweredPage, DeviceCodePage, DevicePage, DeviceProblem};

use self::look_up::{Due, WaitingDevice};
use super::{
    answer::answer,
    consent::{AccountView, AppView, OfflineAccess, durations, parse_duration},
};
use crate::{
    consent::{
        self, ConsentRecord, ConsentSource, ScopeDescription, ScopeGroup, disclosures, scope_groups, shown_scopes,
    },
    fault::Stop,
    requests::UserCode,
    server::{Call, Server},
    sessions::{self, SignedIn, csrf},
    store::{
        decisions::ShownConsent,
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
/// What is before the code in the path of the page for it.
const WITH_CODE: &str = "/device?user_code=";

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
    code.map_or_else(|| PATH.to_owned(), |code| format!("{WITH_CODE}{code}"))
}

/// Whether `path` is this page, with or without a code.
pub(super) fn is_device_path(path: &str) -> bool {
    path == PATH || path.strip_prefix(WITH_CODE).is_some_and(|code| UserCode::parse(code).is_some())
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
    let found = match context.find(server, code, DeviceProblem::Gone).await? {
        Ok(found) => found,
        Err(problem) => return Ok(context.code_page(server, None, Some(problem))),
    };
    let session = context.session();
    let denies = decision != "approve"
        && Denial::is_shown(server, &session, &found.code, params.get("denial")?.unwrap_or_default());
    let waiting = match context.due(server, found.clone()).await? {
        Due::Question(waiting) => *waiting,
        // Nothing is due before a refusal.
        _ if denies => found.unasked(),
        due => return Ok(context.before_question(server, due)),
    };
    let bound_to = context.bound_to(server, &waiting);
    if !denies && !csrf::verify(&server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str), token) {
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
        disclosed: disclosures(&server.snapshot().scopes, server.claim_mappings(&waiting.client.id), &requested),
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
        let mappings = server.claim_mappings(&waiting.client.id);
        let disclosed = disclosures(&server.snapshot().scopes, mappings, &waiting.scope);
        [
            self.session(),
            waiting.row.id.to_string(),
            waiting.required().to_string(),
            serde_json::to_string(&disclosed).unwrap_or_default(),
            self.page.locale.to_string(),
        ]
    }

    fn code_page(&self, server: &Server, code: Option<UserCode>, problem: Option<DeviceProblem>) -> HttpResponse {
        self.code_form(server, code, problem).respond()
    }

    fn code_form(&self, server: &Server, code: Option<UserCode>, problem: Option<DeviceProblem>) -> DeviceCodePage {
        let csrf = csrf::token(&server.front.form_key, ENDPOINT, &[&self.session()]);
        let page = self.page.clone().at(&path(code.as_ref()));
        DeviceCodePage { page, csrf, user_code: code.map(|code| code.to_string()), denial: None, problem }
    }

    /// Shows the request for a submitted code.
    async fn take_code(&self, server: &Server, code: Option<UserCode>, token: &str) -> Result<HttpResponse, Stop> {
        if !csrf::verify(&server.front.form_key, ENDPOINT, &[&self.session()], token) {
            return Ok(self.code_page(server, code, Some(DeviceProblem::Stale)));
        }
        let found = match self.find(server, code, DeviceProblem::Wrong).await? {
            Ok(found) => found,
            Err(problem) => return Ok(self.code_page(server, None, Some(problem))),
        };
        match self.due(server, found).await? {
            Due::Question(waiting) => self.show_request(server, *waiting).await,
            due => Ok(self.before_question(server, due)),
        }
    }

    /// What the user sees instead of the question.
    fn before_question(&self, server: &Server, due: Due) -> HttpResponse {
        match due {
            Due::NotOpen(page) => page.respond(),
            Due::Elsewhere(url) => see_other(&url),
            Due::Factor(code) => {
                let denial = Some(Denial::of(server, &self.session(), &code));
                DeviceCodePage { denial, ..self.code_form(server, None, Some(DeviceProblem::NeedsFactor)) }.respond()
            }
            Due::Question(waiting) => see_other(&path(Some(&waiting.code))),
        }
    }

    async fn show_request(&self, server: &Server, waiting: WaitingDevice) -> Result<HttpResponse, Stop> {
        let user = &self.signed_in.user;
        let bound_to = self.bound_to(server, &waiting);
        let age = server.clock.now() - waiting.row.created_at;
        let zone = Zone::of(&user.standard_claims()?);
        let page = DevicePage {
            csrf: csrf::token(&server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str)),
            denial: Denial::of(server, &self.session(), &waiting.code).token,
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
