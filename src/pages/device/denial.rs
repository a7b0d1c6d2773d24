//! The form with which a user denies a device before anything is due: the terms, or a second
//! factor.

use crate::{requests::UserCode, server::Server, sessions::csrf};

const PURPOSE: &str = "denial of a device";

/// The form. It posts `denial`, `user_code` and `decision=deny` to `/device`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The token of the form. It allows nothing.
    pub token: String,
    /// The user code.
    pub user_code: String,
}

impl Denial {
    /// The form for the device with this code, in this session.
    pub fn of(server: &Server, session: &str, code: &UserCode) -> Self {
        let user_code = code.to_string();
        Self { token: csrf::token(&server.front.form_key, PURPOSE, &[session, &user_code]), user_code }
    }

    /// The form for the device whose page has this path. `None` if the path has no code.
    pub fn of_path(server: &Server, session: &str, path: &str) -> Option<Self> {
        let code = path.strip_prefix(super::WITH_CODE).and_then(UserCode::parse)?;
        Some(Self::of(server, session, &code))
    }

    /// Whether `token` is that of the form.
    pub(super) fn is_shown(server: &Server, session: &str, code: &UserCode, token: &str) -> bool {
        csrf::verify(&server.front.form_key, PURPOSE, &[session, &code.to_string()], token)
    }
}
