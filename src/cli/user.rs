//! `writ user create|list|show|set-claims|disable|enable|set-password`.

use anyhow::{Context, anyhow, bail, ensure};
use clap::{Args, Subcommand};
use serde::Serialize;
use writ::{
    config::Settings,
    password::{self, Passwords, Weakness},
};
use writ_core::StandardClaims;

use writ::{
    fault::Fault,
    secret::Secret,
    store::{
        Id, Store, Tx, accounts,
        users::{self, User},
    },
    web::locale::Locale,
};
use zeroize::Zeroizing;

use super::{
    input::{standard_input, text_of},
    output::OutputArgs,
};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add a person.
    Create(CreateArgs),
    /// List everybody.
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show what is known about a person.
    Show(UserArgs),
    /// Replace what is known about a person by OpenID Connect's standard claims, those that only you may set among them.
    SetClaims {
        /// Username or e-mail address.
        login: String,
        /// The claims as a JSON object; `-` is standard input.
        file: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Lock a person out: sessions end, and no token is issued until they are enabled again.
    Disable(UserArgs),
    /// Let a disabled person in again.
    Enable(UserArgs),
    /// Replace a password; every session of the person ends.
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
    /// What the person signs in with; case does not matter.
    username: String,
    /// The full name.
    #[arg(long)]
    name: Option<String>,
    /// Further standard claims by OpenID Connect's names, as a JSON object; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    claims: Option<String>,
    /// An e-mail address, which also signs in.
    #[arg(long)]
    email: Option<String>,
    /// The e-mail address is known to be the person's.
    #[arg(long, requires = "email")]
    email_verified: bool,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct PasswordArgs {
    /// Read the password from standard input; otherwise one is generated and shown once.
    #[arg(long)]
    password_stdin: bool,
}

/// A password that was typed, or one to show.
struct NewPassword {
    text: Zeroizing<String>,
    generated: bool,
}

impl PasswordArgs {
    /// `own` are names and addresses of the person.
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

/// A person, by the names of OpenID Connect's claims.
#[derive(Serialize)]
struct Person {
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

impl Person {
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
                let rows = users.into_iter().map(|user| Person::new(user, None)).collect::<Result<Vec<_>, _>>()?;
                output.list(&["preferred_username", "name", "email", "created_at", "disabled_at", "sub"], &rows)
            }
            Self::Show(UserArgs { login, output }) => output.item(&Person::new(find(store, &login).await?, None)?),
            Self::SetClaims { login, file, output } => {
                let claims = read_claims(&file)?;
                change(store, &login, move |tx, id| users::set_claims(tx, id, &claims)).await?;
                output.done(&format!("Replaced the claims of {login}."))
            }
            Self::Disable(UserArgs { login, output }) => {
                change(store, &login, accounts::disable).await?;
                output.done(&format!("Disabled {login}."))
            }
            Self::Enable(UserArgs { login, output }) => {
                change(store, &login, accounts::enable).await?;
                output.done(&format!("Enabled {login}."))
            }
            Self::SetPassword { login, password, output } => {
                let password = password.read(settings, &find(store, &login).await?.own_words()?)?;
                let hash = password.hash().await?;
                let user = change(store, &login, move |tx, id| accounts::set_password(tx, id, &hash)).await?;
                output.item(&Person::new(user, password.shown())?)
            }
        }
    }
}

impl CreateArgs {
    async fn run(self, store: &Store, settings: &Settings) -> anyhow::Result<()> {
        let username = users::normalize(&self.username);
        let is_username = (1..=100).contains(&username.chars().count())
            && !username.contains('@')
            && !username.chars().any(|c| c.is_control() || c.is_whitespace());
        ensure!(is_username, "a username has 1 to 100 characters, without spaces and @");
        let email = self.email.as_deref().map(users::normalize);
        let is_email =
            |email: &str| email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty());
        ensure!(email.as_deref().is_none_or(is_email), "--email is an address such as ada@example.com");
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
            Err(fault) if fault.is_unique_violation() => {
                Err(anyhow!("there is a person with that username or e-mail address already"))
            }
            inserted => self.output.item(&Person::new(inserted?, password.shown())?),
        }
    }
}

/// Standard claims in a file.
fn read_claims(file: &str) -> anyhow::Result<StandardClaims> {
    let claims: StandardClaims = serde_json::from_str(&text_of(file)?).context("standard claims")?;
    claims.check()?;
    Ok(claims)
}

/// Changes the person found by `login`, as it stood before.
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
    format!("there is nobody with the username or e-mail address {login}")
}
