//! A signed, readable receipt of what a user allowed a client: `/account/apps/receipt` and `writ
//! connection receipt`.

use serde::Serialize;

use super::{ScopeDescription, allowed_claims};
use crate::{
    fault::Fault,
    keys::TokenType,
    server::Server,
    store::{
        connections,
        decisions::{self, ShownClaim, ShownConsent},
        users::User,
    },
    web::locale::Locale,
};

/// A receipt with its signature.
#[derive(Debug, Serialize)]
pub struct SignedReceipt {
    receipt: Receipt,
    /// The receipt as a compact JWS.
    jws: String,
}

#[derive(Debug, Serialize)]
struct Receipt {
    iss: String,
    iat: i64,
    sub: String,
    username: String,
    client_id: String,
    client_name: String,
    language: String,
    scopes: Vec<ReceiptScope>,
    since: i64,
    ends_at: Option<i64>,
    /// The identity provider whose policy allowed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    asserted_by: Option<String>,
    decisions: Vec<ReceiptDecision>,
}

#[derive(Debug, Serialize)]
struct ReceiptScope {
    scope: String,
    resource_server: String,
    sentence: String,
    consequence: String,
    /// The claims of the operator's own that the client gets with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    claims: Vec<ShownClaim>,
}

#[derive(Debug, Serialize)]
struct ReceiptDecision {
    at: i64,
    shown: ShownConsent,
}

/// What `user` currently allows `client_id`, and what was shown when the user decided. `None` if
/// the client is not connected.
///
/// # Errors
/// [`Fault::Database`]. [`Fault::Keys`] if there is no signing key.
pub async fn receipt(
    server: &Server,
    user: &User,
    locale: Locale,
    client_id: &str,
) -> Result<Option<SignedReceipt>, Fault> {
    let user_id = user.id;
    let (connections, decisions) = server
        .store
        .read(move |tx| Ok((connections::list(tx, user_id)?, decisions::list_of_user(tx, user_id)?)))
        .await?;
    let connection = connections.into_iter().find(|known| known.client_id == client_id);
    let (Some(connection), Some(client)) = (connection, server.clients.find(client_id).await?) else { return Ok(None) };
    let snapshot = server.snapshot();
    let product = &server.settings.branding.product_name;
    let describe = |name: &str| {
        let text = ScopeDescription::find(&snapshot.scopes, name, locale, product)?;
        Some(ReceiptScope {
            scope: name.to_owned(),
            resource_server: text.resource_server,
            sentence: text.sentence,
            consequence: text.consequence,
            claims: allowed_claims(server.claim_mappings(client_id), name, &connection.scope_ids, locale),
        })
    };
    let allowed = connection.scope_ids.unchanged(&connection.scope, |name| snapshot.scopes.scope_owner(name));
    let receipt = Receipt {
        iss: server.issuer().to_owned(),
        iat: server.clock.now(),
        sub: user.id.to_string(),
        username: user.username.clone(),
        client_id: client_id.to_owned(),
        client_name: client.metadata.client_name_in(locale.tag()).to_owned(),
        language: locale.to_string(),
        scopes: allowed.iter().filter_map(describe).collect(),
        since: connection.since,
        ends_at: connection.ends_at,
        asserted_by: connection.asserted_by.clone(),
        decisions: decisions
            .iter()
            .filter(|decision| decision.client_id == client_id)
            .map(|decision| Ok(ReceiptDecision { at: decision.created_at, shown: decision.shown()? }))
            .collect::<Result<_, Fault>>()?,
    };
    let alg = server.settings.tokens.access_token_signing_alg;
    let jws = snapshot.keys.signing(alg)?.sign(TokenType::Receipt, &receipt)?;
    Ok(Some(SignedReceipt { receipt, jws }))
}
