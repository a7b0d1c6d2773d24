//! The data of a new user.

use writ_core::{
    StandardClaims,
    vocabulary::{
        login_name::{self, InvalidUsername},
        standard_claims::Malformed,
    },
};

use crate::{store::users::User, web::zone::Zone};

/// Why a user cannot be created like this.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// The username.
    #[error(transparent)]
    Username(#[from] InvalidUsername),
    /// The address.
    #[error("expected an e-mail address such as ada@example.com")]
    Email,
    /// A standard claim.
    #[error(transparent)]
    Claim(#[from] Malformed),
    /// The time zone.
    #[error("zoneinfo is not a time zone")]
    Zone,
    /// The claims cannot be stored.
    #[error("the claims cannot be stored")]
    Claims(#[from] serde_json::Error),
}

/// A user with a checked username, address and claims, without a password.
///
/// # Errors
/// [`Invalid`] with the reason.
pub fn user(
    username: &str,
    email: Option<&str>,
    email_verified: bool,
    claims: &StandardClaims,
) -> Result<User, Invalid> {
    check_claims(claims)?;
    let email = email.map(self::email).transpose()?;
    Ok(User {
        email_verified: email_verified && email.is_some(),
        email,
        claims: serde_json::to_string(claims)?,
        ..User::named(&login_name::username(username)?)
    })
}

/// A normalized e-mail address.
///
/// # Errors
/// [`Invalid::Email`].
pub fn email(text: &str) -> Result<String, Invalid> {
    login_name::email(text).ok_or(Invalid::Email)
}

/// Checks standard claims.
///
/// # Errors
/// [`Invalid`] with the reason.
pub fn check_claims(claims: &StandardClaims) -> Result<(), Invalid> {
    claims.check()?;
    let is_zone = claims.zoneinfo.as_deref().is_none_or(|zone| Zone::find(zone).is_some());
    if is_zone { Ok(()) } else { Err(Invalid::Zone) }
}
