use rstest::rstest;

use super::*;

const PROVIDER: &str =
    "id = \"example\"\nname = \"Example ID\"\nissuer = \"https://id.example\"\nclient_id = \"writ\"\n";

fn read(members: &str) -> Result<UpstreamSettings, String> {
    let parsed = toml::from_str(&format!("[[providers]]\n{PROVIDER}{members}"));
    parsed.map_err(|error: toml::de::Error| error.message().to_owned())
}

fn endpoints(names: &[&str]) -> String {
    names.iter().map(|name| format!("{name} = \"https://id.example/{name}\"\n")).collect()
}

#[rstest]
#[case("")]
#[case("client_secret = \"s\"")]
#[case("client_secret_file = \"/run/secrets/example\"")]
#[case("token_endpoint_auth_method = \"none\"")]
#[case(&endpoints(&["authorization_endpoint", "token_endpoint", "jwks_uri"]))]
#[case(&format!("scopes = [\"user:email\"]\n{}", endpoints(&["authorization_endpoint", "token_endpoint", "userinfo_endpoint"])))]
#[case(&format!("{}[providers.userinfo_claims]\nsub = \"/id\"", endpoints(&["authorization_endpoint", "token_endpoint", "userinfo_endpoint"])))]
fn provider_is_accepted(#[case] members: &str) {
    assert_eq!(read(members).expect("settings").providers.len(), 1);
}

#[rstest]
#[case("client_secret = \"\"", "`client_secret`")]
#[case("client_secret = \"s\"\nclient_secret_file = \"f\"", "`client_secret_file`")]
#[case("client_secret = \"s\"\ntoken_endpoint_auth_method = \"none\"", "`token_endpoint_auth_method`")]
#[case("token_endpoint_auth_method = \"tls\"", "client_secret_post")]
#[case("client_sceret = \"s\"", "client_sceret")]
#[case("scopes = [\"profile\"]", "`scopes`")]
#[case("scopes = [\"openid profile\"]", "`scopes`")]
#[case("trusted_email_domains = [\"@example.com\"]", "`trusted_email_domains`")]
#[case("domains = [\"@example.com\"]", "`domains`")]
#[case("domains = [\"example.com\", \"Example.com\"]", "`domains`")]
#[case("userinfo_claims = { sub = \"id\" }", "`userinfo_claims`")]
#[case("userinfo_claims = { id = \"/id\" }", "id")]
#[case(&endpoints(&["token_endpoint"]), "`token_endpoint`")]
#[case(&endpoints(&["jwks_uri"]), "`jwks_uri`")]
#[case(&endpoints(&["userinfo_endpoint"]), "`userinfo_endpoint`")]
#[case(&endpoints(&["authorization_endpoint", "jwks_uri"]), "`token_endpoint`")]
#[case(&endpoints(&["authorization_endpoint", "token_endpoint"]), "`userinfo_endpoint`")]
#[case(&format!("[[providers]]\n{PROVIDER}"), "`id`")]
#[case(&format!("[[providers]]\n{}", PROVIDER.replace("\"example\"", "\"other\"")), "`issuer`")]
#[case(&format!("[[providers]]\n{}", PROVIDER.replace("\"example\"", "\"other\"").replace("id.example", "a.example").replace("Example", "EXAMPLE")), "`name`")]
#[case(&format!("[[providers]]\n{}", PROVIDER.replace("\"example\"", "\"Example\"")), "`id`")]
#[case(&format!("[[providers]]\n{}", PROVIDER.replace("Example ID", " ")), "`name`")]
#[case(&format!("[[providers]]\n{}", PROVIDER.replace("\"writ\"", "\"\"")), "`client_id`")]
#[case(&format!("[[providers]]\n{}", PROVIDER.replace("https:", "http:")), "https")]
fn member_with_a_mistake_is_named(#[case] members: &str, #[case] member: &str) {
    let error = read(members).expect_err("refused");
    assert!(error.contains(member), "{error}");
}

#[test]
fn secret_is_not_shown() {
    let settings = read("client_secret = \"hunter2\"").expect("settings");
    let shown = [format!("{settings:?}"), toml::to_string(&settings).expect("TOML")];
    assert!(shown.iter().all(|text| !text.contains("hunter2") && text.contains("***")), "{shown:?}");
}

fn preset(members: &str) -> Result<ProviderSettings, String> {
    let parsed =
        toml::from_str::<UpstreamSettings>(&format!("[[providers]]\nid = \"a\"\nclient_id = \"w\"\n{members}"));
    parsed.map(|mut settings| settings.providers.remove(0)).map_err(|error| error.message().to_owned())
}

