//! The `writ` command as a process, with its own database: SQLite, or PostgreSQL if
//! `WRIT_TEST_DATABASE_URL` is set.

mod acme;
mod apply;
mod arguments;
mod audit;
mod backup;
mod backup_places;
mod clients;
mod configuration;
mod confirmation;
mod connections;
mod disk_full;
mod doctor;
mod front;
mod groups;
mod import;
mod keys;
mod metrics;
mod node;
mod object_store;
#[cfg(feature = "otlp")]
mod otlp;
mod passwords;
mod resources;
mod serving;
mod systemd;
mod terminal;
mod tls;
mod users;
mod workplace;
