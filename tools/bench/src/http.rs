//! A minimal HTTP/1.1 client: one request at a time on a persistent connection. It leaves most of
//! the CPU to the server.

use std::net::SocketAddr;

use anyhow::{Context, bail, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::form_urlencoded::{Serializer, byte_serialize};

/// A persistent connection.
pub(crate) struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A whole response.
#[derive(Debug)]
pub(crate) struct Response {
    /// The request line.
    request: String,
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// The values of a header, by its name in lower case.
    pub(crate) fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The target of a redirect.
    pub(crate) fn location(&self) -> anyhow::Result<&str> {
        self.headers("location").next().with_context(|| format!("no Location: {self:?}"))
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> anyhow::Result<serde_json::Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("not JSON: {}", self.text()))
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// This response, if its status is `status`.
    pub(crate) fn expect(self, status: u16) -> anyhow::Result<Self> {
        ensure!(self.status == status, "{}: {}, not {status}: {}", self.request, self.status, self.text());
        Ok(self)
    }
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { address, stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends GET for `target` (path and query); `headers` are whole lines, each ending in CRLF.
    pub(crate) async fn get(&mut self, target: &str, headers: &str) -> anyhow::Result<Response> {
        let request = format!("GET {target} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", self.address);
        self.send(&request).await
    }

    /// Sends a form.
    pub(crate) async fn post(&mut self, target: &str, headers: &str, form: &str) -> anyhow::Result<Response> {
        let request = format!(
            "POST {target} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n{headers}\r\n{form}",
            self.address,
            form.len()
        );
        self.send(&request).await
    }

    async fn send(&mut self, request: &str) -> anyhow::Result<Response> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "the server closed the connection");
            if let Some(response) = parse(request, &self.buffer)? {
                if response.headers("connection").any(|value| value.eq_ignore_ascii_case("close")) {
                    *self = Self::open(self.address).await?;
                }
                return Ok(response);
            }
        }
    }
}

/// The response to `request` in `bytes`, once it is complete.
fn parse(request: &str, bytes: &[u8]) -> anyhow::Result<Option<Response>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(start) = head.parse(bytes)? else {
        return Ok(None);
    };
    let status = head.code.context("no status")?;
    let mut length = 0;
    let mut kept = Vec::with_capacity(head.headers.len());
    for header in head.headers.iter() {
        let name = header.name.to_ascii_lowercase();
        let value = std::str::from_utf8(header.value)?;
        match name.as_str() {
            "content-length" => length = value.parse()?,
            "transfer-encoding" => bail!("a body of unknown length"),
            _ => kept.push((name, value.to_owned())),
        }
    }
    let body = &bytes[start..];
    Ok((body.len() >= length).then(|| Response {
        request: request.lines().next().unwrap_or_default().to_owned(),
        status,
        headers: kept,
        body: body[..length].to_vec(),
    }))
}

/// `Authorization: Basic` for an identifier and a secret, as a header line.
pub(crate) fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = BASE64_STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
    format!("authorization: Basic {credentials}\r\n")
}

/// `application/x-www-form-urlencoded`.
pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_is_parsed_when_complete() {
        let bytes = b"HTTP/1.1 303 See Other\r\nLocation: /next\r\nContent-Length: 2\r\n\r\nok";
        for short in 0..bytes.len() {
            assert!(parse("", &bytes[..short]).expect("so far valid").is_none(), "{short} bytes");
        }
        let response = parse("", bytes).expect("valid").expect("whole");
        assert_eq!((response.status, response.location().ok(), response.text().as_str()), (303, Some("/next"), "ok"));
    }

    #[test]
    fn credentials_are_form_encoded_before_base64() {
        assert_eq!(basic("a b", "c:d"), format!("authorization: Basic {}\r\n", BASE64_STANDARD.encode("a+b:c%3Ad")));
    }
}
