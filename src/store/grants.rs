//! Grants: what a user allowed a client, from the authorization code to the last refresh, in one
//! row. Its id is also that of the code and of the refresh token family.

mod row;

use diesel::{
    dsl::{exists, not},
    prelude::*,
    sql_types::{BigInt, Binary, Integer, Nullable, Text},
};
use writ_core::{
    ScopeSet,
    grants::{Grant, GrantState, Surroundings},
    groups::GroupIds,
    scopes::ScopeIds,
    token::refresh_token::Family,
    vocabulary::claims_request::ClaimsRequest,
};

use self::row::{GrantRow, TokenGrantRow, expressions, generations};
use super::{
    Conn, Fault, Id, Tx, delete_batch,
    narrowing::Replaced,
    on,
    prepared::{frequent, update},
    schema::{grants, revoked_access_tokens, sessions, users},
    users::User,
};

/// Maximum number of a user's codes that wait for a client.
const MAX_CODES: i64 = 20;
/// Maximum number of a user's redeemed grants to a client. Each browser and device of the user
/// needs one.
const MAX_REDEEMED: i64 = 100;
/// The number of redeemed grants that remain when there are too many. Sorting them is then rare.
const KEPT_REDEEMED: i64 = 90;

/// The changes when a grant is used.
#[derive(Debug, Clone, Copy)]
pub struct Use<'a> {
    /// The network of the token request: an IPv4 address or IPv6 /64.
    pub network: &'a str,
    /// When the grant now expires.
    pub expires_at: i64,
}

/// A grant with the facts that it depends on, read in one statement.
#[derive(Debug, Clone)]
pub struct FoundGrant {
    /// The grant, in any state.
    pub grant: Grant,
    /// Its user.
    pub user: User,
    /// The session that it is bound to, if that is still active.
    pub session: Option<BoundSession>,
}

/// The session that a grant is bound to.
#[derive(Debug, Clone, Queryable)]
pub struct BoundSession {
    /// The id of its row.
    pub id: Id,
    /// When its user authenticated.
    pub auth_time: i64,
    /// When it was last used, with a precision of some minutes.
    pub last_seen_at: i64,
    /// The client that the session is for. `None` if it is a browser session.
    pub client_id: Option<String>,
}

/// Whether a row of `sessions` is the active session that a grant is bound to.
macro_rules! bound_session {
    ($tx:expr) => {
        sessions::sid
            .nullable()
            .eq(grants::bound_to)
            .and(sessions::user_id.eq(grants::user_id))
            .and(sessions::expires_at.gt($tx.now))
    };
}

/// Deletes all `$grants` except the `$kept` last used.
macro_rules! delete_beyond {
    ($tx:expr, $grants:expr, $kept:expr) => {{
        let longest_unused = $grants.order((grants::last_used_at.desc(), grants::id.desc())).offset($kept);
        let ids: Vec<Id> = on!($tx, |conn| longest_unused.select(grants::id).load(conn))?;
        on!($tx, |conn| diesel::delete(grants::table.filter(grants::id.eq_any(ids))).execute(conn))?;
    }};
}

/// What an access token of a grant depends on.
#[derive(Debug, Clone)]
pub struct TokenGrant {
    /// The client that holds the grant.
    pub client_id: String,
    /// The granted scope.
    pub scope: ScopeSet,
    /// The identities of the granted scopes.
    pub scope_ids: ScopeIds,
    /// The granted single claims.
    pub claims: ClaimsRequest,
    /// The user.
    pub user: User,
}

impl FoundGrant {
    /// The facts that the grant depends on.
    pub fn surroundings(&self) -> Surroundings {
        Surroundings { account_enabled: self.user.disabled_at.is_none(), session_lives: self.session.is_some() }
    }
}

/// Adds a grant, and deletes those beyond the bounds.
pub fn insert(tx: &mut Tx<'_>, grant: &Grant) -> Result<(), Fault> {
    let row = GrantRow::from(grant);
    on!(tx, |conn| diesel::insert_into(grants::table).values(row).execute(conn))?;
    delete_excess(tx, Id(grant.user_id), &grant.client_id)
}

