//! Commands: one effect each, also beside other commands.

use std::collections::BTreeSet;

use tokio::task::JoinSet;

use cqrs::bank::{Handled, Policy};
use cqrs::domain::{Command, Refusal, Seen};

use crate::world::{World, deposit, done, insert, open, policy, withdraw};

on_both_databases! {
    a_command_that_is_sent_twice_has_one_effect,
    the_same_command_many_times_at_once_has_one_effect,
    commands_at_once_on_one_account_all_count,
    without_tries_a_command_that_comes_too_late_is_in_conflict,
    a_command_for_a_version_that_is_gone_is_not_done,
    text_with_nul_is_refused,
    an_id_belongs_to_one_command,
    what_is_refused_leaves_nothing_behind,
    events_messages_and_receipt_are_stored_together_or_not_at_all,
    events_of_old_shapes_still_count,
    an_event_of_a_newer_program_is_not_ignored,
    nothing_is_decided_on_a_history_with_a_hole,
}

async fn a_command_that_is_sent_twice_has_one_effect(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    let receipt = done(&bank, "pay", "alice", deposit(500)).await;
    // Also after a restart, and when the account would not allow it any more.
    done(&bank, "rent", "alice", withdraw(500)).await;
    for bank in [&bank, &world.bank().await] {
        let again = bank.command("pay".to_owned(), "alice".to_owned(), deposit(500), None).await;
        assert_eq!(again.unwrap(), Handled::Before(receipt.clone()));
        let again = bank.command("rent".to_owned(), "alice".to_owned(), withdraw(500), None).await;
        assert!(matches!(again.unwrap(), Handled::Before(_)));
    }
    assert_eq!(world.events().await.len(), 3);
}

async fn the_same_command_many_times_at_once_has_one_effect(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    let mut sent = JoinSet::new();
    for _ in 0..16 {
        let bank = bank.clone();
        sent.spawn(async move {
            bank.command("pay".to_owned(), "alice".to_owned(), deposit(500), None).await.unwrap()
        });
    }
    let came = sent.join_all().await;
    let now = came.iter().filter(|came| matches!(came, Handled::Done(_))).count();
    let before = came.iter().filter(|came| matches!(came, Handled::Before(_))).count();
    assert_eq!((now, before), (1, 15), "{came:?}");
    assert_eq!(world.events().await.len(), 2);
}

async fn commands_at_once_on_one_account_all_count(world: World) {
    // Two banks are two processes, as far as the database knows.
    let banks = [world.bank().await, world.bank().await];
    done(&banks[0], "open", "alice", open()).await;
    let mut sent = JoinSet::new();
    for one in 0..24 {
        let bank = banks[one % 2].clone();
        sent.spawn(async move { done(&bank, &format!("pay-{one}"), "alice", deposit(1 << one)).await });
    }
    let versions: BTreeSet<i64> = sent.join_all().await.iter().map(|receipt| receipt.version).collect();
    assert_eq!(versions, (2..=25).collect(), "each command made a version of its own");
    world.level().await;
    assert_eq!(world.shown().await["alice"].account.cents, (1 << 24) - 1);
    assert_eq!(world.shown().await, world.folded().await);
}

async fn without_tries_a_command_that_comes_too_late_is_in_conflict(world: World) {
    let bank = world.bank_with(Policy { tries: 0, ..policy() }).await;
    done(&bank, "open", "alice", open()).await;
    let mut sent = JoinSet::new();
    for one in 0..24 {
        let bank = bank.clone();
        sent.spawn(async move {
            bank.command(format!("pay-{one}"), "alice".to_owned(), deposit(1), None).await.unwrap()
        });
    }
    let came = sent.join_all().await;
    let late = came.iter().filter(|came| **came == Handled::InConflict).count();
    let count = came.iter().filter(|came| matches!(came, Handled::Done(_))).count();
    assert_eq!(count + late, 24, "{came:?}");
    world.level().await;
    assert_eq!(world.shown().await["alice"].account.cents, i64::try_from(count).unwrap());
}

async fn a_command_for_a_version_that_is_gone_is_not_done(world: World) {
    let bank = world.bank().await;
    let seen = done(&bank, "open", "alice", open()).await.version;
    done(&bank, "pay", "alice", deposit(500)).await;
    let versions = |versions: &[i64]| Some(Seen::Versions(versions.to_vec()));
    let take = async |id: &str, account: &str, cents: u64, seen: Option<Seen>| {
        bank.command(id.to_owned(), account.to_owned(), withdraw(cents), seen).await.unwrap()
    };
    for wrong in [versions(&[seen]), versions(&[seen + 2]), versions(&[seen, seen + 2]), versions(&[])] {
        // Also where the account would not allow it.
        assert_eq!(take("wrong", "alice", 900, wrong.clone()).await, Handled::NotAsSeen, "{wrong:?}");
    }
    assert!(matches!(take("right", "alice", 100, versions(&[seen + 1])).await, Handled::Done(_)));
    assert!(matches!(take("again", "alice", 100, versions(&[seen + 1])).await, Handled::NotAsSeen));
    assert!(matches!(take("right", "alice", 100, versions(&[seen + 1])).await, Handled::Before(_)));
    assert!(matches!(take("list", "alice", 100, versions(&[9, seen + 2])).await, Handled::Done(_)));
    assert!(matches!(take("any", "alice", 100, Some(Seen::Opened)).await, Handled::Done(_)));
    for none in [Some(Seen::Opened), versions(&[0])] {
        assert_eq!(take("none", "bob", 100, none).await, Handled::NotAsSeen, "there is no such account");
    }
}

