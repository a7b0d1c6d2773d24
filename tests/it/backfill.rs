//! Rows that are older than a column get its value when the database is opened.

use writ::store::users::{self, User};

use crate::support::{TestServer, server::open};

const FORGET: &str = "UPDATE users SET skeleton = NULL";

#[tokio::test]
async fn username_that_looks_like_one_from_before_the_upgrade_is_refused() {
    let server = TestServer::start().await;
    // More than one batch.
    let many = |tx: &mut writ::store::Tx<'_>| {
        (1000..1600).try_for_each(|number| users::insert(tx, &User::named(&format!("user{number}"))))
    };
    server.write(many).await;
    server.database.execute(FORGET).await;
    // An old user may look like another one.
    server.write(|tx| users::insert(tx, &User::named("rninji"))).await;
    server.database.execute(FORGET).await;

    for _ in 0..2 {
        drop(open(&server.database).await);
        assert_eq!(server.count("users WHERE skeleton IS NULL").await, 1);
    }
    for alike in ["a1ice", "userl599"] {
        let inserted = server.server.store.write(move |tx| users::insert(tx, &User::named(alike))).await;
        assert!(inserted.is_err_and(|fault| fault.is_unique_violation()), "{alike}");
    }
    server.write(|tx| users::insert(tx, &User::named("alicia"))).await;
}
