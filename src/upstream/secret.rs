//! The client secret at a provider: in the configuration, in a file, or in the environment.

use std::{io, path::PathBuf};

use oauth2::ClientSecret;

use crate::config::{AuthMethod, ProviderSettings};

/// The start of the variable with a client secret. The id of the provider follows, in upper case.
const VARIABLE: &str = "WRIT_UPSTREAM_SECRET_";

/// Why a client secret cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("upstream.providers: `{id}`: client_secret_file: {}: {source}", path.display())]
    File {
        /// The id of the provider.
        id: String,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is none.
    #[error(
        "upstream.providers: `{id}`: a client secret is needed: client_secret, client_secret_file, or the environment \
         variable {variable}"
    )]
    Missing {
        /// The id of the provider.
        id: String,
        /// The name of the variable.
        variable: String,
    },
}

/// The client secret. `None` if this server is a public client there. The environment has priority,
/// as for the master key.
pub(super) fn read(provider: &ProviderSettings) -> Result<Option<ClientSecret>, SecretError> {
    read_with(provider, |variable| std::env::var(variable).ok())
}

fn read_with(
    provider: &ProviderSettings,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<ClientSecret>, SecretError> {
    if provider.token_endpoint_auth_method == AuthMethod::None {
        return Ok(None);
    }
    let id = provider.id.clone();
    let name = format!("{VARIABLE}{}", id.to_ascii_uppercase().replace('-', "_"));
    let is_text = |text: &String| !text.is_empty();
    if let Some(secret) = variable(&name).filter(is_text) {
        return Ok(Some(ClientSecret::new(secret)));
    }
    let secret = match (&provider.client_secret, &provider.client_secret_file) {
        (Some(secret), _) => Some(secret.0.clone()),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|source| SecretError::File { id: id.clone(), path: path.clone(), source })?;
            Some(text.trim().to_owned())
        }
        (None, None) => None,
    };
    match secret.filter(is_text) {
        Some(secret) => Ok(Some(ClientSecret::new(secret))),
        None => Err(SecretError::Missing { id, variable: name }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(members: &str) -> ProviderSettings {
        let text =
            format!("id = \"my-id\"\nname = \"A\"\nissuer = \"https://id.example\"\nclient_id = \"w\"\n{members}");
        toml::from_str(&text).expect("a provider")
    }

    fn secret(members: &str, variable: Option<&str>) -> Result<Option<String>, String> {
        let read = read_with(&provider(members), |name| {
            assert_eq!(name, "WRIT_UPSTREAM_SECRET_MY_ID");
            variable.map(str::to_owned)
        });
        read.map(|secret| secret.map(|secret| secret.secret().clone())).map_err(|error| error.to_string())
    }

    #[test]
    fn secret_is_read_from_the_environment_or_the_configuration_or_a_file() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "in file\n").expect("written");
        let in_file = format!("client_secret_file = {:?}", file.path());
        for (members, variable, expected) in [
            ("client_secret = \"configured\"", None, "configured"),
            ("client_secret = \"configured\"", Some(""), "configured"),
            ("client_secret = \"configured\"", Some("variable"), "variable"),
            ("", Some("variable"), "variable"),
            (&in_file, None, "in file"),
            (&in_file, Some("variable"), "variable"),
        ] {
            assert_eq!(secret(members, variable), Ok(Some(expected.to_owned())), "{members} {variable:?}");
        }
        assert_eq!(secret("token_endpoint_auth_method = \"none\"", None), Ok(None));
    }

    #[test]
    fn missing_secret_is_an_error_that_names_the_provider() {
        let missing = secret("", None).expect_err("missing");
        assert!(missing.contains("`my-id`") && missing.contains("WRIT_UPSTREAM_SECRET_MY_ID"), "{missing}");
        let unreadable = secret("client_secret_file = \"/no/such/file\"", None).expect_err("unreadable");
        assert!(unreadable.contains("`my-id`") && unreadable.contains("/no/such/file"), "{unreadable}");
    }
}
