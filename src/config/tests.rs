use std::io::Write;

use rstest::rstest;

use super::*;

/// Loads `file` (text of a TOML file) and `env`.
fn load(file: &str, env: &[(&str, &str)]) -> Result<Settings, String> {
    let mut path = std::env::temp_dir();
    path.push(format!("writ-{}.toml", uuid::Uuid::now_v7()));
    let mut written = std::fs::File::create_new(&path).expect("a new file");
    written.write_all(file.as_bytes()).expect("written");
    let env = env.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    let loaded = Settings::load(Some(&path), env);
    std::fs::remove_file(&path).expect("removed");
    loaded.map_err(|error| error.to_string().replace(&path.display().to_string(), "writ.toml"))
}

#[test]
fn default_file_has_every_key_and_no_other() {
    let schema = serde_json::to_value(Settings::default()).expect("plain values");
    let mut valid: Vec<String> = layers::valid_keys(&schema).map(|(section, key)| format!("{section}.{key}")).collect();
    let mut section = "";
    let mut named = Vec::new();
    for line in include_str!("../../config/default.toml").lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if let Some((key, _)) = line.trim_start_matches("# ").split_once(" = ")
            && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        {
            named.push(format!("{section}.{key}"));
        }
    }
    valid.sort();
    named.sort();
    assert_eq!(named, valid);
}

#[test]
fn production_example_is_valid() {
    let settings = load(
        include_str!("../../config/production.example.toml"),
        &[("WRIT__DATABASE__URL", "postgres://writ:hunter2@db/writ")],
    )
    .expect("valid");
    assert!(settings.server.issuer.is_https());
    assert_eq!(settings.database.url, "postgres://writ:hunter2@db/writ".parse().expect("valid"));
}

#[test]
fn compose_file_configuration_is_valid() {
    let env = [
        ("WRIT__DATABASE__URL", "postgres://writ:hunter2@db/writ"),
        ("WRIT__SERVER__ISSUER", "https://localhost:8443"),
    ];
    let settings = load(include_str!("../../config/compose.toml"), &env).expect("valid");
    assert_eq!(settings.server.listen.to_string(), "0.0.0.0:8400");
}

#[test]
fn later_layers_win() {
    let file = "[server]\nlisten = \"[::1]:1\"\nworkers = 3\n[tokens]\nid_token_signing_alg = \"EdDSA\"";
    let env = [
        ("WRIT__SERVER__LISTEN", "127.0.0.1:2"),
        ("WRIT__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8"),
        ("WRIT__OUTGOING__ALLOW_LOOPBACK", "true"),
        ("WRIT__TLS__CERTIFICATE", "cert.pem"),
        ("WRIT__TLS__PRIVATE_KEY", "key.pem"),
        ("WRIT__SERVER__ISSUER", "https://id.example"),
        ("WRIT_MASTER_KEY", "is not a setting"),
        ("PATH", "/bin"),
    ];
    let mut expected = Settings::default();
    expected.server.listen = "127.0.0.1:2".parse().expect("an address");
    expected.server.workers = 3;
    expected.server.issuer = "https://id.example".parse().expect("an issuer");
    expected.server.trusted_proxies = ["10.0.0.0/8", "fd00::/8"].map(|net| net.parse().expect("a network")).to_vec();
    expected.tokens.id_token_signing_alg = writ_core::vocabulary::signing_alg::SigningAlg::EdDSA;
    expected.outgoing.allow_loopback = true;
    expected.tls.certificate = Some("cert.pem".into());
    expected.tls.private_key = Some("key.pem".into());
    assert_eq!(load(file, &env), Ok(expected));
}

