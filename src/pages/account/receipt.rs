//! What a person allowed an app, in words, signed with our key so that it can be shown to others: `/account/apps/receipt`, and
//! `writ connection receipt`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION},
    web::Data,
};
use serde_json::{Value, json};
use writ_core::Params;

use crate::{
    fault::Fault,
    keys::TokenType,
    pages::scope_words::ScopeWords,
    server::Server,
    store::{connections, decisions, users::User},
    web::{error_page, locale::Locale},
};

/// `GET /account/apps/receipt?client_id=…`.
pub async fn download(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    super::show(&server, &request, "/account/apps", async |visit| {
        let params = Params::parse(request.query_string().as_bytes())?;
        let client_id = params.require("client_id")?;
        Ok(match receipt(&server, &visit.signed_in.user, visit.page.locale, client_id).await? {
            Some(receipt) => HttpResponse::Ok()
                .insert_header((CACHE_CONTROL, "no-store"))
                .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"receipt.json\""))
                .json(receipt),
            None => error_page::not_found(visit.page, &request),
        })
    })
    .await
}

/// What `user` allows `client_id` now and what was shown to them, as `{"receipt": …, "jws": …}`; none: they have not let it in.
///
/// # Errors
/// The store's faults; a key is missing or a signature fails.
pub async fn receipt(server: &Server, user: &User, locale: Locale, client_id: &str) -> Result<Option<Value>, Fault> {
    let user_id = user.id;
    let (connections, decisions) = server
        .store
        .read(move |tx| Ok((connections::list(tx, user_id)?, decisions::list_of_user(tx, user_id)?)))
        .await?;
    let connection = connections.into_iter().find(|known| known.client_id == client_id);
    let (Some(connection), Some(client)) = (connection, server.clients.find(client_id).await?) else { return Ok(None) };
    let snapshot = server.snapshot();
    let product = &server.settings.branding.product_name;
    let scopes: Vec<Value> = connection
        .scope
        .iter()
        .filter_map(|name| {
            let words = ScopeWords::find(&snapshot.scopes, name, locale, product)?;
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
        .filter(|decision| decision.client_id == client_id)
        .map(|decision| Ok(json!({ "at": decision.created_at, "shown": decision.shown()? })))
        .collect::<Result<Vec<Value>, Fault>>()?;
    let receipt = json!({
        "iss": server.issuer(),
        "iat": server.clock.now(),
        "sub": user.id.to_string(),
        "username": user.username,
        "client_id": client_id,
        "client_name": client.metadata.client_name_in(locale.tag()),
        "scopes": scopes,
        "since": connection.since,
        "ends_at": connection.ends_at,
        "decisions": decisions,
    });
    let alg = server.settings.tokens.access_token_signing_alg;
    let jws = snapshot.keys.signing(alg)?.sign(TokenType::Receipt, &receipt)?;
    Ok(Some(json!({ "receipt": receipt, "jws": jws })))
}
