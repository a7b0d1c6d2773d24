//! Identity assertions: the identity provider of a user grants a client access to an API of another
//! authorization server, by the policy of an operator and without a page of that server
//! ([Identity Assertion JWT Authorization
//! Grant](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant),
//! ID-JAG). [`accept`] is the side of that authorization server, [`issue`] the side of the identity
//! provider.

pub mod accept;
pub mod issue;

/// The `typ` of an identity assertion (§3.1).
pub const TYP: &str = "oauth-id-jag+jwt";

/// Its type in a token exchange (§4.3).
pub const TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:id-jag";

/// Its name in the metadata of a server that accepts it (§7.2).
pub const GRANT_PROFILE: &str = "urn:ietf:params:oauth:grant-profile:id-jag";
