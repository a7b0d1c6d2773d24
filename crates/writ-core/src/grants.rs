//! Grants: what a user allowed a client, from the authorization code to the last refresh.

use uuid::Uuid;

use crate::{
    Cause, ClientMetadata, Error, ScopeSet,
    authentication::Evidence,
    groups::GroupIds,
    scopes::{Qualified, ScopeIds, is_same_resource},
    token::{audience::ScopeOwner, refresh_token::Family},
    vocabulary::{claims_request::ClaimsRequest, client_metadata::ApplicationType, pkce::CodeChallenge},
};

/// Seconds for which an expired code is kept, so that the log can explain a late redemption.
pub const CODE_MEMORY: i64 = 3600;

/// An authorization grant ([RFC 6749 §1.3](https://www.rfc-editor.org/rfc/rfc6749#section-1.3)).
/// Times are seconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Also the id of the authorization code and of the refresh token family.
    pub id: Uuid,
    /// The user who granted it.
    pub user_id: Uuid,
    /// The identity provider whose policy granted it instead of the user.
    pub asserted_by: Option<String>,
    /// The client that holds it.
    pub client_id: String,
    /// The `sid` of the browser session in which it was granted.
    pub sid: Uuid,
    /// The `sid` of the session that the grant ends with. `None` if it outlives every session.
    pub bound_to: Option<Uuid>,
    /// The granted scope.
    pub scope: ScopeSet,
    /// The identities of the granted scopes.
    pub scope_ids: ScopeIds,
    /// The granted single claims (OpenID Connect Core §5.5).
    pub claims: ClaimsRequest,
    /// The audiences of the granted resource servers. An access token names one of them.
    pub resources: Vec<String>,
    /// When the user authenticated.
    pub auth_time: i64,
    /// How the user authenticated. Empty if an identity provider asserts it.
    pub evidence: Evidence,
    /// When it was granted.
    pub created_at: i64,
    /// The end that the user chose. Use does not extend it.
    pub ends_at: Option<i64>,
    /// When the row may be deleted: the end by idle time or age.
    pub expires_at: i64,
    /// The current state.
    pub state: GrantState,
}

/// The states of a grant, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantState {
    /// The authorization code was issued and not redeemed.
    CodeIssued(Code),
    /// Tokens were issued.
    Live(Live),
    /// The user, the client or a replay revoked the grant.
    Revoked,
}

/// An authorization code and what the authorization request bound it to
/// ([RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// When it expires.
    pub expires_at: i64,
    /// The `redirect_uri` of the request, if it had one.
    pub redirect_uri: Option<String>,
    /// The PKCE challenge of the request, if it had one.
    pub code_challenge: Option<CodeChallenge>,
    /// The `nonce` of the request, for the ID token.
    pub nonce: Option<String>,
}

/// The state of a grant after its first token response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// The redeemed code. `None` for a device grant.
    pub code: Option<Code>,
    /// The refresh token family. `None` if the client gets no refresh tokens.
    pub family: Option<Family>,
    /// When it was last used, with a precision of an hour.
    pub last_used_at: i64,
    /// The network of the last token request: an IPv4 address or IPv6 /64.
    pub last_used_network: String,
}

/// How long grants live, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantLifetimes {
    /// Maximum time without use.
    pub idle: i64,
    /// Maximum age. 0 if there is no limit.
    pub max: i64,
}

/// Facts outside of the grant that it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether the user's account is enabled.
    pub account_enabled: bool,
    /// Whether the session that the grant is bound to is still active.
    pub session_lives: bool,
}

/// When a redeemed grant ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// [`Grant::expires_at`].
    pub expires_at: i64,
    /// [`Grant::ends_at`].
    pub ends_at: Option<i64>,
    /// Whether it ends with a session.
    pub is_bound: bool,
}

impl Bounds {
    /// Checks that nothing has ended the grant at `now`.
    ///
    /// # Errors
    /// [`Ended`] with the reason.
    pub fn check(self, surroundings: Surroundings, now: i64) -> Result<(), Ended> {
        if !surroundings.account_enabled {
            return Err(Ended::AccountDisabled);
        }
        // A request that began before the user chose an end may have moved `expires_at` past it.
        if self.expires_at <= now || self.ends_at.is_some_and(|end| end <= now) {
            return Err(Ended::Expired);
        }
        if self.is_bound && !surroundings.session_lives {
            return Err(Ended::SessionEnded);
        }
        Ok(())
    }
}

/// Why a grant yields no tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Its code was not redeemed.
    NotRedeemed,
    /// It was revoked.
    Revoked,
    /// The account is disabled.
    AccountDisabled,
    /// It was idle for too long, is too old, or has reached the end that the user chose.
    Expired,
    /// The session that it is bound to has ended.
    SessionEnded,
}

impl Ended {
    /// The reason, for the log.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotRedeemed => "its code was not redeemed",
            Self::Revoked => "it was revoked",
            Self::AccountDisabled => "the account is disabled",
            Self::Expired => "it has expired",
            Self::SessionEnded => "the session that it is bound to has ended",
        }
    }

    /// The cause of a refused refresh token.
    pub fn cause(self) -> Cause {
        match self {
            Self::SessionEnded => Cause::SessionEnded,
            _ => Cause::GrantEnded,
        }
    }
}