async fn an_id_belongs_to_one_command(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    done(&bank, "pay", "alice", deposit(500)).await;
    for (account, command) in [("alice", deposit(501)), ("bob", deposit(500)), ("alice", Command::Close)] {
        let came = bank.command("pay".to_owned(), account.to_owned(), command, None).await;
        assert_eq!(came.unwrap(), Handled::OtherCommand);
    }
    assert_eq!(world.events().await.len(), 2);
}

async fn what_is_refused_leaves_nothing_behind(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    let rent = || bank.command("rent".to_owned(), "alice".to_owned(), withdraw(500), None);
    assert_eq!(rent().await.unwrap(), Handled::Refused(Refusal::NotEnough { cents: 0 }));
    assert_eq!(world.events().await.len(), 1);
    done(&bank, "pay", "alice", deposit(500)).await;
    assert!(matches!(rent().await.unwrap(), Handled::Done(_)), "nothing was done under this id before");
}

async fn events_messages_and_receipt_are_stored_together_or_not_at_all(world: World) {
    let bank = world.bank().await;
    for table in ["outbox", "commands"] {
        world.refuse(table).await;
        let failed = bank.command(format!("open-{table}"), table.to_owned(), open(), None).await;
        assert!(failed.is_err(), "{failed:?}");
        assert!(world.events().await.is_empty(), "an event without {table}");
        assert!(world.store().await.unsent(10).await.unwrap().is_empty(), "a message without {table}");
        let history = world.store().await.history(table, &format!("open-{table}")).await.unwrap();
        assert_eq!(history.receipt, None, "a receipt without {table}");
        world.allow(table).await;
    }
    for table in ["outbox", "commands"] {
        done(&bank, &format!("open-{table}"), table, open()).await;
    }
}

async fn events_of_old_shapes_still_count(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    world.execute(&insert("alice", 2, ("deposited", 1), r#"{"euros":12}"#)).await;
    let receipt = done(&bank, "rent", "alice", withdraw(12_00)).await;
    assert_eq!(receipt.version, 3);
    world.level().await;
    let shown = world.shown().await;
    assert_eq!(shown["alice"].lines.iter().map(|line| line.cents).collect::<Vec<_>>(), [-12_00, 12_00]);
    let stored = world.events().await;
    assert_eq!((stored[1].shape, stored[2].shape), (1, 2), "what is stored stays as it is");
}

async fn an_event_of_a_newer_program_is_not_ignored(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    world.execute(&insert("alice", 2, ("frozen", 1), "{}")).await;
    let came = bank.command("pay".to_owned(), "alice".to_owned(), deposit(1), None).await.unwrap();
    let Handled::Damaged(damage) = came else { panic!("{came:?}") };
    assert!(damage.to_string().contains("the event `frozen` of shape 1 can't be read"), "{damage}");
    let position = world.events().await[1].position;
    assert!(damage.to_string().contains(&format!("event {position} of the account `alice`")), "{damage}");
    assert_eq!(world.events().await.len(), 2);
}

async fn nothing_is_decided_on_a_history_with_a_hole(world: World) {
    let bank = world.bank().await;
    for account in ["first", "middle", "last", "whole"] {
        done(&bank, &format!("open-{account}"), account, open()).await;
        for nth in 0..3 {
            done(&bank, &format!("pay-{account}-{nth}"), account, deposit(100)).await;
        }
    }
    world.level().await;
    let events = world.events().await.len();
    let holes = [("first", 1), ("middle", 3), ("last", 2), ("last", 3)];
    for (account, version) in holes {
        world
            .execute(&format!("DELETE FROM events WHERE account = '{account}' AND version = {version}"))
            .await;
    }
    for (account, missing) in [("first", 1), ("middle", 3), ("last", 2)] {
        for seen in [None, Some(Seen::Opened)] {
            let id = format!("rent-{account}");
            let came = bank.command(id, account.to_owned(), withdraw(150), seen).await.unwrap();
            let Handled::Damaged(damage) = came else { panic!("{came:?}") };
            let named = format!("version {missing} of the account `{account}` is missing");
            assert!(damage.to_string().starts_with(&named), "{damage}");
        }
        // What was done before is still acknowledged.
        let again = bank.command(format!("pay-{account}-0"), account.to_owned(), deposit(100), None).await;
        assert!(matches!(again.unwrap(), Handled::Before(_)));
    }
    assert_eq!(world.events().await.len(), events - holes.len());
    done(&bank, "rent-whole", "whole", withdraw(150)).await;
}

async fn text_with_nul_is_refused(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    let owner = Command::Open { owner: "Al\0ice".to_owned() };
    let pay = Command::Deposit { cents: 1, reference: "wa\0ges".to_owned() };
    let take = Command::Withdraw { cents: 0, reference: "\0".to_owned() };
    for (id, account, command, field) in [
        ("owner", "bob", owner, Some("owner")),
        ("pay", "alice", pay, Some("reference")),
        ("take", "alice", take, None),
        ("i\0d", "alice", deposit(1), Some("id")),
        ("account", "al\0ice", deposit(1), Some("account")),
    ] {
        let came = bank.command(id.to_owned(), account.to_owned(), command, None).await.unwrap();
        let refusal = field.map_or(Refusal::NoAmount, |field| Refusal::Nul { field });
        assert_eq!(came, Handled::Refused(refusal), "{id}");
    }
    assert_eq!(world.events().await.len(), 1);
    // One that is stored already holds up its own account, and no other one.
    world.execute(&insert("alice", 2, ("deposited", 2), r#"{"cents":1,"reference":"\u0000"}"#)).await;
    bank.look().await.unwrap();
    world.level().await;
    let letters = bank.dead_letters(9).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].why.contains("NUL"), "{letters:?}");
}
