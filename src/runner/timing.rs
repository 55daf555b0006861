//! Clocks, for retries and timeouts.

use std::fmt;
use std::pin::pin;
use std::time::Duration;

use super::futures::{catching, race};
use super::policy::{Retry, Scope, Scoped};
use crate::fault::{Fault, Result};
use crate::plan::NodeSpec;

/// A source of delays. Tests implement their own, or pause tokio's clock.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// /// Does not wait at all: for tests of retries.
/// struct Impatient;
///
/// impl flowgen::Clock for Impatient {
///     async fn sleep(&self, _: Duration) {}
/// }
/// ```
pub trait Clock: Sync {
    /// Waits for this duration.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// Tokio's clock. Requires feature `tokio`, and a runtime with time enabled.
#[cfg(feature = "tokio")]
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioClock;

#[cfg(feature = "tokio")]
impl Clock for TokioClock {
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(duration)
    }
}

/// The time policies of a runner. Sealed: [`Untimed`] and [`Timed`].
pub trait Timing: Sync + sealed::Sealed {
    /// The retry policy of a node.
    #[doc(hidden)]
    fn retry(&self, at: u32, node: &NodeSpec) -> Option<&Retry>;

    /// Waits between two attempts.
    #[doc(hidden)]
    fn pause(&self, pause: Duration) -> impl Future<Output = ()> + Send;

    /// Applies the timeout of a node to an attempt.
    #[doc(hidden)]
    fn in_time<T: Send>(
        &self,
        at: u32,
        node: &NodeSpec,
        attempt: impl Future<Output = Result<T>> + Send,
    ) -> impl Future<Output = Result<T>> + Send;
}

/// No clock: no retries and no timeouts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Untimed;

/// A clock, and the policies that need one.
#[derive(Clone, Debug)]
pub struct Timed<C> {
    clock: C,
    retries: Scoped<Retry>,
    timeouts: Scoped<Duration>,
}

impl<C> Timed<C> {
    pub(super) fn new(clock: C) -> Self {
        Self { clock, retries: Scoped::new(), timeouts: Scoped::new() }
    }

    pub(super) fn set_retry(&mut self, scope: Scope, retry: Option<Retry>) {
        self.retries.set(scope, retry);
    }

    pub(super) fn set_timeout(&mut self, scope: Scope, timeout: Option<Duration>) {
        self.timeouts.set(scope, timeout);
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Untimed {}
    impl<C> Sealed for super::Timed<C> {}
}

impl Timing for Untimed {
    fn retry(&self, _: u32, _: &NodeSpec) -> Option<&Retry> {
        None
    }

    async fn pause(&self, _: Duration) {}

    async fn in_time<T: Send>(
        &self,
        _: u32,
        _: &NodeSpec,
        attempt: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        attempt.await
    }
}

impl<C: Clock> Timing for Timed<C> {
    fn retry(&self, at: u32, node: &NodeSpec) -> Option<&Retry> {
        self.retries.get(at, node)
    }

    async fn pause(&self, pause: Duration) {
        self.clock.sleep(pause).await;
    }

    async fn in_time<T: Send>(
        &self,
        at: u32,
        node: &NodeSpec,
        attempt: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        match self.timeouts.get(at, node) {
            None => attempt.await,
            Some(&after) => {
                race(attempt, catching(pin!(self.clock.sleep(after)))).await.unwrap_or_else(|slept| {
                    match slept {
                        Ok(()) => Err(Fault::new(TimedOut { after })),
                        Err(panicked) => Err(Fault::from(panicked)),
                    }
                })
            }
        }
    }
}

/// The fault of an attempt that exceeded its timeout. Its effect may have occurred or may occur later: see
/// [`Runner::timeout`](crate::Runner::timeout).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOut {
    /// The timeout.
    pub after: Duration,
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "timed out after {:?}", self.after)
    }
}

impl std::error::Error for TimedOut {}
