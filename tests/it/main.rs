//! Whole flows over HTTP against a real server: on SQLite, or on PostgreSQL where `WRIT_TEST_DATABASE_URL` names one.

mod code_flow;
mod support;
