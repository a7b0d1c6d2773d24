//! A PostgreSQL URL as libpq reads it
//! ([§34.1.1.2](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS)).

use std::{fmt, path::PathBuf, str::FromStr};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use tokio_postgres::{
    Config,
    config::{SslMode, TargetSessionAttrs},
};

/// The parameters that the driver handles.
const DRIVER_PARAMETERS: [&str; 16] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "sslnegotiation",
    "hostaddr",
    "port",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "channel_binding",
    "load_balance_hosts",
];

/// How the server's certificate is verified
/// ([§34.19.1](https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// `prefer`, `require`: encrypted, with any certificate.
    None,
    /// `verify-ca`: issued by a trusted authority.
    Authority,
    /// `verify-full`: issued by a trusted authority for the host of the URL.
    AuthorityAndName,
}

/// The trusted authorities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// Those of the operating system.
    System,
    /// Those in a PEM file.
    File(PathBuf),
}

/// A parsed `postgres://` URL. `Debug` never shows its password.
#[derive(Clone)]
pub struct PostgresUrl {
    text: String,
    /// Hosts, credentials and timeouts, for the driver.
    pub driver: Config,
    /// How the server's certificate is verified.
    pub verification: Verification,
    /// The trusted authorities.
    pub roots: Roots,
    /// The PEM files of the client's certificate and key, if there are any.
    pub client_certificate: Option<(PathBuf, PathBuf)>,
    /// The password file, if it is not `~/.pgpass`.
    pub passfile: Option<PathBuf>,
}

impl PostgresUrl {
    /// The original URL, including its password.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL with `***` instead of the password.
    pub fn redacted(&self) -> String {
        let (scheme, rest) = self.text.split_once("://").unwrap_or(("postgres", ""));
        let (before, query) = match rest.split_once('?') {
            Some((before, query)) => (before, Some(query)),
            None => (rest, None),
        };
        let before = match before.rsplit_once('@') {
            Some((credentials, place)) => match credentials.split_once(':') {
                Some((user, _)) => format!("{user}:***@{place}"),
                None => before.to_owned(),
            },
            None => before.to_owned(),
        };
        let shown = |pair: &str| match pair.split_once('=') {
            Some((name @ ("password" | "sslpassword"), _)) => format!("{name}=***"),
            _ => pair.to_owned(),
        };
        let query = query.map(|query| format!("?{}", query.split('&').map(shown).collect::<Vec<_>>().join("&")));
        format!("{scheme}://{before}{}", query.unwrap_or_default())
    }
}

impl FromStr for PostgresUrl {
    type Err = String;

    /// The error names the parameter and never repeats a value.
    fn from_str(text: &str) -> Result<Self, String> {
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let mut passed_on = Vec::new();
        let (mut sslmode, mut sslrootcert, mut sslcert, mut sslkey) = (None, None, None, None);
        let (mut passfile, mut target) = (None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, raw) = pair.split_once('=').ok_or("a parameter after `?` has no `=`")?;
            let decoded = || {
                let value = percent_decode_str(raw).decode_utf8();
                value.map(String::from).map_err(|_| format!("the parameter `{name}` is not UTF-8"))
            };
            match name {
                "sslmode" => sslmode = Some(decoded()?),
                "sslrootcert" => sslrootcert = Some(decoded()?),
                "sslcert" => sslcert = Some(decoded()?),
                "sslkey" => sslkey = Some(decoded()?),
                "passfile" => passfile = Some(decoded()?),
                "target_session_attrs" => target = Some(decoded()?),
                // The driver takes one host per `host`.
                "host" => {
                    let hosts: Vec<u8> = percent_decode_str(raw).collect();
                    let hosts = hosts.split(|byte| *byte == b',');
                    passed_on.extend(hosts.map(|host| format!("host={}", percent_encode(host, NON_ALPHANUMERIC))));
                }
                name if DRIVER_PARAMETERS.contains(&name) => passed_on.push(pair.to_owned()),
                // The part after a `?` in a password is not repeated.
                name if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') => {
                    return Err(format!("the parameter `{name}` is not known"));
                }
                _ => return Err("a parameter after `?` is not known (a `?` in a password is %3F)".to_owned()),
            }
        }
        let rest = if passed_on.is_empty() { base.to_owned() } else { format!("{base}?{}", passed_on.join("&")) };
        let mut driver: Config = rest.parse().map_err(|error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            cause.unwrap_or_else(|| "it cannot be read".to_owned())
        })?;
        let verification = match sslmode.as_deref() {
            None | Some("prefer" | "allow") => Verification::None,
            // As in libpq: naming an authority implies its verification.
            Some("require") if sslrootcert.is_some() => Verification::Authority,
            Some("disable" | "require") => Verification::None,
            Some("verify-ca") => Verification::Authority,
            Some("verify-full") => Verification::AuthorityAndName,
            Some(_) => {
                return Err("sslmode is disable, allow, prefer, require, verify-ca or verify-full".to_owned());
            }
        };
        driver.ssl_mode(match sslmode.as_deref() {
            Some("disable") => SslMode::Disable,
            None | Some("prefer" | "allow") => SslMode::Prefer,
            Some(_) => SslMode::Require,
        });
        driver.target_session_attrs(match target.as_deref() {
            // A node writes. If there are several servers, it needs the primary.
            None if driver.get_hosts().len() > 1 => TargetSessionAttrs::ReadWrite,
            None | Some("any") => TargetSessionAttrs::Any,
            Some("read-write" | "primary") => TargetSessionAttrs::ReadWrite,
            Some(_) => return Err("target_session_attrs is any, read-write or primary: a node writes".to_owned()),
        });
        let client_certificate = match (sslcert, sslkey) {
            (Some(certificate), Some(key)) => Some((certificate.into(), key.into())),
            (None, None) => None,
            _ => return Err("sslcert and sslkey belong together".to_owned()),
        };
        let roots = match sslrootcert {
            None => Roots::System,
            Some(name) if name == "system" => Roots::System,
            Some(path) => Roots::File(path.into()),
        };
        let passfile = passfile.map(PathBuf::from);
        Ok(Self { text: text.to_owned(), driver, verification, roots, client_certificate, passfile })
    }
}

