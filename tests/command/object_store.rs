//! A small S3-compatible storage that checks the signature of each request by its own computation
//! ([AWS Signature Version 4](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html)).

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use aws_lc_rs::{digest, hmac};
use jiff::{Timestamp, fmt::rfc2822};
use writ::clock::Clock;

pub(crate) const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const BUCKET: &str = "copies";
const REGION: &str = "eu-central-1";

/// What the storage has, and how it behaves.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    uploads: BTreeMap<String, BTreeMap<u16, Vec<u8>>>,
    /// The number of objects that were written in parts.
    pub(crate) in_parts: usize,
    /// The next requests that meet a busy server.
    pub(crate) busy: usize,
    /// The end of keys below which nothing can be written.
    pub(crate) refused: &'static str,
    /// Seconds by which its clock is ahead.
    pub(crate) ahead: i64,
    /// Every request line.
    pub(crate) log: Vec<String>,
}

impl Contents {
    /// Whether parts of an upload wait for its end.
    pub(crate) fn has_uploads(&self) -> bool {
        !self.uploads.is_empty()
    }
}

/// A listening storage with one bucket, which ends with the test.
pub(crate) struct ObjectStore {
    address: SocketAddr,
    pub(crate) contents: Arc<Mutex<Contents>>,
}

struct Request {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    host: String,
    body: Vec<u8>,
}

type Response = (u16, Vec<u8>, Option<String>);

impl ObjectStore {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let contents = Arc::new(Mutex::new(Contents::default()));
        let shared = Arc::clone(&contents);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &mut shared.lock().expect("no panic"));
            }
        });
        Self { address, contents }
    }

    /// The variables with which it is used.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ENDPOINT_URL_S3", format!("http://{}", self.address)),
        ]
    }
}

