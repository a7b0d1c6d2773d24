//! The page for a user whose request has expired.

use actix_web::HttpResponse;

use super::{Pending, pending::Left};
use writ_core::{Params, authorization::request::encode};

use crate::{
    fault::Fault,
    server::Server,
    store::clients::Client,
    web::{
        error_page::{self, Interruption, Recovery},
        page::PageContext,
    },
};

/// Renders the page "request expired", with a button that restarts the request. If its parameters
/// are unknown, for example because it was pushed, the page links to the app.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn respond(server: &Server, page: PageContext, params: &Params) -> Result<HttpResponse, Fault> {
    let Left { params: left, is_current } = Pending::left(server, params).await?;
    let client_id = left.get("client_id").ok().flatten();
    if let Some(client_id) = client_id
        && left.get("response_type").is_ok_and(|it| it.is_some())
        && let Ok(encoded) = encode(client_id, &left)
    {
        let interruption = if is_current { Interruption::CookieLost } else { Interruption::RequestOver };
        let anew = Recovery::Here(format!("/authorize?{encoded}"));
        return Ok(error_page::interrupt(page, interruption, anew));
    }
    let way = way_to_app(server, &page, client_id).await?;
    Ok(error_page::interrupt(page, Interruption::RequestGone, way))
}

/// The link to the app with this `client_id`, if there is one.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn way_to_app(server: &Server, page: &PageContext, client_id: Option<&str>) -> Result<Recovery, Fault> {
    let Some(client_id) = client_id else { return Ok(Recovery::Nowhere) };
    let client = server.clients.find(client_id).await?;
    Ok(client.map_or(Recovery::Nowhere, |client| way_to(server, page, &client)))
}

/// The link to an app: the URL that starts a sign-in, else its home page. None to a disabled app.
pub fn way_to(server: &Server, page: &PageContext, client: &Client) -> Recovery {
    if client.disabled_at.is_some() {
        return Recovery::Nowhere;
    }
    let language = page.locale.tag();
    let home = || client.metadata.client_uri_in(language).map(|uri| uri.as_str().to_owned());
    Recovery::App {
        name: client.metadata.client_name_in(language).to_owned(),
        url: client.metadata.initiation(server.issuer()).or_else(home),
    }
}
