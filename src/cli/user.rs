//! `writ user`: manages users.

mod factors;
mod links;
mod recover;

use anyhow::{Context, anyhow, bail, ensure};
use clap::{Args, Subcommand};
use serde::Serialize;
use writ::{
    config::Settings,
    password::{self, Passwords, Weakness},
};
use writ_core::{StandardClaims, vocabulary::login_name};

use writ::{
    fault::Fault,
    secret::Secret,
    store::{
        Id, Store, Tx, accounts,
        users::{self, User},
    },
    web::{locale::Locale, zone::Zone},
};
use zeroize::Zeroizing;

use super::{
    input::{standard_input, text_of},
    output::OutputArgs,
};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add a user.
    Create(CreateArgs),
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
    /// Delete a user and everything that refers to it: sessions, grants, consents, events.
    Delete(UserArgs),
    /// Disable a user: sessions end, and no tokens are issued until it is enabled again.
    Disable(UserArgs),
    /// Enable a disabled user again.
    Enable(UserArgs),
    /// Link a user to a user of an identity provider, whose identity assertions then name this
    /// user.
    Link(links::LinkArgs),
    /// Remove such a link.
    Unlink(links::LinkArgs),
    /// List the links of a user.
    Links(UserArgs),
    /// Show the second factor of a user.
    Factors(UserArgs),
    /// Remove the second factor of a user who has lost it with all recovery codes. Make sure first
    /// that the user is who asks.
    ResetFactors(UserArgs),
    /// Print a link with which a user chooses a new password. It works once, for 30 minutes.
    Recover(UserArgs),
    /// Replace the password of a user and end all sessions.
    SetPassword {
        /// Username or e-mail address.
        login: String,
        #[command(flatten)]
        password: PasswordArgs,
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
    fn read(self, settings: &Settings, own: &[String]) -> anyhow::Result<NewPassword> {
        if !self.password_stdin {
            return Ok(NewPassword { text: Zeroizing::new(Secret::random().expose()), generated: true });
        }
        let text = Zeroizing::new(standard_input()?);
        let min_length = settings.passwords.min_length;
        ensure!(text.chars().count() >= min_length, "a password has at least {min_length} characters");
        ensure!(text.len() <= password::MAX_LENGTH, "a password has at most {} bytes", password::MAX_LENGTH);
        if let Some(weakness) = Weakness::find(&text, own) {
            bail!(Locale::EN.text(weakness.text_key()));
        }
        Ok(NewPassword { text, generated: false })
    }
}

impl NewPassword {
    async fn hash(&self) -> anyhow::Result<String> {
        Ok(Passwords::start(1, 1)?.hash(self.text.clone()).await?)
    }

    fn shown(&self) -> Option<String> {
        self.generated.then(|| self.text.to_string())
    }
}

/// A user, with the names of OpenID Connect claims.
#[derive(Serialize)]
struct UserView {
    sub: Id,
    preferred_username: String,
    email: Option<String>,
    email_verified: bool,
    created_at: i64,
    disabled_at: Option<i64>,
    #[serde(flatten)]
    claims: StandardClaims,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

impl UserView {
    fn new(user: User, password: Option<String>) -> Result<Self, Fault> {
        Ok(Self {
            sub: user.id,
            claims: user.standard_claims()?,
            preferred_username: user.username,
            email: user.email,
            email_verified: user.email_verified,
            created_at: user.created_at,
            disabled_at: user.disabled_at,
            password,
        })
    }
}

impl UserCommand {
    pub(super) async fn run(self, store: &Store, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Self::Create(arguments) => arguments.run(store, settings).await,
            Self::List { output } => {
                let users = store.read(users::list).await?;
                let rows = users.into_iter().map(|user| UserView::new(user, None)).collect::<Result<Vec<_>, _>>()?;
                output.list(&["preferred_username", "name", "email", "created_at", "disabled_at", "sub"], &rows)
            }
            Self::Show(UserArgs { login, output }) => output.item(&UserView::new(find(store, &login).await?, None)?),
            Self::SetClaims { login, file, output } => {
                let claims = read_claims(&file)?;
                change(store, &login, move |tx, id| users::set_claims(tx, id, &claims)).await?;
                output.done(&format!("Replaced the claims of {login}."))
            }
            Self::SetEmail { login, email, verified, output } => {
                let email = email.as_deref().map(read_email).transpose()?;
                let set = change(store, &login, move |tx, id| users::set_email(tx, id, email.as_deref(), verified));
                match set.await {
                    Err(error) if error.downcast_ref().is_some_and(Fault::is_unique_violation) => {
                        bail!("another user has verified that e-mail address")
                    }
                    set => set?,
                };
                output.done(&format!("Set the e-mail address of {login}."))
            }
            Self::Delete(UserArgs { login, output }) => {
                change(store, &login, accounts::delete).await?;
                output.done(&format!("Deleted {login}."))
            }
            Self::Disable(UserArgs { login, output }) => {
                change(store, &login, accounts::disable).await?;
                output.done(&format!("Disabled {login}."))
            }
            Self::Enable(UserArgs { login, output }) => {
                change(store, &login, accounts::enable).await?;
                output.done(&format!("Enabled {login}."))
            }
            Self::Link(arguments) => links::link(store, arguments).await,
            Self::Unlink(arguments) => links::unlink(store, arguments).await,
            Self::Links(UserArgs { login, output }) => links::list(store, &login, output).await,
            Self::Factors(UserArgs { login, output }) => factors::show(store, &login, output).await,
            Self::ResetFactors(UserArgs { login, output }) => factors::reset(store, &login, output).await,
            Self::Recover(UserArgs { login, output }) => recover::run(store, settings, &login, output).await,
            Self::SetPassword { login, password, output } => {
                let password = password.read(settings, &find(store, &login).await?.own_words()?)?;
                let hash = password.hash().await?;
                let user = change(store, &login, move |tx, id| accounts::set_password(tx, id, &hash)).await?;
                output.item(&UserView::new(user, password.shown())?)
            }
        }
    }
}

