//! The text of a mail, as plain text and as HTML from one source.

use askama::Template;

use crate::web::locale::Locale;

/// The text of a mail, in the language of its reader.
#[derive(Debug, Clone, Template)]
#[template(path = "mail/letter.html")]
pub struct Letter {
    /// The language.
    pub locale: Locale,
    /// The name of the operator's product.
    pub product: String,
    /// The subject.
    pub subject: String,
    /// What it says before the link.
    pub paragraphs: Vec<String>,
    /// The link.
    pub action: Option<Action>,
    /// What it says after the link.
    pub notes: Vec<String>,
}

/// The only link of a mail.
#[derive(Debug, Clone)]
pub struct Action {
    /// What it does.
    pub label: String,
    /// Its URL.
    pub url: String,
}

/// The same as plain text.
#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct PlainText<'a> {
    letter: &'a Letter,
}

impl Letter {
    pub(super) fn new(locale: Locale, product: String, subject: String) -> Self {
        Self { locale, product, subject, paragraphs: Vec::new(), action: None, notes: Vec::new() }
    }

    /// Adds a paragraph before the link.
    #[must_use]
    pub fn says(mut self, text: String) -> Self {
        self.paragraphs.push(text);
        self
    }

    /// Sets the link.
    #[must_use]
    pub fn leads_to(mut self, label: String, url: String) -> Self {
        self.action = Some(Action { label, url });
        self
    }

    /// Adds a paragraph after the link.
    #[must_use]
    pub fn notes(mut self, text: String) -> Self {
        self.notes.push(text);
        self
    }

    /// As plain text.
    pub fn text(&self) -> String {
        PlainText { letter: self }.render().expect("a text renders into a string")
    }

    /// As HTML.
    pub fn html(&self) -> String {
        self.render().expect("a text renders into a string")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter::new(Locale::EN, "A & B".to_owned(), "A <test>".to_owned())
            .says("Hello <alice>.".to_owned())
            .leads_to("Go on".to_owned(), "https://id.example/recover?token=a&b=c".to_owned())
            .notes("It ends soon.".to_owned())
    }

    #[test]
    fn text_and_html_say_the_same_with_one_link() {
        let text = letter().text();
        assert_eq!(
            text,
            "Hello <alice>.\n\nGo on:\nhttps://id.example/recover?token=a&b=c\n\nIt ends soon.\n\nA & B\n"
        );
        let html = letter().html();
        for part in ["Hello &#60;alice&#62;.", "Go on</a>", "It ends soon.", "A &#38; B", "lang=\"en\""] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert_eq!(html.matches("href=").count(), 1, "{html}");
    }

    #[test]
    fn html_loads_nothing() {
        let html = letter().html();
        for loading in ["src=", "<img", "<link", "<script", "url(", "@import"] {
            assert!(!html.contains(loading), "{loading}: {html}");
        }
    }
}
