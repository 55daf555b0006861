//! What listeners are told.

use std::sync::{Arc, Mutex};

use circuit_breaker::{Breaker, Event, Listener, Outcome, Registry, Settings};
use tokio::time::sleep;

use crate::{SECOND, TICK, fail, settings, succeed, take, trip};

/// A listener, and what it was told.
fn listener() -> (Listener, Arc<Mutex<Vec<String>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&told);
    let listener: Listener = Arc::new(move |event: &Event<'_>| {
        notes.lock().unwrap().push(match event {
            Event::Changed { target, from, to, counts } => {
                format!("{target}: {from}, {to} ({} of {})", counts.failures, counts.calls)
            }
            Event::Called { outcome: Outcome::Success, slow: true, took, .. } => format!("slow: {took:?}"),
            Event::Called { outcome, .. } => format!("{outcome:?}"),
            Event::Rejected { target, state } => format!("{target} rejects: {state}"),
            _ => "something new".to_owned(),
        });
    });
    (listener, told)
}

#[tokio::test(start_paused = true)]
async fn everything_is_told_in_its_order() {
    let (listener, told) = listener();
    let breaker = Breaker::with_listener("target", settings(), listener).unwrap();
    succeed(&breaker).await;
    take(&breaker, SECOND).await;
    fail(&breaker).await;
    fail(&breaker).await;
    breaker.admit().unwrap_err();
    sleep(SECOND + TICK).await;
    for _ in 0..3 {
        succeed(&breaker).await;
    }
    sleep(TICK).await;
    drop(breaker.admit());
    let expected = [
        "Success",
        "slow: 1s",
        "Failure",
        "Failure",
        "target: closed, open (2 of 4)",
        "target rejects: open",
        "target: open, half open (0 of 0)",
        "Success",
        "Success",
        "Success",
        "target: half open, closed (0 of 3)",
        "Dropped",
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}

/// A listener is called without a lock, so it may ask the breaker itself.
#[tokio::test(start_paused = true)]
async fn a_listener_may_ask_the_breaker() {
    let registry = Arc::new(Mutex::new(None::<Registry>));
    let asked = Arc::clone(&registry);
    let listener: Listener = Arc::new(move |_: &Event<'_>| {
        let registry = asked.lock().unwrap().clone();
        if let Some(registry) = registry {
            assert!(!registry.breakers().is_empty());
            assert_eq!(registry.breaker("target").metrics().ignored, 0);
        }
    });
    let made = Registry::with_listener(settings(), listener).unwrap();
    *registry.lock().unwrap() = Some(made.clone());
    trip(&made.breaker("target")).await;
    sleep(SECOND * 2).await;
}

#[tokio::test(start_paused = true)]
async fn targets_do_not_get_in_each_others_way() {
    let registry = Registry::new(settings()).unwrap();
    trip(&registry.breaker("one")).await;
    succeed(&registry.breaker("two")).await;
    assert_eq!(registry.breakers().len(), 2);
    assert!(registry.breaker("one").admit().is_err());
    let own = registry.set("one", Settings { probes: 9, ..settings() }).unwrap();
    succeed(&own).await;
    assert_eq!(registry.breaker("one").settings().probes, 9);
}
