//! Users.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;
use utoipa::ToSchema;
use writ_core::{
    Cause, Error, StandardClaims,
    vocabulary::administration_scope::AdministrationScope::{UsersRead, UsersWrite},
};
use zeroize::Zeroizing;

use super::{
    authority::{administer, administer_once},
    page::{Page, PageParams, PageRequest},
    precondition::{IfMatch, Precondition},
    reply::Reply,
    request::{Force, check_unused, force, if_taken, members, no_body, parse, query},
    unknown,
};
use crate::{
    administration::{
        self, Actor,
        users::{
            information::{UserInformation, version},
            registration,
        },
    },
    fault::{Fault, Stop},
    secret::Secret,
    server::{Call, Server},
    sessions::new_password::NewPassword,
    store::{
        Id, Tx, usage,
        users::{self, User},
    },
    web::{form::Body, locale::Locale},
};

/// Why a username is refused.
const TAKEN: &str = "the username, or one that looks like it, is in use";

/// A new user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    /// The username, which is case-insensitive.
    username: String,
    /// An e-mail address. It is not verified: only the command line says that it is the user's.
    email: Option<String>,
    /// Standard claims.
    #[serde(default)]
    #[schema(value_type = Object)]
    claims: StandardClaims,
    /// The password. Without one, one is generated.
    #[serde(default, deserialize_with = "secret_text")]
    #[schema(value_type = Option<String>)]
    password: Option<Zeroizing<String>>,
}

/// Reads a text that no error may repeat.
fn secret_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Zeroizing<String>>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(Some(Zeroizing::new(text))),
        _ => Err(D::Error::custom("password must be a string")),
    }
}

/// Lists the users, oldest first, or the one that signs in with `login`.
#[utoipa::path(
    get,
    path = "/admin/v1/users",
    operation_id = "user.list",
    params(PageParams, ("login" = Option<String>, Query, description = "A username or verified e-mail address.")),
    responses((status = 200, description = "A page.", body = Page<UserInformation>)),
    security(("administration" = ["writ:users:read"]))
)]
pub async fn list(call: Call) -> HttpResponse {
    administer(&call, UsersRead, async |_| {
        let params = query(&call, &["after", "limit", "login"])?;
        let page = PageRequest::parse(&params)?;
        let (after, rows) = (page.after_id()?, page.rows());
        let login = params.get("login")?.map(str::to_owned);
        let found = call
            .server
            .store
            .read(move |tx| match login {
                Some(login) => Ok(users::find_by_login(tx, &login)?.into_iter().collect()),
                None => users::page(tx, after, rows),
            })
            .await?;
        let cursor = |user: &User| user.id.to_string();
        page.respond(found, cursor, |user| UserInformation::new(user, None))
    })
    .await
}

/// Shows a user.
#[utoipa::path(
    get,
    path = "/admin/v1/users/{sub}",
    operation_id = "user.show",
    responses((status = 200, description = "The user.", body = UserInformation)),
    security(("administration" = ["writ:users:read"]))
)]
pub async fn show(call: Call, sub: Path<String>) -> HttpResponse {
    administer(&call, UsersRead, async |_| {
        query(&call, &[])?;
        let id = id(&sub)?;
        let found = call.server.store.read(move |tx| users::find(tx, id)).await?;
        describe(StatusCode::OK, found.ok_or_else(no_user)?, None)
    })
    .await
}

/// Adds a user. Without a `password`, one is generated and shown once.
#[utoipa::path(
    post,
    path = "/admin/v1/users",
    operation_id = "user.create",
    request_body = NewUser,
    responses((status = 201, description = "The user.", body = UserInformation)),
    security(("administration" = ["writ:users:write"]))
)]
pub async fn create(call: Call, body: Body) -> HttpResponse {
    administer_once(&call, UsersWrite, &body, async |authority| {
        query(&call, &[])?;
        let server = &call.server;
        let new: NewUser = parse(members(&call, &body)?)?;
        let user = registration::user(&new.username, new.email.as_deref(), false, &new.claims)
            .map_err(|invalid| Error::new(Cause::BodyInvalid, invalid.to_string()))?;
        let generated = new.password.is_none().then(|| Zeroizing::new(Secret::random().expose()));
        let username = user.username.clone();
        if server.store.read(move |tx| users::is_taken(tx, &username)).await? {
            return Err(Error::new(Cause::ObjectExists, TAKEN).into());
        }
        let lane = authority.client_id();
        let password = new.password.or_else(|| generated.clone()).unwrap_or_default();
        let hash = hash(server, lane, password, &user).await?;
        let user = User { password_hash: Some(hash), ..user };
        authority
            .change_once(server, move |tx, actor| {
                let user = User { created_at: tx.now, updated_at: tx.now, ..user };
                administration::users::create(tx, actor, &user)?;
                let path = format!("/admin/v1/users/{}", user.id);
                Ok(describe(StatusCode::CREATED, user, generated.map(|password| password.to_string()))?.at(path))
            })
            .await
            .map_err(|stop| if_taken(stop, TAKEN))
    })
    .await
}

