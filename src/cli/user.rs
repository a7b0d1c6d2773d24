//! `writ user`: manages users.

mod create;
mod factors;
mod import;
mod invite;
mod links;
mod recover;

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use writ::{
    administration::{
        self, Actor,
        administrators::Refusal,
        users::{information::UserInformation, registration},
    },
    pages::account::data,
};
use writ_core::StandardClaims;

use writ::{
    fault::Fault,
    store::{
        Store, Tx, accepted_terms, groups, usage,
        users::{self, User},
    },
};

use self::create::{CreateArgs, PasswordArgs};
use super::{
    administrator::{Administrator, ConfirmArgs, is_taken},
    input::text_of,
    output::{self, OutputArgs},
    remote::Request,
    target::Target,
};

/// Why a new user violates a unique key.
const TAKEN: &str =
    "there is a user with that username, one that looks like it, or that verified e-mail address already";

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add a user.
    Create(CreateArgs),
    /// Invite the owner of an address to create an account. Prints the link, which works once, for
    /// 7 days, and mails it if there is mail.
    Invite(invite::InviteArgs),
    /// Import the users of another server with their password hashes, which sign in as before.
    Import(import::ImportArgs),
    /// List all users.
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show a user.
    Show(UserArgs),
    /// Replace the standard claims of a user (OpenID Connect Core §5.1), including those that only
    /// an operator may set.
    SetClaims {
        /// Username or e-mail address.
        login: String,
        /// The claims as a JSON object. `-` is standard input.
        file: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Set or remove an attribute of a user, which claims of your own (`claims.mappings`) disclose.
    SetAttribute {
        /// Username or e-mail address.
        login: String,
        /// The name, such as `department`.
        name: String,
        /// The value. If omitted, the attribute is removed.
        value: Option<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Set or remove an e-mail address. Only a verified one can be used to sign in and is
    /// disclosed.
    SetEmail {
        /// Username or verified e-mail address.
        login: String,
        /// The address. If omitted, it is removed.
        email: Option<String>,
        /// The address is known to belong to the user.
        #[arg(long, requires = "email")]
        verified: bool,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Make the e-mail address of a user a verified one, because it is known to belong to the user.
    VerifyEmail(UserArgs),
    /// Delete a user and everything that refers to it: sessions, grants, consents, events.
    Delete {
        #[command(flatten)]
        user: UserArgs,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Disable a user: sessions end, and no tokens are issued until it is enabled again.
    Disable(UserArgs),
    /// Enable a disabled user again.
    Enable(UserArgs),
    /// End all sessions of a user. Apps that work while the user is away keep their access.
    SignOut(UserArgs),
    /// Forget the wrong passwords and codes of a user, who can then sign in at once. The limits of
    /// networks stay.
    Unlock(UserArgs),
    /// Print everything that is stored about a user as JSON, as the user can download it.
    Export {
        /// Username or e-mail address.
        login: String,
    },
    /// Link a user to a user of an identity provider, whose identity assertions then name this
    /// user.
    Link(links::LinkArgs),
    /// Remove such a link.
    Unlink(links::LinkArgs),
    /// List the links of a user.
    Links(UserArgs),
    /// Show the second factor and the passkeys of a user.
    Factors(UserArgs),
    /// Remove the second factor and the passkeys of a user who has lost them. Make sure first that
    /// the user is who asks.
    ResetFactors {
        /// Username or e-mail address.
        login: String,
        /// Also remove the links to users of other providers.
        #[arg(long)]
        unlink: bool,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Print a link with which a user chooses a new password. It works once, for 30 minutes.
    Recover(UserArgs),
    /// Replace the password of a user and end all sessions.
    SetPassword {
        /// Username or e-mail address.
        login: String,
        #[command(flatten)]
        password: PasswordArgs,
        /// Also remove the links to users of other providers.
        #[arg(long)]
        unlink: bool,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Debug, Args)]
pub(super) struct UserArgs {
    /// Username or e-mail address.
    login: String,
    #[command(flatten)]
    output: OutputArgs,
}

/// The columns of a list of users.
const COLUMNS: [&str; 6] = ["preferred_username", "name", "email", "created_at", "disabled_at", "sub"];

impl UserCommand {
    pub(super) async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        match self {
            Self::Create(arguments) => arguments.run(target).await,
            Self::List { output } => {
                target
                    .list(
                        output,
                        &COLUMNS,
                        async |remote| remote.pages(Request::new("user.list")).await,
                        async |administrator| list(administrator.store).await,
                    )
                    .await
            }
            Self::Show(UserArgs { login, output }) => {
                target
                    .item(
                        output,
                        async |remote| remote.send(Request::new("user.show").on(remote.user_id(&login).await?)).await,
                        async |administrator| {
                            let store = administrator.store;
                            show(store, find(store, &login).await?, None).await
                        },
                    )
                    .await
            }
            Self::Delete { user: UserArgs { login, output }, confirm } => {
                target
                    .done(
                        output,
                        &format!("Deleted {login}."),
                        async |remote| {
                            let request = Request::new("user.delete").on(remote.user_id(&login).await?);
                            remote.send(request.confirmed_by(confirm)).await
                        },
                        async |administrator| {
                            let store = administrator.store;
                            let id = find(store, &login).await?.id;
                            let usage = store.read(move |tx| usage::of_user(tx, id)).await?;
                            confirm.ask(&format!("Deleting {login} ends"), usage)?;
                            Ok(change(administrator, &login, administration::users::delete).await?.1?)
                        },
                    )
                    .await
            }
            Self::Disable(UserArgs { login, output }) => {
                let sentence = format!("Disabled {login}.");
                let disable = administration::users::disable;
                state(target, output, &sentence, "user.disable", &login, disable).await
            }
            Self::Enable(UserArgs { login, output }) => {
                let sentence = format!("Enabled {login}.");
                let enable = administration::users::enable;
                state(target, output, &sentence, "user.enable", &login, enable).await
            }
            Self::SignOut(UserArgs { login, output }) => {
                let sentence = format!("Signed {login} out.");
                let sign_out = administration::users::sign_out;
                state(target, output, &sentence, "user.sign-out", &login, sign_out).await
            }
            Self::Unlock(UserArgs { login, output }) => {
                target
                    .told(
                        output,
                        async |remote| {
                            remote.send(Request::new("user.unlock").on(remote.user_id(&login).await?)).await?;
                            Ok(format!("Unlocked {login}."))
                        },
                        async |administrator| {
                            let (_, forgotten) = change(administrator, &login, administration::users::unlock).await?;
                            Ok(match forgotten? {
                                true => format!("Unlocked {login}."),
                                false => format!("{login} was not locked."),
                            })
                        },
                    )
                    .await
            }
            local => local.run_locally(target.database()?).await,
        }
    }

    /// Runs what a leaked token must not do.
    async fn run_locally(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let store = administrator.store;
        match self {
            Self::Invite(arguments) => invite::run(administrator, arguments).await,
            Self::Import(arguments) => import::run(administrator, arguments).await,
            Self::SetClaims { login, file, output } => {
                let claims = read_claims(&file)?;
                let set = move |tx: &mut Tx<'_>, actor: &Actor, user: &User| {
                    administration::users::set_claims(tx, actor, user, &claims)
                };
                change(administrator, &login, set).await?;
                output.done(&format!("Replaced the claims of {login}."))
            }
            Self::SetAttribute { login, name, value, output } => {
                let set = move |tx: &mut Tx<'_>, actor: &Actor, user: &User| {
                    administration::users::set_attribute(tx, actor, user, &name, value.as_deref())
                };
                change(administrator, &login, set).await?.1?;
                output.done(&format!("Changed an attribute of {login}."))
            }
            Self::SetEmail { login, email, verified, output } => {
                let email = email.as_deref().map(registration::email).transpose()?;
                let set = move |tx: &mut Tx<'_>, actor: &Actor, user: &User| {
                    administration::users::set_email(tx, actor, user, email.as_deref(), verified)
                };
                unless_taken(change(administrator, &login, set).await)?;
                output.done(&format!("Set the e-mail address of {login}."))
            }
            Self::VerifyEmail(UserArgs { login, output }) => {
                let verified = change(administrator, &login, administration::users::verify_email).await;
                let (_, has_email) = unless_taken(verified)?;
                ensure!(has_email, "{login} has no e-mail address");
                output.done(&format!("Verified the e-mail address of {login}."))
            }
            Self::Export { login } => {
                let (user, ()) = change(administrator, &login, administration::users::export).await?;
                let issuer = administrator.settings.server.issuer.as_str();
                output::line(serde_json::to_string_pretty(&data::export(store, issuer, &user).await?)?)
            }
            Self::Link(arguments) => links::link(administrator, arguments).await,
            Self::Unlink(arguments) => links::unlink(administrator, arguments).await,
            Self::Links(UserArgs { login, output }) => links::list(store, &login, output).await,
            Self::Factors(UserArgs { login, output }) => factors::show(store, &login, output).await,
            Self::ResetFactors { login, unlink, output } => factors::reset(administrator, &login, unlink, output).await,
            Self::Recover(UserArgs { login, output }) => recover::run(administrator, &login, output).await,
            Self::SetPassword { login, password, unlink, output } => {
                let password = password.read(administrator.settings, &find(store, &login).await?.own_words()?).await?;
                let hash = password.hash().await?;
                let set = move |tx: &mut Tx<'_>, actor: &Actor, user: &User| {
                    if unlink {
                        administration::users::unlink_all(tx, actor, user)?;
                    }
                    administration::users::set_password(tx, actor, user, &hash)
                };
                let (user, ()) = change(administrator, &login, set).await?;
                links::note_remaining(store, &login, user.id).await?;
                output.item(&show(store, user, password.shown()).await?)
            }
            _ => Ok(()),
        }
    }
}

