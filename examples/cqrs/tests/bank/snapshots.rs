//! Snapshots of accounts: an account that is loaded from one is what its events made.

use cqrs::Bank;
use cqrs::bank::Handled;
use cqrs::history::SHAPE;

use crate::world::{World, deposit, done, open, policy, withdraw};

on_both_databases! {
    an_account_is_loaded_from_its_snapshot,
    a_snapshot_of_another_shape_or_event_is_ignored,
    a_hole_below_a_snapshot_is_found,
    a_snapshot_that_can_not_be_kept_harms_nothing,
}

/// An account with events 1 to `count`, which holds a cent for each but the first.
async fn with_events(bank: &Bank, account: &str, count: usize) {
    done(bank, &format!("open-{account}"), account, open()).await;
    for nth in 2..=count {
        done(bank, &format!("pay-{account}-{nth}"), account, deposit(1)).await;
    }
}

/// The version of the snapshot that the next command is decided on, and how many events are read after it.
async fn loaded(world: &World) -> (Option<i64>, usize) {
    let history = world.store().await.history("alice", "none").await.unwrap();
    (history.snapshot.map(|(_, version)| version), history.events.len())
}

/// Takes out what the account holds, and finds that no cent more is there.
async fn holds(bank: &Bank, cents: u64) {
    let more = bank.command("more".to_owned(), "alice".to_owned(), withdraw(cents + 1), None).await.unwrap();
    assert!(matches!(more, Handled::Refused(_)), "{more:?}");
    done(bank, "all", "alice", withdraw(cents)).await;
}

async fn an_account_is_loaded_from_its_snapshot(world: World) {
    let bank = world.bank().await;
    with_events(&bank, "alice", 4).await;
    assert_eq!(loaded(&world).await, (None, 4), "one is kept when so many events are read");
    with_events(&bank, "bob", 3).await;
    done(&bank, "five", "alice", deposit(1)).await;
    assert_eq!(loaded(&world).await, (Some(4), 1));
    for nth in 6..=30 {
        done(&bank, &format!("pay-{nth}"), "alice", deposit(1)).await;
        let (version, read) = loaded(&world).await;
        assert!(
            read <= 4 && version.unwrap() + i64::try_from(read).unwrap() == nth,
            "{nth}: {version:?} {read}"
        );
    }
    holds(&world.bank().await, 29).await;
    let without = world.bank_with(cqrs::bank::Policy { snapshot_every: 0, ..policy() }).await;
    with_events(&without, "carol", 9).await;
    assert_eq!(world.store().await.history("carol", "none").await.unwrap().events.len(), 9);
}

async fn a_snapshot_of_another_shape_or_event_is_ignored(world: World) {
    let bank = world.bank().await;
    with_events(&bank, "alice", 6).await;
    assert_eq!(loaded(&world).await, (Some(4), 2));
    let shape = SHAPE + 1;
    for damage in [
        format!("shape = {shape}"),
        format!("shape = {SHAPE}, body = '{{}}'"),
        "version = 5".to_owned(),
        "event_id = 'another'".to_owned(),
    ] {
        world.execute(&format!("UPDATE snapshots SET {damage}")).await;
        assert_eq!(loaded(&world).await, (None, 6), "{damage}");
    }
    holds(&bank, 5).await;
    assert_eq!(loaded(&world).await.0, Some(6), "and replaced");
}

async fn a_hole_below_a_snapshot_is_found(world: World) {
    let bank = world.bank().await;
    with_events(&bank, "alice", 6).await;
    assert_eq!(loaded(&world).await, (Some(4), 2));
    world.execute("DELETE FROM events WHERE account = 'alice' AND version = 2").await;
    let came = bank.command("rent".to_owned(), "alice".to_owned(), withdraw(1), None).await.unwrap();
    let Handled::Damaged(damage) = came else { panic!("{came:?}") };
    assert!(damage.to_string().starts_with("version 2 of the account `alice` is missing"), "{damage}");
}

async fn a_snapshot_that_can_not_be_kept_harms_nothing(world: World) {
    let bank = world.bank().await;
    with_events(&bank, "alice", 4).await;
    world.refuse("snapshots").await;
    done(&bank, "five", "alice", deposit(1)).await;
    assert_eq!(loaded(&world).await, (None, 5));
    world.allow("snapshots").await;
    holds(&bank, 4).await;
}
