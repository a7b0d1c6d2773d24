//! One function for each parser of untrusted input. Any input is accepted or refused without a
//! panic, and what is accepted parses to the same value again.

use std::{
    future::Future,
    pin::Pin,
    sync::{LazyLock, Mutex},
    time::{Duration, SystemTime},
};

use serde_json::{Map, Value, json};
use writ_core::{
    ClientKeys, ClientMetadata, Params, ScopeSet, SigningAlg,
    authorization::{AuthorizationRequest, Target, request, request_object},
    clients::{assertion, credentials, look_alike, metadata_document, registration},
    scopes::{Offer, Offered},
    vocabulary::{
        authorization_details,
        claims_request::ClaimsRequest,
        client_keys::unverified_claims,
        login_name,
        logo::Logo,
        pkce::{CodeChallenge, CodeVerifier},
        prompt::Prompt,
        redirect_uri::RedirectUri,
        web_uri::{RequestUri, WebUri, without_values},
    },
};
use writ_jose::{Algorithm, CompactJws, PublicKey, bearer, freshness, json as strict_json};
use writ_verifier::{Request, Response, Transport, TransportError, Verifier};

const ISSUER: &str = "https://id.example";
const NOW: i64 = 1_800_000_000;
/// The example key of RFC 7515 Appendix A.3.
const KEY: &str = r#"{"kty":"EC","crv":"P-256","kid":"key","alg":"ES256","use":"sig",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

/// The target with this name.
pub type Fuzzed = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Fuzzed; 12] = [
    ("params", params),
    ("authorization_request", authorization_request),
    ("claims_request", claims_request),
    ("client_authentication", client_authentication),
    ("client_metadata", client_metadata),
    ("headers", headers),
    ("jwk_set", jwk_set),
    ("jwt", jwt),
    ("names", names),
    ("request_object", request_object_claims),
    ("uris", uris),
    ("access_token", access_token),
];

static OFFER: LazyLock<Offer> = LazyLock::new(|| {
    let offered = |name: &str| Offered { name: name.to_owned(), is_default: name == "profile:read" };
    let scopes = ["profile:read", "message:read"].map(offered).to_vec();
    Offer::new([("https://talk.example".to_owned(), scopes)], format!("{ISSUER}/userinfo"))
});

static CLIENT: LazyLock<ClientMetadata> = LazyLock::new(|| {
    let metadata = json!({
        "client_name": "Shop", "redirect_uris": ["https://shop.example/cb", "http://127.0.0.1/cb"],
        "scope": "openid profile:read message:read", "grant_types": ["authorization_code", "refresh_token"],
    });
    serde_json::from_value(metadata).expect("client metadata")
});

fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}

/// Forms and queries.
pub fn params(data: &[u8]) {
    let Ok(params) = Params::parse(data) else { return };
    let _ = (params.check_unrepeated(), params.check_unrepeated_but("resource"), ScopeSet::asked(&params));
    let _ = authorization_details::refuse(params.get("authorization_details").ok().flatten());
    if let Ok(encoded) = request::encode("client", &params) {
        let again = Params::parse(encoded.as_bytes()).expect("what was encoded is read again");
        for name in ["scope", "state", "redirect_uri", "nonce"] {
            if let Ok(value) = params.get(name) {
                assert_eq!(again.get(name).expect("not repeated"), value, "{name}");
            }
        }
    }
}

/// Authorization requests and their targets.
pub fn authorization_request(data: &[u8]) {
    let Ok(params) = Params::parse(data) else { return };
    let _ = AuthorizationRequest::parse(&params, &CLIENT, &OFFER);
    if let Ok(target) = Target::find(&params, "shop", &CLIENT, true) {
        assert!(CLIENT.redirect_uri(&target.redirect_uri, true).is_some(), "{target:?}");
        let sent_to = target.uri_with(target.parameters(ISSUER, vec![("code", "c&d")]));
        assert!(sent_to.starts_with(&target.redirect_uri) && !sent_to.contains("c&d"), "{sent_to}");
    }
}

/// The `claims` parameter.
pub fn claims_request(data: &[u8]) {
    let Ok(claims) = ClaimsRequest::parse(&text(data)) else { return };
    let again = ClaimsRequest::from_stored(&claims.to_stored()).expect("what was stored is read again");
    assert_eq!(claims.to_stored(), again.to_stored());
    let _ = (claims.names().count(), claims.scopes(), claims.subject().is_some(), claims.acr_is_met());
}

/// `Authorization` headers and credentials in a form: the header, a NUL, the form.
pub fn client_authentication(data: &[u8]) {
    let (header, form) = split(data);
    let Ok(params) = Params::parse(form) else { return };
    let _ = credentials::parse(&[], &params);
    let _ = credentials::parse(&[header], &params);
    let _ = assertion::subject(&text(header));
}

/// Registrations and metadata documents.
pub fn client_metadata(data: &[u8]) {
    let terms = registration::Terms {
        scope: ["openid", "profile:read"].map(str::to_owned).into_iter().collect(),
        require_pkce: true,
        id_token_signing_alg: SigningAlg::RS256,
    };
    let url = "https://app.example/client.json";
    let _ = metadata_document::parse(url, data, &terms);
    let _ = metadata_document::check_url(&text(data));
    let Some(members) = strict_json::parse_object(data) else { return };
    let Ok(metadata) = registration::parse(members, &terms) else { return };
    // Accepted metadata can be registered again (RFC 7592 §2.2).
    let described = registration::describe(&metadata);
    let again = registration::parse(described.clone(), &terms).unwrap_or_else(|error| panic!("{error}: {described:?}"));
    assert_eq!(registration::describe(&again), described);
    let _ = look_alike::find(&metadata, [&look_alike::Trusted::client("shop", &CLIENT)]);
}

