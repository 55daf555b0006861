//! A breaker needs no timer, no task and no runtime: calls compare the clock.

use std::time::{Duration, Instant};

use circuit_breaker::{Breaker, Settings, State, Verdict};
use tokio::runtime::{Builder, Runtime};

use crate::{fail, settings};

const OPEN_FOR: Duration = Duration::from_millis(20);

/// Opens for a few milliseconds of real time.
fn breaker() -> Breaker {
    let settings = Settings { open_for: OPEN_FOR, longest_open: OPEN_FOR, probes: 1, ..settings() };
    Breaker::new("target", settings).unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

/// Spins until the condition holds. The bound only ends a test that fails.
fn spin_until(mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the breaker stays open");
    }
}

#[test]
fn a_loop_that_never_yields_is_admitted_after_the_open_period() {
    runtime().block_on(async {
        let breaker = breaker();
        for _ in 0..4 {
            fail(&breaker).await;
        }
        let mut admitted = false;
        let begun = Instant::now();
        while !admitted {
            assert!(begun.elapsed() < Duration::from_secs(30), "the breaker stays open");
            admitted = breaker.call(async { Ok::<_, &str>(()) }).await.is_ok();
        }
        assert_eq!(breaker.state(), State::Closed, "the probe decides at once");
    });
}

#[test]
fn a_runtime_that_only_runs_calls_is_enough() {
    let (runtime, breaker) = (runtime(), breaker());
    for _ in 0..4 {
        runtime.block_on(fail(&breaker));
    }
    assert_eq!(breaker.state(), State::Open);
    spin_until(|| runtime.block_on(breaker.call(async { Ok::<_, &str>(()) })).is_ok());
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn no_runtime_is_needed() {
    let breaker = breaker();
    for _ in 0..4 {
        breaker.admit().unwrap().record(Verdict::Failure);
    }
    assert_eq!(breaker.state(), State::Open);
    assert!(breaker.retry_after().is_some_and(|after| after <= OPEN_FOR));
    spin_until(|| breaker.admit().map(|permit| permit.record(Verdict::Success)).is_ok());
    assert_eq!(breaker.state(), State::Closed);
}

/// Failures of another thread count, and the end of a runtime changes nothing.
#[test]
fn threads_and_runtimes_come_and_go() {
    let breaker = breaker();
    let runtime = runtime();
    let recording = breaker.clone();
    std::thread::spawn(move || {
        for _ in 0..4 {
            recording.admit().unwrap().record(Verdict::Failure);
        }
    })
    .join()
    .unwrap();
    assert_eq!(breaker.state(), State::Open);
    spin_until(|| breaker.state() == State::HalfOpen);
    runtime.block_on(async {
        fail(&breaker).await;
    });
    drop(runtime);
    assert_eq!(breaker.state(), State::Open);
    spin_until(|| breaker.state() == State::HalfOpen);
}
