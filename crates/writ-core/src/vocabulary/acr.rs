//! How the user authenticated: authentication context classes (OpenID Connect Core §2) and methods
//! ([RFC 8176](https://www.rfc-editor.org/rfc/rfc8176)).

/// The `acr` of a password sign-in.
pub const PASSWORD: &str = "urn:writ:acr:password";

/// `acr_values_supported`.
pub const SUPPORTED: [&str; 1] = [PASSWORD];

/// The `amr` of a sign-in with a password (RFC 8176 §2).
pub const PASSWORD_METHODS: [&str; 1] = ["pwd"];
