//! The standard claims of a user
//! ([OpenID Connect Core §5.1](https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims))
//! and the scope that requests each (§5.4).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

/// Maximum length of a claim in characters.
const MAX_CHARACTERS: usize = 200;

/// A postal address (OpenID Connect Core §5.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names are OpenID Connect's own")]
pub struct Address {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl Address {
    /// The address with `formatted`, made from the other members if it is empty. `None` if all are
    /// empty.
    pub fn told(&self) -> Option<Self> {
        let joined = |parts: [&Option<String>; 2], between| {
            let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
            parts.join(between)
        };
        // Addresses in Chinese characters, Hangul or Kana are written from the country to the
        // street.
        let lines = if self.parts().any(|part| part.chars().any(is_east_asian)) {
            let place = joined([&self.region, &self.locality], " ");
            [joined([&self.country, &self.postal_code], " "), place, self.street_address.clone().unwrap_or_default()]
        } else {
            let place = joined([&self.locality, &self.region], ", ");
            [self.street_address.clone().unwrap_or_default(), place, joined([&self.postal_code, &self.country], " ")]
        };
        let written: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        let computed = Some(written.join("\n")).filter(|text| !text.is_empty());
        let formatted = self.formatted.clone().or(computed);
        formatted.is_some().then(|| Self { formatted, ..self.clone() })
    }

