//! The `display` parameter (OpenID Connect Core §3.1.2.1).

/// What metadata lists: every page fits each of them, so that none is shown differently.
pub const SUPPORTED: [&str; 4] = ["page", "popup", "touch", "wap"];
