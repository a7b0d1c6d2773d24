//! `/account/passkeys`: the passkeys of a user, to rename and remove.

pub mod new;

pub(in crate::pages) use self::new::default_name;

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use writ_core::{Error, Params, passkeys::provider, vocabulary::display_name};

use super::AccountContext;
use crate::{
    fault::Stop,
    server::{Call, Server},
    sessions::{
        origin::Origin,
        passkeys::registration::{Removed, remove},
    },
    store::{Id, passkeys},
    web::{
        form,
        page::{Page, PageContext},
        see_other,
    },
};

pub(super) const HERE: &str = "/account/passkeys";

/// `GET /account/passkeys`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, HERE, async |account| list(&call.server, account, None, false).await).await
}

/// `POST /account/passkeys`: renames a passkey.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, HERE, async |account, params| rename(&call.server, account, &params).await).await
}

/// `POST /account/passkeys/remove`.
pub async fn submit_removal(call: Call, body: form::Body) -> HttpResponse {
    super::submit_proven(&call, &body, HERE, async |account, params| {
        let origin = Origin::of(&call, &account.page);
        let removed = remove(&call.server, &account.signed_in, passkey_id(&params)?, origin).await?;
        match removed {
            Removed::LastWay => {
                let problem = account.page.text("passkeys-last-way");
                list(&call.server, account, Some(problem), false).await
            }
            Removed::Absent => Ok(see_other(HERE)),
            Removed::Done => {
                tracing::info!(user = %account.signed_in.user.id, "passkey removed");
                list(&call.server, account, None, true).await
            }
        }
    })
    .await
}

async fn rename(server: &Server, account: AccountContext, params: &Params) -> Result<HttpResponse, Stop> {
    let (user_id, id) = (account.signed_in.user.id, passkey_id(params)?);
    let Some(name) = display_name::parse(params.require("name")?) else {
        let problem = account.page.text("passkeys-name-wrong");
        return list(server, account, Some(problem), false).await;
    };
    server.store.write(move |tx| passkeys::rename(tx, user_id, id, &name)).await?;
    Ok(see_other(HERE))
}

fn passkey_id(params: &Params) -> Result<Id, Error> {
    params.require("passkey")?.parse().map_err(|_| Error::invalid_request("passkey is not the id of a passkey"))
}

async fn list(
    server: &Server,
    account: AccountContext,
    problem: Option<String>,
    removed: bool,
) -> Result<HttpResponse, Stop> {
    let user_id = account.signed_in.user.id;
    let stored = server.store.read(move |tx| passkeys::list_of_user(tx, user_id)).await?;
    let view = |passkey: passkeys::Passkey| PasskeyView {
        id: passkey.id.to_string(),
        provider: provider::name(passkey.aaguid.0).filter(|provider| *provider != passkey.name),
        name: passkey.name,
        synced: passkey.backup_eligible,
        added: account.page.text_with("passkeys-added", &[("date", account.date(passkey.created_at))]),
        last_used: match passkey.last_used_at {
            Some(at) => account.page.text_with("passkeys-last-used", &[("date", account.date(at))]),
            None => account.page.text("passkeys-never-used"),
        },
    };
    let passkeys = stored.into_iter().map(view).collect();
    Ok(PasskeysPage { csrf: account.csrf, passkeys, problem, removed, page: account.page }.respond())
}

/// The list of passkeys.
#[derive(Template)]
#[template(path = "pages/account/passkeys.html")]
pub struct PasskeysPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the forms.
    pub csrf: String,
    /// The passkeys, oldest first.
    pub passkeys: Vec<PasskeyView>,
    /// Why nothing was changed, as text.
    pub problem: Option<String>,
    /// Whether a passkey was just removed.
    pub removed: bool,
}

/// A passkey, as text.
pub struct PasskeyView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its provider, if it has another name.
    pub provider: Option<&'static str>,
    /// Whether the user's devices share it.
    pub synced: bool,
    /// When it was registered.
    pub added: String,
    /// When it was last used.
    pub last_used: String,
}

impl PasskeyView {
    fn kind(&self) -> &'static str {
        if self.synced { "passkeys-synced" } else { "passkeys-bound" }
    }
}

impl Page for PasskeysPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    }
}
