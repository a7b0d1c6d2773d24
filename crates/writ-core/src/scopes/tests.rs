use serde_json::json;

use super::*;
use crate::ErrorCode;

fn offer() -> Offer {
    let offered = |name: &str| Offered { name: name.to_owned(), is_default: name.ends_with(":read") };
    let server = |audience: &str, scope: &str| (audience.to_owned(), scope.split(' ').map(offered).collect());
    let talk = server("https://talk.example", "message:read message:send");
    let bank = server("https://bank.example/api", "payment:make");
    Offer::new([talk, bank], "https://id.example/userinfo".to_owned())
}

fn scope(text: &str) -> ScopeSet {
    ScopeSet::parse(text).expect("a scope list")
}

#[test]
fn resources_are_named_or_follow_from_scope() {
    let (talk, bank, userinfo) = ("https://talk.example", "https://bank.example/api", "https://id.example/userinfo");
    let ambiguous = Err(Cause::ResourceAmbiguous);
    let unknown = Err(Cause::ResourceUnknown);
    for (names, requested, expected) in [
        ("openid message:read", vec![], Ok(vec![talk])),
        ("openid email", vec![], Ok(vec![userinfo])),
        ("openid", vec![talk], Ok(vec![talk])),
        ("message:read", vec!["https://talk.example/"], Ok(vec![talk])),
        ("message:read", vec!["HTTPS://TALK.example:443"], Ok(vec![talk])),
        ("payment:make", vec!["https://bank.example/api/"], unknown.clone()),
        ("payment:make", vec!["https://bank.example/API"], unknown.clone()),
        ("message:read payment:make", vec![], ambiguous.clone()),
        ("message:read payment:make", vec![talk], ambiguous.clone()),
        ("message:read payment:make", vec![talk, bank], Ok(vec![talk, bank])),
        ("message:read payment:make", vec![bank, talk, "https://talk.example/"], Ok(vec![bank, talk])),
        ("message:read", vec![bank], ambiguous),
        ("message:read", vec!["https://nobody.example"], unknown.clone()),
        ("message:read", vec![talk, "https://nobody.example"], unknown),
    ] {
        let found = offer().resources(&scope(names), &requested);
        let expected: Result<Vec<String>, Cause> = expected.map(|list| list.into_iter().map(str::to_owned).collect());
        assert_eq!(found.map_err(|error| error.cause), expected, "{names} {requested:?}");
    }
}

#[test]
fn unknown_and_unregistered_scopes_are_dropped() {
    let client: ClientMetadata = serde_json::from_value(json!({
        "client_name": "Shop",
        "scope": "openid email message:read",
        "required_scope": "message:read",
    }))
    .expect("client metadata");
    for (requested, expected, dropped) in [
        (Some("openid email"), Ok("openid email"), ""),
        (Some("openid teams email"), Ok("openid email"), "teams scope_unknown"),
        (Some("openid payment:make"), Ok("openid"), "payment:make scope_unregistered"),
        (None, Ok("message:read"), ""),
        (Some("teams"), Err(ErrorCode::InvalidScope), ""),
        (Some("payment:make teams"), Err(ErrorCode::InvalidScope), ""),
    ] {
        let found = offer().requestable(requested.map(scope), &[], &client);
        let list = found.as_ref().map(|found| {
            found.dropped.iter().map(|one| format!("{} {}", one.scope, one.cause.id())).collect::<Vec<_>>().join(",")
        });
        assert_eq!(list.unwrap_or_default(), dropped, "{requested:?}");
        assert_eq!(found.map(|found| found.scope.to_string()).map_err(|error| error.code), expected.map(str::to_owned));
    }
}

#[test]
fn omitted_scope_is_the_default_of_the_client_else_of_the_resources() {
    let (talk, bank) = ("https://talk.example/", "https://bank.example/api");
    for (registered, default, resources, expected) in [
        ("message:read message:send", "", vec![talk], Ok("message:read")),
        ("openid message:read message:send payment:make", "", vec![bank, talk], Ok("message:read")),
        ("message:read message:send", "message:send", vec![talk], Ok("message:send")),
        ("message:send", "", vec![talk], Err(Cause::ScopeMissing)),
        ("message:read", "", vec![], Err(Cause::ScopeMissing)),
        ("payment:make", "", vec![bank], Err(Cause::ScopeMissing)),
        ("openid", "", vec!["https://id.example/userinfo"], Err(Cause::ScopeMissing)),
        ("message:read", "", vec!["https://nobody.example"], Err(Cause::ResourceUnknown)),
    ] {
        let metadata = json!({ "client_name": "Shop", "scope": registered, "default_scope": default });
        let client: ClientMetadata = serde_json::from_value(metadata).expect("client metadata");
        let found = offer().requestable(None, &resources, &client);
        let found = found.map(|found| found.scope.to_string()).map_err(|error| error.cause);
        assert_eq!(found, expected.map(str::to_owned), "{registered} {default} {resources:?}");
    }
}

#[test]
fn scope_is_all_or_nothing_without_partial_consent() {
    let client = |partial: bool| -> ClientMetadata {
        let metadata = json!({ "client_name": "Shop", "required_scope": "email", "partial_consent": partial });
        serde_json::from_value(metadata).expect("client metadata")
    };
    let requested = scope("openid email message:read");
    assert_eq!(required(&requested, &client(true), false), scope("openid email"));
    assert_eq!(required(&requested, &client(false), false), requested);
}