impl CreateArgs {
    async fn run(self, store: &Store, settings: &Settings) -> anyhow::Result<()> {
        let username = login_name::username(&self.username)?;
        let email = self.email.as_deref().map(read_email).transpose()?;
        let stdin_twice = self.password.password_stdin && self.claims.as_deref() == Some("-");
        ensure!(!stdin_twice, "only one of --claims - and --password-stdin can be read from standard input");
        let mut claims = self.claims.as_deref().map(read_claims).transpose()?.unwrap_or_default();
        claims.name = self.name.or(claims.name);
        claims.check()?;
        let mut user = User {
            email,
            email_verified: self.email_verified,
            claims: serde_json::to_string(&claims)?,
            ..User::named(&username)
        };
        let password = self.password.read(settings, &user.own_words()?)?;
        user.password_hash = Some(password.hash().await?);
        let inserted = store
            .write(move |tx| {
                let user = User { created_at: tx.now, updated_at: tx.now, ..user };
                users::insert(tx, &user)?;
                Ok(user)
            })
            .await;
        match inserted {
            Err(fault) if fault.is_unique_violation() => Err(anyhow!(
                "there is a user with that username, one that looks like it, or that verified e-mail address already"
            )),
            inserted => self.output.item(&UserView::new(inserted?, password.shown())?),
        }
    }
}

fn read_email(text: &str) -> anyhow::Result<String> {
    login_name::email(text).context("expected an e-mail address such as ada@example.com")
}

/// Reads standard claims from a file.
fn read_claims(file: &str) -> anyhow::Result<StandardClaims> {
    let claims: StandardClaims = serde_json::from_str(&text_of(file)?).context("standard claims")?;
    claims.check()?;
    ensure!(claims.zoneinfo.as_deref().is_none_or(|zone| Zone::find(zone).is_some()), "zoneinfo is not a time zone");
    Ok(claims)
}

/// Changes the user with the name `login` and returns the state before the change.
async fn change<F>(store: &Store, login: &str, change: F) -> anyhow::Result<User>
where
    F: FnOnce(&mut Tx<'_>, Id) -> Result<bool, Fault> + Clone + Send + 'static,
{
    let found = store
        .write({
            let login = login.to_owned();
            move |tx| {
                let user = users::find_by_login(tx, &login)?;
                if let Some(user) = &user {
                    change(tx, user.id)?;
                }
                Ok(user)
            }
        })
        .await?;
    found.with_context(|| nobody(login))
}

async fn find(store: &Store, login: &str) -> anyhow::Result<User> {
    let wanted = login.to_owned();
    let found = store.read(move |tx| users::find_by_login(tx, &wanted)).await?;
    found.with_context(|| nobody(login))
}

fn nobody(login: &str) -> String {
    format!("there is no user with the username or e-mail address {login}")
}
