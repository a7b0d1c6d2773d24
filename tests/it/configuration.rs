//! Configuration as code: a plan is applied to what it was made of, or not at all.

use std::sync::atomic::{AtomicUsize, Ordering};

use writ::{
    administration::{
        self, Actor,
        configuration::{self, Desired, Document, Invalid, Plan, State, export},
    },
    fault::Fault,
    store::{Tx, clients, groups},
};
use writ_core::{ClientMetadata, groups::Group};

use crate::support::{TestServer, administrator::entries};

async fn actor(server: &TestServer) -> Actor {
    Actor::at_command_line("test".to_owned(), None, &server.shared_secrets().await)
}

fn desired(server: &TestServer, text: &str) -> Desired {
    let document = Document::parse(text).expect("a document");
    Desired::new(document, &server.server.settings, |_| Err(Invalid("no secrets".to_owned()))).expect("valid")
}

async fn plan(server: &TestServer, desired: &Desired) -> Plan {
    let desired = desired.clone();
    let planned = server.server.store.read(move |tx| {
        let state = State::read(tx, &desired)?;
        Ok(Plan::new(&state, &desired, false))
    });
    planned.await.expect("no fault").expect("a plan")
}

async fn apply(server: &TestServer, desired: &Desired, plan: &Plan) -> Result<(), Fault> {
    let (actor, desired, plan) = (actor(server).await, desired.clone(), plan.clone());
    let issuer = server.server.settings.server.issuer.clone();
    server.server.store.write(move |tx| configuration::apply(tx, &actor, &desired, &plan, false, &issuer)).await
}

const RENAMED: &str = "[clients.shop]\nclient_name = \"Boutique\"\nredirect_uris = [\"https://shop.example/cb\"]\n\
    scope = \"openid message:read\"\n[groups.crew]\n";

type Change = fn(&mut Tx<'_>, &Actor) -> Result<(), Fault>;

fn rename_client(tx: &mut Tx<'_>, actor: &Actor) -> Result<(), Fault> {
    let seen = clients::find(tx, "shop")?.expect("registered");
    let metadata = ClientMetadata { client_name: "Other".to_owned(), ..seen.metadata.clone() };
    administration::clients::update(tx, actor, &seen, &metadata, None)?.expect("allowed");
    Ok(())
}

fn delete_client(tx: &mut Tx<'_>, actor: &Actor) -> Result<(), Fault> {
    assert_eq!(administration::clients::delete(tx, actor, "shop")?, Ok(true));
    Ok(())
}

fn create_group(tx: &mut Tx<'_>, actor: &Actor) -> Result<(), Fault> {
    let group = Group { id: uuid::Uuid::now_v7(), name: "crew".to_owned(), parent: None, acr: None };
    assert_eq!(administration::groups::create(tx, actor, &group)?, Ok(()));
    Ok(())
}

#[tokio::test]
async fn plan_is_not_applied_when_something_changed_since() {
    let changes: [Change; 3] = [rename_client, delete_client, create_group];
    for change in changes {
        let server = TestServer::start().await;
        server.shop().await;
        let desired = desired(&server, RENAMED);
        let seen = plan(&server, &desired).await;
        let actor = actor(&server).await;
        server.write(move |tx| change(tx, &actor)).await;
        let before = entries(&server).await.len();
        let refused = apply(&server, &desired, &seen).await;
        assert!(matches!(&refused, Err(Fault::Undone(reason)) if reason.contains("changed meanwhile")), "{refused:?}");
        let after = entries(&server).await.len();
        assert_eq!(before, after);
    }
}

#[tokio::test]
async fn change_beside_an_application_is_before_or_after_it_as_a_whole() {
    let server = TestServer::start().await;
    server.shop().await;
    let second = server.second_node().await;
    let desired = desired(&server, RENAMED);
    let refusals = AtomicUsize::new(0);
    for round in 0..20 {
        let (before, name) = (plan(&server, &desired).await, format!("Round {round}"));
        let key = actor(&second).await;
        let rename = second.server.store.write(move |tx| {
            let seen = clients::find(tx, "shop")?.expect("registered");
            let metadata = ClientMetadata { client_name: name, ..seen.metadata.clone() };
            administration::clients::update(tx, &key, &seen, &metadata, None)
        });
        let (renamed, applied) = tokio::join!(rename, apply(&server, &desired, &before));
        let name = server.server.store.read(|tx| clients::find(tx, "shop")).await.expect("read").expect("a client");
        let name = name.metadata.client_name;
        match (renamed.expect("no fault"), applied) {
            // The other change came first, and the plan was refused.
            (Ok(()), Err(Fault::Undone(_))) => {
                refusals.fetch_add(1, Ordering::Relaxed);
                assert_eq!(name, format!("Round {round}"));
            }
            // The plan came first, and the other change saw it.
            (Ok(()), Ok(())) => assert_eq!(name, format!("Round {round}")),
            // The other change had read the client before.
            (Err(_), Ok(())) => assert_eq!(name, "Boutique"),
            (renamed, applied) => panic!("{renamed:?} {applied:?}"),
        }
    }
}

#[tokio::test]
async fn one_of_two_applications_of_a_plan_wins() {
    let server = TestServer::start().await;
    let second = server.second_node().await;
    for round in 0..10 {
        let desired = desired(&server, &format!("[groups.\"a{round}\"]\n[groups.\"b{round}\"]\nin = \"a{round}\"\n"));
        let seen = plan(&server, &desired).await;
        let applied = tokio::join!(apply(&server, &desired, &seen), apply(&second, &desired, &seen));
        assert_eq!([applied.0.is_ok(), applied.1.is_ok()].iter().filter(|won| **won).count(), 1);
    }
    let all = server.server.store.read(groups::list).await.expect("groups");
    assert_eq!(all.by_name().len(), 20);
}

#[tokio::test]
async fn export_of_the_seeded_server_is_an_empty_plan() {
    let server = TestServer::start().await;
    server.shop().await;
    let document = server.server.store.read(|tx| export(tx, None)).await.expect("a document");
    let text = serde_json::to_string(&document).expect("JSON");
    assert!(text.contains("shop") && text.contains("message:read"), "{text}");
    let desired = desired(&server, &text);
    assert!(plan(&server, &desired).await.steps.is_empty());
}
