//! The decisions on consent pages, with the texts that were shown.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Fault, Id, Tx, on, schema::decisions};
use writ_core::vocabulary::{duration::GrantDuration, scope::Risk};

/// Maximum number of a user's decisions about a client. A user can decide again and again.
const MAX_ABOUT_CLIENT: i64 = 100;
/// Maximum number of decisions beyond the bound that are deleted at once.
const EXCESS: i64 = 20;

/// A decision as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = decisions)]
pub struct Decision {
    /// UUIDv7.
    pub id: Id,
    /// The user who decided.
    pub user_id: Id,
    /// The app.
    pub client_id: String,
    /// [`ShownConsent`] as JSON.
    pub shown: String,
    /// The user's network: an IPv4 address or IPv6 /64.
    pub network: String,
    /// When the user decided, in seconds since the epoch.
    pub created_at: i64,
}

/// What the page showed and what was ticked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownConsent {
    /// The BCP 47 tag of the page's language.
    pub language: String,
    /// The version of Writ, which determines the texts.
    pub version: String,
    /// `approve` or `deny`.
    pub decision: String,
    /// The chosen `duration`.
    pub duration: String,
    /// The app as the page showed it.
    #[serde(default)]
    pub app: ShownApp,
    /// The scopes on the page.
    pub scopes: Vec<ShownScope>,
}

/// An app as the page showed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownApp {
    /// Its name.
    pub name: String,
    /// The host that the page named as the destination. Empty for a device.
    pub host: String,
    /// Whether the page said that the operator had approved the app.
    pub verified: bool,
    /// The host of the app's metadata document, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub described_at: Option<String>,
    /// The look-alike warning, as shown on the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_alike: Option<String>,
}

/// A scope as the page showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownScope {
    /// Its name.
    pub scope: String,
    /// The id of the scope.
    #[serde(default)]
    pub scope_id: String,
    /// The name of its resource server.
    #[serde(default)]
    pub resource_server: String,
    /// The action that it permits.
    pub sentence: String,
    /// The consequence of allowing it.
    pub consequence: String,
    /// How much harm it can do.
    pub risk: Risk,
    /// Whether its box was locked.
    pub required: bool,
    /// Whether it was granted.
    pub granted: bool,
    /// The claims of the operator's own that the page named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<ShownClaim>,
}

/// A claim of the operator's own as the page named it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownClaim {
    /// Its name.
    pub claim: String,
    /// What it is, in the language of the page.
    pub label: String,
}

impl ShownClaim {
    /// The labels between commas.
    pub fn labels(claims: &[Self]) -> String {
        claims.iter().map(|claim| claim.label.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl ShownConsent {
    /// A page in `language` without its app and scopes.
    pub fn new(language: impl ToString, allowed: bool, duration: GrantDuration) -> Self {
        Self {
            language: language.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            decision: if allowed { "approve" } else { "deny" }.to_owned(),
            duration: duration.as_str().to_owned(),
            app: ShownApp::default(),
            scopes: Vec::new(),
        }
    }
}

impl Decision {
    /// What the page said.
    pub fn shown(&self) -> Result<ShownConsent, Fault> {
        serde_json::from_str(&self.shown).map_err(|error| Fault::Corrupt(format!("decision {}: {error}", self.id)))
    }
}

/// Records a decision, and deletes the oldest of this user about this client beyond the bound.
pub fn insert(tx: &mut Tx<'_>, user_id: Id, client_id: &str, shown: &ShownConsent, network: &str) -> Result<(), Fault> {
    let decision = Decision {
        id: Id::now_v7(),
        user_id,
        client_id: client_id.to_owned(),
        shown: serde_json::to_string(shown).map_err(|error| Fault::Corrupt(error.to_string()))?,
        network: network.to_owned(),
        created_at: tx.now,
    };
    on!(tx, |conn| diesel::insert_into(decisions::table).values(&decision).execute(conn))?;
    delete_oldest(tx, user_id, client_id)
}

fn delete_oldest(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<(), Fault> {
    let about = decisions::user_id.eq(user_id).and(decisions::client_id.eq(client_id));
    let oldest: Vec<Id> = on!(tx, |conn| decisions::table
        .filter(about)
        .order(decisions::id.desc())
        .select(decisions::id)
        .limit(EXCESS)
        .offset(MAX_ABOUT_CLIENT)
        .load(conn))?;
    on!(tx, |conn| diesel::delete(decisions::table.filter(decisions::id.eq_any(oldest))).execute(conn))?;
    Ok(())
}

/// The network of a user's latest decision about each client, by the id of the client.
pub(super) fn networks_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<HashMap<String, String>, Fault> {
    let rows: Vec<(String, String)> = on!(tx, |conn| decisions::table
        .filter(decisions::user_id.eq(user_id))
        .order(decisions::id)
        .select((decisions::client_id, decisions::network))
        .load(conn))?;
    Ok(rows.into_iter().collect())
}

/// Maximum number of decisions that [`latest_about`] returns.
const LATEST: i64 = 20;

/// A user's latest decisions about a client, newest first.
pub fn latest_about(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<Vec<Decision>, Fault> {
    Ok(on!(tx, |conn| decisions::table
        .filter(decisions::user_id.eq(user_id).and(decisions::client_id.eq(client_id)))
        .order(decisions::id.desc())
        .limit(LATEST)
        .select(Decision::as_select())
        .load(conn))?)
}

/// A user's decisions, oldest first.
pub fn list_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Decision>, Fault> {
    Ok(on!(tx, |conn| decisions::table
        .filter(decisions::user_id.eq(user_id))
        .order(decisions::id)
        .select(Decision::as_select())
        .load(conn))?)
}
