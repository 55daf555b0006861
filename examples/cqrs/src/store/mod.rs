//! The databases: events, receipts and outbox of the write side, and the views of the read side.
//!
//! SQLite needs no setup. The setting `database` selects Postgres instead. Both have the same behavior.

mod postgres;
mod read_side;
mod sqlite;

use std::collections::BTreeSet;

pub use postgres::Postgres;
use read_side::About;
pub use read_side::{
    Advance, Behind, Colour, DeadLetter, Decision, Held, Settle, Settled, Settlement, Shown, Views,
};
pub use sqlite::Sqlite;

use crate::domain::{Account, Written};
use crate::view::Question;

/// A database. Clones share the same connections.
#[derive(Clone, Debug)]
pub enum Store {
    /// A SQLite file.
    Sqlite(Sqlite),
    /// A Postgres server.
    Postgres(Postgres),
}

/// Error from the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite reported an error.
    #[error("SQLite failed")]
    Sqlite(#[from] rusqlite::Error),
    /// Postgres reported an error.
    #[error("Postgres failed")]
    Postgres(#[from] sqlx::Error),
    /// The transaction could not be committed. None of its changes were stored.
    #[error("SQLite could not commit: {0}")]
    Commit(String),
    /// The database is being closed.
    #[error("the database is closed")]
    Closed,
}

/// A stored event. Positions number all events, versions the events of one account. Both begin with 1.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Recorded {
    /// The position among all events. Later events have higher positions. There may be gaps.
    pub position: i64,
    /// The account of the event.
    pub account: String,
    /// The version of the account after the event.
    pub version: i64,
    /// The kind of the event.
    pub kind: String,
    /// The version of the event's format.
    pub shape: i32,
    /// The fields of the event, as JSON.
    pub body: String,
    /// When the event happened.
    #[serde(rename = "at", serialize_with = "crate::clock::as_text")]
    pub at_ms: i64,
    /// The id of the event, a UUID.
    pub id: String,
    /// The id that is common to all effects of one request. Events of older versions have none.
    #[serde(rename = "correlation_id")]
    pub correlation: Option<String>,
    /// The id of the command that caused the event. Events of older versions have none.
    #[serde(rename = "causation_id")]
    pub causation: Option<String>,
    /// The sender of the command, if known.
    pub who: Option<String>,
}

/// The origin of a command, stored with its events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The id that is common to all effects of one request. Defaults to the command's id.
    pub correlation: Option<String>,
    /// The sender of the command, if known.
    pub who: Option<String>,
}

/// An event to be appended.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The id of the event.
    pub id: String,
    /// The serialized event.
    pub written: Written,
}

/// The result of a command. It is stored under the command's id, in the transaction of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The account.
    pub account: String,
    /// The command, as JSON.
    pub wanted: String,
    /// The version of the account after the command.
    pub version: i64,
    /// The position of the last event. A view that has reached it shows the effect of the command.
    pub position: i64,
}

/// The data that the write side reads before it decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The receipt, if the command was already done.
    pub receipt: Option<Receipt>,
    /// A snapshot of the account with its version, if all events up to it exist.
    pub snapshot: Option<(Account, i64)>,
    /// All events of the account since the snapshot.
    pub events: Vec<Recorded>,
}

/// A snapshot of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The name of the account.
    pub account: String,
    /// The number of events of the account.
    pub version: i64,
    /// The id of the last of these events.
    pub event_id: String,
    /// The format of the body: [`SHAPE`](crate::history::SHAPE).
    pub shape: i32,
    /// The account, as JSON.
    pub body: String,
}

/// The progress of the store. A row of `progress`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The position of the last event.
    pub events: i64,
    /// The position of the last event in the live view.
    pub live: i64,
    /// The number of messages that have not been sent.
    pub unsent: i64,
    /// The number of dead letters of the live view.
    pub dead_letters: i64,
}

const PROGRESS: &str = "SELECT (SELECT coalesce(max(position), 0) FROM events),
    (SELECT position FROM views WHERE is_live),
    (SELECT count(*) FROM outbox WHERE sent_ms IS NULL),
    (SELECT count(*) FROM dead_letters WHERE colour = (SELECT colour FROM views WHERE is_live))";

/// Events to be appended, with all data to be stored in the same transaction.
#[derive(Clone, Debug)]
pub struct Append {
    /// The id of the command.
    pub command: String,
    /// The account.
    pub account: String,
    /// The command, as JSON.
    pub wanted: String,
    /// The version of the account on which the events were decided.
    pub expected: i64,
    /// The events.
    pub events: Vec<NewEvent>,
    /// The messages to others about these events.
    pub messages: Vec<NewMessage>,
    /// The origin of the command.
    pub origin: Origin,
    /// When the events happened, in milliseconds since 1970.
    pub at_ms: i64,
}

/// The result of an [`Append`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// The events were stored.
    Now(Receipt),
    /// The account has changed since it was loaded. Nothing was stored.
    MovedOn,
    /// The command was already done. Nothing more was stored.
    Before(Receipt),
}

