//! The mails of a test server, written into a folder.

use tempfile::TempDir;
use writ::{
    config::Settings,
    store::{
        Tx,
        mails::{self, Mail},
        notices::{self, Kind},
    },
};

use super::{TestServer, eventually};

/// A folder with one file for each mail.
pub(crate) struct Mailbox(TempDir);

/// The plain text of a mail.
pub(crate) struct Letter(String);

impl Mailbox {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// Lets a server write its mails here.
    pub(crate) fn receive(&self, settings: &mut Settings) {
        settings.mail.url = Some(format!("file:{}", self.0.path().display()).parse().expect("a mail URL"));
        settings.mail.from = Some(serde_json::from_str("\"no-reply@example.com\"").expect("a sender"));
    }

    /// A node that writes its mails here.
    pub(crate) async fn start(&self) -> TestServer {
        TestServer::start_with(|settings| self.receive(settings)).await
    }

    /// The newest mail to an address that is no notice, after `count` to it were delivered.
    pub(crate) async fn newest(&self, server: &TestServer, recipient: &str, count: usize) -> Letter {
        self.newest_of(server, recipient, None, count).await
    }

    /// The newest notice of a kind to an address, after `count` were delivered.
    pub(crate) async fn newest_notice(&self, server: &TestServer, recipient: &str, kind: Kind, count: usize) -> Letter {
        self.newest_of(server, recipient, Some(kind), count).await
    }

    async fn newest_of(&self, server: &TestServer, recipient: &str, notice: Option<Kind>, count: usize) -> Letter {
        let delivered = async || {
            let mails = mails_to(server, recipient, notice).await;
            mails.len() == count && mails.iter().all(|mail| mail.delivered_at.is_some())
        };
        eventually(&format!("{count} mails to {recipient}"), delivered).await;
        let id = mails_to(server, recipient, notice).await[0].id;
        let text = std::fs::read_to_string(self.0.path().join(format!("{id}.eml"))).expect("a file");
        // Quoted-printable breaks long lines and encodes equals signs.
        Letter(text.replace("=\r\n", "").replace("=3D", "="))
    }
}

/// The mails to an address, newest first: those that are no notices, or the notices of a kind.
pub(crate) async fn mails_to(server: &TestServer, recipient: &str, notice: Option<Kind>) -> Vec<Mail> {
    let recipient = recipient.to_owned();
    let wanted = notice.map(|kind| kind.as_str().to_owned());
    let read = move |tx: &mut Tx<'_>| {
        let mut found = Vec::new();
        for mail in mails::list(tx, 1000)? {
            let is_notice = mail.kind == mails::Kind::Notice.as_str();
            let about = match mail.link_id.filter(|_| is_notice) {
                Some(id) => notices::find(tx, id)?.map(|notice| notice.kind),
                None => None,
            };
            if mail.recipient == recipient && about == wanted && is_notice == wanted.is_some() {
                found.push(mail);
            }
        }
        Ok(found)
    };
    server.write(read).await
}

impl Letter {
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The link of the mail.
    pub(crate) fn link(&self, server: &TestServer) -> String {
        let start = self.0.find(&server.issuer).unwrap_or_else(|| panic!("no link: {}", self.0));
        self.0[start..].split_whitespace().next().expect("a link").to_owned()
    }

    /// The six digits of the mail.
    pub(crate) fn digits(&self) -> String {
        let mut words = self.0.split_whitespace();
        let digits = words.rfind(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()));
        digits.map(str::to_owned).unwrap_or_else(|| panic!("no digits: {}", self.0))
    }
}
