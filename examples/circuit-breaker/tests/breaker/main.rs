//! Breakers on a paused clock, unless a test says otherwise.

mod clock;
mod dropped;
mod events;
mod half_open;
#[cfg(feature = "http")]
mod http;
mod layer;
mod settings;
mod transitions;

use std::time::Duration;

use circuit_breaker::{Breaker, CallError, Settings, State, Window};
use tokio::time::sleep;

const SECOND: Duration = Duration::from_secs(1);

/// Opens after two failures in four calls, for one second, and closes after three probes.
fn settings() -> Settings {
    Settings {
        window: Window::Calls(10),
        minimum_calls: 4,
        slow_after: Some(SECOND),
        open_for: SECOND,
        longest_open: SECOND * 4,
        jitter: false,
        probes: 3,
        half_open_for: SECOND * 10,
        ..Settings::default()
    }
}

fn breaker() -> Breaker {
    breaker_with(settings())
}

fn breaker_with(settings: Settings) -> Breaker {
    Breaker::new("target", settings).unwrap()
}

async fn succeed(breaker: &Breaker) {
    breaker.call(async { Ok::<_, ()>(()) }).await.unwrap();
}

async fn fail(breaker: &Breaker) {
    assert_eq!(breaker.call(async { Err::<(), _>(()) }).await, Err(CallError::Failed(())));
}

/// A call that succeeds, after this long.
async fn take(breaker: &Breaker, time: Duration) {
    let call = async {
        sleep(time).await;
        Ok::<_, ()>(())
    };
    breaker.call(call).await.unwrap();
}

async fn trip(breaker: &Breaker) {
    for _ in 0..4 {
        fail(breaker).await;
    }
    assert_eq!(breaker.state(), State::Open);
}

async fn trip_and_wait(breaker: &Breaker) {
    trip(breaker).await;
    sleep(SECOND + TICK).await;
    assert_eq!(breaker.state(), State::HalfOpen);
}

/// Long enough for everything that is due.
const TICK: Duration = Duration::from_millis(1);
