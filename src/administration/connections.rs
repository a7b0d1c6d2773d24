//! The version of what a user allows a client. The changes are those of users and of clients.

use super::version_of;
use crate::store::connections::Connection;

/// The version of a connection: what can be taken back. It does not change when the client uses it.
pub fn version(connection: &Connection) -> String {
    version_of(&(&connection.client_id, &connection.scope, connection.since, connection.ends_at))
}
