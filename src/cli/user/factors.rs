//! `writ user factors|reset-factors`: the second factor and the passkeys of a user.

use anyhow::ensure;
use serde::Serialize;
use writ::{
    administration::{self, Actor},
    fault::Fault,
    store::{Store, Tx, passkeys, recovery_codes, totp_factors, trusted_browsers, users::User},
};

use super::{change, find, links};
use crate::cli::{administrator::Administrator, output::OutputArgs};

/// The factors as the command shows them. Times are seconds since the epoch.
#[derive(Serialize)]
struct FactorsView {
    passkeys: usize,
    totp_since: Option<i64>,
    recovery_codes_left: i64,
    trusted_browsers: usize,
}

pub(super) async fn show(store: &Store, login: &str, output: OutputArgs) -> anyhow::Result<()> {
    let user = find(store, login).await?;
    let view = store.read(move |tx| {
        Ok(FactorsView {
            passkeys: passkeys::list_of_user(tx, user.id)?.len(),
            totp_since: totp_factors::find(tx, user.id)?.map(|factor| factor.created_at),
            recovery_codes_left: recovery_codes::count(tx, user.id)?,
            trusted_browsers: trusted_browsers::list_of_user(tx, user.id)?.len(),
        })
    });
    output.item(&view.await?)
}

pub(super) async fn reset(
    administrator: &Administrator<'_>,
    login: &str,
    unlink: bool,
    output: OutputArgs,
) -> anyhow::Result<()> {
    let reset = move |tx: &mut Tx<'_>, actor: &Actor, user: &User| -> Result<bool, Fault> {
        let removed = administration::users::reset_factors(tx, actor, user)?;
        if unlink {
            administration::users::unlink_all(tx, actor, user)?;
        }
        Ok(removed)
    };
    let (user, removed) = change(administrator, login, reset).await?;
    ensure!(removed || unlink, "{login} has neither a second factor nor a passkey");
    links::note_remaining(administrator.store, login, user.id).await?;
    output.done(&format!(
        "Removed the second factor and the passkeys of {login}. A user without a password needs `writ user recover`."
    ))
}