/// A message to be stored in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// The topic of the message.
    pub topic: &'static str,
    /// The content, as JSON.
    pub body: String,
}

/// A message in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The message id. It is the same for each attempt to send it.
    pub id: i64,
    /// The topic of the message.
    pub topic: String,
    /// The content, as JSON.
    pub body: String,
}

/// The part of the database that queries can access: the views, without the write side.
#[derive(Clone, Debug)]
pub struct ReadModel(Store);

impl Recorded {
    /// The names of the accounts of these events.
    fn accounts(events: &[Self]) -> Vec<String> {
        let names: BTreeSet<&str> = events.iter().map(|event| event.account.as_str()).collect();
        names.into_iter().map(str::to_owned).collect()
    }
}

/// Calls the method of the selected database.
macro_rules! ask {
    ($store:expr, $database:ident => $asked:expr) => {
        match $store {
            Store::Sqlite($database) => $asked.await,
            Store::Postgres($database) => $asked.await,
        }
    };
}

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Every method fails if the database fails.
#[allow(clippy::missing_errors_doc, reason = "said above, once for all")]
impl Store {
    /// Opens the file, or connects to the server: `postgres://…`. Creates missing tables.
    pub async fn open(database: &str) -> Result<Self> {
        if database.starts_with("postgres://") || database.starts_with("postgresql://") {
            return Ok(Self::Postgres(Postgres::connect(database).await?));
        }
        let file = database.strip_prefix("sqlite://").unwrap_or(database).to_owned();
        Ok(Self::Sqlite(Sqlite::open(file.as_ref())?))
    }

    /// The part that queries can access.
    #[must_use]
    pub fn read_model(&self) -> ReadModel {
        ReadModel(self.clone())
    }

    /// Reads the snapshot of an account, its events since then, and the receipt of a command if it was already
    /// done.
    pub async fn history(&self, account: &str, command: &str) -> Result<History> {
        ask!(self, database => database.history(account, command))
    }

    /// Replaces the snapshot of an account.
    pub async fn keep_snapshot(&self, snapshot: Snapshot) -> Result<()> {
        ask!(self, database => database.keep_snapshot(snapshot))
    }

    /// Appends events if the account has the expected version and the command is new.
    pub async fn append(&self, append: Append) -> Result<Appended> {
        ask!(self, database => database.append(append))
    }

    /// The events after a position, in order. No event with a lower position appears later.
    pub async fn events_after(&self, position: i64, limit: i64) -> Result<Vec<Recorded>> {
        ask!(self, database => database.events_after(position, limit))
    }

    /// The messages that have not been sent yet, in order.
    pub async fn unsent(&self, limit: i64) -> Result<Vec<Message>> {
        ask!(self, database => database.unsent(limit))
    }

    /// Records that a message was sent.
    pub async fn sent(&self, message: i64, at_ms: i64) -> Result<()> {
        ask!(self, database => database.sent(message, at_ms))
    }

    /// The state of the views.
    pub async fn views(&self) -> Result<Views> {
        ask!(self, database => database.views())
    }

    /// The progress of the store.
    pub async fn progress(&self) -> Result<Progress> {
        ask!(self, database => database.progress())
    }

    /// The events that the live or the spare view has not applied yet, at most `limit`.
    pub async fn behind(&self, is_live: bool, limit: i64) -> Result<Behind> {
        ask!(self, database => database.behind(is_live, limit))
    }

    /// Updates a view and its position in one transaction. Returns `false` if the view was not in the expected
    /// state.
    pub async fn advance(&self, advance: Advance) -> Result<bool> {
        ask!(self, database => database.advance(advance))
    }

    /// Deletes at most `limit` rows from each table of a view that is not live. Returns whether there may be more.
    /// Between the first and the last call, the view can't be updated.
    pub async fn empty(&self, colour: Colour, limit: i64) -> Result<bool> {
        ask!(self, database => database.empty(colour, limit))
    }

    /// Makes the spare view live if it has reached the position of the live one. Returns whether it did.
    pub async fn switch(&self, to: Colour) -> Result<bool> {
        ask!(self, database => database.switch(to))
    }

    /// Retries or skips a dead letter and records the decision, in one transaction. The account continues from
    /// there in the live view, and in the spare view if the event is a dead letter there, too.
    pub async fn settle(&self, settle: Settle) -> Result<Settled> {
        ask!(self, database => database.settle(settle))
    }

    /// The decisions of operators about dead letters, newest first.
    pub async fn settlements(&self, limit: i64) -> Result<Vec<Settlement>> {
        ask!(self, database => database.settlements(limit))
    }

    /// The dead letters of a view, in order.
    pub async fn dead_letters(&self, colour: Colour, limit: i64) -> Result<Vec<DeadLetter>> {
        ask!(self, database => database.dead_letters(colour, limit))
    }
}

impl ReadModel {
    /// The answer of the live view, from one snapshot, for a caller that requested at least this position.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn answer(&self, question: &Question, at_least: i64) -> Result<Shown> {
        ask!(&self.0, database => database.answer(question, at_least))
    }
}
