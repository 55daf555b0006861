//! The view is what the events make of it, whatever happens on the way.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tokio::task::JoinSet;

use cqrs::bank::Policy;
use cqrs::domain::{Command, Event};
use cqrs::store::{Append, Appended, NewEvent, Origin, Store};

use crate::world::{World, deposit, done, open, policy, withdraw};

on_both_databases! {
    the_view_is_a_fold_over_all_events,
    a_view_that_was_left_behind_goes_on_where_it_stopped,
    followers_in_several_processes_do_not_disturb_each_other,
    a_view_that_can_not_be_written_follows_later,
}

/// What is wanted of which account.
fn wanted() -> impl Strategy<Value = (usize, Command)> {
    let command = prop_oneof![
        1 => Just(open()),
        4 => (1..1_000_u64).prop_map(deposit),
        4 => (1..1_000_u64).prop_map(withdraw),
        1 => Just(Command::Close),
    ];
    (0..4_usize, command)
}

async fn the_view_is_a_fold_over_all_events(world: World) {
    let handle = tokio::runtime::Handle::current();
    let check = move || {
        let mut runner =
            TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
        let all = (prop::collection::vec(wanted(), 1..40), 1..7_i64, any::<u32>());
        let checked = runner.run(&all, |(commands, batch, case)| {
            handle.block_on(async {
                let bank = world.bank_with(Policy { batch, ..policy() }).await;
                for (nth, (account, command)) in commands.into_iter().enumerate() {
                    // Whether it is refused is not what this is about.
                    let account = format!("{case}-{account}");
                    bank.command(format!("{case}-{nth}"), account, command, None).await.unwrap();
                }
                bank.look().await.unwrap();
                world.level().await;
                if world.shown().await == world.folded().await {
                    return Ok(());
                }
                Err(TestCaseError::fail("the view is not what the events make of it"))
            })
        });
        checked.unwrap();
    };
    tokio::task::spawn_blocking(check).await.unwrap();
}

/// Appends as a process that is killed right after the commit: no view follows.
async fn append_and_die(store: &Store, id: &str, account: &str, expected: i64, event: &Event) -> i64 {
    let append = Append {
        command: id.to_owned(),
        account: account.to_owned(),
        wanted: String::new(),
        expected,
        events: vec![NewEvent { id: format!("event-{id}"), written: event.write() }],
        messages: Vec::new(),
        origin: Origin::default(),
        at_ms: 0,
    };
    match store.append(append).await.unwrap() {
        Appended::Now(receipt) => receipt.position,
        other => panic!("{other:?}"),
    }
}

async fn a_view_that_was_left_behind_goes_on_where_it_stopped(world: World) {
    let bank = world.bank().await;
    done(&bank, "open-a", "alice", open()).await;
    done(&bank, "open-b", "bob", open()).await;
    world.level().await;
    let stopped = world.views().await.live_at;
    // Would the view be built from nothing, this would not be there any more.
    world.execute("UPDATE view_accounts SET owner = 'Marked'").await;
    let store = world.store().await;
    let paid = Event::Deposited { cents: 500, reference: String::new() };
    append_and_die(&store, "pay", "alice", 1, &paid).await;
    let newest = append_and_die(&store, "pay-more", "alice", 2, &paid).await;
    assert_eq!(world.views().await.live_at, stopped, "no view follows");
    world.bank().await.look().await.unwrap();
    assert_eq!(world.views().await.live_at, newest);
    let shown = world.shown().await;
    assert_eq!((shown["alice"].account.cents, shown["alice"].lines.len()), (1_000, 2));
    assert!(shown.values().all(|shown| shown.account.owner == "Marked"), "{shown:?}");
}

async fn followers_in_several_processes_do_not_disturb_each_other(world: World) {
    let banks = [world.bank().await, world.bank().await, world.bank().await];
    for account in ["alice", "bob", "carol"] {
        done(&banks[0], &format!("open-{account}"), account, open()).await;
    }
    let mut sent = JoinSet::new();
    for nth in 0..60 {
        let (bank, account) = (banks[nth % 3].clone(), ["alice", "bob", "carol"][nth / 3 % 3]);
        sent.spawn(async move {
            done(&bank, &format!("pay-{nth}"), account, deposit(1)).await;
            bank.look().await.unwrap();
        });
    }
    sent.join_all().await;
    world.level().await;
    assert_eq!(world.shown().await, world.folded().await);
    assert_eq!(world.shown().await.values().map(|shown| shown.account.cents).sum::<i64>(), 60);
}

async fn a_view_that_can_not_be_written_follows_later(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    world.level().await;
    world.refuse("view_lines").await;
    let receipt = done(&bank, "pay", "alice", deposit(500)).await;
    assert!(bank.look().await.is_err(), "the view can't be written");
    assert!(world.views().await.live_at < receipt.position, "its position neither");
    world.allow("view_lines").await;
    bank.look().await.unwrap();
    world.level().await;
    assert_eq!(world.shown().await, world.folded().await);
}
