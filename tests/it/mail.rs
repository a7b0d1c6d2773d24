//! Outgoing mail: the durable queue, and what a mail server may do.

use std::{fs, path::PathBuf};

use base64::{Engine, prelude::BASE64_STANDARD};
use writ::{
    config::Settings,
    store::mails::{self, Kind, Mail, NewMail},
};

use crate::support::{
    TestServer, eventually,
    mail_server::{Behavior, MailServer},
};

/// A node that sends to `url`.
async fn start(url: &str) -> TestServer {
    TestServer::start_with(|settings| with_mail(settings, url)).await
}

fn with_mail(settings: &mut Settings, url: &str) {
    settings.mail.url = Some(url.parse().expect("a mail URL"));
    settings.mail.from = Some(serde_json::from_str("\"Example <no-reply@example.com>\"").expect("a sender"));
    settings.mail.timeout = 1;
}

async fn queue(server: &TestServer, recipient: &'static str) {
    let new = NewMail {
        user_id: None,
        recipient: recipient.to_owned(),
        kind: Kind::Test,
        language: "en".to_owned(),
        link_id: None,
        lifetime: 86_400,
    };
    server.write(move |tx| mails::queue(tx, new)).await;
}

async fn newest(server: &TestServer) -> Mail {
    server.write(|tx| mails::list(tx, 1)).await.remove(0)
}

async fn attempts(server: &TestServer, count: i32) -> Mail {
    eventually("an attempt", async || newest(server).await.attempts == count).await;
    newest(server).await
}

#[tokio::test]
async fn queued_mail_is_sent_once_with_its_headers() {
    let receiver = MailServer::start().await;
    let server = start(&format!("smtp://{}", receiver.address)).await;
    let second = server.second_node().await;
    queue(&server, "minji@example.com").await;
    let mail = attempts(&second, 1).await;
    assert_eq!((mail.last_outcome.as_deref(), mail.next_attempt_at), (Some("250 2.0.0 accepted"), None));
    assert!(mail.delivered_at.is_some());
    let sent = receiver.mails();
    assert_eq!(sent.len(), 1, "two nodes, one mail: {sent:?}");
    for header in [
        "From: Example <no-reply@example.com>",
        "To: minji@example.com",
        "Subject: Test mail from Writ",
        "Auto-Submitted: auto-generated",
        &format!("Message-ID: <{}@[127.0.0.1]>", mail.id),
        "Date: ",
        "multipart/alternative",
        "text/plain",
        "text/html",
    ] {
        assert!(sent[0].contains(header), "{header}: {}", sent[0]);
    }
    assert_eq!(server.clock.now() - mail.created_at, 0);
}

#[tokio::test]
async fn greylisted_mail_is_retried_and_accepted() {
    let receiver = MailServer::start().await;
    receiver.behave(Behavior::Greylist);
    let server = start(&format!("smtp://{}", receiver.address)).await;
    queue(&server, "minji@example.com").await;
    let mail = attempts(&server, 1).await;
    assert!(mail.last_outcome.as_deref().is_some_and(|outcome| outcome.contains("try again later")), "{mail:?}");
    assert_eq!(mail.next_attempt_at, Some(server.clock.now() + 30));
    receiver.behave(Behavior::Accept);
    server.clock.advance(31);
    assert!(attempts(&server, 2).await.delivered_at.is_some());
    assert_eq!(receiver.mails().len(), 1);
}

#[tokio::test]
async fn refused_mail_is_dead_until_an_operator_retries() {
    let receiver = MailServer::start().await;
    receiver.behave(Behavior::Refuse);
    let server = start(&format!("smtp://{}", receiver.address)).await;
    queue(&server, "minji@example.com").await;
    let mail = attempts(&server, 1).await;
    assert!(mail.last_outcome.as_deref().is_some_and(|outcome| outcome.contains("no such mailbox")), "{mail:?}");
    assert_eq!((mail.next_attempt_at, mail.delivered_at), (None, None));
    receiver.behave(Behavior::Accept);
    assert_eq!(server.write(|tx| mails::retry(tx, None)).await, 1);
    eventually("it is delivered", async || newest(&server).await.delivered_at.is_some()).await;
    assert_eq!(server.write(|tx| mails::retry(tx, None)).await, 0, "a delivered mail is not sent again");
}

