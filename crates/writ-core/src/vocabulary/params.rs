//! Request parameters in `application/x-www-form-urlencoded` (RFC 6749 §3.1, §3.2 and Appendix B).
//!
//! A parameter may be sent at most once, an empty one counts as omitted, and invalid UTF-8 is an
//! error. General form decoders do not have these rules.

use std::{borrow::Cow, collections::HashSet, fmt};

use percent_encoding::percent_decode;

use super::{Cause, Error, scope::MAX_NAMES};

/// Maximum length of a query or form in bytes.
pub const MAX_LENGTH: usize = 16 * 1024;
/// Maximum number of parameters in a query or form. A consent form has one for each scope.
const MAX_COUNT: usize = MAX_NAMES + 100;

/// Decoded parameters, in the order of the request.
#[derive(Debug, Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Decodes a query string or a form body.
    ///
    /// # Errors
    /// `invalid_request` if it is too long, has too many parameters, or is not valid
    /// percent-encoded UTF-8.
    pub fn parse(encoded: &[u8]) -> Result<Self, Error> {
        if encoded.len() > MAX_LENGTH {
            return Err(Error::new(
                Cause::ParametersMalformed,
                format!("the parameters have more than {MAX_LENGTH} bytes"),
            ));
        }
        let mut params = Vec::new();
        for pair in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if params.len() == MAX_COUNT {
                return Err(Error::new(
                    Cause::ParametersMalformed,
                    format!("there are more than {MAX_COUNT} parameters"),
                ));
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default(), || "a parameter's name".to_owned())?;
            let value = decode(halves.next().unwrap_or_default(), || format!("the value of {}", Shown(&name)))?;
            params.push((name, value));
        }
        Ok(Self(params))
    }

    /// The value of a parameter. An empty value counts as omitted.
    ///
    /// # Errors
    /// `invalid_request` if it was sent more than once.
    pub fn get(&self, name: &str) -> Result<Option<&str>, Error> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(Error::new(Cause::ParameterRepeated, format!("the parameter {name} was sent more than once")));
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    /// The value of a required parameter.
    ///
    /// # Errors
    /// `invalid_request` if it is missing or was sent more than once.
    pub fn require(&self, name: &str) -> Result<&str, Error> {
        self.get(name)?.ok_or_else(|| Error::new(Cause::ParameterMissing, format!("the parameter {name} is missing")))
    }

    /// The names, in order. A repeated one comes as often as it was sent.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Every value of a name, for forms whose checkboxes share one name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Refuses any parameter that was sent more than once (RFC 6749 §3.1, §3.2).
    ///
    /// # Errors
    /// `invalid_request` if there is one.
    pub fn check_unrepeated(&self) -> Result<(), Error> {
        self.check_unrepeated_but("")
    }

    /// As [`Params::check_unrepeated`], except for the parameter `repeatable`.
    ///
    /// # Errors
    /// `invalid_request` if there is one.
    pub fn check_unrepeated_but(&self, repeatable: &str) -> Result<(), Error> {
        let mut seen = HashSet::new();
        match self.names().filter(|name| *name != repeatable).find(|name| !seen.insert(*name)) {
            Some(name) => Err(Error::new(Cause::ParameterRepeated, format!("{} was sent more than once", Shown(name)))),
            None => Ok(()),
        }
    }
}

/// Formats a parameter name if it looks like one. Other text may be a misplaced secret.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ordinary = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if self.0.len() <= 32 && self.0.bytes().all(ordinary) {
            write!(f, "the parameter {}", self.0)
        } else {
            f.write_str("a parameter")
        }
    }
}

impl FromIterator<(String, String)> for Params {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// Decodes one name or value: `+` is a space, `%` needs two hexadecimal digits, and the result is
/// UTF-8 with no control characters except tabs and line ends.
fn decode(encoded: &[u8], what: impl Fn() -> String) -> Result<String, Error> {
    let malformed = |problem: &str| Error::new(Cause::ParametersMalformed, format!("{} {problem}", what()));
    let spaced: Cow<'_, [u8]> = if encoded.contains(&b'+') {
        Cow::Owned(encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect())
    } else {
        Cow::Borrowed(encoded)
    };
    let mut escapes = spaced.split(|byte| *byte == b'%').skip(1);
    if escapes.any(|rest| !rest.get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))) {
        return Err(malformed("has a malformed percent-encoding"));
    }
    let text = percent_decode(&spaced).decode_utf8().map_err(|_| malformed("is not UTF-8"))?;
    if !is_text(&text) {
        return Err(malformed("has a control character"));
    }
    Ok(text.into_owned())
}

/// Whether a value has no control characters except tabs and line ends.
pub fn is_text(value: &str) -> bool {
    let allowed = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    value.bytes().all(|byte| matches!(byte, b' '..=b'~')) || value.chars().all(allowed)
}

/// Appends the pairs to `target`, encoded as a query or form body.
pub fn append_encoded<'a>(mut target: String, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut serializer = url::form_urlencoded::Serializer::new(String::new());
    serializer.extend_pairs(pairs);
    target.push_str(&serializer.finish());
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Params {
        Params::parse(text.as_bytes()).expect("parameters")
    }

    #[test]
    fn parameter_is_sent_at_most_once_and_empty_is_omitted() {
        let params = parse("a=1&b=&c=x%20y+z&a2=%ED%95%9C");
        assert_eq!(params.get("a").expect("once"), Some("1"));
        assert_eq!(params.get("b").expect("once"), None);
        assert_eq!(params.get("c").expect("once"), Some("x y z"));
        assert_eq!(params.get("a2").expect("once"), Some("한"));
        assert_eq!(params.get("absent").expect("once"), None);
        let params = parse("a=1&b=2&a=1");
        assert!(params.get("a").is_err());
        assert!(params.check_unrepeated().is_err() && parse("a=1&b=2").check_unrepeated().is_ok());
        assert!(params.require("absent").is_err());
    }

    #[test]
    fn error_omits_a_parameter_name_that_may_be_a_secret() {
        let refused = |text: &str| match Params::parse(text.as_bytes()).and_then(|params| params.check_unrepeated()) {
            Err(error) => error.description,
            Ok(()) => String::new(),
        };
        assert_eq!(refused("state=%zz"), "the value of the parameter state has a malformed percent-encoding");
        assert_eq!(refused("state=1&state=1"), "the parameter state was sent more than once");
        let secret = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(refused(&format!("{secret}=%zz")), "the value of a parameter has a malformed percent-encoding");
        assert_eq!(refused(&format!("{secret}&{secret}")), "a parameter was sent more than once");
    }

    #[test]
    fn malformed_bytes_are_refused() {
        for bad in [&b"a=%"[..], b"a=%4", b"a=%zz", b"a=%ff", b"a=\xff", b"a=%C3%28", b"a=%00", b"%ff=1"] {
            assert!(Params::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Params::parse(&vec![b'a'; MAX_LENGTH + 1]).is_err());
        assert!(Params::parse("a&".repeat(MAX_COUNT + 1).as_bytes()).is_err());
    }
}
