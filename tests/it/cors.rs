//! Cross-origin requests: registered origins may call certain endpoints, and none may call pages.

use reqwest::{Client, Method, Response};
use serde_json::json;

use crate::support::TestServer;

const OPEN: [&str; 3] = ["/token", "/userinfo", "/revoke"];
const DOCUMENTS: [&str; 6] = [
    "/jwks",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/mcp",
    "/docs/errors",
    "/docs/errors/invalid_request",
];
const PAGES: [&str; 8] =
    ["/authorize", "/authorize/resume", "/login", "/consent", "/logout", "/", "/introspect", "/account"];

async fn ask(server: &TestServer, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let mut request = http.request(method, format!("{}{path}", server.issuer));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer")
}

fn allowed(response: &Response) -> Option<&str> {
    response.headers().get("access-control-allow-origin").map(|value| value.to_str().expect("ASCII"))
}

#[tokio::test]
async fn registered_origin_may_call_api_endpoints() {
    let server = TestServer::start().await;
    server.register("spa", json!({ "allowed_origins": ["https://spa.example:8443"] })).await;
    for origin in ["https://shop.example", "https://spa.example:8443"] {
        for path in OPEN {
            let method = "POST";
            let preflight = [
                ("origin", origin),
                ("access-control-request-method", method),
                ("access-control-request-headers", "authorization,content-type,mcp-protocol-version,traceparent"),
            ];
            let answer = ask(&server, Method::OPTIONS, path, &preflight).await;
            assert!(answer.status().is_success(), "{path}: {answer:?}");
            assert_eq!(allowed(&answer), Some(origin), "{path}");
            assert!(answer.headers().get("access-control-allow-credentials").is_none(), "{path}");
            let answer = ask(&server, method.parse().expect("a method"), path, &[("origin", origin)]).await;
            assert_eq!(allowed(&answer), Some(origin), "{path}: also when it is refused");
            assert!(answer.headers()["vary"].to_str().expect("ASCII").to_lowercase().contains("origin"), "{path}");
        }
    }
}

#[tokio::test]
async fn any_origin_may_read_public_documents() {
    let server = TestServer::start().await;
    for path in DOCUMENTS {
        for headers in [&[][..], &[("origin", "http://localhost:6274")]] {
            let answer = ask(&server, Method::GET, path, headers).await;
            assert_eq!((answer.status().as_u16(), allowed(&answer)), (200, Some("*")), "{path} {headers:?}");
        }
        let preflight = [
            ("origin", "http://localhost:6274"),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "mcp-protocol-version"),
        ];
        let answer = ask(&server, Method::OPTIONS, path, &preflight).await;
        assert_eq!((answer.status().as_u16(), allowed(&answer)), (200, Some("*")), "{path}");
        assert_eq!(answer.headers()["access-control-allow-headers"], "mcp-protocol-version", "{path}");
    }
}

#[tokio::test]
async fn unregistered_origin_may_not_call_and_pages_have_no_cors() {
    let server = TestServer::start().await;
    server.shop().await;
    for origin in [
        "https://evil.example",
        "https://shop.example.evil.example",
        "http://shop.example",
        "https://shop.example:444",
        "null",
    ] {
        for path in OPEN {
            let preflight = [("origin", origin), ("access-control-request-method", "POST")];
            assert_eq!(allowed(&ask(&server, Method::OPTIONS, path, &preflight).await), None, "{origin} {path}");
            assert_eq!(allowed(&ask(&server, Method::GET, path, &[("origin", origin)]).await), None, "{origin} {path}");
        }
    }
    for path in PAGES {
        let preflight = [("origin", "https://shop.example"), ("access-control-request-method", "POST")];
        assert_eq!(allowed(&ask(&server, Method::OPTIONS, path, &preflight).await), None, "{path}");
        assert_eq!(allowed(&ask(&server, Method::GET, path, &[preflight[0]]).await), None, "{path}");
    }
}

#[tokio::test]
async fn origin_of_a_deleted_client_is_refused() {
    let server = TestServer::start().await;
    server.shop().await;
    let origin = [("origin", "https://shop.example")];
    assert!(allowed(&ask(&server, Method::POST, "/token", &origin).await).is_some());
    server.write(|tx| writ::store::clients::delete(tx, "shop")).await;
    server.server.refresh().await.expect("remembered");
    assert_eq!(allowed(&ask(&server, Method::POST, "/token", &origin).await), None);
}
