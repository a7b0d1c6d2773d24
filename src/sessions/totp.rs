//! Time-based one-time passwords ([RFC 6238](https://www.rfc-editor.org/rfc/rfc6238)): SHA-1, six
//! digits, steps of 30 seconds, which is what every authenticator app supports.

use aws_lc_rs::hmac;
use qrcode::{Color, EcLevel, QrCode};
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use super::csrf;
use crate::{
    fault::Fault,
    keys::MasterKeys,
    secret::Secret,
    store::{
        Id,
        totp_factors::{TotpFactor, sealed_name},
    },
};

/// Length of a secret in bytes: "We RECOMMEND a shared secret length of 160 bits"
/// ([RFC 4226 §4](https://www.rfc-editor.org/rfc/rfc4226#section-4)).
const SECRET_LENGTH: usize = 20;
/// The steps before and after the current one whose codes are accepted.
const SKEW: u16 = 1;
/// The margin of a QR code in modules (ISO/IEC 18004 §9.1).
const QUIET_ZONE: usize = 4;

/// The secret of an authenticator app.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<[u8; SECRET_LENGTH]>);

impl TotpSecret {
    /// The secret that a set-up page shows. It is derived from the session and the page's random
    /// `seed`, so that nothing is stored before the user confirms it with a code.
    pub fn of_page(key: &hmac::Key, session_id: Id, seed: &Secret) -> Self {
        let derived = csrf::tag(key, "totp secret", &[&session_id.to_string(), &seed.expose()]);
        let mut secret = Zeroizing::new([0; SECRET_LENGTH]);
        secret.copy_from_slice(&derived.as_ref()[..SECRET_LENGTH]);
        Self(secret)
    }

    /// The secret of a stored factor.
    ///
    /// # Errors
    /// [`Fault::Keys`] if another master key sealed it.
    pub fn unseal(master_keys: &MasterKeys, factor: &TotpFactor) -> Result<Self, Fault> {
        let name = sealed_name(factor.user_id);
        let secret = master_keys.unseal(&name, &factor.sealed).and_then(|bytes| bytes.as_slice().try_into().ok());
        secret.map(|bytes| Self(Zeroizing::new(bytes))).ok_or_else(|| Fault::Keys(format!("{name} cannot be unsealed")))
    }

    /// The secret's bytes, to seal them.
    pub fn expose(&self) -> &[u8] {
        &*self.0
    }

    /// The time step of a code, if it is valid at `now`.
    pub fn step_of(&self, code: &str, now: i64) -> Option<i64> {
        let step = self.totp().check(code, u64::try_from(now).ok()?)?;
        i64::try_from(step).ok()
    }

    /// The key as text for an app without a camera, in groups of four.
    pub fn text(&self) -> String {
        let text = self.totp().secret().to_base32();
        let characters: Vec<char> = text.chars().collect();
        characters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// The `otpauth` URI of the QR code. Authenticator apps show the product and the username.
    ///
    /// # Errors
    /// [`Fault::Corrupt`] if the username is empty.
    pub fn uri(&self, product: &str, username: &str) -> Result<String, Fault> {
        // The colon separates the two.
        let [product, username] = [product, username].map(|text| text.replace(':', " "));
        let totp = self.builder().with_account_name(username).with_issuer(Some(product)).build_noncompliant();
        totp.to_url().map_err(|error| Fault::Corrupt(format!("otpauth URI: {error}")))
    }

    fn builder(&self) -> Builder {
        Builder::new().with_secret(*self.0).with_skew(SKEW)
    }

    fn totp(&self) -> Totp {
        self.builder().build_noncompliant()
    }
}

/// A QR code as the path of an SVG image: one rectangle for each run of dark modules in a row.
pub struct QrPath {
    /// The width and height of the image in modules.
    pub size: usize,
    /// The path data.
    pub path: String,
}

impl QrPath {
    /// Encodes a text.
    ///
    /// # Errors
    /// [`Fault::Corrupt`] if it is too long.
    pub fn new(text: &str) -> Result<Self, Fault> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L)
            .map_err(|error| Fault::Corrupt(format!("QR code: {error}")))?;
        let (width, modules) = (code.width(), code.to_colors());
        let mut path = String::new();
        for (y, row) in modules.chunks(width).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|one, next| one == next) {
                if run[0] == Color::Dark {
                    path += &format!("M{} {}h{}v1h-{}z", x + QUIET_ZONE, y + QUIET_ZONE, run.len(), run.len());
                }
                x += run.len();
            }
        }
        Ok(Self { size: width + 2 * QUIET_ZONE, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238 Appendix B.
    fn secret() -> TotpSecret {
        TotpSecret(Zeroizing::new(*b"12345678901234567890"))
    }

    #[test]
    fn codes_of_the_rfc_are_accepted_one_step_early_or_late() {
        // The last six of the eight digits in Appendix B.
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            let step = time / 30;
            for (now, accepted) in [
                (time, true),
                ((step - 1) * 30, true),
                ((step + 1) * 30 + 29, true),
                ((step - 1) * 30 - 1, false),
                ((step + 2) * 30, false),
            ] {
                assert_eq!(secret().step_of(code, now), accepted.then_some(step), "{time} at {now}");
            }
        }
        for malformed in ["", "28708", "2870820", "28708a", "+28708", "２８７０８２", "287 082"] {
            assert_eq!(secret().step_of(malformed, 59), None, "{malformed}");
        }
    }

    #[test]
    fn uri_and_text_contain_the_key() {
        let uri = secret().uri("A: Talk", "haneul").expect("a URI");
        assert!(uri.starts_with("otpauth://totp/") && uri.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{uri}");
        assert_eq!(secret().text(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let qr = QrPath::new(&uri).expect("a QR code");
        assert!(qr.path.starts_with("M4 4h7v1h-7z"), "the finder pattern is in the corner: {}", qr.path);
    }

    #[test]
    fn secret_of_a_page_depends_on_session_and_seed() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"key");
        let (session, seed) = (Id::now_v7(), Secret::random());
        let secret = |session, seed| TotpSecret::of_page(&key, session, seed).expose().to_vec();
        assert_eq!(secret(session, &seed), secret(session, &seed));
        assert_ne!(secret(session, &seed), secret(Id::now_v7(), &seed));
        assert_ne!(secret(session, &seed), secret(session, &Secret::random()));
    }
}
