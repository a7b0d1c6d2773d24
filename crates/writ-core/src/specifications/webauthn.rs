//! Passkeys.

use super::{Section, Specification};

const WEBAUTHN: Specification = Specification::W3c("Web Authentication Level 3", "webauthn-3");

/// The sections, in the order of the document.
pub(super) const SECTIONS: &[Section] = &[
    Section {
        specification: WEBAUTHN,
        numbers: &["5.11"],
        subject: "related origins",
        rules: &[],
        applied: &["src/endpoints/webauthn.rs", "src/config/passkeys.rs"],
        causes: &[],
        tests: &["passkeys::rp_id_and_related_origins_come_from_the_configuration"],
    },
    Section {
        specification: WEBAUTHN,
        numbers: &["7.1"],
        subject: "registration of a passkey, without attestation",
        rules: &[],
        applied: &["src/sessions/passkeys/registration.rs"],
        causes: &[],
        tests: &["passkeys"],
    },
    Section {
        specification: WEBAUTHN,
        numbers: &["7.2", "6.1.1"],
        subject: "use of a passkey, and its signature counter",
        rules: &["passkeys.rs#is_of_user", "passkeys.rs#is_without_foreign_frame", "passkeys.rs#factor"],
        applied: &["src/sessions/passkeys.rs"],
        causes: &[],
        tests: &["passkeys"],
    },
    Section {
        specification: WEBAUTHN,
        numbers: &["13.4.3"],
        subject: "challenges: random, answered once, bound to a browser, ten minutes",
        rules: &[],
        applied: &["src/sessions/passkeys/ceremony.rs"],
        causes: &[],
        tests: &[
            "passkeys::challenge_is_answered_once_in_its_browser_and_in_time",
            "passkeys::one_of_eight_responses_to_a_challenge_wins",
        ],
    },
];
