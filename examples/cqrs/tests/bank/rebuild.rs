//! A view is built anew from nothing while the one that is there answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use cqrs::Bank;
use cqrs::bank::BankError;
use cqrs::store::Colour;

use crate::world::{World, deposit, done, open, shown};

on_both_databases! {
    queries_and_commands_go_on_while_a_view_is_rebuilt,
    what_went_wrong_with_a_view_is_right_after_a_rebuild,
    one_rebuild_at_a_time,
    a_rebuild_that_was_given_up_is_begun_again,
}

/// An account that has some history.
async fn with_history(world: &World) -> Bank {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    for nth in 0..150 {
        done(&bank, &format!("pay-{nth}"), "alice", deposit(1)).await;
    }
    world.level().await;
    bank
}

async fn queries_and_commands_go_on_while_a_view_is_rebuilt(world: World) {
    let bank = with_history(&world).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let mut beside = JoinSet::new();
    for customer in 0..2 {
        let (bank, is_over) = (bank.clone(), is_over.clone());
        beside.spawn(async move {
            let (mut cents, mut asked) = (150, 0);
            while !is_over.load(Ordering::Acquire) || asked == 0 {
                let id = format!("beside-{customer}-{asked}");
                let receipt = done(&bank, &id, "alice", deposit(1)).await;
                let now = shown(&bank, "alice", receipt.position).await.cents;
                assert!(now > cents, "{now} after {cents}: the view went back");
                (cents, asked) = (now, asked + 1);
            }
        });
    }
    for live in [Colour::Green, Colour::Blue, Colour::Green] {
        bank.begin_rebuild().unwrap().await.unwrap();
        assert_eq!(world.views().await.live, live);
    }
    is_over.store(true, Ordering::Release);
    beside.join_all().await;
    world.level().await;
    assert_eq!(world.shown().await, world.folded().await);
}

async fn what_went_wrong_with_a_view_is_right_after_a_rebuild(world: World) {
    let bank = world.bank().await;
    for account in ["alice", "bob"] {
        done(&bank, &format!("open-{account}"), account, open()).await;
        done(&bank, &format!("pay-{account}"), account, deposit(500)).await;
    }
    world.level().await;
    world.execute("UPDATE view_accounts SET cents = 7; DELETE FROM view_lines").await;
    assert_ne!(world.shown().await, world.folded().await);
    bank.begin_rebuild().unwrap().await.unwrap();
    assert_eq!(world.shown().await, world.folded().await);
}

async fn one_rebuild_at_a_time(world: World) {
    let bank = world.bank().await;
    let first = bank.begin_rebuild().unwrap();
    assert!(matches!(bank.begin_rebuild().err(), Some(BankError::Rebuilding)));
    first.await.unwrap();
    bank.begin_rebuild().unwrap().await.unwrap();
}

async fn a_rebuild_that_was_given_up_is_begun_again(world: World) {
    let bank = with_history(&world).await;
    for after in [0, 1, 3, 9] {
        let rebuild = bank.begin_rebuild().unwrap();
        // It may be through by then; nothing else is different.
        let _ = tokio::time::timeout(Duration::from_millis(after), rebuild).await;
        assert_eq!(world.shown().await, world.folded().await, "what is live is whole");
    }
    bank.begin_rebuild().unwrap().await.unwrap();
    assert_eq!(world.shown().await, world.folded().await);
}