#[rstest]
#[case("google", "")]
#[case("google", "hosted_domain = \"example.com\"")]
#[case("apple", "client_secret_jwt = { team_id = \"T\", key_id = \"K\", private_key_file = \"f\" }")]
#[case(
    "apple",
    "client_secret_jwt = { team_id = \"T\", key_id = \"K\" }\ntrusted_email_domains = [\"iCloud.com\", \"privaterelay.appleid.com\"]"
)]
#[case("microsoft", "tenant = \"common\"\ntrusted_email_domains = [\"example.com\"]")]
#[case("microsoft", "tenant = \"72f988bf-86f1-41af-91ab-2d7cd011db47\"")]
#[case("kakao", "")]
#[case("naver", "")]
#[case("line", "")]
#[case("github", "")]
fn preset_fills_in_the_members(#[case] name: &str, #[case] members: &str) {
    let settings = preset(&format!("preset = \"{name}\"\n{members}")).expect("settings");
    assert!(settings.preset.is_some() && !settings.name.is_empty(), "{settings:?}");
    let written = toml::to_string(&UpstreamSettings { providers: vec![settings.clone()] }).expect("TOML");
    let again: UpstreamSettings = toml::from_str(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(again.providers, [settings], "what `config show` prints can be read again");
}

#[test]
fn member_that_is_set_has_priority_over_the_preset() {
    let members = "preset = \"github\"\nname = \"Our Code\"\nuserinfo_endpoint = \"https://code.example/user\"";
    assert!(preset(members).expect_err("refused").contains("`issuer`"));
    let members = &format!("{members}\nissuer = \"https://code.example\"");
    let settings = preset(&format!("{members}\nscopes = [\"read:user\"]")).expect("settings");
    assert_eq!((&*settings.name, &*settings.scopes), ("Our Code", &["read:user".to_owned()][..]));
    assert_eq!(
        settings.userinfo_endpoint.map(|uri| uri.as_str().to_owned()).as_deref(),
        Some("https://code.example/user")
    );
    assert_eq!(settings.userinfo_claims.sub, "/id");
    assert_eq!(settings.token_endpoint_auth_method, AuthMethod::ClientSecretPost);
}

#[rstest]
#[case("preset = \"myspace\"", "myspace")]
#[case("preset = 7", "preset")]
#[case("preset = \"microsoft\"", "`tenant`")]
#[case("preset = \"microsoft\"\ntenant = \"example.com\"", "`tenant`")]
#[case("preset = \"microsoft\"\ntenant = \"../x\"", "`tenant`")]
#[case("preset = \"google\"\ntenant = \"common\"", "`tenant`")]
#[case("preset = \"github\"\nhosted_domain = \"example.com\"", "`hosted_domain`")]
#[case("preset = \"google\"\nhosted_domain = \"\"", "`hosted_domain`")]
#[case("preset = \"apple\"", "`client_secret_jwt`")]
#[case("preset = \"apple\"\nclient_secret_jwt = { team_id = \"T\", key_id = \"K\\\"\" }", "`client_secret_jwt`")]
#[case("preset = \"apple\"\nclient_secret_jwt = { team_id = \"T\" }", "key_id")]
#[case(
    "preset = \"apple\"\nclient_secret = \"s\"\nclient_secret_jwt = { team_id = \"T\", key_id = \"K\" }",
    "`client_secret_jwt`"
)]
#[case("preset = \"google\"\nclient_secret_jwt = { team_id = \"T\", key_id = \"K\" }", "`client_secret_jwt`")]
#[case("preset = \"line\"\ntoken_endpoint_auth_method = \"none\"", "`token_endpoint_auth_method`")]
#[case("preset = \"github\"\ntrusted_email_domains = [\"example.com\"]", "`trusted_email_domains`")]
#[case("preset = \"github\"\ntrusted_email_domains = [\"icloud.com\"]", "`trusted_email_domains`")]
#[case(
    "preset = \"apple\"\nclient_secret_jwt = { team_id = \"T\", key_id = \"K\" }\ntrusted_email_domains = [\"icloud.com\", \"gmail.com\"]",
    "`trusted_email_domains`"
)]
fn mistake_beside_a_preset_is_named(#[case] members: &str, #[case] member: &str) {
    let error = preset(members).expect_err("refused");
    assert!(error.contains(member), "{error}");
}
