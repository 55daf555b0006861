//! What can't be applied is set aside, and the rest goes on.

use crate::world::{PAID, World, deposit, done, insert, open, shown};

on_both_databases! {
    an_event_that_can_not_be_applied_is_set_aside_with_what_is_behind_it,
    a_rebuild_takes_up_what_can_be_applied_by_now,
    an_event_that_is_missing_is_noticed,
}

async fn an_event_that_can_not_be_applied_is_set_aside_with_what_is_behind_it(world: World) {
    let bank = world.bank().await;
    done(&bank, "open-a", "alice", open()).await;
    done(&bank, "open-b", "bob", open()).await;
    world.execute(&insert("alice", 2, ("frozen", 2), "{}")).await;
    world.execute(&insert("alice", 3, ("deposited", 2), PAID)).await;
    done(&bank, "pay-b", "bob", deposit(500)).await;
    world.level().await;
    // In another batch as well.
    world.execute(&insert("alice", 4, ("deposited", 2), PAID)).await;
    let receipt = done(&bank, "pay-b2", "bob", deposit(500)).await;
    assert_eq!(shown(&bank, "bob", receipt.position).await.cents, 1_000, "others go on");
    let alice = shown(&bank, "alice", receipt.position).await;
    assert_eq!((alice.version, alice.cents), (1, 0), "as it was before");
    let letters = bank.dead_letters(10).await.unwrap();
    let why: Vec<&str> = letters.iter().map(|letter| letter.why.as_str()).collect();
    assert_eq!(letters.len(), 3, "{letters:?}");
    assert!(why[0].contains("the event `frozen` of shape 2 can't be read"), "{why:?}");
    assert!(why[1].contains("before this one is a dead letter"), "{why:?}");
    assert!(why[2].contains("before this one is a dead letter"), "{why:?}");
    assert!(letters.iter().all(|letter| letter.account == "alice"));
}

async fn a_rebuild_takes_up_what_can_be_applied_by_now(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    world.execute(&insert("alice", 2, ("deposited", 2), "{}")).await;
    world.execute(&insert("alice", 3, ("deposited", 2), PAID)).await;
    bank.look().await.unwrap();
    world.level().await;
    assert_eq!(bank.dead_letters(10).await.unwrap().len(), 2);
    // Rebuilt by the same program, it is the same.
    bank.begin_rebuild().unwrap().await.unwrap();
    assert_eq!(bank.dead_letters(10).await.unwrap().len(), 2);
    world.execute(&format!("UPDATE events SET body = '{PAID}' WHERE version = 2")).await;
    bank.begin_rebuild().unwrap().await.unwrap();
    assert_eq!(bank.dead_letters(10).await.unwrap(), []);
    assert_eq!(world.shown().await["alice"].account.cents, 1_000);
    assert_eq!(world.shown().await, world.folded().await);
}

async fn an_event_that_is_missing_is_noticed(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    world.execute(&insert("alice", 3, ("deposited", 2), PAID)).await;
    bank.look().await.unwrap();
    world.level().await;
    let letters = bank.dead_letters(10).await.unwrap();
    assert_eq!(letters[0].why, "the event makes version 3 of the account, and version 2 comes next");
}
