//! Verify access tokens.
