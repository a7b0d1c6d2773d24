//! Grants: what a person gave an app, from the authorization code to the last refresh, in one row.
//!
//! The code's row id is the grant's id and the refresh token family's id. Redeeming is one conditional UPDATE.

use diesel::prelude::*;

use super::{
    Fault, Id, Tx, on,
    prepared::update,
    schema::{grants, users},
};
use writ_core::{ScopeSet, vocabulary::claims_request::ClaimsRequest};

/// A grant as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = grants, treat_none_as_default_value = false)]
pub struct Grant {
    /// Also the code's and the refresh token family's.
    pub id: Id,
    /// Who gave it.
    pub user_id: Id,
    /// Who received it.
    pub client_id: String,
    /// The `sid` of the browser session in which it was given.
    pub session_id: Id,
    /// What it allows.
    pub scope: String,
    /// The `aud` of its access tokens.
    pub audience: String,
    /// When the person had proven who they are.
    pub auth_time: i64,
    /// When the code was issued.
    pub created_at: i64,
    /// SHA-256 of the code's secret.
    pub code_hash: Vec<u8>,
    /// When the code expires.
    pub code_expires_at: i64,
    /// The redirect URI of the request, until redeemed.
    pub redirect_uri: Option<String>,
    /// The PKCE challenge, until redeemed.
    pub code_challenge: Option<String>,
    /// The request's nonce, until redeemed.
    pub nonce: Option<String>,
    /// When the code was redeemed.
    pub redeemed_at: Option<i64>,
    /// When it was last used, to within an hour.
    pub last_used_at: i64,
    /// When it ends, rounded up to the hour so that its index seldom changes.
    pub expires_at: i64,
    /// When it ends however much it is used, because the person said so.
    pub ends_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// The newest refresh token's generation; 0: none was issued.
    pub generation: i32,
    /// The generation that the newest one replaced.
    pub predecessor: i32,
    /// When that happened.
    pub rotated_at: i64,
    /// How often the predecessor was answered with the newest one again.
    pub replays: i32,
    /// Single claims that the app asked for and the person allowed: a [`ClaimsRequest`] as JSON.
    pub claims: Option<String>,
    /// Where the token request of the last use came from: an IPv4 address or IPv6 /64; empty before the first.
    pub last_used_network: String,
}

/// What a use of a grant leaves behind.
#[derive(Debug, Clone, Copy)]
pub struct Use<'a> {
    /// Where the token request came from: an IPv4 address or IPv6 /64.
    pub network: &'a str,
    /// When the grant ends now.
    pub expires_at: i64,
}

impl Grant {
    /// Whether the end that the person set has come. A use that began before they set it may still have moved `expires_at` past it.
    fn has_ended(&self, now: i64) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }

    /// What it allows, as a set.
    pub fn scope(&self) -> ScopeSet {
        ScopeSet::from_stored(&self.scope)
    }

    /// The single claims it allows besides.
    pub fn claims(&self) -> Result<ClaimsRequest, Fault> {
        match &self.claims {
            None => Ok(ClaimsRequest::default()),
            Some(text) => ClaimsRequest::from_stored(text)
                .map_err(|error| Fault::Corrupt(format!("claims of grant {}: {error}", self.id))),
        }
    }

    /// What the person read and allowed: its scopes, and those that stand for its single claims.
    pub fn allowed(&self) -> Result<ScopeSet, Fault> {
        Ok(self.scope().union(&self.claims()?.scopes()))
    }
}

/// How far a refresh token family has come: what a rotation changes, and on what it is conditional.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The newest generation.
    pub generation: i32,
    /// The one it replaced.
    pub predecessor: i32,
    /// When, in seconds since the epoch.
    pub rotated_at: i64,
    /// How often the predecessor came again.
    pub replays: i32,
}

