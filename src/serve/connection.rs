//! A client's connection. It is closed if the client makes no progress.
//!
//! actix-web bounds an idle connection and the first request. This bound also covers a client that
//! does not read its responses, and one that stops in the middle of a later request.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

use super::connections::Permit;

/// A stream over TCP, TLS or a Unix socket.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Stream for T {}

/// A stream that fails if nothing has been written for a while.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    within: Duration,
    due: Instant,
    /// Fires at `due` or earlier.
    timer: Pin<Box<Sleep>>,
    /// `None` if the connection is not counted.
    _permit: Option<Permit>,
}

impl Connection {
    /// `within` is the maximum time between two writes.
    pub(super) fn new(stream: Box<dyn Stream>, within: Duration, permit: Option<Permit>) -> Self {
        let timer = Box::pin(sleep(within));
        Self { stream, within, due: timer.deadline(), timer, _permit: permit }
    }

    fn stream(&mut self) -> Pin<&mut dyn Stream> {
        Pin::new(&mut *self.stream)
    }

    /// Passes a result on. An operation that has to wait fails when the time is over.
    fn bounded<T>(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            return result;
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= self.due {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            let due = self.due;
            self.timer.as_mut().reset(due);
        }
        Poll::Pending
    }

    fn written(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(result, Poll::Ready(Ok(1..))) {
            self.due = Instant::now() + self.within;
        }
        self.bounded(cx, result)
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let connection = self.get_mut();
        let result = connection.stream().poll_read(cx, buffer);
        connection.bounded(cx, result)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let connection = self.get_mut();
        let result = connection.stream().poll_write(cx, bytes);
        connection.written(cx, result)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let connection = self.get_mut();
        let result = connection.stream().poll_flush(cx);
        connection.bounded(cx, result)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let connection = self.get_mut();
        let result = connection.stream().poll_shutdown(cx);
        connection.bounded(cx, result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let connection = self.get_mut();
        let result = connection.stream().poll_write_vectored(cx, slices);
        connection.written(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const WITHIN: Duration = Duration::from_secs(120);

    #[tokio::test(start_paused = true)]
    async fn connection_is_closed_when_client_does_not_read() {
        let (server, _client) = duplex(16);
        let mut connection = Connection::new(Box::new(server), WITHIN, None);
        let begun = Instant::now();
        let error = connection.write_all(&[0; 17]).await.expect_err("the client does not read");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), WITHIN.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn connection_is_closed_when_client_stops_in_a_request() {
        let (server, mut client) = duplex(16);
        let mut connection = Connection::new(Box::new(server), WITHIN, None);
        client.write_all(b"GET").await.expect("sent");
        connection.read_exact(&mut [0; 3]).await.expect("received");
        let error = connection.read(&mut [0; 3]).await.expect_err("the client stopped");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn connection_stays_open_while_responses_are_read() {
        let (server, mut client) = duplex(16);
        let mut connection = Connection::new(Box::new(server), WITHIN, None);
        for _ in 0..5 {
            tokio::time::advance(WITHIN / 2).await;
            connection.write_all(&[0; 16]).await.expect("written");
            client.read_exact(&mut [0; 16]).await.expect("read");
        }
        let received = tokio::time::timeout(WITHIN / 2, connection.read(&mut [0])).await;
        assert!(received.is_err(), "the connection is idle, and still open");
    }
}
