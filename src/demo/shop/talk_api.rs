//! The client of Talk's API, and the interpretation of its responses.

use oauth2::AccessToken;
use reqwest::{StatusCode, header::WWW_AUTHENTICATE};
use serde::Deserialize;
use serde_json::{Value, json};

/// A call to Talk.
pub(super) enum Call {
    ReadProfile,
    ReadMessages,
    SendMessage { text: String },
    Pay,
}

/// Talk's response.
pub(super) struct Answer {
    /// The request, such as `GET http://localhost:8402/profile`.
    pub(super) request: String,
    /// The status. `None` if Talk was unreachable.
    pub(super) status: Option<StatusCode>,
    /// The challenge in an error response, RFC 6750 §3.
    pub(super) challenge: Option<String>,
    pub(super) body: Value,
}

/// A user's profile from Talk.
#[derive(Clone, Deserialize)]
pub(super) struct Profile {
    pub(super) handle: String,
    pub(super) name: String,
}

/// A message from Talk.
#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) from: String,
    pub(super) text: String,
}

/// The meaning of a response for the page.
pub(super) enum Meaning {
    Done,
    /// The token lacks this scope, because the user did not allow it.
    NotAllowed {
        scope: String,
    },
    /// Talk does not accept the token.
    TokenRefused,
    /// The request was invalid.
    BadRequest,
    Unavailable,
}

/// Talk's API at its base URL.
pub(super) struct TalkApi {
    base_url: String,
    http: reqwest::Client,
}

impl TalkApi {
    pub(super) fn new(base_url: &str, http: reqwest::Client) -> Self {
        Self { base_url: base_url.into(), http }
    }

    /// Sends `call` with the access token in the header, RFC 6750 §2.1. An error response is a
    /// normal result here.
    pub(super) async fn ask(&self, call: Call, token: &AccessToken) -> Answer {
        let path = call.path();
        let url = format!("{}{path}", self.base_url);
        let (method, request) = match call {
            Call::ReadProfile | Call::ReadMessages => ("GET", self.http.get(&url)),
            Call::SendMessage { text } => ("POST", self.http.post(&url).json(&json!({ "text": text }))),
            Call::Pay => ("POST", self.http.post(&url)),
        };
        let mut answer =
            Answer { request: format!("{method} {url}"), status: None, challenge: None, body: Value::Null };
        if let Ok(response) = request.bearer_auth(token.secret()).send().await {
            answer.status = Some(response.status());
            answer.challenge =
                response.headers().get(WWW_AUTHENTICATE).and_then(|challenge| challenge.to_str().ok()).map(Into::into);
            answer.body = response.json().await.unwrap_or_default();
        }
        answer
    }
}

impl Call {
    fn path(&self) -> &'static str {
        match self {
            Self::ReadProfile => "/profile",
            Self::ReadMessages | Self::SendMessage { .. } => "/messages",
            Self::Pay => "/payments",
        }
    }
}

impl Answer {
    pub(super) fn meaning(&self) -> Meaning {
        let Some(status) = self.status else {
            return Meaning::Unavailable;
        };
        let challenge = self.challenge.as_deref().unwrap_or_default();
        match (status, parameter(challenge, "error")) {
            (status, _) if status.is_success() => Meaning::Done,
            (StatusCode::FORBIDDEN, Some("insufficient_scope")) => {
                Meaning::NotAllowed { scope: parameter(challenge, "scope").unwrap_or("another scope").into() }
            }
            (StatusCode::UNAUTHORIZED, _) => Meaning::TokenRefused,
            (status, _) if status.is_server_error() => Meaning::Unavailable,
            _ => Meaning::BadRequest,
        }
    }

    /// The body for the page, as indented JSON.
    pub(super) fn body_text(&self) -> String {
        format!("{:#}", self.body)
    }

    /// The profile, if the response contains one.
    pub(super) fn profile(&self) -> Option<Profile> {
        Profile::deserialize(&self.body).ok()
    }

    /// The messages, if the response contains any.
    pub(super) fn messages(&self) -> Vec<Message> {
        Vec::deserialize(&self.body).unwrap_or_default()
    }
}

/// The quoted value of a parameter in a challenge such as `Bearer error="insufficient_scope",
/// scope="message:send"`.
fn parameter<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    let (_, parameters) = challenge.split_once(' ')?;
    parameters.split(", ").find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        (key.trim() == name).then(|| value.trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, challenge: Option<&str>) -> Answer {
        Answer {
            request: "POST http://localhost:8402/messages".into(),
            status: StatusCode::from_u16(status).ok(),
            challenge: challenge.map(Into::into),
            body: Value::Null,
        }
    }

    #[test]
    fn missing_scope_is_distinguished_from_an_invalid_token() {
        let challenge =
            r#"Bearer realm="talk", error="insufficient_scope", error_description="needs more", scope="message:send""#;
        assert!(matches!(
            answer(403, Some(challenge)).meaning(),
            Meaning::NotAllowed { scope } if scope == "message:send"
        ));
        let challenge = r#"Bearer error="invalid_token""#;
        assert!(matches!(answer(401, Some(challenge)).meaning(), Meaning::TokenRefused));
        assert!(matches!(answer(401, None).meaning(), Meaning::TokenRefused));
        assert!(matches!(answer(403, None).meaning(), Meaning::BadRequest));
        assert!(matches!(answer(503, None).meaning(), Meaning::Unavailable));
        assert!(matches!(answer(201, None).meaning(), Meaning::Done));
    }
}
