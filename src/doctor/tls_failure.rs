//! TLS errors as sentences.

use std::{error::Error, io};

use rustls::{CertificateError, Error as TlsError};

/// The reason as a sentence, if `error` is one of TLS, or an I/O error around one.
pub(super) fn sentence(error: &(dyn Error + 'static)) -> Option<String> {
    match error.downcast_ref::<TlsError>() {
        Some(error) => Some(describe(error)),
        // Its source would be that of the inner error.
        None => sentence(error.downcast_ref::<io::Error>()?.get_ref()?),
    }
}

fn describe(error: &TlsError) -> String {
    use CertificateError as Bad;
    match error {
        TlsError::InvalidCertificate(Bad::Expired | Bad::ExpiredContext { .. }) => {
            "The certificate has expired.".to_owned()
        }
        TlsError::InvalidCertificate(Bad::NotValidYet | Bad::NotValidYetContext { .. }) => {
            "The certificate is not valid yet, or the clock of this machine is wrong.".to_owned()
        }
        TlsError::InvalidCertificate(Bad::NotValidForName | Bad::NotValidForNameContext { .. }) => {
            "The certificate is for another host name.".to_owned()
        }
        TlsError::InvalidCertificate(Bad::UnknownIssuer) => {
            "The certificate comes from an authority that this machine \
             does not trust, or an intermediate certificate is missing."
                .to_owned()
        }
        TlsError::InvalidMessage(_) => "The port responds without TLS.".to_owned(),
        TlsError::AlertReceived(alert) => format!("The server ended the TLS handshake: {alert:?}."),
        other => format!("TLS failed: {other}."),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use rustls::{AlertDescription, InvalidMessage};

    use super::*;

    #[rstest]
    #[case(TlsError::InvalidCertificate(CertificateError::Expired), "has expired")]
    #[case(TlsError::InvalidCertificate(CertificateError::NotValidYet), "not valid yet")]
    #[case(TlsError::InvalidCertificate(CertificateError::NotValidForName), "another host name")]
    #[case(TlsError::InvalidCertificate(CertificateError::UnknownIssuer), "does not trust")]
    #[case(TlsError::InvalidMessage(InvalidMessage::InvalidContentType), "without TLS")]
    #[case(TlsError::AlertReceived(AlertDescription::UnrecognisedName), "UnrecognisedName")]
    fn tls_error_is_explained_wherever_it_is_wrapped(#[case] error: TlsError, #[case] part: &str) {
        let wrapped = io::Error::new(io::ErrorKind::InvalidData, error.clone());
        let twice = io::Error::other(io::Error::other(error.clone()));
        for error in [&error as &(dyn Error + 'static), &wrapped, &twice] {
            let sentence = sentence(error).expect("a TLS error");
            assert!(sentence.contains(part) && sentence.ends_with('.'), "{sentence}");
        }
        assert_eq!(sentence(&io::Error::other("no TLS")), None);
    }
}