impl From<&Grant> for Family {
    fn from(grant: &Grant) -> Self {
        Self {
            generation: grant.generation,
            predecessor: grant.predecessor,
            rotated_at: grant.rotated_at,
            replays: grant.replays,
        }
    }
}

/// Adds a grant whose code waits to be redeemed.
pub fn insert(tx: &mut Tx<'_>, grant: &Grant) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(grants::table).values(grant).execute(conn))?;
    Ok(())
}

/// The grant with this id, whatever its state.
pub fn find(tx: &mut Tx<'_>, id: Id) -> Result<Option<Grant>, Fault> {
    Ok(on!(tx, |conn| grants::table.find(id).select(Grant::as_select()).first(conn).optional())?)
}

/// The grant with this id, whatever its state, and whether its person's account is enabled.
pub fn find_with_account(tx: &mut Tx<'_>, id: Id) -> Result<Option<(Grant, bool)>, Fault> {
    Ok(on!(tx, |conn| grants::table
        .inner_join(users::table)
        .filter(grants::id.eq(id))
        .select((Grant::as_select(), users::disabled_at.is_null()))
        .first(conn)
        .optional())?)
}

/// The grant with this id if it was redeemed, is neither revoked nor over, and its person's account is enabled.
pub fn find_live(tx: &mut Tx<'_>, id: Id) -> Result<Option<Grant>, Fault> {
    let live = grants::id
        .eq(id)
        .and(grants::redeemed_at.is_not_null())
        .and(grants::revoked_at.is_null())
        .and(grants::expires_at.gt(tx.now))
        .and(users::disabled_at.is_null());
    Ok(on!(tx, |conn| grants::table
        .inner_join(users::table)
        .filter(live)
        .select(Grant::as_select())
        .first(conn)
        .optional())?
    .filter(|grant: &Grant| !grant.has_ended(tx.now)))
}

/// Redeems the code, once: false for everybody but the first.
pub fn redeem(tx: &mut Tx<'_>, id: Id, used: Use<'_>, generation: i32) -> Result<bool, Fault> {
    let now = tx.now;
    let waiting = grants::id.eq(id).and(grants::redeemed_at.is_null()).and(grants::revoked_at.is_null());
    let redeemed = (
        grants::redeemed_at.eq(Some(now)),
        grants::redirect_uri.eq(None::<String>),
        grants::code_challenge.eq(None::<String>),
        grants::nonce.eq(None::<String>),
        grants::last_used_at.eq(now),
        grants::last_used_network.eq(used.network),
        grants::expires_at.eq(used.expires_at),
        grants::generation.eq(generation),
    );
    Ok(on!(tx, |conn| update(grants::table, waiting, redeemed).execute(conn))? == 1)
}

/// Moves a refresh token family from one state to another: false if it is no longer in the first.
pub fn rotate(tx: &mut Tx<'_>, id: Id, from: Family, to: Family, used: Use<'_>) -> Result<bool, Fault> {
    let now = tx.now;
    let unchanged = grants::id
        .eq(id)
        .and(grants::generation.eq(from.generation))
        .and(grants::predecessor.eq(from.predecessor))
        .and(grants::replays.eq(from.replays))
        .and(grants::revoked_at.is_null());
    let moved = (
        grants::generation.eq(to.generation),
        grants::predecessor.eq(to.predecessor),
        grants::rotated_at.eq(to.rotated_at),
        grants::replays.eq(to.replays),
        grants::last_used_at.eq(now),
        grants::last_used_network.eq(used.network),
        grants::expires_at.eq(used.expires_at),
    );
    Ok(on!(tx, |conn| update(grants::table, unchanged, moved).execute(conn))? == 1)
}

/// Notes a use that rotates nothing.
pub fn touch(tx: &mut Tx<'_>, id: Id, used: Use<'_>) -> Result<(), Fault> {
    let used = (
        grants::last_used_at.eq(tx.now),
        grants::last_used_network.eq(used.network),
        grants::expires_at.eq(used.expires_at),
    );
    on!(tx, |conn| update(grants::table, grants::id.eq(id), used).execute(conn))?;
    Ok(())
}

