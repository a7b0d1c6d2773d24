//! `writ user`: manages users.

mod factors;
mod import;
mod invite;
mod links;
mod recover;

use std::sync::Arc;

use anyhow::{Context, anyhow, bail, ensure};
use clap::{Args, Subcommand};
use writ::{
    administration::{
        self, Actor,
        users::{information::UserInformation, registration},
    },
    breached::Breached,
    clock::Clock,
    config::Settings,
    fetch::Fetcher,
    pages::account::data,
    password::Passwords,
    sessions::new_password::{self, Unacceptable},
};
use writ_core::StandardClaims;

use writ::{
    fault::Fault,
    secret::Secret,
    store::{
        Store, Tx, accepted_terms, groups, usage,
        users::{self, User},
    },
    web::locale::Locale,
};
use zeroize::Zeroizing;

use super::{
    administrator::{Administrator, ConfirmArgs, is_taken},
    input::{standard_input, text_of},
    output::{self, OutputArgs},
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

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// The username, which is case-insensitive.
    username: String,
    /// The full name.
    #[arg(long)]
    name: Option<String>,
    /// Further standard claims as a JSON object with the names of OpenID Connect. `-` is standard
    /// input.
    #[arg(long, value_name = "FILE")]
    claims: Option<String>,
    /// An e-mail address. If verified, it can be used to sign in.
    #[arg(long)]
    email: Option<String>,
    /// The e-mail address is known to belong to the user.
    #[arg(long, requires = "email")]
    email_verified: bool,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct PasswordArgs {
    /// Read the password from standard input. Otherwise one is generated and shown once.
    #[arg(long)]
    password_stdin: bool,
}

/// A password from standard input, or a generated one.
struct NewPassword {
    text: Zeroizing<String>,
    generated: bool,
}

impl PasswordArgs {
    /// `own` are names and addresses of the user.
    async fn read(self, settings: &Settings, own: &[String]) -> anyhow::Result<NewPassword> {
        if !self.password_stdin {
            return Ok(NewPassword { text: Zeroizing::new(Secret::random().expose()), generated: true });
        }
        let typed = Zeroizing::new(standard_input()?);
        let refused = |reason: Unacceptable| anyhow!(reason.text(Locale::EN));
        let new = new_password::NewPassword::parse(&typed, settings.passwords.min_length).map_err(refused)?;
        new.check(own).map_err(refused)?;
        let fetcher = Arc::new(Fetcher::new(&settings.outgoing).context("outgoing")?);
        let breached = Breached::open(&settings.passwords, fetcher)?;
        new.check_leaks(&breached, Clock::default().now()).await.map_err(refused)?;
        Ok(NewPassword { text: new.into_text(), generated: false })
    }
}

impl NewPassword {
    async fn hash(&self) -> anyhow::Result<String> {
        Ok(Passwords::start(1, 1)?.hash(self.text.clone(), None).await?)
    }

    fn shown(&self) -> Option<String> {
        self.generated.then(|| self.text.to_string())
    }
}

impl UserCommand {
    pub(super) async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let store = administrator.store;
        match self {
            Self::Create(arguments) => arguments.run(administrator).await,
            Self::Invite(arguments) => invite::run(administrator, arguments).await,
            Self::Import(arguments) => import::run(administrator, arguments).await,
            Self::List { output } => {
                let (users, groups) = store.read(|tx| Ok((users::list(tx)?, groups::list(tx)?))).await?;
                let row = |user| UserInformation::new(user, None).map(|shown| shown.with_groups(&groups));
                let rows = users.into_iter().map(row).collect::<Result<Vec<_>, _>>()?;
                output.list(&["preferred_username", "name", "email", "created_at", "disabled_at", "sub"], &rows)
            }
            Self::Show(UserArgs { login, output }) => {
                output.item(&show(store, find(store, &login).await?, None).await?)
            }
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
            Self::Delete { user: UserArgs { login, output }, confirm } => {
                let id = find(store, &login).await?.id;
                let usage = store.read(move |tx| usage::of_user(tx, id)).await?;
                confirm.ask(&format!("Deleting {login} ends"), usage)?;
                change(administrator, &login, administration::users::delete).await?.1?;
                output.done(&format!("Deleted {login}."))
            }
            Self::Disable(UserArgs { login, output }) => {
                change(administrator, &login, administration::users::disable).await?.1?;
                output.done(&format!("Disabled {login}."))
            }
            Self::Enable(UserArgs { login, output }) => {
                change(administrator, &login, administration::users::enable).await?.1?;
                output.done(&format!("Enabled {login}."))
            }
            Self::SignOut(UserArgs { login, output }) => {
                change(administrator, &login, administration::users::sign_out).await?.1?;
                output.done(&format!("Signed {login} out."))
            }
            Self::Unlock(UserArgs { login, output }) => {
                let (_, forgotten) = change(administrator, &login, administration::users::unlock).await?;
                output.done(&match forgotten? {
                    true => format!("Unlocked {login}."),
                    false => format!("{login} was not locked."),
                })
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
        }
    }
}

impl CreateArgs {
    async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let stdin_twice = self.password.password_stdin && self.claims.as_deref() == Some("-");
        ensure!(!stdin_twice, "only one of --claims - and --password-stdin can be read from standard input");
        let mut claims = self.claims.as_deref().map(read_claims).transpose()?.unwrap_or_default();
        claims.name = self.name.or(claims.name);
        let mut user = registration::user(&self.username, self.email.as_deref(), self.email_verified, &claims)?;
        let password = self.password.read(administrator.settings, &user.own_words()?).await?;
        user.password_hash = Some(password.hash().await?);
        let created = administrator
            .change(move |tx, actor| {
                let user = User { created_at: tx.now, updated_at: tx.now, ..user };
                administration::users::create(tx, actor, &user)?;
                Ok(user)
            })
            .await;
        match created {
            Err(error) if is_taken(&error) => Err(anyhow!(TAKEN)),
            created => self.output.item(&show(administrator.store, created?, password.shown()).await?),
        }
    }
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
