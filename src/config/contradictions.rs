//! Combinations of settings that are not allowed.

use super::{ListenAddress, ServerSettings, Settings, SignUpMode};

/// Two keys with contradicting values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contradiction {
    /// The key that was set.
    pub first: &'static str,
    /// The key that it contradicts.
    pub second: &'static str,
    /// The rule that they break.
    pub reason: &'static str,
}

/// The first such combination in `settings`.
pub(super) fn find(settings: &Settings) -> Option<Contradiction> {
    rules(settings)
        .into_iter()
        .find_map(|(broken, first, second, reason)| broken.then_some(Contradiction { first, second, reason }))
}

/// Whether a declared proxy, or one on this machine, may terminate TLS.
fn has_proxy(server: &ServerSettings) -> bool {
    let is_unix = |address: &ListenAddress| matches!(address, ListenAddress::Unix(_));
    !server.trusted_proxies.is_empty()
        || !server.proxy_protocol.is_empty()
        || server.listen.addresses().iter().all(is_unix)
}

type Rule = (bool, &'static str, &'static str, &'static str);

fn rules(settings: &Settings) -> [Rule; 15] {
    let Settings {
        server,
        tls,
        keys,
        tokens,
        sessions,
        identity_assertions,
        mail,
        metrics,
        sign_up,
        terms,
        upstream,
        ..
    } = settings;
    let is_own = |issuer: &str| issuer.trim_end_matches('/') == server.issuer.as_str();
    let https = server.issuer.is_https();
    let longest_token = tokens.access_token_lifetime.max(tokens.id_token_lifetime);
    [
        (
            !server.issuer.is_allowed(&server.insecure_hosts),
            "server.issuer",
            "server.insecure_hosts",
            "plain http is accepted for a loopback host, or for a host in `server.insecure_hosts`",
        ),
        (
            terms.version.is_some() && terms.url.is_none(),
            "terms.version",
            "terms.url",
            "a version to accept needs the terms",
        ),
        (
            terms.version.is_none() && (terms.url.is_some() || terms.privacy_url.is_some()),
            "terms.url",
            "terms.version",
            "terms to accept need a version",
        ),
        (
            tls.certificate.is_some() && tls.private_key.is_none(),
            "tls.certificate",
            "tls.private_key",
            "a certificate needs its private key",
        ),
        (
            tls.private_key.is_some() && tls.certificate.is_none(),
            "tls.private_key",
            "tls.certificate",
            "a private key needs its certificate",
        ),
        (
            https && tls.certificate.is_none() && !has_proxy(server),
            "server.issuer",
            "server.trusted_proxies",
            "an https issuer needs `tls.certificate` and `tls.private_key`, or the proxy that \
             speaks TLS in front named in `server.trusted_proxies`",
        ),
        (
            !https && tls.certificate.is_some(),
            "server.issuer",
            "tls.certificate",
            "a server with a certificate needs an https issuer",
        ),
        (
            sessions.idle_lifetime > sessions.lifetime,
            "sessions.idle_lifetime",
            "sessions.lifetime",
            "a session cannot idle longer than it lives",
        ),
        (
            keys.rotation_interval != 0 && keys.rotation_interval < longest_token,
            "keys.rotation_interval",
            "tokens.access_token_lifetime",
            "a key signs at least as long as its longest token (access or ID token) is valid",
        ),
        (
            sign_up.mode == SignUpMode::Open && mail.url.is_none(),
            "sign_up.mode",
            "mail.url",
            "an address is confirmed with a mail",
        ),
        (
            metrics.listen.as_ref().is_some_and(|listen| server.listen.addresses().contains(listen)),
            "metrics.listen",
            "server.listen",
            "metrics have an address of their own, because they are not for the public",
        ),
        (mail.url.is_some() && mail.from.is_none(), "mail.url", "mail.from", "a mail needs a sender"),
        (
            identity_assertions.trusted_issuers.iter().any(|trusted| is_own(trusted.issuer.as_str())),
            "identity_assertions.trusted_issuers",
            "server.issuer",
            "a server does not accept its own identity assertions",
        ),
        (
            identity_assertions.allowed.iter().any(|policy| is_own(&policy.audience)),
            "identity_assertions.allowed",
            "server.issuer",
            "a server does not issue identity assertions for itself",
        ),
        (
            upstream.providers.iter().any(|provider| is_own(provider.issuer.as_str())),
            "upstream.providers",
            "server.issuer",
            "users do not sign in with this server at this server",
        ),
    ]
}
