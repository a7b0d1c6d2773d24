//! Users.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde::Deserialize;
use serde_json::Value;
use writ_core::{
    Cause, Error, StandardClaims,
    vocabulary::administration_scope::AdministrationScope::{UsersRead, UsersWrite},
};
use zeroize::Zeroizing;

use super::{
    authority::administer,
    created, no_content,
    page::PageRequest,
    precondition::Precondition,
    request::{force, if_taken, members, no_body, parse, query},
    unknown, versioned,
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
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewUser {
    /// The username, which is case-insensitive.
    username: String,
    /// An e-mail address. It is not verified: only the command line says that it is the user's.
    email: Option<String>,
    /// Standard claims.
    #[serde(default)]
    claims: StandardClaims,
}

/// `GET /admin/v1/users`: the users, oldest first, or the one that signs in with `login`.
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

/// `GET /admin/v1/users/{sub}`.
pub async fn show(call: Call, sub: Path<String>) -> HttpResponse {
    administer(&call, UsersRead, async |_| {
        query(&call, &[])?;
        let id = id(&sub)?;
        let found = call.server.store.read(move |tx| users::find(tx, id)).await?;
        describe(StatusCode::OK, found.ok_or_else(no_user)?, None)
    })
    .await
}

/// `POST /admin/v1/users`: adds a user. Without a `password`, one is generated and shown once.
pub async fn create(call: Call, body: Body) -> HttpResponse {
    administer(&call, UsersWrite, async |authority| {
        query(&call, &[])?;
        let server = &call.server;
        let mut members = members(&call, &body)?;
        // It is taken out first, so that no error about another member contains it.
        let given = match members.remove("password") {
            None => None,
            Some(Value::String(password)) => Some(Zeroizing::new(password)),
            Some(_) => return Err(Error::new(Cause::BodyInvalid, "password must be a string").into()),
        };
        let new: NewUser = parse(members)?;
        let user = registration::user(&new.username, new.email.as_deref(), false, &new.claims)
            .map_err(|invalid| Error::new(Cause::BodyInvalid, invalid.to_string()))?;
        let generated = given.is_none().then(|| Zeroizing::new(Secret::random().expose()));
        let username = user.username.clone();
        if server.store.read(move |tx| users::is_taken(tx, &username)).await? {
            return Err(Error::new(Cause::ObjectExists, TAKEN).into());
        }
        let lane = authority.client_id();
        let hash = hash(server, lane, given.or_else(|| generated.clone()).unwrap_or_default(), &user).await?;
        let user = User { password_hash: Some(hash), ..user };
        let added = authority
            .change(server, move |tx, actor| {
                let user = User { created_at: tx.now, updated_at: tx.now, ..user };
                administration::users::create(tx, actor, &user)?;
                Ok(user)
            })
            .await
            .map_err(|stop| if_taken(stop, TAKEN))?;
        let path = format!("/admin/v1/users/{}", added.id);
        let response = describe(StatusCode::CREATED, added, generated.map(|password| password.to_string()))?;
        Ok(created(&call, response, &path))
    })
    .await
}

/// `DELETE /admin/v1/users/{sub}`: deletes a user and everything that refers to it.
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
                let usage = usage::of_user(tx, id)?;
                if usage.grants > 0 && !force {
                    let description = format!("the user has {} live grants: repeat with force=true", usage.grants);
                    return Err(Error::new(Cause::ObjectInUse, description).into());
                }
                Ok(administration::users::delete(tx, actor, &user)?)
            })
            .await?;
        Ok(no_content())
    })
    .await
}

/// `POST /admin/v1/users/{sub}/disable`: sessions end, and no tokens are issued.
pub async fn disable(call: Call, sub: Path<String>, body: Body) -> HttpResponse {
    change(call, sub, body, administration::users::disable).await
}

/// `POST /admin/v1/users/{sub}/enable`.
pub async fn enable(call: Call, sub: Path<String>, body: Body) -> HttpResponse {
    change(call, sub, body, administration::users::enable).await
}

/// `POST /admin/v1/users/{sub}/sign-out`: ends all sessions.
pub async fn sign_out(call: Call, sub: Path<String>, body: Body) -> HttpResponse {
    change(call, sub, body, administration::users::sign_out).await
}

/// `POST /admin/v1/users/{sub}/unlock`: forgets wrong passwords and codes.
pub async fn unlock(call: Call, sub: Path<String>, body: Body) -> HttpResponse {
    change(call, sub, body, |tx, actor, user| administration::users::unlock(tx, actor, user).map(drop)).await
}

/// Makes a change that needs no further data.
async fn change<F>(call: Call, sub: Path<String>, body: Body, change: F) -> HttpResponse
where
    F: FnOnce(&mut Tx<'_>, &Actor, &User) -> Result<(), Fault> + Clone + Send + 'static,
{
    administer(&call, UsersWrite, async |authority| {
        query(&call, &[])?;
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let id = id(&sub)?;
        let changed = authority
            .change(&call.server, move |tx, actor| {
                let user = find_and_lock(tx, id)?;
                precondition.check(&version(&user))?;
                change(tx, actor, &user)?;
                users::find(tx, id)?.ok_or_else(no_user)
            })
            .await?;
        describe(StatusCode::OK, changed, None)
    })
    .await
}

/// Hashes a password by the rules for every new password.
async fn hash(server: &Server, lane: &str, password: Zeroizing<String>, user: &User) -> Result<String, Stop> {
    let unacceptable = |reason: String| Error::new(Cause::BodyInvalid, format!("password: {reason}"));
    let accepted = NewPassword::parse(&password, server.settings.passwords.min_length)
        .map_err(|reason| unacceptable(reason.text(Locale::EN)))?;
    let hashed = accepted.hash(server, user.own_words()?, Some(lane)).await?;
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

fn describe(status: StatusCode, user: User, password: Option<String>) -> Result<HttpResponse, Stop> {
    let version = version(&user);
    Ok(versioned(status, &version, &UserInformation::new(user, password)?))
}
