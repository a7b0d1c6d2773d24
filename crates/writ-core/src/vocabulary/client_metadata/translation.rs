//! Human-readable metadata in several languages, such as `client_name#ko` (RFC 7591 §2.2).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::{Map, Value};
use unic_langid::LanguageIdentifier;

use super::{ClientMetadata, WebUri};

/// The human-readable members in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each is the member of the same name in one language")]
pub struct Translation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<WebUri>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<WebUri>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<WebUri>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_scope_reason: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub required_scope_reasons: BTreeMap<String, String>,
}

impl Translation {
    /// The members that may have a language tag.
    pub const MEMBERS: [&str; 7] = [
        "client_name",
        "client_uri",
        "organization_name",
        "policy_uri",
        "required_scope_reason",
        "required_scope_reasons",
        "tos_uri",
    ];
}

/// The member without its language tag.
pub fn untagged(name: &str) -> &str {
    name.split_once('#').map_or(name, |(member, _)| member)
}

/// Parses a BCP 47 language tag and normalizes its case. Underscores are not accepted.
fn language(tag: &str) -> Result<LanguageIdentifier, String> {
    let parsed = tag.parse().ok().filter(|_| !tag.contains('_'));
    parsed.ok_or_else(|| format!("`{tag}` is not a language tag such as ko or pt-BR (BCP 47)"))
}

/// Removes the members with a language tag from `members` and groups them by language.
fn take(members: &mut Map<String, Value>) -> Result<BTreeMap<LanguageIdentifier, Translation>, String> {
    let tagged: Vec<String> = members.keys().filter(|name| name.contains('#')).cloned().collect();
    let mut by_language: BTreeMap<LanguageIdentifier, Map<String, Value>> = BTreeMap::new();
    for name in tagged {
        let Some((member, tag)) = name.split_once('#') else { continue };
        let translation = by_language.entry(language(tag)?).or_default();
        let value = members.remove(&name).unwrap_or_default();
        if translation.insert(member.to_owned(), value).is_some() {
            return Err(format!("{member} comes twice in one language"));
        }
    }
    by_language
        .into_iter()
        .map(|(language, members)| {
            let translation = serde_json::from_value(members.into()).map_err(|error| error.to_string())?;
            Ok((language, translation))
        })
        .collect()
}

impl<'de> Deserialize<'de> for ClientMetadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Map::deserialize(deserializer)?;
        let translations = take(&mut members).map_err(de::Error::custom)?;
        // The derived implementation, which knows no language tags.
        let metadata = Self::deserialize(Value::Object(members)).map_err(de::Error::custom)?;
        Ok(Self { translations, ..metadata })
    }
}

impl Serialize for ClientMetadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Self::serialize(self, serde_json::value::Serializer).map_err(ser::Error::custom)?;
        for (language, translation) in &self.translations {
            let Value::Object(translated) = serde_json::to_value(translation).map_err(ser::Error::custom)? else {
                continue;
            };
            for (member, value) in translated {
                members[format!("{member}#{language}")] = value;
            }
        }
        members.serialize(serializer)
    }
}

impl ClientMetadata {
    /// `client_name` in `language`, or the closest available language.
    pub fn client_name_in(&self, language: &LanguageIdentifier) -> &str {
        self.translated(language, |words| words.client_name.as_deref()).unwrap_or(&self.client_name)
    }

    /// Why the client requires `scope`, in `language`: the reason of that scope, by default that of
    /// all required scopes.
    pub fn required_scope_reason_in(&self, scope: &str, language: &LanguageIdentifier) -> Option<&str> {
        let own = self.translated(language, |words| words.required_scope_reasons.get(scope));
        let own = own.or_else(|| self.required_scope_reasons.get(scope)).map(String::as_str);
        let translated = || self.translated(language, |words| words.required_scope_reason.as_deref());
        own.or_else(translated).or(self.required_scope_reason.as_deref())
    }

    /// `organization_name` in `language`.
    pub fn organization_name_in(&self, language: &LanguageIdentifier) -> Option<&str> {
        let translated = self.translated(language, |words| words.organization_name.as_deref());
        translated.or(self.organization_name.as_deref())
    }

