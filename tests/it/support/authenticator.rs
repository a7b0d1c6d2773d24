//! An authenticator app: it computes codes from the key that a set-up page shows.

use totp_rs::{Builder, Secret};

use super::{Browser, Page, TestServer, seed::PASSWORD};

/// An authenticator app with one account.
pub(crate) struct Authenticator(Secret);

impl Authenticator {
    /// Reads the key on the set-up page.
    pub(crate) fn scan(page: &Page) -> Self {
        let key = page.body.split("<code id=\"key\">").nth(1).and_then(|rest| rest.split('<').next());
        let key = key.unwrap_or_else(|| panic!("no key: {page:?}")).replace(' ', "");
        Self(Secret::try_from_base32(key).expect("base32"))
    }

    /// The code at the time of the server's clock.
    pub(crate) fn code(&self, server: &TestServer) -> String {
        self.code_at(server.clock.now())
    }

    /// The code at another time.
    pub(crate) fn code_at(&self, time: i64) -> String {
        let totp = Builder::new().with_secret(self.0.clone()).build().expect("a key");
        totp.generate(time.unsigned_abs()).to_string()
    }
}

/// The recovery codes on a page.
pub(crate) fn recovery_codes(page: &Page) -> Vec<String> {
    let list = page.body.split("id=\"recovery-codes\"").nth(1).unwrap_or_else(|| panic!("no codes: {page:?}"));
    list.split("<code>").skip(1).filter_map(|code| Some(code.split('<').next()?.to_owned())).collect()
}

/// Sets up the second factor in a browser in which alice is signed in. The code of the current step
/// is used up.
pub(crate) async fn set_up(server: &TestServer, browser: &Browser) -> (Authenticator, Vec<String>) {
    let page = browser.open("/account/second-factor/set-up").await;
    let app = Authenticator::scan(&page);
    let (csrf, seed, code) = (page.hidden("csrf"), page.hidden("seed"), app.code(server));
    let fields = [("csrf", &*csrf), ("seed", &seed), ("code", &code)];
    let page = browser.post("/account/second-factor/set-up", &fields).await;
    let codes = recovery_codes(&page);
    (app, codes)
}

/// Signs a user in with a new browser, without an authorization request, as far as the password
/// goes.
pub(crate) async fn enter_password(browser: &Browser, username: &str) -> Page {
    let login = browser.open("/login").await;
    browser.sign_in_with(&login, username, PASSWORD).await
}

/// Submits the page that asks for a code.
pub(crate) async fn enter_code(browser: &Browser, page: &Page, code: &str, further: &[(&str, &str)]) -> Page {
    let (csrf, request, return_to) = (page.hidden("csrf"), page.hidden("request"), page.hidden("return_to"));
    let mut fields = vec![("csrf", &*csrf), ("request", &request), ("return_to", &return_to), ("code", code)];
    fields.extend(further);
    browser.post("/login/code", &fields).await
}
