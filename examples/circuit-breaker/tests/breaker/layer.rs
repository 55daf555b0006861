//! Before a tower service.

use std::future::{Ready, ready};
use std::task::{Context, Poll};

use circuit_breaker::{BreakerLayer, CallError, Rejected, State, Verdict};
use tokio::time::sleep;
use tower::{Layer, Service, ServiceExt};

use crate::{SECOND, TICK, breaker, trip};

/// Answers with what it is asked; counts how often it was asked whether it is ready, and called.
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
async fn a_service_that_was_not_asked_is_not_called() {
    let breaker = breaker();
    trip(&breaker).await;
    let mut service = BreakerLayer::new(breaker.clone()).layer(Echo::default());
    let service = service.ready().await.unwrap();
    breaker.reset();
    assert!(matches!(service.call(Ok(200)).await, Err(CallError::Rejected(_))));
    assert_eq!(service.ready().await.unwrap().call(Ok(200)).await, Ok(200));
}

#[tokio::test(start_paused = true)]
async fn readiness_is_kept_while_all_probes_are_out() {
    let breaker = breaker();
    let mut service = BreakerLayer::new(breaker.clone()).layer(Echo::default());
    trip(&breaker).await;
    sleep(SECOND + TICK).await;
    let probes: Vec<_> = (0..3).map(|_| breaker.admit().unwrap()).collect();
    assert!(service.ready().await.unwrap().call(Ok(200)).await.is_err());
    drop(probes);
    assert_eq!(service.ready().await.unwrap().call(Ok(200)).await, Ok(200));
}

#[tokio::test(start_paused = true)]
async fn a_classifier_says_what_counts() {
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
async fn an_answer_that_nobody_waits_for_is_a_dropped_call() {
    let breaker = breaker();
    let mut service = BreakerLayer::new(breaker.clone()).layer(Echo::default());
    drop(service.ready().await.unwrap().call(Ok(200)));
    assert_eq!(breaker.metrics().dropped, 1);
}
