//! `/account/data`: everything that the server stores about a user, as a JSON file.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION},
};
use serde::Serialize;
use writ_core::{ScopeSet, StandardClaims};

use super::AccountContext;
use crate::{
    fault::{Fault, Stop},
    server::{Call, Server},
    store::{
        connections::{self, Connection},
        decisions::{self, Decision, ShownConsent},
        linked_subjects::{self, LinkedSubject},
        recovery_codes,
        security_events::{self, Kind, SecurityEvent},
        sessions::{self, Session},
        totp_factors,
        trusted_browsers::{self, TrustedBrowser},
    },
};

/// `GET /account/data`.
pub async fn download(call: Call) -> HttpResponse {
    super::show_confirmed(&call, "/account/data", async |account| collect(&call.server, account).await).await
}

/// The file. Times are seconds since the epoch.
#[derive(Serialize)]
struct Export<'a> {
    issuer: &'a str,
    sub: String,
    username: &'a str,
    email: Option<&'a str>,
    email_verified: bool,
    created_at: i64,
    updated_at: i64,
    claims: &'a StandardClaims,
    sessions: Vec<ExportedSession<'a>>,
    connected_apps: Vec<ExportedConnection<'a>>,
    decisions: Vec<ExportedDecision<'a>>,
    security_events: Vec<ExportedEvent<'a>>,
    linked_subjects: Vec<LinkedSubject>,
    second_factor: Option<ExportedFactor>,
    trusted_browsers: Vec<TrustedBrowser>,
}

#[derive(Serialize)]
struct ExportedFactor {
    created_at: i64,
    recovery_codes_left: i64,
}

#[derive(Serialize)]
struct ExportedSession<'a> {
    user_agent: &'a str,
    network: &'a str,
    auth_time: i64,
    last_seen_at: i64,
    expires_at: i64,
}

impl<'a> From<&'a Session> for ExportedSession<'a> {
    fn from(session: &'a Session) -> Self {
        Self {
            user_agent: &session.user_agent,
            network: &session.network,
            auth_time: session.auth_time,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
        }
    }
}

#[derive(Serialize)]
struct ExportedConnection<'a> {
    client_id: &'a str,
    scope: &'a ScopeSet,
    since: i64,
    last_used_at: Option<i64>,
    last_used_network: &'a str,
    ends_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asserted_by: Option<&'a str>,
}

impl<'a> From<&'a Connection> for ExportedConnection<'a> {
    fn from(connection: &'a Connection) -> Self {
        Self {
            client_id: &connection.client_id,
            scope: &connection.scope,
            since: connection.since,
            last_used_at: connection.last_used_at,
            last_used_network: &connection.last_used_network,
            ends_at: connection.ends_at,
            asserted_by: connection.asserted_by.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct ExportedDecision<'a> {
    client_id: &'a str,
    shown: ShownConsent,
    network: &'a str,
    created_at: i64,
}

impl<'a> TryFrom<&'a Decision> for ExportedDecision<'a> {
    type Error = Fault;

    fn try_from(decision: &'a Decision) -> Result<Self, Fault> {
        Ok(Self {
            client_id: &decision.client_id,
            shown: decision.shown()?,
            network: &decision.network,
            created_at: decision.created_at,
        })
    }
}

#[derive(Serialize)]
struct ExportedEvent<'a> {
    kind: &'a str,
    client_id: Option<&'a str>,
    network: &'a str,
    created_at: i64,
    count: i64,
}

impl<'a> From<&'a SecurityEvent> for ExportedEvent<'a> {
    fn from(event: &'a SecurityEvent) -> Self {
        Self {
            kind: &event.kind,
            client_id: event.client_id.as_deref(),
            network: &event.network,
            created_at: event.created_at,
            count: event.count,
        }
    }
}

async fn collect(server: &Server, account: AccountContext) -> Result<HttpResponse, Stop> {
    let (user_id, network) = (account.signed_in.user.id, account.network.clone());
    let (sessions, connections, decisions, events, linked_subjects, second_factor, trusted_browsers) = server
        .store
        .write(move |tx| {
            security_events::record(tx, user_id, Kind::DataDownloaded, None, &network)?;
            let codes_left = recovery_codes::count(tx, user_id)?;
            let factor = totp_factors::find(tx, user_id)?;
            Ok((
                sessions::list_of_user(tx, user_id)?,
                connections::list(tx, user_id)?,
                decisions::list_of_user(tx, user_id)?,
                security_events::latest_of_user(tx, user_id, i64::MAX)?,
                linked_subjects::list_of_user(tx, user_id)?,
                factor.map(|factor| ExportedFactor { created_at: factor.created_at, recovery_codes_left: codes_left }),
                trusted_browsers::list_of_user(tx, user_id)?,
            ))
        })
        .await?;
    let user = &account.signed_in.user;
    let export = Export {
        issuer: server.issuer(),
        sub: user.id.to_string(),
        username: &user.username,
        email: user.email.as_deref(),
        email_verified: user.email_verified,
        created_at: user.created_at,
        updated_at: user.updated_at,
        claims: &account.claims,
        sessions: sessions.iter().map(ExportedSession::from).collect(),
        connected_apps: connections.iter().map(ExportedConnection::from).collect(),
        decisions: decisions.iter().map(ExportedDecision::try_from).collect::<Result<_, Fault>>()?,
        security_events: events.iter().map(ExportedEvent::from).collect(),
        linked_subjects,
        second_factor,
        trusted_browsers,
    };
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"account.json\""))
        .json(export))
}
