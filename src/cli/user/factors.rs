//! `writ user factors|reset-factors`: the second factor of a user.

use anyhow::ensure;
use serde::Serialize;
use writ::{
    administration,
    store::{Store, recovery_codes, totp_factors, trusted_browsers},
};

use super::{change, find};
use crate::cli::{administrator::Administrator, output::OutputArgs};

/// The second factor as the command shows it. Times are seconds since the epoch.
#[derive(Serialize)]
struct FactorsView {
    totp_since: Option<i64>,
    recovery_codes_left: i64,
    trusted_browsers: usize,
}

pub(super) async fn show(store: &Store, login: &str, output: OutputArgs) -> anyhow::Result<()> {
    let user = find(store, login).await?;
    let view = store.read(move |tx| {
        Ok(FactorsView {
            totp_since: totp_factors::find(tx, user.id)?.map(|factor| factor.created_at),
            recovery_codes_left: recovery_codes::count(tx, user.id)?,
            trusted_browsers: trusted_browsers::list_of_user(tx, user.id)?.len(),
        })
    });
    output.item(&view.await?)
}

pub(super) async fn reset(administrator: &Administrator<'_>, login: &str, output: OutputArgs) -> anyhow::Result<()> {
    let (_, removed) = change(administrator, login, administration::users::reset_factors).await?;
    ensure!(removed, "{login} has no second factor");
    output.done(&format!("Removed the second factor of {login}."))
}
