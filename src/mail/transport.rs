//! Hands a mail to a server, a folder or standard output.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        extension::ClientId,
        response::Code,
    },
};

use crate::{
    config::{Encryption, MailUrl, SmtpUrl},
    store::Id,
};

/// The replies to a message that are about this server and not about the message: the account at
/// the mail server is refused ([RFC 4954 §6](https://www.rfc-editor.org/rfc/rfc4954#section-6)).
const AUTHENTICATION: [&str; 3] = ["530", "535", "538"];

/// Maximum time of a check.
const CHECK_WITHIN: Duration = Duration::from_secs(10);

/// Why a mail was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// The response of the server, or the error of the connection.
    pub reason: String,
    /// Whether every further attempt would fail as well.
    pub is_permanent: bool,
}

impl Undelivered {
    pub(super) fn permanent(reason: String) -> Self {
        Self { reason, is_permanent: true }
    }

    fn passing(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), is_permanent: false }
    }
}

pub(super) enum Transport {
    Smtp(Box<Smtp>),
    Folder(PathBuf),
    StandardOutput,
}

pub(super) struct Smtp {
    url: SmtpUrl,
    credentials: Option<Credentials>,
    tls: Option<TlsParameters>,
    /// The name of this server in EHLO.
    hello: ClientId,
    timeout: Duration,
}

impl Transport {
    pub(super) fn open(url: &MailUrl, domain: &str, timeout: u64, ca_file: Option<&Path>) -> Result<Self, String> {
        Ok(match url {
            MailUrl::Folder(path) => Self::Folder(path.clone()),
            MailUrl::StandardOutput => Self::StandardOutput,
            MailUrl::Smtp(smtp) => Self::Smtp(Box::new(Smtp {
                credentials: smtp.credentials.clone().map(|(user, password)| Credentials::new(user, password)),
                tls: match smtp.encryption {
                    Encryption::None => None,
                    Encryption::Implicit | Encryption::StartTls => Some(tls_parameters(&smtp.host, ca_file)?),
                },
                url: smtp.clone(),
                hello: ClientId::Domain(domain.to_owned()),
                timeout: Duration::from_secs(timeout),
            })),
        })
    }

    pub(super) async fn send(&self, id: Id, message: &Message) -> Result<String, Undelivered> {
        match self {
            Self::Smtp(smtp) => match tokio::time::timeout(smtp.timeout, smtp.send(message)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(Undelivered::passing(format!("no answer within {} s", smtp.timeout.as_secs()))),
            },
            Self::Folder(folder) => {
                let (folder, formatted) = (folder.clone(), message.formatted());
                let written = tokio::task::spawn_blocking(move || write_file(&folder, id, &formatted)).await;
                match written.map_err(io::Error::other) {
                    Ok(Ok(path)) => Ok(path.display().to_string()),
                    Ok(Err(error)) | Err(error) => Err(Undelivered::passing(error)),
                }
            }
            Self::StandardOutput => match io::stdout().write_all(&message.formatted()) {
                Ok(()) => Ok("written".to_owned()),
                Err(error) => Err(Undelivered::passing(error)),
            },
        }
    }

    /// Whether a mail could be handed over now.
    pub(super) async fn check(&self) -> Result<(), Undelivered> {
        match self {
            Self::Smtp(smtp) => {
                let connected = tokio::time::timeout(smtp.timeout.min(CHECK_WITHIN), smtp.connect()).await;
                let late = |_| Undelivered::passing(format!("no answer from {} in time", smtp.url.host));
                let mut connection = connected.map_err(late)?.map_err(Undelivered::passing)?;
                let _ = connection.quit().await;
                Ok(())
            }
            Self::Folder(folder) => match fs::metadata(folder) {
                Ok(metadata) if !metadata.is_dir() => {
                    Err(Undelivered::permanent(format!("{} is not a folder", folder.display())))
                }
                // The first mail creates it.
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Undelivered::passing(error)),
                _ => Ok(()),
            },
            Self::StandardOutput => Ok(()),
        }
    }
}

impl Smtp {
    /// One connection for each mail: they are rare.
    async fn send(&self, message: &Message) -> Result<String, Undelivered> {
        let mut connection = self.connect().await.map_err(Undelivered::passing)?;
        let sent = connection.send(message.envelope(), &message.formatted()).await;
        let outcome = match sent {
            Ok(response) => Ok(format!("{} {}", response.code(), response.first_line().unwrap_or_default())),
            Err(error) => Err(Undelivered {
                is_permanent: error.is_permanent() && !error.status().is_some_and(is_about_authentication),
                reason: error.to_string(),
            }),
        };
        // The mail is accepted already, so the result does not matter.
        let _ = connection.quit().await;
        outcome
    }

    /// Connects and authenticates. Every failure here is about this server's configuration or the
    /// network, and not about the mail.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let server = (self.url.host.as_str(), self.url.port);
        let implicit = self.tls.clone().filter(|_| self.url.encryption == Encryption::Implicit);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.timeout), &self.hello, implicit, None).await?;
        if let (Encryption::StartTls, Some(tls)) = (self.url.encryption, &self.tls) {
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(connection)
    }
}

fn is_about_authentication(code: Code) -> bool {
    AUTHENTICATION.contains(&code.to_string().as_str())
}

fn tls_parameters(host: &str, ca_file: Option<&Path>) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = ca_file {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let pem = fs::read(path).map_err(|error| failed(&error))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| failed(&error))?);
    }
    builder.build_rustls().map_err(|error| error.to_string())
}

/// Writes the mail under another name first, so that no reader finds a part of it.
fn write_file(folder: &Path, id: Id, message: &[u8]) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let (draft, path) = (folder.join(format!(".{id}")), folder.join(format!("{id}.eml")));
    fs::write(&draft, message)?;
    fs::rename(&draft, &path)?;
    Ok(path)
}
