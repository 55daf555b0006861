//! Operators retry or skip a dead letter without a rebuild.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cqrs::Bank;
use cqrs::store::{Decision, Settled, Settlement};

use crate::world::{PAID, World, deposit, done, insert, open, shown};

on_both_databases! {
    a_letter_that_can_be_applied_by_now_is_retried_with_what_waits_behind_it,
    a_letter_that_is_skipped_has_no_effect_also_after_a_rebuild,
    only_the_first_letter_of_an_account_can_be_settled,
    what_waits_behind_may_be_a_dead_letter_of_its_own,
    a_missing_event_can_be_skipped,
    the_letter_of_a_removed_event_can_be_settled,
    an_opening_that_is_skipped_leaves_an_account_that_is_not_shown,
    letters_are_settled_while_the_view_moves_on_and_is_rebuilt,
    a_database_of_an_older_program_gets_what_is_missing,
}

async fn settle(bank: &Bank, position: i64, decision: Decision) -> Settled {
    bank.settle(position, decision, "because".to_owned(), Some("olga".to_owned())).await.unwrap()
}

async fn letters(bank: &Bank) -> Vec<i64> {
    bank.dead_letters(100).await.unwrap().into_iter().map(|letter| letter.position).collect()
}

/// An account of which version 2 can't be read, with two events behind it. Gives the position of version 2.
async fn with_a_dead_letter(world: &World, bank: &Bank) -> i64 {
    done(bank, "open", "alice", open()).await;
    world.execute(&insert("alice", 2, ("deposited", 2), "{}")).await;
    world.execute(&insert("alice", 3, ("deposited", 2), PAID)).await;
    world.execute(&insert("alice", 4, ("deposited", 2), PAID)).await;
    bank.look().await.unwrap();
    world.level().await;
    let positions = letters(bank).await;
    assert_eq!(positions.len(), 3);
    positions[0]
}

async fn a_letter_that_can_be_applied_by_now_is_retried_with_what_waits_behind_it(world: World) {
    let bank = world.bank().await;
    let bad = with_a_dead_letter(&world, &bank).await;
    let live = world.views().await.live;
    let Settled::Unapplied(why) = settle(&bank, bad, Decision::Retry).await else {
        panic!("it is as before")
    };
    assert!(why.contains("the event `deposited` of shape 2 can't be read"), "{why}");
    assert_eq!((letters(&bank).await.len(), bank.settlements(9).await.unwrap().len()), (3, 0));
    world.execute(&format!("UPDATE events SET body = '{PAID}' WHERE version = 2")).await;
    assert_eq!(settle(&bank, bad, Decision::Retry).await, Settled::Done);
    assert_eq!(letters(&bank).await, [0_i64; 0]);
    assert_eq!(world.shown().await, world.folded().await);
    assert_eq!(world.views().await.live, live, "nothing was rebuilt");
    let paid = done(&bank, "pay", "alice", deposit(1)).await;
    assert_eq!(shown(&bank, "alice", paid.position).await.cents, 1_501);
    let settled = bank.settlements(9).await.unwrap();
    let [Settlement { position, account, decision, reason, who, .. }] = &settled[..] else {
        panic!("{settled:?}")
    };
    assert_eq!((*position, account.as_str(), *decision), (bad, "alice", Decision::Retry));
    assert_eq!((reason.as_str(), who.as_deref()), ("because", Some("olga")));
    assert_eq!(settle(&bank, bad, Decision::Retry).await, Settled::Unknown, "it is no dead letter any more");
}

async fn a_letter_that_is_skipped_has_no_effect_also_after_a_rebuild(world: World) {
    let bank = world.bank().await;
    let bad = with_a_dead_letter(&world, &bank).await;
    assert_eq!(settle(&bank, bad, Decision::Skip).await, Settled::Done);
    for _ in 0..3 {
        assert_eq!(letters(&bank).await, [0_i64; 0]);
        let alice = world.shown().await.remove("alice").unwrap();
        assert_eq!((alice.account.version, alice.account.cents), (4, 1_000));
        assert_eq!(alice.lines.iter().map(|line| line.version).collect::<Vec<_>>(), [4, 3]);
        bank.begin_rebuild().unwrap().await.unwrap();
    }
    let settled = bank.settlements(9).await.unwrap();
    assert_eq!((settled.len(), settled[0].decision), (1, Decision::Skip));
}

async fn only_the_first_letter_of_an_account_can_be_settled(world: World) {
    let bank = world.bank().await;
    let bad = with_a_dead_letter(&world, &bank).await;
    for decision in [Decision::Retry, Decision::Skip] {
        assert_eq!(settle(&bank, bad + 1, decision).await, Settled::Behind(bad));
        assert_eq!(settle(&bank, bad - 1, decision).await, Settled::Unknown);
        assert_eq!(settle(&bank, 1_000, decision).await, Settled::Unknown);
    }
    assert_eq!((letters(&bank).await.len(), bank.settlements(9).await.unwrap().len()), (3, 0));
}

