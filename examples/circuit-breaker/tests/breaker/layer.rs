//! The tower layer.

use std::future::{Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use circuit_breaker::{BreakerLayer, CallError, Rejected, State, Verdict};
use tokio::time::sleep;
use tower::limit::ConcurrencyLimit;
use tower::{Layer, Service, ServiceExt};

use crate::{SECOND, TICK, breaker, trip};

/// Answers with the request. Panics if it is called before it is ready.
#[derive(Clone, Default)]
struct Echo {
    is_ready: bool,
}

impl Service<Result<u16, &'static str>> for Echo {
    type Response = u16;
    type Error = &'static str;
    type Future = Ready<Result<u16, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Result<u16, &'static str>) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "called before it was ready");
        ready(request)
    }
}

/// The output of a future that is ready at once.
fn poll_now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("not ready"),
    }
}

#[tokio::test(start_paused = true)]
async fn it_trips_and_recovers() {
    let breaker = breaker();
    let mut service = BreakerLayer::new(breaker.clone()).layer(Echo::default());
    for _ in 0..4 {
        let failed = service.ready().await.unwrap().call(Err("down")).await;
        assert_eq!(failed, Err(CallError::Failed("down")));
    }
    let rejected = service.ready().await.unwrap().call(Ok(200)).await;
    let expected = Rejected { target: "target".into(), state: State::Open };
    assert_eq!(rejected, Err(CallError::Rejected(expected)));
    sleep(SECOND + TICK).await;
    for _ in 0..3 {
        assert_eq!(service.ready().await.unwrap().call(Ok(200)).await, Ok(200));
    }
    sleep(TICK).await;
    assert_eq!(breaker.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_not_ready_is_not_called() {
    let breaker = breaker();
    trip(&breaker).await;
    let mut service = BreakerLayer::new(breaker.clone()).layer(Echo::default());
    let service = service.ready().await.unwrap();
    breaker.reset();
    assert!(matches!(service.call(Ok(200)).await, Err(CallError::Rejected(_))));
    assert_eq!(service.ready().await.unwrap().call(Ok(200)).await, Ok(200));
}

/// Readiness may be a permit of a limit, which a rejected request must not hold.
#[tokio::test(start_paused = true)]
async fn a_rejected_request_gives_readiness_back() {
    let breaker = breaker();
    let limited = ConcurrencyLimit::new(Echo::default(), 1);
    let mut service = BreakerLayer::new(breaker.clone()).layer(limited.clone());
    service.ready().await.unwrap();
    trip(&breaker).await;
    assert!(matches!(service.call(Ok(200)).await, Err(CallError::Rejected(_))));
    let mut other = limited;
    assert_eq!(poll_now(other.ready()).unwrap().call(Ok(200)).await, Ok(200));
    sleep(SECOND + TICK).await;
    assert_eq!(service.ready().await.unwrap().call(Ok(200)).await, Ok(200));
}

#[tokio::test(start_paused = true)]
async fn a_classifier_decides_which_results_are_failures() {
    let breaker = breaker();
    let classify = |answer: &Result<u16, &'static str>| match answer {
        Ok(..500) => Verdict::Success,
        _ => Verdict::Failure,
    };
    let service = BreakerLayer::new(breaker.clone()).classify(classify).layer(Echo::default());
    for _ in 0..4 {
        assert_eq!(service.clone().oneshot(Ok(503)).await, Ok(503));
    }
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_not_awaited_is_a_dropped_call() {
    let breaker = breaker();
    let mut service = BreakerLayer::new(breaker.clone()).layer(Echo::default());
    drop(service.ready().await.unwrap().call(Ok(200)));
    assert_eq!(breaker.metrics().dropped, 1);
}
