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
#[derive(Debug, Clone, Default)]
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
        self.record_about(tx, user, kind, None)
    }

    /// As [`Origin::record`], with the name of the provider that the change is about.
    pub fn record_about(&self, tx: &mut Tx<'_>, user: &User, kind: Kind, about: Option<&str>) -> Result<(), Fault> {
        security_events::record_about(tx, user.id, kind.event(), about, &self.network)?;
        self.queue(tx, user, kind, about)
    }

    /// Queues a notice to the verified address that `user` has, or had before the change.
    pub fn notify(&self, tx: &mut Tx<'_>, user: &User, kind: Kind) -> Result<(), Fault> {
        self.queue(tx, user, kind, None)
    }

    fn queue(&self, tx: &mut Tx<'_>, user: &User, kind: Kind, about: Option<&str>) -> Result<(), Fault> {
        if self.can_mail { notices::queue(tx, user, kind, about, &self.network, &self.language) } else { Ok(()) }
    }
}
