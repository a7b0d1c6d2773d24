//! Combinations of settings that are not allowed.

use super::{AcmeChallenge, AcmeSettings, ListenAddress, ServerSettings, Settings, SignUpMode};

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
        .chain(certificate_rules(settings))
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

fn rules(settings: &Settings) -> [Rule; 11] {
    let Settings {
        server, keys, tokens, sessions, identity_assertions, mail, metrics, sign_up, terms, upstream, ..
    } = settings;
    let is_own = |issuer: &str| issuer.trim_end_matches('/') == server.issuer.as_str();
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

/// Where the server's certificate comes from.
fn certificate_rules(settings: &Settings) -> [Rule; 12] {
    let Settings { server, tls, acme, metrics, .. } = settings;
    let https = server.issuer.is_https();
    let uses_acme = acme.challenge.is_some();
    let AcmeSettings { http_listen, external_account_id, external_account_key_file, .. } = acme;
    let is_unix = |address: &ListenAddress| matches!(address, ListenAddress::Unix(_));
    let is_taken =
        |listen: &ListenAddress| server.listen.addresses().contains(listen) || metrics.listen.as_ref() == Some(listen);
    [
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
            https && !settings.terminates_tls() && !has_proxy(server),
            "server.issuer",
            "server.trusted_proxies",
            "an https issuer needs `tls.certificate` and `tls.private_key`, or `acme.challenge`, or the \
             proxy that speaks TLS in front named in `server.trusted_proxies`",
        ),
        (
            !https && tls.certificate.is_some(),
            "server.issuer",
            "tls.certificate",
            "a server with a certificate needs an https issuer",
        ),
        (!https && uses_acme, "server.issuer", "acme.challenge", "a server with a certificate needs an https issuer"),
        (
            tls.certificate.is_some() && uses_acme,
            "tls.certificate",
            "acme.challenge",
            "the certificate comes either from files or from an authority",
        ),
        (
            uses_acme && !acme.terms_of_service_agreed,
            "acme.challenge",
            "acme.terms_of_service_agreed",
            "an authority issues certificates to those who have agreed to its terms of service",
        ),
        (
            uses_acme && acme.names(&server.issuer).is_empty(),
            "server.issuer",
            "acme.names",
            "an address has no name to get a certificate for",
        ),
        (
            acme.challenge == Some(AcmeChallenge::Http01)
                && http_listen.is_none()
                && !server.listen.addresses().iter().any(is_unix),
            "acme.challenge",
            "acme.http_listen",
            "the challenge is answered over plain http: on an address of its own, or on a Unix socket \
             of `server.listen`",
        ),
        (
            acme.challenge != Some(AcmeChallenge::Http01) && http_listen.is_some(),
            "acme.http_listen",
            "acme.challenge",
            "only the challenge `http-01` is answered over plain http",
        ),
        (
            http_listen.as_ref().is_some_and(is_taken),
            "acme.http_listen",
            "server.listen",
            "challenges over plain http have an address of their own",
        ),
        (
            external_account_id.is_some() != external_account_key_file.is_some(),
            "acme.external_account_id",
            "acme.external_account_key_file",
            "an external account has both an id and a key",
        ),
    ]
}
