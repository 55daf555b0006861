//! Bodies that are forwarded, with limits on their size and on the time without progress.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep};

/// The limits of a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    /// The maximum size of the body, in bytes.
    pub(crate) bytes: u64,
    /// The maximum time to wait for the next part.
    pub(crate) idle: Duration,
    /// The maximum time for the whole body, if there is a limit.
    pub(crate) total: Option<Duration>,
}

/// Why a body was cut off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the body is longer than {0} bytes")]
    TooLong(u64),
    #[error("no part of the body arrived for {0:?}")]
    Stalled(Duration),
    #[error("the body did not arrive within {0:?}")]
    Slow(Duration),
    #[error("the body was cut off")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The progress of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Stage {
    /// The receiver has not taken all parts that have arrived.
    WaitingForReceiver = 0,
    /// All parts that have arrived were taken.
    WaitingForSender = 1,
    /// The whole body was taken.
    Complete = 2,
    /// The body exceeds its limit.
    TooLong = 3,
    /// The sender stalled.
    Stalled = 4,
    /// The sender has cut off the body.
    Broken = 5,
}

/// Reports the progress of a body to the task that forwards it.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    stage: AtomicU8,
    advanced: Notify,
}

impl Progress {
    pub(crate) fn stage(&self) -> Stage {
        match self.stage.load(Ordering::Acquire) {
            0 => Stage::WaitingForReceiver,
            1 => Stage::WaitingForSender,
            2 => Stage::Complete,
            3 => Stage::TooLong,
            4 => Stage::Stalled,
            _ => Stage::Broken,
        }
    }

    /// Waits for the next part, or for another stage. For one waiter only.
    pub(crate) async fn advanced(&self) {
        self.advanced.notified().await;
    }

    fn set(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Release);
        self.advanced.notify_one();
    }
}

/// A body with limits. Beyond them, the body and the connection that it is sent on are cut off.
#[derive(Debug)]
pub(crate) struct LimitedBody<B> {
    inner: B,
    limits: BodyLimits,
    left: u64,
    begun: Instant,
    /// The timeout of the next part.
    stalled: Option<Pin<Box<Sleep>>>,
    progress: Option<Arc<Progress>>,
}

impl<B> LimitedBody<B> {
    pub(crate) fn new(inner: B, limits: BodyLimits) -> Self {
        Self { inner, limits, left: limits.bytes, begun: Instant::now(), stalled: None, progress: None }
    }

    /// The progress of the body, which is updated later.
    pub(crate) fn progress(&mut self) -> Arc<Progress> {
        Arc::clone(self.progress.get_or_insert_default())
    }

    fn set(&self, stage: Stage) {
        if let Some(progress) = &self.progress {
            progress.set(stage);
        }
    }
}

impl<B: Body> LimitedBody<B> {
    fn take(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, BodyError> {
        let is_late = |total: &Duration| self.begun.elapsed() >= *total;
        if let Some(total) = self.limits.total.filter(is_late) {
            self.set(Stage::Stalled);
            return Err(BodyError::Slow(total));
        }
        let taken = frame.data_ref().map_or(0, |data| data.len() as u64);
        let Some(left) = self.left.checked_sub(taken) else {
            self.set(Stage::TooLong);
            return Err(BodyError::TooLong(self.limits.bytes));
        };
        self.left = left;
        // A body of known length is not polled again after its last part.
        let is_complete = self.inner.is_end_stream();
        self.set(if is_complete { Stage::Complete } else { Stage::WaitingForReceiver });
        Ok(frame)
    }
}

impl<B> Body for LimitedBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(task) {
            this.stalled = None;
            return Poll::Ready(match frame {
                Some(Ok(frame)) => Some(this.take(frame)),
                Some(Err(why)) => {
                    this.set(Stage::Broken);
                    Some(Err(BodyError::Broken(why.into())))
                }
                None => {
                    this.set(Stage::Complete);
                    None
                }
            });
        }
        let BodyLimits { idle, total, .. } = this.limits;
        let left = total.map(|total| total.saturating_sub(this.begun.elapsed()));
        if this.stalled.is_none() {
            this.set(Stage::WaitingForSender);
        }
        let wait = left.map_or(idle, |left| left.min(idle));
        let stalled = this.stalled.get_or_insert_with(|| Box::pin(sleep(wait)));
        ready!(stalled.as_mut().poll(task));
        this.set(Stage::Stalled);
        let why = total.filter(|total| this.begun.elapsed() >= *total).map(BodyError::Slow);
        Poll::Ready(Some(Err(why.unwrap_or(BodyError::Stalled(idle)))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// How long the unused rest of an upload is read.
const LINGER: Duration = Duration::from_secs(5);

/// The body of a client. If it is dropped before its end, for example because a backend has answered early, the
/// rest is read and discarded for a while. If the connection were closed at once, the client would not get the
/// response.
#[derive(Debug)]
pub(crate) struct ClientBody<B: Body + Send + Unpin + 'static>(Option<B>);

impl<B: Body + Send + Unpin + 'static> ClientBody<B> {
    pub(crate) fn new(inner: B) -> Self {
        Self(Some(inner))
    }
}

impl<B: Body + Send + Unpin + 'static> Drop for ClientBody<B> {
    fn drop(&mut self) {
        let Some(mut rest) = self.0.take().filter(|rest| !rest.is_end_stream()) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(tokio::time::timeout(LINGER, async move {
            while let Some(Ok(_)) = poll_fn(|task| Pin::new(&mut rest).poll_frame(task)).await {}
        }));
    }
}

impl<B: Body + Send + Unpin + 'static> Body for ClientBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.0.as_mut().map_or(Poll::Ready(None), |inner| Pin::new(inner).poll_frame(task))
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(B::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(SizeHint::default, B::size_hint)
    }
}
