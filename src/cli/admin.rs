//! `writ admin recover`: a link with which a user becomes an administrator of the console.

use anyhow::{Context, ensure};
use clap::Subcommand;
use serde::Serialize;
use writ::{
    administration::administrators::links,
    clock::Clock,
    mail::link::{self, Purpose},
    server::Server,
    store::{administrator_links, users},
};

use super::{administrator::Administrator, key::load_master_keys, output::OutputArgs};

#[derive(Debug, Subcommand)]
pub(super) enum AdminCommand {
    /// Print a link with which the user who is signed in becomes an administrator of the console.
    /// It works once, for 30 minutes.
    Recover {
        /// Username or e-mail address of the only user who can use it.
        login: Option<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
}

/// The link.
#[derive(Serialize)]
struct Link {
    url: String,
    expires_at: i64,
}

impl AdminCommand {
    pub(super) async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let Self::Recover { login, output } = self;
        let settings = administrator.settings;
        ensure!(settings.console.enabled, "set console.enabled to true first");
        let user = match &login {
            None => None,
            Some(login) => {
                let wanted = login.clone();
                let found = administrator.store.read(move |tx| users::find_by_login(tx, &wanted)).await?;
                let missing = || format!("there is no user with the username or e-mail address {login}");
                let user = found.with_context(missing)?;
                ensure!(user.disabled_at.is_none(), "{login} is disabled");
                Some(user)
            }
        };
        let server = Server::start(settings.clone(), load_master_keys(settings)?, Clock::default()).await?;
        let (id, expires_at) = administrator
            .change(move |tx, actor| {
                let id = links::make_link(tx, actor, user.as_ref())?;
                Ok((id, tx.now + administrator_links::LIFETIME))
            })
            .await?;
        let url = link::url(&settings.server.issuer, &server.front.form_key, Purpose::Administrator, id);
        output.item(&Link { url, expires_at })
    }
}
