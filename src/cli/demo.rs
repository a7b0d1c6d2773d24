//! `writ demo`.

use clap::Args;
use writ::{
    config::{LogFormat, LogSettings},
    demo::{self, Ports},
    logging,
};

use super::output;

/// The ports of the servers on 127.0.0.1.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// The port of Writ, the authorization server.
    #[arg(long, value_name = "PORT", default_value_t = Ports::default().writ)]
    writ_port: u16,
    /// The port of Shop, the app.
    #[arg(long, value_name = "PORT", default_value_t = Ports::default().shop)]
    shop_port: u16,
    /// The port of Talk, the API.
    #[arg(long, value_name = "PORT", default_value_t = Ports::default().talk)]
    talk_port: u16,
    /// The port of the mailbox, which shows the mails that Writ sends.
    #[arg(long, value_name = "PORT", default_value_t = Ports::default().mailbox)]
    mailbox_port: u16,
    /// The log filter, such as "info" or "writ=debug,warn".
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    log: String,
}

impl DemoArgs {
    /// Runs the demonstration until a signal.
    pub(super) fn run(self) -> anyhow::Result<()> {
        logging::start(&LogSettings { format: LogFormat::Text, filter: self.log.clone() }, None)?;
        let Self { writ_port: writ, shop_port: shop, talk_port: talk, mailbox_port: mailbox, .. } = self;
        let ports = Ports { writ, shop, talk, mailbox };
        actix_web::rt::System::new().block_on(demo::run(ports, |text| output::line(text)))
    }
}
