//! A code is inserted only if what it depends on is as it was read.

use rstest::rstest;
use writ::{
    fault::Fault,
    store::{Id, Tx, accounts, consents, grants, sessions, users},
};
use writ_core::{grants::Grant, groups::GroupIds};

use crate::support::TestServer;

const SCOPE: &str = "openid profile:read message:read";

/// A change between the read and the insertion.
#[derive(Debug, Clone, Copy)]
enum Change {
    Nothing,
    SessionEnded,
    AccountDisabled,
    GroupLeft,
    ConsentWithdrawn,
    ScopeWithdrawn,
    ScopeDeclined,
    EndSet,
    ClaimAllowed,
    DisclosedOtherwise,
}

impl Change {
    fn apply(self, tx: &mut Tx<'_>, user_id: Id, session_id: Id) -> Result<(), Fault> {
        let mut consent = consents::find(tx, user_id, "shop")?.expect("a consent");
        match self {
            Self::Nothing => return Ok(()),
            Self::SessionEnded => return accounts::end_session(tx, session_id).map(drop),
            Self::AccountDisabled => return accounts::disable(tx, user_id).map(drop),
            Self::GroupLeft => return users::set_groups(tx, user_id, &GroupIds::default()),
            Self::ConsentWithdrawn => return consents::delete(tx, user_id, "shop").map(drop),
            Self::ScopeWithdrawn => consent.granted = consent.granted.filter(|name| name == "openid"),
            Self::ScopeDeclined => consent.declined = consent.granted.clone(),
            Self::EndSet => consent.expires_at = Some(i64::MAX),
            Self::ClaimAllowed => drop(consent.claims.insert("email".to_owned())),
            Self::DisclosedOtherwise => consent.disclosed.clear(),
        }
        consents::save(tx, user_id, "shop", &consent)
    }
}

#[rstest]
#[case(Change::Nothing, true)]
#[case(Change::SessionEnded, false)]
#[case(Change::AccountDisabled, false)]
#[case(Change::GroupLeft, false)]
#[case(Change::ConsentWithdrawn, false)]
#[case(Change::ScopeWithdrawn, false)]
#[case(Change::ScopeDeclined, false)]
#[case(Change::EndSet, false)]
#[case(Change::ClaimAllowed, false)]
#[case(Change::DisclosedOtherwise, false)]
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
            let consent = permissions.consent.expect("a consent");
            change.apply(tx, alice, session)?;
            let grant = Grant { id: Id::now_v7().0, ..grant };
            let inserted = grants::insert_if_unchanged(tx, &grant, session, (&consent, &permissions.groups))?;
            let stored = grants::find(tx, Id(grant.id))?.map(|found| found.grant);
            assert_eq!(stored, inserted.then_some(grant), "the whole row, or none");
            Ok(inserted)
        })
        .await;
    assert_eq!(inserted, inserts);
}
