//! The web site of an app, from which the server fetches documents.

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, http::StatusCode, web};
use rustls::{ServerConfig, crypto::aws_lc_rs};
use rustls_pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;
use tokio::sync::Semaphore;

/// The response at a path, with the query and the body of each request.
#[derive(Clone, Default)]
struct Published {
    status: u16,
    header: Option<(String, String)>,
    body: Vec<u8>,
    queries: Vec<String>,
    bodies: Vec<String>,
    /// Its responses wait for a permit.
    gate: Option<Arc<Semaphore>>,
}

type Pages = Arc<Mutex<HashMap<String, Published>>>;

/// Listens on its own port. Dropping it stops it.
pub(crate) struct Site {
    origin: String,
    pages: Pages,
    handle: ServerHandle,
    thread: Option<thread::JoinHandle<()>>,
}

impl Site {
    /// Starts it with http on 127.0.0.1.
    pub(crate) fn start() -> Self {
        Self::listen(None)
    }

    /// Starts it with https on `localhost`. Returns a file with its certificate authority as well.
    pub(crate) fn start_tls() -> (Self, NamedTempFile) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let private_key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], private_key)
            })
            .expect("TLS");
        let authority = NamedTempFile::new().expect("a file");
        std::fs::write(authority.path(), made.cert.pem()).expect("written");
        (Self::listen(Some(tls)), authority)
    }

    fn listen(tls: Option<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let origin = match tls {
            None => format!("http://127.0.0.1:{port}"),
            Some(_) => format!("https://localhost:{port}"),
        };
        let pages = Pages::default();
        let shared = Arc::clone(&pages);
        let (sender, handle) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let http = HttpServer::new(move || {
                    let pages = Arc::clone(&shared);
                    App::new().default_service(web::to(move |request: HttpRequest, body: String| {
                        let (answer, gate) = answer(&pages, request.path(), request.query_string(), body);
                        async move {
                            if let Some(gate) = gate {
                                gate.acquire().await.expect("it is never closed").forget();
                            }
                            answer
                        }
                    }))
                });
                let http = http.workers(1).disable_signals();
                let http = match tls {
                    None => http.listen(listener),
                    Some(tls) => http.listen_rustls_0_23(listener, tls),
                };
                let http = http.expect("it listens").run();
                sender.send(http.handle()).expect("the test waits");
                http.await.expect("it runs");
            });
        });
        let handle = handle.recv().expect("it listens");
        Self { origin, pages, handle, thread: Some(thread) }
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Publishes a document, replacing an earlier one.
    pub(crate) fn publish(&self, path: &str, body: impl Into<Vec<u8>>) -> String {
        self.answer(path, 200, None, body)
    }

    /// As `publish`, with a status and a header.
    pub(crate) fn answer(
        &self,
        path: &str,
        status: u16,
        header: Option<(&str, &str)>,
        body: impl Into<Vec<u8>>,
    ) -> String {
        let mut pages = self.pages.lock().expect("no panic");
        let page = pages.entry(path.to_owned()).or_default();
        page.status = status;
        page.header = header.map(|(name, value)| (name.to_owned(), value.to_owned()));
        page.body = body.into();
        self.url(path)
    }

    /// Publishes JSON with its media type.
    pub(crate) fn publish_json(&self, path: &str, body: &serde_json::Value) -> String {
        self.answer(path, 200, Some(("content-type", "application/json; charset=utf-8")), body.to_string())
    }

    /// As `publish`. The response waits until the document is released.
    pub(crate) fn hold(&self, path: &str, body: impl Into<Vec<u8>>) -> String {
        let url = self.publish(path, body);
        let mut pages = self.pages.lock().expect("no panic");
        pages.entry(path.to_owned()).or_default().gate = Some(Arc::new(Semaphore::new(0)));
        url
    }

    /// Lets one held response go.
    pub(crate) fn release(&self, path: &str) {
        let pages = self.pages.lock().expect("no panic");
        pages[path].gate.as_ref().expect("it is held").add_permits(1);
    }

    /// The number of fetches of a path.
    pub(crate) fn fetched(&self, path: &str) -> usize {
        self.queries(path).len()
    }

    /// The query of each request for a path.
    pub(crate) fn queries(&self, path: &str) -> Vec<String> {
        self.pages.lock().expect("no panic").get(path).map(|page| page.queries.clone()).unwrap_or_default()
    }

    /// The body of each request for a path.
    pub(crate) fn bodies(&self, path: &str) -> Vec<String> {
        self.pages.lock().expect("no panic").get(path).map(|page| page.bodies.clone()).unwrap_or_default()
    }
}

fn answer(pages: &Pages, path: &str, query: &str, body: String) -> (HttpResponse, Option<Arc<Semaphore>>) {
    let mut pages = pages.lock().expect("no panic");
    // A fetch of what is not published counts, too.
    let page = pages.entry(path.to_owned()).or_insert_with(|| Published { status: 404, ..Published::default() });
    page.queries.push(query.to_owned());
    page.bodies.push(body);
    let mut response = HttpResponse::build(StatusCode::from_u16(page.status).expect("a status"));
    if let Some((name, value)) = &page.header {
        response.insert_header((name.as_str(), value.as_str()));
    }
    (response.body(page.body.clone()), page.gate.clone())
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
