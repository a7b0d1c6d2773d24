//! Where a change of an account comes from, and the notice that its user gets.

use crate::{
    fault::Fault,
    server::Call,
    store::{
        Tx,
        notices::{self, Kind},
        security_events,
        users::User,
    },
    web::page::PageContext,
};

/// Where a change of an account comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The network: an IPv4 address or IPv6 /64.
    pub network: String,
    /// The BCP 47 tag of the language of the page, for a user who has chosen none.
    pub language: String,
    /// Whether the server sends mails.
    can_mail: bool,
}

impl Origin {
    /// The origin of a form on a page.
    pub fn of(call: &Call, page: &PageContext) -> Self {
        let can_mail = call.server.mailer.is_some();
        Self { network: call.network(), language: page.locale.to_string(), can_mail }
    }

    /// Records a change, and queues a notice of it.
    pub fn record(&self, tx: &mut Tx<'_>, user: &User, kind: Kind) -> Result<(), Fault> {
        security_events::record(tx, user.id, kind.event(), None, &self.network)?;
        self.notify(tx, user, kind)
    }

    /// Queues a notice to the verified address that `user` has, or had before the change.
    pub fn notify(&self, tx: &mut Tx<'_>, user: &User, kind: Kind) -> Result<(), Fault> {
        if self.can_mail { notices::queue(tx, user, kind, &self.network, &self.language) } else { Ok(()) }
    }
}
