//! Browser sessions.

use diesel::prelude::*;

use writ_core::{
    authentication::{Evidence, Factor},
    consent::Consent,
    groups::GroupIds,
};

use super::{
    Fault, Id, Tx,
    consents::ConsentRow,
    delete_batch, lock, on,
    prepared::{frequent, update},
    schema::{consents, sessions, users},
    users::{User, count_revocation},
};

/// Maximum number of sessions above a bound that are found at once.
const EXCESS: i64 = 20;

/// A session of a browser in which a user has signed in.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// The first half of the cookie.
    pub id: Id,
    /// SHA-256 of the second half.
    pub secret_hash: Vec<u8>,
    /// The user.
    pub user_id: Id,
    /// When the user last authenticated with a password or a passkey.
    pub auth_time: i64,
    /// When the browser was last seen, with a precision of some minutes.
    pub last_seen_at: i64,
    /// When it expires if it is not used.
    pub expires_at: i64,
    /// The `User-Agent` of the browser, truncated to 200 characters.
    pub user_agent: String,
    /// The network of the sign-in: an IPv4 address or IPv6 /64.
    pub network: String,
    /// The `sid` in ID tokens. It stays the same when the same user signs in again.
    pub sid: Id,
    /// The client that the session is for. `None` if it is a browser session.
    pub client_id: Option<String>,
    /// [`Evidence`] as stored. `None` in a session from before this column.
    pub evidence: Option<String>,
}

impl Session {
    /// The factors that the user proved in this session.
    pub fn evidence(&self) -> Evidence {
        read_evidence(self.evidence.as_deref(), self.auth_time)
    }

    /// Whether this version knows everything that the user proved. A newer node may have recorded a
    /// factor of which this one cannot say what it counts as.
    pub fn is_known(&self) -> bool {
        self.evidence.as_deref().is_none_or(|text| Evidence::from_stored(text).is_some())
    }
}

/// Reads stored evidence. A row from before it was stored is about a password. Evidence of a kind
/// that this version does not know proves nothing.
pub(super) fn read_evidence(stored: Option<&str>, auth_time: i64) -> Evidence {
    let Some(text) = stored else { return Evidence::password(auth_time) };
    Evidence::from_stored(text).unwrap_or_else(|| {
        tracing::warn!(evidence = text, "nothing counts as proved: this version does not know the evidence");
        Evidence::default()
    })
}

/// What was found, unless the session counts as ended here because its evidence is unknown.
fn known<T>(found: Option<(Session, T)>) -> Option<(Session, T)> {
    found.filter(|(session, _)| {
        let is_known = session.is_known();
        if !is_known {
            let (user, evidence) = (session.user_id, session.evidence.as_deref());
            tracing::warn!(%user, evidence, "session refused: this version does not know what was proved in it");
        }
        is_known
    })
}

/// Adds a session.
pub fn insert(tx: &mut Tx<'_>, session: &Session) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(sessions::table).values(session).execute(conn))?;
    Ok(())
}

/// The session with this id and its user, unless it has ended or the account is disabled. One whose
/// evidence this version does not know counts as ended.
pub fn find_live(tx: &mut Tx<'_>, id: Id) -> Result<Option<(Session, User)>, Fault> {
    Ok(known(find_to_end(tx, id)?))
}

/// As [`find_live`], for a user who signs out: also a session whose evidence this version does not
/// know, so that it ends on every node.
pub fn find_to_end(tx: &mut Tx<'_>, id: Id) -> Result<Option<(Session, User)>, Fault> {
    let live = sessions::id.eq(id).and(sessions::expires_at.gt(tx.now)).and(users::disabled_at.is_null());
    Ok(on!(tx, |conn| sessions::table
        .inner_join(users::table)
        .filter(live)
        .select((Session::as_select(), User::as_select()))
        .first(conn)
        .optional())?)
}

/// As [`find_live`], for the browser session with this `sid`.
pub fn find_live_by_sid(tx: &mut Tx<'_>, user_id: Id, sid: Id) -> Result<Option<(Session, User)>, Fault> {
    let live = sessions::user_id
        .eq(user_id)
        .and(sessions::sid.eq(sid))
        .and(sessions::client_id.is_null())
        .and(sessions::expires_at.gt(tx.now))
        .and(users::disabled_at.is_null());
    Ok(known(on!(tx, |conn| sessions::table
        .inner_join(users::table)
        .filter(live)
        .select((Session::as_select(), User::as_select()))
        .first(conn)
        .optional())?))
}

/// What decides about a request of a client, besides the session.
#[derive(Debug, Clone)]
pub struct Permissions {
    /// The groups that the user is directly in.
    pub groups: GroupIds,
    /// What the user allowed the client earlier.
    pub consent: Option<Consent>,
    /// How often something was taken back from the user: a session ended, or a consent changed.
    pub revocations: i64,
}

/// The columns of [`Permissions`]: groups, revocations, consent.
type PermissionColumns = (String, i64, Option<ConsentRow>);

