//! SQLite on a full disk: the response is 503, acknowledged writes stand, and the node recovers by
//! itself.

use rustix::process::{Resource, Rlimit, prlimit};

use crate::{
    node::{Node, form_head, free_address, in_shell, until, whole_answer},
    workplace::Workplace,
};

const METADATA: &str = r#"{"client_name": "App", "grant_types": ["authorization_code"],
    "redirect_uris": ["https://app.example/callback"], "token_endpoint_auth_method": "client_secret_post", "scope": "openid"}"#;

fn get(node: &Node, target: &str) -> String {
    whole_answer(node.send(&format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")))
}

#[test]
fn response_is_503_while_the_disk_is_full_and_acknowledged_writes_stand() {
    let workplace = Workplace::new();
    if workplace.is_postgres() {
        return;
    }
    let client = workplace.json(&["client", "create", "--json", "-"], METADATA);
    let member = |name: &str| client[name].as_str().expect(name).to_owned();
    let id = member("client_id");
    let form = format!(
        "client_id={id}&client_secret={}&response_type=code&scope=openid&code_challenge_method=S256&\
         code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&redirect_uri=https://app.example/callback",
        member("client_secret")
    );
    // No file grows beyond 2 MiB. Without its signal, a write beyond that fails.
    let address = free_address();
    let mut command = in_shell(&workplace, "trap '' XFSZ; ulimit -S -f 4096; exec \"$0\" serve");
    let node = Node::start_command(command.env("WRIT__SERVER__LISTEN", address.to_string()), address);

    let push = || whole_answer(node.send(&format!("{}{form}", form_head("/par", &form))));
    let mut acknowledged = Vec::new();
    let refused = loop {
        let answer = push();
        if !answer.starts_with("HTTP/1.1 201") {
            break answer;
        }
        let uri = answer.split("\"request_uri\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a URI");
        acknowledged.push(uri.to_owned());
        assert!(acknowledged.len() < 5000, "the disk is never full");
    };
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("temporarily_unavailable"), "{refused}");
    assert!(refused.to_ascii_lowercase().contains("retry-after:"), "{refused}");
    until("the node is not ready", || get(&node, "/readyz").starts_with("HTTP/1.1 503"));

    let unlimited = Rlimit { current: None, maximum: None };
    prlimit(Some(node.pid()), Resource::Fsize, unlimited).expect("raised");
    until("the node is ready", || get(&node, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(push().starts_with("HTTP/1.1 201"));
    for uri in acknowledged.iter().rev().take(20) {
        let answer = get(&node, &format!("/authorize?client_id={id}&request_uri={uri}"));
        assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("/login?"), "{answer}");
    }
}