    fn parts(&self) -> impl Iterator<Item = &String> {
        [&self.street_address, &self.locality, &self.region, &self.postal_code, &self.country].into_iter().flatten()
    }
}

fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Why a claim is refused: a rule of OpenID Connect Core §5.1, or of this server where it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Malformed {
    /// The text is too long or not printable.
    #[error("a claim has more than {MAX_CHARACTERS} characters, or a control character")]
    Text,
    /// `profile`, `picture` or `website`.
    #[error("profile, picture and website are URLs that begin with https:// or http://")]
    Web,
    /// `birthdate`.
    #[error("birthdate is a day of the calendar, YYYY-MM-DD")]
    Birthdate,
    /// `phone_number`.
    #[error("phone_number is made of digits, spaces and + - ( ) .")]
    PhoneNumber,
}

/// The claims that a user may edit. Username and e-mail address are stored separately.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the names are OpenID Connect's own")]
pub struct StandardClaims {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

impl StandardClaims {
    /// Validates each claim.
    ///
    /// # Errors
    /// [`Malformed`] for the first invalid claim.
    pub fn check(&self) -> Result<(), Malformed> {
        let address = self.address.iter().flat_map(|address| address.formatted.iter().chain(address.parts()));
        let texts = [
            &self.name,
            &self.given_name,
            &self.family_name,
            &self.middle_name,
            &self.nickname,
            &self.profile,
            &self.picture,
            &self.website,
            &self.gender,
            &self.birthdate,
            &self.zoneinfo,
            &self.locale,
            &self.phone_number,
        ];
        // Only `address` may have several lines.
        if !texts.into_iter().flatten().all(|text| is_line(text)) || !address.into_iter().all(|text| is_text(text)) {
            return Err(Malformed::Text);
        }
        if ![&self.profile, &self.picture, &self.website].into_iter().flatten().all(|url| is_web(url)) {
            return Err(Malformed::Web);
        }
        if !self.birthdate.as_deref().is_none_or(is_birthdate) {
            return Err(Malformed::Birthdate);
        }
        if !self.phone_number.as_deref().is_none_or(is_phone_number) {
            return Err(Malformed::PhoneNumber);
        }
        Ok(())
    }
}

/// Whether a text of one or several lines is short enough and printable.
pub fn is_text(text: &str) -> bool {
    is_line(&text.replace("\r\n", " ").replace('\n', " "))
}

fn is_line(text: &str) -> bool {
    text.chars().count() <= MAX_CHARACTERS && !text.chars().any(char::is_control)
}

fn is_web(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

/// `YYYY-MM-DD`, with the year 0000 if it is omitted, or `YYYY`
/// ([OpenID Connect Core
/// §5.1](https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims)).
fn is_birthdate(text: &str) -> bool {
    let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) && text != "0000";
    let is_day = || text.len() == 10 && Date::strptime("%Y-%m-%d", text).is_ok();
    is_year || is_day()
}

fn is_phone_number(number: &str) -> bool {
    number.chars().any(|c| c.is_ascii_digit()) && number.chars().all(|c| c.is_ascii_digit() || "+-(). ".contains(c))
}

/// The scope that requests a standard claim (OpenID Connect Core §5.4), or the claim `groups`.
pub fn scope_of(claim: &str) -> Option<&'static str> {
    match claim {
        "name" | "given_name" | "family_name" | "middle_name" | "nickname" | "preferred_username" | "profile"
        | "picture" | "website" | "gender" | "birthdate" | "zoneinfo" | "locale" | "updated_at" => Some("profile"),
        "email" | "email_verified" => Some("email"),
        "phone_number" | "phone_number_verified" => Some("phone"),
        "address" => Some("address"),
        "groups" => Some("groups"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    #[rstest]
    #[case("website", json!("https://minji.example"), None)]
    #[case("website", json!("javascript:alert(1)"), Some(Malformed::Web))]
    #[case("picture", json!("data:image/png;base64,AA"), Some(Malformed::Web))]
    #[case("birthdate", json!("1990-02-28"), None)]
    #[case("birthdate", json!("1990-02-30"), Some(Malformed::Birthdate))]
    #[case("birthdate", json!("0000-05-10"), None)]
    #[case("birthdate", json!("0000-02-30"), Some(Malformed::Birthdate))]
    #[case("birthdate", json!("1990"), None)]
    #[case("birthdate", json!("0000"), Some(Malformed::Birthdate))]
    #[case("birthdate", json!("90"), Some(Malformed::Birthdate))]
    #[case("address", json!({"street_address": "12 Weir Lane\r\nFlat 3"}), None)]
    #[case("phone_number", json!("+82 (2) 123-4567"), None)]
    #[case("phone_number", json!("call me"), Some(Malformed::PhoneNumber))]
    #[case("name", json!("가".repeat(200)), None)]
    #[case("name", json!("가".repeat(201)), Some(Malformed::Text))]
    #[case("name", json!("Min\nji"), Some(Malformed::Text))]
    #[case("address", json!({"street_address": "12 Weir Lane\nFlat 3"}), None)]
    #[case("address", json!({"country": "K\tR"}), Some(Malformed::Text))]
    fn each_claim_has_its_rule(#[case] claim: &str, #[case] value: Value, #[case] problem: Option<Malformed>) {
        let claims: StandardClaims = serde_json::from_value(json!({ claim: value })).expect("claims");
        assert_eq!(claims.check().err(), problem);
    }

    #[rstest]
    #[case(json!({}), None)]
    #[case(json!({"formatted": "c/o the mill"}), Some("c/o the mill"))]
    #[case(
        json!({"street_address": "12 Weir Lane\nFlat 3", "locality": "Stroud", "region": "Glos", "postal_code": "GL5", "country": "UK"}),
        Some("12 Weir Lane\nFlat 3\nStroud, Glos\nGL5 UK")
    )]
    #[case(
        json!({"street_address": "세종대로 110", "locality": "중구", "region": "서울특별시", "postal_code": "04524", "country": "대한민국"}),
        Some("대한민국 04524\n서울특별시 중구\n세종대로 110")
    )]
    #[case(json!({"locality": "Seoul"}), Some("Seoul"))]
    fn address_is_formatted_in_the_order_of_its_language(#[case] address: Value, #[case] formatted: Option<&str>) {
        let address: Address = serde_json::from_value(address).expect("an address");
        assert_eq!(address.told().and_then(|told| told.formatted).as_deref(), formatted);
    }
}
