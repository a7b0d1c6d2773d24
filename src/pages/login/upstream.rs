//! `/login/with/{provider}`: signing in with another provider.

use actix_web::{HttpResponse, web::Path};
use writ_core::{
    Error, Params,
    vocabulary::{login_name, params::append_encoded},
};

use super::{LoginContext, LoginProblem, sign_in_browser};
use crate::{
    fault::Fault,
    pages::{
        account::links,
        answer::{PageStop, answer},
    },
    secret::Secret,
    server::Call,
    sessions::{
        self, browser,
        origin::Origin,
        upstream::{self, Failure, SignIn, Start, Started},
    },
    store::{unlinked_identities, upstream_attempts::Attempt},
    upstream::Provider,
    web::{
        cookies::{self, Name},
        error_page::{self, Interruption, Recovery},
        form, see_other,
    },
};

const ENDPOINT: &str = "sign-in with a provider";

/// `GET /login/with/{provider}?request=…`: continues at the provider. It is not a form, because
/// `form-action` would block the redirect.
pub async fn start(call: Call, provider: Path<String>) -> HttpResponse {
    let response = async {
        let Some(provider) = call.server.providers.find(&provider) else { return unknown(&call).await };
        let params = call.query()?;
        let mut context = LoginContext::find(&call, &params).await?;
        if let Some(typed) = params.get("login_hint")? {
            context.login_hint = typed.chars().take(login_name::MAX_LENGTH).collect();
        }
        let max_age = if params.get("prompt")? == Some("login") { Some(0) } else { context.max_age };
        begin(&call, provider, context, max_age).await
    };
    answer(&call, ENDPOINT, response.await).await
}

async fn begin(
    call: &Call,
    provider: &Provider,
    context: LoginContext,
    max_age: Option<i64>,
) -> Result<HttpResponse, PageStop> {
    if max_age.is_some() && !provider.discloses_auth_time() {
        return Ok(context.fail(call, provider, Failure::NotRecent)?);
    }
    let known = call.cookie(Name::Browser);
    let browser = known.clone().unwrap_or_else(|| Secret::random().expose());
    let start = Start {
        browser: &browser,
        session_id: None,
        max_age,
        request: context.request.clone(),
        return_to: context.return_to.clone(),
        login_hint: Some(&*context.login_hint).filter(|hint| !hint.is_empty()),
        language: context.page.locale.to_string(),
    };
    match upstream::start(call, provider, start).await? {
        Started::Away(url) => {
            let mut response = see_other(url.as_str());
            if known.is_none() {
                cookies::set(&mut response, &cookies::write(Name::Browser, browser, None, call.server.front.https));
            }
            Ok(response)
        }
        Started::Unavailable => Ok(context.fail(call, provider, Failure::Unavailable)?),
        Started::Throttled(retry_after_seconds) => {
            let username = context.login_hint.clone();
            Ok(context.show(call, username, Some(LoginProblem::Throttled { retry_after_seconds }))?)
        }
    }
}

/// `POST /login/with/{provider}/callback`: the authorization response of a provider that posts it.
/// The browser sends none of its cookies with a form of another site, so that nothing is decided
/// here: it continues with the GET of the same response, to which the rules of each response apply.
pub async fn posted_callback(call: Call, provider: Path<String>, body: form::Body) -> HttpResponse {
    let response = async {
        let provider = call.server.providers.find(&provider).filter(|provider| provider.posts_response());
        let Some(provider) = provider else { return unknown(&call).await };
        let params = form::parse_strictly(&call.request, &body)?;
        let path = provider.callback_of_form(&params);
        Ok(see_other(
            &path.map_err(|denied| Error::invalid_request("the response is malformed").because(denied.to_string()))?,
        ))
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `GET /login/with/{provider}/callback`: the authorization response of the provider.
pub async fn callback(call: Call, provider: Path<String>) -> HttpResponse {
    let response = async {
        let Some(provider) = call.server.providers.find(&provider) else { return unknown(&call).await };
        let params = call.query()?;
        let state = params.get("state")?.unwrap_or_default();
        let browser = call.cookie(Name::Browser);
        let Some(attempt) = upstream::take(&call.server, provider, state, browser.as_deref()).await? else {
            tracing::info!(
                provider = provider.settings.id,
                "the state was used, has expired, or is of another browser"
            );
            let page = sessions::page(&call.server, &call.request, None).await.at("/");
            let recovery = Recovery::Here("/account".to_owned());
            return Ok(error_page::interrupt(page, Interruption::Expired, recovery));
        };
        match attempt.session_id {
            None => sign_in(&call, provider, attempt, &params).await,
            Some(_) => link(&call, provider, attempt, &params).await,
        }
    };
    answer(&call, ENDPOINT, response.await).await
}

async fn sign_in(
    call: &Call,
    provider: &Provider,
    attempt: Attempt,
    params: &Params,
) -> Result<HttpResponse, PageStop> {
    let server = &call.server;
    let context = LoginContext::of(call, &attempt.request, &attempt.return_to).await?;
    let accounts = browser::accounts(server, &call.request).await?;
    let browser = sign_in_browser(call, &context.page, &accounts);
    match upstream::sign_in(server, provider, &attempt, params, browser).await? {
        Ok(SignIn::Accepted(handle, user_id)) => context.finish(call, None, &handle, user_id, accounts).await,
        Ok(SignIn::SecondStep(proof)) => {
            Ok(context.second_step(call, &proof, &call.cookie(Name::Browser).unwrap_or_default()))
        }
        Ok(SignIn::FirstTime(handle)) => {
            let mut response = see_other(super::first_time::PATH);
            let lifetime = Some(unlinked_identities::LIFETIME);
            let cookie = cookies::write(Name::Unlinked, handle.expose(), lifetime, server.front.https);
            cookies::set(&mut response, &cookie);
            Ok(response)
        }
        Err(failure) => Ok(context.fail(call, provider, failure)?),
    }
}

async fn link(call: &Call, provider: &Provider, attempt: Attempt, params: &Params) -> Result<HttpResponse, PageStop> {
    let signed_in = sessions::current(&call.server, &call.request).await?;
    let page = call.page(None).at(links::HERE);
    let origin = Origin::of(call, &page);
    let linked = upstream::links::add(&call.server, provider, &attempt, params, signed_in.as_ref(), origin).await?;
    Ok(links::after_linking(call, provider, linked).await)
}

async fn unknown(call: &Call) -> Result<HttpResponse, PageStop> {
    Ok(error_page::not_found(sessions::page(&call.server, &call.request, None).await))
}

impl LoginContext {
    /// The context of a sign-in that returns from another provider.
    pub(super) async fn of(call: &Call, request: &str, return_to: &str) -> Result<Self, PageStop> {
        let query = append_encoded(String::new(), [("request", request), ("return_to", return_to)]);
        Self::find(call, &Params::parse(query.as_bytes())?).await
    }

    /// The sign-in page, with why the user was not signed in by a provider.
    fn fail(self, call: &Call, provider: &Provider, failure: Failure) -> Result<HttpResponse, Fault> {
        let username = self.login_hint.clone();
        let problem = LoginProblem::Upstream(failure);
        Self { failed_provider: Some(provider.settings.name.clone()), ..self }.show(call, username, Some(problem))
    }
}
