//! Shop, a third party: a small bookshop whose customers log in with Talk.
//!
//! Shop shows what an app developer writes for Writ. It knows an issuer, a `client_id` and a client
//! secret. `log_in` is the authorization code flow, `talk_api` calls Talk, and `customer` manages
//! the tokens.

mod customer;
mod log_in;
mod page;
mod sessions;
mod talk_api;

use std::{net::TcpListener, time::Duration};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, ResponseError,
    body::MessageBody,
    dev::{Server, ServiceRequest, ServiceResponse},
    http::{StatusCode, header::LOCATION},
    middleware::{self, Next},
    web::{Data, Form, Query, QueryConfig, ServiceConfig, get, post},
};
use oauth2::{ClientId, ClientSecret, RedirectUrl};
use serde::Deserialize;

use super::language::Language;
use customer::Customer;
use log_in::{AuthorizationResponse, LogIn, NotLoggedIn, Purpose};
use sessions::{Session, Sessions};
use talk_api::{Call, TalkApi};

/// The configuration of Shop.
pub struct Settings {
    /// Shop's URL without a trailing slash, such as `http://localhost:8401`.
    pub base_url: String,
    /// The issuer identifier of the authorization server.
    pub issuer: String,
    /// Talk's base URL, which is also its audience.
    pub talk: String,
    /// Shop's `client_id`.
    pub client_id: String,
    /// Shop's `client_secret`.
    pub client_secret: String,
}

/// The running shop.
pub struct Shop {
    issuer: String,
    log_in: LogIn,
    talk: TalkApi,
    sessions: Sessions,
}

impl Shop {
    /// Starts the shop: fetches the metadata of the authorization server.
    ///
    /// # Errors
    ///
    /// An error if the metadata cannot be fetched or is not the issuer's, or if `base_url` is not a
    /// URL.
    pub async fn open(settings: Settings) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .build()?;
        let log_in = LogIn::discover(
            &settings.issuer,
            ClientId::new(settings.client_id),
            ClientSecret::new(settings.client_secret),
            RedirectUrl::new(redirect_uri(&settings.base_url))?,
            http.clone(),
        )
        .await?;
        Ok(Self {
            issuer: settings.issuer,
            log_in,
            talk: TalkApi::new(&settings.talk, http),
            sessions: Sessions::new(),
        })
    }

    /// Serves the shop on `listener` until the returned server is stopped.
    ///
    /// # Errors
    ///
    /// An error if the listener cannot be used.
    pub fn listen(self, listener: TcpListener) -> std::io::Result<Server> {
        let shop = Data::new(self);
        Ok(HttpServer::new(move || {
            App::new()
                .app_data(shop.clone())
                .wrap(middleware::from_fn(refuse_foreign_posts))
                .wrap(middleware::from_fn(show_trouble))
                .wrap(page::headers())
                .configure(routes)
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(super::SHUTDOWN_TIMEOUT)
        .listen(listener)?
        .run())
    }
}

/// The redirect URI of a shop at `base_url`, as registered at Writ.
#[must_use]
pub fn redirect_uri(base_url: &str) -> String {
    format!("{base_url}/callback")
}

fn routes(app: &mut ServiceConfig) {
    // Serde refuses a repeated parameter, as RFC 6749 §3.1 requires.
    app.app_data(QueryConfig::default().error_handler(|_, _| NotLoggedIn::Malformed.into()))
        .route("/", get().to(home))
        .route("/log-in", get().to(begin_log_in))
        .route("/callback", get().to(finish_log_in))
        .route("/read-messages", post().to(read_messages))
        .route("/send-message", post().to(send_message))
        .route("/pay", post().to(pay))
        .route("/forget", post().to(forget))
        .route("/shop.css", get().to(page::stylesheet))
        .route("/icon.svg", get().to(page::icon));
}

async fn home(request: HttpRequest, shop: Data<Shop>) -> HttpResponse {
    if let Some(session) = shop.sessions.find(&request)
        && let Some(customer) = &session.lock().await.customer
    {
        return page::counter(customer, &shop.issuer, Language::of(&request));
    }
    page::welcome(Language::of(&request))
}

async fn begin_log_in(request: HttpRequest, shop: Data<Shop>, purpose: Query<Purpose>) -> HttpResponse {
    let (url, pending) = shop.log_in.begin(purpose.into_inner(), Language::of(&request).tag());
    let mut response = HttpResponse::SeeOther();
    response.insert_header((LOCATION, url.as_str()));
    match shop.sessions.find(&request) {
        Some(session) => session.lock().await.pending = Some(pending),
        None => {
            let cookie = shop.sessions.open(Session { pending: Some(pending), customer: None });
            response.cookie(cookie);
        }
    }
    response.finish()
}

async fn finish_log_in(
    request: HttpRequest,
    shop: Data<Shop>,
    response: Query<AuthorizationResponse>,
) -> Result<HttpResponse, NotLoggedIn> {
    let session = shop.sessions.find(&request).ok_or(NotLoggedIn::NotBegun)?;
    let pending = session.lock().await.pending.take();
    let pending = pending.ok_or(NotLoggedIn::NotBegun)?;
    let tokens = shop.log_in.finish(pending, response.into_inner()).await?;
    let customer = Customer::greet(tokens, &shop.talk).await;
    // A new session id for each login prevents session fixation.
    shop.sessions.forget(&request);
    let cookie = shop.sessions.open(Session { pending: None, customer: Some(customer) });
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, "/")).cookie(cookie).finish())
}

