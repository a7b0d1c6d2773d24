//! The members of a provider that its preset fills in.

use serde::Deserialize;
use serde_json::Value;
use writ_core::upstream::Preset;

use super::{AuthMethod, Broken, ProviderSettings};

/// The tenants of Microsoft that have a name.
const NAMED_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];

/// The members with which another server takes the place of the one that a preset knows.
const ENDPOINTS: [&str; 4] = ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"];

/// Reads a provider. Its preset fills in what is not set.
pub(super) fn read(mut written: Value) -> Result<ProviderSettings, String> {
    let named = |id: Option<&Value>, error: serde_json::Error| match id.and_then(Value::as_str) {
        Some(id) => format!("provider `{id}`: {error}"),
        None => error.to_string(),
    };
    if let Some(members) = written.as_object_mut()
        && let Some(preset) = members.get("preset")
    {
        let preset = Preset::deserialize(preset).map_err(|error| format!("`preset`: {error}"))?;
        // Users of another server at the same issuer would be those of the preset.
        if ENDPOINTS.iter().any(|name| members.contains_key(*name)) && !members.contains_key("issuer") {
            return Err("`issuer` is needed beside endpoints of your own".to_owned());
        }
        let tenant = members.get("tenant").and_then(Value::as_str).unwrap_or_default().to_owned();
        for (name, value) in preset.members(&tenant) {
            members.entry(name).or_insert(value);
        }
    }
    let id = written.get("id").cloned();
    serde_json::from_value(written).map_err(|error| named(id.as_ref(), error))
}

/// Checks the members that only some presets have.
pub(super) fn check(provider: &ProviderSettings) -> Result<(), Broken> {
    let unless = |holds: bool, member, rule| if holds { Ok(()) } else { Err((member, rule)) };
    let is = |preset: Preset| provider.preset == Some(preset);
    let tenant = provider.tenant.as_deref();
    let is_tenant = |tenant: &str| NAMED_TENANTS.contains(&tenant) || is_tenant_id(tenant);
    unless(
        if is(Preset::Microsoft) { tenant.is_some_and(is_tenant) } else { tenant.is_none() },
        "tenant",
        "is that of the preset \"microsoft\": \"common\", \"organizations\", \"consumers\" or the id of a tenant",
    )?;
    let domain = provider.hosted_domain.as_deref();
    unless(
        domain.is_none_or(|domain| is(Preset::Google) && !domain.is_empty()),
        "hosted_domain",
        "is a domain, for the preset \"google\"",
    )?;
    let is_own = |domain: &String| {
        let own = provider.preset.and_then(Preset::mail_domains);
        own.is_none_or(|own| own.contains(&&*domain.to_lowercase()))
    };
    unless(
        provider.trusted_email_domains.iter().all(is_own),
        "trusted_email_domains",
        "has a domain whose mailboxes the provider does not run: \"github\" has none, \"apple\" only icloud.com, \
         me.com, mac.com and privaterelay.appleid.com",
    )?;
    let is_name = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let signed = provider.client_secret_jwt.as_ref();
    unless(
        signed.is_some() == is(Preset::Apple)
            && signed.is_none_or(|signed| is_name(&signed.team_id) && is_name(&signed.key_id)),
        "client_secret_jwt",
        "has `team_id` and `key_id` of letters and digits, for the preset \"apple\", which needs it",
    )?;
    unless(
        !is(Preset::Line) || provider.token_endpoint_auth_method != AuthMethod::None,
        "token_endpoint_auth_method",
        "is not \"none\" for the preset \"line\", whose ID tokens are signed with the client secret",
    )
}

fn is_tenant_id(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok_and(|id| id.hyphenated().to_string() == text)
}
