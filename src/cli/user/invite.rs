//! `writ user invite`: a link with which its reader creates an account.

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde::Serialize;
use writ::{
    administration::users::{Invited, invite, registration::email},
    clock::Clock,
    config::SignUpMode,
    mail::link::{self, Purpose},
    server::Server,
    web::locale::Locale,
};

use crate::cli::{administrator::Administrator, group::find_ids, key::load_master_keys, output::OutputArgs};

#[derive(Debug, Args)]
pub(in crate::cli) struct InviteArgs {
    /// The e-mail address of the new account. It is known to belong to the user.
    address: String,
    /// The language of the mail.
    #[arg(long, default_value = "en")]
    language: String,
    /// The groups of the new account, comma-separated.
    #[arg(long, value_name = "GROUP,...", value_delimiter = ',')]
    groups: Vec<String>,
    #[command(flatten)]
    output: OutputArgs,
}

/// The link.
#[derive(Serialize)]
struct Link {
    url: String,
    expires_at: i64,
    mailed: bool,
}

pub(super) async fn run(administrator: &Administrator<'_>, arguments: InviteArgs) -> anyhow::Result<()> {
    let settings = administrator.settings;
    ensure!(settings.sign_up.mode != SignUpMode::Off, "set sign_up.mode to \"invitation\" first");
    let address = email(&arguments.address)?;
    let locale = Locale::lookup(&arguments.language);
    let language = locale.with_context(|| format!("there are no texts in {}", arguments.language))?.to_string();
    let server = Server::start(settings.clone(), load_master_keys(settings)?, Clock::default()).await?;
    let mailed = server.mailer.is_some();
    let groups = find_ids(administrator.store, &arguments.groups).await?;
    let wanted = address.clone();
    let invite =
        administrator.change(move |tx, actor| invite(tx, actor, &wanted, &groups, mailed.then_some(&*language)));
    let Some(Invited { id, expires_at }) = invite.await? else { bail!("a user has verified {address} already") };
    let url = link::url(&settings.server.issuer, &server.front.form_key, Purpose::Invitation, id);
    arguments.output.item(&Link { url, expires_at, mailed })
}
