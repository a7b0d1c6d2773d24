//! What the administration API follows.

use super::{
    Section,
    Specification::{Draft, Rfc},
};
use crate::Cause;

/// The sections, by number.
pub(super) const SECTIONS: &[Section] = &[
    Section {
        specification: Rfc(6585),
        numbers: &["3"],
        subject: "a change names the version that it changes",
        rules: &[],
        applied: &["src/endpoints/admin/precondition.rs"],
        causes: &[Cause::PreconditionMissing],
        tests: &["admin_api::change_without_if_match_or_of_another_version_is_refused"],
    },
    Section {
        specification: Rfc(6749),
        numbers: &["4.4"],
        subject: "a client administers for itself, with scopes that an operator gave it",
        rules: &[
            "token/administration.rs#check_request",
            "clients/metadata.rs#administration_is_for_the_client_itself",
        ],
        applied: &["src/endpoints/token/client_credentials.rs", "src/endpoints/admin/authority.rs"],
        causes: &[Cause::ScopeAdministrative],
        tests: &["admin_tokens"],
    },
    Section {
        specification: Rfc(7396),
        numbers: &["2"],
        subject: "merge patches",
        rules: &["vocabulary/merge_patch.rs#apply"],
        applied: &["src/administration/clients/registration.rs"],
        causes: &[],
        tests: &["admin_api::patch_changes_the_named_members_and_keeps_the_rest"],
    },
    Section {
        specification: Rfc(8628),
        numbers: &["1"],
        subject: "a client administers for an administrator with two factors, who allows it at a device",
        rules: &["scopes.rs#requestable_at_device", "token/administration.rs#check_token"],
        applied: &["src/endpoints/device_authorization.rs", "src/endpoints/admin/authority.rs"],
        causes: &[Cause::AccessTokenRevoked],
        tests: &["admin_at_device", "remote_command"],
    },
    Section {
        specification: Rfc(9110),
        numbers: &["13.1.1", "13.2"],
        subject: "`If-Match`, compared in the transaction that changes",
        rules: &[],
        applied: &["src/endpoints/admin/precondition.rs"],
        causes: &[Cause::PreconditionFailed],
        tests: &["admin_api::one_of_eight_changes_of_a_version_wins"],
    },
    Section {
        specification: Rfc(9110),
        numbers: &["15.5.6"],
        subject: "`Allow` names the methods of a path",
        rules: &[],
        applied: &["src/endpoints/admin/openapi.rs"],
        causes: &[Cause::MethodNotAllowed],
        tests: &["admin_document::route_without_a_description_does_not_exist"],
    },
    Section {
        specification: Draft("Idempotency-Key", "draft-ietf-httpapi-idempotency-key-header-07"),
        numbers: &["2"],
        subject: "a request that is sent again changes nothing twice",
        rules: &["vocabulary/idempotency_key.rs#parse", "vocabulary/idempotency_key.rs#is_repetition"],
        applied: &["src/endpoints/admin/once.rs"],
        causes: &[Cause::IdempotencyKeyInvalid, Cause::IdempotencyKeyReused, Cause::IdempotencyKeyBusy],
        tests: &["admin_idempotency"],
    },
    Section {
        specification: Rfc(9457),
        numbers: &["3", "4"],
        subject: "problem documents",
        rules: &["vocabulary/cause.rs#Cause"],
        applied: &["src/endpoints/admin/problem.rs"],
        causes: &[
            Cause::ObjectUnknown,
            Cause::ObjectExists,
            Cause::ObjectInUse,
            Cause::KeyTooRecent,
            Cause::BodyInvalid,
            Cause::QueryInvalid,
        ],
        tests: &["admin_api"],
    },
];
