use rstest::rstest;

use super::*;
use crate::upstream::{ClaimPointers, Profile};

const ALL: [Preset; 7] =
    [Preset::Google, Preset::Apple, Preset::Microsoft, Preset::Kakao, Preset::Naver, Preset::Line, Preset::GitHub];
const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

/// What the profile says after the amendments of a preset.
fn profile(preset: Preset, mut document: Value) -> Profile {
    preset.amend(&mut document);
    let pointers = preset.members("common").get("userinfo_claims").cloned();
    let pointers: ClaimPointers =
        pointers.map_or_else(ClaimPointers::default, |pointers| serde_json::from_value(pointers).expect("pointers"));
    Profile::of(&document, &pointers)
}

#[test]
fn preset_has_a_name_and_an_issuer_over_https() {
    for preset in ALL {
        let members = preset.members("common");
        assert!(members["name"].is_string() && members["issuer"].is_string(), "{preset:?}");
        let urls = members.values().filter_map(Value::as_str).filter(|text| text.contains("://"));
        assert!(urls.into_iter().all(|url| url.starts_with("https://")), "{preset:?}");
    }
    assert_eq!(serde_json::from_str::<Preset>("\"github\"").ok(), Some(Preset::GitHub));
}

#[rstest]
#[case::gmail(json!({ "email": "ada@gmail.com", "email_verified": true }), true)]
#[case::workspace(json!({ "email": "ada@example.com", "email_verified": true, "hd": "example.com" }), true)]
#[case::elsewhere(json!({ "email": "ada@example.com", "email_verified": true }), false)]
#[case::unverified(json!({ "email": "ada@gmail.com", "email_verified": false }), false)]
#[case::similar_domain(json!({ "email": "ada@notgmail.com", "email_verified": true }), false)]
#[case::empty_hd(json!({ "email": "ada@example.com", "email_verified": true, "hd": "" }), false)]
fn google_verifies_addresses_that_it_runs(#[case] claims: Value, #[case] verified: bool) {
    assert_eq!(profile(Preset::Google, claims).email_verified, verified);
}

#[rstest]
#[case(json!({ "email": "ada@example.com" }), false)]
#[case(json!({ "email": "ada@example.com", "email_verified": true }), false)]
#[case(json!({ "email": "ada@example.com", "xms_edov": false }), false)]
#[case(json!({ "email": "ada@example.com", "xms_edov": true }), true)]
#[case(json!({ "email": "ada@example.com", "xms_edov": "1" }), true)]
#[case(json!({ "email": "ada@example.com", "xms_edov": 1 }), true)]
fn microsoft_verifies_addresses_with_a_claim_of_its_own(#[case] claims: Value, #[case] verified: bool) {
    assert_eq!(profile(Preset::Microsoft, claims).email_verified, verified);
}

#[rstest]
#[case::one_tenant(TENANT, json!({ "tid": TENANT }), Some(TENANT))]
#[case::its_users_only(TENANT, json!({ "tid": PERSONAL_TENANT }), Some(TENANT))]
#[case::common("common", json!({ "tid": TENANT }), Some(TENANT))]
#[case::personal("common", json!({ "tid": PERSONAL_TENANT }), Some(PERSONAL_TENANT))]
#[case::organizations("organizations", json!({ "tid": TENANT }), Some(TENANT))]
#[case::personal_in_no_organization("organizations", json!({ "tid": PERSONAL_TENANT }), None)]
#[case::consumers("consumers", json!({}), Some(PERSONAL_TENANT))]
#[case::no_tenant("common", json!({}), None)]
#[case::text("common", json!({ "tid": "common" }), None)]
#[case::path("common", json!({ "tid": "x/../y" }), None)]
#[case::upper_case("common", json!({ "tid": TENANT.to_uppercase() }), None)]
fn issuer_of_microsoft_is_that_of_the_tenant(
    #[case] tenant: &str,
    #[case] claims: Value,
    #[case] expected: Option<&str>,
) {
    let members = Preset::Microsoft.members(tenant);
    let issuer = members["issuer"].as_str().expect("text");
    let found = Preset::Microsoft.issuer_of(issuer, &claims).ok().map(Cow::into_owned);
    assert_eq!(found, expected.map(|tenant| format!("https://login.microsoftonline.com/{tenant}/v2.0")));
}

#[rstest]
#[case::of_a_tenant("organizations", TENANT, true)]
#[case::of_all("common", TENANT, true)]
#[case::personal("common", PERSONAL_TENANT, true)]
#[case::personal_of_organizations("organizations", PERSONAL_TENANT, false)]
#[case::of_one_tenant(TENANT, TENANT, true)]
#[case::another_tenant(TENANT, PERSONAL_TENANT, false)]
#[case::not_a_tenant("common", "common", false)]
#[case::path("common", "x/y", false)]
#[case::empty("common", "", false)]
fn frame_names_an_issuer_that_the_configured_one_stands_for(
    #[case] configured: &str,
    #[case] named: &str,
    #[case] accepted: bool,
) {
    let issuer = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    assert_eq!(Preset::Microsoft.stands_for(&issuer(configured), &issuer(named)), accepted);
    assert!(!Preset::Microsoft.stands_for(&issuer(configured), &issuer(named).replace("login", "evil")));
    assert!(!Preset::Google.stands_for(&issuer("common"), &issuer(TENANT)), "only Microsoft has such issuers");
}

