//! The signing keys.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;
use writ_core::{
    Cause, Error, SigningAlg,
    vocabulary::administration_scope::AdministrationScope::{KeysRead, KeysWrite},
};

use super::{
    authority::{administer, administer_once},
    page::{self, Page},
    precondition::{IfMatch, Precondition},
    reply::Reply,
    request::{members, parse, query},
};
use crate::{
    administration::{
        self, Actor,
        keys::{KeyInformation, version},
    },
    fault::Stop,
    keys::rotation,
    server::Call,
    store::{
        Tx,
        keys::{self, KeyRow, KeyState},
        revision,
    },
    web::form::Body,
};

/// Which keys to rotate.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RotateKeys {
    /// Only this algorithm.
    #[schema(value_type = Option<String>)]
    alg: Option<SigningAlg>,
}

/// Lists the signing keys.
#[utoipa::path(
    get,
    path = "/admin/v1/keys",
    operation_id = "key.list",
    responses((status = 200, description = "All of them.", body = Page<KeyInformation>)),
    security(("administration" = ["writ:keys:read"]))
)]
pub async fn list(call: Call) -> HttpResponse {
    administer(&call, KeysRead, async |_| {
        query(&call, &[])?;
        Ok(describe(call.server.store.read(keys::list).await?))
    })
    .await
}

/// Retires the active keys and activates the next ones: all or none. New next ones follow.
#[utoipa::path(
    post,
    path = "/admin/v1/keys/rotate",
    operation_id = "key.rotate",
    params(IfMatch), request_body = RotateKeys,
    responses((status = 200, description = "The keys.", body = Page<KeyInformation>)),
    security(("administration" = ["writ:keys:write"]))
)]
pub async fn rotate(call: Call, body: Body) -> HttpResponse {
    administer_once(&call, KeysWrite, &body, async |authority| {
        query(&call, &[])?;
        let precondition = Precondition::of(&call.request)?;
        let RotateKeys { alg: only } = parse(members(&call, &body)?)?;
        let rotated = authority
            .change_once(&call.server, move |tx, actor| {
                revision::lock(tx)?;
                precondition.check(&version(&keys::list(tx)?))?;
                rotate_all(tx, actor, only)?;
                Ok(describe(keys::list(tx)?))
            })
            .await?;
        rotation::fill(&call.server.store, &call.server.secrets.master_keys, KeyState::Next).await?;
        Ok(rotated)
    })
    .await
}

fn describe(rows: Vec<KeyRow>) -> Reply {
    let version = version(&rows);
    let keys = rows.into_iter().map(KeyInformation::from).collect();
    Reply::versioned(StatusCode::OK, &version, &page::whole(keys))
}

/// Rotates every key or none.
fn rotate_all(tx: &mut Tx<'_>, actor: &Actor, only: Option<SigningAlg>) -> Result<(), Stop> {
    let rows = keys::list(tx)?;
    let algorithms: Vec<SigningAlg> =
        SigningAlg::ALL.into_iter().filter(|alg| only.is_none_or(|only| only == *alg)).collect();
    let refuse = |description: String| Stop::from(Error::new(Cause::KeyTooRecent, description));
    for alg in &algorithms {
        let wait = rotation::wait(&rows, *alg, tx.now).ok_or_else(|| refuse(format!("{alg} has no next key yet")))?;
        if wait > 0 {
            return Err(refuse(format!("the next key of {alg} was published too recently: wait {wait} s")));
        }
    }
    for alg in algorithms {
        administration::keys::rotate(tx, actor, alg, false)?;
    }
    Ok(())
}
