//! Scopes with their boxes: what is asked for, what is not, what was ticked.

use super::{CannotView, ScopeGroup, ScopeStatus, ScopeView};
use writ_core::{
    ClientMetadata, Params, ScopeSet,
    vocabulary::{duration::GrantDuration, scope::Risk},
};

use crate::{
    pages::scope_words::ScopeWords,
    scopes::ScopeDirectory,
    server::Server,
    store::{
        consents::Consent,
        decisions::{Shown, ShownScope},
    },
    web::locale::Locale,
};

/// The requested scopes by their owner, our own first; of those asked for, `required` are locked.
pub(in crate::pages) fn groups(
    server: &Server,
    locale: Locale,
    client: &ClientMetadata,
    (asked, required): (&ScopeSet, &ScopeSet),
    consent: &Consent,
) -> Vec<ScopeGroup> {
    let snapshot = server.snapshot();
    let product = &server.settings.branding.product_name;
    let mut groups: Vec<ScopeGroup> = Vec::new();
    for name in asked.iter() {
        let Some(words) = ScopeWords::find(&snapshot.scopes, name, locale, product) else { continue };
        let required = required.contains(name);
        let status = if consent.granted.contains(name) {
            ScopeStatus::AlreadyAllowed
        } else if consent.declined.contains(name) {
            ScopeStatus::DeclinedBefore
        } else {
            ScopeStatus::New
        };
        let ticked = required
            || match status {
                ScopeStatus::AlreadyAllowed => true,
                ScopeStatus::DeclinedBefore => false,
                ScopeStatus::New => words.risk != Risk::High,
            };
        let view = ScopeView {
            value: name.to_owned(),
            sentence: words.sentence,
            consequence: words.consequence,
            risk: words.risk,
            required,
            why_required: client.required_scope_reason_in(locale.tag()).filter(|_| required).map(str::to_owned),
            ticked,
            status,
        };
        match groups.iter_mut().find(|group| group.resource_server == words.resource_server) {
            Some(group) => group.scopes.push(view),
            None => groups.push(ScopeGroup { resource_server: words.resource_server, scopes: vec![view] }),
        }
    }
    groups
}

/// What the app could have asked of the same resource servers and did not.
pub(super) fn cannot(locale: Locale, catalogue: &ScopeDirectory, asked: &ScopeSet) -> Vec<CannotView> {
    let concerned =
        catalogue.servers().iter().filter(|server| server.scopes.iter().any(|scope| asked.contains(&scope.name)));
    concerned
        .flat_map(|server| &server.scopes)
        .filter(|scope| !asked.contains(&scope.name))
        .map(|scope| CannotView {
            text: locale.pick(&scope.texts).map_or_else(|| scope.name.clone(), |text| text.sentence.clone()),
            scope: scope.name.clone(),
        })
        .collect()
}

/// What the page said, for the record.
pub(in crate::pages) fn shown(
    groups: Vec<ScopeGroup>,
    language: Locale,
    granted: &ScopeSet,
    duration: GrantDuration,
) -> Shown {
    let scopes = groups.into_iter().flat_map(|group| group.scopes).map(|scope| ShownScope {
        granted: granted.contains(&scope.value),
        scope: scope.value,
        sentence: scope.sentence,
        consequence: scope.consequence,
        required: scope.required,
    });
    Shown {
        language: language.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        decision: if granted.is_empty() { "deny" } else { "approve" }.to_owned(),
        duration: duration.as_str().to_owned(),
        scopes: scopes.collect(),
    }
}

/// Requested ∩ ticked, or nothing if a required scope was taken out of the form.
pub(in crate::pages) fn ticked(params: &Params, asked: &ScopeSet, required: &ScopeSet) -> ScopeSet {
    let ticked: ScopeSet = params.all("scope").collect();
    if !required.is_subset(&ticked) {
        tracing::info!(missing = %required.without(&ticked), "a required scope is missing from the form: nothing is granted");
        return ScopeSet::default();
    }
    asked.intersect(&ticked)
}
