//! Password hashes that another server made: bcrypt, PBKDF2 and scrypt. They are verified until
//! their user signs in, and are then replaced by a hash of our own.

use std::num::NonZeroU32;

use argon2::{
    Algorithm, Params as Argon2Params, Version,
    password_hash::phc::{Output, PasswordHash, Salt},
};
use aws_lc_rs::pbkdf2;

/// The largest cost of bcrypt, which takes about half a second.
const MAX_BCRYPT_COST: u32 = 13;
/// The most iterations of PBKDF2.
const MAX_ITERATIONS: u64 = 1_000_000;
/// The most memory of scrypt and Argon2 in bytes, for all their passes together.
const MAX_BYTES: u64 = 1 << 28;
/// The most memory in bytes that one password may use.
const MAX_MEMORY: u64 = 1 << 26;

/// Why a hash cannot be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHash {
    /// The format.
    #[error("expected a hash of argon2, bcrypt, pbkdf2-sha1, pbkdf2-sha256, pbkdf2-sha512 or scrypt")]
    Unknown,
    /// The parameters: a sign-in would occupy a thread for too long.
    #[error("the parameters of the password hash cost more than a second")]
    Expensive,
}

/// Checks a hash that another server made.
///
/// # Errors
/// [`InvalidHash`] with the reason.
pub fn check(stored: &str) -> Result<(), InvalidHash> {
    match Foreign::parse(stored) {
        Ok(_) => Ok(()),
        Err(InvalidHash::Unknown) => check_argon2(stored),
        Err(expensive) => Err(expensive),
    }
}

fn check_argon2(stored: &str) -> Result<(), InvalidHash> {
    let phc = PasswordHash::new(stored).map_err(|_| InvalidHash::Unknown)?;
    let version = phc.version.and_then(|version| Version::try_from(version).ok());
    let has_all = version.is_some() && phc.salt.is_some() && phc.hash.is_some();
    let known = has_all && Algorithm::try_from(phc.algorithm.as_str()).is_ok();
    let params = Argon2Params::try_from(&phc).ok().filter(|_| known).ok_or(InvalidHash::Unknown)?;
    let memory = u64::from(params.m_cost()) * 1024;
    bounded(memory, memory, params.t_cost())
}

/// Checks a hash that uses `memory` bytes, and makes `passes` passes over `bytes` bytes.
fn bounded(memory: u64, bytes: u64, passes: u32) -> Result<(), InvalidHash> {
    let fits = memory <= MAX_MEMORY && bytes.saturating_mul(passes.into()) <= MAX_BYTES;
    if fits { Ok(()) } else { Err(InvalidHash::Expensive) }
}

/// A parsed hash.
pub(super) enum Foreign<'a> {
    Bcrypt(&'a str),
    Pbkdf2(pbkdf2::Algorithm, NonZeroU32, Salt, Output),
    Scrypt(scrypt::Params, Salt, Output),
}

impl<'a> Foreign<'a> {
    /// Parses bcrypt's own format, or the
    /// [PHC format](https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md).
    pub(super) fn parse(stored: &'a str) -> Result<Self, InvalidHash> {
        if let Ok(parts) = stored.parse::<bcrypt::HashParts>() {
            let fits = parts.get_cost() <= MAX_BCRYPT_COST;
            return if fits { Ok(Self::Bcrypt(stored)) } else { Err(InvalidHash::Expensive) };
        }
        let phc = PasswordHash::new(stored).map_err(|_| InvalidHash::Unknown)?;
        let (Some(salt), Some(hash)) = (phc.salt, phc.hash) else { return Err(InvalidHash::Unknown) };
        let number = |name: &str| phc.params.get_decimal(name).ok_or(InvalidHash::Unknown);
        let (algorithm, block) = match phc.algorithm.as_str() {
            "pbkdf2-sha1" => (pbkdf2::PBKDF2_HMAC_SHA1, 20),
            "pbkdf2-sha256" => (pbkdf2::PBKDF2_HMAC_SHA256, 32),
            "pbkdf2-sha512" => (pbkdf2::PBKDF2_HMAC_SHA512, 64),
            "scrypt" => {
                let (ln, r, p) = (number("ln")?, number("r")?, number("p")?);
                let ln = u8::try_from(ln).ok().filter(|ln| *ln < 32).ok_or(InvalidHash::Unknown)?;
                // A pass has `n` blocks, and each of the `p` passes one more, all of them at once.
                let (block, n) = (128 * u64::from(r), 1_u64 << ln);
                bounded(block.saturating_mul(n.max(p.into())), block.saturating_mul(n), p)?;
                let params = scrypt::Params::new(ln, r, p).map_err(|_| InvalidHash::Unknown)?;
                return Ok(Self::Scrypt(params, salt, hash));
            }
            _ => return Err(InvalidHash::Unknown),
        };
        let iterations = NonZeroU32::new(number("i")?).ok_or(InvalidHash::Unknown)?;
        // Each block of the output costs all iterations.
        if u64::from(iterations.get()) * hash.len().div_ceil(block) as u64 > MAX_ITERATIONS {
            return Err(InvalidHash::Expensive);
        }
        Ok(Self::Pbkdf2(algorithm, iterations, salt, hash))
    }