/// Deletes the grants of a user and a client beyond the bounds: of the waiting codes the oldest, of
/// the redeemed grants the longest unused. Revocation then never has more rows to change. Codes
/// have a bound of their own, because any website can make a signed-in browser request them.
pub fn delete_excess(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<(), Fault> {
    let of_user = grants::user_id.eq(user_id).and(grants::client_id.eq(client_id));
    // The index alone counts these. That is enough for most users.
    let all: i64 = on!(tx, |conn| frequent(grants::table.filter(of_user).count()).get_result(conn))?;
    if all <= MAX_CODES {
        return Ok(());
    }
    let codes = grants::table.filter(of_user.and(grants::redeemed_at.is_null()));
    let redeemed = grants::table.filter(of_user.and(grants::redeemed_at.is_not_null()));
    let counts = diesel::select((codes.count().single_value(), redeemed.count().single_value()));
    let (waiting, used): (Option<i64>, Option<i64>) = on!(tx, |conn| counts.get_result(conn))?;
    if waiting > Some(MAX_CODES) {
        delete_beyond!(tx, codes, MAX_CODES);
    }
    if used > Some(MAX_REDEEMED) {
        delete_beyond!(tx, redeemed, KEPT_REDEEMED);
    }
    Ok(())
}

/// Adds a grant if the account is enabled, in the same groups, and nothing was taken back from the
/// user since `revocations` were counted. Nothing is deleted. One statement, whose lock lets a
/// revocation either commit before the count is read, or wait for the grant and then see it.
pub fn insert_if_unchanged(
    tx: &mut Tx<'_>,
    grant: &Grant,
    (groups, revocations): (&GroupIds, i64),
) -> Result<bool, Fault> {
    let user = users::id.eq(Id(grant.user_id)).and(users::disabled_at.is_null());
    let unchanged = users::table
        .filter(user.and(users::group_ids.eq(groups.to_string())).and(users::revocations.eq(revocations)))
        .select(expressions!(GrantRow::from(grant)));
    tx.statements += 1;
    let inserted = match &mut tx.conn {
        Conn::Sqlite(conn) => {
            let insert = unchanged.insert_into(grants::table).into_columns(grants::all_columns);
            frequent(insert).execute(&mut **conn)
        }
        Conn::Postgres(conn) => {
            let insert = unchanged.for_share().insert_into(grants::table).into_columns(grants::all_columns);
            frequent(insert).execute(&mut **conn)
        }
    };
    Ok(inserted? == 1)
}

/// The grant with this id in any state, with its user and the session that it is bound to.
pub fn find(tx: &mut Tx<'_>, id: Id) -> Result<Option<FoundGrant>, Fault> {
    let session = (sessions::id, sessions::auth_time, sessions::last_seen_at, sessions::client_id).nullable();
    let found: Option<(GrantRow, User, Option<BoundSession>)> = on!(tx, |conn| {
        let found = grants::table
            .inner_join(users::table)
            .left_join(sessions::table.on(bound_session!(tx)))
            .filter(grants::id.eq(id))
            .select((GrantRow::as_select(), User::as_select(), session));
        frequent(found).get_result(conn).optional()
    })?;
    found.map(|(row, user, session)| Ok(FoundGrant { grant: row.parse()?, user, session })).transpose()
}

/// As [`find`], if the grant yields tokens at this time.
pub fn find_live(tx: &mut Tx<'_>, id: Id) -> Result<Option<FoundGrant>, Fault> {
    let now = tx.now;
    Ok(find(tx, id)?.filter(|found| found.grant.live(found.surroundings(), now).is_ok()))
}

/// The grant with this id, if it yields tokens at this time and its access token `jti` was not
/// revoked.
pub fn find_of_token(tx: &mut Tx<'_>, id: Id, jti: &str) -> Result<Option<TokenGrant>, Fault> {
    let revoked = revoked_access_tokens::table.find(jti);
    let live = grants::id
        .eq(id)
        .and(grants::redeemed_at.is_not_null())
        .and(grants::revoked_at.is_null())
        .and(not(exists(revoked)));
    let found: Option<(TokenGrantRow, User, Option<Id>)> = on!(tx, |conn| {
        let found = grants::table
            .inner_join(users::table)
            .left_join(sessions::table.on(bound_session!(tx)))
            .filter(live)
            .select((TokenGrantRow::as_select(), User::as_select(), sessions::id.nullable()));
        frequent(found).get_result(conn).optional()
    })?;
    let Some((row, user, session)) = found else { return Ok(None) };
    let surroundings = Surroundings { account_enabled: user.disabled_at.is_none(), session_lives: session.is_some() };
    if row.bounds().check(surroundings, tx.now).is_err() {
        return Ok(None);
    }
    Ok(Some(row.parse(user)?))
}

/// Redeems the code. `true` only for the first call.
pub fn redeem(
    tx: &mut Tx<'_>,
    id: Id,
    family: Option<Family>,
    bound_to: Option<Id>,
    used: Use<'_>,
) -> Result<bool, Fault> {
    let now = tx.now;
    let waiting = grants::id.eq(id).and(grants::redeemed_at.is_null()).and(grants::revoked_at.is_null());
    let redeemed = (
        grants::redeemed_at.eq(Some(now)),
        grants::bound_to.eq(bound_to),
        grants::last_used_at.eq(now),
        grants::last_used_network.eq(used.network),
        grants::expires_at.eq(used.expires_at),
        grants::generation.eq(family.map_or(0, |family| family.generation)),
    );
    Ok(on!(tx, |conn| update(grants::table, waiting, redeemed).execute(conn))? == 1)
}

/// Moves a refresh token family from one state to another. `false` if its state has changed.
pub fn rotate(tx: &mut Tx<'_>, id: Id, from: Family, to: Family, used: Use<'_>) -> Result<bool, Fault> {
    let now = tx.now;
    let (generation, predecessor, rotated_at, replays) = generations(from);
    let unchanged = grants::id
        .eq(id)
        .and(grants::generation.eq(generation))
        .and(grants::predecessor.eq(predecessor))
        .and(grants::rotated_at.eq(rotated_at))
        .and(grants::replays.eq(replays))
        .and(grants::revoked_at.is_null());
    let (generation, predecessor, rotated_at, replays) = generations(to);
    let moved = (
        grants::generation.eq(generation),
        grants::predecessor.eq(predecessor),
        grants::rotated_at.eq(rotated_at),
        grants::replays.eq(replays),
        grants::last_used_at.eq(now),
        grants::last_used_network.eq(used.network),
        grants::expires_at.eq(used.expires_at),
    );
    Ok(on!(tx, |conn| update(grants::table, unchanged, moved).execute(conn))? == 1)
}

/// Records a use without rotation.
pub fn touch(tx: &mut Tx<'_>, id: Id, used: Use<'_>) -> Result<(), Fault> {
    let used = (
        grants::last_used_at.eq(tx.now),
        grants::last_used_network.eq(used.network),
        grants::expires_at.eq(used.expires_at),
    );
    on!(tx, |conn| update(grants::table, grants::id.eq(id), used).execute(conn))?;
    Ok(())
}

/// Revokes a grant and its refresh tokens. Introspection and userinfo refuse its access tokens from
/// then on. `false` if it was already revoked.
pub fn revoke(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    let now = tx.now;
    let live = grants::id.eq(id).and(grants::revoked_at.is_null());
    let revoked =
        on!(tx, |conn| diesel::update(grants::table.filter(live)).set(grants::revoked_at.eq(Some(now))).execute(conn))?;
    Ok(revoked == 1)
}

/// As [`revoke`], if the grant belongs to this client.
pub fn revoke_of_client(tx: &mut Tx<'_>, id: Id, client_id: &str) -> Result<bool, Fault> {
    let live = grants::id.eq(id).and(grants::client_id.eq(client_id)).and(grants::revoked_at.is_null());
    Ok(on!(tx, |conn| update(grants::table, live, grants::revoked_at.eq(Some(tx.now))).execute(conn))? == 1)
}

/// The grants of a user that are neither revoked nor expired, redeemed or not, oldest first.
pub fn list_live_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Grant>, Fault> {
    let live = grants::user_id.eq(user_id).and(grants::revoked_at.is_null()).and(grants::expires_at.gt(tx.now));
    let session = sessions::table.filter(
        sessions::sid
            .nullable()
            .eq(grants::bound_to)
            .and(sessions::user_id.eq(user_id))
            .and(sessions::expires_at.gt(tx.now)),
    );
    let rows: Vec<GrantRow> = on!(tx, |conn| grants::table
        .filter(live.and(grants::bound_to.is_null().or(exists(session))))
        .order(grants::id)
        .select(GrantRow::as_select())
        .load(conn))?;
    rows.into_iter().map(GrantRow::parse).collect()
}

/// The live grant that equals `wanted` in its user, client, identity provider, scope and resource
/// server.
pub fn find_asserted(tx: &mut Tx<'_>, wanted: &Grant) -> Result<Option<Grant>, Fault> {
    let wanted = GrantRow::from(wanted);
    let same = grants::user_id
        .eq(wanted.user_id)
        .and(grants::client_id.eq(wanted.client_id))
        .and(grants::asserted_by.eq(wanted.asserted_by))
        .and(grants::scope.eq(wanted.scope))
        .and(grants::scope_ids.eq(wanted.scope_ids))
        .and(grants::audience.eq(wanted.resources));
    let live = grants::revoked_at.is_null().and(grants::expires_at.gt(tx.now));
    let row: Option<GrantRow> =
        on!(tx, |conn| grants::table.filter(same.and(live)).select(GrantRow::as_select()).first(conn).optional())?;
    row.map(GrantRow::parse).transpose()
}

/// Whether a client holds a live grant with `openid` that a user made in this session.
pub fn signed_in(tx: &mut Tx<'_>, user_id: Id, client_id: &str, sid: Id) -> Result<bool, Fault> {
    let grants = list_live_of_user(tx, user_id)?;
    Ok(grants.iter().any(|grant| {
        let is_live = matches!(grant.state, GrantState::Live(_));
        is_live && grant.client_id == client_id && grant.sid == sid.0 && grant.scope.contains("openid")
    }))
}

/// The clients that a user signed in to during a session.
pub fn clients_in_session(tx: &mut Tx<'_>, user_id: Id, sid: Id) -> Result<Vec<String>, Fault> {
    let granted = grants::user_id.eq(user_id).and(grants::session_id.eq(sid));
    Ok(on!(tx, |conn| grants::table.filter(granted).select(grants::client_id).distinct().load(conn))?)
}

/// At most `most` users after `after` with a grant to a client that is neither revoked nor expired,
/// by id.
pub(super) fn users_of(tx: &mut Tx<'_>, client_id: &str, after: Id, most: i64) -> Result<Vec<Id>, Fault> {
    let live = grants::client_id.eq(client_id).and(grants::revoked_at.is_null()).and(grants::expires_at.gt(tx.now));
    let next = grants::table.filter(live.and(grants::user_id.gt(after))).order(grants::user_id).limit(most);
    Ok(on!(tx, |conn| next.select(grants::user_id).distinct().load(conn))?)
}

/// Revokes every grant of a user to a client. Expired ones too, because a concurrent refresh that
/// found one before it expired would extend it.
pub fn revoke_between(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<(), Fault> {
    let revoked = grants::revoked_at.eq(Some(tx.now));
    let left = grants::user_id.eq(user_id).and(grants::client_id.eq(client_id)).and(grants::revoked_at.is_null());
    on!(tx, |conn| diesel::update(grants::table.filter(left)).set(revoked).execute(conn))?;
    Ok(())
}

/// Makes every grant of a user to a client end at `end` at the latest.
pub fn end_between(tx: &mut Tx<'_>, user_id: Id, client_id: &str, end: i64) -> Result<(), Fault> {
    let live = grants::user_id.eq(user_id).and(grants::client_id.eq(client_id)).and(grants::revoked_at.is_null());
    let later = live.and(grants::ends_at.is_null().or(grants::ends_at.gt(end)));
    on!(tx, |conn| diesel::update(grants::table.filter(later)).set(grants::ends_at.eq(Some(end))).execute(conn))?;
    let longer = live.and(grants::expires_at.gt(end));
    on!(tx, |conn| diesel::update(grants::table.filter(longer)).set(grants::expires_at.eq(end)).execute(conn))?;
    Ok(())
}

/// Binds the grants of a user with `offline_access` to the sessions in which they were made.
pub fn bind_between(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<(), Fault> {
    let unbound = grants::user_id.eq(user_id).and(grants::client_id.eq(client_id)).and(grants::bound_to.is_null());
    let offline = unbound.and(grants::scope.like("%offline_access%"));
    let bound = grants::bound_to.eq(grants::session_id.nullable());
    on!(tx, |conn| diesel::update(grants::table.filter(offline)).set(bound).execute(conn))?;
    Ok(())
}

/// Removes scopes from every grant of a user to a client. A grant without remaining scopes is
/// revoked. The caller has locked the user. The number of statements depends neither on the number
/// of grants nor on that of scopes.
pub fn narrow_between(tx: &mut Tx<'_>, user_id: Id, client_id: &str, removed: &ScopeSet) -> Result<(), Fault> {
    let now = tx.now;
    let live = grants::user_id.eq(user_id).and(grants::client_id.eq(client_id)).and(grants::revoked_at.is_null());
    let claims = grants::table.filter(live.and(grants::claims.is_not_null())).select(grants::claims).distinct();
    let claims: Vec<Option<String>> = on!(tx, |conn| claims.load(conn))?;
    let mut left = Vec::new();
    for stored in claims.into_iter().flatten() {
        let claims = row::parse_claims(Some(&stored))?;
        left.push((stored, row::stored_claims(&claims.within(&claims.scopes().without(removed)))));
    }
    if let Some(left) = Replaced::<Nullable<Text>>::new("claims", left) {
        on!(tx, |conn| diesel::update(grants::table.filter(live)).set(grants::claims.eq(left)).execute(conn))?;
    }
    let scopes = grants::table.filter(live).select(grants::scope).distinct();
    let scopes: Vec<String> = on!(tx, |conn| scopes.load(conn))?;
    if let Some(left) = Replaced::<Text>::without("scope", scopes, removed) {
        on!(tx, |conn| diesel::update(grants::table.filter(live)).set(grants::scope.eq(left)).execute(conn))?;
    }
    let empty = grants::table.filter(live.and(grants::scope.eq("")));
    on!(tx, |conn| diesel::update(empty).set(grants::revoked_at.eq(Some(now))).execute(conn))?;
    Ok(())
}

/// Deletes at most `batch` grants that have expired, or whose code was never redeemed.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = grants::expires_at.le(tx.now);
    delete_batch!(tx, batch, grants::table, grants::id, Id, expired)
}
