//! Arguments and input that commands refuse.

use rstest::rstest;

use crate::workplace::Workplace;

#[rstest]
#[case::no_connection(&["connection", "remove", "ada", "shop"], "", "ada has not connected shop")]
#[case::receipt_of_nothing(&["connection", "receipt", "ada", "shop"], "", "ada has not connected shop")]
#[case::receipt_in_no_language(&["connection", "receipt", "ada", "shop", "--language", "tlh"], "", "there is no page in the language tlh")]
#[case::no_person_with_connections(&["connection", "list", "bora"], "", "there is no user")]
#[case::short_password(&["user", "create", "bora", "--password-stdin"], "1234567", "it needs at least 8 characters")]
#[case::common_password(&["user", "create", "bora", "--password-stdin"], "password1", "easy to guess: many people use it")]
#[case::own_password(&["user", "create", "hanbyeol", "--password-stdin"], "hanbyeol99", "your own name or address is in it")]
#[case::password_argument(&["user", "create", "bora", "--password", "12345678"], "", "unexpected argument '--password'")]
#[case::taken_username(&["user", "create", "ADA"], "", "already")]
#[case::username_like_an_address(&["user", "create", "a@b"], "", "without spaces and @")]
#[case::username_with_an_invisible_character(&["user", "create", "al\u{200b}ice"], "", "letters, digits")]
#[case::username_of_another_script(&["user", "create", "\u{430}da"], "", "mixes no scripts")]
#[case::email_without_host(&["user", "set-email", "ada", "ada"], "", "such as ada@example.com")]
#[case::zone_that_does_not_exist(&["user", "set-claims", "ada", "-"], r#"{"zoneinfo": "Mars/Phobos"}"#, "not a time zone")]
#[case::unknown_claim(&["user", "create", "bora", "--claims", "-"], r#"{"nick": "B"}"#, "unknown field `nick`")]
#[case::email_is_no_claim(&["user", "set-claims", "ada", "-"], r#"{"email": "a@b.example"}"#, "unknown field `email`")]
#[case::malformed_claim(&["user", "set-claims", "ada", "-"], r#"{"picture": "ada.png"}"#, "begin with https:// or http://")]
#[case::claims_of_nobody(&["user", "set-claims", "bora", "-"], "{}", "there is no user")]
#[case::two_from_standard_input(
    &["user", "create", "bora", "--claims", "-", "--password-stdin"], "{}", "only one of --claims - and --password-stdin"
)]
#[case::nobody(&["user", "disable", "bora"], "", "there is no user with the username or e-mail address bora")]
#[case::taken_audience(&["resource", "create", "t", "--audience", "https://talk.example", "--name", "en=T"], "", "already")]
#[case::relative_audience(&["resource", "create", "t", "--audience", "talk", "--name", "en=T"], "", "an absolute URI")]
#[case::no_english(&["resource", "create", "t", "--audience", "https://t", "--name", "ko=T"], "", "--name en=TEXT is missing")]
#[case::not_a_language(&["resource", "create", "t", "--audience", "https://t", "--name", "Talk"], "", "expected LANG=TEXT")]
#[case::scope_of_nothing(
    &["scope", "create", "a", "--resource", "nope", "--sentence", "en=A", "--consequence", "en=B"], "",
    "there is no resource server nope"
)]
#[case::openid_scope(
    &["scope", "create", "openid", "--resource", "talk", "--sentence", "en=A", "--consequence", "en=B"], "",
    "openid is a scope of OpenID Connect"
)]
#[case::half_translated(
    &["scope", "create", "a", "--resource", "talk", "--sentence", "en=A", "--sentence", "ko=A", "--consequence", "en=B"], "",
    "needed in the same languages"
)]
#[case::unknown_risk(
    &["scope", "create", "a", "--resource", "talk", "--sentence", "en=A", "--consequence", "en=B", "--risk", "grave"], "",
    "not one of low, moderate, elevated, high"
)]
#[case::client_without_name(&["client", "create", "--public"], "", "missing field `client_name`")]
#[case::client_with_unknown_scope(
    &["client", "create", "--name", "App", "--redirect-uri", "https://app.example/cb", "--scope", "message:reed"], "",
    "there is no scope message:reed"
)]
#[case::client_with_unknown_member(&["client", "create", "--json", "-"], r#"{"client_nam": "App"}"#, "unknown field `client_nam`")]
#[case::client_from_two_sources(&["client", "create", "--json", "-", "--name", "App"], "{}", "put the other options in there")]
#[case::insecure_redirect(
    &["client", "create", "--name", "App", "--redirect-uri", "http://app.example/cb"], "", "use https"
)]
#[case::unreachable_sector(
    &["client", "create", "--json", "-"],
    r#"{"client_name": "App", "redirect_uris": ["https://a.example/cb", "https://b.example/cb"], "subject_type": "pairwise",
        "sector_identifier_uri": "http://localhost:1/uris.json"}"#,
    "sector_identifier_uri cannot be fetched: the URL is not allowed"
)]
#[case::no_client(&["client", "show", "nope"], "", "there is no client nope")]
#[case::unknown_algorithm(&["key", "rotate", "--alg", "HS256"], "", "not one of RS256, ES256, EdDSA")]
fn invalid_arguments_are_refused(#[case] arguments: &[&str], #[case] input: &str, #[case] reason: &str) {
    let workplace = Workplace::with_talk();
    workplace.writ(&["user", "create", "ada"], "");
    let said = workplace.refused(arguments, input);
    assert!(said.contains(reason), "{said}");
}
