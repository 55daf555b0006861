//! Thousands of calls at once, on several threads, while half open.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use circuit_breaker::{Breaker, Dropped, Permit, Settings, State, Verdict};
use tokio::task::{JoinSet, yield_now};
use tokio::time::sleep;

use crate::{fail, settings};

const CALLS: usize = 5000;
const PROBES: u16 = 7;

/// Half open, in real time.
async fn half_open() -> Breaker {
    let settings = Settings {
        open_for: Duration::from_millis(1),
        longest_open: Duration::from_millis(1),
        probes: PROBES,
        dropped: Dropped::Ignored,
        ..settings()
    };
    let breaker = Breaker::new("target", settings).unwrap();
    for _ in 0..4 {
        fail(&breaker).await;
    }
    while breaker.state() != State::HalfOpen {
        sleep(Duration::from_millis(1)).await;
    }
    breaker
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_probes_are_out_than_allowed() {
    let breaker = half_open().await;
    let (out, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let (breaker, out, most) = (breaker.clone(), Arc::clone(&out), Arc::clone(&most));
        calls.spawn(async move {
            let Ok(permit) = breaker.admit() else { return };
            most.fetch_max(out.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            yield_now().await;
            out.fetch_sub(1, Ordering::SeqCst);
            // Nothing is learnt, so that the breaker stays half open, and the next one may try.
            drop(permit);
        });
    }
    calls.join_all().await;
    assert_eq!(breaker.state(), State::HalfOpen);
    let most = most.load(Ordering::SeqCst);
    assert!((1..=usize::from(PROBES)).contains(&most), "{most} at once");
    assert_eq!(breaker.metrics().dropped + breaker.metrics().rejected, CALLS as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn as_many_probes_as_allowed_decide() {
    let breaker = half_open().await;
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let breaker = breaker.clone();
        calls.spawn(async move { breaker.admit().ok() });
    }
    let permits: Vec<Permit> = calls.join_all().await.into_iter().flatten().collect();
    assert_eq!(permits.len(), usize::from(PROBES));
    for permit in permits {
        assert_eq!(breaker.state(), State::HalfOpen);
        permit.record(Verdict::Success);
    }
    while breaker.state() != State::Closed {
        sleep(Duration::from_millis(1)).await;
    }
}