#[tokio::test]
async fn mail_waits_while_the_mail_server_refuses_the_password() {
    let plain = |password: &str| BASE64_STANDARD.encode(format!("\0writ\0{password}"));
    let receiver = MailServer::listen(Some(plain("right")), None).await;
    let server = start(&format!("smtp://writ:wrong@{}", receiver.address)).await;
    queue(&server, "minji@example.com").await;
    let mail = attempts(&server, 1).await;
    assert!(mail.last_outcome.as_deref().is_some_and(|outcome| outcome.contains("wrong credentials")), "{mail:?}");
    assert!(mail.next_attempt_at.is_some(), "the mail is not to blame: {mail:?}");
    assert!(receiver.mails().is_empty());

    let other = start(&format!("smtp://writ:right@{}", receiver.address)).await;
    queue(&other, "minji@example.com").await;
    assert!(attempts(&other, 1).await.delivered_at.is_some());
}

#[tokio::test]
async fn hanging_mail_server_is_left_after_the_timeout() {
    let receiver = MailServer::start().await;
    receiver.behave(Behavior::Hang);
    let server = start(&format!("smtp://{}", receiver.address)).await;
    queue(&server, "minji@example.com").await;
    let mail = attempts(&server, 1).await;
    assert_eq!(mail.last_outcome.as_deref(), Some("no answer within 1 s"));
    assert!(mail.next_attempt_at.is_some());
}

#[tokio::test]
async fn starttls_is_required_and_the_certificate_is_verified() {
    let (pem, acceptor) = MailServer::certificate();
    let receiver = MailServer::listen(None, Some(acceptor)).await;
    let plain = MailServer::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let ca_file = folder.path().join("ca.pem");
    fs::write(&ca_file, pem).expect("written");
    let to = |port: u16| format!("smtp://localhost:{port}?tls=starttls");

    let trusting = TestServer::start_with(|settings| {
        with_mail(settings, &to(receiver.address.port()));
        settings.outgoing.ca_file = Some(ca_file.clone());
    })
    .await;
    queue(&trusting, "minji@example.com").await;
    let mail = attempts(&trusting, 1).await;
    assert!(mail.delivered_at.is_some(), "{mail:?}");

    for port in [receiver.address.port(), plain.address.port()] {
        let server = start(&to(port)).await;
        queue(&server, "minji@example.com").await;
        let mail = attempts(&server, 1).await;
        assert!(mail.delivered_at.is_none() && mail.next_attempt_at.is_some(), "{mail:?}");
    }
    assert!(receiver.mails().len() == 1 && plain.mails().is_empty());
}

#[tokio::test]
async fn queue_survives_a_restart_and_an_expired_mail_is_not_sent() {
    let receiver = MailServer::start().await;
    // Without mail, the queue waits.
    let server = TestServer::start().await;
    queue(&server, "alice@example.org").await;
    server.clock.advance(86_400);
    queue(&server, "minji@example.com").await;
    let url = format!("smtp://{}", receiver.address);
    let restarted = server.second_node_with_settings(|settings| with_mail(settings, &url)).await;
    let finished = async || restarted.write(|tx| mails::list(tx, 9)).await.iter().all(|mail| mail.attempts == 1);
    eventually("both are finished", finished).await;
    let all = restarted.write(|tx| mails::list(tx, 9)).await;
    let outcome = |recipient: &str| all.iter().find(|mail| mail.recipient == recipient)?.last_outcome.as_deref();
    assert_eq!(outcome("alice@example.org"), Some("the mail has expired"));
    assert_eq!(outcome("minji@example.com"), Some("250 2.0.0 accepted"));
    assert_eq!((receiver.mails().len(), receiver.connections()), (1, 1));
}

#[tokio::test]
async fn mail_to_a_folder_is_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mails");
    let server = start(&format!("file:{}", path.display())).await;
    queue(&server, "minji@example.com").await;
    let mail = attempts(&server, 1).await;
    let file: PathBuf = path.join(format!("{}.eml", mail.id));
    assert!(fs::read_to_string(file).expect("a file").contains("Subject: Test mail from Writ"));
}
