//! The `display` parameter (OpenID Connect Core §3.1.2.1).

/// `display_values_supported`. Pages adapt to every screen, so the values make no difference.
pub const SUPPORTED: [&str; 4] = ["page", "popup", "touch", "wap"];
