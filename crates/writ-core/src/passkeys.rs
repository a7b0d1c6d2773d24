//! Passkeys: what the server rules on a response that the library has verified
//! ([Web Authentication Level 3](https://www.w3.org/TR/webauthn-3/)).

pub mod provider;

use serde::Deserialize;

use crate::authentication::Factor;

/// Whether a passkey belongs to the user who signs in
/// ([§7.2](https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion), step 6). `identified` is
/// the user handle of a user who is known already. Without one, the authenticator must name the
/// user.
pub fn is_of_user(owner: &[u8], identified: Option<&[u8]>, named: Option<&[u8]>) -> bool {
    (identified.is_some() || named.is_some()) && [identified, named].into_iter().flatten().all(|user| user == owner)
}

#[derive(Deserialize)]
struct Frame {
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
    #[serde(rename = "topOrigin")]
    top_origin: Option<String>,
}

/// Whether the page was the top one, or only in frames of its own site
/// ([§7.2](https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion), steps 14 and 15). No page
/// of this server may be in a frame, so another site has no reason to be above.
pub fn is_without_foreign_frame(client_data: &[u8]) -> bool {
    serde_json::from_slice(client_data).is_ok_and(|frame: Frame| !frame.cross_origin && frame.top_origin.is_none())
}

/// What a passkey counts as. Nothing is attested, so a passkey that can be copied is software, and
/// one that cannot be is no more than a key
/// ([RFC 8176 §2](https://www.rfc-editor.org/rfc/rfc8176#section-2)).
pub fn factor(backup_eligible: bool) -> Factor {
    if backup_eligible { Factor::SyncedPasskey } else { Factor::BoundPasskey }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::named_by_the_authenticator(None, Some("alice"), true)]
    #[case::known_and_not_named(Some("alice"), None, true)]
    #[case::known_and_named(Some("alice"), Some("alice"), true)]
    #[case::another_is_known(Some("minji"), None, false)]
    #[case::another_is_known_than_named(Some("minji"), Some("alice"), false)]
    #[case::another_is_named_than_known(Some("alice"), Some("minji"), false)]
    #[case::another_is_named(None, Some("minji"), false)]
    #[case::neither_known_nor_named(None, None, false)]
    fn passkey_of_alice_is_accepted_for_the_user(
        #[case] identified: Option<&str>,
        #[case] named: Option<&str>,
        #[case] accepted: bool,
    ) {
        assert_eq!(is_of_user(b"alice", identified.map(str::as_bytes), named.map(str::as_bytes)), accepted);
    }

    #[rstest]
    #[case::without_the_members(r#"{"type":"webauthn.get"}"#, true)]
    #[case::on_the_top(r#"{"crossOrigin":false}"#, true)]
    #[case::in_a_foreign_frame(r#"{"crossOrigin":true}"#, false)]
    #[case::below_another_site(r#"{"crossOrigin":false,"topOrigin":"https://evil.example"}"#, false)]
    #[case::with_another_type(r#"{"crossOrigin":"false"}"#, false)]
    #[case::no_object("7", false)]
    fn page_is_without_a_foreign_frame(#[case] client_data: &str, #[case] accepted: bool) {
        assert_eq!(is_without_foreign_frame(client_data.as_bytes()), accepted);
    }
}