#[rstest]
#[case::misspelled_key(
    "[tokens]\ncode_lifetime = 30\nacess_token_lifetime = 60",
    "writ.toml, line 3: unknown key `tokens.acess_token_lifetime`; the nearest valid key is `tokens.access_token_lifetime`"
)]
#[case::key_of_another_section(
    "[server]\npool_size = 4",
    "writ.toml, line 2: unknown key `server.pool_size`; the nearest valid key is `database.pool_size`"
)]
#[case::key_without_section(
    "issuer = \"https://id.example\"",
    "writ.toml, line 1: unknown key `issuer`; the nearest valid key is `server.issuer`"
)]
#[case::nothing_near("[server]\nxyzzy = 1", "writ.toml, line 2: unknown key `server.xyzzy`")]
#[case::unknown_section("[plugins]\na = 1", "writ.toml, line 1: unknown key `plugins`")]
#[case::section_without_table(
    "database = \"postgres://writ:hunter2@db/writ\"",
    "writ.toml, line 1: `database`: expected a table `[database]` of keys"
)]
#[case::wrong_type(
    "[tokens]\ncode_lifetime = \"60\"",
    "writ.toml, line 2: `tokens.code_lifetime`: invalid type: string \"60\", expected an integer from 1 to 60"
)]
#[case::out_of_bounds(
    "[tokens]\ncode_lifetime = 61",
    "writ.toml, line 2: `tokens.code_lifetime`: invalid value: integer `61`, expected an integer from 1 to 60"
)]
#[case::negative(
    "[sweep]\nbatch = -1",
    "writ.toml, line 2: `sweep.batch`: invalid value: integer `-1`, expected an integer from 1 to 100000"
)]
#[case::too_short_to_be_on(
    "[tokens]\ngrant_max_lifetime = 1",
    "writ.toml, line 2: `tokens.grant_max_lifetime`: invalid value: integer `1`, expected 0 or an integer from 60 to 315360000"
)]
#[case::unknown_algorithm(
    "[tokens]\nid_token_signing_alg = \"HS256\"",
    "writ.toml, line 2: `tokens.id_token_signing_alg`: unknown variant `HS256`, expected one of `RS256`, `ES256`, `EdDSA`"
)]
#[case::insecure_issuer(
    "[server]\nissuer = \"http://id.example\"",
    "plain http is accepted for a loopback host, or for a host in `server.insecure_hosts`; \
     `server.issuer` is set by writ.toml, line 2, `server.insecure_hosts` by the built-in default"
)]
#[case::database_without_echo(
    "[database]\nurl = \"mysql://root:hunter2@db/writ\"",
    "writ.toml, line 2: `database.url`: expected `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/NAME`"
)]
#[case::log_filter(
    "[log]\nfilter = \"writ=loud\"",
    "writ.toml, line 2: `log.filter`: expected log directives such as `info` or `writ=debug,warn`"
)]
#[case::color(
    "[branding]\naccent_color = \"red\"",
    "writ.toml, line 2: `branding.accent_color`: expected a colour written `#rrggbb`"
)]
#[case::not_toml(
    "[database]\n\nurl = postgres://writ:hunter2@db/writ",
    "writ.toml, line 3: not valid TOML: string values must be quoted, expected literal string"
)]
#[case::twice("[log]\nfilter = \"info\"\nfilter = \"warn\"", "writ.toml, line 3: not valid TOML: duplicate key")]
#[case::certificate_without_key(
    "[tls]\ncertificate = \"cert.pem\"",
    "a certificate needs its private key; `tls.certificate` is set by writ.toml, line 2, `tls.private_key` by the built-in default"
)]
#[case::https_without_tls(
    "[server]\nissuer = \"https://id.example\"",
    "an https issuer needs `tls.certificate` and `tls.private_key`, or `acme.challenge`, or the proxy that speaks TLS in front named in `server.trusted_proxies`; `server.issuer` is set by writ.toml, line 2, `server.trusted_proxies` by the built-in default"
)]
#[case::terms_not_agreed(
    "[server]\nissuer = \"https://id.example\"\n[acme]\nchallenge = \"tls-alpn-01\"",
    "an authority issues certificates to those who have agreed to its terms of service; `acme.challenge` is set by writ.toml, line 4, `acme.terms_of_service_agreed` by the built-in default"
)]
#[case::challenge_without_its_port(
    "[server]\nissuer = \"https://id.example\"\n[acme]\nchallenge = \"http-01\"\nterms_of_service_agreed = true",
    "the challenge is answered over plain http: on an address of its own, or on a Unix socket of `server.listen`; `acme.challenge` is set by writ.toml, line 4, `acme.http_listen` by the built-in default"
)]
#[case::two_certificates(
    "[server]\nissuer = \"https://id.example\"\n[tls]\ncertificate = \"a\"\nprivate_key = \"b\"\n[acme]\nchallenge = \"tls-alpn-01\"",
    "the certificate comes either from files or from an authority; `tls.certificate` is set by writ.toml, line 4, `acme.challenge` by writ.toml, line 7"
)]
#[case::wildcard(
    "[acme]\nnames = [\"*.example\"]",
    "writ.toml, line 2: `acme.names`: expected the name of a host, such as id.example.com"
)]
#[case::idle_beyond_life(
    "[sessions]\nlifetime = 3600",
    "a session cannot idle longer than it lives; `sessions.idle_lifetime` is set by the built-in default, `sessions.lifetime` by writ.toml, line 2"
)]
fn a_file_that_is_refused(#[case] file: &str, #[case] message: &str) {
    assert_eq!(load(file, &[]), Err(message.to_owned()));
}

