//! An object that is being written: in one request if it is short, else in parts.

use std::{
    io::{self, Write},
    mem,
};

use actix_web::web::Bytes;
use reqwest::{Method, header::ETAG};
use rusty_s3::actions::{CompleteMultipartUploadResponse, CreateMultipartUpload};

use super::{Storage, StorageError};

/// The least length of a part, in bytes. S3 accepts no parts of less than 5 MiB but the last.
const PART: u64 = 8 << 20;
/// The number of parts of the longest object. S3 accepts 10,000.
const PARTS: u64 = 9_000;
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// An object that is being written. Dropped before its end, it leaves nothing behind.
pub(crate) struct Upload<'a> {
    storage: &'a Storage,
    key: String,
    part: usize,
    buffer: Vec<u8>,
    /// The id of the upload in parts.
    id: Option<String>,
    etags: Vec<String>,
}

impl<'a> Upload<'a> {
    /// A new object of about `length` bytes.
    pub(crate) fn new(storage: &'a Storage, key: String, length: u64) -> Self {
        let part = usize::try_from(PART.max(length / PARTS)).unwrap_or(usize::MAX);
        Self { storage, key, part, buffer: Vec::new(), id: None, etags: Vec::new() }
    }

    /// Completes the object.
    pub(crate) fn finish(mut self) -> Result<(), StorageError> {
        let storage = self.storage;
        if self.id.is_none() {
            return storage.put(&self.key, mem::take(&mut self.buffer).into());
        }
        if !self.buffer.is_empty() {
            self.send_part()?;
        }
        let id = self.id.clone().unwrap_or_default();
        let etags = self.etags.iter().map(String::as_str);
        let complete = storage.bucket.complete_multipart_upload(Some(&storage.credentials), &self.key, &id, etags);
        let body = complete.clone().body();
        let response = storage.send("complete an object", &self.key, Method::POST, &complete, body.into())?;
        // A failure may be found after the status was sent.
        CompleteMultipartUploadResponse::parse(&with_namespace(storage.text(response)?))
            .map_err(|_| storage.malformed())?;
        self.id = None;
        Ok(())
    }

    fn send_part(&mut self) -> Result<(), StorageError> {
        let storage = self.storage;
        let id = match &self.id {
            Some(id) => id.clone(),
            None => {
                let create = storage.bucket.create_multipart_upload(Some(&storage.credentials), &self.key);
                let response = storage.send("write an object", &self.key, Method::POST, &create, Bytes::new())?;
                let created = CreateMultipartUpload::parse_response(&with_namespace(storage.text(response)?));
                self.id.insert(created.map_err(|_| storage.malformed())?.upload_id().to_owned()).clone()
            }
        };
        let number = u16::try_from(self.etags.len() + 1).map_err(|_| storage.malformed())?;
        let part = storage.bucket.upload_part(Some(&storage.credentials), &self.key, number, &id);
        let body = mem::take(&mut self.buffer).into();
        let response = storage.send("write a part of an object", &self.key, Method::PUT, &part, body)?;
        let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok());
        self.etags.push(etag.ok_or_else(|| storage.malformed())?.to_owned());
        Ok(())
    }
}

/// The response with S3's namespace, which some storages leave out and `rusty-s3` demands.
fn with_namespace(response: String) -> String {
    match response.contains(NAMESPACE) {
        true => response,
        false => response.replacen("Result>", &format!("Result xmlns=\"{NAMESPACE}\">"), 1),
    }
}

impl Write for Upload<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = bytes.len().min(self.part - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..length]);
        if self.buffer.len() == self.part {
            self.send_part().map_err(io::Error::other)?;
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        let Some(id) = self.id.take() else { return };
        let storage = self.storage;
        let abort = storage.bucket.abort_multipart_upload(Some(&storage.credentials), &self.key, &id);
        if let Err(error) = storage.send("abort an upload", &self.key, Method::DELETE, &abort, Bytes::new()) {
            tracing::warn!(%error, key = self.key, "an incomplete upload stays in the bucket");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_is_read_with_and_without_the_namespace() {
        for attribute in [String::new(), format!(" xmlns=\"{NAMESPACE}\"")] {
            let root = "InitiateMultipartUploadResult";
            let response = format!(
                "<?xml version=\"1.0\"?>\n<{root}{attribute}><Bucket>b</Bucket><Key>k</Key><UploadId>2</UploadId></{root}>"
            );
            let created = CreateMultipartUpload::parse_response(&with_namespace(response)).expect("a response");
            assert_eq!(created.upload_id(), "2");
        }
    }

    #[test]
    fn error_after_the_status_completes_nothing() {
        let response = "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code></Error>".to_owned();
        assert!(CompleteMultipartUploadResponse::parse(&with_namespace(response)).is_err());
    }
}
