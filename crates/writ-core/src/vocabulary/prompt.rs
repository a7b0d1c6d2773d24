//! The `prompt` parameter (OpenID Connect Core §3.1.2.1).

/// The pages that the client requests in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prompt {
    /// `none`: show no page and fail instead.
    pub none: bool,
    /// `login`: authenticate again.
    pub login: bool,
    /// `consent`: ask for consent again.
    pub consent: bool,
    /// `select_account`: let the user choose an account.
    pub select_account: bool,
}

impl Prompt {
    /// `prompt_values_supported`.
    pub const SUPPORTED: [&str; 4] = ["none", "login", "consent", "select_account"];

    /// Parses a space-separated list.
    ///
    /// # Errors
    /// A sentence, if a value is unknown or `none` is combined with another value.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut prompt = Self::default();
        for value in text.split(' ').filter(|value| !value.is_empty()) {
            match value {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => return Err("prompt has a value other than none, login, consent, select_account".to_owned()),
            }
        }
        if prompt.none && prompt.interacts() {
            return Err("prompt=none cannot stand beside another value".to_owned());
        }
        Ok(prompt)
    }

    /// Whether the client requests a page.
    pub const fn interacts(self) -> bool {
        self.login || self.consent || self.select_account
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_combine_except_none() {
        let both = Prompt::parse("login consent").expect("two values");
        assert!(both.login && both.consent && !both.none);
        assert!(Prompt::parse("none").expect("none").none);
        for bad in ["none login", "consent none", "create", "Login"] {
            assert!(Prompt::parse(bad).is_err(), "{bad}");
        }
    }
}
