//! A sink that is an https endpoint: a JSON array for each batch.

use std::path::Path;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::entry::Entry;
use crate::fetch::Fetcher;

/// The header with the HMAC of the body.
const SIGNATURE: &str = "x-writ-signature";

/// Posts entries. Only a response 2xx is an acceptance.
pub(super) async fn post(
    fetcher: &Fetcher,
    url: &str,
    bearer_file: Option<&Path>,
    signature_key_file: Option<&Path>,
    entries: &[Entry],
) -> Result<(), String> {
    let items: Vec<&str> = entries.iter().map(|entry| entry.json.as_str()).collect();
    let body = format!("[{}]", items.join(","));
    let mut headers = Vec::new();
    if let Some(path) = bearer_file {
        let token = secret("bearer_file", path)?;
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!("bearer_file: {} is not one token", path.display()));
        }
        headers.push(("authorization", Zeroizing::new(format!("Bearer {}", token.as_str()))));
    }
    if let Some(path) = signature_key_file {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret("signature_key_file", path)?.as_bytes());
        headers.push((SIGNATURE, Zeroizing::new(signature(&key, &body))));
    }
    let status = fetcher.post_json(url, body, &headers).await.map_err(|error| error.to_string())?;
    if status.is_success() { Ok(()) } else { Err(format!("HTTP {}", status.as_u16())) }
}

fn signature(key: &hmac::Key, body: &str) -> String {
    let tag = hmac::sign(key, body.as_bytes());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

/// The secret in a file, which is read each time, so that it can be replaced.
fn secret(member: &str, path: &Path) -> Result<Zeroizing<String>, String> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|error| format!("{member}: {}: {error}", path.display()))?;
    match text.trim() {
        "" => Err(format!("{member}: {} is empty", path.display())),
        secret => Ok(Zeroizing::new(secret.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_is_the_hmac_of_the_body() {
        // RFC 4231 §4.3.
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"Jefe");
        assert_eq!(
            signature(&key, "what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