/// `Cache-Control`, `Age` and `Authorization`, separated by NUL.
pub fn headers(data: &[u8]) {
    let (first, second) = split(data);
    let _ = freshness::lifetime([&*text(first)], Some(&text(second)));
    let _ = freshness::lifetime([&*text(first), &*text(second)], None);
    let _ = (bearer::token([first]), bearer::token([first, second]));
}

/// Key sets of clients.
pub fn jwk_set(data: &[u8]) {
    let Some(document) = strict_json::parse_object(data) else { return };
    for algorithm in [Algorithm::ES256, Algorithm::RS256, Algorithm::EdDSA] {
        if let Some(key) = PublicKey::parse(&document, algorithm) {
            assert!(!key.verify(b"message", b"no signature"));
        }
    }
    let _ = ClientKeys::parse(document.into());
}

/// JSON web signatures of clients.
pub fn jwt(data: &[u8]) {
    static KEYS: LazyLock<ClientKeys> = LazyLock::new(|| {
        let key: Value = serde_json::from_str(KEY).expect("JSON");
        ClientKeys::parse(json!({ "keys": [key] })).expect("a key set")
    });
    let token = text(data);
    let verified = KEYS.verify::<Map<String, Value>>(&token, &["jwt"], None);
    assert!(verified.is_err(), "no key signed {token}");
    let _ = unverified_claims::<assertion::AssertionClaims>(&token);
    if let Some(jws) = CompactJws::split(&token) {
        let _ = (jws.header(), jws.payload(), jws.signature());
    }
}

/// User names, e-mail addresses, names of clients and hosts, and the short parameters.
pub fn names(data: &[u8]) {
    let (one, other) = split(data);
    let (one, other) = (&*text(one), &*text(other));
    if let Ok(name) = login_name::username(one) {
        assert_eq!(login_name::username(&name).as_deref(), Ok(&*name));
        assert_eq!(login_name::normalize(&name), name);
    }
    if let Some(email) = login_name::email(one) {
        assert_eq!(login_name::email(&email).as_deref(), Some(&*email));
    }
    assert_eq!(look_alike::are_names_alike(one, other), look_alike::are_names_alike(other, one));
    assert_eq!(look_alike::are_hosts_alike(one, other), look_alike::are_hosts_alike(other, one));
    let _ = (Prompt::parse(one), Logo::parse(data.to_vec()));
    if let Ok(scope) = ScopeSet::parse(one) {
        assert_eq!(ScopeSet::parse(&scope.to_string()), Ok(scope));
    }
    if let (Ok(challenge), Ok(verifier)) = (CodeChallenge::parse(one, Some("S256")), CodeVerifier::parse(other)) {
        let _ = challenge.matches(&verifier);
    }
}

/// The claims of request objects and client assertions.
pub fn request_object_claims(data: &[u8]) {
    if let Ok(claims) = serde_json::from_slice::<assertion::AssertionClaims>(data) {
        let _ = assertion::check(&claims, assertion::Expected { client_id: "shop", audiences: &[ISSUER], now: NOW });
        let _ = claims.once.used_until();
    }
    let Some(claims) = strict_json::parse_object(data) else { return };
    for require_signed in [false, true] {
        let expected = request_object::Expected { client_id: "shop", issuer: ISSUER, require_signed, now: NOW };
        if let Ok(object) = request_object::read(claims.clone(), &expected) {
            let until = object.single_use.map_or(NOW, |(_, until)| until);
            assert!(until <= NOW + 2 * 3600, "a jti is remembered for {until}");
        }
    }
}

/// URIs of clients.
pub fn uris(data: &[u8]) {
    let text = text(data);
    if let Ok(uri) = RedirectUri::parse(&text) {
        assert_eq!(uri.as_str(), text);
        assert!(
            !["javascript:", "data:", "vbscript:"].iter().any(|scheme| text.to_ascii_lowercase().starts_with(scheme))
        );
        assert!(!text.contains('#') && text.is_ascii(), "{text}");
    }
    if let Ok(uri) = WebUri::parse(&text) {
        let _ = (uri.host(), uri.origin());
    }
    if let Ok(uri) = RequestUri::parse(&text) {
        assert!(uri.matches(&text));
    }
    assert_eq!(without_values(&without_values(&text)), without_values(&text));
}

/// Access tokens, with the verifier of the SDK.
pub fn access_token(data: &[u8]) {
    static RUNTIME: LazyLock<Mutex<tokio::runtime::Runtime>> =
        LazyLock::new(|| Mutex::new(tokio::runtime::Builder::new_current_thread().build().expect("a runtime")));
    static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs());
        let builder = Verifier::builder(ISSUER, "https://talk.example").transport(Published).clock(move || now);
        builder.build().expect("a verifier")
    });
    let token = text(data);
    let runtime = RUNTIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    assert!(runtime.block_on(VERIFIER.verify(&token)).is_err(), "no key signed {token}");
}

/// The issuer's documents, without a network.
struct Published;

impl Transport for Published {
    fn send(&self, request: Request) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send>> {
        let document = match request.url().path() {
            "/jwks" => format!(r#"{{"keys":[{KEY}]}}"#),
            _ => json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/jwks") }).to_string(),
        };
        Box::pin(async move { Ok(Response::new(document.into_bytes())) })
    }
}

fn split(data: &[u8]) -> (&[u8], &[u8]) {
    let at = data.iter().position(|byte| *byte == 0);
    at.map_or((data, &[][..]), |at| (&data[..at], &data[at + 1..]))
}
