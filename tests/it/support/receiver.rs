//! The server of an app, which receives posts.

use std::{
    collections::BTreeMap,
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    thread,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, http::StatusCode, web};

/// A request: its headers and its body.
pub(crate) type Received = (BTreeMap<String, String>, String);

/// Listens on its own port and stores every request. Dropping it stops it.
pub(crate) struct Receiver {
    /// Its URL.
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Received>>>,
    status: Arc<AtomicU16>,
    handle: ServerHandle,
    thread: Option<thread::JoinHandle<()>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/logout", listener.local_addr().expect("an address"));
        let requests: Arc<Mutex<Vec<Received>>> = Arc::default();
        let status = Arc::new(AtomicU16::new(200));
        let (taken, answered) = (Arc::clone(&requests), Arc::clone(&status));
        let (sender, handle) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let http = HttpServer::new(move || {
                    let (taken, answered) = (Arc::clone(&taken), Arc::clone(&answered));
                    App::new().default_service(web::to(move |request: HttpRequest, body: String| {
                        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
                        let headers = request.headers().iter();
                        let headers = headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
                        taken.lock().expect("no panic").push((headers, body));
                        let status = StatusCode::from_u16(answered.load(Ordering::Relaxed)).expect("a status");
                        async move { HttpResponse::build(status).insert_header(("location", "/elsewhere")).finish() }
                    }))
                });
                let http = http.workers(1).disable_signals().listen(listener).expect("it listens").run();
                sender.send(http.handle()).expect("the test waits");
                http.await.expect("it runs");
            });
        });
        let handle = handle.recv().expect("it listens");
        Self { url, requests, status, handle, thread: Some(thread) }
    }

    /// Sets the status of further responses.
    pub(crate) fn answer(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    /// The bodies received so far.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.requests().into_iter().map(|(_, body)| body).collect()
    }

    /// The requests received so far.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.requests.lock().expect("no panic").clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
