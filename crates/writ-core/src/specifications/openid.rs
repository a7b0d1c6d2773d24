//! Specifications of the OpenID Foundation.

use super::{Section, Specification};
use crate::Cause;

const CORE: Specification = Specification::OpenId("Core", "openid-connect-core-1_0");
const REGISTRATION: Specification =
    Specification::OpenId("Dynamic Client Registration", "openid-connect-registration-1_0");
const DISCOVERY: Specification = Specification::OpenId("Discovery", "openid-connect-discovery-1_0");
const FORM_POST: Specification =
    Specification::OpenId("Form Post Response Mode", "oauth-v2-form-post-response-mode-1_0");
const UNMET: Specification =
    Specification::OpenId("Unmet Authentication Requirements", "openid-connect-unmet-authentication-requirements-1_0");
const RP_INITIATED: Specification = Specification::OpenId("RP-Initiated Logout", "openid-connect-rpinitiated-1_0");
const BACK_CHANNEL: Specification = Specification::OpenId("Back-Channel Logout", "openid-connect-backchannel-1_0");
const FRONT_CHANNEL: Specification = Specification::OpenId("Front-Channel Logout", "openid-connect-frontchannel-1_0");

/// The sections: Core first, then in the order of a typical implementation.
pub(super) const SECTIONS: &[Section] = &[
    Section {
        specification: CORE,
        numbers: &["2", "3.1.3.6"],
        subject: "ID token: `auth_time` where it is known, `acr`, `amr`, `at_hash`",
        rules: &["authentication.rs", "vocabulary/acr.rs"],
        applied: &["src/tokens/id_token.rs"],
        causes: &[],
        tests: &["id_token_hint::id_token_has_auth_time_acr_and_amr", "code_flow"],
    },
    Section {
        specification: CORE,
        numbers: &["3.1.3.7"],
        subject: "this server as a client of another provider: the ID token",
        rules: &["upstream/id_token.rs#check", "upstream/identity.rs"],
        applied: &["src/upstream/code.rs", "src/upstream/identity.rs"],
        causes: &[],
        tests: &["upstream_responses", "upstream_writs"],
    },
    Section {
        specification: CORE,
        numbers: &["3.1.2.1"],
        subject: "`prompt`, `max_age`, `id_token_hint`: which page comes next",
        rules: &["authorization/next_step.rs#next_step", "vocabulary/prompt.rs#parse"],
        applied: &["src/endpoints/authorization.rs"],
        causes: &[Cause::PromptInvalid, Cause::MaxAgeInvalid, Cause::IdTokenHintInvalid, Cause::IdTokenHintForeign],
        tests: &["id_token_hint", "code_flow"],
    },
    Section {
        specification: CORE,
        numbers: &["3.1.2.1"],
        subject: "`prompt=select_account`",
        rules: &["authorization/next_step.rs#next_step"],
        applied: &["src/sessions/browser.rs", "src/pages/accounts.rs"],
        causes: &[],
        tests: &["several_accounts"],
    },
    Section {
        specification: CORE,
        numbers: &["3.1.2.1"],
        subject: "`display`, `login_hint`, `ui_locales`",
        rules: &["vocabulary/display.rs"],
        applied: &["src/pages/login.rs", "src/web/locale.rs"],
        causes: &[Cause::DisplayInvalid],
        tests: &[
            "unsupported_parameters::unknown_display_is_refused",
            "page_behaviour::login_hint_prefills_the_username_only",
            "page_behaviour::ui_locales_selects_the_language",
            "account::pages_use_the_account_language",
        ],
    },
    Section {
        specification: CORE,
        numbers: &["4"],
        subject: "login initiated by a third party",
        rules: &[],
        applied: &["src/pages/account/apps.rs"],
        causes: &[],
        tests: &["third_party_login"],
    },
    Section {
        specification: CORE,
        numbers: &["5.1", "5.4"],
        subject: "standard claims and scopes",
        rules: &["vocabulary/standard_claims.rs#check"],
        applied: &["src/tokens/user_claims.rs"],
        causes: &[],
        tests: &["userinfo::userinfo_claims_follow_the_granted_scopes", "account::profile_form_values_reach_userinfo"],
    },
    Section {
        specification: CORE,
        numbers: &["5.3", "5.3.2"],
        subject: "userinfo, signed on request",
        rules: &["token/audience.rs#scope"],
        applied: &["src/endpoints/userinfo.rs"],
        causes: &[],
        tests: &["userinfo", "signed_userinfo"],
    },
    Section {
        specification: CORE,
        numbers: &["5.5"],
        subject: "`claims`",
        rules: &["vocabulary/claims_request.rs#parse"],
        applied: &["src/tokens/user_claims.rs"],
        causes: &[Cause::ClaimsInvalid],
        tests: &["claims_parameter"],
    },
    Section {
        specification: CORE,
        numbers: &["6.1", "6.2"],
        subject: "request objects, only by a registered `request_uri`",
        rules: &["authorization/request_object.rs#read", "authorization/request_object.rs#check_unsigned"],
        applied: &["src/requests/request_object.rs"],
        causes: &[Cause::RequestUriUnregistered],
        tests: &["request_object", "request_uri"],
    },
    Section {
        specification: CORE,
        numbers: &["8"],
        subject: "pairwise subjects, `sector_identifier_uri`",
        rules: &[],
        applied: &["src/tokens/subject_identifier.rs", "src/clients/sector.rs"],
        causes: &[],
        tests: &["subject_types"],
    },
    Section {
        specification: CORE,
        numbers: &["10.1", "10.1.1"],
        subject: "keys of clients: `jwks`, `jwks_uri`, rotation",
        rules: &["vocabulary/client_keys.rs#parse"],
        applied: &["src/fetch/documents.rs"],
        causes: &[Cause::ClientKeysUnreachable],
        tests: &["jwks_uri"],
    },
    Section {
        specification: CORE,
        numbers: &["11"],
        subject: "`offline_access`: a grant outlives the session only when the user allowed it",
        rules: &["grants.rs#binding", "grants.rs#expiry"],
        applied: &["src/endpoints/authorization/issue.rs"],
        causes: &[],
        tests: &["offline_access", "session_bound"],
    },
    Section {
        specification: REGISTRATION,
        numbers: &["2", "3"],
        subject: "client metadata of OpenID Connect",
        rules: &["clients/registration.rs#parse"],
        applied: &["src/endpoints/registration.rs"],
        causes: &[],
        tests: &["registration"],
    },
    Section {
        specification: DISCOVERY,
        numbers: &["3", "4"],
        subject: "provider metadata",
        rules: &[],
        applied: &["src/endpoints/metadata.rs"],
        causes: &[],
        tests: &["metadata"],
    },
    Section {
        specification: FORM_POST,
        numbers: &["2"],
        subject: "responses as a form",
        rules: &["vocabulary/response_mode.rs#parse"],
        applied: &["src/endpoints/authorization/form_post.rs"],
        causes: &[Cause::ResponseModeUnsupported],
        tests: &["code_flow::form_post_response_has_nothing_in_the_url"],
    },
    Section {
        specification: UNMET,
        numbers: &["2"],
        subject: "an essential `acr` that is not supported, or that the user does not reach",
        rules: &[
            "authorization/request.rs#parse",
            "authorization/requested_acr.rs#need",
            "authorization/next_step.rs#step_up",
        ],
        applied: &["src/endpoints/authorization.rs"],
        causes: &[],
        tests: &["claims_parameter::malformed_or_unmet_claims_are_refused", "step_up"],
    },
    Section {
        specification: RP_INITIATED,
        numbers: &["2", "3"],
        subject: "logout started by a client",
        rules: &["vocabulary/redirect_uri.rs#parse"],
        applied: &["src/endpoints/end_session.rs", "src/pages/logout.rs"],
        causes: &[Cause::PostLogoutRedirectUriUnregistered],
        tests: &["rp_initiated_logout"],
    },
    Section {
        specification: BACK_CHANNEL,
        numbers: &["2.3", "2.4", "2.5"],
        subject: "which clients, the logout token, its delivery",
        rules: &[],
        applied: &["src/store/logout_deliveries.rs", "src/tokens/logout_token.rs", "src/tasks/deliver_logouts.rs"],
        causes: &[],
        tests: &["logout_channels"],
    },
    Section {
        specification: BACK_CHANNEL,
        numbers: &["2.5", "2.6", "2.7"],
        subject: "this server as a client of another provider: the logout token",
        rules: &["upstream/logout_token.rs#parse"],
        applied: &["src/upstream/logout.rs", "src/sessions/upstream/logout.rs", "src/endpoints/upstream_logout.rs"],
        causes: &[],
        tests: &["upstream_logout", "upstream_writs::logout_at_the_provider_ends_the_session_at_the_other"],
    },
    Section {
        specification: FRONT_CHANNEL,
        numbers: &["2", "3"],
        subject: "frames of clients on the page after logout",
        rules: &[],
        applied: &["src/pages/logout.rs"],
        causes: &[],
        tests: &["logout_channels::frontchannel_frames_cover_the_session_before_redirecting", "logout_in_chromium"],
    },
];
