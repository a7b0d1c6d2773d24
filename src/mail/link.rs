//! The links in mails. The token of a link is derived from the id of its row and a key of the
//! server, so that neither the queue of mails nor the row holds it.

use aws_lc_rs::hmac;
use writ_core::{Error, Params};

use crate::{config::Issuer, secret::Handle, store::Id};

/// What a link is for. A token is valid for its purpose only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To choose a new password.
    Recovery,
    /// To confirm an e-mail address.
    EmailVerification,
    /// To take an account back.
    Notice,
    /// To create an account with the link of a mail.
    SignUp,
    /// To create an account with the digits of a mail: only the browser that asked has this link.
    SignUpForm,
    /// To accept an invitation.
    Invitation,
    /// To become an administrator.
    Administrator,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Recovery => "recovery link",
            Self::EmailVerification => "email verification link",
            Self::Notice => "notice link",
            Self::SignUp => "sign-up link",
            Self::SignUpForm => "sign-up form",
            Self::Invitation => "invitation link",
            Self::Administrator => "administrator link",
        }
    }

    /// The path of its page.
    pub fn path(self) -> &'static str {
        match self {
            Self::Recovery => "/recover/password",
            Self::EmailVerification => "/confirm-email",
            Self::Notice => "/take-back",
            Self::SignUp => "/sign-up/link",
            Self::SignUpForm => "/sign-up/digits",
            Self::Invitation => "/sign-up",
            Self::Administrator => "/admin/join",
        }
    }
}

/// The path and query for the row `id`.
pub fn path(key: &hmac::Key, purpose: Purpose, id: Id) -> String {
    format!("{}?token={}", purpose.path(), Handle::derived(key, purpose.as_str(), id.0).expose())
}

/// The URL for the row `id`.
pub fn url(issuer: &Issuer, key: &hmac::Key, purpose: Purpose, id: Id) -> String {
    issuer.join(&path(key, purpose, id))
}

/// The token in the query or form of a page that a link leads to. Empty if it is missing.
///
/// # Errors
/// `invalid_request` if it was sent more than once.
pub fn token(params: &Params) -> Result<&str, Error> {
    Ok(params.get("token")?.unwrap_or_default())
}

/// The row that `token` belongs to. `None` if this server did not make it.
pub fn find(key: &hmac::Key, purpose: Purpose, token: &str) -> Option<Id> {
    let presented = Handle::parse(token)?;
    let derived = Handle::derived(key, purpose.as_str(), presented.id);
    presented.secret.matches(&derived.secret.hash().0).then_some(Id(presented.id))
}

/// The six digits for the row `id`, which a user types instead of following its link.
pub fn digits(key: &hmac::Key, id: Id) -> String {
    let tag = hmac::sign(key, &[b"email verification digits\0", id.0.as_bytes().as_slice()].concat());
    let number = tag.as_ref().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{:06}", number % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_six_and_differ_by_row_and_key() {
        let key = |secret: &[u8]| hmac::Key::new(hmac::HMAC_SHA256, secret);
        let (id, other) = (Id(uuid::Uuid::from_u128(1)), Id(uuid::Uuid::from_u128(2)));
        let ours = digits(&key(b"ours"), id);
        assert!(ours.len() == 6 && ours.bytes().all(|byte| byte.is_ascii_digit()), "{ours}");
        assert_eq!(digits(&key(b"ours"), id), ours);
        assert_ne!(digits(&key(b"ours"), other), ours);
        assert_ne!(digits(&key(b"another"), id), ours);
    }

    #[test]
    fn token_is_valid_for_its_purpose_only() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"ours");
        let issuer: Issuer = "https://id.example".parse().expect("an issuer");
        let purposes = [
            Purpose::Recovery,
            Purpose::EmailVerification,
            Purpose::Notice,
            Purpose::SignUp,
            Purpose::SignUpForm,
            Purpose::Invitation,
            Purpose::Administrator,
        ];
        for purpose in purposes {
            let url = url(&issuer, &key, purpose, Id::now_v7());
            let (_, token) = url.split_once("token=").expect("a token");
            let valid: Vec<_> = purposes.into_iter().filter(|other| find(&key, *other, token).is_some()).collect();
            assert_eq!(valid, [purpose]);
        }
    }

    #[test]
    fn token_is_valid_for_its_row_and_key_only() {
        let key = |secret: &[u8]| hmac::Key::new(hmac::HMAC_SHA256, secret);
        let issuer: Issuer = "https://id.example/tenant".parse().expect("an issuer");
        let (id, other) = (Id::now_v7(), Id::now_v7());
        let url = url(&issuer, &key(b"ours"), Purpose::Recovery, id);
        let token = url.strip_prefix("https://id.example/tenant/recover/password?token=").expect("our URL");
        assert_eq!(find(&key(b"ours"), Purpose::Recovery, token), Some(id));
        assert_eq!(find(&key(b"another"), Purpose::Recovery, token), None);
        let (_, secret) = token.split_once('.').expect("two parts");
        let other = Handle::derived(&key(b"ours"), "recovery link", other.0).expose();
        let (other, _) = other.split_once('.').expect("two parts");
        assert_eq!(find(&key(b"ours"), Purpose::Recovery, &format!("{other}.{secret}")), None);
        assert_eq!(find(&key(b"ours"), Purpose::Recovery, ""), None);
    }
}
