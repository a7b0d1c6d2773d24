//! Redeeming an authorization code
//! ([RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3)).

use aws_lc_rs::constant_time::verify_slices_are_equal;

use crate::{
    Cause, Error,
    grants::{CODE_MEMORY, Code, Grant, GrantState, Surroundings},
    vocabulary::{pkce::CodeVerifier, web_uri::without_values},
};

/// The parameters of a token request.
#[derive(Debug, Clone)]
pub struct Presented {
    /// The authenticated client.
    pub client_id: String,
    /// SHA-256 of the code's secret.
    pub secret_hash: [u8; 32],
    /// `redirect_uri`.
    pub redirect_uri: Option<String>,
    /// `code_verifier`.
    pub code_verifier: Option<String>,
    /// `resource`.
    pub resource: Option<String>,
}

/// The result of presenting a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Redeem the code for this resource server.
    Redeem(String),
    /// Two parties hold the code: revoke the grant, inform the user, and refuse.
    Replay(Error),
    /// Refuse the request. Nothing changes.
    Refuse(Error),
}

/// The input of the checks.
struct Facts<'a> {
    grant: &'a Grant,
    code: &'a Code,
    presented: &'a Presented,
    surroundings: Surroundings,
    now: i64,
}

type Check = fn(&Facts<'_>) -> Result<(), Error>;

/// Whether the legitimate holder presented the code. A failure here does not prove a second holder,
/// so finding a code in a log is not enough to revoke the grant.
const HOLDER: [Check; 4] = [secret_matches, client_matches, redirect_uri_matches, code_verifier_matches];

/// Whether the code is still valid.
const VALIDITY: [Check; 3] = [account_is_enabled, session_lives, code_has_not_expired];

/// Decides about a presented code. A second use is refused and revokes everything issued from the
/// first
/// ([RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2)).
pub fn decide(grant: &Grant, presented: &Presented, surroundings: Surroundings, now: i64) -> Decision {
    let (code, redeemed) = match &grant.state {
        GrantState::CodeIssued(code) => (code, false),
        GrantState::Live(live) => match &live.code {
            Some(code) => (code, true),
            None => return Decision::Refuse(invalid(Cause::CodeInvalid, "the grant had no code")),
        },
        GrantState::Revoked => return Decision::Refuse(invalid(Cause::CodeRevoked, "the grant was revoked")),
    };
    let facts = Facts { grant, code, presented, surroundings, now };
    if let Some(error) = HOLDER.iter().find_map(|check| check(&facts).err()) {
        return Decision::Refuse(error);
    }
    if redeemed {
        return replayed(&facts);
    }
    if let Some(error) = VALIDITY.iter().find_map(|check| check(&facts).err()) {
        return Decision::Refuse(error);
    }
    match grant.resource(presented.resource.as_deref()) {
        Ok(resource) => Decision::Redeem(resource.to_owned()),
        Err(error) => Decision::Refuse(error),
    }
}

/// A replay revokes the grant until an hour after the code has expired. A later replay suggests a
/// leaked log rather than a second holder.
fn replayed(facts: &Facts<'_>) -> Decision {
    if facts.now > facts.code.expires_at + CODE_MEMORY {
        return Decision::Refuse(invalid(Cause::CodeInvalid, "it was redeemed long ago"));
    }
    Decision::Replay(
        Error::new(Cause::CodeReplayed, "the code was redeemed already; everything issued from it is revoked")
            .because(format!("replay of the code of grant {}", facts.grant.id)),
    )
}

fn invalid(cause: Cause, detail: impl Into<String>) -> Error {
    Error::new(cause, "the code is not valid").because(detail)
}

fn secret_matches(facts: &Facts<'_>) -> Result<(), Error> {
    verify_slices_are_equal(&facts.presented.secret_hash, &facts.code.secret_hash)
        .map_err(|_| invalid(Cause::CodeInvalid, "no such code"))
}

/// RFC 6749 §4.1.3: the code was issued to the client that presents it.
fn client_matches(facts: &Facts<'_>) -> Result<(), Error> {
    let (presenter, owner) = (&facts.presented.client_id, &facts.grant.client_id);
    if presenter == owner {
        return Ok(());
    }
    Err(invalid(Cause::CodeForeign, format!("client {presenter} presented a code of client {owner}")))
}

/// RFC 6749 §4.1.3: `redirect_uri` equals that of the authorization request, or is absent in both.
fn redirect_uri_matches(facts: &Facts<'_>) -> Result<(), Error> {
    let (expected, actual) = (&facts.code.redirect_uri, &facts.presented.redirect_uri);
    if expected == actual {
        return Ok(());
    }
    let show = |uri: &Option<String>| without_values(uri.as_deref().unwrap_or_default());
    Err(Error::new(Cause::CodeRedirectUriMismatch, "redirect_uri differs from the authorization request")
        .expected(show(expected), show(actual)))
}

/// The verifier matches the challenge
/// ([RFC 7636 §4.6](https://www.rfc-editor.org/rfc/rfc7636#section-4.6)). A verifier without a
/// challenge is refused as well, to detect a downgrade
/// ([RFC 9700 §4.8.2](https://www.rfc-editor.org/rfc/rfc9700#section-4.8.2)).
fn code_verifier_matches(facts: &Facts<'_>) -> Result<(), Error> {
    let invalid = |description: &str| Error::new(Cause::CodeVerifierInvalid, description);
    match (&facts.code.code_challenge, &facts.presented.code_verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(invalid("code_verifier is missing")),
        (None, Some(_)) => {
            Err(invalid("there is a code_verifier, but the authorization request had no code_challenge"))
        }
        (Some(challenge), Some(verifier)) => {
            let verifier = CodeVerifier::parse(verifier).map_err(invalid)?;
            if challenge.matches(&verifier) {
                return Ok(());
            }
            Err(Error::new(Cause::CodeVerifierMismatch, "code_verifier does not match the code_challenge"))
        }
    }
}

fn account_is_enabled(facts: &Facts<'_>) -> Result<(), Error> {
    if facts.surroundings.account_enabled {
        return Ok(());
    }
    Err(invalid(Cause::CodeRevoked, format!("the account {} is disabled", facts.grant.user_id)))
}

/// A user who signs out before the client redeems the code has withdrawn the request.
fn session_lives(facts: &Facts<'_>) -> Result<(), Error> {
    if facts.grant.bound_to.is_none() || facts.surroundings.session_lives {
        return Ok(());
    }
    Err(invalid(Cause::CodeRevoked, "the session in which it was issued has ended"))
}

/// RFC 6749 §4.1.2: a code is short-lived.
fn code_has_not_expired(facts: &Facts<'_>) -> Result<(), Error> {
    let age = facts.now - facts.code.expires_at;
    if age < 0 {
        return Ok(());
    }
    Err(Error::new(Cause::CodeExpired, "the code has expired").because(format!("{age} s ago")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::{
        grants::{
            Live,
            tests::{ALL_WELL, live_grant},
        },
        vocabulary::pkce::CodeChallenge,
    };

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const TALK: &str = "https://talk.example";

    fn code() -> Code {
        Code {
            secret_hash: vec![7; 32],
            expires_at: 1060,
            redirect_uri: Some("https://shop.example/callback".to_owned()),
            code_challenge: Some(CodeChallenge::from_stored(CHALLENGE.to_owned())),
            nonce: None,
        }
    }

    fn issued() -> Grant {
        Grant { state: GrantState::CodeIssued(code()), ..live_grant("openid", None) }
    }

    fn redeemed() -> Grant {
        let live = Live { code: Some(code()), family: None, last_used_at: 1000, last_used_network: String::new() };
        Grant { state: GrantState::Live(live), ..issued() }
    }

    fn presented() -> Presented {
        Presented {
            client_id: "shop".to_owned(),
            secret_hash: [7; 32],
            redirect_uri: Some("https://shop.example/callback".to_owned()),
            code_verifier: Some(VERIFIER.to_owned()),
            resource: None,
        }
    }

    /// The cause of the decision. `None` if the code is redeemed.
    fn cause(decision: Decision) -> Option<Cause> {
        match decision {
            Decision::Redeem(_) => None,
            Decision::Replay(error) | Decision::Refuse(error) => Some(error.cause),
        }
    }

    #[test]
    fn code_is_redeemed_by_its_holder() {
        assert_eq!(decide(&issued(), &presented(), ALL_WELL, 1059), Decision::Redeem(TALK.to_owned()));
    }

    #[rstest]
    #[case(|p: &mut Presented| p.secret_hash = [8; 32], Cause::CodeInvalid)]
    #[case(|p: &mut Presented| p.client_id = "other".to_owned(), Cause::CodeForeign)]
    #[case(|p: &mut Presented| p.redirect_uri = None, Cause::CodeRedirectUriMismatch)]
    #[case(|p: &mut Presented| p.redirect_uri = Some("https://x.example".to_owned()), Cause::CodeRedirectUriMismatch)]
    #[case(|p: &mut Presented| p.code_verifier = None, Cause::CodeVerifierInvalid)]
    #[case(|p: &mut Presented| p.code_verifier = Some("short".to_owned()), Cause::CodeVerifierInvalid)]
    #[case(|p: &mut Presented| p.code_verifier = Some(VERIFIER.replace('d', "e")), Cause::CodeVerifierMismatch)]
    fn holder_check_refuses_and_never_ends_the_grant(#[case] change: fn(&mut Presented), #[case] expected: Cause) {
        let mut changed = presented();
        change(&mut changed);
        for grant in [issued(), redeemed()] {
            let decision = decide(&grant, &changed, ALL_WELL, 1000);
            assert!(matches!(&decision, Decision::Refuse(error) if error.cause == expected), "{decision:?}");
        }
    }

    #[test]
    fn resource_outside_the_grant_is_refused() {
        let other = Presented { resource: Some("https://bank.example".to_owned()), ..presented() };
        assert_eq!(cause(decide(&issued(), &other, ALL_WELL, 1000)), Some(Cause::ResourceNotGranted));
    }

    #[rstest]
    #[case(ALL_WELL, 1060, Cause::CodeExpired)]
    #[case(Surroundings { account_enabled: false, ..ALL_WELL }, 1000, Cause::CodeRevoked)]
    #[case(Surroundings { session_lives: false, ..ALL_WELL }, 1000, Cause::CodeRevoked)]
    fn code_without_validity_is_refused(#[case] surroundings: Surroundings, #[case] now: i64, #[case] expected: Cause) {
        let grant = Grant { bound_to: Some(issued().sid), ..issued() };
        assert_eq!(cause(decide(&grant, &presented(), surroundings, now)), Some(expected));
    }

    #[rstest]
    #[case(1000, true)]
    #[case(1060 + CODE_MEMORY, true)]
    #[case(1061 + CODE_MEMORY, false)]
    fn replay_ends_the_grant_within_its_bound(#[case] now: i64, #[case] ends: bool) {
        assert_eq!(matches!(decide(&redeemed(), &presented(), ALL_WELL, now), Decision::Replay(_)), ends);
    }

    #[test]
    fn unexpected_verifier_is_refused() {
        let mut grant = issued();
        grant.state = GrantState::CodeIssued(Code { code_challenge: None, ..code() });
        assert_eq!(cause(decide(&grant, &presented(), ALL_WELL, 1000)), Some(Cause::CodeVerifierInvalid));
    }

    proptest! {
        /// A code is redeemed at most once, and never after its revocation.
        #[test]
        fn code_has_one_winner(tries in prop::collection::vec((any::<bool>(), any::<bool>(), 990..1080_i64), 1..30)) {
            let mut grant = issued();
            let mut winners = 0;
            let mut revoked = false;
            for (right_verifier, enabled, now) in tries {
                let mut attempt = presented();
                if !right_verifier {
                    attempt.code_verifier = None;
                }
                let surroundings = Surroundings { account_enabled: enabled, ..ALL_WELL };
                match decide(&grant, &attempt, surroundings, now) {
                    Decision::Redeem(_) => {
                        prop_assert!(!revoked && right_verifier && enabled && now < 1060);
                        winners += 1;
                        grant = redeemed();
                    }
                    Decision::Replay(_) => {
                        prop_assert!(right_verifier && winners == 1);
                        revoked = true;
                        grant.state = GrantState::Revoked;
                    }
                    Decision::Refuse(_) => {}
                }
            }
            prop_assert!(winners <= 1);
        }
    }
}
