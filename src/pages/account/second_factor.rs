//! `/account/second-factor`: the second factor and what belongs to it.

pub mod change;
pub mod set_up;

use actix_web::HttpResponse;
use askama::Template;

use super::AccountContext;
use crate::{
    fault::Stop,
    server::{Call, Server},
    store::{recovery_codes, totp_factors, trusted_browsers},
    web::{
        form,
        page::{Page, PageContext},
        see_other,
    },
};

const HERE: &str = "/account/second-factor";

/// `GET /account/second-factor`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, HERE, async |account| overview(&call.server, account).await).await
}

/// `POST /account/second-factor`: ends the trust in every browser.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, HERE, async |account, _| {
        let user_id = account.signed_in.user.id;
        call.server.store.write(move |tx| trusted_browsers::delete_of_user(tx, user_id)).await?;
        Ok(see_other(HERE))
    })
    .await
}

async fn overview(server: &Server, account: AccountContext) -> Result<HttpResponse, Stop> {
    let user_id = account.signed_in.user.id;
    let (factor, codes_left, browsers) = server
        .store
        .read(move |tx| {
            let browsers = trusted_browsers::list_of_user(tx, user_id)?.len();
            Ok((totp_factors::find(tx, user_id)?, recovery_codes::count(tx, user_id)?, browsers))
        })
        .await?;
    let factor = factor.map(|factor| FactorView {
        since: account.page.text_with("factor-since", &[("date", account.date(factor.created_at))]),
        codes_left: account.page.text_with("factor-codes-left", &[("count", codes_left)]),
        trusted_browsers: (browsers > 0).then(|| account.page.text_with("factor-trusted", &[("count", browsers)])),
    });
    Ok(SecondFactorPage { page: account.page, csrf: account.csrf, factor }.respond())
}

/// The overview of the second factor.
#[derive(Template)]
#[template(path = "pages/account/second_factor.html")]
pub struct SecondFactorPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The factor, if there is one.
    pub factor: Option<FactorView>,
}

/// The second factor, as text.
pub struct FactorView {
    /// Since when it counts.
    pub since: String,
    /// The number of unused recovery codes.
    pub codes_left: String,
    /// The number of trusted browsers, if there are any.
    pub trusted_browsers: Option<String>,
}

impl Page for SecondFactorPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