    /// `organization_name` in every language.
    pub fn organization_names(&self) -> impl Iterator<Item = &str> {
        let translated = self.translations.values().filter_map(|words| words.organization_name.as_deref());
        self.organization_name.as_deref().into_iter().chain(translated)
    }

    /// `client_uri` in `language`.
    pub fn client_uri_in(&self, language: &LanguageIdentifier) -> Option<&WebUri> {
        self.translated(language, |words| words.client_uri.as_ref()).or(self.client_uri.as_ref())
    }

    /// `policy_uri` in `language`.
    pub fn policy_uri_in(&self, language: &LanguageIdentifier) -> Option<&WebUri> {
        self.translated(language, |words| words.policy_uri.as_ref()).or(self.policy_uri.as_ref())
    }

    /// `tos_uri` in `language`.
    pub fn tos_uri_in(&self, language: &LanguageIdentifier) -> Option<&WebUri> {
        self.translated(language, |words| words.tos_uri.as_ref()).or(self.tos_uri.as_ref())
    }

    /// The value in this language, else in the same language with another region or script.
    fn translated<'a, T>(
        &'a self,
        language: &LanguageIdentifier,
        member: impl Fn(&'a Translation) -> Option<T>,
    ) -> Option<T> {
        let exact = self.translations.get(language).and_then(&member);
        let mut close = self.translations.iter().filter(|(tag, _)| language.matches(tag, true, false));
        exact.or_else(|| close.find_map(|(_, translation)| member(translation)))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;
    use unic_langid::langid;

    use super::*;

    fn parse(changes: &Value) -> Result<ClientMetadata, String> {
        let mut all = json!({ "client_name": "Shop", "redirect_uris": ["https://shop.example/cb"] });
        all.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        let metadata: ClientMetadata = serde_json::from_value(all).map_err(|error| error.to_string())?;
        metadata.check(&[])?;
        Ok(metadata)
    }

    #[test]
    fn translation_is_that_of_the_closest_language() {
        let metadata = parse(&json!({
            "client_name#ko-KR": "가게", "client_name#fr": "Boutique", "client_name#fr-CA": "Magasin",
            "client_uri": "https://shop.example/", "client_uri#fr-CA": "https://shop.example/ca",
        }))
        .expect("metadata");
        let name = |language: &LanguageIdentifier| metadata.client_name_in(language);
        assert_eq!((name(&langid!("ko")), name(&langid!("fr")), name(&langid!("de"))), ("가게", "Boutique", "Shop"));
        let uri = |language: &LanguageIdentifier| metadata.client_uri_in(language).map(WebUri::as_str);
        assert_eq!(uri(&langid!("fr")), Some("https://shop.example/ca"), "member by member");
        assert_eq!(uri(&langid!("ko")), Some("https://shop.example/"));
        assert_eq!(metadata.policy_uri_in(&langid!("ko")), None);
        let stored = serde_json::to_string(&metadata).expect("JSON");
        assert_eq!(serde_json::from_str::<ClientMetadata>(&stored).expect("metadata"), metadata);
    }

    #[rstest]
    #[case(json!({"client_name#": "x"}), "not a language tag")]
    #[case(json!({"client_name#k": "x"}), "not a language tag")]
    #[case(json!({"client_name#ko_KR": "x"}), "not a language tag")]
    #[case(json!({"client_name#ko#KR": "x"}), "not a language tag")]
    #[case(json!({"client_name#ko": "x", "client_name#KO": "y"}), "comes twice")]
    #[case(json!({"client_name#ko": " "}), "client_name#ko must have 1 to 100 characters")]
    #[case(json!({"client_name#ko": "a\u{7}b"}), "client_name#ko has an invisible character, or one that changes the direction of the text around it")]
    #[case(json!({"client_name#ko": 7}), "expected a string")]
    #[case(json!({"policy_uri#ko": "javascript:alert(1)"}), "is not https")]
    #[case(json!({"scope#ko": "openid"}), "unknown field `scope`")]
    fn invalid_translation_is_refused(#[case] changes: Value, #[case] reason: &str) {
        let refused = parse(&changes).expect_err("refused");
        assert!(refused.contains(reason), "{refused}");
    }
}