#[test]
fn subject_names_the_tenant_when_the_issuer_does_not() {
    let claims = json!({ "tid": TENANT });
    let subject = |issuer: &str| Preset::Microsoft.subject_of(issuer, &claims, "s".to_owned());
    assert_eq!(subject("https://login.microsoftonline.com/common/v2.0"), format!("{TENANT}/s"));
    assert_eq!(subject(&format!("https://login.microsoftonline.com/{TENANT}/v2.0")), "s");
    let other = Preset::Google.subject_of("https://id.example/common/v2.0", &claims, "s".to_owned());
    assert_eq!(other, "s", "another preset has no tenants");
}

#[rstest]
#[case(json!({ "is_email_valid": true, "is_email_verified": true, "email": "ada@example.com" }), true)]
#[case(json!({ "is_email_valid": false, "is_email_verified": true, "email": "ada@example.com" }), false)]
#[case(json!({ "is_email_verified": true, "email": "ada@example.com" }), false)]
#[case(json!({ "is_email_valid": true, "email": "ada@example.com" }), false)]
fn address_of_kakao_is_valid_and_verified(#[case] account: Value, #[case] verified: bool) {
    let profile = profile(Preset::Kakao, json!({ "id": 1, "kakao_account": account }));
    assert_eq!((profile.email.as_deref(), profile.email_verified), (Some("ada@example.com"), verified));
}

#[test]
fn address_in_an_id_token_of_kakao_does_not_count() {
    let mut claims = json!({ "email": "ada@example.com", "email_verified": true });
    Preset::Kakao.amend(&mut claims);
    assert_eq!(Profile::of(&claims, &ClaimPointers::default()), Profile::default());
}

#[rstest]
#[case(json!({ "id": "x", "name": "Ada", "nickname": "a", "email": "ada@example.com", "email_verified": true }), "Ada")]
#[case(json!({ "id": "x", "nickname": "a", "email": "ada@example.com" }), "a")]
fn address_of_naver_is_never_verified(#[case] response: Value, #[case] name: &str) {
    let profile = profile(Preset::Naver, json!({ "resultcode": "00", "message": "success", "response": response }));
    assert_eq!((profile.name.as_deref(), profile.email_verified), (Some(name), false));
    assert_eq!(profile.email.as_deref(), Some("ada@example.com"));
}

#[rstest]
#[case(json!({ "id": 1, "login": "ada", "name": "Ada Lovelace", "email": "ada@example.com" }), "Ada Lovelace")]
#[case(json!({ "id": 1, "login": "ada", "name": null }), "ada")]
fn public_address_of_github_does_not_count(#[case] user: Value, #[case] name: &str) {
    let profile = profile(Preset::GitHub, user);
    assert_eq!((profile.name.as_deref(), profile.email), (Some(name), None));
}

#[rstest]
#[case(json!([
    { "email": "old@example.com", "verified": true, "primary": false },
    { "email": "ada@example.com", "verified": true, "primary": true },
]), Some("ada@example.com"))]
#[case(json!([{ "email": "ada@example.com", "verified": false, "primary": true }]), None)]
#[case(json!([{ "email": "ada@example.com", "verified": true, "primary": false }]), None)]
#[case(json!([]), None)]
#[case(json!({ "message": "Not Found" }), None)]
#[case(json!(["ada@example.com"]), None)]
fn address_of_github_is_primary_and_verified(#[case] emails: Value, #[case] email: Option<&str>) {
    assert_eq!(primary_email(&emails), email);
}

#[rstest]
#[case(r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"ada@example.com"}"#, Some("Ada Lovelace"))]
#[case(r#"{"name":{"firstName":"Ada"}}"#, Some("Ada"))]
#[case(r#"{"name":"Ada"}"#, None)]
#[case("{}", None)]
#[case("Ada", None)]
fn name_is_in_the_posted_user(#[case] user: &str, #[case] name: Option<&str>) {
    assert_eq!(posted_name(user).as_deref(), name);
}

#[rstest]
#[case(json!(null))]
#[case(json!([]))]
#[case(json!("text"))]
#[case(json!({ "kakao_account": [], "response": 7, "email": {}, "name": [] }))]
fn unexpected_document_changes_nothing_and_does_not_panic(#[case] document: Value) {
    for preset in ALL {
        let mut amended = document.clone();
        preset.amend(&mut amended);
        assert!(!Profile::of(&amended, &ClaimPointers::default()).email_verified, "{preset:?}");
    }
}

#[test]
fn client_secret_of_apple_names_the_team_and_expires_soon() {
    let claims = apple_client_secret("TEAM", "writ", 100);
    let expected = json!({ "iss": "TEAM", "iat": 100, "exp": 400, "aud": "https://appleid.apple.com", "sub": "writ" });
    assert_eq!(claims, expected);
}
