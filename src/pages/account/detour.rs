//! An account page in the middle of a pending request, which goes on after it.

use writ_core::Params;

use crate::requests::Pending;

/// The pending request of an account page, if there is one.
#[derive(Debug, Clone, Default)]
pub(super) struct Detour {
    handle: String,
}

impl Detour {
    /// The detour in the query or the form of a page. Other text is none, because it would change
    /// the URL.
    pub(super) fn of(params: &Params) -> Self {
        let handle = params.get("request").ok().flatten().filter(|handle| is_handle(handle));
        Self { handle: handle.unwrap_or_default().to_owned() }
    }

    /// The detour in the path of an account page.
    pub(super) fn of_path(path: &str) -> Self {
        let handle = path.split_once("?request=").map(|(_, handle)| handle).filter(|handle| is_handle(handle));
        Self { handle: handle.unwrap_or_default().to_owned() }
    }

    /// The handle of the pending request, or an empty string.
    pub(super) fn request(&self) -> &str {
        &self.handle
    }

    /// The pending request, if there is one.
    pub(super) fn pending(&self) -> Option<&str> {
        Some(&*self.handle).filter(|handle| !handle.is_empty())
    }

    /// The path of the page `here`.
    pub(super) fn path(&self, here: &str) -> String {
        self.pending().map_or_else(|| here.to_owned(), |handle| format!("{here}?request={handle}"))
    }

    /// The path that follows: the request, else `overview`.
    pub(super) fn next(&self, overview: &str) -> String {
        self.pending().map_or_else(|| overview.to_owned(), Pending::resume_path)
    }
}

/// Whether it is the path of the page `here` in a pending request.
pub(super) fn is_path(path: &str, here: &str) -> bool {
    path.strip_prefix(here).and_then(|query| query.strip_prefix("?request=")).is_some_and(is_handle)
}

/// Whether a text has the characters of a handle, and so changes nothing else in a URL.
fn is_handle(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte))
}
