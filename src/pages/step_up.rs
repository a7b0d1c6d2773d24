//! `/step-up`: asks a signed-in user for the second factor, because the request asks for a stronger
//! authentication ([RFC 9470](https://www.rfc-editor.org/rfc/rfc9470)).

use actix_web::HttpResponse;
use writ_core::Params;

use super::{
    answer::{PageStop, answer},
    code_page::{self, CodePage, CodeProblem},
};
use crate::{
    requests::{Pending, expired},
    server::Call,
    sessions::{
        self, SignedIn, csrf,
        limits::of_code_in_session,
        origin::Origin,
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

/// `GET /step-up?request=…`.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        let params = call.query()?;
        let context = StepUp::find(&call, &params).await?;
        let with_recovery_code = code_page::is_recovery(&params)?;
        Ok::<_, PageStop>(context.page(&call, with_recovery_code, None).await?.respond())
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

/// A pending request and the user who is signed in.
struct StepUp {
    pending: Pending,
    signed_in: SignedIn,
}

impl StepUp {
    /// Without a session, the request decides again what comes next.
    async fn find(call: &Call, params: &Params) -> Result<Self, PageStop> {
        let (server, request) = (&call.server, &call.request);
        let handle = params.require("request")?;
        let Some(pending) = Pending::find(server, request, handle).await? else {
            let page = sessions::page(server, request, None).await;
            return Err(PageStop::Instead(expired::respond(server, page, params).await?));
        };
        match sessions::current(server, request).await? {
            Some(signed_in) => Ok(Self { pending, signed_in }),
            None => Err(PageStop::Instead(see_other(&Pending::resume_path(&pending.handle)))),
        }
    }

    fn csrf(&self, call: &Call) -> String {
        let session_id = self.signed_in.session.id.to_string();
        csrf::token(&call.server.front.form_key, ENDPOINT, &[&session_id, &self.pending.handle])
    }

    async fn submit(self, call: &Call, params: &Params) -> Result<HttpResponse, PageStop> {
        let server = &call.server;
        let with_recovery_code = code_page::is_recovery(params)?;
        let session_id = self.signed_in.session.id;
        let bound_to = [&*session_id.to_string(), &self.pending.handle];
        if !csrf::verify(&server.front.form_key, ENDPOINT, &bound_to, params.get("csrf")?.unwrap_or_default()) {
            return Ok(self.page(call, with_recovery_code, Some(CodeProblem::Stale)).await?.respond());
        }
        let claimant = Claimant {
            user_id: self.signed_in.user.id,
            session_epoch: self.signed_in.user.session_epoch,
            limits: of_code_in_session(server, session_id),
            origin: Origin::of(call, &call.page(self.pending.ui_locales())),
        };
        let proved = prove(server, claimant, code_page::typed(params)?, move |tx, factor| {
            Ok(store::sessions::prove(tx, session_id, factor)?.then_some(()))
        });
        let problem = match proved.await? {
            Proof::Accepted(()) | Proof::Absent => return Ok(see_other(&Pending::resume_path(&self.pending.handle))),
            Proof::Wrong => CodeProblem::Wrong,
            Proof::Throttled(retry_after_seconds) => CodeProblem::Throttled { retry_after_seconds },
        };
        Ok(self.page(call, with_recovery_code, Some(problem)).await?.respond())
    }

    async fn page(
        self,
        call: &Call,
        with_recovery_code: bool,
        problem: Option<CodeProblem>,
    ) -> Result<CodePage, PageStop> {
        let client = call.server.clients.find(&self.pending.row.client_id).await?;
        let page = sessions::page(&call.server, &call.request, self.pending.ui_locales()).await;
        let here = format!("{PATH}?request={}", self.pending.handle);
        Ok(CodePage {
            csrf: self.csrf(call),
            app_name: client.map(|client| page.client_name(&client.metadata)),
            page: page.at(&here),
            action: PATH,
            here,
            return_to: String::new(),
            with_recovery_code,
            offers_trust: false,
            without_code: Some(code_page::without_code(&self.pending.handle)),
            request: self.pending.handle,
            problem,
        })
    }
}