async fn list(store: &Store) -> anyhow::Result<Vec<UserInformation>> {
    let (users, groups) = store.read(|tx| Ok((users::list(tx)?, groups::list(tx)?))).await?;
    let row = |user| Ok(UserInformation::new(user, None)?.with_groups(&groups));
    users.into_iter().map(row).collect()
}

/// Changes the state of the user with the name `login`.
async fn state<F>(
    target: &Target<'_>,
    output: OutputArgs,
    sentence: &str,
    operation: &'static str,
    login: &str,
    on_database: F,
) -> anyhow::Result<()>
where
    F: FnOnce(&mut Tx<'_>, &Actor, &User) -> Result<Result<(), Refusal>, Fault> + Clone + Send + 'static,
{
    target
        .done(
            output,
            sentence,
            async |remote| remote.send(Request::new(operation).on(remote.user_id(login).await?)).await,
            async |administrator| Ok(change(administrator, login, on_database).await?.1?),
        )
        .await
}

/// Names the only unique value of an address.
fn unless_taken<T>(changed: anyhow::Result<T>) -> anyhow::Result<T> {
    match changed {
        Err(error) if is_taken(&error) => bail!("another user has verified that e-mail address"),
        changed => changed,
    }
}

/// Reads standard claims from a file.
fn read_claims(file: &str) -> anyhow::Result<StandardClaims> {
    let claims: StandardClaims = serde_json::from_str(&text_of(file)?).context("standard claims")?;
    registration::check_claims(&claims)?;
    Ok(claims)
}

/// Changes the user with the name `login`. Returns the state before the change, and the result.
async fn change<T, F>(administrator: &Administrator<'_>, login: &str, change: F) -> anyhow::Result<(User, T)>
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>, &Actor, &User) -> Result<T, Fault> + Clone + Send + 'static,
{
    let wanted = login.to_owned();
    let changed = administrator
        .change(move |tx, actor| {
            let Some(user) = users::find_by_login(tx, &wanted)? else { return Ok(None) };
            let done = change(tx, actor, &user)?;
            Ok(Some((user, done)))
        })
        .await?;
    changed.with_context(|| nobody(login))
}

async fn find(store: &Store, login: &str) -> anyhow::Result<User> {
    let wanted = login.to_owned();
    let found = store.read(move |tx| users::find_by_login(tx, &wanted)).await?;
    found.with_context(|| nobody(login))
}

/// The user with the names of the groups that the user is in.
async fn show(store: &Store, user: User, password: Option<String>) -> anyhow::Result<UserInformation> {
    let (id, attributes) = (user.id, user.attributes()?);
    let shown = UserInformation::new(user, password)?;
    let (groups, accepted) =
        store.read(move |tx| Ok((groups::list(tx)?, accepted_terms::list_of_user(tx, id)?))).await?;
    let mut shown = shown.with_groups(&groups);
    (shown.accepted_terms, shown.attributes) = (Some(accepted), Some(attributes));
    Ok(shown)
}

fn nobody(login: &str) -> String {
    format!("there is no user with the username or e-mail address {login}")
}
