//! Providers whose documented behaviour is known: the members of their configuration, and where
//! they deviate from the specifications.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::vocabulary::{display_name, jwt::Broken};

/// The tenants of Microsoft that stand for several issuers.
const SHARED_TENANTS: [&str; 2] = ["common", "organizations"];
/// The tenant of Microsoft's personal accounts.
const PERSONAL_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// A provider with a preset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// <https://developers.google.com/identity/openid-connect/openid-connect>.
    Google,
    /// <https://developer.apple.com/documentation/signinwithapplerestapi>.
    Apple,
    /// <https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc>.
    Microsoft,
    /// <https://developers.kakao.com/docs/latest/en/kakaologin/rest-api>.
    Kakao,
    /// <https://developers.naver.com/docs/login/api/api.md>.
    Naver,
    /// <https://developers.line.biz/en/docs/line-login/integrate-line-login/>.
    Line,
    /// <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>.
    GitHub,
}

impl Preset {
    /// The members of its configuration. Each can be overridden. `tenant` is that of Microsoft.
    pub fn members(self, tenant: &str) -> Map<String, Value> {
        let members = match self {
            Self::Google => json!({ "name": "Google", "issuer": "https://accounts.google.com" }),
            // Its metadata has named another issuer at times. Its ID tokens have not.
            Self::Apple => json!({
                "name": "Apple",
                "issuer": "https://appleid.apple.com",
                "authorization_endpoint": "https://appleid.apple.com/auth/authorize",
                "token_endpoint": "https://appleid.apple.com/auth/token",
                "jwks_uri": "https://appleid.apple.com/auth/keys",
                "scopes": ["openid", "name", "email"],
                "token_endpoint_auth_method": "client_secret_post",
            }),
            Self::Microsoft => {
                let host = "https://login.microsoftonline.com";
                let realm = if tenant == "consumers" { PERSONAL_TENANT } else { tenant };
                json!({
                    "name": "Microsoft",
                    "issuer": format!("{host}/{realm}/v2.0"),
                    "authorization_endpoint": format!("{host}/{tenant}/oauth2/v2.0/authorize"),
                    "token_endpoint": format!("{host}/{tenant}/oauth2/v2.0/token"),
                    "jwks_uri": format!("{host}/{tenant}/discovery/v2.0/keys"),
                    "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
                    "token_endpoint_auth_method": "client_secret_post",
                })
            }
            Self::Kakao => json!({
                "name": "Kakao",
                "issuer": "https://kauth.kakao.com",
                "authorization_endpoint": "https://kauth.kakao.com/oauth/authorize",
                "token_endpoint": "https://kauth.kakao.com/oauth/token",
                "jwks_uri": "https://kauth.kakao.com/.well-known/jwks.json",
                "userinfo_endpoint": "https://kapi.kakao.com/v2/user/me",
                "userinfo_claims": {
                    "sub": "/id",
                    "name": "/kakao_account/profile/nickname",
                    "email": "/kakao_account/email",
                    "email_verified": "/kakao_account/is_email_verified",
                },
                "scopes": ["openid", "profile_nickname"],
                "token_endpoint_auth_method": "client_secret_post",
            }),
            Self::Naver => json!({
                "name": "NAVER",
                "issuer": "https://nid.naver.com",
                "authorization_endpoint": "https://nid.naver.com/oauth2.0/authorize",
                "token_endpoint": "https://nid.naver.com/oauth2.0/token",
                "userinfo_endpoint": "https://openapi.naver.com/v1/nid/me",
                "userinfo_claims": {
                    "sub": "/response/id",
                    "name": "/response/name",
                    "email": "/response/email",
                    "email_verified": "/response/email_verified",
                },
                "scopes": [],
                "token_endpoint_auth_method": "client_secret_post",
            }),
            Self::Line => json!({
                "name": "LINE",
                "issuer": "https://access.line.me",
                "authorization_endpoint": "https://access.line.me/oauth2/v2.1/authorize",
                "token_endpoint": "https://api.line.me/oauth2/v2.1/token",
                "jwks_uri": "https://api.line.me/oauth2/v2.1/certs",
                "scopes": ["openid", "profile"],
                "token_endpoint_auth_method": "client_secret_post",
            }),
            // The issuer is that of the `iss` in its authorization responses.
            Self::GitHub => json!({
                "name": "GitHub",
                "issuer": "https://github.com/login/oauth",
                "authorization_endpoint": "https://github.com/login/oauth/authorize",
                "token_endpoint": "https://github.com/login/oauth/access_token",
                "userinfo_endpoint": "https://api.github.com/user",
                "userinfo_claims": { "sub": "/id" },
                "scopes": ["read:user", "user:email"],
                "token_endpoint_auth_method": "client_secret_post",
            }),
        };
        match members {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    /// The mail domains for which its addresses may identify a user: those whose mailboxes it runs.
    /// `None` if the operator decides. Apple and GitHub verify an address elsewhere once, and do
    /// not notice that it passes to another user.
    pub fn mail_domains(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Apple => Some(&["icloud.com", "me.com", "mac.com", "privaterelay.appleid.com"]),
            Self::GitHub => Some(&[]),
            Self::Google | Self::Microsoft | Self::Kakao | Self::Naver | Self::Line => None,
        }
    }

    /// Whether it supports `max_age` and `prompt=login`, and its ID tokens have `auth_time`.
    pub fn discloses_auth_time(self) -> bool {
        matches!(self, Self::Microsoft | Self::Kakao | Self::Line)
    }

    /// Whether it ignores `max_age`, so that only `prompt=login` leads to a later authentication.
    pub fn ignores_max_age(self) -> bool {
        self == Self::Kakao
    }

    /// Whether its ID tokens have `auth_time` only if the request has `max_age`.
    pub fn needs_max_age(self) -> bool {
        self == Self::Line
    }

    /// Whether its ID tokens are signed with the client secret (HS256) instead of a published key.
    /// Those of LINE are in a web sign-in.
    pub fn signs_with_client_secret(self) -> bool {
        self == Self::Line
    }

    /// Whether the authorization response must be posted
    /// ([OAuth 2.0 Form Post Response
    /// Mode](https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html)). Apple does
    /// nothing else if it is asked for the name or the address.
    pub fn posts_response(self, scopes: &[String]) -> bool {
        self == Self::Apple && scopes.iter().any(|scope| matches!(scope.as_str(), "name" | "email"))
    }

    /// Whether the token request repeats `state`, as NAVER demands.
    pub fn repeats_state(self) -> bool {
        self == Self::Naver
    }

    /// Whether the addresses are at an endpoint of their own, below the userinfo endpoint.
    pub fn has_emails_endpoint(self) -> bool {
        self == Self::GitHub
    }

    /// The issuer that an ID token with these claims must name: the configured one, or that of the
    /// tenant in `tid` if the configured one stands for several. The signature has been verified.
    ///
    /// # Errors
    /// [`Broken`] if the user's tenant is not one of them.
    pub fn issuer_of<'a>(self, issuer: &'a str, claims: &Value) -> Result<Cow<'a, str>, Broken> {
        let Some(shared) = self.shared_tenant(issuer) else { return Ok(Cow::Borrowed(issuer)) };
        let tenant = tenant_of(claims).unwrap_or_default();
        let is_tenant = Uuid::try_parse(tenant).is_ok_and(|id| id.hyphenated().to_string() == tenant);
        Broken::unless(is_tenant, "tid of the ID token is not a tenant", || tenant.to_owned())?;
        let is_included = shared != "organizations" || tenant != PERSONAL_TENANT;
        Broken::unless(is_included, "tid of the ID token is that of personal accounts", String::new)?;
        Ok(Cow::Owned(issuer.replacen(&format!("/{shared}/"), &format!("/{tenant}/"), 1)))
    }

    /// The subject that identifies the user together with the configured issuer. It names the
    /// tenant as well if that issuer stands for several.
    pub fn subject_of(self, issuer: &str, claims: &Value, sub: String) -> String {
        match (self.shared_tenant(issuer), tenant_of(claims)) {
            (Some(_), Some(tenant)) => format!("{tenant}/{sub}"),
            _ => sub,
        }
    }

    /// Whether the configured issuer stands for several, so that no logout names it.
    pub fn has_several_issuers(self, issuer: &str) -> bool {
        self.shared_tenant(issuer).is_some()
    }

    /// Whether the configured issuer is, or stands for, the issuer `iss` of a logout in a frame
    /// ([OpenID Connect Front-Channel Logout
    /// §3](https://openid.net/specs/openid-connect-frontchannel-1_0.html#RPLogout)).
    pub fn stands_for(self, issuer: &str, iss: &str) -> bool {
        let Some(shared) = self.shared_tenant(issuer) else { return iss == issuer };
        let tenant = issuer.split_once(&format!("/{shared}/")).and_then(|(before, after)| {
            iss.strip_prefix(before)?.strip_prefix('/')?.strip_suffix(after)?.strip_suffix('/')
        });
        tenant.is_some_and(|tenant| self.issuer_of(issuer, &json!({ "tid": tenant })).is_ok())
    }

    fn shared_tenant(self, issuer: &str) -> Option<&'static str> {
        let is_of = |tenant: &&str| self == Self::Microsoft && issuer.contains(&format!("/{tenant}/"));
        SHARED_TENANTS.into_iter().find(is_of)
    }

    /// Removes from an ID token or a userinfo response what does not mean what it seems to, and
    /// puts names where the configuration expects them.
    pub fn amend(self, document: &mut Value) {
        let Some(members) = document.as_object_mut() else { return };
        match self {
            // An address elsewhere was verified once. Google does not run its mailbox, and may not
            // know that it has another owner.
            Self::Google => {
                let is_own = text(members, "email").is_some_and(|email| email.to_lowercase().ends_with("@gmail.com"));
                if !is_own && text(members, "hd").is_none() {
                    members.insert("email_verified".to_owned(), json!(false));
                }
            }
            // Administrators of a tenant enter any address. `xms_edov` says that it is verified.
            Self::Microsoft => {
                let is_verified = members.get("xms_edov").is_some_and(is_true);
                members.insert("email_verified".to_owned(), json!(is_verified));
            }
            // An address is the user's if it is valid as well as verified. ID tokens say neither.
            Self::Kakao => {
                members.remove("email");
                if let Some(Value::Object(account)) = members.get_mut("kakao_account")
                    && !account.get("is_email_valid").is_some_and(is_true)
                {
                    account.insert("is_email_verified".to_owned(), json!(false));
                }
            }
            // The address is one to write to, which users enter. The name may be withheld.
            Self::Naver => {
                if let Some(Value::Object(response)) = members.get_mut("response") {
                    response.remove("email_verified");
                    if let (None, Some(nickname)) = (text(response, "name"), text(response, "nickname")) {
                        let nickname = nickname.to_owned();
                        response.insert("name".to_owned(), json!(nickname));
                    }
                }
            }
            // The profile has a public address. Those that are verified are elsewhere.
            Self::GitHub => {
                members.remove("email");
                if let (None, Some(login)) = (text(members, "name"), text(members, "login")) {
                    let login = login.to_owned();
                    members.insert("name".to_owned(), json!(login));
                }
            }
            Self::Apple | Self::Line => {}
        }
    }
}

