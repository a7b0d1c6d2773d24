//! The client secret at a provider, or the key that signs it: in the configuration, in a file, or
//! in the environment.

use std::{io, path::PathBuf};

use oauth2::ClientSecret;
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use writ_core::{SigningAlg, upstream::apple_client_secret};

use crate::{
    config::{AuthMethod, ProviderSettings, SignedSecret},
    fault::Fault,
    keys::{SigningKey, TokenType},
};

/// The start of the variable with a client secret. The id of the provider follows, in upper case.
const VARIABLE: &str = "WRIT_UPSTREAM_SECRET_";

/// Why a client secret cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("upstream.providers: `{id}`: {member}: {}: {source}", path.display())]
    File {
        /// The id of the provider.
        id: String,
        /// The member with its path.
        member: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The key that signs it cannot be used.
    #[error("upstream.providers: `{id}`: client_secret_jwt: the private key is not PKCS#8 in PEM with a key for ES256")]
    NotAKey {
        /// The id of the provider.
        id: String,
    },
    /// There is none.
    #[error("upstream.providers: `{id}`: a client secret is needed: {members}, or the environment variable {variable}")]
    Missing {
        /// The id of the provider.
        id: String,
        /// The members that can have it.
        members: &'static str,
        /// The name of the variable.
        variable: String,
    },
}

/// How this server proves to a provider who it is.
pub(super) enum Credentials {
    /// Not at all.
    None,
    /// With a client secret.
    Secret(ClientSecret),
    /// With client secrets that this key signs.
    Signed(Box<SecretKey>),
}

/// The key that signs client secrets.
pub(super) struct SecretKey {
    key: SigningKey,
    team_id: String,
    client_id: String,
}

impl Credentials {
    /// Reads what is configured. The environment has priority, as for the master key.
    pub(super) fn read(provider: &ProviderSettings) -> Result<Self, SecretError> {
        Self::read_with(provider, |variable| std::env::var(variable).ok())
    }

    fn read_with(provider: &ProviderSettings, variable: impl Fn(&str) -> Option<String>) -> Result<Self, SecretError> {
        if provider.token_endpoint_auth_method == AuthMethod::None {
            return Ok(Self::None);
        }
        let name = format!("{VARIABLE}{}", provider.id.to_ascii_uppercase().replace('-', "_"));
        let given = variable(&name).filter(|text| !text.is_empty());
        let missing = |members| SecretError::Missing { id: provider.id.clone(), members, variable: name.clone() };
        if let Some(signed) = &provider.client_secret_jwt {
            let pem = match given {
                Some(pem) => Some(pem),
                None => from_file(provider, "client_secret_jwt", signed.private_key_file.as_ref())?,
            };
            let pem = pem.ok_or_else(|| missing("client_secret_jwt.private_key_file"))?;
            return SecretKey::parse(provider, signed, &pem).map(|key| Self::Signed(Box::new(key)));
        }
        let secret = match (given, &provider.client_secret) {
            (Some(secret), _) => Some(secret),
            (None, Some(secret)) => Some(secret.0.clone()).filter(|text| !text.is_empty()),
            (None, None) => from_file(provider, "client_secret_file", provider.client_secret_file.as_ref())?,
        };
        let secret = secret.ok_or_else(|| missing("client_secret, client_secret_file"))?;
        Ok(Self::Secret(ClientSecret::new(secret)))
    }

    /// The client secret for a request now. `None` if this server is a public client there.
    pub(super) fn secret(&self, now: i64) -> Result<Option<ClientSecret>, Fault> {
        Ok(match self {
            Self::None => None,
            Self::Secret(secret) => Some(secret.clone()),
            Self::Signed(key) => {
                let claims = apple_client_secret(&key.team_id, &key.client_id, now);
                Some(ClientSecret::new(key.key.sign(TokenType::ClientSecret, &claims)?))
            }
        })
    }
}

impl SecretKey {
    fn parse(provider: &ProviderSettings, signed: &SignedSecret, pem: &str) -> Result<Self, SecretError> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).ok();
        let key = der
            .and_then(|der| SigningKey::parse(SigningAlg::ES256, signed.key_id.clone(), der.secret_pkcs8_der()).ok());
        Ok(Self {
            key: key.ok_or_else(|| SecretError::NotAKey { id: provider.id.clone() })?,
            team_id: signed.team_id.clone(),
            client_id: provider.client_id.clone(),
        })
    }
}

fn from_file(
    provider: &ProviderSettings,
    member: &'static str,
    path: Option<&PathBuf>,
) -> Result<Option<String>, SecretError> {
    let Some(path) = path else { return Ok(None) };
    let text = std::fs::read_to_string(path);
    let text =
        text.map_err(|source| SecretError::File { id: provider.id.clone(), member, path: path.clone(), source })?;
    Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
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
        let read = Credentials::read_with(&provider(members), |name| {
            assert_eq!(name, "WRIT_UPSTREAM_SECRET_MY_ID");
            variable.map(str::to_owned)
        });
        let secret = read.map_err(|error| error.to_string())?.secret(100).map_err(|fault| fault.to_string())?;
        Ok(secret.map(|secret| secret.secret().clone()))
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

    #[test]
    fn signed_secret_needs_a_key_for_es256() {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
        let other = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), key.serialize_pem()).expect("written");
        let table = "client_secret_jwt = { team_id = \"TEAM\", key_id = \"KEY\"";
        let in_file = format!("{table}, private_key_file = {:?} }}", file.path());
        let (table, pem) = (format!("{table} }}"), key.serialize_pem());
        for (members, variable) in [(&in_file, None), (&table, Some(&*pem))] {
            let secret = secret(members, variable).expect("read").expect("a secret");
            assert_eq!(secret.split('.').count(), 3, "{secret}");
        }
        for wrong in [other.serialize_pem(), "text".to_owned()] {
            let error = secret(&table, Some(&wrong)).expect_err("refused");
            assert!(error.contains("`my-id`") && error.contains("ES256") && !error.contains(&wrong), "{error}");
        }
        assert!(secret(&table, None).expect_err("missing").contains("private_key_file"));
    }
}