    /// Whether this is the hash of `password`, as it was typed.
    pub(super) fn matches(&self, password: &str) -> bool {
        match self {
            Self::Bcrypt(hash) => bcrypt::verify(password, hash).unwrap_or(false),
            Self::Pbkdf2(algorithm, iterations, salt, hash) => {
                pbkdf2::verify(*algorithm, *iterations, salt, password.as_bytes(), hash.as_bytes()).is_ok()
            }
            Self::Scrypt(params, salt, hash) => {
                let mut bytes = [0; Output::MAX_LENGTH];
                let Some(bytes) = bytes.get_mut(..hash.len()) else { return false };
                let hashed = scrypt::scrypt(password.as_bytes(), salt, params, bytes);
                // The comparison takes constant time.
                hashed.is_ok() && Output::new(bytes).is_ok_and(|again| again == *hash)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Python's `hashlib` and `bcrypt`, of `correct horse`.
    const FOREIGN: [&str; 5] = [
        "$2b$04$czaL4pEQKGw/PfZvi7EhUuKAbouw06zRGQr75tjljObJs7yClpE2K",
        "$pbkdf2-sha1$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$aUfE2vx5Q7zgbb0jx49AaNpXUQQ",
        "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M",
        "$pbkdf2-sha512$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$OM0FAoIqCVK1sWtxDiffVlBejtLa+ks4TP71JiecwuSZCG8iLbnlIEPOMoVX+i2B2wkSxjQ8CRGR9OkNGuIPMQ",
        "$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$OAkZqUBelG6VIYdTJfYSENL5OmZRxMa3GwXn5oFliTg",
    ];

    #[test]
    fn foreign_hash_matches_its_password_only() {
        for stored in FOREIGN {
            let Ok(parsed) = Foreign::parse(stored) else { panic!("{stored}") };
            assert!(parsed.matches("correct horse"), "{stored}");
            assert!(!parsed.matches("correct horsf"), "{stored}");
            assert_eq!(check(stored), Ok(()), "{stored}");
        }
    }

    #[test]
    fn hash_with_an_unknown_format_or_costly_parameters_is_refused() {
        let [bcrypt, _, sha256, _, scrypt] = FOREIGN;
        let argon2 = crate::password::DECOY;
        assert_eq!(check(argon2), Ok(()));
        for (stored, reason) in [
            (String::new(), InvalidHash::Unknown),
            ("correct horse".to_owned(), InvalidHash::Unknown),
            ("5f4dcc3b5aa765d61d8327deb882cf99".to_owned(), InvalidHash::Unknown),
            (sha256.replace("sha256", "md5"), InvalidHash::Unknown),
            (sha256.replace("i=1000", "i=0"), InvalidHash::Unknown),
            (sha256.replace("i=1000", "i=1000001"), InvalidHash::Expensive),
            (bcrypt.replace("$04$", "$14$"), InvalidHash::Expensive),
            (scrypt.replace("ln=4", "ln=17"), InvalidHash::Expensive),
            (scrypt.replace("p=1", "p=1000000"), InvalidHash::Expensive),
            (scrypt.replace("ln=4", "ln=1").replace("p=1", "p=131072"), InvalidHash::Expensive),
            (scrypt.replace("ln=4", "ln=31").replace("r=8", "r=67108864"), InvalidHash::Expensive),
            (scrypt.replace("ln=4", "ln=99"), InvalidHash::Unknown),
            (argon2.replace("m=19456", "m=65537"), InvalidHash::Expensive),
            (argon2.replace("t=2", "t=1000"), InvalidHash::Expensive),
            (argon2.replace("$v=19", ""), InvalidHash::Unknown),
            (sha256.replace("i=1000", "i=500001").replace("sha256", "sha1"), InvalidHash::Expensive),
            (argon2.replace("argon2id", "argon3"), InvalidHash::Unknown),
        ] {
            assert_eq!(check(&stored), Err(reason), "{stored}");
        }
    }
}
