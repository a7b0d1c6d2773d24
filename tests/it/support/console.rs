//! A client that administers the server over HTTP.

use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::{Answer, App, Site, TestServer, app::basic, changed, eventually, seed};

/// Every scope of clients.
pub(crate) const CLIENTS: &str = "writ:clients:read writ:clients:write";

/// The client `console`, with an access token.
pub(crate) struct Console {
    pub(crate) app: App,
    pub(crate) token: String,
    pub(crate) issuer: String,
}

/// A server with the administration API.
pub(crate) async fn start() -> TestServer {
    TestServer::start_with(|settings| settings.admin_api.enabled = true).await
}

/// Registers a client for itself only. `changes` replace metadata.
pub(crate) async fn register(server: &TestServer, id: &str, scope: &str, changes: Value) -> App {
    let own = json!({
        "client_name": "Console", "redirect_uris": [], "grant_types": ["client_credentials"],
        "scope": scope, "required_scope": "",
    });
    let (_, secret) = seed::client(&server.server.store, id, changed(own, &changes)).await;
    server.server.refresh().await.expect("remembered");
    App::new(&server.issuer, id, secret, "")
}

/// The response of the token endpoint to a client that acts for itself.
pub(crate) async fn ask_for_token(app: &App, scope: &str) -> Answer {
    app.post("/token", &[("grant_type", "client_credentials"), ("scope", scope)]).await
}

impl Console {
    /// A console whose token has `scope`.
    pub(crate) async fn new(server: &TestServer, scope: &str) -> Self {
        let app = register(server, "console", scope, json!({})).await;
        let token = ask_for_token(&app, scope).await.ok().text("access_token").to_owned();
        Self { app, token, issuer: server.issuer.clone() }
    }

    /// Sends a request with headers.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request =
            Client::new().request(method, format!("{}/admin/v1{path}", self.issuer)).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        Answer::read(request.send().await.expect("an answer")).await
    }

    /// Reads.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    /// Creates.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// Creates the client `app`. `interruption` happens while the server waits for a document,
    /// between the check of the token and the change. The server may connect to loopback addresses.
    pub(crate) async fn create_app_interrupted(&self, interruption: impl Future<Output = ()>) -> Answer {
        let site = Site::start();
        let uris = site.hold("/uris.json", json!(["https://app.example/cb"]).to_string());
        let body = json!({
            "client_id": "app", "client_name": "App", "redirect_uris": ["https://app.example/cb"],
            "sector_identifier_uri": uris,
        });
        let interrupt = async {
            eventually("the document is requested", async || site.fetched("/uris.json") == 1).await;
            interruption.await;
            site.release("/uris.json");
        };
        tokio::join!(self.post("/clients", &body), interrupt).0
    }

    /// The current version of what is at `path`.
    pub(crate) async fn etag(&self, path: &str) -> String {
        self.get(path).await.ok().header("etag").to_owned()
    }

    /// Makes a change to the current version of `path`. `operation` follows the path.
    pub(crate) async fn change(&self, method: Method, path: &str, operation: &str, body: Option<&Value>) -> Answer {
        let etag = self.etag(path).await;
        self.send(method, &format!("{path}{operation}"), &[("if-match", &etag)], body).await
    }

    /// Whether a client can authenticate with a secret.
    pub(crate) async fn authenticates(&self, client_id: &str, secret: &str) -> bool {
        let fields = [("token", "x")];
        self.app.post_as("/revoke", &fields, Some(&basic(client_id, secret))).await.status.is_success()
    }
}

/// The cause of a problem document, which must come with this status.
pub(crate) fn problem(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    assert_eq!(answer.json["status"], status, "{answer:?}");
    let cause = answer.text("cause").to_owned();
    assert!(answer.text("type").ends_with(&format!("/docs/errors/{cause}")), "{answer:?}");
    assert_eq!(answer.text("request_id"), answer.header("x-request-id"));
    cause
}
