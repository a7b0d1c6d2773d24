//! What people decided on consent pages, with the very words they were shown.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Fault, Id, Tx, on, schema::decisions};

/// A decision as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = decisions)]
pub struct Decision {
    /// UUIDv7.
    pub id: Id,
    /// Who decided.
    pub user_id: Id,
    /// About which app.
    pub client_id: String,
    /// [`Shown`] as JSON.
    pub shown: String,
    /// Where the person sat: an IPv4 address or IPv6 /64.
    pub network: String,
    /// When.
    pub created_at: i64,
}

/// What the page said and what was ticked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The BCP 47 tag of the page's language.
    pub language: String,
    /// The version of Writ, whose texts they were.
    pub version: String,
    /// `approve` or `deny`.
    pub decision: String,
    /// The choice of `duration`.
    pub duration: String,
    /// Each scope of the page.
    pub scopes: Vec<ShownScope>,
}

/// A scope as the page showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownScope {
    /// Its name.
    pub scope: String,
    /// What it allows.
    pub sentence: String,
    /// What follows from it.
    pub consequence: String,
    /// Whether its box was locked.
    pub required: bool,
    /// Whether it was granted.
    pub granted: bool,
}

impl Decision {
    /// What the page said.
    pub fn shown(&self) -> Result<Shown, Fault> {
        serde_json::from_str(&self.shown).map_err(|error| Fault::Corrupt(format!("decision {}: {error}", self.id)))
    }
}

/// Records a decision.
pub fn insert(tx: &mut Tx<'_>, user_id: Id, client_id: &str, shown: &Shown, network: &str) -> Result<(), Fault> {
    let decision = Decision {
        id: Id::now_v7(),
        user_id,
        client_id: client_id.to_owned(),
        shown: serde_json::to_string(shown).map_err(|error| Fault::Corrupt(error.to_string()))?,
        network: network.to_owned(),
        created_at: tx.now,
    };
    on!(tx, |conn| diesel::insert_into(decisions::table).values(&decision).execute(conn))?;
    Ok(())
}

/// A person's decisions, oldest first.
pub fn list_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Decision>, Fault> {
    Ok(on!(tx, |conn| decisions::table
        .filter(decisions::user_id.eq(user_id))
        .order(decisions::id)
        .select(Decision::as_select())
        .load(conn))?)
}
