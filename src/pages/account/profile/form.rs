//! The fields of `/account/profile` and the claims that they set.

use writ_core::{
    Params, StandardClaims,
    vocabulary::standard_claims::{Address, Malformed},
};

use crate::{fault::Stop, pages::account::profile::Outcome};

/// The kind of a form field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line, in an `<input>` of this type.
    Input(&'static str),
    /// A text area.
    Lines,
    /// A choice of the values that OpenID Connect Core §5.1 defines for `gender`, or another value.
    Gender,
}

/// One field of the form.
#[derive(Debug)]
pub struct Field {
    /// The claim, or the member of `address`.
    pub name: &'static str,
    /// The message key of the label.
    pub label: &'static str,
    /// The kind of the field.
    pub kind: Kind,
    /// The `autocomplete` attribute.
    pub autocomplete: &'static str,
    claim: fn(&mut ProfileForm) -> &mut Option<String>,
}

/// A group of fields.
#[derive(Debug)]
pub struct Group {
    /// The message key of the legend.
    pub legend: &'static str,
    /// The fields, in order.
    pub fields: &'static [Field],
}

macro_rules! field {
    ($name:literal, $label:literal, $kind:expr, $autocomplete:literal, $($claim:tt)+) => {
        Field { name: $name, label: $label, kind: $kind, autocomplete: $autocomplete, claim: |form| &mut form.$($claim)+ }
    };
}

const TEXT: Kind = Kind::Input("text");

/// The fields of the form.
pub const GROUPS: [Group; 4] = [
    Group {
        legend: "profile-names",
        fields: &[
            field!("name", "profile-name", TEXT, "name", claims.name),
            field!("given_name", "profile-given-name", TEXT, "given-name", claims.given_name),
            field!("family_name", "profile-family-name", TEXT, "family-name", claims.family_name),
            field!("middle_name", "profile-middle-name", TEXT, "additional-name", claims.middle_name),
            field!("nickname", "profile-nickname", TEXT, "nickname", claims.nickname),
        ],
    },
    Group {
        legend: "profile-contact",
        fields: &[
            field!("phone_number", "profile-phone-number", Kind::Input("tel"), "tel", claims.phone_number),
            field!("website", "profile-website", Kind::Input("url"), "url", claims.website),
        ],
    },
    Group {
        legend: "profile-about",
        fields: &[
            field!("birthdate", "profile-birthdate", Kind::Input("date"), "bday", claims.birthdate),
            field!("gender", "profile-gender", Kind::Gender, "sex", claims.gender),
        ],
    },
    Group {
        legend: "profile-address",
        fields: &[
            field!(
                "street_address",
                "profile-street-address",
                Kind::Lines,
                "street-address",
                address_mut().street_address
            ),
            field!("postal_code", "profile-postal-code", TEXT, "postal-code", address_mut().postal_code),
            field!("locality", "profile-locality", TEXT, "address-level2", address_mut().locality),
            field!("region", "profile-region", TEXT, "address-level1", address_mut().region),
            field!("country", "profile-country", TEXT, "country-name", address_mut().country),
        ],
    },
];

/// The content of the form. An empty field is a claim that is not disclosed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileForm {
    /// The claims, including those without a field.
    pub claims: StandardClaims,
}

impl ProfileForm {
    /// The stored content.
    pub fn of(claims: &StandardClaims) -> Self {
        Self { claims: claims.clone() }
    }

    /// Applies submitted values to the stored content.
    ///
    /// # Errors
    /// `invalid_request` if a field was sent more than once.
    pub fn read(mut self, params: &Params) -> Result<Self, Stop> {
        let known = self.claims.clone();
        for field in GROUPS.iter().flat_map(|group| group.fields) {
            let typed = params.get(field.name)?.map(|text| text.trim().replace("\r\n", "\n"));
            *(field.claim)(&mut self) = typed.filter(|text| !text.is_empty());
        }
        if self.claims.phone_number != known.phone_number {
            self.claims.phone_number_verified = None;
        }
        // `formatted` is dropped when its parts change: it may come from another source.
        if self.claims.address != known.address {
            self.address_mut().formatted = None;
        }
        self.claims.address = self.claims.address.filter(|address| address.told().is_some());
        Ok(self)
    }

    /// The value of a field.
    pub fn value(&self, field: &Field) -> String {
        (field.claim)(&mut self.clone()).clone().unwrap_or_default()
    }

    /// The first invalid claim, if there is one.
    pub fn problem(&self) -> Option<Outcome> {
        self.claims.check().err().map(|malformed| {
            Outcome::Refused(match malformed {
                Malformed::Text => "profile-too-long",
                Malformed::Web => "profile-website-wrong",
                Malformed::Birthdate => "profile-birthdate-wrong",
                Malformed::PhoneNumber => "profile-phone-wrong",
            })
        })
    }

    fn address_mut(&mut self) -> &mut Address {
        self.claims.address.get_or_insert_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known() -> ProfileForm {
        let claims = json!({
            "picture": "https://people.example/minji.png", "phone_number": "+82 2 1", "phone_number_verified": true,
            "address": {"formatted": "c/o the mill", "country": "UK"},
        });
        ProfileForm { claims: serde_json::from_value(claims).expect("claims") }
    }

    fn typed(fields: &[(&str, &str)]) -> ProfileForm {
        let params = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        known().read(&params).unwrap_or_else(|_| panic!("a form"))
    }

    #[test]
    fn phone_number_is_unverified_when_changed() {
        assert_eq!(typed(&[("phone_number", "+82 2 1")]).claims.phone_number_verified, Some(true));
        assert_eq!(typed(&[("phone_number", "+82 2 2")]).claims.phone_number_verified, None);
        assert_eq!(typed(&[]).claims.phone_number_verified, None);
    }

    #[test]
    fn formatted_address_is_dropped_when_its_parts_change() {
        let formatted = |form: ProfileForm| form.claims.address.map(|address| address.formatted);
        assert_eq!(formatted(typed(&[("country", " UK ")])), Some(Some("c/o the mill".to_owned())));
        assert_eq!(formatted(typed(&[("country", "KR"), ("street_address", "1\r\n2")])), Some(None));
        assert_eq!(formatted(typed(&[])), None);
        assert_eq!(typed(&[]).claims.picture, known().claims.picture);
    }
}
