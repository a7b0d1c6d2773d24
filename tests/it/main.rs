//! Whole flows over HTTP against a real server: on SQLite, or on PostgreSQL where `WRIT_TEST_DATABASE_URL` names one.

mod code_flow;
mod demo;
mod page_manners;
mod private_key_jwt;
mod pushed_authorization;
mod remembered_consent;
mod return_to_app;
mod support;
