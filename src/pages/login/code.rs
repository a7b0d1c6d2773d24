//! `/login/code`: the second step of a sign-in, for users with a second factor.

use actix_web::HttpResponse;
use writ_core::Params;

use super::{LoginContext, sign_in_browser};
use crate::{
    pages::{
        answer::{PageStop, answer},
        code_page::{self, CodePage, CodeProblem},
        passkey_prompt::PasskeyPrompt,
    },
    secret::Handle,
    server::Call,
    sessions::{
        browser, csrf, factors::Factors, password_proof::PasswordProof, second_factor::Proof,
        second_step::sign_in_with_code, trusted_browser::TrustCookie,
    },
    web::{
        cookies::{self, Name},
        form::{self, Body},
        page::Page,
        see_other,
    },
};

const ENDPOINT: &str = "second step";
const PATH: &str = "/login/code";

/// `GET /login/code?request=…`. Without `request`, an account page follows.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        let params = call.query()?;
        let context = LoginContext::find(&call, &params).await?;
        match proof(&call) {
            Some((browser, proof)) => {
                page(context, &call, &browser, proof, code_page::is_recovery(&params)?, None).await
            }
            None => Ok(see_other(&context.path("/login"))),
        }
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `POST /login/code`.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, &body)?;
        let context = LoginContext::find(&call, &params).await?;
        submit(context, &call, &params).await
    };
    answer(&call, ENDPOINT, response.await).await
}

async fn submit(context: LoginContext, call: &Call, params: &Params) -> Result<HttpResponse, PageStop> {
    let server = &call.server;
    let Some((browser_id, proof)) = proof(call) else { return Ok(see_other(&context.path("/login"))) };
    let token = params.get("csrf")?.unwrap_or_default();
    let with_recovery_code = code_page::is_recovery(params)?;
    if !csrf::verify(&server.front.form_key, ENDPOINT, &[&browser_id, &context.request], token) {
        return page(context, call, &browser_id, proof, with_recovery_code, Some(CodeProblem::Stale)).await;
    }
    let accounts = browser::accounts(server, &call.request).await?;
    let trusted = params.get("trust")?.map(|_| Handle::random());
    let (code, browser) = (code_page::typed(params)?, sign_in_browser(call, &context.page, &accounts));
    let problem = match sign_in_with_code(server, proof.clone(), browser, code, trusted.clone()).await? {
        Proof::Accepted(handle) => {
            let mut response = context.finish(call, None, &handle, proof.user_id, accounts).await?;
            cookies::set(&mut response, &cookies::remove(Name::Password, server.front.https));
            if let Some(trusted) = trusted {
                TrustCookie::read(call).add(server, trusted, &mut response);
            }
            return Ok(response);
        }
        // The factor was removed meanwhile, so that the password is enough, or the provider has
        // signed the user out.
        Proof::Absent => {
            let mut response = see_other(&context.path("/login"));
            cookies::set(&mut response, &cookies::remove(Name::Password, server.front.https));
            return Ok(response);
        }
        Proof::Wrong => CodeProblem::Wrong,
        Proof::Throttled(retry_after_seconds) => CodeProblem::Throttled { retry_after_seconds },
    };
    page(context, call, &browser_id, proof, with_recovery_code, Some(problem)).await
}

/// The id of this browser, and the proof that a password was verified in it.
fn proof(call: &Call) -> Option<(String, PasswordProof)> {
    let (browser, proof) = (call.cookie(Name::Browser)?, call.cookie(Name::Password)?);
    let proof = PasswordProof::open(&call.server, &browser, &proof)?;
    Some((browser, proof))
}

/// The page. A passkey is two factors, so it signs in by itself.
async fn page(
    context: LoginContext,
    call: &Call,
    browser: &str,
    proof: PasswordProof,
    with_recovery_code: bool,
    problem: Option<CodeProblem>,
) -> Result<HttpResponse, PageStop> {
    let here = context.path(PATH);
    let passkeys = Factors::of(&call.server, proof.user_id).await?.passkeys;
    let fields = context.fields(&call.server, browser);
    let passkey = PasskeyPrompt::sign_in_with(&call.server, browser, &passkeys, fields)?;
    let page = CodePage {
        csrf: csrf::token(&call.server.front.form_key, ENDPOINT, &[browser, &context.request]),
        page: context.page.at(&here),
        action: PATH,
        here,
        request: context.request,
        return_to: context.return_to,
        app_name: context.app_name,
        with_code: true,
        passkey,
        with_recovery_code,
        offers_trust: true,
        denial: None,
        without_code: None,
        problem,
    };
    Ok(page.respond())
}
