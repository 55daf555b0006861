//! Other programs follow the events from a position.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::world::{World, deposit, done, open};

on_both_databases! {
    a_subscriber_gets_each_event_once_and_in_order,
    a_wait_ends_with_an_event_of_any_process,
    a_wait_without_an_event_ends_with_an_empty_answer,
    no_wait_goes_on_after_all_waits_are_ended,
}

const LONG: Duration = Duration::from_secs(60);

async fn a_subscriber_gets_each_event_once_and_in_order(world: World) {
    let banks = [world.bank().await, world.bank().await];
    let follower = world.bank().await;
    let following = tokio::spawn(async move {
        let (mut after, mut got) = (0, Vec::new());
        while got.len() < 4 * 31 {
            for event in follower.next_events(after, 7, LONG).await.unwrap() {
                assert!(event.position > after, "{event:?} is not behind {after}");
                after = event.position;
                got.push(event);
            }
        }
        got
    });
    let mut customers = JoinSet::new();
    for customer in 0..4 {
        let bank = banks[customer % 2].clone();
        customers.spawn(async move {
            let account = customer.to_string();
            done(&bank, &format!("open-{account}"), &account, open()).await;
            for nth in 0..30 {
                done(&bank, &format!("pay-{account}-{nth}"), &account, deposit(1)).await;
            }
        });
    }
    customers.join_all().await;
    assert_eq!(following.await.unwrap(), world.events().await, "none is left out");
}

async fn a_wait_ends_with_an_event_of_any_process(world: World) {
    let banks = [world.bank().await, world.bank().await];
    let mut after = 0;
    for (nth, bank) in banks.iter().enumerate() {
        let follower = banks[0].clone();
        let waiting = tokio::spawn(async move { follower.next_events(after, 10, LONG).await.unwrap() });
        tokio::task::yield_now().await;
        after = done(bank, &format!("open-{nth}"), &nth.to_string(), open()).await.position;
        let got = waiting.await.unwrap();
        assert_eq!(got.iter().map(|event| event.position).collect::<Vec<_>>(), [after]);
    }
}

async fn a_wait_without_an_event_ends_with_an_empty_answer(world: World) {
    let bank = world.bank().await;
    let newest = done(&bank, "open", "alice", open()).await.position;
    let (begun, wait) = (Instant::now(), Duration::from_millis(300));
    assert_eq!(bank.next_events(newest, 10, wait).await.unwrap(), []);
    assert!(begun.elapsed() >= wait, "{:?}", begun.elapsed());
    assert_eq!(bank.next_events(0, 0, LONG).await.unwrap(), [], "nothing is asked for");
}

async fn no_wait_goes_on_after_all_waits_are_ended(world: World) {
    let bank = world.bank().await;
    let newest = done(&bank, "open", "alice", open()).await.position;
    let hour = Duration::from_secs(3_600);
    let follower = bank.clone();
    let waiting = tokio::spawn(async move { follower.next_events(newest, 10, hour).await.unwrap() });
    tokio::task::yield_now().await;
    bank.end_waits();
    let after = async { (waiting.await.unwrap(), bank.next_events(newest, 10, hour).await.unwrap()) };
    let (during, later) = tokio::time::timeout(LONG, after).await.expect("both end");
    assert_eq!((during, later), (vec![], vec![]));
    assert_eq!(bank.next_events(0, 10, hour).await.unwrap().len(), 1, "events are still read");
}