impl Grant {
    /// Checks that the grant yields tokens at `now` and returns its state.
    ///
    /// # Errors
    /// [`Ended`] with the reason.
    pub fn live(&self, surroundings: Surroundings, now: i64) -> Result<&Live, Ended> {
        let live = match &self.state {
            GrantState::CodeIssued(_) => return Err(Ended::NotRedeemed),
            GrantState::Revoked => return Err(Ended::Revoked),
            GrantState::Live(live) => live,
        };
        let bounds = Bounds { expires_at: self.expires_at, ends_at: self.ends_at, is_bound: self.bound_to.is_some() };
        bounds.check(surroundings, now)?;
        Ok(live)
    }

    /// The granted scopes that still have the identity that the user allowed, and whose conditions
    /// the user meets, who is directly in `groups`.
    pub fn scope_in_force<'a>(&self, groups: &GroupIds, owner: impl Fn(&str) -> Option<ScopeOwner<'a>>) -> ScopeSet {
        let user = Qualified { groups, acr: self.evidence.acr() };
        self.scope_ids.in_force(&self.scope, user, owner)
    }

    /// All scopes that the user allowed, including those that represent single claims.
    pub fn allowed(&self) -> ScopeSet {
        self.scope.union(&self.claims.scopes())
    }

    /// The resource server of a token: the `resource` of the token request, within the grant
    /// ([RFC 8707 §2.2](https://www.rfc-editor.org/rfc/rfc8707#section-2.2)).
    ///
    /// # Errors
    /// `invalid_target` if the resource was not granted, or if several were and the request names
    /// none.
    pub fn resource(&self, requested: Option<&str>) -> Result<&str, Error> {
        match (requested, self.resources.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => Err(Error::new(
                Cause::ResourceMissing,
                "several resources were granted: name the one that the access token is for",
            )
            .because(self.resources.join(" "))),
            (Some(requested), granted) => {
                granted.iter().find(|resource| is_same_resource(resource, requested)).map(String::as_str).ok_or_else(
                    || {
                        Error::new(Cause::ResourceNotGranted, "resource is not one that was granted")
                            .expected(granted.join(" "), requested)
                    },
                )
            }
        }
    }
}

/// Which session a grant ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// No session: the client works while the user is away.
    Unbound,
    /// The browser session in which it was granted.
    Browser,
    /// A session for this client alone, which the user can see and end among the sessions.
    Own,
}

/// Chooses the session that a grant of `scope` ends with. `offline_access` "grants access to the
/// End-User's UserInfo Endpoint even when the End-User is not present"
/// ([OpenID Connect Core
/// §11](https://openid.net/specs/openid-connect-core-1_0.html#OfflineAccess)).
/// A device or a native app has no browser session.
pub fn binding(client: &ClientMetadata, scope: &ScopeSet, by_device_code: bool) -> Binding {
    let native = client.is_public() && client.application_type == ApplicationType::Native;
    if by_device_code || native {
        Binding::Own
    } else if works_offline(client, scope) {
        Binding::Unbound
    } else {
        Binding::Browser
    }
}

/// Whether a client may use a grant of `scope` while the user is away, because of its registration
/// or the user's decision.
pub fn works_offline(client: &ClientMetadata, scope: &ScopeSet) -> bool {
    client.implicit_offline_access || scope.contains("offline_access")
}

/// Whether the user's decision about `offline_access` has an effect. It has none if the grant ends
/// with no browser session anyway, and the client refreshes without that scope.
pub fn offline_access_matters(client: &ClientMetadata, by_device_code: bool) -> bool {
    client.require_offline_access || binding(client, &ScopeSet::default(), by_device_code) == Binding::Browser
}

/// When a grant used at `now` expires: by idle time or age, rounded up to the hour so that the
/// index rarely changes, or exactly at the end that the user chose.
pub fn expiry(lifetimes: GrantLifetimes, created_at: i64, ends_at: Option<i64>, now: i64) -> i64 {
    let idle = now + lifetimes.idle;
    let by_age = match lifetimes.max {
        0 => idle,
        max => idle.min(created_at + max),
    };
    let rounded = (by_age + 3599) / 3600 * 3600;
    ends_at.map_or(rounded, |end| rounded.min(end))
}

