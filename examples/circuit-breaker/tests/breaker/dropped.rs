//! Calls whose futures are dropped, and calls that panic.

use std::future::pending;
use std::time::Duration;

use circuit_breaker::{Breaker, Dropped, Settings, State};
use tokio::time::{sleep, timeout};

use crate::{SECOND, TICK, breaker, breaker_with, settings, succeed, trip_and_wait};

fn counting(dropped: Dropped) -> Breaker {
    breaker_with(Settings { dropped, ..settings() })
}

/// A call that a timeout drops after this time.
async fn drop_after(breaker: &Breaker, time: Duration) {
    let call = breaker.call(pending::<Result<(), ()>>());
    assert!(timeout(time, call).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn they_count_as_the_settings_say() {
    for (dropped, failures) in [(Dropped::Ignored, 0), (Dropped::Failure, 3)] {
        let breaker = counting(dropped);
        for _ in 0..3 {
            drop_after(&breaker, TICK).await;
        }
        let metrics = breaker.metrics();
        assert_eq!((metrics.window.failures, metrics.dropped), (failures, 3), "{dropped:?}");
    }
}

/// With default settings, under timeouts shorter than any that the settings know of.
#[tokio::test(start_paused = true)]
async fn a_target_that_hangs_under_a_timeout_opens_the_breaker_by_default() {
    let breaker = Breaker::new("target", Settings::default()).unwrap();
    for _ in 0..20 {
        drop_after(&breaker, SECOND * 2).await;
    }
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn calls_that_panic_open_the_breaker_by_default() {
    for dropped in [Dropped::Failure, Dropped::Ignored] {
        let breaker = breaker_with(Settings { dropped, ..Settings::default() });
        for _ in 0..20 {
            let breaker = breaker.clone();
            let call = async move { breaker.call(async { panic!("a bug") as Result<(), ()> }).await };
            assert!(tokio::spawn(call).await.unwrap_err().is_panic());
        }
        assert_eq!((breaker.state(), breaker.metrics().panicked), (State::Open, 20));
    }
}

#[tokio::test(start_paused = true)]
async fn a_permit_can_say_that_the_client_has_gone() {
    let breaker = breaker();
    for _ in 0..10 {
        drop(breaker.admit().unwrap().when_dropped(Dropped::Ignored));
    }
    assert_eq!((breaker.metrics().window.failures, breaker.metrics().dropped), (0, 10));
}

#[tokio::test(start_paused = true)]
async fn a_probe_without_a_result_returns_its_permit() {
    let breaker = counting(Dropped::Ignored);
    trip_and_wait(&breaker).await;
    for _ in 0..10 {
        drop_after(&breaker, TICK).await;
    }
    for _ in 0..3 {
        succeed(&breaker).await;
    }
    assert_eq!(breaker.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn dropped_probes_that_count_as_failures_open_it_again() {
    let breaker = counting(Dropped::Failure);
    trip_and_wait(&breaker).await;
    drop_after(&breaker, TICK).await;
    drop_after(&breaker, TICK).await;
    assert_eq!(breaker.state(), State::Open);
}

/// A target that hangs, clients that give up early, and a breaker that ignores that.
#[tokio::test(start_paused = true)]
async fn dropped_probes_do_not_keep_it_half_open() {
    let breaker = counting(Dropped::Ignored);
    trip_and_wait(&breaker).await;
    for _ in 0..9 {
        drop_after(&breaker, SECOND).await;
        assert_eq!(breaker.state(), State::HalfOpen);
    }
    sleep(SECOND + TICK).await;
    assert_eq!((breaker.state(), breaker.metrics().opened), (State::Open, 2));
}

/// A probe now and then is enough, as long as each one has a result.
#[tokio::test(start_paused = true)]
async fn rare_probes_close_it() {
    let breaker = counting(Dropped::Ignored);
    trip_and_wait(&breaker).await;
    for _ in 0..3 {
        assert_eq!(breaker.state(), State::HalfOpen);
        sleep(SECOND * 60).await;
        succeed(&breaker).await;
    }
    assert_eq!(breaker.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_never_polled_is_never_admitted() {
    let breaker = counting(Dropped::Failure);
    drop(breaker.call(pending::<Result<(), ()>>()));
    assert_eq!(breaker.metrics().dropped, 0);
}