async fn read_messages(request: HttpRequest, shop: Data<Shop>) -> Result<HttpResponse, NotLoggedIn> {
    ask_talk(&request, &shop, Call::ReadMessages).await
}

#[derive(Deserialize)]
struct Message {
    text: String,
}

async fn send_message(
    request: HttpRequest,
    shop: Data<Shop>,
    message: Form<Message>,
) -> Result<HttpResponse, NotLoggedIn> {
    let Message { text } = message.into_inner();
    ask_talk(&request, &shop, Call::SendMessage { text }).await
}

async fn pay(request: HttpRequest, shop: Data<Shop>) -> Result<HttpResponse, NotLoggedIn> {
    ask_talk(&request, &shop, Call::Pay).await
}

/// Calls Talk and returns to the counter, which shows the response.
async fn ask_talk(request: &HttpRequest, shop: &Shop, call: Call) -> Result<HttpResponse, NotLoggedIn> {
    let session = shop.sessions.find(request).ok_or(NotLoggedIn::NotBegun)?;
    let mut session = session.lock().await;
    let customer = session.customer.as_mut().ok_or(NotLoggedIn::NotBegun)?;
    customer.ask(call, &shop.talk, &shop.log_in).await?;
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, "/#answer")).finish())
}

async fn forget(request: HttpRequest, shop: Data<Shop>) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, "/")).cookie(shop.sessions.forget(&request)).finish()
}

impl ResponseError for NotLoggedIn {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Denied => StatusCode::OK,
            Self::Token(_) => StatusCode::BAD_GATEWAY,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// Shows the page of a failed login in the browser's language.
async fn show_trouble(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let language = Language::of(request.request());
    let response = next.call(request).await?;
    let why = response.response().error().and_then(actix_web::Error::as_error::<NotLoggedIn>);
    match why.map(|why| page::trouble(why, why.status_code(), language)) {
        Some(page) => Ok(response.into_response(page).map_into_right_body()),
        None => Ok(response.map_into_left_body()),
    }
}

/// Refuses a form from a page of another origin. `SameSite` is not sufficient: Writ, Shop and Talk
/// are the same *site*, because a site is a host without its port.
async fn refuse_foreign_posts(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let site = request.headers().get("sec-fetch-site");
    let foreign = site.is_some_and(|site| site != "same-origin" && site != "none");
    if foreign && request.method() == actix_web::http::Method::POST {
        return Ok(request.into_response(HttpResponse::Forbidden().finish()).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}
