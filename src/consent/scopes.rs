//! The scopes of a consent page with their boxes, the scopes that were not requested, and the
//! record of what was shown.

use writ_core::{
    ScopeSet,
    claim_mapping::ClientMappings,
    consent::{Consent, ScopeStatus, starts_ticked},
    vocabulary::scope::Risk,
};

use super::{ScopeDescription, disclosure, shown_claims};
use crate::{
    scopes::ScopeDirectory,
    server::Server,
    store::{
        clients::Client,
        decisions::{ShownClaim, ShownScope},
    },
    web::locale::Locale,
};

/// The scopes of one resource server.
pub struct ScopeGroup {
    /// The resource server's name.
    pub resource_server: String,
    /// Its scopes in the order of the request, undecided ones first.
    pub scopes: Vec<ConsentScope>,
}

/// One scope with its box.
pub struct ConsentScope {
    /// The scope value, such as `message:send`.
    pub value: String,
    /// The action that it permits, as a sentence.
    pub sentence: String,
    /// The consequence of allowing it.
    pub consequence: String,
    /// How much harm it can do.
    pub risk: Risk,
    /// Whether the user cannot untick it.
    pub required: bool,
    /// Why the user cannot untick it. Empty if the user can.
    pub required_note: String,
    /// Whether its box starts ticked.
    pub ticked: bool,
    /// What the user decided about it earlier.
    pub status: ScopeStatus,
    /// What the user read when allowing it, if that has changed.
    pub previous_text: Option<String>,
    /// The claims of the operator's own that the app gets with it.
    pub claims: Vec<ShownClaim>,
}

/// Something that the app cannot do, because it did not request it, or the user may not allow it.
pub struct UnrequestedScope {
    /// The scope that it would need.
    pub value: String,
    /// The resource server's name.
    pub resource_server: String,
    /// The scope's sentence.
    pub sentence: String,
    /// How much harm it could do.
    pub risk: Risk,
    /// Which of its conditions the user does not meet, if the app requested it.
    pub unmet: Option<Condition>,
}

/// A condition of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// It demands a stronger authentication.
    Acr,
    /// It is open to some groups only.
    Group,
}

/// The requested scopes whose conditions the user does not meet.
#[derive(Debug, Clone, Default)]
pub struct Unmet {
    /// Those that are not open to the user.
    pub closed: ScopeSet,
    /// Those that demand a stronger authentication.
    pub beyond: ScopeSet,
}

impl Unmet {
    fn condition(&self, scope: &str) -> Option<Condition> {
        if self.closed.contains(scope) {
            return Some(Condition::Group);
        }
        self.beyond.contains(scope).then_some(Condition::Acr)
    }
}

impl ConsentScope {
    /// The message key of its risk.
    pub fn risk_key(&self) -> &'static str {
        match self.risk {
            Risk::Low => "risk-low",
            Risk::Moderate => "risk-moderate",
            Risk::Elevated => "risk-elevated",
            Risk::High => "risk-high",
        }
    }

    /// What its claims are, between commas.
    pub fn claim_labels(&self) -> String {
        ShownClaim::labels(&self.claims)
    }

    /// Whether the user must decide about it for the first time, or again.
    pub fn is_undecided(&self) -> bool {
        matches!(self.status, ScopeStatus::New | ScopeStatus::Changed)
    }
}

