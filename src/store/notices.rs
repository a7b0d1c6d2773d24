//! Mails about changes of an account. With the link of one, its reader takes the account back.

use diesel::{dsl::max, prelude::*};
use strum::{EnumString, IntoStaticStr};

use super::{
    Fault, Id, Tx, accounts, delete_batch, email_verifications,
    mails::{self, NewMail},
    on, passkeys,
    schema::{
        notices::{self, table},
        users as users_table,
    },
    security_events::Kind as Event,
    throttle::{self, Key, Rate},
    totp_factors,
    users::{self, User},
};

/// Seconds for which the link of a notice holds: 72 hours.
pub const LIFETIME: i64 = 72 * 3600;
/// Seconds by which the clocks of two nodes may differ.
const SKEW: i64 = 60;
/// How many notices of a kind a user gets: five at once, then one in ten minutes.
const PER_USER: Rate = Rate::new(5, 600);

/// A notice as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = notices)]
pub struct Notice {
    /// UUIDv7. The token of the link is derived from it.
    pub id: Id,
    /// The user.
    pub user_id: Id,
    /// [`Kind`], as [`Kind::as_str`] writes it.
    pub kind: String,
    /// The address that it was sent to.
    pub recipient: String,
    /// The network of the change: an IPv4 address or IPv6 /64.
    pub network: String,
    /// Its place among the user's notices: when the change was made, or a second after the notice
    /// before it.
    pub created_at: i64,
    /// When the link expires.
    pub expires_at: i64,
    /// When the link was used, or that of an earlier notice.
    pub used_at: Option<i64>,
    /// What it names: the provider that was linked or removed.
    pub about: Option<String>,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// The address was replaced by another one. The notice is sent to the earlier one.
    EmailChanged,
    /// The password was changed on the account pages.
    PasswordChanged,
    /// The password was removed.
    PasswordRemoved,
    /// The password was changed with a link.
    PasswordRecovered,
    /// A second factor was set up.
    SecondFactorSetUp,
    /// The second factor was removed.
    SecondFactorRemoved,
    /// A passkey was registered.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// The account was linked to a user of another provider.
    ProviderLinked,
    /// Such a link was removed.
    ProviderUnlinked,
    /// The user signed in with a browser for the first time.
    NewBrowser,
}

impl Kind {
    /// The stored value.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The same on the account pages.
    pub fn event(self) -> Event {
        match self {
            Self::EmailChanged => Event::EmailConfirmed,
            Self::PasswordChanged => Event::PasswordChanged,
            Self::PasswordRemoved => Event::PasswordRemoved,
            Self::PasswordRecovered => Event::PasswordRecovered,
            Self::SecondFactorSetUp => Event::SecondFactorSetUp,
            Self::SecondFactorRemoved => Event::SecondFactorRemoved,
            Self::PasskeyAdded => Event::PasskeyAdded,
            Self::PasskeyRemoved => Event::PasskeyRemoved,
            Self::ProviderLinked => Event::ProviderLinked,
            Self::ProviderUnlinked => Event::ProviderUnlinked,
            Self::NewBrowser => Event::SignedIn,
        }
    }
}

impl Notice {
    /// What it is about.
    pub fn kind(&self) -> Result<Kind, Fault> {
        self.kind.parse().map_err(|_| Fault::Corrupt(format!("kind of notice {}: {}", self.id, self.kind)))
    }

    /// Whether its link still takes the account back. A notice of a changed address returns it. Any
    /// other one holds only while its recipient is the user's address.
    fn holds(&self, user: &User) -> bool {
        let is_own = user.email_verified && user.email.as_deref() == Some(&*self.recipient);
        self.kind == Kind::EmailChanged.as_str() || is_own
    }
}

/// Queues a notice to the verified address that `user` has, or had before the change. Without one,
/// there is no notice. The caller has locked the user.
pub fn queue(
    tx: &mut Tx<'_>,
    user: &User,
    kind: Kind,
    about: Option<&str>,
    network: &str,
    language: &str,
) -> Result<(), Fault> {
    let Some(recipient) = user.email.clone().filter(|_| user.email_verified) else { return Ok(()) };
    let counted = Key::new(kind.as_str(), &user.id.to_string());
    if throttle::attempt(tx, &counted, PER_USER)?.is_some() {
        return Ok(());
    }
    let of_user = table.filter(notices::user_id.eq(user.id));
    let last: Option<i64> = on!(tx, |conn| of_user.select(max(notices::created_at)).first(conn))?;
    let notice = Notice {
        id: Id::now_v7(),
        user_id: user.id,
        kind: kind.as_str().to_owned(),
        recipient: recipient.clone(),
        network: network.to_owned(),
        created_at: last.map_or(tx.now, |last| tx.now.max(last + 1)),
        expires_at: tx.now + LIFETIME,
        used_at: None,
        about: about.map(str::to_owned),
    };
    on!(tx, |conn| diesel::insert_into(table).values(&notice).execute(conn))?;
    let mail = NewMail {
        user_id: Some(user.id),
        recipient,
        kind: mails::Kind::Notice,
        language: user.standard_claims()?.locale.unwrap_or_else(|| language.to_owned()),
        link_id: Some(notice.id),
        lifetime: LIFETIME,
    };
    mails::queue(tx, mail)
}

