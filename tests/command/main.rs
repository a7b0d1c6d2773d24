//! The `writ` command as a process, against a database of its own: SQLite, or PostgreSQL where `WRIT_TEST_DATABASE_URL`
//! names one.

mod administration;
mod node;
mod serving;
mod terminal;
mod workplace;
