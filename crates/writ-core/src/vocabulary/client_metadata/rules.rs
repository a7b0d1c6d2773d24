//! The rules that hold between the members of client metadata.

use icu_properties::{
    CodePointSetData,
    props::{DefaultIgnorableCodePoint, JoinControl, VariationSelector},
};

use super::{AuthMethod, ClientMetadata, GrantType, MAX_TOKEN_LIFETIME, SubjectType};

/// The most entries of a list of addresses.
const MAX_LISTED: usize = 20;

/// The most languages beside that of the members without one.
const MAX_LANGUAGES: usize = 50;

/// The most bytes of a text that only stands there.
const MAX_TEXT: usize = 255;

/// Whether a character leaves a mark of its own.
fn is_seen(c: char) -> bool {
    !c.is_whitespace() && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether a name could read as another one with this character in it: what leaves no mark (blanks that are letters and marks of
/// writing direction among it), except the joiners and variation selectors that languages and emoji need.
fn misleads(c: char) -> bool {
    let needed =
        CodePointSetData::new::<JoinControl>().contains(c) || CodePointSetData::new::<VariationSelector>().contains(c);
    let line_or_blank = matches!(c, '\u{2028}' | '\u{2029}' | '\u{2800}' | '\u{fff9}'..='\u{fffb}');
    c.is_control() || line_or_blank || !c.is_whitespace() && !is_seen(c) && !needed
}

impl ClientMetadata {
    /// The rules that hold between members.
    ///
    /// # Errors
    /// A sentence that names the member and the rule.
    pub fn check(&self) -> Result<(), String> {
        self.check_names()?;
        if self.allows(GrantType::AuthorizationCode) && self.redirect_uris.is_empty() {
            return Err("redirect_uris is empty, but grant_types has authorization_code".to_owned());
        }
        if self.allows(GrantType::RefreshToken)
            && !(self.allows(GrantType::AuthorizationCode) || self.allows(GrantType::DeviceCode))
        {
            return Err("grant_types has refresh_token without authorization_code or device_code".to_owned());
        }
        if self.allows(GrantType::ClientCredentials) && self.is_public() {
            return Err("grant_types has client_credentials, which a public client cannot use".to_owned());
        }
        if self.allows(GrantType::TokenExchange) && self.is_public() {
            return Err("grant_types has token-exchange, which a public client cannot use".to_owned());
        }
        self.check_keys()?;
        if let Some(uri) = &self.frontchannel_logout_uri
            && !self.redirect_uris.iter().any(|redirect| redirect.origin() == Some(uri.origin()))
        {
            return Err("frontchannel_logout_uri must have the scheme, host and port of a redirect URI".to_owned());
        }
        if self.require_offline_access && !self.scope.contains("offline_access") {
            return Err("require_offline_access needs offline_access in scope".to_owned());
        }
        if self.subject_type == SubjectType::Pairwise && self.sector_identifier().is_none() {
            return Err(
                "subject_type pairwise needs https redirect_uris that all have one host, or a sector_identifier_uri"
                    .to_owned(),
            );
        }
        if self.is_public() && self.require_pkce == Some(false) {
            return Err("require_pkce can be false only for a confidential client".to_owned());
        }
        if !self.required_scope.is_subset(&self.scope) {
            return Err("required_scope has a scope that is not in scope".to_owned());
        }
        if !self.default_scope.is_subset(&self.scope) {
            return Err("default_scope has a scope that is not in scope".to_owned());
        }
        if self.refresh_replay_window.is_some_and(|seconds| !(0..=300).contains(&seconds)) {
            return Err("refresh_replay_window must be 0 to 300 seconds".to_owned());
        }
        for (name, lifetime) in
            [("access_token_lifetime", self.access_token_lifetime), ("id_token_lifetime", self.id_token_lifetime)]
        {
            if lifetime.is_some_and(|seconds| !(10..=MAX_TOKEN_LIFETIME).contains(&seconds)) {
                return Err(format!("{name} must be 10 to {MAX_TOKEN_LIFETIME} seconds"));
            }
        }
        if self.default_max_age.is_some_and(|seconds| seconds < 0) {
            return Err("default_max_age is a number of seconds".to_owned());
        }
        for (name, listed) in [
            ("redirect_uris", self.redirect_uris.len()),
            ("post_logout_redirect_uris", self.post_logout_redirect_uris.len()),
            ("request_uris", self.request_uris.len()),
            ("contacts", self.contacts.len()),
            ("default_acr_values", self.default_acr_values.len()),
        ] {
            if listed > MAX_LISTED {
                return Err(format!("{name} has more than {MAX_LISTED} entries"));
            }
        }
        let texts =
            self.contacts.iter().chain(&self.software_id).chain(&self.software_version).chain(&self.default_acr_values);
        if texts.into_iter().any(|text| text.is_empty() || text.len() > MAX_TEXT || text.chars().any(char::is_control))
        {
            return Err(format!(
                "contacts, software_id, software_version and default_acr_values are texts of 1 to {MAX_TEXT} bytes"
            ));
        }
        for origin in &self.allowed_origins {
            let same = url::Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
            if !same {
                return Err(format!("allowed_origins has `{origin}`, which is no origin such as https://app.example"));
            }
        }
        Ok(())
    }

    fn check_names(&self) -> Result<(), String> {
        if self.translations.len() > MAX_LANGUAGES {
            return Err(format!("there are more than {MAX_LANGUAGES} languages"));
        }
        let translated = self.translations.iter().filter_map(|(language, words)| {
            words.client_name.as_ref().map(|name| (format!("client_name#{language}"), name))
        });
        for (member, name) in [("client_name".to_owned(), &self.client_name)].into_iter().chain(translated) {
            if !name.chars().any(is_seen) || name.chars().count() > 100 {
                return Err(format!("{member} must have 1 to 100 characters"));
            }
            if name.chars().any(misleads) {
                return Err(format!("{member} has a character that nobody sees, or that turns the text around it"));
            }
        }
        Ok(())
    }

    fn check_keys(&self) -> Result<(), String> {
        let signs = self.token_endpoint_auth_method == AuthMethod::PrivateKeyJwt;
        if self.jwks.is_some() && self.jwks_uri.is_some() {
            return Err("jwks and jwks_uri exclude each other".to_owned());
        }
        if signs && self.jwks.is_none() && self.jwks_uri.is_none() {
            return Err("token_endpoint_auth_method is private_key_jwt, which needs jwks or jwks_uri".to_owned());
        }
        if !signs && self.token_endpoint_auth_signing_alg.is_some() {
            return Err("token_endpoint_auth_signing_alg is for private_key_jwt only".to_owned());
        }
        for (name, alg) in [
            ("token_endpoint_auth_signing_alg", self.token_endpoint_auth_signing_alg),
            ("request_object_signing_alg", self.request_object_signing_alg),
        ] {
            let Some(alg) = alg.filter(|_| self.jwks_uri.is_none()) else { continue };
            if !self.jwks.as_ref().is_some_and(|keys| keys.has_key_for(alg)) {
                return Err(format!("{name} is {}, for which jwks has no key", alg.as_str()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(json: serde_json::Value) -> Result<(), String> {
        serde_json::from_value::<ClientMetadata>(json).map_err(|error| error.to_string())?.check()
    }

    #[test]
    fn members_that_contradict_each_other_are_refused() {
        let web =
            serde_json::json!({"client_name": "Shop", "redirect_uris": ["https://shop.example/cb"], "scope": "openid"});
        assert_eq!(metadata(web.clone()), Ok(()));
        for (member, value) in [
            ("client_name", serde_json::json!(" ")),
            ("client_name", serde_json::json!("a\u{7}b")),
            ("redirect_uris", serde_json::json!([])),
            ("redirect_uris", serde_json::json!(["http://shop.example/cb"])),
            ("grant_types", serde_json::json!(["refresh_token"])),
            ("grant_types", serde_json::json!(["implicit"])),
            ("grant_types", serde_json::json!(["password"])),
            ("required_scope", serde_json::json!("message:send")),
            ("refresh_replay_window", serde_json::json!(301)),
            ("access_token_lifetime", serde_json::json!(86_401)),
            ("id_token_signed_response_alg", serde_json::json!("none")),
            ("id_token_signed_response_alg", serde_json::json!("HS256")),
            ("allowed_origins", serde_json::json!(["https://shop.example/"])),
            ("token_endpoint_auth_method", serde_json::json!("private_key_jwt")),
            ("post_logout_redirect_uris", serde_json::json!(["http://shop.example/"])),
            ("backchannel_logout_uri", serde_json::json!("http://shop.example/logout")),
            ("frontchannel_logout_uri", serde_json::json!("https://other.example/logout")),
            ("userinfo_signed_response_alg", serde_json::json!("none")),
            ("subject_type", serde_json::json!("secret")),
            ("require_offline_access", serde_json::json!(true)),
            ("surprise", serde_json::json!(1)),
            ("jwks_uri", serde_json::json!("http://shop.example/jwks")),
            ("request_uris", serde_json::json!(["http://shop.example/request"])),
            ("initiate_login_uri", serde_json::json!("javascript:alert(1)")),
            ("logo_uri", serde_json::json!("data:image/png;base64,AA")),
            ("contacts", serde_json::json!(vec!["a@shop.example"; 21])),
            ("default_max_age", serde_json::json!(-1)),
        ] {
            let mut changed = web.clone();
            changed[member] = value.clone();
            assert!(metadata(changed).is_err(), "{member} = {value}");
        }
    }

    #[test]
    fn a_name_is_what_people_see() {
        let named = |name: &str| {
            metadata(serde_json::json!({"client_name": name, "redirect_uris": ["https://shop.example/cb"]}))
        };
        for name in ["한국 상점", "فروشگاه\u{200c}ها", "👩\u{200d}🌾 Farm", "Café", "葛\u{e0100}城"]
        {
            assert_eq!(named(name), Ok(()), "{name}");
        }
        for name in [
            "Shop \u{202e}knaB",
            "\u{2067}Shop\u{2069}",
            "B\u{200b}ank",
            "Bank\u{feff}",
            "\u{3164}",
            "\u{200d}",
            "a\nb",
            "a\u{2028}b",
            "Bank\u{e0041}",
        ] {
            assert!(named(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_pairwise_client_belongs_to_one_sector() {
        let pairwise = |uris: &[&str]| {
            metadata(serde_json::json!({"client_name": "Shop", "redirect_uris": uris, "subject_type": "pairwise"}))
        };
        assert_eq!(pairwise(&["https://shop.example/cb", "https://shop.example:8443/cb2"]), Ok(()));
        assert!(pairwise(&["https://shop.example/cb", "https://other.example/cb"]).is_err());
        assert!(pairwise(&["com.example.app:/cb"]).is_err(), "an app's own scheme names no host");
        assert!(pairwise(&["com.example.app://shop.example/cb"]).is_err(), "nor can it join another's sector");
        assert!(pairwise(&["http://127.0.0.1/cb"]).is_err(), "every device has this host");
    }

    #[test]
    fn a_public_client_cannot_shed_its_protections() {
        let public = serde_json::json!({"client_name": "App", "redirect_uris": ["com.example.app:/cb"], "token_endpoint_auth_method": "none"});
        assert_eq!(metadata(public.clone()), Ok(()));
        for (member, value) in [
            ("require_pkce", serde_json::json!(false)),
            ("grant_types", serde_json::json!(["authorization_code", "client_credentials"])),
        ] {
            let mut changed = public.clone();
            changed[member] = value;
            assert!(metadata(changed).is_err(), "{member}");
        }
    }
}
