//! The part of a page that asks for a passkey. `static/passkey.js` shows it where the browser can
//! use one.

use crate::{
    fault::Fault,
    server::Server,
    sessions::passkeys::{
        Unaccepted, ask,
        ceremony::{Asked, Bound},
    },
    store::passkeys::Passkey,
    web::page::PageContext,
};

/// A form that a passkey fills in.
#[derive(Debug, Clone)]
pub struct PasskeyPrompt {
    /// The path that the form is posted to.
    pub action: &'static str,
    /// Its hidden fields.
    pub fields: Vec<(&'static str, String)>,
    /// What it asks of the authenticator.
    pub asked: Asked,
    /// Whether the browser offers passkeys in the username field
    /// ([Web Authentication §5.1.4](https://www.w3.org/TR/webauthn-3/#sctn-getAssertion)).
    pub fills_in: bool,
}

impl PasskeyPrompt {
    /// The prompt that signs anybody in. `None` if the server has no passkeys.
    ///
    /// # Errors
    /// As for [`ask`].
    pub fn sign_in(server: &Server, browser: &str, fields: Vec<(&'static str, String)>) -> Result<Option<Self>, Fault> {
        let asked = ask(server, &Bound::sign_in(browser), &[])?;
        Ok(asked.map(|asked| Self { action: "/login", fields, asked, fills_in: true }))
    }

    /// The prompt that signs in with one of these passkeys. `None` if there is none.
    ///
    /// # Errors
    /// As for [`ask`].
    pub fn sign_in_with(
        server: &Server,
        browser: &str,
        passkeys: &[Passkey],
        fields: Vec<(&'static str, String)>,
    ) -> Result<Option<Self>, Fault> {
        Self::one_of(server, &Bound::sign_in(browser), passkeys, "/login", fields)
    }

    /// The prompt for one of these passkeys of the signed-in user. `None` if there is none.
    ///
    /// # Errors
    /// As for [`ask`].
    pub fn proof(
        server: &Server,
        session_id: &str,
        passkeys: &[Passkey],
        action: &'static str,
        fields: Vec<(&'static str, String)>,
    ) -> Result<Option<Self>, Fault> {
        Self::one_of(server, &Bound::proof(session_id), passkeys, action, fields)
    }

    /// The prompt for the passkey of a new account, whose address a mail confirms. `None` if the
    /// server has no passkeys.
    ///
    /// # Errors
    /// As for [`ask`].
    pub fn sign_up(
        server: &Server,
        browser: &str,
        passkey: Passkey,
        fields: Vec<(&'static str, String)>,
    ) -> Result<Option<Self>, Fault> {
        Self::one_of(server, &Bound::sign_up_link(browser), &[passkey], "/sign-up/link", fields)
    }

    fn one_of(
        server: &Server,
        bound: &Bound<'_>,
        passkeys: &[Passkey],
        action: &'static str,
        fields: Vec<(&'static str, String)>,
    ) -> Result<Option<Self>, Fault> {
        if passkeys.is_empty() {
            return Ok(None);
        }
        let asked = ask(server, bound, passkeys)?;
        Ok(asked.map(|asked| Self { action, fields, asked, fills_in: false }))
    }
}

/// Why a passkey was not accepted, as text.
pub(super) fn problem(page: &PageContext, unaccepted: Unaccepted) -> String {
    page.text(match unaccepted {
        Unaccepted::Stale => "passkey-stale",
        Unaccepted::Refused => "passkey-refused",
    })
}
