//! `writ user create`, and passwords from the command line.

use std::sync::Arc;

use anyhow::{Context, anyhow, ensure};
use clap::Args;
use serde_json::{Value, json};
use writ::{
    administration::{
        self,
        users::{information::UserInformation, registration},
    },
    breached::Breached,
    clock::Clock,
    config::Settings,
    fetch::Fetcher,
    password::Passwords,
    secret::Secret,
    sessions::new_password::{self, Unacceptable},
    store::users::User,
    web::locale::Locale,
};
use writ_core::StandardClaims;
use zeroize::Zeroizing;

use super::{TAKEN, read_claims, show};
use crate::cli::{
    administrator::{Administrator, is_taken},
    input::standard_input,
    output::OutputArgs,
    remote::{Remote, Request},
    target::Target,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct CreateArgs {
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
pub(in crate::cli) struct PasswordArgs {
    /// Read the password from standard input. Otherwise one is generated and shown once.
    #[arg(long)]
    password_stdin: bool,
}

/// A password from standard input, or a generated one.
pub(super) struct NewPassword {
    text: Zeroizing<String>,
    generated: bool,
}

impl PasswordArgs {
    /// `own` are names and addresses of the user.
    pub(super) async fn read(self, settings: &Settings, own: &[String]) -> anyhow::Result<NewPassword> {
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
    pub(super) async fn hash(&self) -> anyhow::Result<String> {
        Ok(Passwords::start(1, 1)?.hash(self.text.clone(), None).await?)
    }

    pub(super) fn shown(&self) -> Option<String> {
        self.generated.then(|| self.text.to_string())
    }
}

impl CreateArgs {
    pub(super) async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        let stdin_twice = self.password.password_stdin && self.claims.as_deref() == Some("-");
        ensure!(!stdin_twice, "only one of --claims - and --password-stdin can be read from standard input");
        let mut claims = self.claims.as_deref().map(read_claims).transpose()?.unwrap_or_default();
        claims.name = self.name.clone().or(claims.name);
        target
            .item(
                self.output,
                async |remote| self.send(remote, &claims).await,
                async |administrator| self.store(administrator, &claims).await,
            )
            .await
    }

    /// Adds the user at a server.
    async fn send(&self, remote: &Remote, claims: &StandardClaims) -> anyhow::Result<Value> {
        ensure!(!self.email_verified, "--email-verified needs the database: run the command there, without --server");
        let password = self.password.password_stdin.then(standard_input).transpose()?.map(Zeroizing::new);
        let mut body = json!({ "username": self.username, "email": self.email, "claims": claims });
        if let Some(password) = &password {
            body["password"] = json!(&**password);
        }
        remote.send(Request::new("user.create").with(body)).await
    }

    /// Adds the user to the database.
    async fn store(
        &self,
        administrator: &Administrator<'_>,
        claims: &StandardClaims,
    ) -> anyhow::Result<UserInformation> {
        let mut user = registration::user(&self.username, self.email.as_deref(), self.email_verified, claims)?;
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
            created => show(administrator.store, created?, password.shown()).await,
        }
    }
}
