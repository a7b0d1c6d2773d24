//! The mailbox of the demonstration: every mail that Writ sent, to whatever address.

use std::{
    io,
    net::TcpListener,
    path::{Path, PathBuf},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::Server,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    middleware::DefaultHeaders,
    web::{Data, get},
};
use askama::Template;
use mailparse::{MailHeaderMap, ParsedMail};

use super::language::Language;

const STYLESHEET: &str = include_str!("../../templates/demo/mailbox.css");
/// The number of mails that are shown.
const SHOWN: usize = 50;

/// The folder into which Writ writes its mails.
pub struct Mailbox(PathBuf);

impl Mailbox {
    /// The mailbox of a folder, which need not exist yet.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Serves the mailbox on `listener` until the returned server is stopped.
    ///
    /// # Errors
    ///
    /// An error if the listener cannot be used.
    pub fn listen(self, listener: TcpListener) -> io::Result<Server> {
        let mailbox = Data::new(self);
        let headers = || {
            DefaultHeaders::new()
                .add((CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'self'; base-uri 'none'"))
                .add((REFERRER_POLICY, "no-referrer"))
                .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
                .add((CACHE_CONTROL, "no-store"))
        };
        Ok(HttpServer::new(move || {
            App::new()
                .app_data(mailbox.clone())
                .wrap(headers())
                .route("/", get().to(show))
                .route("/mailbox.css", get().to(stylesheet))
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(super::SHUTDOWN_TIMEOUT)
        .listen(listener)?
        .run())
    }
}

/// A mail as text.
#[derive(Debug, PartialEq, Eq)]
struct Mail {
    recipient: String,
    subject: String,
    date: String,
    /// The lines of its text. A line is a link if it is a URL.
    lines: Vec<String>,
}

impl Mail {
    /// Reads a mail. `None` if it has no plain text.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mail = mailparse::parse_mail(bytes).ok()?;
        let header = |name| mail.headers.get_first_value(name).unwrap_or_default();
        let text = plain_text(&mail)?.get_body().ok()?;
        Some(Self {
            recipient: header("To"),
            subject: header("Subject"),
            date: header("Date"),
            lines: text.lines().map(str::to_owned).collect(),
        })
    }
}

fn plain_text<'a, 'b>(mail: &'a ParsedMail<'b>) -> Option<&'a ParsedMail<'b>> {
    if mail.ctype.mimetype == "text/plain" { Some(mail) } else { mail.subparts.iter().find_map(plain_text) }
}

/// The mails in a folder, newest first. Their names begin with the time.
fn read(folder: &Path) -> Vec<Mail> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|it| it == "eml")).collect();
    paths.sort();
    paths.iter().rev().take(SHOWN).filter_map(|path| Mail::parse(&std::fs::read(path).ok()?)).collect()
}

async fn show(request: HttpRequest, mailbox: Data<Mailbox>) -> HttpResponse {
    let folder = mailbox.0.clone();
    let mails = tokio::task::spawn_blocking(move || read(&folder)).await.unwrap_or_default();
    match (MailboxPage { language: Language::of(&request), mails }).render() {
        Ok(html) => HttpResponse::build(StatusCode::OK).insert_header(ContentType::html()).body(html),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLESHEET)
}

#[derive(Template)]
#[template(path = "demo/mailbox.html")]
struct MailboxPage {
    language: Language,
    mails: Vec<Mail>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_is_read_from_its_encodings() {
        let text = "From: no-reply@talk.example\r\nTo: minji@talk.example\r\nSubject: =?utf-8?b?7ZWc6riA?=\r\n\
                    Date: Sun, 29 Nov 2026 13:00:00 +0000\r\nMIME-Version: 1.0\r\n\
                    Content-Type: multipart/alternative; boundary=\"x\"\r\n\r\n--x\r\n\
                    Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
                    Hello =C3=A9\r\nhttp://localhost:8400/recover?token=3Da.b\r\n--x\r\n\
                    Content-Type: text/html; charset=utf-8\r\n\r\n<p>Hello</p>\r\n--x--\r\n";
        let mail = Mail::parse(text.as_bytes()).expect("a mail");
        assert_eq!((&*mail.recipient, &*mail.subject), ("minji@talk.example", "한글"));
        assert_eq!(mail.lines, ["Hello é", "http://localhost:8400/recover?token=a.b"]);
        assert_eq!(Mail::parse(b"Content-Type: text/html\r\n\r\n<p>Hello</p>"), None);
    }

    #[test]
    fn folder_that_does_not_exist_is_an_empty_mailbox() {
        assert!(read(Path::new("/nowhere/at/all")).is_empty());
    }
}