#[rstest]
#[case::unknown(
    "WRIT__SERVER__ISSUR",
    "https://id.example",
    "environment variable WRIT__SERVER__ISSUR: unknown key `server.issur`; the nearest valid key is `server.issuer`"
)]
#[case::without_section(
    "WRIT__ISSUER",
    "https://id.example",
    "environment variable WRIT__ISSUER: unknown key `issuer`; the nearest valid key is `server.issuer`"
)]
#[case::not_a_number(
    "WRIT__SWEEP__INTERVAL",
    "hourly",
    "environment variable WRIT__SWEEP__INTERVAL: `sweep.interval`: invalid type: string \"hourly\", expected an integer from 1 to 86400"
)]
#[case::not_an_address(
    "WRIT__SERVER__LISTEN",
    "8400",
    "environment variable WRIT__SERVER__LISTEN: `server.listen`: expected `ADDRESS:PORT`, such as `0.0.0.0:8400`, or `unix:PATH`"
)]
#[case::contradiction(
    "WRIT__TLS__PRIVATE_KEY",
    "key.pem",
    "a private key needs its certificate; `tls.private_key` is set by environment variable WRIT__TLS__PRIVATE_KEY, `tls.certificate` by the built-in default"
)]
fn a_variable_that_is_refused(#[case] name: &str, #[case] value: &str, #[case] message: &str) {
    assert_eq!(load("", &[(name, value)]), Err(message.to_owned()));
}

#[test]
fn missing_file_is_refused() {
    let error =
        Settings::load(Some(Path::new("/nonexistent/writ.toml")), std::iter::empty()).expect_err("no such file");
    assert!(error.to_string().starts_with("cannot read /nonexistent/writ.toml: "), "{error}");
}

#[test]
fn effective_settings_parse_to_the_same_settings() {
    let mut settings = Settings::default();
    settings.branding.accent_color = Some("#0b57d0".to_owned().try_into().expect("a colour"));
    assert_eq!(load(&settings.to_toml(), &[]), Ok(settings));
}

#[test]
fn effective_settings_show_no_password() {
    let env = [("WRIT__DATABASE__URL", "postgres://writ:hunter2@db/writ")];
    let settings = load("", &env).expect("valid");
    assert!(settings.to_toml().contains("postgres://writ:***@db/writ"));
    assert!(!format!("{settings:?}").contains("hunter2"));
}
