//! An order, from its challenges to the certificate
//! ([RFC 8555 §7.4](https://www.rfc-editor.org/rfc/rfc8555#section-7.4)).

use std::time::Duration;

use instant_acme::{
    Account, AuthorizationStatus, CertificateIdentifier, ChallengeType, Identifier, NewOrder, Order, OrderStatus,
    RetryPolicy,
};
use rustls_pki_types::{CertificateDer, Der};
use x509_cert::{
    der::{Decode, oid::AssociatedOid},
    ext::pkix::AuthorityKeyIdentifier,
};
use zeroize::Zeroizing;

use super::Authority;
use crate::{
    fault::{Fault, with_causes},
    tls::{self, TlsError, Validity},
};

/// How often, and for how long, the authority is asked whether it is done.
const POLL: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(500)).backoff(1.5).timeout(Duration::from_secs(60));
/// The error of an authority that does not know an account
/// ([RFC 8555 §6.7](https://www.rfc-editor.org/rfc/rfc8555#section-6.7)).
const UNKNOWN_ACCOUNT: &str = "urn:ietf:params:acme:error:accountDoesNotExist";

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The authority refused, or could not be reached.
    #[error("{}", with_causes(.0))]
    Authority(#[from] instant_acme::Error),
    /// The authority could not see that a name belongs to this server.
    #[error("the authority refused the order: {0}")]
    Refused(String),
    /// The authority does not offer the configured challenge.
    #[error("the authority does not offer the challenge of acme.challenge for {0}")]
    NoChallenge(String),
    /// What it issued cannot be used.
    #[error(transparent)]
    Unusable(#[from] TlsError),
    /// The order took too long.
    #[error("the order took too long")]
    TimedOut,
    /// The database or a key failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl OrderError {
    /// Whether the authority does not know the account any more.
    pub fn is_unknown_account(&self) -> bool {
        matches!(self, Self::Authority(instant_acme::Error::Api(problem)) if problem.r#type.as_deref() == Some(UNKNOWN_ACCOUNT))
    }
}

/// A challenge that the authority is about to check.
#[derive(Debug, Clone)]
pub struct Published {
    /// The token.
    pub token: String,
    /// The name to be proved.
    pub name: String,
    /// The response.
    pub key_authorization: String,
}

/// What the authority has issued.
pub struct Issued {
    /// The chain in PEM.
    pub chain: String,
    /// The private key in PEM.
    pub private_key: Zeroizing<String>,
    /// The validity of the certificate.
    pub validity: Validity,
}

/// When the authority would like to renew a certificate
/// ([RFC 9773 §4.2](https://www.rfc-editor.org/rfc/rfc9773#section-4.2)).
#[derive(Debug, Clone, Copy)]
pub struct Suggestion {
    /// The start of the window, in seconds since the epoch.
    pub start: i64,
    /// The end of the window.
    pub end: i64,
    /// Seconds until it is asked again.
    pub again_after: i64,
}

impl Authority {
    /// Orders a certificate that replaces the one of `chain`. `publish` stores a challenge where
    /// every node finds it.
    ///
    /// # Errors
    /// [`OrderError`] with the cause.
    pub async fn order<F: Future<Output = Result<(), Fault>>>(
        &self,
        account: &Account,
        chain: Option<&str>,
        publish: impl Fn(Published) -> F,
    ) -> Result<Issued, OrderError> {
        let mut order = self.new_order(account, chain).await?;
        self.answer(&mut order, publish).await?;
        match order.poll_ready(&POLL).await {
            Ok(OrderStatus::Ready | OrderStatus::Valid) => {}
            Ok(_) => return Err(OrderError::Refused(refusal(&mut order).await)),
            Err(error @ instant_acme::Error::Api(_)) => {
                let reasons = refusal(&mut order).await;
                return Err(if reasons.is_empty() { error.into() } else { OrderError::Refused(reasons) });
            }
            Err(error) => return Err(error.into()),
        }
        let private_key = Zeroizing::new(order.finalize().await?);
        let chain = order.poll_certificate(&POLL).await?;
        let validity = Validity::of(&tls::issued_chain(&chain)?);
        let validity = validity.ok_or_else(|| OrderError::Refused("it issued no certificate".to_owned()))?;
        // One that cannot be used must not replace the earlier one.
        tls::check_issued(&chain, private_key.as_bytes())?;
        Ok(Issued { chain, private_key, validity })
    }

    /// An authority that does not know the earlier certificate refuses to replace it.
    async fn new_order(&self, account: &Account, chain: Option<&str>) -> Result<Order, OrderError> {
        let names: Vec<Identifier> = self.names.iter().cloned().map(Identifier::Dns).collect();
        if let Some(earlier) = chain.and_then(identifier) {
            match account.new_order(&NewOrder::new(&names).replaces(earlier)).await {
                Ok(order) => return Ok(order),
                Err(instant_acme::Error::Api(problem)) => {
                    tracing::info!(%problem, "the authority replaces no certificate: a new one is ordered");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(account.new_order(&NewOrder::new(&names)).await?)
    }

    /// Publishes the response to each challenge, and then asks the authority to check it.
    async fn answer<F: Future<Output = Result<(), Fault>>>(
        &self,
        order: &mut Order,
        publish: impl Fn(Published) -> F,
    ) -> Result<(), OrderError> {
        let kind = if self.answers_over_http() { ChallengeType::Http01 } else { ChallengeType::TlsAlpn01 };
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            // The authority remembers for a while what it has checked.
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let name = authorization.identifier().to_string();
            let challenge = authorization.challenge(kind.clone());
            let mut challenge = challenge.ok_or_else(|| OrderError::NoChallenge(name.clone()))?;
            let key_authorization = challenge.key_authorization().as_str().to_owned();
            publish(Published { token: challenge.token.clone(), name, key_authorization }).await?;
            challenge.set_ready().await?;
        }
        Ok(())
    }

    /// Asks the authority when to renew the certificate of `chain`. `None` if it does not say.
    ///
    /// # Errors
    /// [`OrderError`] if it cannot be reached.
    pub async fn suggestion(&self, account: &Account, chain: &str) -> Result<Option<Suggestion>, OrderError> {
        let Some(certificate) = identifier(chain) else { return Ok(None) };
        match account.renewal_info(&certificate).await {
            Ok((info, again_after)) => Ok(Some(Suggestion {
                start: info.suggested_window.start.unix_timestamp(),
                end: info.suggested_window.end.unix_timestamp(),
                again_after: i64::try_from(again_after.as_secs()).unwrap_or(i64::MAX),
            })),
            Err(instant_acme::Error::Unsupported(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Why the authority refused an order, as it said for each name.
async fn refusal(order: &mut Order) -> String {
    let mut reasons = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let name = authorization.identifier().to_string();
        let Ok(state) = authorization.refresh().await else { continue };
        let problems = state.challenges.iter().filter_map(|challenge| challenge.error.as_ref());
        reasons.extend(problems.map(|problem| format!("{name}: {problem}")));
    }
    match &order.state().error {
        Some(problem) if reasons.is_empty() => problem.to_string(),
        _ => reasons.join("; "),
    }
}

/// How renewals name the first certificate of a chain
/// ([RFC 9773 §4.1](https://www.rfc-editor.org/rfc/rfc9773#section-4.1)). `None` if it does not name
/// the key of its authority.
fn identifier(chain: &str) -> Option<CertificateIdentifier<'static>> {
    let chain = tls::issued_chain(chain).ok()?;
    let first: &CertificateDer<'_> = chain.first()?;
    let certificate = x509_cert::Certificate::from_der(first).ok()?.tbs_certificate;
    let extensions = certificate.extensions.as_deref().unwrap_or_default();
    let extension = extensions.iter().find(|extension| extension.extn_id == AuthorityKeyIdentifier::OID)?;
    let authority = AuthorityKeyIdentifier::from_der(extension.extn_value.as_bytes()).ok()?.key_identifier?;
    let serial = certificate.serial_number.as_bytes();
    Some(CertificateIdentifier::new(Der::from_slice(authority.as_bytes()), Der::from_slice(serial)).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificate_is_named_by_the_key_of_its_authority_and_its_serial_number() {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut authority = rcgen::CertificateParams::new([]).expect("no names");
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        authority.key_identifier_method = rcgen::KeyIdMethod::PreSpecified(vec![1, 2, 3]);
        let issuer = rcgen::Issuer::new(authority, key);
        let mut parameters = rcgen::CertificateParams::new(["id.example".to_owned()]).expect("a name");
        parameters.serial_number = Some(vec![0x87, 0x65].into());
        parameters.use_authority_key_identifier_extension = true;
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = parameters.signed_by(&key, &issuer).expect("a certificate");
        // The serial number is encoded as a positive integer: 00 87 65.
        assert_eq!(identifier(&certificate.pem()).expect("an identifier").to_string(), "AQID.AIdl");
        let alone = rcgen::generate_simple_self_signed(["id.example".to_owned()]).expect("a certificate");
        assert!(identifier(&alone.cert.pem()).is_none());
        assert!(identifier("").is_none());
    }
}
