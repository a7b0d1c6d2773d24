//! The rules between the members of client metadata
//! ([RFC 7591 §2](https://www.rfc-editor.org/rfc/rfc7591#section-2)).

use icu_properties::{
    CodePointSetData,
    props::{DefaultIgnorableCodePoint, JoinControl, VariationSelector},
};

use crate::vocabulary::{
    administration_scope::first_reserved,
    client_metadata::{ApplicationType, AuthMethod, ClientMetadata, GrantType, MAX_TOKEN_LIFETIME, SubjectType},
    insecure_host::InsecureHost,
};

/// Maximum number of entries in a list of URIs or texts.
const MAX_LISTED: usize = 20;
/// Maximum number of languages, besides the members without a language tag.
const MAX_LANGUAGES: usize = 50;
/// Maximum length in bytes of a text that is only stored.
const MAX_TEXT: usize = 255;

type Check = fn(&ClientMetadata) -> Result<(), String>;

/// The rules, in the order in which they are checked.
const CHECKS: [Check; 18] = [
    names,
    code_needs_redirect_uri,
    refresh_token_needs_code_or_device,
    public_client_has_no_grant_of_its_own,
    short_scheme_is_for_public_native_clients,
    one_source_of_keys,
    signing_needs_a_key,
    frontchannel_logout_is_on_a_redirect_host,
    offline_access_is_registered,
    pairwise_has_one_sector,
    public_client_uses_pkce,
    required_and_default_scope_are_registered,
    administration_is_for_the_client_itself,
    replay_window_is_short,
    lifetimes_are_bounded,
    lists_are_bounded,
    texts_are_bounded,
    allowed_origins_are_origins,
];

impl ClientMetadata {
    /// Checks the rules between members, and that plain http is used only where it is allowed.
    ///
    /// # Errors
    /// A sentence that names the member and the broken rule.
    pub fn check(&self, insecure_hosts: &[InsecureHost]) -> Result<(), String> {
        for (name, uris) in
            [("redirect_uris", &self.redirect_uris), ("post_logout_redirect_uris", &self.post_logout_redirect_uris)]
        {
            for uri in uris {
                uri.check_transport(insecure_hosts)
                    .map_err(|rule| format!("{name}: {uri}: {rule}", uri = uri.as_str()))?;
            }
        }
        CHECKS.iter().try_for_each(|check| check(self))
    }
}

/// A name is visible, and does not change the direction of the surrounding text.
fn names(metadata: &ClientMetadata) -> Result<(), String> {
    rule(metadata.translations.len() <= MAX_LANGUAGES, || format!("there are more than {MAX_LANGUAGES} languages"))?;
    let translated = metadata.translations.iter().filter_map(|(language, words)| {
        words.client_name.as_deref().map(|name| (format!("client_name#{language}"), name))
    });
    let organizations = metadata.organization_names().map(|name| ("organization_name".to_owned(), name));
    let own = [("client_name".to_owned(), metadata.client_name.as_str())];
    for (member, name) in own.into_iter().chain(translated).chain(organizations) {
        let sized = name.chars().any(is_visible) && name.chars().count() <= 100;
        rule(sized, || format!("{member} must have 1 to 100 characters"))?;
        rule(!name.chars().any(misleads), || {
            format!("{member} has an invisible character, or one that changes the direction of the text around it")
        })?;
    }
    Ok(())
}

/// A client of a redirect-based flow MUST register its redirect URIs
/// ([RFC 7591 §2](https://www.rfc-editor.org/rfc/rfc7591#section-2)).
fn code_needs_redirect_uri(metadata: &ClientMetadata) -> Result<(), String> {
    let complete = !metadata.allows(GrantType::AuthorizationCode) || !metadata.redirect_uris.is_empty();
    rule(complete, || "redirect_uris is empty, but grant_types has authorization_code".to_owned())
}