/// Ends a grant and with it every refresh token; its access tokens are refused by introspection and userinfo from now on.
pub fn revoke(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    let now = tx.now;
    let live = grants::id.eq(id).and(grants::revoked_at.is_null());
    let revoked =
        on!(tx, |conn| diesel::update(grants::table.filter(live)).set(grants::revoked_at.eq(Some(now))).execute(conn))?;
    Ok(revoked == 1)
}

/// A person's grants that are neither revoked nor over, redeemed or not, oldest first.
pub fn list_live_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Grant>, Fault> {
    let live = grants::user_id.eq(user_id).and(grants::revoked_at.is_null()).and(grants::expires_at.gt(tx.now));
    Ok(on!(tx, |conn| grants::table.filter(live).order(grants::id).select(Grant::as_select()).load(conn))?)
}

/// The apps that a person went to in a session.
pub fn clients_in_session(tx: &mut Tx<'_>, user_id: Id, sid: Id) -> Result<Vec<String>, Fault> {
    let given = grants::user_id.eq(user_id).and(grants::session_id.eq(sid));
    Ok(on!(tx, |conn| grants::table.filter(given).select(grants::client_id).distinct().load(conn))?)
}

/// Ends everything that a person gave an app; says how many grants that were.
pub fn revoke_between(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<usize, Fault> {
    let now = tx.now;
    let live = grants::user_id.eq(user_id).and(grants::client_id.eq(client_id)).and(grants::revoked_at.is_null());
    Ok(on!(tx, |conn| diesel::update(grants::table.filter(live)).set(grants::revoked_at.eq(Some(now))).execute(conn))?)
}

/// Ends everything that a person gave an app at `end`, unless it ends before.
pub fn end_between(tx: &mut Tx<'_>, user_id: Id, client_id: &str, end: i64) -> Result<(), Fault> {
    let live = grants::user_id.eq(user_id).and(grants::client_id.eq(client_id)).and(grants::revoked_at.is_null());
    let later = live.and(grants::ends_at.is_null().or(grants::ends_at.gt(end)));
    on!(tx, |conn| diesel::update(grants::table.filter(later)).set(grants::ends_at.eq(Some(end))).execute(conn))?;
    let longer = live.and(grants::expires_at.gt(end));
    on!(tx, |conn| diesel::update(grants::table.filter(longer)).set(grants::expires_at.eq(end)).execute(conn))?;
    Ok(())
}

/// Takes one scope out of everything that a person gave an app; a grant that allows nothing more ends.
pub fn narrow_between(tx: &mut Tx<'_>, user_id: Id, client_id: &str, removed: &str) -> Result<(), Fault> {
    for grant in list_live_of_user(tx, user_id)?.into_iter().filter(|grant| grant.client_id == client_id) {
        let allowed = grant.allowed()?;
        if !allowed.contains(removed) {
            continue;
        }
        let scope = grant.scope().filter(|name| name != removed);
        let claims = grant.claims()?.within(&allowed.filter(|name| name != removed));
        if scope.is_empty() {
            revoke(tx, grant.id)?;
        } else {
            on!(tx, |conn| diesel::update(grants::table.find(grant.id))
                .set((
                    grants::scope.eq(scope.to_string()),
                    grants::claims.eq((!claims.is_empty()).then(|| claims.to_stored())),
                ))
                .execute(conn))?;
        }
    }
    Ok(())
}

/// Deletes at most `batch` grants that are over: their own time has come, or their code was never redeemed.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let over = grants::table.filter(grants::expires_at.le(tx.now)).select(grants::id).limit(batch);
    let ids: Vec<Id> = on!(tx, |conn| over.load(conn))?;
    Ok(on!(tx, |conn| diesel::delete(grants::table.filter(grants::id.eq_any(ids))).execute(conn))?)
}