#[cfg(test)]
pub(crate) mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    pub(crate) const ALL_WELL: Surroundings = Surroundings { account_enabled: true, session_lives: true };

    /// A live grant of `scope` for one resource server.
    pub(crate) fn live_grant(scope: &str, family: Option<Family>) -> Grant {
        Grant {
            id: Uuid::from_u128(1),
            user_id: Uuid::from_u128(2),
            asserted_by: None,
            client_id: "shop".to_owned(),
            sid: Uuid::from_u128(3),
            bound_to: None,
            scope: ScopeSet::parse(scope).expect("a scope list"),
            scope_ids: ScopeIds::default(),
            claims: ClaimsRequest::default(),
            resources: vec!["https://talk.example".to_owned()],
            auth_time: 0,
            evidence: Evidence::password(0),
            created_at: 0,
            ends_at: None,
            expires_at: 10_000,
            state: GrantState::Live(Live { code: None, family, last_used_at: 0, last_used_network: String::new() }),
        }
    }

    #[rstest]
    #[case(3600, None, 7200, 0, 10_800)]
    #[case(3601, None, 7200, 0, 14_400)]
    #[case(3600, Some(9000), 7200, 0, 9000)]
    #[case(3600, Some(99_000), 7200, 0, 10_800)]
    #[case(3600, None, 7200, 7200, 7200)]
    fn grant_expires_by_idleness_age_or_choice(
        #[case] now: i64,
        #[case] ends_at: Option<i64>,
        #[case] idle: i64,
        #[case] max: i64,
        #[case] expected: i64,
    ) {
        assert_eq!(expiry(GrantLifetimes { idle, max }, 0, ends_at, now), expected);
    }

    #[test]
    fn grant_is_live_until_revoked_expired_or_its_session_ends() {
        let ended = |change: &dyn Fn(&mut Grant, &mut Surroundings)| {
            let (mut grant, mut surroundings) = (live_grant("openid", None), ALL_WELL);
            change(&mut grant, &mut surroundings);
            grant.live(surroundings, 5000).err()
        };
        assert_eq!(ended(&|_, _| {}), None);
        assert_eq!(ended(&|grant, _| grant.state = GrantState::Revoked), Some(Ended::Revoked));
        assert_eq!(ended(&|_, surroundings| surroundings.account_enabled = false), Some(Ended::AccountDisabled));
        assert_eq!(ended(&|grant, _| grant.expires_at = 5000), Some(Ended::Expired));
        assert_eq!(ended(&|grant, _| grant.ends_at = Some(5000)), Some(Ended::Expired));
        assert_eq!(ended(&|grant, _| grant.ends_at = Some(5001)), None);
        let session_ended = |bound_to| {
            ended(&move |grant: &mut Grant, surroundings: &mut Surroundings| {
                grant.bound_to = bound_to;
                surroundings.session_lives = false;
            })
        };
        assert_eq!(session_ended(None), None, "an unbound grant outlives its session");
        assert_eq!(session_ended(Some(Uuid::from_u128(3))), Some(Ended::SessionEnded));
    }

    #[rstest]
    #[case(&["a"], None, Ok("a"))]
    #[case(&["a"], Some("a"), Ok("a"))]
    #[case(&["a", "b"], Some("b"), Ok("b"))]
    #[case(&["a", "b"], None, Err(Cause::ResourceMissing))]
    #[case(&["a", "b"], Some("c"), Err(Cause::ResourceNotGranted))]
    fn token_request_names_a_granted_resource(
        #[case] granted: &[&str],
        #[case] requested: Option<&str>,
        #[case] expected: Result<&str, Cause>,
    ) {
        let mut grant = live_grant("openid", None);
        grant.resources = granted.iter().map(|resource| (*resource).to_owned()).collect();
        assert_eq!(grant.resource(requested).map_err(|error| error.cause), expected);
    }

    #[rstest]
    #[case::browser(json!({}), "openid", false, Binding::Browser)]
    #[case::offline_access(json!({}), "openid offline_access", false, Binding::Unbound)]
    #[case::by_registration(json!({ "implicit_offline_access": true }), "openid", false, Binding::Unbound)]
    #[case::device(json!({}), "openid offline_access", true, Binding::Own)]
    #[case::native(
        json!({ "application_type": "native", "token_endpoint_auth_method": "none" }), "openid", false, Binding::Own
    )]
    #[case::confidential_native(json!({ "application_type": "native" }), "openid", false, Binding::Browser)]
    #[case::public_web(json!({ "token_endpoint_auth_method": "none" }), "openid", false, Binding::Browser)]
    fn grant_ends_with_a_session_unless_offline_access_was_granted(
        #[case] mut metadata: serde_json::Value,
        #[case] scope: &str,
        #[case] by_device_code: bool,
        #[case] expected: Binding,
    ) {
        metadata["client_name"] = json!("Shop");
        let metadata: ClientMetadata = serde_json::from_value(metadata).expect("metadata");
        assert_eq!(binding(&metadata, &ScopeSet::from_stored(scope), by_device_code), expected);
    }

    #[rstest]
    #[case::web(json!({}), false, true)]
    #[case::device(json!({}), true, false)]
    #[case::native(json!({ "application_type": "native", "token_endpoint_auth_method": "none" }), false, false)]
    #[case::by_registration(json!({ "implicit_offline_access": true }), false, false)]
    #[case::needed_to_refresh(json!({ "require_offline_access": true }), true, true)]
    fn offline_access_matters_where_the_browser_session_or_the_refresh_token_depends_on_it(
        #[case] mut metadata: serde_json::Value,
        #[case] by_device_code: bool,
        #[case] expected: bool,
    ) {
        metadata["client_name"] = json!("Shop");
        let metadata: ClientMetadata = serde_json::from_value(metadata).expect("metadata");
        assert_eq!(offline_access_matters(&metadata, by_device_code), expected);
    }
}
