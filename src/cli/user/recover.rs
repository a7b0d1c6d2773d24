//! `writ user recover`: a link for a new password.

use anyhow::ensure;
use serde::Serialize;
use writ::{
    administration,
    clock::Clock,
    mail::link::{self, Purpose},
    server::Server,
    store::recoveries,
};

use super::find;
use crate::cli::{administrator::Administrator, key::load_master_keys, output::OutputArgs};

/// The link.
#[derive(Serialize)]
struct Link {
    url: String,
    expires_at: i64,
}

pub(super) async fn run(administrator: &Administrator<'_>, login: &str, output: OutputArgs) -> anyhow::Result<()> {
    let settings = administrator.settings;
    let user = find(administrator.store, login).await?;
    ensure!(user.disabled_at.is_none(), "{login} is disabled");
    let server = Server::start(settings.clone(), load_master_keys(settings)?, Clock::default()).await?;
    let (id, expires_at) = administrator
        .change(move |tx, actor| Ok((administration::users::recover(tx, actor, &user)?, tx.now + recoveries::LIFETIME)))
        .await?;
    let url = link::url(&settings.server.issuer, &server.front.form_key, Purpose::Recovery, id);
    output.item(&Link { url, expires_at })
}
