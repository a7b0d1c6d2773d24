//! Changes that end live grants are confirmed.

use writ::store::{Id, Store, grants};
use writ_core::{
    authentication::Evidence,
    grants::{Grant, GrantState, Live},
    scopes::ScopeIds,
};

use crate::workplace::Workplace;

/// Adds a live grant of the user to the client `app`.
fn add_grant(store: &Store, user_id: Id, scope: &str) {
    let now = writ::clock::Clock::default().now();
    let grant = Grant {
        id: Id::now_v7().0,
        user_id: user_id.0,
        asserted_by: None,
        client_id: "app".to_owned(),
        sid: Id::now_v7().0,
        bound_to: None,
        scope: scope.split(' ').collect(),
        scope_ids: ScopeIds::default(),
        claims: Default::default(),
        resources: Vec::new(),
        auth_time: now,
        evidence: Evidence::password(now),
        created_at: now,
        ends_at: None,
        expires_at: now + 3600,
        state: GrantState::Live(Live { code: None, family: None, last_used_at: now, last_used_network: String::new() }),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(store.write(move |tx| grants::insert(tx, &grant))).expect("a grant");
}

#[test]
fn change_that_ends_grants_is_refused_without_a_confirmation() {
    let workplace = Workplace::with_talk();
    let create = ["client", "create", "--id", "app", "--name", "App", "--redirect-uri", "https://app.example/cb"];
    workplace.writ(&[&create[..], &["--scope", "openid message:read"]].concat(), "");
    let user = |name: &str| {
        let created = workplace.json(&["user", "create", name, "--json"], "");
        created["sub"].as_str().expect("an id").parse::<Id>().expect("an id")
    };
    let [ada, bora] = ["ada", "bora"].map(user);
    let store = workplace.store();
    add_grant(&store, ada, "openid message:read");
    add_grant(&store, ada, "openid message:read");
    add_grant(&store, bora, "openid message:read:all");
    for (arguments, consequence) in [
        (&["client", "update", "app", "--scope", "openid"][..], "Client app has 3 live grants of 2 users."),
        (&["scope", "delete", "message:read"], "Deleting scope message:read takes it from 2 live grants of 1 user."),
        (&["resource", "update", "talk", "--audience", "https://x.example"], "Its scopes are in 2 live grants"),
        (&["resource", "delete", "talk"], "Deleting resource server talk takes scopes from 2 live grants of 1 user."),
        (&["user", "delete", "bora"], "Deleting bora ends 1 live grant of 1 user."),
        (&["client", "delete", "app"], "Deleting client app ends 3 live grants of 2 users."),
    ] {
        let refused = workplace.refused(arguments, "");
        assert!(refused.contains(consequence) && refused.contains("--yes"), "{arguments:?}: {refused}");
    }
    // What takes nothing is not confirmed.
    workplace.writ(&["client", "update", "app", "--name", "Shop"], "");
    workplace.writ(&["scope", "update", "message:read", "--risk", "high"], "");
    assert_eq!(workplace.json(&["client", "show", "app", "--json"], "")["scope"], "openid message:read");
    for arguments in [
        &["client", "update", "app", "--scope", "openid"][..],
        &["resource", "delete", "talk"],
        &["user", "delete", "bora"],
        &["client", "delete", "app"],
    ] {
        workplace.writ(&[arguments, &["--yes"]].concat(), "");
    }
}
