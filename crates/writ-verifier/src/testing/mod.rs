//! An issuer in the same process.
