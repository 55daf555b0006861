//! The body of a request on its way to a version, limited in length and time.
//!
//! A smaller copy of what the pattern `api-gateway` does with bodies.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use tokio::sync::Notify;
use tokio::time::{Sleep, sleep};

/// Why the body of a request was cut off.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    #[error("the body is longer than {0} bytes")]
    TooLong(usize),
    #[error("the body did not arrive within {0:?}")]
    Slow(Duration),
    #[error("the client broke the body off")]
    Broken(#[source] axum::Error),
}

/// How far the body of a request has been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Stage {
    /// The version has not taken all that has arrived.
    WaitingForVersion = 0,
    /// The version has taken all that has arrived, and more is to come from the client.
    WaitingForClient = 1,
    /// The version has taken the whole body.
    Complete = 2,
    /// The body exceeds its limit.
    TooLong = 3,
    /// The client took too long.
    Slow = 4,
    /// The client broke the body off.
    Broken = 5,
}

/// Shows how far a body has been sent.
#[derive(Debug, Default)]
pub(super) struct Progress {
    stage: AtomicU8,
    advanced: Notify,
    /// The body, if it was dropped before any of it was asked for.
    untouched: Mutex<Option<Body>>,
}

impl Progress {
    pub(super) fn stage(&self) -> Stage {
        match self.stage.load(Ordering::Acquire) {
            0 => Stage::WaitingForVersion,
            1 => Stage::WaitingForClient,
            2 => Stage::Complete,
            3 => Stage::TooLong,
            4 => Stage::Slow,
            _ => Stage::Broken,
        }
    }

    /// Waits for the next part, or another stage. For one waiter.
    pub(super) async fn advanced(&self) {
        self.advanced.notified().await;
    }

    /// The body of a request of which nothing was sent: it can be sent to another version.
    pub(super) fn take_untouched(&self) -> Option<Body> {
        self.untouched.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Release);
        self.advanced.notify_one();
    }
}

/// A request body within limits. Beyond them it is cut off, and with it the connection that it is sent on.
#[derive(Debug)]
pub(super) struct RequestBody {
    inner: Body,
    bytes: usize,
    left: usize,
    is_touched: bool,
    time: Duration,
    deadline: Pin<Box<Sleep>>,
    progress: Arc<Progress>,
}

impl RequestBody {
    /// A body of at most so many bytes, which has so much time to arrive.
    pub(super) fn new(inner: Body, bytes: usize, time: Duration) -> Self {
        let (deadline, progress) = (Box::pin(sleep(time)), Arc::default());
        Self { inner, bytes, left: bytes, is_touched: false, time, deadline, progress }
    }

    /// How far it has been sent, now and later.
    pub(super) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    fn take(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, BodyError> {
        let taken = frame.data_ref().map_or(0, Bytes::len);
        let Some(left) = self.left.checked_sub(taken) else {
            self.progress.set(Stage::TooLong);
            return Err(BodyError::TooLong(self.bytes));
        };
        self.left = left;
        // A body of known length is not polled again after its last part.
        let is_complete = self.inner.is_end_stream();
        self.progress.set(if is_complete { Stage::Complete } else { Stage::WaitingForVersion });
        Ok(frame)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if !self.is_touched {
            let body = std::mem::take(&mut self.inner);
            *self.progress.untouched.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        this.is_touched = true;
        let is_late = this.deadline.as_mut().poll(task).is_ready();
        if !is_late {
            if this.progress.stage() == Stage::WaitingForVersion {
                this.progress.set(Stage::WaitingForClient);
            }
            return Poll::Ready(match ready!(Pin::new(&mut this.inner).poll_frame(task)) {
                Some(Ok(frame)) => Some(this.take(frame)),
                Some(Err(error)) => {
                    this.progress.set(Stage::Broken);
                    Some(Err(BodyError::Broken(error)))
                }
                None => {
                    this.progress.set(Stage::Complete);
                    None
                }
            });
        }
        this.progress.set(Stage::Slow);
        Poll::Ready(Some(Err(BodyError::Slow(this.time))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
