//! Whole flows over HTTP against a real server: on SQLite, or on PostgreSQL where `WRIT_TEST_DATABASE_URL` names one.

mod bad_authorization_request;
mod bad_token_request;
mod claims_parameter;
mod code_flow;
mod consent_guard;
mod demo;
mod id_token_hint;
mod logout_channels;
mod nodes;
mod page_manners;
mod races;
mod refresh;
mod remembered_consent;
mod return_to_app;
mod rp_initiated_logout;
mod sign_in;
mod support;
