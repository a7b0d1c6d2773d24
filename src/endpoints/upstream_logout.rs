//! Logout at another provider, of which this server is a client: back-channel
//! ([OpenID Connect Back-Channel Logout
//! §2.5](https://openid.net/specs/openid-connect-backchannel-1_0.html#BCRequest)) and front-channel
//! ([OpenID Connect Front-Channel Logout
//! §3](https://openid.net/specs/openid-connect-frontchannel-1_0.html#RPLogout)).

use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web::Path};
use writ_core::Error;

use crate::{
    fault::Stop,
    server::Call,
    sessions::upstream::logout,
    web::{
        form::{self, Body},
        oauth_error,
    },
};

const ENDPOINT: &str = "logout by a provider";

/// `POST /login/with/{provider}/backchannel-logout`.
pub async fn back_channel(call: Call, provider: Path<String>, body: Body) -> HttpResponse {
    let ended = async {
        let provider = call.server.providers.find(&provider).filter(|provider| provider.sends_logout_tokens());
        let Some(provider) = provider else { return Ok(None) };
        let params = form::parse_strictly(&call.request, &body)?;
        logout::by_token(&call, provider, params.require("logout_token")?).await.map(Some)
    };
    respond(&call, ended.await)
}

/// `GET /login/with/{provider}/frontchannel-logout?iss=…&sid=…`.
pub async fn front_channel(call: Call, provider: Path<String>) -> HttpResponse {
    let ended = async {
        let provider = call.server.providers.find(&provider).filter(|provider| provider.has_logout_frames());
        let Some(provider) = provider else { return Ok(None) };
        let params = call.query()?;
        let (issuer, sid) = (params.require("iss")?, params.require("sid")?);
        if !provider.is_issuer_of_frame(issuer) {
            return Err(Error::invalid_request("iss is another issuer").because(issuer.to_owned()).into());
        }
        Ok(Some(logout::by_frame(&call, provider, sid).await?))
    };
    respond(&call, ended.await)
}

/// Which sessions there were is not disclosed.
fn respond(call: &Call, ended: Result<Option<usize>, Stop>) -> HttpResponse {
    match ended {
        Ok(Some(_)) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).finish(),
        Ok(None) => HttpResponse::NotFound().insert_header((CACHE_CONTROL, "no-store")).finish(),
        Err(failure) => oauth_error::respond(&call.server.refusals, ENDPOINT, failure),
    }
}
