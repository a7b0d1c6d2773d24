//! Where the server listens: TCP addresses and Unix sockets.

use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor},
};

/// One address to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAddress {
    /// `ADDRESS:PORT`.
    Tcp(SocketAddr),
    /// `unix:PATH`.
    Unix(PathBuf),
}

/// One or more addresses: a list, or text with commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen(Vec<ListenAddress>);

impl Listen {
    /// The addresses, at least one.
    pub fn addresses(&self) -> &[ListenAddress] {
        &self.0
    }

    fn new(addresses: Vec<ListenAddress>) -> Result<Self, InvalidListen> {
        if addresses.is_empty() { Err(InvalidListen) } else { Ok(Self(addresses)) }
    }
}

/// Why a text is not a [`ListenAddress`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `ADDRESS:PORT`, such as `0.0.0.0:8400`, or `unix:PATH`")]
pub struct InvalidListen;

impl FromStr for ListenAddress {
    type Err = InvalidListen;

    fn from_str(text: &str) -> Result<Self, InvalidListen> {
        match text.strip_prefix("unix:") {
            Some("") => Err(InvalidListen),
            Some(path) => Ok(Self::Unix(path.into())),
            None => text.parse().map(Self::Tcp).map_err(|_| InvalidListen),
        }
    }
}

impl FromStr for Listen {
    type Err = InvalidListen;

    fn from_str(text: &str) -> Result<Self, InvalidListen> {
        Self::new(text.split(',').map(|address| address.trim().parse()).collect::<Result<_, _>>()?)
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&addresses.join(", "))
    }
}

impl Serialize for ListenAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ListenAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Listen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrList)
    }
}

struct TextOrList;

impl<'de> Visitor<'de> for TextOrList {
    type Value = Listen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an address or a list of addresses")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Listen, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Listen, A::Error> {
        let mut addresses = Vec::new();
        while let Some(text) = items.next_element::<String>()? {
            addresses.push(text.parse().map_err(A::Error::custom)?);
        }
        Listen::new(addresses).map_err(A::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(json!("127.0.0.1:8400"), "127.0.0.1:8400")]
    #[case(json!(["127.0.0.1:8400", "[::1]:8400"]), "127.0.0.1:8400, [::1]:8400")]
    #[case(json!("0.0.0.0:8400, unix:/run/writ/writ.sock"), "0.0.0.0:8400, unix:/run/writ/writ.sock")]
    fn one_address_or_several_are_read_and_written(#[case] value: serde_json::Value, #[case] text: &str) {
        let listen: Listen = serde_json::from_value(value).expect("valid");
        assert_eq!(listen.to_string(), text);
        assert_eq!(text.parse(), Ok(listen));
    }

    #[rstest]
    #[case("")]
    #[case("8400")]
    #[case("localhost:8400")]
    #[case("127.0.0.1:8400,")]
    #[case("unix:")]
    fn another_form_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<Listen>(), Err(InvalidListen));
        assert!(serde_json::from_value::<Listen>(json!([])).is_err());
    }
}
