//! The links in mails. The token of a link is derived from the id of its row and a key of the
//! server, so that neither the queue of mails nor the row holds it.

use aws_lc_rs::hmac;

use crate::{config::Issuer, secret::Handle, store::Id};

/// What a link is for. A token is valid for its purpose only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To choose a new password.
    Recovery,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Recovery => "recovery link",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Recovery => "/recover/password",
        }
    }
}

/// The URL for the row `id`.
pub fn url(issuer: &Issuer, key: &hmac::Key, purpose: Purpose, id: Id) -> String {
    let token = Handle::derived(key, purpose.as_str(), id.0).expose();
    format!("{}?token={token}", issuer.join(purpose.path()))
}

/// The row that `token` belongs to. `None` if this server did not make it.
pub fn find(key: &hmac::Key, purpose: Purpose, token: &str) -> Option<Id> {
    let presented = Handle::parse(token)?;
    let derived = Handle::derived(key, purpose.as_str(), presented.id);
    presented.secret.matches(&derived.secret.hash().0).then_some(Id(presented.id))
}

#[cfg(test)]
mod tests {
    use super::*;

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
