//! Users whose password hash was made by another server.

use futures_util::future::join_all;
use reqwest::StatusCode;
use rstest::rstest;
use writ::{
    administration::users::import::parse,
    password::is_outdated,
    store::{Id, accounts, users},
};

use crate::support::{Browser, Page, TestServer};

const BCRYPT: &str = "$2b$04$czaL4pEQKGw/PfZvi7EhUuKAbouw06zRGQr75tjljObJs7yClpE2K";
const SCRYPT: &str = "$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$OAkZqUBelG6VIYdTJfYSENL5OmZRxMa3GwXn5oFliTg";
const PBKDF2: &str = "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M";
/// The password of all of them.
const PASSWORD: &str = "correct horse";

async fn import(server: &TestServer, hash: &str) -> Id {
    let line = serde_json::json!({ "username": "ada", "password_hash": hash }).to_string();
    let user = parse(&line).expect("a file").remove(0).expect("a user").user;
    let id = user.id;
    server.write(move |tx| users::insert(tx, &user)).await;
    id
}

async fn hash_of(server: &TestServer, id: Id) -> String {
    let user = server.server.store.read(move |tx| users::find(tx, id)).await.expect("read").expect("the user");
    user.password_hash.expect("a hash")
}

async fn attempt(browser: &Browser, password: &str) -> Page {
    let login = browser.get("/login").await;
    browser.post_password(&login, "ada", password).await
}

#[rstest]
#[case::bcrypt(BCRYPT)]
#[case::pbkdf2(PBKDF2)]
#[case::scrypt(SCRYPT)]
#[tokio::test]
async fn imported_hash_is_replaced_at_the_first_sign_in(#[case] hash: &str) {
    let server = TestServer::start().await;
    let ada = import(&server, hash).await;
    assert_ne!(attempt(&server.browser(), "correct horsf").await.status, StatusCode::SEE_OTHER);
    assert_eq!(hash_of(&server, ada).await, hash, "a wrong password changes nothing");
    for _ in 0..2 {
        assert_eq!(attempt(&server.browser(), PASSWORD).await.status, StatusCode::SEE_OTHER);
        assert!(!is_outdated(&hash_of(&server, ada).await));
    }
    assert_ne!(attempt(&server.browser(), "correct horsf").await.status, StatusCode::SEE_OTHER);
}

/// The new hash of the old password never replaces that of a new password.
#[tokio::test]
async fn hash_of_a_password_that_changed_meanwhile_is_kept() {
    let server = TestServer::start().await;
    let second = server.second_node().await;
    let ada = import(&server, BCRYPT).await;
    let changed = users_hash(&server).await;
    for round in 0..8 {
        server.write(move |tx| accounts::set_password(tx, ada, BCRYPT)).await;
        let browsers = [server.browser(), second.browser(), server.browser(), second.browser()];
        let new = changed.clone();
        tokio::join!(
            join_all(browsers.iter().map(|browser| attempt(browser, PASSWORD))),
            server.write(move |tx| accounts::set_password(tx, ada, &new)),
        );
        assert_eq!(hash_of(&server, ada).await, changed, "{round}");
        server.clock.advance(3600);
    }
}

/// A hash of another password.
async fn users_hash(server: &TestServer) -> String {
    server.user("alice").await.password_hash.expect("a hash")
}
