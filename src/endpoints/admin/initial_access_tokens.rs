//! Initial access tokens, with which clients register themselves
//! ([RFC 7591 §3](https://www.rfc-editor.org/rfc/rfc7591#section-3)).

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde::Deserialize;
use utoipa::ToSchema;
use writ_core::{
    Cause, Error,
    vocabulary::administration_scope::AdministrationScope::{InitialAccessTokensRead, InitialAccessTokensWrite},
};

use super::{
    authority::{administer, administer_once},
    page::{self, Page},
    precondition::{IfMatch, Precondition},
    reply::Reply,
    request::{members, no_body, parse, query},
    unknown,
};
use crate::{
    administration::{
        self,
        initial_access_tokens::{LIMITS, TokenInformation},
    },
    fault::Stop,
    secret::Handle,
    server::Call,
    store::{
        Id,
        initial_access_tokens::{self, InitialAccessToken},
    },
    web::form::Body,
};

/// Seconds per day.
const DAY: i64 = 86_400;

/// A token to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// The number of clients that can register with it.
    #[serde(default = "one")]
    uses: i32,
    /// The number of days for which it is valid.
    #[serde(default = "seven")]
    days: i64,
}

fn one() -> i32 {
    1
}

fn seven() -> i64 {
    7
}

/// Lists the initial access tokens.
#[utoipa::path(
    get,
    path = "/admin/v1/initial-access-tokens",
    operation_id = "initial-access-token.list",
    responses((status = 200, description = "All of them.", body = Page<TokenInformation>)),
    security(("administration" = ["writ:initial-access-tokens:read"]))
)]
pub async fn list(call: Call) -> HttpResponse {
    administer(&call, InitialAccessTokensRead, async |_| {
        query(&call, &[])?;
        let tokens = call.server.store.read(initial_access_tokens::list).await?;
        Ok(Reply::ok(&page::whole(tokens.into_iter().map(|token| TokenInformation::new(token, None)).collect())))
    })
    .await
}

/// Shows an initial access token without its secret.
#[utoipa::path(
    get,
    path = "/admin/v1/initial-access-tokens/{id}",
    operation_id = "initial-access-token.show",
    responses((status = 200, description = "The token.", body = TokenInformation)),
    security(("administration" = ["writ:initial-access-tokens:read"]))
)]
pub async fn show(call: Call, id: Path<String>) -> HttpResponse {
    administer(&call, InitialAccessTokensRead, async |_| {
        query(&call, &[])?;
        let id = parse_id(&id)?;
        let found = call.server.store.read(move |tx| initial_access_tokens::find(tx, id)).await?;
        let found = TokenInformation::new(found.ok_or_else(no_token)?, None);
        Ok(Reply::versioned(StatusCode::OK, &found.version(), &found))
    })
    .await
}

/// Creates an initial access token and shows it once.
#[utoipa::path(
    post,
    path = "/admin/v1/initial-access-tokens",
    operation_id = "initial-access-token.create",
    request_body = NewToken,
    responses((status = 201, description = "The token.", body = TokenInformation)),
    security(("administration" = ["writ:initial-access-tokens:write"]))
)]
pub async fn create(call: Call, body: Body) -> HttpResponse {
    administer_once(&call, InitialAccessTokensWrite, &body, async |authority| {
        query(&call, &[])?;
        let NewToken { uses, days } = parse(members(&call, &body)?)?;
        if !LIMITS.uses.contains(&uses) || !LIMITS.days.contains(&days) {
            return Err(Error::new(Cause::BodyInvalid, LIMITS.to_string()).into());
        }
        let handle = Handle::random();
        let (id, secret_hash) = (Id(handle.id), handle.secret.hash().0.to_vec());
        authority
            .change_once(&call.server, move |tx, actor| {
                let (created_at, expires_at) = (tx.now, tx.now + days * DAY);
                let token = InitialAccessToken { id, secret_hash, uses_left: uses, created_at, expires_at };
                administration::initial_access_tokens::create(tx, actor, &token)?;
                let information = TokenInformation::new(token, Some(handle.expose()));
                let reply = Reply::versioned(StatusCode::CREATED, &information.version(), &information);
                Ok(reply.at(format!("/admin/v1/initial-access-tokens/{id}")))
            })
            .await
    })
    .await
}

/// Deletes a token. Clients that registered with it are kept.
#[utoipa::path(
    delete,
    path = "/admin/v1/initial-access-tokens/{id}",
    operation_id = "initial-access-token.delete",
    params(IfMatch),
    responses((status = 204, description = "It was deleted.")),
    security(("administration" = ["writ:initial-access-tokens:write"]))
)]
pub async fn delete(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    administer(&call, InitialAccessTokensWrite, async |authority| {
        query(&call, &[])?;
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let id = parse_id(&id)?;
        authority
            .change(&call.server, move |tx, actor| {
                let found = initial_access_tokens::find_and_lock(tx, id)?.ok_or_else(no_token)?;
                precondition.check(&TokenInformation::new(found, None).version())?;
                administration::initial_access_tokens::delete(tx, actor, id)?;
                Ok(())
            })
            .await?;
        Ok(Reply::no_content())
    })
    .await
}

fn parse_id(id: &str) -> Result<Id, Stop> {
    id.parse().map_err(|_| no_token())
}

fn no_token() -> Stop {
    unknown("there is no initial access token with this id")
}
