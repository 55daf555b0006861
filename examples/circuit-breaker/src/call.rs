//! A call through a breaker.

use std::sync::Arc;

use thiserror::Error;

use super::breaker::Breaker;
use super::gate::State;

/// The error of a call through a breaker.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallError<E> {
    /// The breaker rejected the call. The target was not called.
    #[error(transparent)]
    Rejected(Rejected),
    /// The target was called, and the call failed.
    #[error(transparent)]
    Failed(E),
}

/// A breaker rejected a call.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the circuit breaker of `{target}` rejects calls: it is {state}")]
pub struct Rejected {
    /// The target of the breaker.
    pub target: Arc<str>,
    /// The state of the breaker.
    pub state: State,
}

/// The meaning of a call's result for its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The target works.
    Success,
    /// The target does not work.
    Failure,
    /// Says nothing about the target. The call does not count. If it was a probe, another call takes its place.
    Ignored,
}

/// Classifies results. Any `Fn(&Result<T, E>) -> Verdict` is a classifier.
pub trait Classify<T, E> {
    /// Classifies this result.
    fn classify(&self, result: &Result<T, E>) -> Verdict;
}

/// Classifies every error as a failure.
#[derive(Clone, Copy, Debug, Default)]
pub struct ErrorsFail;

impl<T, E> Classify<T, E> for ErrorsFail {
    fn classify(&self, result: &Result<T, E>) -> Verdict {
        if result.is_ok() { Verdict::Success } else { Verdict::Failure }
    }
}

impl<T, E, F: Fn(&Result<T, E>) -> Verdict> Classify<T, E> for F {
    fn classify(&self, result: &Result<T, E>) -> Verdict {
        self(result)
    }
}

impl Breaker {
    /// Makes a call if the breaker admits it. Every error counts as a failure of the target.
    ///
    /// A panic of the call counts as a failure. If the returned future is dropped, the call counts as
    /// [`Settings::dropped`](super::Settings::dropped) says.
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] with the error of the call, or [`CallError::Rejected`].
    pub async fn call<T, E>(&self, call: impl Future<Output = Result<T, E>>) -> Result<T, CallError<E>> {
        self.call_with(ErrorsFail, call).await
    }

    /// Like [`Breaker::call`], with a classifier that decides what counts as a failure.
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] with the error of the call, or [`CallError::Rejected`].
    ///
    /// # Examples
    ///
    /// ```
    /// use circuit_breaker::{Breaker, Settings, Verdict};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let breaker = Breaker::new("inventory", Settings::default())?;
    /// // That the target refuses a wrong request does not mean that it is down.
    /// let classify = |result: &Result<u32, &str>| match result {
    ///     Ok(_) => Verdict::Success,
    ///     Err(error) if error.starts_with("bad request") => Verdict::Ignored,
    ///     Err(_) => Verdict::Failure,
    /// };
    /// let call = async { Err("bad request: no such article") };
    /// assert!(breaker.call_with(classify, call).await.is_err());
    /// assert_eq!(breaker.metrics().failures, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn call_with<T, E>(
        &self,
        classify: impl Classify<T, E>,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, CallError<E>> {
        let permit = self.admit().map_err(CallError::Rejected)?;
        let result = call.await;
        permit.record(classify.classify(&result));
        result.map_err(CallError::Failed)
    }

    /// Like [`Breaker::call`], with a fallback for calls that are rejected or fail.
    ///
    /// # Errors
    ///
    /// The error of the fallback.
    ///
    /// # Examples
    ///
    /// ```
    /// use circuit_breaker::{Breaker, Settings};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let breaker = Breaker::new("inventory", Settings::default())?;
    /// breaker.force_open();
    /// let ask = async { Ok::<u32, std::io::Error>(7) };
    /// let pieces = breaker.call_or_else(ask, |_| async { Ok::<u32, std::io::Error>(0) }).await?;
    /// assert_eq!(pieces, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn call_or_else<T, E, F, O>(
        &self,
        call: impl Future<Output = Result<T, E>>,
        fallback: impl FnOnce(CallError<E>) -> O,
    ) -> Result<T, F>
    where
        O: Future<Output = Result<T, F>>,
    {
        match self.call(call).await {
            Ok(value) => Ok(value),
            Err(error) => fallback(error).await,
        }
    }
}
