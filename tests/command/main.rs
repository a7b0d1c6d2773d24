//! The `writ` command as a process, with its own database: SQLite, or PostgreSQL if
//! `WRIT_TEST_DATABASE_URL` is set.

mod administration;
mod node;
mod serving;
mod terminal;
mod workplace;
