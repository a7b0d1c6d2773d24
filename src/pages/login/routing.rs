//! Which provider a sign-in is for, before the user chooses: the one that the app names, or that of
//! the mail domain.

use actix_web::HttpResponse;
use writ_core::vocabulary::{mail_domain, params::append_encoded};

use super::{LoginContext, ProviderButton, Routed};
use crate::{server::Server, upstream::Provider, web::see_other};

impl LoginContext {
    /// Continues at the provider that the request names with `idp_hint`. `None` without it, or if
    /// the provider does not exist or cannot do what the request asks for.
    pub(super) fn hinted(&self, server: &Server) -> Option<HttpResponse> {
        let provider = server.providers.find(&self.provider_hint).filter(|provider| self.is_enough(provider))?;
        Some(see_other(&self.button(provider).path))
    }

    /// The provider with which users of this mail domain sign in. It depends on the domain only, so
    /// that it discloses no account.
    pub(super) fn routed(&self, server: &Server, username: &str) -> Option<Routed> {
        let (_, domain) = username.rsplit_once('@')?;
        let is_of_domain = |provider: &&Provider| mail_domain::is_one_of(username, &provider.settings.domains);
        let provider = server.providers.iter().filter(|provider| self.is_enough(provider)).find(is_of_domain)?;
        let ProviderButton { name, path } = self.button(provider);
        let path = append_encoded(format!("{path}&"), [("login_hint", username)]);
        Some(Routed { domain: domain.to_owned(), button: ProviderButton { name, path } })
    }

    /// The buttons of the providers that can do what the request asks for, except `routed`.
    pub(super) fn providers(&self, server: &Server, routed: Option<&Routed>) -> Vec<ProviderButton> {
        let is_other = |provider: &&Provider| {
            routed
                .is_none_or(|routed| !routed.button.path.starts_with(&format!("/login/with/{}?", provider.settings.id)))
        };
        let shown = server.providers.iter().filter(|provider| self.is_enough(provider)).filter(is_other);
        shown.map(|provider| self.button(provider)).collect()
    }

    /// Whether a provider can sign the user in as recently as the request asks for.
    fn is_enough(&self, provider: &Provider) -> bool {
        self.max_age.is_none() || provider.discloses_auth_time()
    }

    fn button(&self, Provider { settings, .. }: &Provider) -> ProviderButton {
        ProviderButton { name: settings.name.clone(), path: self.path(&format!("/login/with/{}", settings.id)) }
    }
}