/// A refresh token needs a grant by a user
/// ([RFC 6749 §1.5](https://www.rfc-editor.org/rfc/rfc6749#section-1.5)).
fn refresh_token_needs_code_or_device(metadata: &ClientMetadata) -> Result<(), String> {
    let granted = metadata.allows(GrantType::AuthorizationCode) || metadata.allows(GrantType::DeviceCode);
    rule(granted || !metadata.allows(GrantType::RefreshToken), || {
        "grant_types has refresh_token without authorization_code or device_code".to_owned()
    })
}

/// Only confidential clients may use the client credentials grant
/// ([RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)). The same applies to token
/// exchange and to identity assertions here.
fn public_client_has_no_grant_of_its_own(metadata: &ClientMetadata) -> Result<(), String> {
    for (grant, name) in [
        (GrantType::ClientCredentials, "client_credentials"),
        (GrantType::TokenExchange, "token-exchange"),
        (GrantType::JwtBearer, "jwt-bearer"),
    ] {
        rule(!(metadata.is_public() && metadata.allows(grant)), || {
            format!("grant_types has {name}, which a public client cannot use")
        })?;
    }
    Ok(())
}

/// Any app can claim a scheme without a dot
/// ([RFC 8252 §7.1](https://www.rfc-editor.org/rfc/rfc8252#section-7.1)). Only a public native
/// client may register one, because it needs consent each time.
fn short_scheme_is_for_public_native_clients(metadata: &ClientMetadata) -> Result<(), String> {
    let may_have_one = metadata.is_public() && metadata.application_type == ApplicationType::Native;
    match metadata.redirect_uris.iter().chain(&metadata.post_logout_redirect_uris).find(|uri| uri.has_short_scheme()) {
        Some(uri) if !may_have_one => Err(format!(
            "{} has a private-use scheme without a dot, which only a public native client may have: \
             use one in reverse domain form such as com.example.app",
            uri.as_str()
        )),
        _ => Ok(()),
    }
}

/// `jwks` and `jwks_uri` MUST NOT both be present
/// ([RFC 7591 §2](https://www.rfc-editor.org/rfc/rfc7591#section-2)).
fn one_source_of_keys(metadata: &ClientMetadata) -> Result<(), String> {
    rule(metadata.jwks.is_none() || metadata.jwks_uri.is_none(), || "jwks and jwks_uri exclude each other".to_owned())
}

/// A client that signs must have registered its keys.
fn signing_needs_a_key(metadata: &ClientMetadata) -> Result<(), String> {
    let signs = metadata.token_endpoint_auth_method == Some(AuthMethod::PrivateKeyJwt);
    rule(!signs || metadata.jwks.is_some() || metadata.jwks_uri.is_some(), || {
        "token_endpoint_auth_method is private_key_jwt, which needs jwks or jwks_uri".to_owned()
    })?;
    rule(signs || metadata.token_endpoint_auth_signing_alg.is_none(), || {
        "token_endpoint_auth_signing_alg is for private_key_jwt only".to_owned()
    })?;
    for (name, alg) in [
        ("token_endpoint_auth_signing_alg", metadata.token_endpoint_auth_signing_alg),
        ("request_object_signing_alg", metadata.request_object_signing_alg),
    ] {
        let Some(alg) = alg.filter(|_| metadata.jwks_uri.is_none()) else { continue };
        rule(metadata.jwks.as_ref().is_some_and(|keys| keys.has_key_for(alg)), || {
            format!("{name} is {}, for which jwks has no key", alg.as_str())
        })?;
    }
    Ok(())
}

/// The scheme, domain and port MUST be those of a redirect URI
/// ([Front-Channel Logout
/// §2](https://openid.net/specs/openid-connect-frontchannel-1_0.html#RPLogout)).
fn frontchannel_logout_is_on_a_redirect_host(metadata: &ClientMetadata) -> Result<(), String> {
    let Some(uri) = &metadata.frontchannel_logout_uri else { return Ok(()) };
    let registered = metadata.redirect_uris.iter().any(|redirect| redirect.origin() == Some(uri.origin()));
    rule(registered, || "frontchannel_logout_uri must have the scheme, host and port of a redirect URI".to_owned())
}

