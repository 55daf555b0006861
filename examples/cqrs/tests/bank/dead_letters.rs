//! What can't be applied is set aside, and the rest goes on.

use cqrs::bank::Told;
use cqrs::view::Question;

use crate::world::{PAID, World, deposit, done, insert, open, shown};

on_both_databases! {
    an_event_that_can_not_be_applied_is_set_aside_with_what_is_behind_it,
    a_rebuild_takes_up_what_can_be_applied_by_now,
    an_event_that_is_missing_is_noticed,
    a_query_with_a_token_never_gets_the_state_before_a_dead_letter,
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
    let alice = shown(&bank, "alice", 0).await;
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

async fn a_query_with_a_token_never_gets_the_state_before_a_dead_letter(world: World) {
    let bank = world.bank().await;
    let opened = done(&bank, "open-a", "alice", open()).await;
    done(&bank, "open-b", "bob", open()).await;
    // Version 2 of alice can't be applied, and version 3 waits behind it.
    world.execute(&insert("alice", 2, ("deposited", 2), "{}")).await;
    world.execute(&insert("alice", 3, ("deposited", 2), PAID)).await;
    let paid = world.events().await.last().unwrap().position;
    // And of dave nothing can be applied at all.
    world.execute(&insert("dave", 1, ("frozen", 1), "{}")).await;
    let last = done(&bank, "open-c", "carol", open()).await.position;
    world.level().await;
    let ask = async |question: Question, token: i64| bank.query(question, token).await.unwrap();
    let account = |name: &str| Question::Account(name.to_owned());
    let statement = |name: &str| Question::Statement { account: name.to_owned(), before: 9, limit: 9 };
    let page = |after: &str, limit: i64| Question::Accounts { after: after.to_owned(), limit };
    for question in [account("alice"), statement("alice"), page("", 9), page("", 1)] {
        for token in [paid - 1, paid, last] {
            let Told::HeldUp(letter) = ask(question.clone(), token).await else {
                panic!("{question:?} with {token}")
            };
            assert_eq!((letter.position, letter.account.as_str()), (paid - 1, "alice"), "{letter:?}");
            assert!(letter.why.contains("`deposited` of shape 2 can't be read"), "{letter:?}");
        }
        for token in [0, opened.position] {
            assert!(matches!(ask(question.clone(), token).await, Told::Answer(..)), "nothing is missing yet");
        }
    }
    // An account of which no event can be shown is not answered as unknown.
    assert!(matches!(ask(account("dave"), last).await, Told::HeldUp(_)));
    assert_eq!(ask(account("dave"), 0).await, Told::Unknown);
    // Others are not held up, nor are pages that alice is not on.
    for question in [account("bob"), account("carol"), page("alice", 1), page("alice", 2)] {
        assert!(matches!(ask(question.clone(), last).await, Told::Answer(..)), "{question:?}");
    }
    assert!(matches!(ask(page("alice", 3), last).await, Told::HeldUp(letter) if letter.account == "dave"));
    // Once the event can be applied, the same token is answered.
    world.execute(&format!("UPDATE events SET body = '{PAID}' WHERE version = 2")).await;
    bank.begin_rebuild().unwrap().await.unwrap();
    assert_eq!(shown(&bank, "alice", paid).await.cents, 1_000);
}
