//! A call through a breaker.

use std::sync::Arc;

use thiserror::Error;

use super::breaker::Breaker;
use super::gate::State;

/// Why a call gave no value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallError<E> {
    /// It was not made.
    #[error(transparent)]
    Rejected(Rejected),
    /// It was made, and failed.
    #[error(transparent)]
    Failed(E),
}

/// A call was not made, because its target is left alone.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the circuit breaker of `{target}` rejects calls: it is {state}")]
pub struct Rejected {
    /// Whose breaker it is.
    pub target: Arc<str>,
    /// The state it is in.
    pub state: State,
}

/// What a call says about its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The target is well.
    Success,
    /// The target is not well.
    Failure,
    /// Nothing. The call does not count, and a probe is made once more.
    Ignored,
}

/// Says what counts as a failure. Any `Fn(&Result<T, E>) -> Verdict` does.
pub trait Classify<T, E> {
    /// What this result says about the target.
    fn classify(&self, result: &Result<T, E>) -> Verdict;
}

/// Every error is a failure.
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
    /// Makes a call, if the breaker admits it. Every error is a failure of the target.
    ///
    /// # Errors
    ///
    /// That of the call, or that it was not made.
    pub async fn call<T, E>(&self, call: impl Future<Output = Result<T, E>>) -> Result<T, CallError<E>> {
        self.call_with(ErrorsFail, call).await
    }

    /// The same, with a classifier that says what counts as a failure.
    ///
    /// # Errors
    ///
    /// That of the call, or that it was not made.
    ///
    /// # Examples
    ///
    /// ```
    /// use circuit_breaker::circuit::{Breaker, Settings, Verdict};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let breaker = Breaker::new("inventory", Settings::default())?;
    /// // What the target says of a wrong question does not mean that it is ill.
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

    /// Makes a call, and where it gives no value, does something else.
    ///
    /// # Errors
    ///
    /// That of the fallback.
    ///
    /// # Examples
    ///
    /// ```
    /// use circuit_breaker::circuit::{Breaker, Settings};
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
