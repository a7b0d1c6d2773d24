//! Talk, the API of a messenger: an example of an API that Writ protects.
//!
//! Talk only knows the issuer and its own URL. It accepts an access token if Writ's published keys
//! verify it, its audience is Talk, and it has the scope that the request needs. [`writ_verifier`]
//! checks all of this; the rest of this file is the messenger.

use std::{
    collections::{HashMap, VecDeque},
    net::TcpListener,
    sync::{Mutex, PoisonError},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, ResponseError,
    dev::Server,
    http::{StatusCode, header::ACCEPT_LANGUAGE},
    web::{Data, Json, JsonConfig, ServiceConfig, get, post, resource},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use writ_verifier::{Token, Verifier, VerifyError};

/// Maximum number of stored messages, of characters in a message, and of bytes in a request body.
const MESSAGES_KEPT: usize = 100;
const LONGEST_TEXT: usize = 500;
const LARGEST_BODY: usize = 4096;

/// A user of Talk. Writ's tokens identify users by `sub`.
#[derive(Clone, Serialize)]
pub struct TalkUser {
    /// The short name, such as `minji`.
    pub handle: String,
    /// The display name, such as `김민지`.
    pub name: String,
}

/// A message in the messenger's only room.
#[derive(Clone, Serialize)]
struct Message {
    from: String,
    text: String,
    sent_at: Timestamp,
    /// The `client_id` of the app that sent it. `None` if no app did.
    #[serde(skip_serializing_if = "Option::is_none")]
    through: Option<String>,
}

/// The state of Talk.
pub struct Talk {
    /// Keyed by `sub`, the only identifier of a user in a token.
    users: HashMap<String, TalkUser>,
    messages: Mutex<VecDeque<Message>>,
}

/// Why Talk refuses a request.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    /// The token is not sufficient: 401 or 403, with the challenge of RFC 6750 §3.
    #[error(transparent)]
    Token(#[from] VerifyError),
    #[error("Talk does not know this user")]
    UnknownUser,
    #[error("a message has between 1 and {LONGEST_TEXT} characters")]
    Text,
    #[error("the body must be JSON such as {{\"text\": \"Hello\"}}")]
    Body,
}

#[expect(clippy::disallowed_methods, reason = "an API is another program, with a clock of its own")]
fn now() -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default()
}

impl Talk {
    /// Talk with its users, keyed by `sub`, and a short conversation between them.
    #[must_use]
    pub fn new(users: HashMap<String, TalkUser>) -> Self {
        let messages = [
            ("minji", "Is the bookshop at the harbour still open?"),
            ("alice", "Until six. They have the atlas you were looking for!"),
            ("minji", "고마워! 지금 갈게."),
        ]
        .map(|(from, text)| Message { from: from.into(), text: text.into(), sent_at: now(), through: None });
        Self { users, messages: Mutex::new(messages.into()) }
    }

    /// Serves the API on `listener` until the returned server is stopped.
    ///
    /// # Errors
    ///
    /// An error if the listener cannot be used.
    pub fn listen(self, listener: TcpListener, verifier: Verifier) -> std::io::Result<Server> {
        let talk = Data::new(self);
        Ok(HttpServer::new(move || {
            App::new()
                .app_data(talk.clone())
                .app_data(verifier.clone())
                .app_data(JsonConfig::default().limit(LARGEST_BODY))
                .service(writ_verifier::actix::resource_metadata(&verifier))
                .configure(routes)
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(super::SHUTDOWN_TIMEOUT)
        .listen(listener)?
        .run())
    }

    /// The user that a token belongs to.
    fn user(&self, token: &Token) -> Result<&TalkUser, Refusal> {
        self.users.get(token.subject()).ok_or(Refusal::UnknownUser)
    }
}

fn routes(app: &mut ServiceConfig) {
    app.route("/", get().to(index))
        .route("/profile", get().to(profile))
        .service(resource("/messages").route(get().to(read_messages)).route(post().to(send_message)))
        .route("/payments", post().to(pay));
}

/// The page for a browser that opens Talk.
async fn index(request: HttpRequest) -> String {
    let introduction = if prefers_korean(&request) {
        "톡은 메신저의 API입니다. 요청마다 Writ의 액세스 토큰과 스코프 하나가 필요합니다."
    } else {
        "Talk, a messenger's API. Each request needs an access token from Writ with one scope:"
    };
    format!(
        "{introduction}\n\n\
         GET  /profile    profile:read\n\
         GET  /messages   message:read\n\
         POST /messages   message:send\n\
         POST /payments   payment:make\n"
    )
}

fn prefers_korean(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|languages| languages.trim_start().starts_with("ko"))
}

async fn profile(token: Token, talk: Data<Talk>) -> Result<Json<TalkUser>, Refusal> {
    token.require("profile:read")?;
    Ok(Json(talk.user(&token)?.clone()))
}

async fn read_messages(token: Token, talk: Data<Talk>) -> Result<HttpResponse, Refusal> {
    token.require("message:read")?;
    talk.user(&token)?;
    let messages = talk.messages.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(HttpResponse::Ok().json(&*messages))
}

#[derive(Deserialize)]
struct NewMessage {
    text: String,
}

async fn send_message(
    token: Token,
    talk: Data<Talk>,
    body: actix_web::Result<Json<NewMessage>>,
) -> Result<HttpResponse, Refusal> {
    token.require("message:send")?;
    let user = talk.user(&token)?;
    let Json(NewMessage { text }) = body.map_err(|_| Refusal::Body)?;
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_TEXT {
        return Err(Refusal::Text);
    }
    let message = Message {
        from: user.handle.clone(),
        text: text.into(),
        sent_at: now(),
        through: Some(token.client_id().into()),
    };
    let mut messages = talk.messages.lock().unwrap_or_else(PoisonError::into_inner);
    if messages.len() == MESSAGES_KEPT {
        messages.pop_front();
    }
    messages.push_back(message.clone());
    Ok(HttpResponse::Created().json(message))
}

/// A receipt of a payment from the wallet.
#[derive(Serialize)]
struct Receipt {
    payer: String,
    paid_at: Timestamp,
}

/// Writ gives this scope only to a user who signed in with a second factor.
async fn pay(token: Token, talk: Data<Talk>) -> Result<HttpResponse, Refusal> {
    token.require("payment:make")?;
    let payer = talk.user(&token)?.handle.clone();
    Ok(HttpResponse::Created().json(Receipt { payer, paid_at: now() }))
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Token(refusal) => refusal.status_code(),
            Self::UnknownUser => StatusCode::NOT_FOUND,
            Self::Text | Self::Body => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Token(refusal) => refusal.error_response(),
            _ => HttpResponse::build(self.status_code()).json(serde_json::json!({ "error": self.to_string() })),
        }
    }
}
