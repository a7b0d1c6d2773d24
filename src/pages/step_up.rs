//! `/step-up`: asks a signed-in user for the second factor or a passkey, because a request, a
//! device or the console asks for a stronger authentication
//! ([RFC 9470](https://www.rfc-editor.org/rfc/rfc9470)).

use actix_web::HttpResponse;
use writ_core::Params;

use super::{
    answer::{PageStop, answer},
    code_page::{self, CodePage, CodeProblem},
    console,
    device::{Denial, is_device_path},
    passkey_prompt::PasskeyPrompt,
};
use crate::{
    requests::{Pending, expired},
    server::Call,
    sessions::{
        self, SignedIn, csrf,
        factors::Factors,
        limits::of_code_in_session,
        origin::Origin,
        passkeys::{self, Assertion},
        second_factor::{Claimant, Proof, prove},
    },
    store,
    web::{
        form::{self, Body},
        page::Page,
        see_other,
    },
};

const ENDPOINT: &str = "step-up";
const PATH: &str = "/step-up";

/// `GET /step-up?request=…`, or `GET /step-up?return_to=…` with the page of a device or of the
/// console.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        let params = call.query()?;
        let context = StepUp::find(&call, &params).await?;
        let with_recovery_code = code_page::is_recovery(&params)?;
        context.page(&call, with_recovery_code, None).await
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `POST /step-up`.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, &body)?;
        StepUp::find(&call, &params).await?.submit(&call, &params).await
    };
    answer(&call, ENDPOINT, response.await).await
}

/// What asks for the factor.
enum Purpose {
    /// A pending request.
    Request(Box<Pending>),
    /// A device or the console, with the path of its page.
    Page(String),
}

impl Purpose {
    async fn find(call: &Call, params: &Params) -> Result<Self, PageStop> {
        let (server, request) = (&call.server, &call.request);
        if let Some(path) = params.get("return_to")?.filter(|path| is_device_path(path) || console::is_own_path(path)) {
            return Ok(Self::Page(path.to_owned()));
        }
        match Pending::find(server, request, params.require("request")?).await? {
            Some(pending) => Ok(Self::Request(Box::new(pending))),
            None => {
                let page = sessions::page(server, request, None).await;
                Err(PageStop::Instead(expired::respond(server, page, params).await?))
            }
        }
    }

    /// The path that follows.
    fn next(&self) -> String {
        match self {
            Self::Request(pending) => Pending::resume_path(&pending.handle),
            Self::Page(path) => path.clone(),
        }
    }

    fn pending(&self) -> Option<&Pending> {
        match self {
            Self::Request(pending) => Some(pending),
            Self::Page(_) => None,
        }
    }

    fn ui_locales(&self) -> Option<&str> {
        self.pending()?.ui_locales()
    }
}

/// A user who is signed in, and what asks for the factor.
struct StepUp {
    purpose: Purpose,
    signed_in: SignedIn,
}

impl StepUp {
    /// Without a session, the next page decides again what comes next.
    async fn find(call: &Call, params: &Params) -> Result<Self, PageStop> {
        let purpose = Purpose::find(call, params).await?;
        match sessions::current(&call.server, &call.request).await? {
            Some(signed_in) => Ok(Self { purpose, signed_in }),
            None => Err(PageStop::Instead(see_other(&purpose.next()))),
        }
    }

    /// What the form's token is bound to.
    fn bound_to(&self) -> [String; 2] {
        [self.signed_in.session.id.to_string(), self.purpose.next()]
    }

    async fn submit(self, call: &Call, params: &Params) -> Result<HttpResponse, PageStop> {
        let server = &call.server;
        let with_recovery_code = code_page::is_recovery(params)?;
        let session_id = self.signed_in.session.id;
        let (bound_to, token) = (self.bound_to(), params.get("csrf")?.unwrap_or_default());
        if !csrf::verify(&server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str), token) {
            return self.page(call, with_recovery_code, Some(CodeProblem::Stale)).await;
        }
        if let Some(assertion) = Assertion::of_form(params)? {
            return match passkeys::proof::prove(server, &self.signed_in, assertion).await? {
                Ok(()) => Ok(see_other(&self.purpose.next())),
                Err(unaccepted) => self.page(call, false, Some(CodeProblem::Passkey(unaccepted))).await,
            };
        }
        let claimant = Claimant {
            user_id: self.signed_in.user.id,
            session_epoch: self.signed_in.user.session_epoch,
            session_id: None,
            limits: of_code_in_session(server, session_id),
            origin: Origin::of(call, &call.page(self.purpose.ui_locales())),
        };
        let proved = prove(server, claimant, code_page::typed(params)?, move |tx, factor| {
            Ok(store::sessions::prove(tx, session_id, factor)?.then_some(()))
        });
        let problem = match proved.await? {
            Proof::Accepted(()) | Proof::Absent => return Ok(see_other(&self.purpose.next())),
            Proof::Wrong => CodeProblem::Wrong,
            Proof::Throttled(retry_after_seconds) => CodeProblem::Throttled { retry_after_seconds },
        };
        self.page(call, with_recovery_code, Some(problem)).await
    }

    async fn page(
        self,
        call: &Call,
        with_recovery_code: bool,
        problem: Option<CodeProblem>,
    ) -> Result<HttpResponse, PageStop> {
        let (bound_to, purpose) = (self.bound_to(), self.purpose);
        let factors = Factors::of(&call.server, self.signed_in.user.id).await?;
        if factors.is_empty() {
            // They were removed meanwhile, so the next page decides again.
            return Ok(see_other(&purpose.next()));
        }
        let client = match purpose.pending() {
            Some(pending) => call.server.clients.find(&pending.row.client_id).await?,
            None => None,
        };
        let page = sessions::page(&call.server, &call.request, purpose.ui_locales()).await;
        let (request, return_to) = match &purpose {
            Purpose::Request(pending) => (pending.handle.clone(), String::new()),
            Purpose::Page(path) => (String::new(), path.clone()),
        };
        let here = match &purpose {
            Purpose::Request(_) => format!("{PATH}?request={request}"),
            Purpose::Page(path) => format!("{PATH}?return_to={path}"),
        };
        let csrf = csrf::token(&call.server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str));
        let fields = vec![("request", request.clone()), ("return_to", return_to.clone()), ("csrf", csrf.clone())];
        let page = CodePage {
            passkey: PasskeyPrompt::proof(&call.server, &bound_to[0], &factors.passkeys, PATH, fields)?,
            with_code: factors.has_code,
            csrf,
            app_name: client.map(|client| page.client_name(&client.metadata)),
            page: page.at(&here),
            action: PATH,
            here,
            without_code: purpose.pending().map(|pending| code_page::without_code(&pending.handle)),
            denial: Denial::of_path(&call.server, &bound_to[0], &return_to),
            return_to,
            with_recovery_code,
            offers_trust: false,
            request,
            problem,
        };
        Ok(page.respond())
    }
}
