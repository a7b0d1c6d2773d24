//! A client exchanges a user's sign-in for an identity assertion
//! ([RFC 8693 §2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.1), ID-JAG §4.3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Cause, ClientMetadata, Error, ScopeSet, scopes::is_same_resource, vocabulary::client_metadata::SubjectType,
};

/// Seconds for which an assertion is valid.
pub const LIFETIME: i64 = 300;

/// What the operator lets clients request at another authorization server: the
/// "administrator-defined policy" of ID-JAG §4.3.3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The issuer identifier of that server.
    pub audience: String,
    /// The resources there that clients may name.
    #[serde(default)]
    pub resources: Vec<String>,
    /// The scopes there that clients may request.
    #[serde(default)]
    pub scope: ScopeSet,
    /// Whether assertions contain the user's e-mail address.
    #[serde(default)]
    pub email: bool,
    /// The `client_id` at that server of each client of this server.
    pub clients: BTreeMap<String, String>,
}

/// The parameters of a token exchange.
#[derive(Debug, Clone, Copy)]
pub struct Requested<'a> {
    /// `audience`.
    pub audience: &'a str,
    /// `resource`.
    pub resource: Option<&'a str>,
    /// `scope`.
    pub scope: Option<&'a ScopeSet>,
}

/// What an assertion grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed<'a> {
    /// The issuer identifier of the other authorization server.
    pub audience: &'a str,
    /// The `client_id` of the client there.
    pub client_id: &'a str,
    /// The resource there.
    pub resource: Option<&'a str>,
    /// The scope there. Empty if the other server decides.
    pub scope: ScopeSet,
    /// Whether it contains the user's e-mail address.
    pub email: bool,
}

/// What the policies of the operator allow to a client: "The IdP evaluates administrator-defined
/// policy for the token exchange request and determines if the client should be granted access"
/// (ID-JAG §4.3.3). A resource belongs to one audience, so that no other server accepts the
/// assertion for it.
///
/// # Errors
/// `unauthorized_client` if no policy names the client, or the client has pairwise subjects: the
/// assertion would disclose the public one. `invalid_target` if the resource is not one of the
/// audience. `invalid_scope` if no requested scope is allowed.
pub fn allow<'a>(
    policies: &'a [Policy],
    client_id: &str,
    client: &ClientMetadata,
    requested: Requested<'_>,
) -> Result<Allowed<'a>, Error> {
    let denied = |description: &str| Error::new(Cause::AssertionNotAllowed, description).because(requested.audience);
    let policy = policies.iter().find(|policy| is_same_resource(&policy.audience, requested.audience));
    let (policy, own_id) = policy
        .and_then(|policy| Some((policy, policy.clients.get(client_id)?)))
        .ok_or_else(|| denied("no administrator allowed this client to request assertions for this audience"))?;
    if client.subject_type == SubjectType::Pairwise {
        return Err(denied("a client with pairwise subjects cannot request identity assertions"));
    }
    let resource = match (requested.resource, policy.resources.as_slice()) {
        (None, [only]) => Some(only.as_str()),
        (None, _) => None,
        (Some(resource), known) => {
            let found = known.iter().find(|known| is_same_resource(known, resource));
            let unknown = || {
                Error::new(Cause::ResourceNotGranted, "resource is not one of this audience")
                    .expected(known.join(" "), resource)
            };
            Some(found.ok_or_else(unknown)?.as_str())
        }
    };
    let scope = requested.scope.map_or(policy.scope.clone(), |scope| scope.intersect(&policy.scope));
    if let Some(requested) = requested.scope.filter(|_| scope.is_empty()) {
        return Err(Error::new(Cause::ScopeUnregistered, "no requested scope is allowed for this audience")
            .expected(policy.scope.to_string(), requested.to_string()));
    }
    Ok(Allowed { audience: &policy.audience, client_id: own_id, resource, scope, email: policy.email })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const CHAT: &str = "https://chat.example";

    fn allowed(client_id: &str, subject_type: &str, requested: Requested<'_>) -> Result<String, Cause> {
        let policies: Vec<Policy> = serde_json::from_value(json!([
            {
                "audience": CHAT, "resources": ["https://api.chat.example/mcp"], "scope": "chat.read chat.history",
                "clients": { "wiki": "f53f191f9311af35" },
            },
            {
                "audience": "https://mail.example", "resources": ["https://a.example", "https://b.example"],
                "clients": { "wiki": "wiki", "board": "board" }, "email": true,
            },
        ]))
        .expect("policies");
        let metadata = json!({ "client_name": "Wiki", "subject_type": subject_type });
        let metadata: ClientMetadata = serde_json::from_value(metadata).expect("client metadata");
        let allowed = allow(&policies, client_id, &metadata, requested);
        allowed
            .map(|Allowed { audience, client_id, resource, scope, email }| {
                format!("{client_id} at {audience}: {} {scope} {email}", resource.unwrap_or("-"))
            })
            .map_err(|error| error.cause)
    }

    #[rstest]
    #[case::everything(
        "wiki",
        CHAT,
        None,
        None,
        Ok("f53f191f9311af35 at https://chat.example: https://api.chat.example/mcp chat.read chat.history false")
    )]
    #[case::slash(
        "wiki",
        "https://chat.example/",
        None,
        None,
        Ok("f53f191f9311af35 at https://chat.example: https://api.chat.example/mcp chat.read chat.history false")
    )]
    #[case::less(
        "wiki",
        CHAT,
        Some("https://api.chat.example/mcp"),
        Some("chat.read chat.admin"),
        Ok("f53f191f9311af35 at https://chat.example: https://api.chat.example/mcp chat.read false")
    )]
    #[case::several_resources(
        "board",
        "https://mail.example",
        None,
        None,
        Ok("board at https://mail.example: -  true")
    )]
    #[case::one_of_them(
        "board",
        "https://mail.example",
        Some("https://b.example/"),
        None,
        Ok("board at https://mail.example: https://b.example  true")
    )]
    #[case::other_client("board", CHAT, None, None, Err(Cause::AssertionNotAllowed))]
    #[case::unknown_audience("wiki", "https://other.example", None, None, Err(Cause::AssertionNotAllowed))]
    #[case::resource_of_another("wiki", CHAT, Some("https://a.example"), None, Err(Cause::ResourceNotGranted))]
    #[case::scope_too_wide("wiki", CHAT, None, Some("chat.admin"), Err(Cause::ScopeUnregistered))]
    #[case::no_scope_allowed("wiki", "https://mail.example", None, Some("mail.read"), Err(Cause::ScopeUnregistered))]
    fn client_is_allowed_what_the_policy_says(
        #[case] client_id: &str,
        #[case] audience: &str,
        #[case] resource: Option<&str>,
        #[case] scope: Option<&str>,
        #[case] expected: Result<&str, Cause>,
    ) {
        let scope = scope.map(|scope| ScopeSet::parse(scope).expect("a scope list"));
        let requested = Requested { audience, resource, scope: scope.as_ref() };
        assert_eq!(allowed(client_id, "public", requested), expected.map(str::to_owned));
    }

    #[test]
    fn pairwise_client_never_learns_the_public_subject() {
        let requested = Requested { audience: CHAT, resource: None, scope: None };
        assert_eq!(allowed("wiki", "pairwise", requested), Err(Cause::AssertionNotAllowed));
    }
}
