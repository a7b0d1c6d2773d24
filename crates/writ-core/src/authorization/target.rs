//! Where an authorization response is sent. Only the checks in this file create a [`Target`], and
//! only a `Target` can redirect.

use crate::{
    Cause, ClientMetadata, Error, Params,
    vocabulary::{
        params::append_encoded, redirect_uri::RedirectUri, response_mode::ResponseMode, web_uri::without_values,
    },
};

/// A registered redirect URI and the response mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The redirect URI as requested. A loopback port may differ from the registered one.
    pub redirect_uri: String,
    /// Whether the request contained the redirect URI. If so, the token request must repeat it
    /// ([RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3)).
    pub was_sent: bool,
    /// The response mode. An unknown mode is refused later, in the default mode.
    pub response_mode: ResponseMode,
    state: Option<String>,
}

impl Target {
    /// Finds the target of a request. `any_loopback_port` is as in
    /// [`ClientMetadata::redirect_uri`].
    ///
    /// # Errors
    /// `invalid_request` if the redirect URI is not registered, or is missing where it is required.
    /// This error cannot be returned by redirect.
    pub fn find(
        params: &Params,
        client_id: &str,
        client: &ClientMetadata,
        any_loopback_port: bool,
    ) -> Result<Self, Error> {
        let sent = params.get("redirect_uri")?;
        let redirect_uri = match sent {
            Some(sent) => registered(sent, client_id, client, any_loopback_port)?,
            None => only_registered(params, client)?,
        };
        let response_mode = params.get("response_mode").ok().and_then(ResponseMode::parse);
        Ok(Self {
            redirect_uri: redirect_uri.to_owned(),
            was_sent: sent.is_some(),
            response_mode: response_mode.unwrap_or(ResponseMode::Query),
            state: params.get("state").ok().flatten().map(str::to_owned),
        })
    }

    /// The parameters of a response: its own, `state` if the request had it, and `iss`
    /// ([RFC 9207 §2](https://www.rfc-editor.org/rfc/rfc9207#section-2)).
    pub fn parameters<'a>(&'a self, issuer: &'a str, mut response: Vec<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
        response.extend(self.state.as_deref().map(|state| ("state", state)));
        response.push(("iss", issuer));
        response
    }

    /// The redirect URI with the response in its query.
    pub fn uri_with(&self, parameters: Vec<(&str, &str)>) -> String {
        let separator = if self.redirect_uri.contains('?') { '&' } else { '?' };
        append_encoded(format!("{}{separator}", self.redirect_uri), parameters)
    }
}

/// Finds the registered redirect URI that equals the requested one as a string
/// ([RFC 6749 §3.1.2.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2.3)). Loopback ports
/// may vary
/// ([RFC 8252 §7.3](https://www.rfc-editor.org/rfc/rfc8252#section-7.3)).
fn registered<'a>(
    sent: &'a str,
    client_id: &str,
    client: &ClientMetadata,
    any_loopback_port: bool,
) -> Result<&'a str, Error> {
    if client.redirect_uri(sent, any_loopback_port).is_some() {
        return Ok(sent);
    }
    let registered: Vec<&str> = client.redirect_uris.iter().map(RedirectUri::as_str).collect();
    let shown = without_values(sent);
    Err(Error::new(Cause::RedirectUriUnregistered, "redirect_uri is not one that this client registered")
        .because(format!("client {client_id} registered {registered:?} and sent {shown:?}"))
        .expected(most_similar(&registered, sent), shown)
        .of(client_id))
}

/// The redirect URI may be omitted if exactly one is registered
/// ([RFC 6749 §3.1.2.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2.3)). An OpenID request
/// must always contain it
/// ([OpenID Connect Core
/// §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)).
fn only_registered<'a>(params: &'a Params, client: &'a ClientMetadata) -> Result<&'a str, Error> {
    let openid = params.get("scope")?.is_some_and(|scope| scope.split(' ').any(|name| name == "openid"));
    match client.redirect_uris.as_slice() {
        [only] if !openid => Ok(only.as_str()),
        _ => params.require("redirect_uri"),
    }
    .map_err(|error: Error| error.because("it may be left out where one is registered and openid is not requested"))
}

/// The entry of `registered` with the longest common prefix with `sent`.
pub fn most_similar<'a>(registered: &[&'a str], sent: &str) -> &'a str {
    let alike = |uri: &&&str| uri.bytes().zip(sent.bytes()).take_while(|(a, b)| a == b).count();
    registered.iter().max_by_key(alike).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn client(redirect_uris: &[&str]) -> ClientMetadata {
        serde_json::from_value(json!({ "client_name": "Shop", "redirect_uris": redirect_uris })).expect("metadata")
    }

    fn find(query: &str, redirect_uris: &[&str]) -> Result<Target, Error> {
        Target::find(&Params::parse(query.as_bytes()).expect("parameters"), "shop", &client(redirect_uris), false)
    }

    #[test]
    fn redirect_uri_is_registered_or_omitted_when_there_is_one() {
        let (a, b) = ("https://shop.example/a", "https://shop.example/b");
        for (query, registered, expected) in [
            ("redirect_uri=https://shop.example/a", vec![a, b], Ok((a, true))),
            ("redirect_uri=https://shop.example/c", vec![a, b], Err(Cause::RedirectUriUnregistered)),
            ("redirect_uri=https://shop.example/a/", vec![a, b], Err(Cause::RedirectUriUnregistered)),
            ("scope=profile:read", vec![a], Ok((a, false))),
            ("scope=profile:read", vec![a, b], Err(Cause::ParameterMissing)),
            ("scope=profile:read", vec![], Err(Cause::ParameterMissing)),
            ("scope=openid", vec![a], Err(Cause::ParameterMissing)),
            ("scope=openidx+profile", vec![a], Ok((a, false))),
            (
                "redirect_uri=https://shop.example/a&redirect_uri=https://shop.example/a",
                vec![a],
                Err(Cause::ParameterRepeated),
            ),
        ] {
            let found = find(query, &registered);
            let found = found.as_ref().map(|target| (target.redirect_uri.as_str(), target.was_sent));
            assert_eq!(found.map_err(|error| error.cause), expected, "{query}");
        }
    }

    #[test]
    fn response_carries_state_and_issuer() {
        let target = find("redirect_uri=https://shop.example/a&state=x+y", &["https://shop.example/a"]).expect("found");
        let uri = target.uri_with(target.parameters("https://id.example", vec![("code", "c")]));
        assert_eq!(uri, "https://shop.example/a?code=c&state=x+y&iss=https%3A%2F%2Fid.example");
    }
}
