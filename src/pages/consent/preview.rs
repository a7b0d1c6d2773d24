//! A preview of the consent page for operators.

use askama::Template;
use writ_core::{
    ScopeSet,
    consent::{Consent, preset_duration},
    scopes::required,
    vocabulary::redirect_uri::RedirectUri,
};

use super::{AccountView, AppView, ConsentPage, OfflineAccess, durations};
use crate::{
    consent::{Unmet, scope_groups, unrequested_scopes},
    fault::Fault,
    server::Server,
    store::clients::Client,
    web::{locale::Locale, page::PageContext, zone::Zone},
};

/// The content of the preview.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The requested scopes.
    pub requested: ScopeSet,
    /// The ticked scopes. `None` leaves the checkboxes in their initial state.
    pub ticked: Option<ScopeSet>,
}

impl Preview {
    /// The page as HTML. It has no pending request, so its buttons do nothing.
    ///
    /// # Errors
    /// [`Fault`] if the database fails or the page cannot be rendered.
    pub async fn html(&self, server: &Server, client: &Client, locale: Locale) -> Result<String, Fault> {
        let metadata = &client.metadata;
        let redirect = metadata.redirect_uris.first().map(RedirectUri::as_str);
        let redirect = redirect.and_then(|uri| url::Url::parse(uri).ok());
        let required = required(&self.requested, metadata, false);
        let offline_access = OfflineAccess::of(metadata, &self.requested);
        let mut groups = scope_groups(server, locale, client, (&self.requested, &required), &Consent::default());
        for scope in groups.iter_mut().flat_map(|group| &mut group.scopes).filter(|scope| !scope.required) {
            if let Some(ticked) = &self.ticked {
                scope.ticked = ticked.contains(&scope.value);
            }
        }
        let page = ConsentPage {
            page: PageContext::new(locale, server.front.branding.clone()),
            request: String::new(),
            again: String::new(),
            csrf: String::new(),
            app: AppView::of(server, client, locale, redirect.as_ref()).await?,
            account: AccountView { name: "Alice Martin".to_owned(), username: "alice".to_owned() },
            groups,
            unrequested: unrequested_scopes(locale, &server.snapshot().scopes, &self.requested, &Unmet::default()),
            durations: durations(server, locale, &Zone::UTC, offline_access),
            duration: preset_duration(client.approved),
            previous: None,
            offline_access,
            session_lifetime: locale.duration(server.settings.sessions.lifetime),
            another_account_url: "#".to_owned(),
        };
        page.render().map_err(|error| Fault::Corrupt(format!("the consent page: {error}")))
    }
}
