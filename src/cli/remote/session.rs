//! The session of an administrator at a server, in a file that only its owner can read.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use writ::{clock::Clock, config::Issuer};

/// An access token is replaced this number of seconds before it expires.
const MARGIN: i64 = 10;

/// The tokens of a session, and where they come from.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) token_endpoint: String,
    pub(super) revocation_endpoint: String,
    pub(super) scope: String,
    access_token: String,
    /// When the access token expires, in seconds since the epoch.
    expires_at: i64,
    /// `None` if the client is not registered for it.
    pub(super) refresh_token: Option<String>,
}

/// The tokens of a token response.
pub(super) struct Issued {
    pub(super) access_token: String,
    pub(super) expires_in: i64,
    pub(super) refresh_token: Option<String>,
    pub(super) scope: String,
}

impl Session {
    pub(super) fn new(
        issuer: &Issuer,
        client_id: String,
        token_endpoint: String,
        revocation_endpoint: String,
        issued: Issued,
    ) -> Self {
        let Issued { access_token, expires_in, refresh_token, scope } = issued;
        let expires_at = Clock::default().now() + expires_in;
        let issuer = issuer.as_str().to_owned();
        Self { issuer, client_id, token_endpoint, revocation_endpoint, scope, access_token, expires_at, refresh_token }
    }

    /// With newer tokens.
    pub(super) fn renewed(&self, issued: Issued) -> Self {
        Self {
            access_token: issued.access_token,
            expires_at: Clock::default().now() + issued.expires_in,
            refresh_token: issued.refresh_token.or_else(|| self.refresh_token.clone()),
            scope: issued.scope,
            ..self.clone()
        }
    }

    pub(super) fn access_token(&self) -> &str {
        &self.access_token
    }

    /// Whether the access token has expired, or will soon.
    pub(super) fn is_old(&self) -> bool {
        self.expires_at - MARGIN <= Clock::default().now()
    }

    /// Reads the session at a server. `None` if there is none.
    ///
    /// # Errors
    /// The file cannot be read, or others can read it.
    pub(super) fn load(issuer: &Issuer) -> anyhow::Result<Option<Self>> {
        let path = path(issuer)?;
        let name = || path.display().to_string();
        let metadata = match fs::metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            metadata => metadata.with_context(name)?,
        };
        ensure!(metadata.permissions().mode() & 0o077 == 0, "{}: others can read it: chmod 600", name());
        let text = fs::read(&path).with_context(name)?;
        let session: Self = serde_json::from_slice(&text).ok().with_context(|| format!("{}: malformed", name()))?;
        ensure!(session.issuer == issuer.as_str(), "{}: it is of another server", name());
        Ok(Some(session))
    }

    /// Writes the session.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn save(&self) -> anyhow::Result<()> {
        let issuer: Issuer = self.issuer.parse().context("the issuer")?;
        let path = path(&issuer)?;
        write(&path, &serde_json::to_vec_pretty(self)?).with_context(|| path.display().to_string())
    }

    /// Removes the session at a server.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub(super) fn remove(issuer: &Issuer) -> anyhow::Result<()> {
        let path = path(issuer)?;
        fs::remove_file(&path).with_context(|| path.display().to_string())
    }
}

/// Writes a new file in the place of the old one, so that no reader finds a part.
fn write(path: &Path, text: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let draft = path.with_extension(uuid::Uuid::new_v4().to_string());
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = file.write_all(text).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

/// The file of the session at a server, in the user's folder for state of programs
/// ([XDG Base Directory](https://specifications.freedesktop.org/basedir-spec/latest/)).
fn path(issuer: &Issuer) -> anyhow::Result<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")));
    let state = state.context("neither XDG_STATE_HOME nor HOME is set: there is no place for the session")?;
    let name = utf8_percent_encode(issuer.as_str(), NON_ALPHANUMERIC).to_string();
    Ok(state.join("writ/sessions").join(format!("{name}.json")))
}