fn answer(mut stream: TcpStream, contents: &mut Contents) {
    let Some(request) = read(&stream) else { return };
    let ahead = contents.ahead;
    let (status, body, etag) = respond(&request, contents);
    let date = Timestamp::from_second(Clock::default().of_machine() + ahead).expect("a time");
    let date = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date).expect("a date");
    let etag = etag.map(|etag| format!("ETag: \"{etag}\"\r\n")).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status} Status\r\nDate: {date}\r\n{etag}Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), &body].concat());
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut host) = (0, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.trim_end().split_once(": ") {
            None => break,
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().ok()?,
            Some((name, value)) if name.eq_ignore_ascii_case("host") => host = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let query = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Some(Request { method, path: path.to_owned(), query, host, body })
}

fn refusal(status: u16, code: &str) -> Response {
    (status, format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>").into_bytes(), None)
}

fn respond(request: &Request, contents: &mut Contents) -> Response {
    let names: Vec<&str> = request.query.keys().filter(|name| !name.starts_with("X-Amz")).map(String::as_str).collect();
    contents.log.push(format!("{} {} {names:?}", request.method, request.path));
    if contents.busy > 0 {
        contents.busy -= 1;
        return refusal(503, "SlowDown");
    }
    if let Err(refused) = check_signature(request, Clock::default().of_machine() + contents.ahead) {
        return refused;
    }
    let Some(rest) = request.path.strip_prefix(&format!("/{BUCKET}/")) else { return refusal(404, "NoSuchBucket") };
    let key = decoded(rest);
    if !contents.refused.is_empty() && request.method == "PUT" && key.ends_with(contents.refused) {
        return refusal(403, "AccessDenied");
    }
    let value = |name: &str| request.query.get(name).map(|value| decoded(value));
    match (request.method.as_str(), value("uploadId")) {
        ("GET", _) if key.is_empty() => (200, list(contents, &value("prefix").unwrap_or_default()), None),
        ("GET", _) => match contents.objects.get(&key) {
            Some(object) => (200, object.clone(), None),
            None => refusal(404, "NoSuchKey"),
        },
        ("PUT", None) => {
            contents.objects.insert(key, request.body.clone());
            (200, Vec::new(), Some("whole".to_owned()))
        }
        ("PUT", Some(id)) => {
            let number = value("partNumber").and_then(|number| number.parse().ok()).expect("a number");
            contents.uploads.get_mut(&id).expect("an upload").insert(number, request.body.clone());
            (200, Vec::new(), Some(format!("part-{number}")))
        }
        ("POST", None) => {
            let id = format!("upload+{}", contents.uploads.len());
            contents.uploads.insert(id.clone(), BTreeMap::new());
            (200, xml("InitiateMultipartUploadResult", &format!("<UploadId>{id}</UploadId>")), None)
        }
        ("POST", Some(id)) => {
            let parts = contents.uploads.remove(&id).expect("an upload");
            let body = String::from_utf8_lossy(&request.body).into_owned();
            let last = parts.keys().max().copied().unwrap_or_default();
            let named = parts.keys().all(|number| body.contains(&format!("part-{number}")));
            let long = parts.iter().all(|(number, part)| *number == last || part.len() >= 5 << 20);
            if !named || !long {
                return refusal(400, "InvalidPart");
            }
            contents.objects.insert(key, parts.into_values().flatten().collect());
            contents.in_parts += 1;
            (200, xml("CompleteMultipartUploadResult", "<ETag>\"parts\"</ETag>"), None)
        }
        ("DELETE", Some(id)) => {
            contents.uploads.remove(&id);
            (204, Vec::new(), None)
        }
        ("DELETE", None) => {
            contents.objects.remove(&key);
            (204, Vec::new(), None)
        }
        _ => refusal(405, "MethodNotAllowed"),
    }
}

fn xml(name: &str, inner: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\"?><{name} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{inner}</{name}>").into()
}

fn list(contents: &Contents, prefix: &str) -> Vec<u8> {
    let keys = contents.objects.keys().filter(|key| key.starts_with(prefix));
    let objects: String = keys.map(|key| format!("<Contents><Key>{key}</Key></Contents>")).collect();
    xml("ListBucketResult", &format!("<IsTruncated>false</IsTruncated>{objects}"))
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().expect("UTF-8").into_owned()
}

/// Computes the signature and compares it.
fn check_signature(request: &Request, now: i64) -> Result<(), Response> {
    let value = |name: &str| request.query.get(name).map(|value| decoded(value)).unwrap_or_default();
    let credential = value("X-Amz-Credential");
    let [key, day, region, "s3", "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..] else {
        return Err(refusal(403, "AccessDenied"));
    };
    if region != REGION {
        return Err(refusal(400, "AuthorizationQueryParametersError"));
    }
    if key != ACCESS_KEY {
        return Err(refusal(403, "InvalidAccessKeyId"));
    }
    let signed = request.query.iter().filter(|(name, _)| *name != "X-Amz-Signature");
    let query: Vec<String> = signed.map(|(name, value)| format!("{name}={value}")).collect();
    let canonical = format!(
        "{}\n{}\n{}\nhost:{}\n\nhost\nUNSIGNED-PAYLOAD",
        request.method,
        request.path,
        query.join("&"),
        request.host
    );
    let hashed = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
    let text = format!("AWS4-HMAC-SHA256\n{}\n{day}/{region}/s3/aws4_request\n{hashed}", value("X-Amz-Date"));
    let mac =
        |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec();
    let secret = format!("AWS4{SECRET_KEY}").into_bytes();
    let key = [day, region, "s3", "aws4_request"].iter().fold(secret, |key, text| mac(&key, text));
    if hex(&mac(&key, &text)) != value("X-Amz-Signature") {
        return Err(refusal(403, "SignatureDoesNotMatch"));
    }
    let date: jiff::civil::DateTime =
        jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", value("X-Amz-Date")).expect("a date");
    let at = jiff::tz::TimeZone::UTC.to_timestamp(date).expect("a time").as_second();
    let lifetime: i64 = value("X-Amz-Expires").parse().expect("seconds");
    if (at - 900..at + lifetime).contains(&now) { Ok(()) } else { Err(refusal(403, "AccessDenied")) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
