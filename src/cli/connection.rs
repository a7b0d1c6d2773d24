//! `writ connection list|remove|receipt`: what users allow clients.

use anyhow::{Context, ensure};
use clap::Subcommand;
use writ::{administration, clock::Clock, consent::receipt};
use writ_core::ScopeSet;

use writ::{
    fault::Fault,
    server::Server,
    store::{
        Id, Store, Tx,
        connections::{self, Connection},
        users,
    },
    web::locale::Locale,
};

use super::{
    administrator::Administrator,
    key::load_master_keys,
    output::{self, OutputArgs},
    remote::Request,
    target::Target,
};

#[derive(Debug, Subcommand)]
pub(super) enum ConnectionCommand {
    /// List the clients that a user has allowed something.
    List {
        /// Username or e-mail address.
        login: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Disconnect a client from a user, or revoke one scope.
    Remove {
        /// Username or e-mail address.
        login: String,
        /// The `client_id`.
        client_id: String,
        /// Revoke only this scope.
        #[arg(long)]
        scope: Option<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Print what a user allowed a client and what was shown, as JSON signed by the server.
    Receipt {
        /// Username or e-mail address.
        login: String,
        /// The `client_id`.
        client_id: String,
        /// The language of the descriptions.
        #[arg(long, default_value = "en")]
        language: String,
    },
}

/// A connection in the list.
#[derive(serde::Serialize)]
struct Row {
    client_id: String,
    scope: ScopeSet,
    since_at: i64,
    last_used_at: Option<i64>,
    last_used_network: String,
    ends_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asserted_by: Option<String>,
}

impl From<Connection> for Row {
    fn from(connection: Connection) -> Self {
        Self {
            client_id: connection.client_id,
            scope: connection.scope,
            since_at: connection.since,
            last_used_at: connection.last_used_at,
            last_used_network: connection.last_used_network,
            ends_at: connection.ends_at,
            asserted_by: connection.asserted_by,
        }
    }
}

impl ConnectionCommand {
    pub(super) async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        match self {
            Self::List { login, output } => {
                target
                    .list(
                        output,
                        &["client_id", "scope", "since_at", "last_used_at", "last_used_network", "ends_at"],
                        async |remote| {
                            remote.pages(Request::new("connection.list").on(remote.user_id(&login).await?)).await
                        },
                        async |administrator| {
                            let found = of_user(administrator.store, &login, connections::list).await?;
                            Ok(found.into_iter().map(Row::from).collect())
                        },
                    )
                    .await
            }
            Self::Remove { login, client_id, scope, output } => {
                let what = scope.as_ref().map_or_else(|| client_id.clone(), |scope| format!("{scope} of {client_id}"));
                target
                    .done(
                        output,
                        &format!("Removed {what} from {login}."),
                        async |remote| {
                            let sub = remote.user_id(&login).await?;
                            let mut request = Request::new("connection.remove").on(sub).on(&client_id);
                            if let Some(scope) = &scope {
                                request = request.query("scope", scope);
                            }
                            remote.send(request).await
                        },
                        async |administrator| {
                            let (client, one) = (client_id.clone(), scope.clone());
                            let user = of_user(administrator.store, &login, users::find).await?;
                            let user = user.context("the account was just deleted")?;
                            let removed = administrator
                                .change(move |tx, actor| {
                                    administration::users::disconnect(tx, actor, &user, &client, one.as_deref())
                                })
                                .await?;
                            ensure!(removed, "{login} has not connected {what}");
                            Ok(())
                        },
                    )
                    .await
            }
            Self::Receipt { login, client_id, language } => {
                let Administrator { store, settings, .. } = target.database()?;
                let locale = Locale::lookup(&language)
                    .with_context(|| format!("there is no page in the language {language}"))?;
                let user = of_user(store, &login, users::find).await?.context("the account was just deleted")?;
                let server = Server::start((*settings).clone(), load_master_keys(settings)?, Clock::default()).await?;
                let receipt = receipt(&server, &user, locale, &client_id).await?;
                let receipt = receipt.with_context(|| format!("{login} has not connected {client_id}"))?;
                output::line(serde_json::to_string_pretty(&receipt)?)
            }
        }
    }
}

async fn of_user<T, F>(store: &Store, login: &str, unit: F) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>, Id) -> Result<T, Fault> + Clone + Send + 'static,
{
    let found = login.to_owned();
    let done =
        store.write(move |tx| users::find_by_login(tx, &found)?.map(|user| unit(tx, user.id)).transpose()).await?;
    done.with_context(|| format!("there is no user with the username or e-mail address {login}"))
}
