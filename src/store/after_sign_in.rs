//! What follows a sign-in.

/// What follows a sign-in, stored while the user reads a mail. Each part may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AfterSignIn {
    /// The handle of the pending authorization request.
    pub request: String,
    /// The data to restart that request after it has expired, or in another browser.
    pub again: String,
    /// The account page that follows without a request.
    pub return_to: String,
}

impl AfterSignIn {
    /// The path and query of a page that leads to a sign-in, such as `/login`.
    pub fn path(&self, page: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("request", &self.request), ("again", &self.again), ("return_to", &self.return_to)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { page.to_owned() } else { format!("{page}?{query}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_has_only_the_known_parts_and_encodes_them() {
        let known = |request: &str, again: &str, return_to: &str| AfterSignIn {
            request: request.to_owned(),
            again: again.to_owned(),
            return_to: return_to.to_owned(),
        };
        for (next, path) in [
            (known("", "", ""), "/login"),
            (known("s.a-b", "client_id=a&scope=b", ""), "/login?request=s.a-b&again=client_id%3Da%26scope%3Db"),
            (known("", "", "/account/apps"), "/login?return_to=%2Faccount%2Fapps"),
        ] {
            assert_eq!(next.path("/login"), path);
        }
    }
}
