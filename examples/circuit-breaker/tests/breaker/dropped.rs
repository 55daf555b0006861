//! Calls whose futures are dropped.

use std::future::pending;
use std::time::Duration;

use circuit_breaker::{Breaker, Dropped, Settings, State};
use tokio::time::{sleep, timeout};

use crate::{SECOND, TICK, breaker_with, settings, succeed, trip_and_wait};

fn counting(dropped: Dropped) -> Breaker {
    breaker_with(Settings { dropped, ..settings() })
}

/// A call that is given up after this long.
async fn give_up_after(breaker: &Breaker, time: Duration) {
    let call = breaker.call(pending::<Result<(), ()>>());
    assert!(timeout(time, call).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn they_count_as_the_settings_say() {
    let counted = [(Dropped::Ignored, 0, 0), (Dropped::FailureIfSlow, 0, 2), (Dropped::Failure, 2, 4)];
    for (dropped, quick, all) in counted {
        let breaker = breaker_with(Settings { dropped, minimum_calls: 10, ..settings() });
        for (time, failures) in [(SECOND - TICK, quick), (SECOND, all)] {
            give_up_after(&breaker, time).await;
            give_up_after(&breaker, time).await;
            assert_eq!(breaker.metrics().window.failures, failures, "{dropped:?} after {time:?}");
        }
        assert_eq!(breaker.metrics().dropped, 4);
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_that_hangs_trips_it_by_the_timeout_around_it() {
    let breaker = counting(Dropped::FailureIfSlow);
    for _ in 0..4 {
        give_up_after(&breaker, SECOND * 2).await;
    }
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_says_nothing_gives_its_permit_back() {
    let breaker = counting(Dropped::Ignored);
    trip_and_wait(&breaker).await;
    for _ in 0..10 {
        give_up_after(&breaker, TICK).await;
    }
    for _ in 0..3 {
        succeed(&breaker).await;
    }
    sleep(TICK).await;
    assert_eq!(breaker.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_counts_as_failed_uses_its_permit_up() {
    let breaker = counting(Dropped::Failure);
    trip_and_wait(&breaker).await;
    give_up_after(&breaker, TICK).await;
    give_up_after(&breaker, TICK).await;
    sleep(TICK).await;
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_never_polled_is_never_admitted() {
    let breaker = counting(Dropped::Failure);
    drop(breaker.call(pending::<Result<(), ()>>()));
    assert_eq!(breaker.metrics().dropped, 0);
}
