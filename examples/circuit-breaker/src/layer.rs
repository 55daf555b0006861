//! A tower layer.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tower::{Layer, Service};

use super::breaker::Breaker;
use super::call::{CallError, Classify, ErrorsFail, Rejected};
use super::gate::State;
use super::permit::Permit;

/// A tower layer that calls a service through a breaker.
///
/// While the breaker is open, requests are rejected without waiting for the service to be ready. A request that is
/// rejected later replaces the service by a clone, which releases the reserved readiness. The service therefore
/// holds no permit of a limit behind it.
///
/// # Examples
///
/// ```
/// use circuit_breaker::{Breaker, BreakerLayer, CallError, Settings};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let breaker = Breaker::new("inventory", Settings::default())?;
/// let service = ServiceBuilder::new()
///     .layer(BreakerLayer::new(breaker.clone()))
///     .service(service_fn(|pieces: u32| async move { Ok::<u32, std::io::Error>(pieces) }));
/// assert_eq!(service.clone().oneshot(7).await?, 7);
///
/// // tower's `then` adds a fallback.
/// breaker.force_open();
/// let with_fallback = service.then(|answer| async {
///     match answer {
///         Err(CallError::Rejected(_)) => Ok(0),
///         answer => answer,
///     }
/// });
/// assert_eq!(with_fallback.oneshot(7).await?, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct BreakerLayer<C = ErrorsFail> {
    breaker: Breaker,
    classify: C,
}

/// A service behind a breaker.
#[derive(Debug)]
pub struct BreakerService<S, C = ErrorsFail> {
    inner: S,
    breaker: Breaker,
    classify: C,
    /// `poll_ready` of the service has succeeded since its last call.
    is_ready: bool,
}

impl BreakerLayer {
    /// A layer that counts every error as a failure, and every response as a success.
    #[must_use]
    pub fn new(breaker: Breaker) -> Self {
        Self { breaker, classify: ErrorsFail }
    }
}

impl<C> BreakerLayer<C> {
    /// Replaces the classifier: for HTTP, [`ServerErrorsFail`](super::ServerErrorsFail).
    pub fn classify<D>(self, classify: D) -> BreakerLayer<D> {
        BreakerLayer { breaker: self.breaker, classify }
    }
}

impl<S, C: Clone> Layer<S> for BreakerLayer<C> {
    type Service = BreakerService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        let Self { breaker, classify } = self.clone();
        BreakerService { inner, breaker, classify, is_ready: false }
    }
}

/// Readiness is not cloned.
impl<S: Clone, C: Clone> Clone for BreakerService<S, C> {
    fn clone(&self) -> Self {
        let (inner, classify) = (self.inner.clone(), self.classify.clone());
        Self { inner, breaker: self.breaker.clone(), classify, is_ready: false }
    }
}

impl<S, C, R> Service<R> for BreakerService<S, C>
where
    S: Service<R> + Clone,
    C: Classify<S::Response, S::Error> + Clone,
{
    type Response = S::Response;
    type Error = CallError<S::Error>;
    type Future = CallFuture<S::Future, C>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        if !self.is_ready && !matches!(self.breaker.state(), State::Open | State::ForcedOpen) {
            ready!(self.inner.poll_ready(cx)).map_err(CallError::Failed)?;
            self.is_ready = true;
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        if !self.is_ready {
            // The breaker was open when `poll_ready` was called, so the service may not be ready.
            return CallFuture::rejected(self.breaker.reject(State::Open));
        }
        match self.breaker.admit() {
            Err(rejected) => {
                self.inner = self.inner.clone();
                self.is_ready = false;
                CallFuture::rejected(rejected)
            }
            Ok(permit) => {
                self.is_ready = false;
                let (call, classify) = (self.inner.call(request), self.classify.clone());
                CallFuture { now: Now::Admitted { call, permit: Some(permit), classify } }
            }
        }
    }
}

pin_project! {
    /// The future of a request.
    pub struct CallFuture<F, C> {
        #[pin]
        now: Now<F, C>,
    }
}

pin_project! {
    #[project = Projected]
    enum Now<F, C> {
        Admitted { #[pin] call: F, permit: Option<Permit>, classify: C },
        Rejected { rejected: Option<Rejected> },
    }
}

impl<F, C> CallFuture<F, C> {
    fn rejected(rejected: Rejected) -> Self {
        Self { now: Now::Rejected { rejected: Some(rejected) } }
    }
}

impl<T, E, F, C> Future for CallFuture<F, C>
where
    F: Future<Output = Result<T, E>>,
    C: Classify<T, E>,
{
    type Output = Result<T, CallError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().now.project() {
            Projected::Admitted { call, permit, classify } => {
                let result = ready!(call.poll(cx));
                if let Some(permit) = permit.take() {
                    permit.record(classify.classify(&result));
                }
                Poll::Ready(result.map_err(CallError::Failed))
            }
            Projected::Rejected { rejected } => match rejected.take() {
                Some(rejected) => Poll::Ready(Err(CallError::Rejected(rejected))),
                None => Poll::Pending,
            },
        }
    }
}

impl<F, C> fmt::Debug for CallFuture<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallFuture").finish_non_exhaustive()
    }
}
