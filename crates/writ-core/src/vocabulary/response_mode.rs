//! How an authorization response is returned (OAuth 2.0 Multiple Response Types §2.1, Form Post
//! Response Mode).

/// The response modes for `response_type=code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// Parameters in the query of the redirect URI: the default for `code`.
    Query,
    /// Parameters in a form that the browser posts.
    FormPost,
}

impl ResponseMode {
    /// `response_modes_supported`.
    pub const SUPPORTED: [&str; 2] = ["query", "form_post"];

    /// Parses the parameter. `query` if it is omitted, `None` if it is unknown.
    pub fn parse(value: Option<&str>) -> Option<Self> {
        match value {
            None | Some("query") => Some(Self::Query),
            Some("form_post") => Some(Self::FormPost),
            Some(_) => None,
        }
    }
}
