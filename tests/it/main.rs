//! Whole flows over HTTP against a real server: on SQLite, or on PostgreSQL where `WRIT_TEST_DATABASE_URL` names one.

mod account;
mod bad_authorization_request;
mod bad_token_request;
mod code_flow;
mod consent_guard;
mod demo;
mod device_grant;
mod introspection;
mod nodes;
mod page_manners;
mod private_key_jwt;
mod pushed_authorization;
mod races;
mod refresh;
mod remembered_consent;
mod return_to_app;
mod revocation;
mod rp_initiated_logout;
mod sign_in;
mod support;
mod token_exchange;
mod tokens;
mod userinfo;