/// Deletes a user and everything that refers to it.
#[utoipa::path(
    delete,
    path = "/admin/v1/users/{sub}",
    operation_id = "user.delete",
    params(Force, IfMatch),
    responses((status = 204, description = "It was deleted.")),
    security(("administration" = ["writ:users:write"]))
)]
pub async fn delete(call: Call, sub: Path<String>, body: Body) -> HttpResponse {
    administer(&call, UsersWrite, async |authority| {
        let force = force(&call)?;
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let id = id(&sub)?;
        authority
            .change(&call.server, move |tx, actor| {
                let user = find_and_lock(tx, id)?;
                precondition.check(&version(&user))?;
                if !force {
                    check_unused(usage::of_user(tx, id)?, "the user has")?;
                }
                Ok(administration::users::delete(tx, actor, &user)??)
            })
            .await?;
        Ok(Reply::no_content())
    })
    .await
}

/// Disables a user: sessions end, and no tokens are issued.
#[utoipa::path(
    post,
    path = "/admin/v1/users/{sub}/disable",
    operation_id = "user.disable",
    params(IfMatch),
    responses((status = 200, description = "The user.", body = UserInformation)),
    security(("administration" = ["writ:users:write"]))
)]
pub async fn disable(call: Call, sub: Path<String>, body: Body) -> HttpResponse {
    change(call, sub, body, |tx, actor, user| Ok(administration::users::disable(tx, actor, user)??)).await
}

/// Enables a disabled user again.
#[utoipa::path(
    post,
    path = "/admin/v1/users/{sub}/enable",
    operation_id = "user.enable",
    params(IfMatch),
    responses((status = 200, description = "The user.", body = UserInformation)),
    security(("administration" = ["writ:users:write"]))
)]
pub async fn enable(call: Call, sub: Path<String>, body: Body) -> HttpResponse {
    change(call, sub, body, |tx, actor, user| Ok(administration::users::enable(tx, actor, user)??)).await
}

/// Ends all sessions of a user.
#[utoipa::path(
    post,
    path = "/admin/v1/users/{sub}/sign-out",
    operation_id = "user.sign-out",
    params(IfMatch),
    responses((status = 200, description = "The user.", body = UserInformation)),
    security(("administration" = ["writ:users:write"]))
)]
pub async fn sign_out(call: Call, sub: Path<String>, body: Body) -> HttpResponse {
    change(call, sub, body, |tx, actor, user| Ok(administration::users::sign_out(tx, actor, user)??)).await
}

/// Forgets the wrong passwords and codes of a user.
#[utoipa::path(
    post,
    path = "/admin/v1/users/{sub}/unlock",
    operation_id = "user.unlock",
    params(IfMatch),
    responses((status = 200, description = "The user.", body = UserInformation)),
    security(("administration" = ["writ:users:write"]))
)]
pub async fn unlock(call: Call, sub: Path<String>, body: Body) -> HttpResponse {
    change(call, sub, body, |tx, actor, user| {
        administration::users::unlock(tx, actor, user)??;
        Ok(())
    })
    .await
}

/// Makes a change that needs no further data.
async fn change<F>(call: Call, sub: Path<String>, body: Body, change: F) -> HttpResponse
where
    F: FnOnce(&mut Tx<'_>, &Actor, &User) -> Result<(), Stop> + Clone + Send + 'static,
{
    administer_once(&call, UsersWrite, &body, async |authority| {
        query(&call, &[])?;
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let id = id(&sub)?;
        authority
            .change_once(&call.server, move |tx, actor| {
                let user = find_and_lock(tx, id)?;
                precondition.check(&version(&user))?;
                change(tx, actor, &user)?;
                describe(StatusCode::OK, users::find(tx, id)?.ok_or_else(no_user)?, None)
            })
            .await
    })
    .await
}

/// Hashes a password by the rules for every new password.
async fn hash(server: &Server, lane: &str, password: Zeroizing<String>, user: &User) -> Result<String, Stop> {
    let unacceptable = |reason: String| Error::new(Cause::BodyInvalid, format!("password: {reason}"));
    let accepted = NewPassword::parse(&password, server.settings.passwords.min_length)
        .map_err(|reason| unacceptable(reason.text(Locale::EN)))?;
    let reservation = server.passwords.reserve(Some(lane)).map_err(Fault::from)?;
    let hashed = accepted.hash(server, user.own_words()?, reservation).await?;
    Ok(hashed.map_err(|reason| unacceptable(reason.text(Locale::EN)))?)
}

pub(super) fn id(sub: &str) -> Result<Id, Stop> {
    sub.parse().map_err(|_| no_user())
}

pub(super) fn find_and_lock(tx: &mut Tx<'_>, id: Id) -> Result<User, Stop> {
    users::find_and_lock(tx, id)?.ok_or_else(no_user)
}

pub(super) fn no_user() -> Stop {
    unknown("there is no user with this sub")
}

fn describe(status: StatusCode, user: User, password: Option<String>) -> Result<Reply, Stop> {
    let version = version(&user);
    Ok(Reply::versioned(status, &version, &UserInformation::new(user, password)?))
}
