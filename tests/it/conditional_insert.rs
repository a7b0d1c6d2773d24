//! A code is inserted only if what it depends on is as it was read.

use rstest::rstest;
use writ::{
    fault::{Fault, Stop},
    store::{Id, Tx, accounts, clients, connections, consents, grants, sessions, users},
};
use writ_core::{grants::Grant, groups::GroupIds};

use crate::support::TestServer;

const SCOPE: &str = "openid profile:read message:read";

/// A change between the read and the insertion.
#[derive(Debug, Clone, Copy)]
enum Change {
    Nothing,
    SessionEnded,
    SessionEndedByItsUser,
    OtherSessionsEnded,
    AccountDisabled,
    GroupLeft,
    ConsentWithdrawn,
    ConsentChanged,
    ScopeTakenBack,
    Disconnected,
}

impl Change {
    fn apply(self, tx: &mut Tx<'_>, user_id: Id, session_id: Id) -> Result<(), Fault> {
        match self {
            Self::Nothing => Ok(()),
            Self::SessionEnded => accounts::end_session(tx, session_id).map(drop),
            Self::SessionEndedByItsUser => accounts::end_session_of_user(tx, user_id, session_id).map(drop),
            Self::OtherSessionsEnded => accounts::end_other_sessions(tx, user_id, session_id).map(drop),
            Self::AccountDisabled => accounts::disable(tx, user_id).map(drop),
            Self::GroupLeft => users::set_groups(tx, user_id, &GroupIds::default()),
            Self::ConsentWithdrawn => consents::delete(tx, user_id, "shop").map(drop),
            Self::ConsentChanged => {
                let consent = consents::find(tx, user_id, "shop")?.expect("a consent");
                consents::save(tx, user_id, "shop", &consent)
            }
            Self::ScopeTakenBack => {
                connections::remove_scope(tx, user_id, "shop", "message:read", "127.0.0.1").map(drop)
            }
            Self::Disconnected => connections::disconnect(tx, user_id, "shop", "127.0.0.1").map(drop),
        }
    }
}

#[rstest]
#[case(Change::Nothing, true)]
#[case(Change::SessionEnded, false)]
#[case(Change::SessionEndedByItsUser, false)]
#[case(Change::OtherSessionsEnded, false)]
#[case(Change::AccountDisabled, false)]
#[case(Change::GroupLeft, false)]
#[case(Change::ConsentWithdrawn, false)]
#[case(Change::ConsentChanged, false)]
#[case(Change::ScopeTakenBack, false)]
#[case(Change::Disconnected, false)]
#[tokio::test]
async fn grant_is_inserted_when_nothing_changed_since_it_was_decided(#[case] change: Change, #[case] inserts: bool) {
    let server = TestServer::start().await;
    server.shop().await.tokens(SCOPE).await;
    let alice = server.user_id("alice").await;
    let inserted = server
        .write(move |tx| {
            let grant = grants::list_live_of_user(tx, alice)?.remove(0);
            users::set_groups(tx, alice, &GroupIds::from_iter([alice.0]))?;
            let session = sessions::list_of_user(tx, alice)?.remove(0).id;
            let found = sessions::find_live_with_permissions(tx, session, "shop")?;
            let (_, permissions) = found.expect("a live session");
            change.apply(tx, alice, session)?;
            let grant = Grant { id: Id::now_v7().0, ..grant };
            let inserted = grants::insert_if_unchanged(tx, &grant, (&permissions.groups, permissions.revocations))?;
            let stored = grants::find(tx, Id(grant.id))?.map(|found| found.grant);
            assert_eq!(stored, inserted.then_some(grant), "the whole row, or none");
            Ok(inserted)
        })
        .await;
    assert_eq!(inserted, inserts);
}

#[tokio::test]
async fn grant_of_a_client_deleted_meanwhile_violates_the_foreign_key() {
    let server = TestServer::start().await;
    server.shop().await.tokens(SCOPE).await;
    let alice = server.user_id("alice").await;
    let grant = server.write(move |tx| Ok(grants::list_live_of_user(tx, alice)?.remove(0))).await;
    let revocations = server
        .write(move |tx| {
            let session = sessions::list_of_user(tx, alice)?.remove(0).id;
            let found = sessions::find_live_with_permissions(tx, session, "shop")?;
            clients::delete(tx, "shop")?;
            Ok(found.expect("a live session").1.revocations)
        })
        .await;
    let insert = move |tx: &mut Tx<'_>| {
        let grant = Grant { id: Id::now_v7().0, ..grant.clone() };
        Ok(grants::insert_if_unchanged(tx, &grant, (&GroupIds::default(), revocations))?)
    };
    let inserted: Result<bool, Stop> = server.server.store.decide_by_statement(insert).await;
    assert!(matches!(inserted, Err(Stop::Broken(fault)) if fault.is_foreign_key_violation()));
}
