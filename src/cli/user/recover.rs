//! `writ user recover`: a link for a new password.

use anyhow::ensure;
use serde::Serialize;
use writ::{
    clock::Clock,
    config::Settings,
    mail::link::{self, Purpose},
    server::Server,
    store::{Store, recoveries},
};

use super::find;
use crate::cli::{key::load_master_keys, output::OutputArgs};

/// The link.
#[derive(Serialize)]
struct Link {
    url: String,
    expires_at: i64,
}

pub(super) async fn run(store: &Store, settings: &Settings, login: &str, output: OutputArgs) -> anyhow::Result<()> {
    let user = find(store, login).await?;
    ensure!(user.disabled_at.is_none(), "{login} is disabled");
    let server = Server::start(settings.clone(), load_master_keys(settings)?, Clock::default()).await?;
    let (id, expires_at) =
        store.write(move |tx| Ok((recoveries::insert(tx, &user, "", "")?, tx.now + recoveries::LIFETIME))).await?;
    let url = link::url(&settings.server.issuer, &server.front.form_key, Purpose::Recovery, id);
    output.item(&Link { url, expires_at })
}
