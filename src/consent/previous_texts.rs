//! What the user read when allowing a scope whose description has changed since.

use writ_core::consent::ScopeStatus;

use super::{ConsentScope, ScopeGroup};
use crate::{
    fault::Fault,
    store::{
        Id, Store,
        decisions::{self, ShownClaim, ShownConsent},
    },
    web::locale::Locale,
};

/// Adds the earlier text to each scope that was allowed with other words.
///
/// # Errors
/// A fault of the store.
pub async fn add_previous_texts(
    store: &Store,
    (user_id, client_id): (Id, &str),
    locale: Locale,
    groups: &mut [ScopeGroup],
) -> Result<(), Fault> {
    let is_changed = |scope: &&mut ConsentScope| matches!(scope.status, ScopeStatus::Changed | ScopeStatus::Reworded);
    let changed: Vec<_> = groups.iter_mut().flat_map(|group| &mut group.scopes).filter(is_changed).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let client_id = client_id.to_owned();
    let decisions = store.read(move |tx| decisions::latest_about(tx, user_id, &client_id)).await?;
    let shown: Vec<ShownConsent> = decisions.iter().map(decisions::Decision::shown).collect::<Result<_, _>>()?;
    for scope in changed {
        scope.previous_text = previous_text(&shown, &locale.to_string(), scope);
    }
    Ok(())
}

/// The sentence with which the scope was allowed, or the consequence or the words for its claims if
/// only those differ. `None` if it was allowed in another language.
fn previous_text(newest_first: &[ShownConsent], language: &str, scope: &ConsentScope) -> Option<String> {
    let allowed = newest_first
        .iter()
        .flat_map(|decision| decision.scopes.iter().map(move |shown| (decision, shown)))
        .find(|(_, shown)| shown.granted && shown.scope == scope.value);
    let (_, shown) = allowed.filter(|(decision, _)| decision.language == language)?;
    let (before, now) = (ShownClaim::labels(&shown.claims), scope.claim_labels());
    let texts = [(&shown.sentence, &scope.sentence), (&shown.consequence, &scope.consequence), (&before, &now)];
    let changed = texts.into_iter().find(|(before, now)| before != now);
    changed.map(|(before, _)| before.clone()).filter(|before| !before.is_empty())
}