/// A client that requires `offline_access` must have registered it.
fn offline_access_is_registered(metadata: &ClientMetadata) -> Result<(), String> {
    rule(!metadata.require_offline_access || metadata.scope.contains("offline_access"), || {
        "require_offline_access needs offline_access in scope".to_owned()
    })
}

/// Redirect URIs on several hosts need a `sector_identifier_uri`
/// ([OpenID Connect Core §8.1](https://openid.net/specs/openid-connect-core-1_0.html#PairwiseAlg)).
fn pairwise_has_one_sector(metadata: &ClientMetadata) -> Result<(), String> {
    rule(metadata.subject_type != SubjectType::Pairwise || metadata.sector_identifier().is_some(), || {
        "subject_type pairwise needs https redirect_uris that all have one host, or a sector_identifier_uri".to_owned()
    })
}

/// Public clients MUST use PKCE
/// ([RFC 9700 §2.1.1](https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1)).
fn public_client_uses_pkce(metadata: &ClientMetadata) -> Result<(), String> {
    rule(!metadata.is_public() || metadata.require_pkce != Some(false), || {
        "require_pkce can be false only for a confidential client".to_owned()
    })
}

/// Required and default scopes must be registered.
fn required_and_default_scope_are_registered(metadata: &ClientMetadata) -> Result<(), String> {
    rule(metadata.required_scope.is_subset(&metadata.scope), || {
        "required_scope has a scope that is not in scope".to_owned()
    })?;
    rule(metadata.default_scope.is_subset(&metadata.scope), || {
        "default_scope has a scope that is not in scope".to_owned()
    })?;
    let translated = metadata.translations.values().flat_map(|words| &words.required_scope_reasons);
    for (scope, reason) in metadata.required_scope_reasons.iter().chain(translated) {
        rule(metadata.required_scope.contains(scope), || {
            format!("required_scope_reasons has {scope}, which is not in required_scope")
        })?;
        rule(!reason.is_empty() && reason.len() <= MAX_TEXT, || {
            format!("a reason in required_scope_reasons has 1 to {MAX_TEXT} bytes")
        })?;
    }
    Ok(())
}

/// Scopes of the administration API are granted to a client for itself, or by an administrator at a
/// device, and only if it names them.
fn administration_is_for_the_client_itself(metadata: &ClientMetadata) -> Result<(), String> {
    let Some(name) = first_reserved(&metadata.scope) else { return Ok(()) };
    let grants = [GrantType::ClientCredentials, GrantType::DeviceCode];
    rule(grants.iter().any(|grant| metadata.allows(*grant)), || {
        format!("scope has {name}, which needs the grant type client_credentials or device_code")
    })?;
    let preset = first_reserved(&metadata.required_scope).or(first_reserved(&metadata.default_scope));
    rule(preset.is_none(), || format!("required_scope and default_scope cannot have {name}: the client names it"))
}

/// A replaced refresh token is accepted for at most 300 seconds.
fn replay_window_is_short(metadata: &ClientMetadata) -> Result<(), String> {
    rule(metadata.refresh_replay_window.is_none_or(|seconds| (0..=300).contains(&seconds)), || {
        "refresh_replay_window must be 0 to 300 seconds".to_owned()
    })
}

/// Token lifetimes are bounded by how long a retired key stays published.
fn lifetimes_are_bounded(metadata: &ClientMetadata) -> Result<(), String> {
    for (name, lifetime) in
        [("access_token_lifetime", metadata.access_token_lifetime), ("id_token_lifetime", metadata.id_token_lifetime)]
    {
        rule(lifetime.is_none_or(|seconds| (10..=MAX_TOKEN_LIFETIME).contains(&seconds)), || {
            format!("{name} must be 10 to {MAX_TOKEN_LIFETIME} seconds")
        })?;
    }
    rule(metadata.default_max_age.is_none_or(|seconds| seconds >= 0), || {
        "default_max_age is a number of seconds".to_owned()
    })
}