async fn what_waits_behind_may_be_a_dead_letter_of_its_own(world: World) {
    let bank = world.bank().await;
    let bad = with_a_dead_letter(&world, &bank).await;
    world.execute("UPDATE events SET kind = 'frozen' WHERE version = 3").await;
    assert_eq!(settle(&bank, bad, Decision::Skip).await, Settled::Done);
    assert_eq!(letters(&bank).await, [bad + 1, bad + 2]);
    assert_eq!(shown(&bank, "alice", 0).await.version, 2);
    assert_eq!(settle(&bank, bad + 1, Decision::Skip).await, Settled::Done);
    assert_eq!(letters(&bank).await, [0_i64; 0]);
    assert_eq!(shown(&bank, "alice", bad + 2).await.cents, 500);
}

async fn a_missing_event_can_be_skipped(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    world.execute(&insert("alice", 3, ("deposited", 2), PAID)).await;
    world.execute(&insert("alice", 4, ("deposited", 2), PAID)).await;
    bank.look().await.unwrap();
    world.level().await;
    let first = letters(&bank).await[0];
    assert_eq!(settle(&bank, first, Decision::Skip).await, Settled::Done);
    let alice = shown(&bank, "alice", first + 1).await;
    assert_eq!((alice.version, alice.cents), (4, 500));
}

async fn an_opening_that_is_skipped_leaves_an_account_that_is_not_shown(world: World) {
    let bank = world.bank().await;
    world.execute(&insert("dave", 1, ("frozen", 1), "{}")).await;
    world.execute(&insert("dave", 2, ("deposited", 2), PAID)).await;
    bank.look().await.unwrap();
    world.level().await;
    let first = letters(&bank).await[0];
    assert_eq!(settle(&bank, first, Decision::Skip).await, Settled::Done);
    assert_eq!(letters(&bank).await, [first + 1], "it can't be applied to an account that is not there");
    assert_eq!(settle(&bank, first + 1, Decision::Skip).await, Settled::Done);
    assert_eq!(letters(&bank).await, [0_i64; 0]);
    assert!(world.shown().await.is_empty());
}

async fn letters_are_settled_while_the_view_moves_on_and_is_rebuilt(world: World) {
    let banks = [world.bank().await, world.bank().await];
    let accounts: Vec<String> = (0..8).map(|nth| format!("account-{nth}")).collect();
    for account in &accounts {
        done(&banks[0], &format!("open-{account}"), account, open()).await;
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let (bank, stop) = (banks[0].clone(), is_over.clone());
    let rebuilding = tokio::spawn(async move {
        while !stop.load(Ordering::Acquire) {
            bank.begin_rebuild().unwrap().await.unwrap();
        }
    });
    for round in 0..5 {
        for account in &accounts {
            let version = 2 + 3 * round;
            world.execute(&insert(account, version, ("frozen", 1), "{}")).await;
            for behind in [version + 1, version + 2] {
                world.execute(&insert(account, behind, ("deposited", 2), PAID)).await;
            }
        }
        banks[1].look().await.unwrap();
        while !letters(&banks[0]).await.is_empty() {
            for letter in banks[0].dead_letters(100).await.unwrap() {
                let settled = settle(&banks[0], letter.position, Decision::Skip).await;
                assert!(!matches!(settled, Settled::Unapplied(_)), "{settled:?}");
            }
            banks[1].look().await.unwrap();
        }
    }
    is_over.store(true, Ordering::Release);
    rebuilding.await.unwrap();
    for _ in 0..2 {
        world.level().await;
        assert_eq!(letters(&banks[0]).await, [0_i64; 0]);
        let shown = world.shown().await;
        assert!(shown.values().all(|shown| shown.account.cents == 5 * 1_000), "{shown:?}");
        assert_eq!(shown.len(), accounts.len());
        banks[0].begin_rebuild().unwrap().await.unwrap();
    }
}

async fn a_database_of_an_older_program_gets_what_is_missing(world: World) {
    let bank = world.bank().await;
    let bad = with_a_dead_letter(&world, &bank).await;
    drop(bank);
    world.execute("DROP TABLE settlements; ALTER TABLE views DROP COLUMN revision").await;
    let bank = world.bank().await;
    assert_eq!(letters(&bank).await.len(), 3);
    assert_eq!(settle(&bank, bad, Decision::Skip).await, Settled::Done);
    assert_eq!(shown(&bank, "alice", bad + 2).await.cents, 1_000);
}

async fn the_letter_of_a_removed_event_can_be_settled(world: World) {
    let bank = world.bank().await;
    let bad = with_a_dead_letter(&world, &bank).await;
    world.execute("DELETE FROM events WHERE version = 2").await;
    assert_eq!(settle(&bank, bad, Decision::Skip).await, Settled::Done);
    let settled = bank.settlements(9).await.unwrap();
    assert_eq!((settled[0].position, settled[0].account.as_str()), (bad, "alice"));
    assert_eq!(letters(&bank).await, [bad + 1, bad + 2], "the hole is a reason of its own");
    assert_eq!(settle(&bank, bad + 1, Decision::Skip).await, Settled::Done);
    assert_eq!(shown(&bank, "alice", bad + 2).await.cents, 500);
}
