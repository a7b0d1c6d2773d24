//! Detects client names and hosts that users could mistake for those of a trusted party.
//!
//! Two names are alike if their skeletons
//! ([Unicode TS 39 §4](https://www.unicode.org/reports/tr39/#Confusable_Detection)) are equal, or
//! differ
//! by one or two letters, after look-alike digits are replaced with letters.

use icu_properties::{CodePointMapData, props::GeneralCategory};
use unicode_security::skeleton;

use crate::vocabulary::{client_metadata::ClientMetadata, redirect_uri::RedirectUri};

/// Words that claim an approval that only the server can give, by language of the pages.
pub const CLAIMS: [(&str, &[&str]); 4] = [
    (
        "en",
        &[
            "accredited",
            "approved",
            "authentic",
            "authorised",
            "authorized",
            "certified",
            "endorsed",
            "genuine",
            "legitimate",
            "official",
            "trusted",
            "verified",
        ],
    ),
    ("ko", &["공식", "공인", "승인", "인증", "정품", "검증", "확인된", "확인됨"]),
    ("ja", &["公式", "公認", "正規", "正式", "認証", "認定", "承認", "確認済", "検証済"]),
    (
        "de",
        &[
            "amtlich",
            "autorisiert",
            "bestätigt",
            "genehmigt",
            "geprüft",
            "offiziell",
            "verifiziert",
            "vertrauenswürdig",
            "zertifiziert",
            "zugelassen",
        ],
    ),
];

/// A party that users trust: an approved client, a resource server, or the server itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trusted {
    /// The names, in every language.
    pub names: Vec<String>,
    /// The hosts that belong to the party.
    pub hosts: Vec<String>,
    /// The `client_id`, if it is a client.
    pub client_id: Option<String>,
}

impl Trusted {
    /// The names and hosts of an approved client.
    pub fn client(client_id: &str, metadata: &ClientMetadata) -> Self {
        Self { names: names(metadata), hosts: hosts(metadata), client_id: Some(client_id.to_owned()) }
    }

    /// Whether `host` is one of the party's hosts or a subdomain of one.
    fn owns(&self, host: &str) -> bool {
        self.hosts
            .iter()
            .any(|own| host == own || host.strip_suffix(own.as_str()).is_some_and(|rest| rest.ends_with('.')))
    }
}

/// A resemblance between a client and a trusted party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookAlike {
    /// The client's name or host.
    pub own: String,
    /// The trusted name or host that it resembles.
    pub resembles: String,
    /// The name of the trusted party.
    pub name: String,
    /// A host of the trusted party, if it has one.
    pub host: Option<String>,
    /// The `client_id` of the trusted party, if it is a client.
    pub client_id: Option<String>,
}

/// Finds the first trusted name or host that the client resembles. A client whose redirect URIs all
/// lead to hosts of the trusted party is not an impostor.
pub fn find<'a>(metadata: &ClientMetadata, trusted: impl IntoIterator<Item = &'a Trusted>) -> Option<LookAlike> {
    let (own_names, own_hosts) = (names(metadata), hosts(metadata));
    let stays_on_hosts =
        !metadata.redirect_uris.is_empty() && metadata.redirect_uris.iter().all(|uri| uri.host().is_some());
    trusted.into_iter().find_map(|other| {
        if stays_on_hosts && own_hosts.iter().all(|host| other.owns(host)) {
            return None;
        }
        let by_name = first_pair(&own_names, &other.names, are_names_alike);
        let by_host = || {
            let foreign: Vec<String> = own_hosts.iter().filter(|host| !other.owns(host)).cloned().collect();
            first_pair(&foreign, &other.hosts, are_hosts_alike)
        };
        by_name.or_else(by_host).map(|(own, resembles)| LookAlike {
            own,
            name: other.names.first().cloned().unwrap_or_else(|| resembles.clone()),
            resembles,
            host: other.hosts.first().cloned(),
            client_id: other.client_id.clone(),
        })
    })
}

