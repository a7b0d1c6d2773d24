//! What passes through a stream, counted and hashed.

use std::io::{self, Read, Write};

use aws_lc_rs::digest::{Context, SHA256};

use super::manifest::Copied;

/// A stream that counts and hashes what is read from it or written to it.
pub(super) struct Digested<T> {
    inner: T,
    context: Context,
    bytes: u64,
}

impl<T> Digested<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, context: Context::new(&SHA256), bytes: 0 }
    }

    /// The inner stream, and what passed.
    pub(super) fn finish(self) -> (T, Copied) {
        let digest = self.context.finish();
        let sha256 = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        (self.inner, Copied { bytes: self.bytes, sha256 })
    }

    fn count(&mut self, passed: &[u8]) {
        self.context.update(passed);
        self.bytes += passed.len() as u64;
    }
}

impl<T: Read> Read for Digested<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count(&buffer[..read]);
        Ok(read)
    }
}

impl<T: Write> Write for Digested<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.count(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
