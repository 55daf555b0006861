//! Every change of the state.

use std::time::Duration;

use circuit_breaker::{CallError, Settings, State, Verdict, Window};
use tokio::time::sleep;

use crate::{SECOND, TICK, breaker, breaker_with, fail, settings, succeed, take, trip, trip_and_wait};

#[tokio::test(start_paused = true)]
async fn too_few_calls_do_not_trip_it() {
    let breaker = breaker();
    for _ in 0..3 {
        fail(&breaker).await;
    }
    assert_eq!(breaker.state(), State::Closed);
    fail(&breaker).await;
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn a_rate_below_the_limit_does_not_trip_it() {
    let breaker = breaker();
    for _ in 0..20 {
        succeed(&breaker).await;
        succeed(&breaker).await;
        fail(&breaker).await;
    }
    assert_eq!(breaker.state(), State::Closed);
    fail(&breaker).await;
    fail(&breaker).await;
    assert_eq!(breaker.state(), State::Open, "5 of the last 10 failed");
}

#[tokio::test(start_paused = true)]
async fn slow_calls_trip_it() {
    let breaker = breaker_with(Settings { slow_rate: 0.5, ..settings() });
    for _ in 0..2 {
        take(&breaker, SECOND - TICK).await;
        take(&breaker, SECOND).await;
    }
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn failures_are_forgotten_in_time() {
    let breaker = breaker_with(Settings { window: Window::Time(SECOND * 10), ..settings() });
    for _ in 0..3 {
        fail(&breaker).await;
    }
    sleep(SECOND * 10).await;
    for _ in 0..3 {
        fail(&breaker).await;
    }
    assert_eq!(breaker.state(), State::Closed);
    fail(&breaker).await;
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn while_open_nothing_is_called() {
    let breaker = breaker();
    trip(&breaker).await;
    let called = breaker.call(async { panic!("it was called") as Result<(), ()> }).await;
    let Err(CallError::Rejected(rejected)) = called else { panic!("{called:?}") };
    assert_eq!(rejected.to_string(), "the circuit breaker of `target` rejects calls: it is open");
}

#[tokio::test(start_paused = true)]
async fn it_stays_open_for_its_time_without_any_call() {
    let breaker = breaker();
    trip(&breaker).await;
    sleep(SECOND - TICK).await;
    assert_eq!((breaker.state(), breaker.retry_after()), (State::Open, Some(TICK)));
    sleep(TICK * 2).await;
    assert_eq!((breaker.state(), breaker.retry_after()), (State::HalfOpen, None));
}

#[tokio::test(start_paused = true)]
async fn good_probes_close_it_with_an_empty_window() {
    let breaker = breaker();
    trip_and_wait(&breaker).await;
    for _ in 0..3 {
        assert_eq!(breaker.state(), State::HalfOpen);
        succeed(&breaker).await;
    }
    sleep(TICK).await;
    assert_eq!((breaker.state(), breaker.metrics().window.calls), (State::Closed, 0));
}

#[tokio::test(start_paused = true)]
async fn bad_probes_open_it_again_as_soon_as_it_is_certain() {
    let breaker = breaker();
    trip_and_wait(&breaker).await;
    fail(&breaker).await;
    sleep(TICK).await;
    assert_eq!(breaker.state(), State::HalfOpen, "2 of 3 may still go well");
    fail(&breaker).await;
    sleep(TICK).await;
    assert_eq!((breaker.state(), breaker.metrics().opened), (State::Open, 2));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_fails_is_one_of_three() {
    let breaker = breaker();
    trip_and_wait(&breaker).await;
    succeed(&breaker).await;
    fail(&breaker).await;
    succeed(&breaker).await;
    sleep(TICK).await;
    assert_eq!(breaker.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn slow_probes_open_it_again() {
    let breaker = breaker_with(Settings { slow_rate: 0.3, ..settings() });
    trip_and_wait(&breaker).await;
    take(&breaker, SECOND).await;
    sleep(TICK).await;
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn each_wait_is_longer_up_to_the_longest() {
    let breaker = breaker();
    trip(&breaker).await;
    for seconds in [1, 2, 4, 4] {
        sleep(SECOND * seconds - TICK * 2).await;
        assert_eq!(breaker.state(), State::Open, "{seconds} s");
        sleep(TICK * 3).await;
        assert_eq!(breaker.state(), State::HalfOpen, "{seconds} s");
        fail(&breaker).await;
        fail(&breaker).await;
        tokio::task::yield_now().await;
    }
    sleep(SECOND * 4 + TICK).await;
    for _ in 0..3 {
        succeed(&breaker).await;
    }
    sleep(TICK).await;
    trip(&breaker).await;
    tokio::task::yield_now().await;
    assert_eq!(breaker.retry_after(), Some(SECOND), "a new outage begins with the first wait");
}

#[tokio::test(start_paused = true)]
async fn jitter_repeats_with_its_seed() {
    let mut waits = Vec::new();
    for seed in [1, 1, 2] {
        let breaker = breaker_with(Settings { jitter: true, seed: Some(seed), ..settings() });
        trip(&breaker).await;
        tokio::task::yield_now().await;
        waits.push(breaker.retry_after().unwrap());
    }
    assert!(waits.iter().all(|wait| (SECOND..SECOND * 2).contains(wait)), "{waits:?}");
    assert!(waits[0] == waits[1] && waits[1] != waits[2], "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn probes_that_hang_open_it_again() {
    let breaker = breaker();
    trip_and_wait(&breaker).await;
    let hanging = breaker.admit().unwrap();
    sleep(SECOND * 10 - TICK * 2).await;
    assert_eq!(breaker.state(), State::HalfOpen);
    sleep(TICK * 3).await;
    assert_eq!(breaker.state(), State::Open);
    hanging.record(Verdict::Success);
    sleep(SECOND * 2).await;
    assert_eq!(breaker.state(), State::HalfOpen, "what comes late says nothing about this time");
}

#[tokio::test(start_paused = true)]
async fn without_calls_it_waits_half_open() {
    let breaker = breaker();
    trip_and_wait(&breaker).await;
    sleep(Duration::from_secs(3600)).await;
    assert_eq!((breaker.state(), breaker.metrics().opened), (State::HalfOpen, 1));
}

#[tokio::test(start_paused = true)]
async fn a_call_from_before_does_not_count() {
    let breaker = breaker();
    let early = breaker.admit().unwrap();
    trip_and_wait(&breaker).await;
    early.record(Verdict::Failure);
    for _ in 0..3 {
        succeed(&breaker).await;
    }
    sleep(TICK).await;
    let metrics = breaker.metrics();
    assert_eq!((metrics.state, metrics.failures, metrics.window.calls), (State::Closed, 5, 0));
}

#[tokio::test(start_paused = true)]
async fn forced_open_it_stays_open_until_it_is_reset() {
    let breaker = breaker();
    breaker.force_open();
    sleep(Duration::from_secs(3600)).await;
    assert_eq!((breaker.state(), breaker.retry_after()), (State::ForcedOpen, None));
    assert!(breaker.admit().is_err());
    breaker.reset();
    succeed(&breaker).await;
    assert_eq!(breaker.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn disabled_it_admits_all_and_counts_nothing() {
    let breaker = breaker();
    breaker.disable();
    for _ in 0..100 {
        fail(&breaker).await;
    }
    let metrics = breaker.metrics();
    assert_eq!((metrics.state, metrics.failures, metrics.window.calls), (State::Disabled, 0, 0));
}

/// Whatever an outage is doing, an operator has the last word.
#[tokio::test(start_paused = true)]
async fn an_operator_overrules_an_outage() {
    for wait in [TICK, SECOND * 2] {
        let breaker = breaker();
        trip(&breaker).await;
        sleep(wait).await;
        breaker.force_open();
        sleep(SECOND * 60).await;
        assert_eq!(breaker.state(), State::ForcedOpen);
        breaker.reset();
        sleep(SECOND * 60).await;
        assert_eq!(breaker.state(), State::Closed);
        trip(&breaker).await;
        breaker.disable();
        sleep(SECOND * 60).await;
        assert_eq!(breaker.state(), State::Disabled);
    }
}

#[tokio::test(start_paused = true)]
async fn a_classifier_decides_which_results_are_failures() {
    let breaker = breaker();
    let teapots = |result: &Result<u16, ()>| match result {
        Ok(418) => Verdict::Ignored,
        Ok(500..) => Verdict::Failure,
        _ => Verdict::Success,
    };
    for status in [200, 418, 418, 503, 503, 418, 418, 418] {
        assert_eq!(breaker.call_with(teapots, async { Ok(status) }).await, Ok(status));
    }
    let metrics = breaker.metrics();
    assert_eq!((metrics.successes, metrics.failures, metrics.ignored), (1, 2, 5));
    assert_eq!((metrics.window.calls, metrics.state), (3, State::Closed));
    assert!(breaker.call_with(teapots, async { Ok(500) }).await.is_ok());
    assert_eq!(breaker.state(), State::Open);
}
