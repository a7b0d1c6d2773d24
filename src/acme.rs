//! The server's own certificate from an authority
//! ([RFC 8555](https://www.rfc-editor.org/rfc/rfc8555)).
//!
//! One node orders, and stores the account, the challenges and the certificate in the database.
//! Every node answers challenges from there, and uses the certificate from there.

pub mod challenge;
mod http;
mod order;

use std::sync::atomic::{AtomicI64, Ordering};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use instant_acme::{Account, ExternalAccountKey, NewAccount};
use zeroize::Zeroizing;

use self::http::Http;
pub use self::order::{Issued, OrderError, Published, Suggestion};
use crate::{
    config::{AcmeChallenge, AcmeSettings, Settings},
    fault::Fault,
    keys::MasterKeys,
    store::{
        Store,
        acme::{self, Certificate, CertificateId},
    },
    tls::Certificates,
};

/// An authority, and what is asked of it.
pub struct Authority {
    settings: AcmeSettings,
    challenge: AcmeChallenge,
    names: Vec<String>,
    http: Http,
    external_account: Option<(String, Zeroizing<Vec<u8>>)>,
    /// The number of the certificate in use. 0 before the first one.
    adopted: AtomicI64,
    /// The number of the last certificate that was logged as unusable. 0 before the first one.
    unusable: AtomicI64,
}

/// The credentials of an account as JSON.
pub type Credentials = Zeroizing<Vec<u8>>;

impl Authority {
    /// The configured authority. `None` if there is none.
    ///
    /// # Errors
    /// The setting and what is wrong with it, if a file cannot be used.
    pub fn new(settings: &Settings) -> Result<Option<Self>, String> {
        let acme = settings.acme.clone();
        let Some(challenge) = acme.challenge else { return Ok(None) };
        let external_account = match (&acme.external_account_id, &acme.external_account_key_file) {
            (Some(id), Some(path)) => {
                let named = |error: String| format!("acme.external_account_key_file: {}: {error}", path.display());
                let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| named(error.to_string()))?);
                let key = BASE64_URL_SAFE_NO_PAD.decode(text.trim().trim_end_matches('='));
                let key = key.map_err(|_| named("the file is not base64url".to_owned()))?;
                Some((id.clone(), Zeroizing::new(key)))
            }
            _ => None,
        };
        Ok(Some(Self {
            challenge,
            names: acme.names(&settings.server.issuer),
            http: Http::new(acme.ca_file.as_deref()).map_err(|error| format!("acme.ca_file: {error}"))?,
            settings: acme,
            external_account,
            adopted: AtomicI64::new(0),
            unusable: AtomicI64::new(0),
        }))
    }

    /// Which certificate this server uses.
    pub fn certificate_id(&self) -> CertificateId {
        CertificateId { directory: self.directory().to_owned(), names: self.names.join(",") }
    }

    /// Whether this name is in the certificate.
    pub fn is_name(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }

    /// The URL of the directory.
    pub fn directory(&self) -> &str {
        self.settings.directory_url.as_str()
    }

    /// The addresses that the authority is given.
    pub fn contact(&self) -> String {
        self.settings.contact.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    /// Whether challenges are answered by the handshakes of TLS.
    pub fn answers_in_handshakes(&self) -> bool {
        self.challenge == AcmeChallenge::TlsAlpn01
    }

    /// Whether challenges are answered over plain http.
    pub fn answers_over_http(&self) -> bool {
        self.challenge == AcmeChallenge::Http01
    }

    /// Reads the state of the certificate, and uses the certificate if it is another one. One that
    /// cannot be used counts as none, so that another one is ordered.
    ///
    /// # Errors
    /// [`Fault::Keys`] if the key was sealed with another master key, or a fault of the store.
    pub async fn adopt(
        &self,
        store: &Store,
        master_keys: &MasterKeys,
        certificates: &Certificates,
    ) -> Result<Option<Certificate>, Fault> {
        let id = self.certificate_id();
        let Some(row) = store.read(move |tx| acme::certificate(tx, &id)).await? else { return Ok(None) };
        certificates.set_failing(row.last_error.is_some());
        let Some((chain, sealed)) = row.chain.as_deref().zip(row.sealed.as_deref()) else { return Ok(Some(row)) };
        if row.number != self.adopted.load(Ordering::Relaxed) {
            let key = master_keys.unseal(&row.id().sealed_name(), sealed);
            let key = key.ok_or_else(|| Fault::Keys("the key of the certificate cannot be unsealed".to_owned()))?;
            if let Err(error) = certificates.replace(chain, &key) {
                if self.unusable.swap(row.number, Ordering::Relaxed) != row.number {
                    tracing::error!(names = row.names, %error, "the stored certificate cannot be used");
                }
                return Ok(Some(Certificate { chain: None, sealed: None, renew_at: 0, ..row }));
            }
            self.adopted.store(row.number, Ordering::Relaxed);
            tracing::info!(
                names = row.names,
                not_after = certificates.not_after(),
                "a certificate of the authority is used"
            );
        }
        Ok(Some(row))
    }

    /// Registers an account, or changes its addresses if it exists.
    ///
    /// # Errors
    /// [`OrderError`] if the authority refuses.
    pub async fn register(&self) -> Result<(Account, Credentials), OrderError> {
        let contact = self.contact_uris();
        let new = NewAccount {
            contact: &contact.iter().map(String::as_str).collect::<Vec<_>>(),
            terms_of_service_agreed: self.settings.terms_of_service_agreed,
            only_return_existing: false,
        };
        let external = self.external_account.as_ref().map(|(id, key)| ExternalAccountKey::new(id.clone(), key));
        let builder = Account::builder_with_http(Box::new(self.http.clone()));
        let (account, credentials) = builder.create(&new, self.directory().to_owned(), external.as_ref()).await?;
        let credentials = serde_json::to_vec(&credentials).map_err(instant_acme::Error::from)?;
        Ok((account, Zeroizing::new(credentials)))
    }

    /// The account with these credentials.
    ///
    /// # Errors
    /// [`OrderError`] if the directory cannot be read.
    pub async fn account(&self, credentials: &[u8]) -> Result<Account, OrderError> {
        let credentials = serde_json::from_slice(credentials).map_err(instant_acme::Error::from)?;
        Ok(Account::builder_with_http(Box::new(self.http.clone())).from_credentials(credentials).await?)
    }

    /// Gives the authority the configured addresses.
    ///
    /// # Errors
    /// [`OrderError`] if the authority refuses.
    pub async fn update_contact(&self, account: &Account) -> Result<(), OrderError> {
        let contact = self.contact_uris();
        Ok(account.update_contacts(&contact.iter().map(String::as_str).collect::<Vec<_>>()).await?)
    }

    fn contact_uris(&self) -> Vec<String> {
        self.settings.contact.iter().map(|address| format!("mailto:{address}")).collect()
    }
}