/// The address in a list of GitHub's addresses that is verified and the primary one.
pub fn primary_email(emails: &Value) -> Option<&str> {
    let is = |email: &Value, member: &str| email.get(member) == Some(&Value::Bool(true));
    let primary = emails.as_array()?.iter().find(|email| is(email, "primary") && is(email, "verified"))?;
    primary.get("email")?.as_str()
}

/// The name in the `user` parameter that Apple posts once, at the first sign-in. It comes through
/// the browser, so it proves nothing.
pub fn posted_name(user: &str) -> Option<String> {
    let user: Value = serde_json::from_str(user).ok()?;
    let part = |pointer| user.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    display_name::parse(&format!("{} {}", part("/name/firstName"), part("/name/lastName")))
}

/// The claims of the JWT that is Apple's client secret. It may live for six months; this one is
/// made for each request.
pub fn apple_client_secret(team_id: &str, client_id: &str, now: i64) -> Value {
    const LIFETIME: i64 = 300;
    json!({
        "iss": team_id,
        "iat": now,
        "exp": now + LIFETIME,
        "aud": "https://appleid.apple.com",
        "sub": client_id,
    })
}

fn tenant_of(claims: &Value) -> Option<&str> {
    claims.get("tid").and_then(Value::as_str)
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Whether a claim is true, in the forms in which providers write it.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(is_true) => *is_true,
        Value::Number(number) => number.as_u64() == Some(1),
        Value::String(text) => matches!(text.as_str(), "true" | "1"),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
