//! Queries: from the view alone, and not before it shows what the caller has done.

use std::time::Duration;

use cqrs::bank::{Policy, Told};
use cqrs::view::{Answer, Question};

use crate::world::{World, deposit, done, open, policy, shown};

on_both_databases! {
    who_brings_a_token_sees_what_the_command_did,
    who_asks_too_early_is_told_so,
    queries_never_look_at_the_write_side,
    lists_and_statements_come_in_pages,
}

async fn who_brings_a_token_sees_what_the_command_did(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    for nth in 1..=50 {
        let receipt = done(&bank, &format!("pay-{nth}"), "alice", deposit(1)).await;
        assert_eq!(shown(&bank, "alice", receipt.position).await.cents, nth);
    }
    // In another process, which has to look for itself.
    let other = world.bank().await;
    let receipt = done(&bank, "last", "alice", deposit(1)).await;
    other.look().await.unwrap();
    assert_eq!(shown(&other, "alice", receipt.position).await.cents, 51);
}

async fn who_asks_too_early_is_told_so(world: World) {
    let bank = world.bank_with(Policy { wait: Duration::from_millis(1), ..policy() }).await;
    let receipt = done(&bank, "open", "alice", open()).await;
    let asked = bank.query(Question::Account("alice".to_owned()), receipt.position + 1).await;
    assert_eq!(asked.unwrap(), Told::TooEarly);
}

async fn queries_never_look_at_the_write_side(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    let receipt = done(&bank, "pay", "alice", deposit(500)).await;
    world.level().await;
    for table in ["events", "commands", "outbox"] {
        world.execute(&format!("ALTER TABLE {table} RENAME TO gone_{table}")).await;
    }
    assert_eq!(shown(&bank, "alice", receipt.position).await.cents, 500);
    let asked = bank.query(Question::Account("bob".to_owned()), 0).await;
    assert_eq!(asked.unwrap(), Told::Unknown);
    let statement = Question::Statement { account: "alice".to_owned(), before: 9, limit: 9 };
    assert!(matches!(bank.query(statement, 0).await.unwrap(), Told::Answer(Answer::Statement(_), _)));
    let all = Question::Accounts { after: String::new(), limit: 9 };
    assert!(matches!(bank.query(all, 0).await.unwrap(), Told::Answer(Answer::Accounts(_), _)));
}

async fn lists_and_statements_come_in_pages(world: World) {
    let bank = world.bank().await;
    for account in ["carol", "alice", "Bob"] {
        done(&bank, &format!("open-{account}"), account, open()).await;
    }
    let mut newest = 0;
    for nth in 1..=5 {
        newest = done(&bank, &format!("pay-{nth}"), "alice", deposit(nth)).await.position;
    }
    let page = async |after: &str| {
        let asked = Question::Accounts { after: after.to_owned(), limit: 2 };
        let Told::Answer(Answer::Accounts(page), _) = bank.query(asked, newest).await.unwrap() else {
            panic!("no list")
        };
        page.into_iter().map(|account| account.account).collect::<Vec<_>>()
    };
    assert_eq!(page("").await, ["Bob", "alice"], "in the same order on both databases");
    assert_eq!(page("alice").await, ["carol"]);
    let page = async |before: i64| {
        let asked = Question::Statement { account: "alice".to_owned(), before, limit: 3 };
        let Told::Answer(Answer::Statement(page), _) = bank.query(asked, newest).await.unwrap() else {
            panic!("no statement")
        };
        page.lines.into_iter().map(|line| line.cents).collect::<Vec<_>>()
    };
    assert_eq!(page(i64::MAX).await, [5, 4, 3]);
    assert_eq!(page(4).await, [2, 1]);
}
