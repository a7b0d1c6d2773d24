//! Mails to users: their texts, and the connection to the mail server. The queue is
//! [`crate::store::mails`], and [`crate::tasks`] delivers it.

mod letter;
pub mod link;
mod transport;

use std::net::IpAddr;

use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

use self::transport::Transport;
pub use self::{
    letter::{Action, Letter},
    transport::Undelivered,
};
use crate::{
    config::Settings,
    store::Id,
    web::locale::{Locale, Value},
};

/// Sends mails.
pub struct Mailer {
    transport: Transport,
    from: Mailbox,
    product: String,
    /// The right side of each `Message-ID`: the issuer's host.
    domain: String,
}

impl Mailer {
    /// The mailer of these settings. `None` if there is no mail.
    ///
    /// # Errors
    /// Why the certificates for TLS cannot be read.
    pub fn new(settings: &Settings) -> Result<Option<Self>, String> {
        let (Some(url), Some(from)) = (&settings.mail.url, &settings.mail.from) else { return Ok(None) };
        let host = settings.server.issuer.host();
        let domain = if host.parse::<IpAddr>().is_ok() { format!("[{host}]") } else { host.to_owned() };
        let transport = Transport::open(url, &domain, settings.mail.timeout, settings.outgoing.ca_file.as_deref())?;
        let product = settings.branding.product_name.clone();
        Ok(Some(Self { transport, from: from.0.clone(), product, domain }))
    }

    /// A letter in this language, with a subject.
    pub fn letter(&self, locale: Locale, subject: &str) -> Letter {
        let subject = locale.text_with(subject, &[("product", Value::from(self.product.as_str()))]);
        Letter::new(locale, self.product.clone(), subject)
    }

    /// Connects to the mail server and authenticates, without a message.
    ///
    /// # Errors
    /// [`Undelivered`] with the reason.
    pub async fn check(&self) -> Result<(), Undelivered> {
        self.transport.check().await
    }

    /// Sends a letter. `id` is the same in every attempt. Returns the response of the server.
    ///
    /// # Errors
    /// [`Undelivered`] with the reason, and whether another attempt may succeed.
    pub async fn send(&self, id: Id, recipient: &str, letter: &Letter) -> Result<String, Undelivered> {
        let address = recipient.parse().map_err(|error| Undelivered::permanent(format!("{recipient}: {error}")))?;
        let header = |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(&letter.subject)
            .message_id(Some(format!("<{id}@{}>", self.domain)))
            // No out-of-office reply (RFC 3834 §5).
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("Content-Language", &letter.locale.to_string()))
            .multipart(MultiPart::alternative_plain_html(letter.text(), letter.html()))
            .map_err(|error| Undelivered::permanent(error.to_string()))?;
        self.transport.send(id, &message).await
    }
}
