//! The `writ` command as a process, with its own database: SQLite, or PostgreSQL if
//! `WRIT_TEST_DATABASE_URL` is set.

mod arguments;
mod clients;
mod configuration;
mod keys;
mod node;
mod resources;
mod serving;
mod terminal;
mod users;
mod workplace;
