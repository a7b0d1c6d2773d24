//! `[sign_up]`: who may create an account.

use serde::{Deserialize, Serialize};

/// Who may create an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignUpSettings {
    /// Who may create an account.
    pub mode: SignUpMode,
    /// The mail domains that may sign up with [`SignUpMode::Open`]. Empty: all.
    pub allowed_domains: Vec<String>,
    /// The mail domains that may not.
    pub blocked_domains: Vec<String>,
}

/// Who may create an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignUpMode {
    /// Only administrators create accounts.
    Off,
    /// Also users with an invitation of an administrator.
    Invitation,
    /// Also all users who confirm an address.
    Open,
}
