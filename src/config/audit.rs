//! `[audit]`: where the audit log is sent.

use std::{collections::BTreeSet, fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use url::Url;
use writ_core::vocabulary::web_uri::WebUri;

use super::bounds::zero_or_within;

/// Maximum length of a name.
const MAX_NAME: usize = 32;

/// Where the audit log is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditSettings {
    /// Seconds for which entries about users are kept. 0 means for ever.
    #[serde(deserialize_with = "zero_or_within::<86_400, 3_153_600_000, _>")]
    pub account_events_kept_for: i64,
    /// The sinks, by different names.
    #[serde(deserialize_with = "distinct")]
    pub sinks: Vec<SinkSettings>,
}

/// A sink of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct SinkSettings {
    /// Its name: a sink that is renamed gets everything again.
    pub name: String,
    /// Where it is.
    pub target: SinkTarget,
}

/// Where a sink is.
#[derive(Debug, Clone, PartialEq)]
pub enum SinkTarget {
    /// A file to which lines are appended.
    File(PathBuf),
    /// A syslog server.
    Syslog(SyslogUrl),
    /// An https endpoint.
    Https {
        /// Its URL.
        url: WebUri,
        /// A file with the bearer token.
        bearer_file: Option<PathBuf>,
        /// A file with the key that signs what is sent.
        signature_key_file: Option<PathBuf>,
    },
}

impl fmt::Display for SinkTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Syslog(url) => write!(f, "{url}"),
            Self::Https { url, .. } => f.write_str(url.as_str()),
        }
    }
}

/// A syslog server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyslogUrl {
    /// One datagram for each entry ([RFC 5426](https://www.rfc-editor.org/rfc/rfc5426)).
    Udp(String, u16),
    /// A stream ([RFC 6587 §3.4.1](https://www.rfc-editor.org/rfc/rfc6587#section-3.4.1)).
    Tcp(String, u16),
    /// The same over TLS ([RFC 5425](https://www.rfc-editor.org/rfc/rfc5425)).
    Tls(String, u16),
    /// A Unix socket for datagrams, such as `/dev/log`.
    Unix(PathBuf),
}

/// Why a text is not a [`SyslogUrl`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `tls://HOST:PORT`, `tcp://HOST:PORT`, `udp://HOST:PORT` or `unix:PATH`")]
pub struct InvalidSyslogUrl;

impl FromStr for SyslogUrl {
    type Err = InvalidSyslogUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("unix:") {
            return if path.is_empty() { Err(InvalidSyslogUrl) } else { Ok(Self::Unix(path.into())) };
        }
        let url = Url::parse(text).map_err(|_| InvalidSyslogUrl)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(InvalidSyslogUrl)?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let is_bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        match (url.scheme(), url.port()) {
            _ if !is_bare => Err(InvalidSyslogUrl),
            ("udp", port) => Ok(Self::Udp(host, port.unwrap_or(514))),
            ("tcp", Some(port)) => Ok(Self::Tcp(host, port)),
            ("tls", port) => Ok(Self::Tls(host, port.unwrap_or(6514))),
            _ => Err(InvalidSyslogUrl),
        }
    }
}

impl fmt::Display for SyslogUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host, port) = match self {
            Self::Unix(path) => return write!(f, "unix:{}", path.display()),
            Self::Udp(host, port) => ("udp", host, port),
            Self::Tcp(host, port) => ("tcp", host, port),
            Self::Tls(host, port) => ("tls", host, port),
        };
        if host.contains(':') { write!(f, "{scheme}://[{host}]:{port}") } else { write!(f, "{scheme}://{host}:{port}") }
    }
}

impl Serialize for SyslogUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SyslogUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(Error::custom)
    }
}

/// A sink as written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    file: Option<PathBuf>,
    syslog: Option<SyslogUrl>,
    url: Option<WebUri>,
    bearer_file: Option<PathBuf>,
    signature_key_file: Option<PathBuf>,
}

