//! How somebody proved who they are: authentication context classes (OpenID Connect Core §2) and methods (RFC 8176).

/// What a sign-in with a password is called in `acr`: the only class there is.
pub const PASSWORD: &str = "urn:writ:acr:password";

/// What metadata lists.
pub const SUPPORTED: [&str; 1] = [PASSWORD];

/// The `amr` of a sign-in with a password (RFC 8176 §2).
pub const PASSWORD_METHODS: [&str; 1] = ["pwd"];
