//! Each event keeps where it comes from.

use std::collections::BTreeSet;

use cqrs::bank::Handled;
use cqrs::store::Origin;

use crate::world::{PAID, World, deposit, done, insert, open};

on_both_databases! {
    an_event_keeps_its_id_and_what_it_comes_from,
    a_command_that_is_sent_again_changes_nothing_of_it,
    events_of_an_older_program_get_an_id_once,
}

async fn an_event_keeps_its_id_and_what_it_comes_from(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    let origin = Origin { correlation: Some("order 7".to_owned()), who: Some("olga".to_owned()) };
    let paid = bank.command_from(origin, "pay".to_owned(), "alice".to_owned(), deposit(1), None).await;
    assert!(matches!(paid.unwrap(), Handled::Done(_)));
    let events = world.events().await;
    let kept = |nth: usize| {
        let event = &events[nth];
        (event.correlation.as_deref(), event.causation.as_deref(), event.who.as_deref())
    };
    assert_eq!(kept(0), (Some("open"), Some("open"), None), "the command begins it");
    assert_eq!(kept(1), (Some("order 7"), Some("pay"), Some("olga")));
    assert!(events[1].at_ms > events[0].at_ms);
    for event in &events {
        assert_eq!(uuid::Uuid::parse_str(&event.id).unwrap().get_version_num(), 4);
    }
    assert_ne!(events[0].id, events[1].id);
}

async fn a_command_that_is_sent_again_changes_nothing_of_it(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    let before = world.events().await;
    let origin = Origin { correlation: Some("later".to_owned()), who: Some("otto".to_owned()) };
    let again = bank.command_from(origin, "open".to_owned(), "alice".to_owned(), open(), None).await;
    assert!(matches!(again.unwrap(), Handled::Before(_)));
    assert_eq!(world.events().await, before);
}

async fn events_of_an_older_program_get_an_id_once(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    done(&bank, "pay", "alice", deposit(1)).await;
    drop(bank);
    let older = "ALTER TABLE events DROP COLUMN event_id; \
                 ALTER TABLE events DROP COLUMN correlation_id; \
                 ALTER TABLE events DROP COLUMN causation_id; ALTER TABLE events DROP COLUMN who";
    world.execute(&format!("{}{older}", world.drop_ids())).await;
    world.execute(&insert("alice", 3, ("deposited", 2), PAID)).await;
    let bank = world.bank().await;
    // The older program goes on for a while beside the newer one.
    world.execute(&insert("alice", 4, ("deposited", 2), PAID)).await;
    let rent = done(&bank, "rent", "alice", deposit(1)).await;
    assert_eq!(rent.version, 5);
    let events = world.events().await;
    let ids: BTreeSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids.len(), 5, "{events:?}");
    for event in &events {
        assert_eq!(uuid::Uuid::parse_str(&event.id).unwrap().get_version_num(), 4, "{event:?}");
    }
    assert!(events[..4].iter().all(|event| event.causation.is_none() && event.correlation.is_none()));
    drop(bank);
    world.bank().await;
    assert_eq!(world.events().await, events, "they stay as they are");
}
