//! `/account/data`: everything that the server stores about a user, as a JSON file.

use std::collections::BTreeMap;

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
        Id, Store,
        accepted_terms::{self, AcceptedTerms},
        connections::{self, Connection},
        decisions::{self, Decision, ShownConsent},
        email_link_refusals, groups,
        linked_subjects::{self, LinkedSubject},
        passkeys::{self, Passkey},
        recovery_codes,
        security_events::{self, Kind, SecurityEvent},
        sessions::{self, Session},
        totp_factors,
        trusted_browsers::{self, TrustedBrowser},
        upstream_sessions::{self, UpstreamSession},
        users::User,
    },
};

/// The tables about users that are in the file, each with its member.
pub const EXPORTED: [(&str, &str); 13] = [
    ("accepted_terms", "accepted_terms"),
    ("consents", "connected_apps"),
    ("decisions", "decisions"),
    ("email_link_refusals", "email_link_refused_since"),
    ("grants", "connected_apps"),
    ("linked_subjects", "linked_subjects"),
    ("passkeys", "passkeys"),
    ("recovery_codes", "second_factor"),
    ("security_events", "security_events"),
    ("sessions", "sessions"),
    ("totp_factors", "second_factor"),
    ("trusted_browsers", "trusted_browsers"),
    ("upstream_sessions", "upstream_sessions"),
];

/// The tables about users that are not in the file, each with the reason.
pub const LEFT_OUT: [(&str, &str); 13] = [
    ("administrator_links", "a link that is valid for minutes"),
    ("authorization_requests", "what was decided is in decisions; the rest ends within minutes"),
    ("device_requests", "what was decided is in decisions; the rest ends within minutes"),
    ("email_verifications", "a link that is valid for hours; the address is the user's or not yet"),
    ("invitations", "for an address that has no account yet"),
    ("logout_deliveries", "which clients were notified, for the operator"),
    ("mails", "what each one was about is in security_events"),
    ("notices", "a link that is valid for days; what it was about is in security_events"),
    ("passkey_offers", "when a page was last shown"),
    ("recoveries", "a link that is valid for minutes"),
    ("sign_ups", "for an address that has no account yet"),
    ("unlinked_identities", "users of other providers who are no users here yet"),
    ("upstream_attempts", "ends within minutes"),
];

/// `GET /account/data`.
pub async fn download(call: Call) -> HttpResponse {
    super::show_confirmed(&call, "/account/data", async |account| collect(&call.server, account).await).await
}

/// The file. Times are seconds since the epoch.
#[derive(Serialize)]
pub struct Export {
    issuer: String,
    sub: String,
    username: String,
    email: Option<String>,
    email_verified: bool,
    created_at: i64,
    updated_at: i64,
    claims: StandardClaims,
    attributes: BTreeMap<String, String>,
    groups: Vec<String>,
    sessions: Vec<ExportedSession>,
    connected_apps: Vec<ExportedConnection>,
    decisions: Vec<ExportedDecision>,
    security_events: Vec<ExportedEvent>,
    accepted_terms: Vec<AcceptedTerms>,
    linked_subjects: Vec<LinkedSubject>,
    upstream_sessions: Vec<UpstreamSession>,
    email_link_refused_since: Option<i64>,
    passkeys: Vec<ExportedPasskey>,
    second_factor: Option<ExportedFactor>,
    trusted_browsers: Vec<TrustedBrowser>,
}

#[derive(Serialize)]
struct ExportedPasskey {
    name: String,
    aaguid: Id,
    backup_eligible: bool,
    backed_up: bool,
    created_at: i64,
    last_used_at: Option<i64>,
}

impl From<Passkey> for ExportedPasskey {
    fn from(passkey: Passkey) -> Self {
        Self {
            name: passkey.name,
            aaguid: passkey.aaguid,
            backup_eligible: passkey.backup_eligible,
            backed_up: passkey.backed_up,
            created_at: passkey.created_at,
            last_used_at: passkey.last_used_at,
        }
    }
}

#[derive(Serialize)]
struct ExportedFactor {
    created_at: i64,
    recovery_codes_left: i64,
}

#[derive(Serialize)]
struct ExportedSession {
    user_agent: String,
    network: String,
    auth_time: i64,
    last_seen_at: i64,
    expires_at: i64,
}

impl From<Session> for ExportedSession {
    fn from(session: Session) -> Self {
        Self {
            user_agent: session.user_agent,
            network: session.network,
            auth_time: session.auth_time,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
        }
    }
}

