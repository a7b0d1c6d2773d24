//! `[mail]`: how mails to users are sent.

use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr};

use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use url::Url;

use super::bounds::within;

/// Outgoing mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MailSettings {
    /// Where mails are sent. `None` if there is no mail.
    pub url: Option<MailUrl>,
    /// The sender: an address, or a name with an address in angle brackets.
    pub from: Option<Sender>,
    /// How users reach the operator. Pages name it where they would need mail.
    pub contact: Option<String>,
    /// Maximum time of a delivery in seconds.
    #[serde(deserialize_with = "within::<1, 60, _, _>")]
    pub timeout: u64,
}

/// Where mails are sent. `Debug` and `Serialize` never show the password.
#[derive(Clone, PartialEq, Eq)]
pub enum MailUrl {
    /// `smtp://…` or `smtps://…`: a mail server.
    Smtp(SmtpUrl),
    /// `file:PATH`: a folder, with one file for each mail.
    Folder(PathBuf),
    /// `stdout:`: standard output.
    StandardOutput,
}

/// A mail server.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    /// Its name or IP address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub encryption: Encryption,
    /// The user name and the password, if it requires them.
    pub credentials: Option<(String, String)>,
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// From the first byte
    /// ([RFC 8314 §3.3](https://www.rfc-editor.org/rfc/rfc8314#section-3.3)).
    Implicit,
    /// After STARTTLS, which the server must support
    /// ([RFC 3207](https://www.rfc-editor.org/rfc/rfc3207)).
    StartTls,
    /// Not at all.
    None,
}

/// Why a text is not a [`MailUrl`]. The text is not repeated, because it may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected `smtp://USER:PASSWORD@HOST:PORT`, `smtps://USER:PASSWORD@HOST:PORT`, `file:PATH` or `stdout:`; after \
     smtp://…, `?tls=none` omits and `?tls=starttls` requires encryption"
)]
pub struct InvalidMailUrl;

impl SmtpUrl {
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        // Only a web URL has its IPv4 address parsed.
        let host = url.host_str().filter(|host| !host.is_empty())?.trim_matches(['[', ']']).to_owned();
        let is_loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let encryption = match (url.scheme(), url.query()) {
            ("smtps", None) => Encryption::Implicit,
            ("smtp", None) if is_loopback => Encryption::None,
            ("smtp", None | Some("tls=starttls")) => Encryption::StartTls,
            ("smtp", Some("tls=none")) => Encryption::None,
            _ => return None,
        };
        let usual_port = if encryption == Encryption::Implicit { 465 } else { 587 };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned).ok();
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (username, password) => Some((decoded(username)?, decoded(password.unwrap_or_default())?)),
        };
        let is_bare = matches!(url.path(), "" | "/") && url.fragment().is_none();
        is_bare.then_some(Self { host, port: url.port().unwrap_or(usual_port), encryption, credentials })
    }
}

impl MailUrl {
    /// The URL with `***` instead of the password.
    pub fn redacted(&self) -> String {
        match self {
            Self::Smtp(smtp) => {
                let scheme = if smtp.encryption == Encryption::Implicit { "smtps" } else { "smtp" };
                let user = smtp.credentials.as_ref().map(|(user, _)| format!("{user}:***@")).unwrap_or_default();
                let host = if smtp.host.contains(':') { format!("[{}]", smtp.host) } else { smtp.host.clone() };
                let query = match smtp.encryption {
                    Encryption::Implicit => "",
                    Encryption::StartTls => "?tls=starttls",
                    Encryption::None => "?tls=none",
                };
                format!("{scheme}://{user}{host}:{}{query}", smtp.port)
            }
            Self::Folder(path) => format!("file:{}", path.display()),
            Self::StandardOutput => "stdout:".to_owned(),
        }
    }
}

impl FromStr for MailUrl {
    type Err = InvalidMailUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("file:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() { Err(InvalidMailUrl) } else { Ok(Self::Folder(path.into())) };
        }
        if text == "stdout:" {
            return Ok(Self::StandardOutput);
        }
        SmtpUrl::parse(text).map(Self::Smtp).ok_or(InvalidMailUrl)
    }
}

impl fmt::Debug for MailUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl Serialize for MailUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.redacted())
    }
}

impl<'de> Deserialize<'de> for MailUrl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The sender of mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(pub Mailbox);

impl Serialize for Sender {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Sender {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let expected = "expected an address such as `Example <no-reply@example.com>`";
        text.parse().map(Self).map_err(|_| serde::de::Error::custom(expected))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("smtp://mail.example", "smtp://mail.example:587?tls=starttls")]
    #[case("smtp://mail.example:25?tls=none", "smtp://mail.example:25?tls=none")]
    #[case("smtp://127.0.0.1:1025", "smtp://127.0.0.1:1025?tls=none")]
    #[case("smtp://[::1]", "smtp://[::1]:587?tls=none")]
    #[case("smtp://localhost:1025?tls=starttls", "smtp://localhost:1025?tls=starttls")]
    #[case("smtps://writ:hunter2@mail.example", "smtps://writ:***@mail.example:465")]
    #[case("file:/var/mail/writ", "file:/var/mail/writ")]
    #[case("stdout:", "stdout:")]
    fn encryption_is_required_unless_loopback_and_the_password_is_not_shown(#[case] text: &str, #[case] shown: &str) {
        assert_eq!(text.parse::<MailUrl>().expect("a mail URL").redacted(), shown);
    }

    #[rstest]
    #[case("")]
    #[case("mail.example:587")]
    #[case("file:")]
    #[case("smtps://mail.example?tls=none")]
    #[case("smtp://mail.example?tls=maybe")]
    #[case("smtp://mail.example/path")]
    #[case("https://mail.example")]
    fn another_form_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<MailUrl>(), Err(InvalidMailUrl));
    }

    #[test]
    fn credentials_are_decoded() {
        let url = "smtps://writ%40example.com:p%2Fw%3A@mail.example".parse::<MailUrl>();
        let Ok(MailUrl::Smtp(smtp)) = url else { panic!("{url:?}") };
        assert_eq!(smtp.credentials, Some(("writ@example.com".to_owned(), "p/w:".to_owned())));
    }
}