/// The notice with this id.
pub fn find(tx: &mut Tx<'_>, id: Id) -> Result<Option<Notice>, Fault> {
    Ok(on!(tx, |conn| table.find(id).select(Notice::as_select()).first(conn).optional())?)
}

/// The notice with its user, if its link still holds.
pub fn find_valid(tx: &mut Tx<'_>, id: Id) -> Result<Option<(Notice, User)>, Fault> {
    let valid = notices::id
        .eq(id)
        .and(notices::used_at.is_null())
        .and(notices::expires_at.gt(tx.now))
        .and(users_table::disabled_at.is_null());
    let found: Option<(Notice, User)> = on!(tx, |conn| table
        .inner_join(users_table::table)
        .filter(valid)
        .select((Notice::as_select(), User::as_select()))
        .first(conn)
        .optional())?;
    Ok(found.filter(|(notice, user)| notice.holds(user)))
}

/// Takes the account back with the link of a notice, once: signs out everywhere, voids the
/// password, removes the links to other providers and the factors of the last 72 hours, and returns
/// an address that was changed. Returns the user as after that. `None` if the link no longer holds,
/// or the address belongs to another account by now.
pub fn take_back(tx: &mut Tx<'_>, id: Id) -> Result<Option<User>, Fault> {
    let Some((_, user)) = find_valid(tx, id)? else { return Ok(None) };
    users::lock(tx, user.id)?;
    // Read again, because the lock may have waited for another change.
    let Some((notice, user)) = find_valid(tx, id)? else { return Ok(None) };
    let is_taken = |owner: User| owner.id != user.id;
    if users::find_by_email(tx, &notice.recipient)?.is_some_and(is_taken) || !redeem(tx, &notice)? {
        return Ok(None);
    }
    accounts::lock_out(tx, user.id)?;
    // A factor of the attacker would lock the owner out, or sign the attacker in.
    // An earlier notice may be the one that matters, so all of their lifetime counts.
    let since = tx.now - LIFETIME - SKEW;
    if totp_factors::find(tx, user.id)?.is_some_and(|factor| factor.created_at >= since) {
        accounts::remove_second_factor(tx, user.id)?;
    }
    passkeys::delete_since(tx, user.id, since)?;
    email_verifications::delete_of_user(tx, user.id)?;
    users::set_email(tx, user.id, Some(&notice.recipient), true)?;
    users::find(tx, user.id)
}

/// Voids every notice of a user, because an operator has restored the account.
pub fn void_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<(), Fault> {
    let unused = notices::user_id.eq(user_id).and(notices::used_at.is_null());
    on!(tx, |conn| diesel::update(table.filter(unused)).set(notices::used_at.eq(tx.now)).execute(conn))?;
    Ok(())
}

/// Voids every notice of a user, except those of a changed address, because an operator has removed
/// the factors. Only such a notice returns the address.
pub fn void_of_factors(tx: &mut Tx<'_>, user_id: Id) -> Result<(), Fault> {
    let unused = notices::user_id.eq(user_id).and(notices::used_at.is_null());
    let of_factors = unused.and(notices::kind.ne(Kind::EmailChanged.as_str()));
    on!(tx, |conn| diesel::update(table.filter(of_factors)).set(notices::used_at.eq(tx.now)).execute(conn))?;
    Ok(())
}

/// Uses the notice of a changed address that was sent to `address`, because its owner has confirmed
/// the address again. `false` if there is none.
pub fn redeem_by_return(tx: &mut Tx<'_>, user_id: Id, address: &str) -> Result<bool, Fault> {
    let left = notices::user_id
        .eq(user_id)
        .and(notices::kind.eq(Kind::EmailChanged.as_str()))
        .and(notices::recipient.eq(address))
        .and(notices::used_at.is_null())
        .and(notices::expires_at.gt(tx.now));
    let first: Option<Notice> = on!(tx, |conn| table
        .filter(left)
        .order(notices::created_at)
        .select(Notice::as_select())
        .first(conn)
        .optional())?;
    match first {
        Some(notice) => redeem(tx, &notice),
        None => Ok(false),
    }
}

/// Uses a notice, and voids the later ones of the user: an attacker caused them, and may read them.
/// `false` if it was used.
fn redeem(tx: &mut Tx<'_>, notice: &Notice) -> Result<bool, Fault> {
    let used = notices::used_at.eq(tx.now);
    let unused = notices::id.eq(notice.id).and(notices::used_at.is_null());
    let redeemed = on!(tx, |conn| diesel::update(table.filter(unused)).set(used).execute(conn))? == 1;
    let later = notices::user_id.eq(notice.user_id).and(notices::created_at.ge(notice.created_at));
    on!(tx, |conn| diesel::update(table.filter(later.and(notices::used_at.is_null()))).set(used).execute(conn))?;
    Ok(redeemed)
}

/// Deletes at most `batch` notices whose link has expired.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = notices::expires_at.le(tx.now);
    delete_batch!(tx, batch, table, notices::id, Id, expired)
}
