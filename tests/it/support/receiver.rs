//! The server of an app, which receives posts.

use std::{
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    thread,
};

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, http::StatusCode, web};

/// Listens on its own port and stores every body. Dropping it stops it.
pub(crate) struct Receiver {
    /// Its URL.
    pub(crate) url: String,
    bodies: Arc<Mutex<Vec<String>>>,
    status: Arc<AtomicU16>,
    handle: ServerHandle,
    thread: Option<thread::JoinHandle<()>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/logout", listener.local_addr().expect("an address"));
        let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
        let status = Arc::new(AtomicU16::new(200));
        let (taken, answered) = (Arc::clone(&bodies), Arc::clone(&status));
        let (sender, handle) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let http = HttpServer::new(move || {
                    let (taken, answered) = (Arc::clone(&taken), Arc::clone(&answered));
                    App::new().default_service(web::to(move |body: String| {
                        taken.lock().expect("no panic").push(body);
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
        Self { url, bodies, status, handle, thread: Some(thread) }
    }

    /// Sets the status of further responses.
    pub(crate) fn answer(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    /// The bodies received so far.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.bodies.lock().expect("no panic").clone()
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