/// Lists are bounded.
fn lists_are_bounded(metadata: &ClientMetadata) -> Result<(), String> {
    for (name, listed) in [
        ("redirect_uris", metadata.redirect_uris.len()),
        ("post_logout_redirect_uris", metadata.post_logout_redirect_uris.len()),
        ("request_uris", metadata.request_uris.len()),
        ("contacts", metadata.contacts.len()),
        ("default_acr_values", metadata.default_acr_values.len()),
    ] {
        rule(listed <= MAX_LISTED, || format!("{name} has more than {MAX_LISTED} entries"))?;
    }
    Ok(())
}

/// Texts are bounded.
fn texts_are_bounded(metadata: &ClientMetadata) -> Result<(), String> {
    let mut texts = metadata
        .contacts
        .iter()
        .chain(&metadata.software_id)
        .chain(&metadata.software_version)
        .chain(&metadata.default_acr_values);
    let bounded = |text: &String| !text.is_empty() && text.len() <= MAX_TEXT && !text.chars().any(char::is_control);
    rule(texts.all(bounded), || {
        format!("contacts, software_id, software_version and default_acr_values are texts of 1 to {MAX_TEXT} bytes")
    })
}

/// An origin is registered in serialized form, because it is compared as a string
/// ([RFC 6454 §6.2](https://www.rfc-editor.org/rfc/rfc6454#section-6.2)).
fn allowed_origins_are_origins(metadata: &ClientMetadata) -> Result<(), String> {
    for origin in &metadata.allowed_origins {
        let same = url::Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
        rule(same, || format!("allowed_origins has `{origin}`, which is no origin such as https://app.example"))?;
    }
    Ok(())
}

fn rule(holds: bool, broken: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(broken()) }
}

/// Whether a character is visible.
fn is_visible(c: char) -> bool {
    !c.is_whitespace() && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether this character could make a name look like another one: invisible characters, including
/// blank letters and direction marks, except the joiners and variation selectors that some
/// languages and emoji need.
fn misleads(c: char) -> bool {
    let needed =
        CodePointSetData::new::<JoinControl>().contains(c) || CodePointSetData::new::<VariationSelector>().contains(c);
    let line_or_blank = matches!(c, '\u{2028}' | '\u{2029}' | '\u{2800}' | '\u{fff9}'..='\u{fffb}');
    c.is_control() || line_or_blank || !c.is_whitespace() && !is_visible(c) && !needed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(json: serde_json::Value) -> Result<(), String> {
        serde_json::from_value::<ClientMetadata>(json).map_err(|error| error.to_string())?.check(&[])
    }

    #[test]
    fn contradicting_members_are_refused() {
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
            ("required_scope_reasons", serde_json::json!({ "openid": "It signs you in." })),
            ("organization_name", serde_json::json!(" ")),
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
            ("scope", serde_json::json!("openid writ:clients:read")),
        ] {
            let mut changed = web.clone();
            changed[member] = value.clone();
            assert!(metadata(changed).is_err(), "{member} = {value}");
        }
    }

    #[test]
    fn administration_needs_the_grant_of_the_client_itself_and_is_no_default() {
        let console = serde_json::json!({
            "client_name": "Console", "grant_types": ["client_credentials"], "scope": "writ:clients:read",
        });
        assert_eq!(metadata(console.clone()), Ok(()));
        for (member, value) in [
            ("grant_types", serde_json::json!([])),
            ("token_endpoint_auth_method", serde_json::json!("none")),
            ("required_scope", serde_json::json!("writ:clients:read")),
            ("default_scope", serde_json::json!("writ:clients:read")),
        ] {
            let mut changed = console.clone();
            changed[member] = value.clone();
            assert!(metadata(changed).is_err(), "{member} = {value}");
        }
    }

    #[test]
    fn name_with_invisible_character_is_refused() {
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
    fn pairwise_client_has_one_sector() {
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
    fn public_client_keeps_its_protections() {
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
