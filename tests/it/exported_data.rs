//! `/account/data`: every table about users is in the file, or was left out on purpose.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use writ::{
    pages::account::data::{EXPORTED, LEFT_OUT},
    store::{accounts, linked_subjects},
};

use crate::support::{
    TestServer,
    authenticator::enter_password,
    provider::{START, StubProvider},
};

/// The columns that refer to a user, or to an address of one.
const OF_USERS: [&str; 9] =
    ["address", "decided_by", "recipient", "session_before", "session_id", "sid", "subject", "user_id", "username"];

/// The tables with such a column, as the queries see them.
fn tables_of_users() -> BTreeSet<String> {
    let schema = include_str!("../../src/store/schema.rs");
    let tables = schema.split("table! {").skip(1);
    let read = |table: &str| {
        let (name, rest) = table.trim_start().split_once(' ').expect("a name");
        let columns = rest.split('{').nth(1).and_then(|rest| rest.split('}').next()).expect("columns");
        let mut words = columns.split_whitespace();
        words.any(|word| OF_USERS.contains(&word)).then(|| name.to_owned())
    };
    tables.filter_map(read).collect()
}

#[tokio::test]
async fn every_table_about_users_is_exported_or_left_out_on_purpose() {
    let server = TestServer::start().await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let data: Value = serde_json::from_str(&browser.get("/account/data").await.body).expect("JSON");
    for (table, member) in EXPORTED {
        assert!(data.get(member).is_some(), "{table}: {member} is not in {data}");
    }
    let mut reviewed: BTreeSet<String> =
        EXPORTED.iter().chain(&LEFT_OUT).map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(reviewed.len(), EXPORTED.len() + LEFT_OUT.len(), "a table is in both lists");
    // The row of the user is the file itself.
    reviewed.insert("users".to_owned());
    let tables = tables_of_users();
    assert!(tables.len() > 20, "{tables:?}");
    let unknown: Vec<_> = tables.difference(&reviewed).collect();
    assert!(unknown.is_empty(), "add them to EXPORTED or LEFT_OUT: {unknown:?}");
    let gone: Vec<_> = reviewed.difference(&tables).collect();
    assert!(gone.is_empty(), "there are no such tables: {gone:?}");
}

#[tokio::test]
async fn export_has_the_sessions_that_began_at_a_provider_and_the_refused_address() {
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    let (alice, issuer) = (server.user_id("alice").await, stub.issuer());
    server.write(move |tx| linked_subjects::insert(tx, alice, &issuer, "u1")).await;
    stub.sign_in(&server, &server.browser(), START, json!({})).await;
    let own = server.browser();
    enter_password(&own, "alice").await;
    let data: Value = serde_json::from_str(&own.get("/account/data").await.body).expect("JSON");
    assert_eq!(data["upstream_sessions"][0]["subject"], "u1", "{data}");
    assert_eq!(data["email_link_refused_since"], Value::Null, "{data}");
    server.write(move |tx| accounts::remove_links(tx, alice)).await;
    let data: Value = serde_json::from_str(&own.get("/account/data").await.body).expect("JSON");
    assert_eq!(data["email_link_refused_since"], server.clock.now(), "{data}");
}