/// Refuses names that claim an approval: brackets, symbols such as a check mark, and words such as
/// "verified" in every language of the pages.
///
/// # Errors
/// A sentence that names the broken rule.
pub fn check_claims(metadata: &ClientMetadata) -> Result<(), String> {
    let organizations = metadata.organization_names().map(|name| ("organization_name", name));
    let names = names(metadata);
    for (member, name) in names.iter().map(|name| ("client_name", name.as_str())).chain(organizations) {
        if let Some(mark) = name.chars().find(|c| is_mark(*c)) {
            return Err(format!("{member} has {mark}, which the name of an unverified client cannot have"));
        }
        if let Some(claim) = claim_in(name) {
            return Err(format!("{member} says `{claim}`, which only this server can say of a client"));
        }
    }
    Ok(())
}

/// Whether a name could use this character to imitate a badge: brackets and symbols.
fn is_mark(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    let is_bracket = matches!(category, GeneralCategory::OpenPunctuation | GeneralCategory::ClosePunctuation);
    is_bracket || category == GeneralCategory::OtherSymbol || matches!(c, '<' | '>' | '«' | '»' | '√')
}

/// The word in `name` that claims an approval.
fn claim_in(name: &str) -> Option<&'static str> {
    let folded = fold(name);
    let words: Vec<String> = name.split(|c: char| !c.is_alphanumeric()).map(fold).collect();
    CLAIMS.into_iter().find_map(|(language, claims)| {
        claims.iter().copied().find(|claim| {
            let claim = fold(claim);
            match language {
                // Words are not separated by spaces.
                "ko" | "ja" => folded.contains(&claim),
                // Adjectives have endings.
                "de" => words.iter().any(|word| word.starts_with(&claim)),
                _ => words.contains(&claim),
            }
        })
    })
}

/// Whether users could mistake one name for the other.
pub fn are_names_alike(one: &str, other: &str) -> bool {
    are_texts_alike(one, other)
}

/// Whether users could mistake one host for the other. The last label is ignored: it distinguishes
/// little.
pub fn are_hosts_alike(one: &str, other: &str) -> bool {
    let stem = |host: &str| {
        let (host, _) = idna_decoded(host);
        host.rsplit_once('.').map_or(host.clone(), |(stem, _)| stem.to_owned())
    };
    are_texts_alike(&stem(one), &stem(other))
}

fn are_texts_alike(one: &str, other: &str) -> bool {
    let (folded, other_folded) = (fold(one), fold(other));
    if folded.is_empty() || folded == other_folded {
        return !folded.is_empty();
    }
    // A skeleton decomposes Korean syllables, so the distance is counted in letters as written.
    let by_skeleton = folded.is_ascii() && other_folded.is_ascii() && is_near(&folded, &other_folded);
    by_skeleton || is_near(&letters(one), &letters(other))
}

/// Allows one different letter in names of five to nine letters, and two in longer names.
fn is_near(one: &str, other: &str) -> bool {
    let length = one.chars().count().min(other.chars().count());
    let allowed = match length {
        0..=4 => return false,
        5..=9 => 1,
        _ => 2,
    };
    strsim::osa_distance(one, other) <= allowed
}

/// The skeleton in lower case, without spaces and punctuation, with digits as letters.
fn fold(text: &str) -> String {
    skeleton(&letters(text)).flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
}

/// The text in lower case, without spaces and punctuation, with digits as letters.
fn letters(text: &str) -> String {
    text.to_lowercase().chars().map(letter).filter(|c| c.is_alphanumeric()).collect()
}

/// The letter that a digit or symbol is used for.
fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '|' | '!' => 'l',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        other => other,
    }
}

fn idna_decoded(host: &str) -> (String, bool) {
    let (decoded, result) = idna::domain_to_unicode(host);
    (decoded, result.is_ok())
}

fn names(metadata: &ClientMetadata) -> Vec<String> {
    let translated = metadata.translations.values().filter_map(|words| words.client_name.clone());
    [metadata.client_name.clone()].into_iter().chain(translated).collect()
}

fn hosts(metadata: &ClientMetadata) -> Vec<String> {
    let mut hosts: Vec<String> = metadata.redirect_uris.iter().filter_map(RedirectUri::host).collect();
    hosts.extend(metadata.client_uri.as_ref().and_then(|uri| uri.host()));
    hosts.dedup();
    hosts
}

