//! `writ client failures`: the refused requests of a client, with the difference between the
//! expected and the actual value.

use jiff::Timestamp;
use serde::Serialize;
use writ::store::client_failures::ClientFailure;

use super::output::{self, OutputArgs};

/// A failure with the position at which the two values differ.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    failure: ClientFailure,
    /// The length of the common prefix in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    differs_at: Option<usize>,
}

/// Prints the failures as a JSON array or as text, the newest first.
pub(super) fn print(output: OutputArgs, failures: Vec<ClientFailure>) -> anyhow::Result<()> {
    if output.json {
        let shown = failures.into_iter().map(|failure| Shown { differs_at: failure.differs_at(), failure });
        return output.list(&[], &shown.collect::<Vec<_>>());
    }
    if failures.is_empty() {
        return output.done("Nothing was refused.");
    }
    failures.iter().try_for_each(|failure| output::line(lines(failure)))
}

fn lines(failure: &ClientFailure) -> String {
    let at = Timestamp::from_second(failure.created_at).unwrap_or_default();
    let mut text = format!(
        "{}  {}  {}  {}\n  {}\n",
        at, failure.endpoint, failure.error, failure.cause, failure.error_description
    );
    if !failure.detail.is_empty() {
        text.push_str(&format!("  {}\n", failure.detail));
    }
    if let (Some(expected), Some(actual), Some(differs_at)) = (&failure.expected, &failure.actual, failure.differs_at())
    {
        // The mark is below the first character that differs.
        let mark = format!("{:differs_at$}^", "");
        text.push_str(&format!("  expected  {expected}\n  actual    {actual}\n            {mark} differs from here\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use writ_core::{Cause, Error};

    use super::*;

    #[test]
    fn mark_is_below_the_first_different_character() {
        let error = Error::new(Cause::RedirectUriUnregistered, "redirect_uri is not one that this client registered")
            .expected("https://shop.example/callback", "https://shop.example/Callback/");
        assert_eq!(
            lines(&ClientFailure::new("shop", "authorization", &error, 0)),
            "1970-01-01T00:00:00Z  authorization  invalid_request  redirect_uri_unregistered
  redirect_uri is not one that this client registered
  expected  https://shop.example/callback
  actual    https://shop.example/Callback/
                                 ^ differs from here
"
        );
    }
}
