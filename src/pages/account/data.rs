//! `/account/data`: everything the server knows about a person, as one JSON file.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION},
    web::Data,
};
use serde_json::{Value, json};

use super::Visit;
use crate::{
    fault::Stop,
    server::Server,
    store::{
        connections, decisions,
        security_events::{self, Kind},
        sessions,
    },
};

/// `GET /account/data`.
pub async fn download(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    super::show_confirmed(&server, &request, "/account/data", async |visit| collect(&server, visit).await).await
}

async fn collect(server: &Server, visit: Visit) -> Result<HttpResponse, Stop> {
    let (user_id, network) = (visit.signed_in.user.id, visit.network.clone());
    let (sessions, connections, decisions, events) = server
        .store
        .write(move |tx| {
            security_events::record(tx, user_id, Kind::DataDownloaded, None, &network)?;
            Ok((
                sessions::list_of_user(tx, user_id)?,
                connections::list(tx, user_id)?,
                decisions::list_of_user(tx, user_id)?,
                security_events::latest_of_user(tx, user_id, i64::MAX)?,
            ))
        })
        .await?;
    let user = &visit.signed_in.user;
    let sessions: Vec<Value> = sessions
        .iter()
        .map(|session| {
            json!({
                "user_agent": session.user_agent,
                "network": session.network,
                "auth_time": session.auth_time,
                "last_seen_at": session.last_seen_at,
                "expires_at": session.expires_at,
            })
        })
        .collect();
    let connections: Vec<Value> = connections
        .iter()
        .map(|connection| {
            json!({
                "client_id": connection.client_id,
                "scope": connection.scope,
                "since": connection.since,
                "last_used_at": connection.last_used_at,
                "last_used_network": connection.last_used_network,
                "ends_at": connection.ends_at,
            })
        })
        .collect();
    let decisions = decisions
        .iter()
        .map(|decision| {
            Ok(json!({
                "client_id": decision.client_id,
                "shown": decision.shown()?,
                "network": decision.network,
                "created_at": decision.created_at,
            }))
        })
        .collect::<Result<Vec<Value>, Stop>>()?;
    let events: Vec<Value> = events
        .iter()
        .map(|event| {
            json!({
                "kind": event.kind,
                "client_id": event.client_id,
                "network": event.network,
                "created_at": event.created_at,
                "count": event.count,
            })
        })
        .collect();
    let all = json!({
        "issuer": server.issuer(),
        "sub": user.id.to_string(),
        "username": user.username,
        "email": user.email,
        "email_verified": user.email_verified,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "claims": visit.claims,
        "sessions": sessions,
        "connected_apps": connections,
        "decisions": decisions,
        "security_events": events,
    });
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"account.json\""))
        .json(all))
}