fn first_pair(own: &[String], others: &[String], alike: fn(&str, &str) -> bool) -> Option<(String, String)> {
    let mut pairs = own.iter().flat_map(|own| others.iter().map(move |other| (own, other)));
    pairs.find(|(own, other)| alike(own, other)).map(|(own, other)| (own.clone(), other.clone()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case("Shop", "shop", true)]
    #[case("Shop", "Sh0p", true)]
    #[case("Shop", "Ѕhор", true)]
    #[case("Shop", "S h o p", true)]
    #[case("Paypal", "PayPa1", true)]
    #[case("Paypal", "Paypall", true)]
    #[case("Harbour ID", "Harb0ur lD", true)]
    #[case("Messenger", "Mesenger", true)]
    #[case("Messenger", "Messneger", true)]
    #[case("Shop", "Ship", false)]
    #[case("Shop", "Photo shop", false)]
    #[case("Planner", "Scanner", false)]
    #[case("가게", "가계", false)]
    #[case("가게", "가게", true)]
    fn names_are_compared_by_skeleton_and_distance(#[case] one: &str, #[case] other: &str, #[case] alike: bool) {
        assert_eq!(are_names_alike(one, other), alike, "{one} {other}");
        assert_eq!(are_names_alike(other, one), alike, "{other} {one}");
    }

    #[rstest]
    #[case("shop.example", "sh0p.example", true)]
    #[case("shop.example", "shop.test", true)]
    #[case("harbour.example", "harb0ur.test", true)]
    #[case("xn--80ak6aa92e.com", "apple.com", true)]
    #[case("shop.example", "talk.example", false)]
    #[case("new.example", "shop.example", false)]
    fn hosts_are_compared_without_their_last_label(#[case] one: &str, #[case] other: &str, #[case] alike: bool) {
        assert_eq!(are_hosts_alike(one, other), alike, "{one} {other}");
    }

    fn client(name: &str, uri: &str) -> ClientMetadata {
        serde_json::from_value(json!({ "client_name": name, "redirect_uris": [uri] })).expect("metadata")
    }

    #[test]
    fn client_is_compared_by_name_and_host_unless_on_trusted_hosts() {
        let shop = Trusted::client("shop", &client("Shop", "https://shop.example/cb"));
        let found = |name: &str, uri: &str| find(&client(name, uri), [&shop]).map(|found| (found.own, found.resembles));
        let pair = |own: &str, other: &str| Some((own.to_owned(), other.to_owned()));
        assert_eq!(found("Sh0p", "https://new.example/cb"), pair("Sh0p", "Shop"));
        assert_eq!(found("Deals", "https://sh0p.example/cb"), pair("sh0p.example", "shop.example"));
        assert_eq!(found("Shop", "http://127.0.0.1/cb"), pair("Shop", "Shop"), "a loopback host is everybody's");
        assert_eq!(found("Shop", "https://shop.example/other"), None);
        assert_eq!(found("Shop", "https://app.shop.example/cb"), None);
        assert_eq!(found("Shop", "https://evilshop.example/cb"), pair("Shop", "Shop"));
        assert_eq!(found("Newcomer", "https://new.example/cb"), None);
    }

    #[rstest]
    #[case("Planner", true)]
    #[case("Officially Yours", true)]
    #[case("Planner (verified)", false)]
    #[case("Planner ✓", false)]
    #[case("Verified Planner", false)]
    #[case("0fficial Planner", false)]
    #[case("플래너 공식 앱", false)]
    #[case("공식플래너", false)]
    #[case("公式プランナー", false)]
    #[case("プランナー【公式】", false)]
    #[case("Geprüfter Planer", false)]
    #[case("Trustedly Planner", true)]
    #[case("Planer, geprüft", false)]
    #[case("플래너 인증됨", false)]
    #[case("Planner 🛡", false)]
    #[case("Planner™", false)]
    #[case("Planner [beta]", false)]
    #[case("O’Reilly & Söhne: C++", true)]
    fn name_that_claims_an_approval_is_refused(#[case] name: &str, #[case] accepted: bool) {
        let mut metadata = client(name, "https://new.example/cb");
        assert_eq!(check_claims(&metadata).is_ok(), accepted, "{name}");
        metadata = client("Newcomer", "https://new.example/cb");
        metadata.organization_name = Some(name.to_owned());
        assert_eq!(check_claims(&metadata).is_ok(), accepted, "organization {name}");
    }
}
