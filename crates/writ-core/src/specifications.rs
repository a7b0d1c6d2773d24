//! The index of the rule book: the rules, causes and tests of each section.
//! `docs/specifications.md` is printed from it with `cargo run -p writ-core --example
//! specifications > docs/specifications.md`.

mod administration;
mod oauth;
mod openid;
mod webauthn;

use std::fmt::{self, Write};

use crate::Cause;

/// A document whose sections Writ implements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Specification {
    /// An RFC by its number.
    Rfc(u16),
    /// A specification of the OpenID Foundation: its name, and its file below
    /// `https://openid.net/specs/`.
    OpenId(&'static str, &'static str),
    /// An Internet-Draft: its name, and its file below `https://datatracker.ietf.org/doc/html/`.
    Draft(&'static str, &'static str),
    /// A recommendation of the W3C: its name, and its folder below `https://www.w3.org/TR/`.
    W3c(&'static str, &'static str),
}

/// A part of a specification.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// The document.
    pub specification: Specification,
    /// Section numbers, without `§`.
    pub numbers: &'static [&'static str],
    /// The subject.
    pub subject: &'static str,
    /// The rules, as paths below `crates/writ-core/src`, such as `token/refresh_token.rs#decide`.
    pub rules: &'static [&'static str],
    /// The files of the server that read the facts and apply the decision, relative to the root.
    pub applied: &'static [&'static str],
    /// The causes of refusals.
    pub causes: &'static [Cause],
    /// A module of `tests/it`, a test in one, or a file relative to the root. The tables of tests
    /// next to the rules are not listed.
    pub tests: &'static [&'static str],
}

/// All implemented sections, in the order of the document.
pub fn sections() -> impl Iterator<Item = &'static Section> {
    let own = webauthn::SECTIONS.iter().chain(administration::SECTIONS);
    oauth::SECTIONS.iter().chain(openid::SECTIONS).chain(own)
}

/// The text of `docs/specifications.md`.
pub fn document() -> String {
    let mut text = String::from(HEAD);
    for (heading, sections) in [
        ("OAuth 2.0", oauth::SECTIONS),
        ("OpenID Connect", openid::SECTIONS),
        ("Web Authentication", webauthn::SECTIONS),
        ("The administration API", administration::SECTIONS),
    ] {
        let _ = write!(text, "\n## {heading}\n\n{COLUMNS}");
        let mut previous = None;
        for section in sections {
            let name =
                if previous == Some(section.specification) { String::new() } else { section.specification.to_string() };
            previous = Some(section.specification);
            let _ = writeln!(text, "| {name} | {} |", section.cells().join(" | "));
        }
    }
    text + FOOT
}

const HEAD: &str = "# Specifications

Each section that Writ implements: the rule that decides, the causes of its refusals, and the tests
that hold it. Rules are pure functions of `crates/writ-core`, with a table of tests beside each.
Tests without a folder are modules of `tests/it/`; they run over HTTP on SQLite and on PostgreSQL.
Where a section leaves room, [readings](readings.md) says what Writ does.

This page is printed from the code: `cargo run -p writ-core --example specifications`.
";

const COLUMNS: &str = "| specification | section | decided by | applied in | causes | tests |
|---|---|---|---|---|---|
";

const FOOT: &str = "
## Not built

Implicit and hybrid flows, the password grant, `plain` PKCE, `alg=none`, HMAC-signed ID tokens, JWE,
DPoP and mutual TLS.
";

impl Section {
    fn cells(&self) -> [String; 5] {
        let numbers: Vec<_> = self.numbers.iter().map(|number| self.specification.link(number)).collect();
        let rules = self.rules.iter().map(|rule| {
            let (file, name) = rule.split_once('#').unwrap_or((rule, ""));
            let module = file.trim_end_matches(".rs");
            let name = if name.is_empty() { module.to_owned() } else { format!("{module}::{name}") };
            format!("[`{}`](../crates/writ-core/src/{file})", name.replace('/', "::"))
        });
        let applied = self.applied.iter().map(|file| {
            let short = file.trim_start_matches("src/");
            format!("[`{short}`](../{file})")
        });
        let code = |text: &str| format!("`{text}`");
        [
            format!("{} {}", numbers.join(", "), self.subject),
            rules.collect::<Vec<_>>().join(", "),
            applied.collect::<Vec<_>>().join(", "),
            self.causes.iter().map(|cause| code(cause.id())).collect::<Vec<_>>().join(", "),
            self.tests.iter().map(|test| code(test)).collect::<Vec<_>>().join(", "),
        ]
    }
}

impl Specification {
    /// A Markdown link to a section. Only RFCs have anchors by number.
    fn link(self, number: &str) -> String {
        match self {
            Self::Rfc(rfc) => format!("[§{number}](https://www.rfc-editor.org/rfc/rfc{rfc}#section-{number})"),
            Self::OpenId(..) | Self::Draft(..) | Self::W3c(..) => format!("§{number}"),
        }
    }
}

/// The name as a Markdown link.
impl fmt::Display for Specification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rfc(rfc) => write!(f, "[RFC {rfc}](https://www.rfc-editor.org/rfc/rfc{rfc})"),
            Self::OpenId(name, file) => write!(f, "[{name}](https://openid.net/specs/{file}.html)"),
            Self::Draft(name, file) => write!(f, "[{name}](https://datatracker.ietf.org/doc/html/{file})"),
            Self::W3c(name, folder) => write!(f, "[{name}](https://www.w3.org/TR/{folder}/)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_all_listed_under_a_section() {
        let listed: Vec<_> = sections().flat_map(|section| section.causes).collect();
        let missing: Vec<_> = Cause::named().filter(|cause| !listed.contains(&cause)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
