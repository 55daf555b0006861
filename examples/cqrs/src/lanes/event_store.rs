//! The lane `Event store`: appends events together with their messages and the receipt, atomically.

use flowgen::{Result, Visit};
use serde_json::json;
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::Event;
use crate::drawing::event_store::{self as drawn, Appended as Drawn};
use crate::store::{Append, Appended, NewEvent, NewMessage, Store};
use crate::work::Work;

/// Stores the events.
#[derive(Debug)]
pub struct EventStore {
    store: Store,
    clock: Clock,
}

impl EventStore {
    /// Creates an event store in this database.
    #[must_use]
    pub fn new(store: &Store, clock: &Clock) -> Self {
        Self { store: store.clone(), clock: clock.clone() }
    }
}

impl drawn::EventStore<Work> for EventStore {
    async fn append_events(&self, work: &mut Work, _: &Visit) -> Result {
        let handling = work.handling_mut()?;
        let (_, version) = handling.loaded;
        handling.is_elsewhere = handling.seen.as_ref().is_some_and(|seen| !seen.matches(version));
        if handling.is_elsewhere {
            handling.appended = Some(Appended::MovedOn);
            return Ok(());
        }
        let events = handling.decided.as_deref().unwrap_or_default();
        let messages: Vec<NewMessage> =
            events.iter().filter_map(|event| message(&handling.account, event)).collect();
        handling.has_messages = !messages.is_empty();
        let append = Append {
            command: handling.id.clone(),
            account: handling.account.clone(),
            wanted: handling.wanted()?,
            expected: version,
            events: events.iter().map(new_event).collect(),
            messages,
            origin: handling.origin.clone(),
            at_ms: self.clock.now(),
        };
        let appended = self.store.append(append).await?;
        if appended == Appended::MovedOn {
            handling.in_vain += 1;
        }
        handling.appended = Some(appended);
        Ok(())
    }

    async fn appended(&self, work: &Work, _: &Visit) -> Result<Drawn> {
        let handling = work.handling()?;
        Ok(match &handling.appended {
            Some(Appended::Now(_)) => Drawn::Yes,
            Some(Appended::Before(_)) => Drawn::SeenBefore,
            Some(Appended::MovedOn) | None => Drawn::VersionMovedOn,
        })
    }
}

fn new_event(event: &Event) -> NewEvent {
    NewEvent { id: Uuid::new_v4().to_string(), written: event.write() }
}

/// The public message about an event. It contains less than the stored event, in a stable format.
fn message(account: &str, event: &Event) -> Option<NewMessage> {
    let (topic, body) = match event {
        Event::Opened { owner } => ("account-opened", json!({ "account": account, "owner": owner })),
        Event::Closed {} => ("account-closed", json!({ "account": account })),
        Event::Deposited { .. } | Event::Withdrawn { .. } => return None,
    };
    Some(NewMessage { topic, body: body.to_string() })
}
