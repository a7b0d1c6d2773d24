//! `/admin/users`: the users.

use actix_web::HttpResponse;
use askama::Template;
use writ_core::{Error, vocabulary::login_name};

use super::{Console, Frame, Place, path_of};
use crate::{
    fault::{Fault, Stop},
    server::Call,
    store::{
        Id, Tx,
        users::{self, User},
    },
    web::{
        page::{Page, PageContext},
        see_other,
    },
};

/// The number of users on a page.
const ON_A_PAGE: usize = 50;

/// `GET /admin/users`: the users, oldest first, after the one in `after`. `login` leads to the user
/// with this username, verified address or id.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, Place::Users, Place::Users.path(), async |console| list(&call, console).await).await
}

async fn list(call: &Call, console: Console) -> Result<HttpResponse, Stop> {
    let params = call.query()?;
    let after = match params.get("after")?.unwrap_or_default() {
        "" => None,
        id => Some(id.parse::<Id>().map_err(|_| Error::invalid_request("after is the id of a user"))?),
    };
    let wanted = params.get("login")?.unwrap_or_default().trim().to_owned();
    if wanted.len() > login_name::MAX_LENGTH || wanted.contains('\0') {
        return Err(Error::invalid_request("this is not a username or an address").into());
    }
    let was_deleted = params.get("done")? == Some("delete");
    let store = &call.server.store;
    if !wanted.is_empty() {
        let login = wanted.clone();
        if let Some(user) = store.read(move |tx| find(tx, &login)).await? {
            return Ok(see_other(&path_of(Place::Users, &user.id.to_string())));
        }
    }
    let most = i64::try_from(ON_A_PAGE + 1).unwrap_or(i64::MAX);
    let mut found = store.read(move |tx| users::page(tx, after, most)).await?;
    let has_more = found.len() > ON_A_PAGE;
    found.truncate(ON_A_PAGE);
    let next = found.last().filter(|_| has_more).map(|last| format!("{}?after={}", Place::Users.path(), last.id));
    let users = found.iter().map(|user| UserRow::of(&console, user)).collect::<Result<_, _>>()?;
    Ok(UsersPage { page: console.page, frame: console.frame, users, next, wanted, was_deleted }.respond())
}

/// The user with this username, verified address or id. Each has an index.
fn find(tx: &mut Tx<'_>, wanted: &str) -> Result<Option<User>, Fault> {
    match wanted.parse::<Id>() {
        Ok(id) => users::find(tx, id),
        Err(_) => users::find_by_login(tx, wanted),
    }
}

/// The list of users.
#[derive(Template)]
#[template(path = "pages/console/users.html")]
pub struct UsersPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The users.
    pub users: Vec<UserRow>,
    /// The next page, if there is one.
    pub next: Option<String>,
    /// What was not found. Empty if nothing was looked for.
    pub wanted: String,
    /// Whether a user was just deleted.
    pub was_deleted: bool,
}

/// A user in a list.
pub struct UserRow {
    /// The path of the user's page.
    pub path: String,
    /// The username.
    pub username: String,
    /// The name.
    pub name: String,
    /// The address. Empty if there is none.
    pub email: String,
    /// Whether it is known to belong to the user.
    pub email_verified: bool,
    /// Whether the account is disabled.
    pub disabled: bool,
    /// When it was created.
    pub since: String,
}

impl UserRow {
    fn of(console: &Console, user: &User) -> Result<Self, Fault> {
        Ok(Self {
            path: path_of(Place::Users, &user.id.to_string()),
            username: user.username.clone(),
            name: user.display_name()?,
            email: user.email.clone().unwrap_or_default(),
            email_verified: user.email_verified,
            disabled: user.disabled_at.is_some(),
            since: console.date(user.created_at),
        })
    }
}

impl Page for UsersPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
