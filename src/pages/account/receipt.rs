//! `/account/apps/receipt`: what a person allowed an app, in words, signed with our key so that it can be shown to others.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION},
    web::Data,
};
use serde_json::{Value, json};

use super::Visit;
use crate::{
    keys::TokenType,
    pages::scope_words::ScopeWords,
    protocol::{Error, Params},
    server::Server,
    store::{connections, decisions},
    web::{Failure, error_page},
};

/// `GET /account/apps/receipt?client_id=…`.
pub async fn download(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    super::show(&server, &request, "/account/apps", async |visit| {
        let params = Params::parse(request.query_string().as_bytes())?;
        receipt(&server, &request, visit, params.require("client_id")?.to_owned()).await
    })
    .await
}

async fn receipt(
    server: &Server,
    request: &HttpRequest,
    visit: Visit,
    client_id: String,
) -> Result<HttpResponse, Failure> {
    let user = &visit.signed_in.user;
    let (user_id, wanted) = (user.id, client_id.clone());
    let (connections, decisions) = server
        .store
        .read(move |tx| Ok((connections::list(tx, user_id)?, decisions::list_of_user(tx, user_id)?)))
        .await?;
    let client = server.client(&client_id).await?.ok_or_else(|| Error::invalid_request("there is no such app"))?;
    let Some(connection) = connections.into_iter().find(|known| known.client_id == wanted) else {
        return Ok(error_page::not_found(visit.page, request));
    };
    let remembered = server.remembered();
    let product = &server.settings.branding.product_name;
    let scopes: Vec<Value> = connection
        .scope
        .iter()
        .filter_map(|name| {
            let words = ScopeWords::find(&remembered.catalogue, name, visit.page.locale, product)?;
            Some(json!({
                "scope": name,
                "resource_server": words.resource_server,
                "sentence": words.sentence,
                "consequence": words.consequence,
            }))
        })
        .collect();
    let decisions = decisions
        .iter()
        .filter(|decision| decision.client_id == wanted)
        .map(|decision| Ok(json!({ "at": decision.created_at, "shown": decision.shown()? })))
        .collect::<Result<Vec<Value>, Failure>>()?;
    let receipt = json!({
        "iss": server.issuer(),
        "iat": server.clock.now(),
        "sub": user.id.to_string(),
        "username": user.username,
        "client_id": wanted,
        "client_name": client.metadata.client_name,
        "scopes": scopes,
        "since": connection.since,
        "ends_at": connection.ends_at,
        "decisions": decisions,
    });
    let alg = server.settings.tokens.access_token_signing_alg;
    let jws = remembered.keys.signing(alg)?.sign(TokenType::Receipt, &receipt)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"receipt.json\""))
        .json(json!({ "receipt": receipt, "jws": jws })))
}