/// As [`find_live`], with the user's groups and the consent to a client instead of the user.
pub fn find_live_with_permissions(
    tx: &mut Tx<'_>,
    id: Id,
    client_id: &str,
) -> Result<Option<(Session, Permissions)>, Fault> {
    let live = sessions::id.eq(id).and(sessions::expires_at.gt(tx.now)).and(users::disabled_at.is_null());
    let decided = consents::user_id
        .eq(sessions::user_id)
        .and(consents::client_id.eq(client_id))
        .and(consents::expires_at.is_null().or(consents::expires_at.gt(tx.now)));
    let found: Option<(Session, PermissionColumns)> = on!(tx, |conn| {
        let found = sessions::table
            .inner_join(users::table)
            .left_join(consents::table.on(decided))
            .filter(live)
            .select((Session::as_select(), (users::group_ids, users::revocations, Option::<ConsentRow>::as_select())));
        frequent(found).get_result(conn).optional()
    })?;
    let Some((session, (groups, revocations, row))) = known(found) else { return Ok(None) };
    let consent = row.map(ConsentRow::parse).transpose()?;
    Ok(Some((session, Permissions { groups: GroupIds::from_stored(&groups), consent, revocations })))
}

/// As [`find_live_with_permissions`], after locking the user and the session. A concurrent
/// revocation is either visible here, or waits for this unit of work to commit and sees what it
/// wrote.
pub fn lock_with_permissions(
    tx: &mut Tx<'_>,
    id: Id,
    client_id: &str,
) -> Result<Option<(Session, Permissions)>, Fault> {
    if !tx.writes_alone() && !lock(tx, id)? {
        return Ok(None);
    }
    find_live_with_permissions(tx, id, client_id)
}

/// Locks the user and then the session, as in every unit of work that revokes something. `false` if
/// the session has ended or the account is disabled.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    let live = sessions::id.eq(id).and(sessions::expires_at.gt(tx.now)).and(users::disabled_at.is_null());
    // PostgreSQL locks the row of each table in the order of FROM.
    let rows = users::table.inner_join(sessions::table).filter(live).select(sessions::id);
    let locked: Vec<Id> = lock!(tx, rows)?;
    Ok(!locked.is_empty())
}

/// Records a use and the new expiry of the session.
pub fn touch(tx: &mut Tx<'_>, id: Id, expires_at: i64) -> Result<(), Fault> {
    let seen = (sessions::last_seen_at.eq(tx.now), sessions::expires_at.eq(expires_at));
    on!(tx, |conn| update(sessions::table, sessions::id.eq(id), seen).execute(conn))?;
    Ok(())
}

/// The active sessions of a user, the last used first.
pub fn list_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Session>, Fault> {
    let live = sessions::user_id.eq(user_id).and(sessions::expires_at.gt(tx.now));
    Ok(on!(tx, |conn| sessions::table
        .filter(live)
        .order(sessions::last_seen_at.desc())
        .select(Session::as_select())
        .load(conn))?)
}

/// Records that the user has just proved a factor. The caller has locked the user. `false` if the
/// session has ended.
pub fn prove(tx: &mut Tx<'_>, id: Id, factor: Factor) -> Result<bool, Fault> {
    let Some((session, _)) = find_live(tx, id)? else { return Ok(false) };
    let evidence = session.evidence().with(factor, tx.now);
    let auth_time = if factor.is_first() { tx.now } else { session.auth_time };
    let proved = (sessions::evidence.eq(Some(evidence.to_string())), sessions::auth_time.eq(auth_time));
    Ok(on!(tx, |conn| diesel::update(sessions::table.find(id)).set(proved.clone()).execute(conn))? == 1)
}

/// Deletes a session and returns it. `None` if it had already ended.
pub fn take(tx: &mut Tx<'_>, id: Id) -> Result<Option<Session>, Fault> {
    let user: Option<Id> = on!(tx, |conn| sessions::table.find(id).select(sessions::user_id).first(conn).optional())?;
    user.map_or(Ok(None), |user_id| take_one_of_user(tx, user_id, id))
}

/// Deletes a session of this user and returns it. `None` if it is not one of this user's.
pub(super) fn take_one_of_user(tx: &mut Tx<'_>, user_id: Id, id: Id) -> Result<Option<Session>, Fault> {
    count_revocation(tx, user_id)?;
    delete(tx, user_id, id)
}

fn delete(tx: &mut Tx<'_>, user_id: Id, id: Id) -> Result<Option<Session>, Fault> {
    let theirs = sessions::id.eq(id).and(sessions::user_id.eq(user_id));
    Ok(on!(tx, |conn| diesel::delete(sessions::table.filter(theirs))
        .returning(Session::as_select())
        .get_result(conn)
        .optional())?)
}

/// The sessions of a user without the `kept` that were used last.
pub(super) fn above(tx: &mut Tx<'_>, user_id: Id, kept: i64) -> Result<Vec<Id>, Fault> {
    let rows = sessions::table.filter(sessions::user_id.eq(user_id)).select(sessions::id);
    let rows = rows.order((sessions::last_seen_at.desc(), sessions::id.desc())).limit(EXCESS).offset(kept);
    Ok(on!(tx, |conn| rows.load(conn))?)
}

/// Deletes all sessions of a user except `kept` and returns them.
pub(super) fn take_of_user(tx: &mut Tx<'_>, user_id: Id, kept: Option<Id>) -> Result<Vec<Session>, Fault> {
    count_revocation(tx, user_id)?;
    let ids: Vec<Id> =
        on!(tx, |conn| sessions::table.filter(sessions::user_id.eq(user_id)).select(sessions::id).load(conn))?;
    let ended = ids.into_iter().filter(|id| Some(*id) != kept);
    let taken: Vec<Option<Session>> = ended.map(|id| delete(tx, user_id, id)).collect::<Result<_, _>>()?;
    Ok(taken.into_iter().flatten().collect())
}

/// Deletes at most `batch` sessions that have ended.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = sessions::expires_at.le(tx.now);
    delete_batch!(tx, batch, sessions::table, sessions::id, Id, expired)
}