impl TryFrom<Written> for SinkSettings {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { name, file, syslog, url, bearer_file, signature_key_file } = written;
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=MAX_NAME).contains(&name.len()) || !name.bytes().all(is_plain) {
            return Err(format!("a sink has a `name` of 1 to {MAX_NAME} lower-case letters, digits and hyphens"));
        }
        let is_plain_target = bearer_file.is_none() && signature_key_file.is_none();
        let target = match (file, syslog, url) {
            (Some(file), None, None) if is_plain_target => SinkTarget::File(file),
            (None, Some(syslog), None) if is_plain_target => SinkTarget::Syslog(syslog),
            (None, None, Some(url)) => SinkTarget::Https { url, bearer_file, signature_key_file },
            (Some(_), None, None) | (None, Some(_), None) => {
                return Err(format!("sink `{name}`: `bearer_file` and `signature_key_file` are for a `url`"));
            }
            _ => return Err(format!("sink `{name}` has one of `file`, `syslog` and `url`")),
        };
        Ok(Self { name, target })
    }
}

impl From<SinkSettings> for Written {
    fn from(SinkSettings { name, target }: SinkSettings) -> Self {
        let written = Self { name, ..Self::default() };
        match target {
            SinkTarget::File(file) => Self { file: Some(file), ..written },
            SinkTarget::Syslog(syslog) => Self { syslog: Some(syslog), ..written },
            SinkTarget::Https { url, bearer_file, signature_key_file } => {
                Self { url: Some(url), bearer_file, signature_key_file, ..written }
            }
        }
    }
}

fn distinct<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SinkSettings>, D::Error> {
    let sinks = Vec::<SinkSettings>::deserialize(deserializer)?;
    let mut names = BTreeSet::new();
    match sinks.iter().find(|sink| !names.insert(&sink.name)) {
        Some(sink) => Err(Error::custom(format!("two sinks have the name `{}`", sink.name))),
        None => Ok(sinks),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read(settings: &str) -> Result<AuditSettings, String> {
        toml::from_str(settings).map_err(|error: toml::de::Error| error.message().to_owned())
    }

    #[rstest]
    #[case("file = \"/var/log/writ/audit.jsonl\"", "/var/log/writ/audit.jsonl")]
    #[case("syslog = \"udp://logs.example\"", "udp://logs.example:514")]
    #[case("syslog = \"tcp://[::1]:601\"", "tcp://[::1]:601")]
    #[case("syslog = \"tls://logs.example\"", "tls://logs.example:6514")]
    #[case("syslog = \"unix:/dev/log\"", "unix:/dev/log")]
    #[case(
        "url = \"https://siem.example/in\"\nbearer_file = \"t\"\nsignature_key_file = \"k\"",
        "https://siem.example/in"
    )]
    fn sink_is_read_and_written(#[case] members: &str, #[case] shown: &str) {
        let settings =
            read(&format!("account_events_kept_for = 0\n[[sinks]]\nname = \"siem\"\n{members}\n")).expect("a sink");
        assert_eq!(settings.sinks[0].target.to_string(), shown);
        assert_eq!(read(&toml::to_string(&settings).expect("TOML")), Ok(settings));
    }

    #[rstest]
    #[case("name = \"SIEM\"\nfile = \"f\"", "lower-case")]
    #[case("name = \"\"\nfile = \"f\"", "lower-case")]
    #[case("name = \"a\"", "one of `file`")]
    #[case("name = \"a\"\nfile = \"f\"\nsyslog = \"unix:/dev/log\"", "one of `file`")]
    #[case("name = \"a\"\nfile = \"f\"\nbearer_file = \"t\"", "for a `url`")]
    #[case("name = \"a\"\nsyslog = \"tcp://logs.example\"", "expected `tls://HOST:PORT`")]
    #[case("name = \"a\"\nsyslog = \"tls://user:hunter2@logs.example\"", "expected `tls://HOST:PORT`")]
    #[case("name = \"a\"\nsyslog = \"https://logs.example\"", "expected `tls://HOST:PORT`")]
    #[case("name = \"a\"\nurl = \"http://siem.example\"", "not https")]
    #[case("name = \"a\"\nbearer = \"hunter2\"", "unknown field `bearer`")]
    #[case("name = \"a\"\nfile = \"f\"\n[[sinks]]\nname = \"a\"\nfile = \"g\"", "two sinks")]
    fn sink_of_another_shape_is_refused(#[case] members: &str, #[case] reason: &str) {
        let refused = read(&format!("account_events_kept_for = 0\n[[sinks]]\n{members}\n")).expect_err("refused");
        assert!(refused.contains(reason) && !refused.contains("hunter2"), "{refused}");
    }
}