#[derive(Serialize)]
struct ExportedConnection {
    client_id: String,
    scope: ScopeSet,
    since: i64,
    last_used_at: Option<i64>,
    last_used_network: String,
    ends_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asserted_by: Option<String>,
}

impl From<Connection> for ExportedConnection {
    fn from(connection: Connection) -> Self {
        Self {
            client_id: connection.client_id,
            scope: connection.scope,
            since: connection.since,
            last_used_at: connection.last_used_at,
            last_used_network: connection.last_used_network,
            ends_at: connection.ends_at,
            asserted_by: connection.asserted_by,
        }
    }
}

#[derive(Serialize)]
struct ExportedDecision {
    client_id: String,
    shown: ShownConsent,
    network: String,
    created_at: i64,
}

impl TryFrom<Decision> for ExportedDecision {
    type Error = Fault;

    fn try_from(decision: Decision) -> Result<Self, Fault> {
        Ok(Self {
            shown: decision.shown()?,
            client_id: decision.client_id,
            network: decision.network,
            created_at: decision.created_at,
        })
    }
}

#[derive(Serialize)]
struct ExportedEvent {
    kind: String,
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    network: String,
    created_at: i64,
    count: i64,
}

impl From<SecurityEvent> for ExportedEvent {
    fn from(event: SecurityEvent) -> Self {
        Self {
            kind: event.kind,
            client_id: event.client_id,
            about: event.about,
            network: event.network,
            created_at: event.created_at,
            count: event.count,
        }
    }
}

async fn collect(server: &Server, account: AccountContext) -> Result<HttpResponse, Stop> {
    let (user_id, network) = (account.signed_in.user.id, account.network);
    server.store.write(move |tx| security_events::record(tx, user_id, Kind::DataDownloaded, None, &network)).await?;
    let export = export(&server.store, server.issuer(), &account.signed_in.user).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"account.json\""))
        .json(export))
}

/// Everything that the server stores about a user.
///
/// # Errors
/// A fault of the store.
pub async fn export(store: &Store, issuer: &str, user: &User) -> Result<Export, Fault> {
    let user_id = user.id;
    let groups = store.read(groups::list).await?;
    let (accepted_terms, upstream_sessions, email_link_refused_since) = store
        .read(move |tx| {
            let sessions = sessions::list_of_user(tx, user_id)?;
            let began = sessions.iter().map(|session| upstream_sessions::find(tx, session.id));
            let began: Vec<Option<UpstreamSession>> = began.collect::<Result<_, Fault>>()?;
            let refused_since = email_link_refusals::refused_since(tx, user_id)?;
            Ok((accepted_terms::list_of_user(tx, user_id)?, began.into_iter().flatten().collect(), refused_since))
        })
        .await?;
    let (sessions, connections, decisions, events, linked_subjects, passkeys, second_factor, trusted_browsers) = store
        .read(move |tx| {
            let codes_left = recovery_codes::count(tx, user_id)?;
            let factor = totp_factors::find(tx, user_id)?;
            Ok((
                sessions::list_of_user(tx, user_id)?,
                connections::list(tx, user_id)?,
                decisions::list_of_user(tx, user_id)?,
                security_events::latest_of_user(tx, user_id, i64::MAX)?,
                linked_subjects::list_of_user(tx, user_id)?,
                passkeys::list_of_user(tx, user_id)?,
                factor.map(|factor| ExportedFactor { created_at: factor.created_at, recovery_codes_left: codes_left }),
                trusted_browsers::list_of_user(tx, user_id)?,
            ))
        })
        .await?;
    Ok(Export {
        issuer: issuer.to_owned(),
        sub: user.id.to_string(),
        username: user.username.clone(),
        email: user.email.clone(),
        email_verified: user.email_verified,
        created_at: user.created_at,
        updated_at: user.updated_at,
        claims: user.standard_claims()?,
        attributes: user.attributes()?,
        groups: groups.names(&user.groups()),
        sessions: sessions.into_iter().map(ExportedSession::from).collect(),
        connected_apps: connections.into_iter().map(ExportedConnection::from).collect(),
        decisions: decisions.into_iter().map(ExportedDecision::try_from).collect::<Result<_, Fault>>()?,
        security_events: events.into_iter().map(ExportedEvent::from).collect(),
        accepted_terms,
        linked_subjects,
        upstream_sessions,
        email_link_refused_since,
        passkeys: passkeys.into_iter().map(ExportedPasskey::from).collect(),
        second_factor,
        trusted_browsers,
    })
}
