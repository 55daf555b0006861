//! Events of listeners.

use std::sync::{Arc, Mutex};

use circuit_breaker::{Breaker, Event, Listener, Outcome, Registry, Settings};
use tokio::time::sleep;

use crate::{SECOND, TICK, fail, settings, succeed, take, trip};

/// A listener, and the events that it has received as text.
fn listener() -> (Listener, Arc<Mutex<Vec<String>>>) {
    let received = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&received);
    let listener: Listener = Arc::new(move |event: &Event<'_>| {
        notes.lock().unwrap().push(match event {
            Event::Changed { target, from, to, counts } => {
                format!("{target}: {from}, {to} ({} of {})", counts.failures, counts.calls)
            }
            Event::Called { outcome: Outcome::Success, slow: true, took, .. } => format!("slow: {took:?}"),
            Event::Called { outcome, .. } => format!("{outcome:?}"),
            Event::Rejected { target, state } => format!("{target} rejects: {state}"),
            _ => "an event of another kind".to_owned(),
        });
    });
    (listener, received)
}

#[tokio::test(start_paused = true)]
async fn events_arrive_in_order() {
    let (listener, received) = listener();
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
    assert_eq!(*received.lock().unwrap(), expected);
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
async fn targets_are_independent() {
    let registry = Registry::new(settings()).unwrap();
    trip(&registry.breaker("one")).await;
    succeed(&registry.breaker("two")).await;
    assert_eq!(registry.breakers().len(), 2);
    assert!(registry.breaker("one").admit().is_err());
    let own = registry.set("one", Settings { probes: 9, ..settings() }).unwrap();
    succeed(&own).await;
    assert_eq!(registry.breaker("one").settings().probes, 9);
}

fn panicking_listener() -> Listener {
    Arc::new(|_: &Event<'_>| panic!("a broken metrics exporter"))
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_panics_does_not_affect_the_call() {
    let breaker = Breaker::with_listener("target", settings(), panicking_listener()).unwrap();
    assert_eq!(breaker.call(async { Ok::<_, ()>(7) }).await, Ok(7));
    for _ in 0..3 {
        fail(&breaker).await;
    }
    assert!(breaker.admit().is_err());
}

/// Without a guard, a panic of the listener during the panic of a call aborts the process.
#[tokio::test(start_paused = true)]
async fn a_listener_that_panics_while_a_call_panics_does_not_abort() {
    let breaker = Breaker::with_listener("target", settings(), panicking_listener()).unwrap();
    let call = async move { breaker.call(async { panic!("a bug") as Result<(), ()> }).await };
    assert!(tokio::spawn(call).await.unwrap_err().is_panic());
}