/// Groups the requested scopes by resource server, undecided ones first. The scopes in `required`
/// are locked.
pub fn scope_groups(
    server: &Server,
    locale: Locale,
    client: &Client,
    (requested, required): (&ScopeSet, &ScopeSet),
    consent: &Consent,
) -> Vec<ScopeGroup> {
    let snapshot = server.snapshot();
    let product = &server.settings.branding.product_name;
    let mut groups: Vec<ScopeGroup> = Vec::new();
    for name in requested.iter() {
        let Some(text) = ScopeDescription::find(&snapshot.scopes, name, locale, product) else { continue };
        let required = required.contains(name);
        let mappings = server.claim_mappings(&client.id);
        let current = disclosure(&snapshot.scopes, mappings, name);
        let status = consent.status_of(name, current.as_ref());
        let scope = ConsentScope {
            value: name.to_owned(),
            sentence: text.sentence,
            consequence: text.consequence,
            risk: text.risk,
            required,
            required_note: if required { required_note(client, name, locale) } else { String::new() },
            ticked: starts_ticked(status, text.risk, required, client.approved),
            status,
            previous_text: None,
            claims: shown_claims(mappings, name, locale),
        };
        match groups.iter_mut().find(|group| group.resource_server == text.resource_server) {
            Some(group) => group.scopes.push(scope),
            None => groups.push(ScopeGroup { resource_server: text.resource_server, scopes: vec![scope] }),
        }
    }
    for group in &mut groups {
        group.scopes.sort_by_key(|scope| !scope.is_undecided());
    }
    groups.sort_by_key(|group| !group.scopes.iter().any(ConsentScope::is_undecided));
    groups
}

/// Why the user cannot untick this scope: in the app's own words, if it registered some.
fn required_note(client: &Client, scope: &str, locale: Locale) -> String {
    let metadata = &client.metadata;
    let app = metadata.client_name_in(locale.tag());
    if scope == "offline_access" && !metadata.required_scope.contains(scope) && metadata.partial_consent {
        return locale.text("consent-required-offline");
    }
    match metadata.required_scope_reason_in(scope, locale.tag()) {
        Some(reason) => locale.text_with("consent-required-reason", &[("app", app), ("reason", reason)]),
        None => locale.text("consent-required"),
    }
}

/// The scopes that the app requested and whose conditions the user does not meet, and those of the
/// same resource servers that it did not request, highest risk first.
pub fn unrequested_scopes(
    locale: Locale,
    scopes: &ScopeDirectory,
    requested: &ScopeSet,
    unmet: &Unmet,
) -> Vec<UnrequestedScope> {
    let is_concerned = |name: &str| requested.contains(name) || unmet.condition(name).is_some();
    let concerned =
        scopes.servers().iter().filter(|server| server.scopes.iter().any(|scope| is_concerned(&scope.name)));
    let mut unrequested: Vec<UnrequestedScope> = concerned
        .flat_map(|server| server.scopes.iter().map(move |scope| (server, scope)))
        .filter(|(_, scope)| !requested.contains(&scope.name))
        .map(|(server, scope)| UnrequestedScope {
            value: scope.name.clone(),
            resource_server: locale.pick(&server.names).cloned().unwrap_or_else(|| server.id.clone()),
            sentence: locale.pick(&scope.texts).map_or_else(|| scope.name.clone(), |text| text.sentence.clone()),
            risk: scope.risk,
            unmet: unmet.condition(&scope.name),
        })
        .collect();
    unrequested.sort_by_key(|scope| std::cmp::Reverse((scope.unmet, scope.risk)));
    unrequested
}

/// What the page showed about each scope, for the record.
pub fn shown_scopes(groups: Vec<ScopeGroup>, scopes: &ScopeDirectory, granted: &ScopeSet) -> Vec<ShownScope> {
    let each = |group: ScopeGroup| {
        let resource_server = group.resource_server;
        group.scopes.into_iter().map(move |scope| (resource_server.clone(), scope)).collect::<Vec<_>>()
    };
    groups
        .into_iter()
        .flat_map(each)
        .map(|(resource_server, scope)| ShownScope {
            scope_id: disclosure(scopes, ClientMappings::default(), &scope.value)
                .map(|disclosed| disclosed.scope_id)
                .unwrap_or_default(),
            granted: granted.contains(&scope.value),
            scope: scope.value,
            resource_server,
            sentence: scope.sentence,
            consequence: scope.consequence,
            risk: scope.risk,
            required: scope.required,
            claims: scope.claims,
        })
        .collect()
}
