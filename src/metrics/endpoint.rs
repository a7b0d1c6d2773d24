//! The endpoints and groups of pages that are counted separately.

use strum::{IntoStaticStr, VariantArray};

/// What a request is for, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Endpoint {
    /// The authorization endpoint, and the return to it.
    Authorization,
    /// The token endpoint.
    Token,
    /// Pushed authorization requests.
    PushedAuthorization,
    /// Device authorization requests.
    DeviceAuthorization,
    /// Revocation.
    Revocation,
    /// Introspection.
    Introspection,
    /// Userinfo.
    Userinfo,
    /// Dynamic registration and its management.
    Registration,
    /// Logout by a client.
    EndSession,
    /// The key set.
    Jwks,
    /// Metadata documents.
    Metadata,
    /// The pages of a sign-in.
    SignIn,
    /// The consent page.
    Consent,
    /// The page for the code of a device.
    Device,
    /// The account pages.
    Account,
    /// The administration API.
    Administration,
    /// Everything else, also unknown paths.
    Other,
}

impl Endpoint {
    /// Every endpoint.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The value of the label.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The endpoint of a path without the path of the issuer.
    pub fn of(path: &str) -> Self {
        let mut segments = path.split('/').skip(1);
        match segments.next().unwrap_or_default() {
            "authorize" => Self::Authorization,
            "token" => Self::Token,
            "par" => Self::PushedAuthorization,
            "device_authorization" => Self::DeviceAuthorization,
            "revoke" => Self::Revocation,
            "introspect" => Self::Introspection,
            "userinfo" => Self::Userinfo,
            "register" => Self::Registration,
            "end_session" => Self::EndSession,
            "jwks" => Self::Jwks,
            ".well-known" => match segments.next().unwrap_or_default() {
                "oauth-authorization-server" | "openid-configuration" => Self::Metadata,
                _ => Self::Other,
            },
            "login" | "step-up" | "accounts" | "recover" => Self::SignIn,
            "consent" => Self::Consent,
            "device" => Self::Device,
            "account" => Self::Account,
            "admin" => Self::Administration,
            _ => Self::Other,
        }
    }
}

/// The class of a status, such as `4xx`.
pub fn status_class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/token", Endpoint::Token)]
    #[case("/authorize/resume", Endpoint::Authorization)]
    #[case("/register/client", Endpoint::Registration)]
    #[case("/.well-known/openid-configuration", Endpoint::Metadata)]
    #[case("/.well-known/oauth-authorization-server/auth", Endpoint::Metadata)]
    #[case("/.well-known/change-password", Endpoint::Other)]
    #[case("/account/apps", Endpoint::Account)]
    #[case("/tokens", Endpoint::Other)]
    #[case("/", Endpoint::Other)]
    #[case("", Endpoint::Other)]
    fn path_has_an_endpoint(#[case] path: &str, #[case] endpoint: Endpoint) {
        assert_eq!(Endpoint::of(path), endpoint);
    }
}
