//! Bodies on their way through: limited in length, and in how long they may stand still.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// What a body may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    /// The longest, in bytes.
    pub(crate) bytes: u64,
    /// The longest time without another byte, once one is waited for.
    pub(crate) idle: Duration,
}

/// Why a body broke off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the body is longer than {0} bytes")]
    TooLong(u64),
    #[error("nothing more of the body came for {0:?}")]
    Stalled(Duration),
    #[error("the body broke off")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// How far a body has come, for whoever has handed it on.
#[derive(Debug, Default)]
pub(crate) struct Progress(AtomicU8);

/// How far a body has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Stage {
    /// Nobody waits for whoever sends it.
    Moving = 0,
    /// Whoever sends it is waited for.
    Awaited = 1,
    /// It was too long.
    TooLong = 2,
    /// It stood still for too long.
    Stalled = 3,
    /// Whoever sent it broke off.
    Broken = 4,
}

impl Progress {
    pub(crate) fn stage(&self) -> Stage {
        match self.0.load(Ordering::Relaxed) {
            0 => Stage::Moving,
            1 => Stage::Awaited,
            2 => Stage::TooLong,
            3 => Stage::Stalled,
            _ => Stage::Broken,
        }
    }

    fn set(&self, stage: Stage) {
        self.0.store(stage as u8, Ordering::Relaxed);
    }
}

/// A body within limits. Beyond them it breaks off, and with it the connection that it is sent on.
#[derive(Debug)]
pub(crate) struct Metered<B> {
    inner: B,
    limits: BodyLimits,
    left: u64,
    /// Ends the wait for the next part; there is none while nobody waits.
    standing: Option<Pin<Box<Sleep>>>,
    /// Told how far it has come, where somebody wants to know.
    progress: Option<Arc<Progress>>,
}

impl<B> Metered<B> {
    pub(crate) fn new(inner: B, limits: BodyLimits) -> Self {
        Self { inner, limits, left: limits.bytes, standing: None, progress: None }
    }

    /// How far it has come, also when it was handed on.
    pub(crate) fn progress(&mut self) -> Arc<Progress> {
        Arc::clone(self.progress.get_or_insert_default())
    }

    fn tell(&self, stage: Stage) {
        if let Some(progress) = &self.progress {
            progress.set(stage);
        }
    }

    fn take(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, BodyError> {
        let taken = frame.data_ref().map_or(0, |data| data.len() as u64);
        let Some(left) = self.left.checked_sub(taken) else {
            self.tell(Stage::TooLong);
            return Err(BodyError::TooLong(self.limits.bytes));
        };
        self.left = left;
        self.tell(Stage::Moving);
        Ok(frame)
    }
}

impl<B> Body for Metered<B>
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
            this.standing = None;
            return Poll::Ready(frame.map(|frame| match frame {
                Ok(frame) => this.take(frame),
                Err(why) => {
                    this.tell(Stage::Broken);
                    Err(BodyError::Broken(why.into()))
                }
            }));
        }
        this.tell(Stage::Awaited);
        let idle = this.limits.idle;
        let standing = this.standing.get_or_insert_with(|| Box::pin(sleep(idle)));
        ready!(standing.as_mut().poll(task));
        this.tell(Stage::Stalled);
        Poll::Ready(Some(Err(BodyError::Stalled(idle))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