impl PartialEq for PostgresUrl {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PostgresUrl {}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tokio_postgres::config::Host;

    use super::*;

    #[rstest]
    #[case("", SslMode::Prefer, Verification::None)]
    #[case("?sslmode=disable", SslMode::Disable, Verification::None)]
    #[case("?sslmode=require", SslMode::Require, Verification::None)]
    #[case("?sslmode=require&sslrootcert=/ca.pem", SslMode::Require, Verification::Authority)]
    #[case("?sslmode=verify-ca", SslMode::Require, Verification::Authority)]
    #[case("?sslmode=verify-full&sslrootcert=system", SslMode::Require, Verification::AuthorityAndName)]
    fn sslmode_means_what_it_means_to_libpq(
        #[case] query: &str,
        #[case] mode: SslMode,
        #[case] verification: Verification,
    ) {
        let url: PostgresUrl = format!("postgres://writ@db/writ{query}").parse().expect("a URL");
        assert_eq!((url.driver.get_ssl_mode(), url.verification), (mode, verification));
    }

    #[rstest]
    #[case("postgres://writ@h1:5432,h2:5433/writ", 2, TargetSessionAttrs::ReadWrite)]
    #[case("postgres://writ@/writ?host=h1,h2&target_session_attrs=any", 2, TargetSessionAttrs::Any)]
    #[case("postgres://writ@/writ?host=h1%2C%2Frun&port=5432,5433", 2, TargetSessionAttrs::ReadWrite)]
    #[case("postgresql://writ@db/writ?target_session_attrs=primary", 1, TargetSessionAttrs::ReadWrite)]
    #[case("postgres://writ@db/writ", 1, TargetSessionAttrs::Any)]
    fn several_hosts_mean_the_one_that_writes(
        #[case] text: &str,
        #[case] hosts: usize,
        #[case] target: TargetSessionAttrs,
    ) {
        let url: PostgresUrl = text.parse().expect("a URL");
        assert_eq!((url.driver.get_hosts().len(), url.driver.get_target_session_attrs()), (hosts, target));
    }

    #[rstest]
    #[case("postgres://writ@/writ?host=/run/postgresql")]
    #[case("postgres://writ@%2Frun%2Fpostgresql/writ")]
    fn host_is_a_unix_socket_when_a_path(#[case] text: &str) {
        let url: PostgresUrl = text.parse().expect("a URL");
        assert_eq!(url.driver.get_hosts(), [Host::Unix("/run/postgresql".into())]);
    }

    #[rstest]
    #[case("postgres://writ@db/writ?fallback=1", "`fallback` is not known")]
    #[case("postgres://writ:pa?hunter2@db/writ", "has no `=`")]
    #[case("postgres://writ:pa?hunter2=x@db/writ", "not known (a `?`")]
    #[case("postgres://writ@db/writ?sslmode=hunter2", "sslmode is")]
    #[case("postgres://writ@db/writ?target_session_attrs=standby", "a node writes")]
    #[case("postgres://writ@db/writ?sslcert=/a.pem", "belong together")]
    #[case("postgres://writ@db:port/writ", "port")]
    fn url_error_names_the_parameter_and_no_value(#[case] text: &str, #[case] reason: &str) {
        let error = text.parse::<PostgresUrl>().expect_err("no URL");
        assert!(error.contains(reason) && !error.contains("hunter2"), "{error}");
    }

    #[rstest]
    #[case("postgres://writ:hunter2@h1,h2/writ", "postgres://writ:***@h1,h2/writ")]
    #[case("postgres://writ:hun@ter2@db/writ", "postgres://writ:***@db/writ")]
    #[case("postgres://writ@db/writ?sslmode=require", "postgres://writ@db/writ?sslmode=require")]
    #[case("postgres://db/writ?user=writ&password=hunter2", "postgres://db/writ?user=writ&password=***")]
    fn password_is_not_shown(#[case] text: &str, #[case] shown: &str) {
        let url: PostgresUrl = text.parse().expect("a URL");
        assert_eq!((url.redacted(), format!("{url:?}")), (shown.to_owned(), shown.to_owned()));
    }
}
