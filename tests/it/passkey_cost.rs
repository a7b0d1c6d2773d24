//! What a sign-in with a passkey costs, beside one with a password.

use std::time::{Duration, Instant};

use reqwest::{StatusCode, header::HeaderMap};
use writ::sessions::passkeys::{
    Assertion, ask,
    ceremony::{Asked, Bound},
    verify,
};
use writ_core::Params;

use crate::support::{Page, passkey::with_passkey, seed::PASSWORD};

/// The page of a server's own request for a passkey.
fn page_of(asked: &Asked) -> Page {
    let options = asked.options.replace('"', "&#34;");
    let body = format!(
        "<form data-options=\"{options}\"><input type=\"hidden\" name=\"ceremony\" value=\"{}\"></form>",
        asked.ceremony
    );
    Page { url: String::new(), status: StatusCode::OK, headers: HeaderMap::default(), body }
}

#[tokio::test]
async fn passkey_is_verified_in_a_small_part_of_the_time_of_a_password() {
    let (server, _, mut passkey) = with_passkey().await;
    let (node, bound) = (&server.server, Bound::sign_in("browser"));
    let hash = server.user("alice").await.password_hash;
    let [mut of_passkey, mut of_password] = [Duration::MAX; 2];
    for _ in 0..20 {
        let asked = ask(node, &bound, &[]).expect("asked").expect("the server has passkeys");
        let fields = passkey.assertion(&page_of(&asked));
        let params = Params::from_iter(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let assertion = Assertion::of_form(&params).expect("well-formed").expect("a response");
        let started = Instant::now();
        let verified = verify(node, &bound, None, assertion).await.expect("no fault");
        of_passkey = of_passkey.min(started.elapsed());
        assert!(verified.is_ok(), "{:?}", verified.err());
    }
    for _ in 0..3 {
        let started = Instant::now();
        let password = PASSWORD.to_owned().into();
        assert_eq!(node.passwords.verify(password, hash.clone(), None).await, Ok(true));
        of_password = of_password.min(started.elapsed());
    }
    println!("a passkey takes {of_passkey:?}, a password {of_password:?}");
    assert!(of_passkey * 4 < of_password, "{of_passkey:?} {of_password:?}");
}
