//! The providers with which users sign in.

use super::{Finding, Section};
use crate::{config::Settings, upstream::Providers};

/// Whether their client secrets can be read. Nothing without providers.
pub(super) fn check_secrets(settings: &Settings) -> Option<Finding> {
    let reason = Providers::new(settings).err()?;
    Some(Finding::error(
        "provider_secrets",
        Section::Providers,
        format!("{reason}."),
        "Add the client secret, or set token_endpoint_auth_method to \"none\".",
    ))
}
