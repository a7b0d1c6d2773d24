//! A software authenticator with one passkey, which is synced and has no counter, so that several
//! connections can use it at once.

use std::sync::Arc;

use anyhow::{Context, ensure};
use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Page},
    http::{Connection, form},
};

/// The page that registers a passkey.
const REGISTRATION: &str = "/account/passkeys/new";
/// The user is present and verified, and the passkey can be copied, and is.
const FLAGS: u8 = 0b0001_1101;
/// There is a credential.
const CREDENTIAL: u8 = 0b0100_0000;

/// The passkey of a user.
#[derive(Clone)]
pub(crate) struct Passkey {
    key: Arc<EcdsaKeyPair>,
    credential_id: String,
    user_handle: String,
    origin: String,
}

impl Passkey {
    /// Registers a passkey at the issuer with this origin, in the browser of its user. `None` at a
    /// server that is older than passkeys.
    pub(crate) async fn register(
        origin: String,
        browser: &mut Browser,
        connection: &mut Connection,
    ) -> anyhow::Result<Option<Self>> {
        if connection.get(REGISTRATION, &browser.cookie_header()).await?.status == 404 {
            return Ok(None);
        }
        let page = browser.visit(connection, REGISTRATION).await?;
        let options = options(&page)?;
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?;
        let public_key = key.public_key().as_ref().to_vec();
        let id = digest(&SHA256, &public_key);
        let user_handle = options["user"]["id"].as_str().context("a user handle")?.to_owned();
        let passkey = Self { key: Arc::new(key), credential_id: encode(id), user_handle, origin };

        let id = id.as_ref();
        let mut data = authenticator_data(FLAGS | CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(id.len())?.to_be_bytes());
        data.extend(id);
        data.extend(cose_key(&public_key));
        let head: &[u8] = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59";
        let attestation = [head, &u16::try_from(data.len())?.to_be_bytes(), &data].concat();
        let response = json!({
            "clientDataJSON": encode(passkey.client_data("webauthn.create", &options)?),
            "attestationObject": encode(attestation),
        });
        let hidden = |name: &str| page.hidden(name).with_context(|| format!("no field {name}"));
        let (csrf, ceremony, credential) = (hidden("csrf")?, hidden("ceremony")?, passkey.credential(&response));
        let fields = [("csrf", &*csrf), ("ceremony", &ceremony), ("credential", &credential)];
        let answer = connection.post(REGISTRATION, &browser.cookie_header(), &form(&fields)).await?;
        ensure!(answer.status == 303, "no passkey: {}", answer.text());
        Ok(Some(passkey))
    }

    /// The credential for what a page asks.
    pub(crate) fn assertion(&self, page: &Page) -> anyhow::Result<String> {
        let (client_data, data) = (self.client_data("webauthn.get", &options(page)?)?, authenticator_data(FLAGS));
        let signed = [&data[..], digest(&SHA256, client_data.as_bytes()).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed)?;
        Ok(self.credential(&json!({
            "clientDataJSON": encode(client_data),
            "authenticatorData": encode(data),
            "signature": encode(signature),
            "userHandle": self.user_handle,
        })))
    }

    fn credential(&self, response: &Value) -> String {
        let id = &self.credential_id;
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> anyhow::Result<String> {
        let challenge = options["challenge"].as_str().context("a challenge")?;
        let Self { origin, .. } = self;
        Ok(format!(r#"{{"type":"{ceremony}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#))
    }
}

/// What a page asks of the authenticator.
fn options(page: &Page) -> anyhow::Result<Value> {
    let (_, rest) = page.html.split_once("data-options=\"").context("the page asks for no passkey")?;
    let (options, _) = rest.split_once('"').context("the end of the options")?;
    Ok(serde_json::from_str(&options.replace("&#34;", "\""))?)
}

fn authenticator_data(flags: u8) -> Vec<u8> {
    let mut data = digest(&SHA256, b"localhost").as_ref().to_vec();
    data.push(flags);
    data.extend([0; 4]);
    data
}

/// A P-256 key for COSE ([RFC 9053 §7.1](https://www.rfc-editor.org/rfc/rfc9053#section-7.1)), from
/// its uncompressed point.
fn cose_key(point: &[u8]) -> Vec<u8> {
    let [x, y] = [&point[1..33], &point[33..]];
    // A map of five: the type 2, the algorithm -7, the curve 1, and the coordinates.
    [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..], x, &[0x22, 0x58, 32], y].concat()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
