//! Who administers.

use aws_lc_rs::hmac;

use crate::{config::ConsoleSettings, keys::SharedSecrets, store::Id};

/// How an administrator makes a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Face {
    /// The `writ` command.
    CommandLine,
    /// The administration API.
    Api,
    /// The administration console.
    Console,
}

impl Face {
    /// The names in the audit log of all faces of the administration.
    pub const NAMES: [&str; 3] = ["command-line", "api", "console"];
}

/// An administrator who makes a change. Only an actor can administer, and an actor has the secrets
/// of the server: write access to the database alone makes no entry in the audit log.
#[derive(Clone)]
pub struct Actor {
    pub(super) name: String,
    pub(super) face: Face,
    pub(super) reason: String,
    pub(super) key: hmac::Key,
    /// The console, whose administrators this actor must not lock out. `None` at the command line,
    /// because `writ admin recover` makes another administrator.
    pub(super) console: Option<ConsoleSettings>,
}

impl Actor {
    /// The user of the operating system with this `name`, who gives a `reason` or none.
    pub fn at_command_line(name: String, reason: Option<String>, secrets: &SharedSecrets) -> Self {
        let key = secrets.audit_log.clone();
        Self { name, face: Face::CommandLine, reason: reason.unwrap_or_default(), key, console: None }
    }

    /// The client that calls the administration API from `network`, for itself or for a user. `key`
    /// authenticates the audit log, which has no names of users.
    pub fn at_api(
        client_id: &str,
        user_id: Option<Id>,
        network: &str,
        reason: String,
        key: hmac::Key,
        console: &ConsoleSettings,
    ) -> Self {
        let name = match user_id {
            Some(user_id) => format!("{user_id} by {client_id} from {network}"),
            None => format!("{client_id} from {network}"),
        };
        Self { name, face: Face::Api, reason, key, console: Some(console.clone()) }
    }

    /// The user at the administration console. The audit log has no names of users.
    pub fn at_console(user_id: Id, network: &str, reason: String, key: hmac::Key, console: &ConsoleSettings) -> Self {
        let name = format!("{user_id} from {network}");
        Self { name, face: Face::Console, reason, key, console: Some(console.clone()) }
    }
}
