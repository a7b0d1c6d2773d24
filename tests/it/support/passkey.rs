//! A software authenticator with one passkey, and the browser that talks to it.

use std::sync::Arc;

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;
use writ::config::Settings;

use super::{Browser, Page, TestServer, authenticator::enter_password};

/// The page of the passkeys.
pub(crate) const PASSKEYS: &str = "/account/passkeys";
/// The user is present and verified.
const VERIFIED: u8 = 0b0000_0101;
/// The passkey can be copied, and is.
const SYNCED: u8 = 0b0001_1000;
/// There is a credential.
const CREDENTIAL: u8 = 0b0100_0000;

/// An authenticator. Its public fields can be made wrong.
#[derive(Clone)]
pub(crate) struct Passkey {
    pub(crate) key: Arc<EcdsaKeyPair>,
    pub(crate) credential_id: Vec<u8>,
    pub(crate) user_handle: String,
    pub(crate) aaguid: [u8; 16],
    pub(crate) rp_id: String,
    pub(crate) origin: String,
    pub(crate) flags: u8,
    /// The origin of the page whose frame uses it, if that is another one.
    pub(crate) top_origin: Option<&'static str>,
    /// The signature counter, which increases with each use unless it is 0.
    pub(crate) counter: u32,
}

type Fields = Vec<(&'static str, String)>;

/// Gives a server a host name, so that it has passkeys. Tests reach it by its address.
pub(crate) fn with_host_name(settings: &mut Settings) {
    settings.server.issuer = settings.server.issuer.as_str().replace("127.0.0.1", "localhost").parse().expect("a URL");
}

impl Passkey {
    /// A passkey that stays on its device.
    pub(crate) fn bound(server: &TestServer) -> Self {
        Self::at(&server.server.settings.server.issuer.origin())
    }

    /// The same for a server with this origin.
    pub(crate) fn at(origin: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        Self {
            credential_id: digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec(),
            key: Arc::new(key),
            user_handle: String::new(),
            aaguid: [0; 16],
            rp_id: "localhost".to_owned(),
            origin: origin.to_owned(),
            flags: VERIFIED,
            top_origin: None,
            counter: 1,
        }
    }

    /// A passkey that the user's devices share. It has no counter.
    pub(crate) fn synced(server: &TestServer) -> Self {
        let bound = Self::bound(server);
        Self { flags: bound.flags | SYNCED, counter: 0, ..bound }
    }

    /// The fields that a page posts for a new passkey.
    pub(crate) fn creation(&self, page: &Page) -> Fields {
        let client_data = self.client_data("webauthn.create", &challenge(page));
        let mut data = self.authenticator_data(self.flags | CREDENTIAL);
        data.extend(self.aaguid);
        data.extend(u16::try_from(self.credential_id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.credential_id);
        data.extend(cose_key(self.key.public_key().as_ref()));
        let response = json!({
            "clientDataJSON": encode(client_data),
            "attestationObject": encode(attestation_object(&data)),
        });
        let mut fields = self.fields(page, response);
        fields.push(("aaguid", Uuid::from_bytes(self.aaguid).simple().to_string()));
        fields
    }

    /// The fields that a page posts when the passkey is used.
    pub(crate) fn assertion(&mut self, page: &Page) -> Fields {
        self.counter += u32::from(self.counter > 0);
        let client_data = self.client_data("webauthn.get", &challenge(page));
        let data = self.authenticator_data(self.flags);
        let signed = [&data[..], digest(&SHA256, client_data.as_bytes()).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("signed");
        let response = json!({
            "clientDataJSON": encode(client_data),
            "authenticatorData": encode(data),
            "signature": encode(signature),
            "userHandle": Some(&self.user_handle).filter(|handle| !handle.is_empty()),
        });
        self.fields(page, response)
    }

    fn fields(&self, page: &Page, response: Value) -> Fields {
        let id = encode(&self.credential_id);
        let credential = json!({ "id": id, "rawId": id, "type": "public-key", "response": response });
        vec![("ceremony", page.hidden("ceremony")), ("credential", credential.to_string())]
    }

    fn client_data(&self, ceremony: &str, challenge: &str) -> String {
        let (origin, cross_origin) = (&self.origin, self.top_origin.is_some());
        let top = self.top_origin.map(|top| format!(r#","topOrigin":"{top}""#)).unwrap_or_default();
        format!(
            r#"{{"type":"{ceremony}","challenge":"{challenge}","origin":"{origin}","crossOrigin":{cross_origin}{top}}}"#
        )
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, self.rp_id.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// Registers the passkey in a browser in which its user has just signed in.
    pub(crate) async fn register(&mut self, browser: &Browser) -> Page {
        let page = browser.open("/account/passkeys/new").await;
        options(&page)["user"]["id"].as_str().expect("a user handle").clone_into(&mut self.user_handle);
        let fields = self.creation(&page);
        post(browser, "/account/passkeys/new", &[("csrf", page.hidden("csrf"))], fields).await
    }

    /// Signs in on a sign-in page, without a username.
    pub(crate) async fn sign_in(&mut self, browser: &Browser, login: &Page) -> Page {
        let fields = self.assertion(login);
        self::sign_in(browser, login, fields).await
    }
}

/// Posts the response of a passkey to the sign-in page.
pub(crate) async fn sign_in(browser: &Browser, login: &Page, response: Fields) -> Page {
    let hidden = |name: &'static str| (name, login.find_hidden(name).unwrap_or_default());
    post(browser, "/login", &["request", "return_to", "csrf"].map(hidden), response).await
}

/// Posts a form that a passkey has filled in.
pub(crate) async fn post(browser: &Browser, path: &str, own: &[(&str, String)], response: Fields) -> Page {
    let fields: Vec<(&str, &str)> =
        own.iter().map(|(name, value)| (*name, &**value)).chain(response.iter().map(|(n, v)| (*n, &**v))).collect();
    browser.post(path, &fields).await
}

/// A server with passkeys.
pub(crate) async fn start() -> TestServer {
    TestServer::start_with(with_host_name).await
}

/// A server on which alice has a passkey, and the browser in which she registered it.
pub(crate) async fn with_passkey() -> (TestServer, Browser, Passkey) {
    let server = start().await;
    let (browser, passkey) = registered(&server, "alice").await;
    (server, browser, passkey)
}

/// A browser of this user, and the passkey that was registered in it.
pub(crate) async fn registered(server: &TestServer, username: &str) -> (Browser, Passkey) {
    let browser = server.browser();
    enter_password(&browser, username).await;
    let mut passkey = Passkey::bound(server);
    assert_eq!(passkey.register(&browser).await.next().as_deref(), Some(PASSKEYS));
    (browser, passkey)
}

/// Whether the user is signed in.
pub(crate) fn is_in(page: &Page) -> bool {
    page.status == StatusCode::SEE_OTHER && page.cookie("writ_session").is_some_and(|cookie| !cookie.is_empty())
}

/// Whether a page says that nothing was done.
pub(crate) fn is_refused(page: &Page) -> bool {
    page.status == StatusCode::BAD_REQUEST && page.body.contains("id=\"error\"") && !is_in(page)
}

/// Posts a form about the first passkey on the account page.
pub(crate) async fn submit(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.open(PASSKEYS).await;
    let (csrf, passkey) = (page.hidden("csrf"), page.hidden("passkey"));
    let mut all = vec![("csrf", &*csrf), ("passkey", &passkey)];
    all.extend(fields);
    browser.post(path, &all).await
}

/// The page that asks for a passkey before a change of factors, and what follows its response.
pub(crate) async fn confirm(browser: &Browser, passkey: &mut Passkey, then: &str) -> Page {
    let page = browser.open(&format!("/account/confirm?then={then}")).await;
    let own = [("csrf", page.hidden("csrf")), ("then", page.hidden("then"))];
    let response = passkey.assertion(&page);
    post(browser, "/account/confirm", &own, response).await
}

/// What a page asks of the authenticator.
pub(crate) fn options(page: &Page) -> Value {
    let value = page.body.split("data-options=\"").nth(1).and_then(|rest| rest.split('"').next());
    let value = value.unwrap_or_else(|| panic!("no options: {page:?}")).replace("&#34;", "\"");
    serde_json::from_str(&value).unwrap_or_else(|error| panic!("{error}: {value}"))
}

fn challenge(page: &Page) -> String {
    options(page)["challenge"].as_str().expect("a challenge").to_owned()
}

/// A P-256 key for COSE ([RFC 9053 §7.1](https://www.rfc-editor.org/rfc/rfc9053#section-7.1)), from
/// its uncompressed point.
fn cose_key(point: &[u8]) -> Vec<u8> {
    let [x, y] = [&point[1..33], &point[33..]];
    // A map of five: the type 2, the algorithm -7, the curve 1, and the coordinates.
    [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..], x, &[0x22, 0x58, 32], y].concat()
}

/// The attestation object without an attestation, in CBOR
/// ([§8.7](https://www.w3.org/TR/webauthn-3/#sctn-none-attestation)).
fn attestation_object(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("short data").to_be_bytes();
    let head: &[u8] = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59";
    [head, &length, data].concat()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
