//! The databases: events, commands and outbox of the write side, and the views of the read side.
//!
//! SQLite needs no set-up, and Postgres takes over by configuration. Both do the same, each in the way
//! that suits it.

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

/// A database. A handle: clones are the same.
#[derive(Clone, Debug)]
pub enum Store {
    /// A file.
    Sqlite(Sqlite),
    /// A server.
    Postgres(Postgres),
}

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite says so.
    #[error("SQLite failed")]
    Sqlite(#[from] rusqlite::Error),
    /// Postgres says so.
    #[error("Postgres failed")]
    Postgres(#[from] sqlx::Error),
    /// What was written could not be committed. None of it is there.
    #[error("SQLite could not commit: {0}")]
    Commit(String),
    /// The database is being closed.
    #[error("the database is closed")]
    Closed,
}

/// An event as it is stored. Positions number all events, versions those of one account; both from 1.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Recorded {
    /// Its place among all events. Later events have higher ones; some may be left out.
    pub position: i64,
    /// The account that it happened to.
    pub account: String,
    /// The version that it made of the account.
    pub version: i64,
    /// Which event.
    pub kind: String,
    /// Which shape of it.
    pub shape: i32,
    /// Its fields, as JSON.
    pub body: String,
    /// When it happened.
    #[serde(rename = "at", serialize_with = "crate::clock::as_text")]
    pub at_ms: i64,
    /// Its id, a UUID.
    pub id: String,
    /// The id that all have in common that goes back to one request. Events of older programs have none.
    #[serde(rename = "correlation_id")]
    pub correlation: Option<String>,
    /// The id of the command that it comes from. Events of older programs have none.
    #[serde(rename = "causation_id")]
    pub causation: Option<String>,
    /// Who sent the command, if that is known.
    pub who: Option<String>,
}

/// Where a command comes from, as it is kept with its events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The id that all have in common that goes back to one request: the command's own if there is none.
    pub correlation: Option<String>,
    /// Who sent it, if that is known.
    pub who: Option<String>,
}

/// An event that is to be appended.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Its id.
    pub id: String,
    /// What is written of it.
    pub written: Written,
}

/// What a command came to. Kept under the command's id, in the transaction of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The account.
    pub account: String,
    /// What was wanted of it.
    pub wanted: String,
    /// The version that the account has come to.
    pub version: i64,
    /// The position of the last event: a view that is there shows what the command did.
    pub position: i64,
}

/// What the write side knows before it decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// What the command came to when it was done before.
    pub receipt: Option<Receipt>,
    /// A snapshot of the account with the version after which it was taken, if all events up to that are there.
    pub snapshot: Option<(Account, i64)>,
    /// All that has happened to the account since.
    pub events: Vec<Recorded>,
}

/// An account as its events made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name.
    pub account: String,
    /// How many events made it.
    pub version: i64,
    /// The id of the last of them.
    pub event_id: String,
    /// The form of the body: [`SHAPE`](crate::history::SHAPE).
    pub shape: i32,
    /// The account, as JSON.
    pub body: String,
}

/// How far all is. A row of [`PROGRESS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The position of the last event.
    pub events: i64,
    /// The position of the last event that the live view shows.
    pub live: i64,
    /// Messages that are not sent.
    pub unsent: i64,
    /// Dead letters of the live view.
    pub dead_letters: i64,
}

const PROGRESS: &str = "SELECT (SELECT coalesce(max(position), 0) FROM events),
    (SELECT position FROM views WHERE is_live),
    (SELECT count(*) FROM outbox WHERE sent_ms IS NULL),
    (SELECT count(*) FROM dead_letters WHERE colour = (SELECT colour FROM views WHERE is_live))";

/// Events that are to be appended, and all that has to be stored with them or not at all.
#[derive(Clone, Debug)]
pub struct Append {
    /// The id of the command.
    pub command: String,
    /// The account.
    pub account: String,
    /// What is wanted of it.
    pub wanted: String,
    /// The version of the account that the events were decided on.
    pub expected: i64,
    /// What happened.
    pub events: Vec<NewEvent>,
    /// What others are to be told of it.
    pub messages: Vec<NewMessage>,
    /// Where the command comes from.
    pub origin: Origin,
    /// When it happened.
    pub at_ms: i64,
}

/// What came of an [`Append`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is stored.
    Now(Receipt),
    /// Somebody has appended to the account since it was loaded. Nothing is stored.
    MovedOn,
    /// The command was done before. Nothing more is stored.
    Before(Receipt),
}

/// Something that others are to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// What it is about.
    pub topic: &'static str,
    /// What it says, as JSON.
    pub body: String,
}

/// A message in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id: the same whenever it is sent.
    pub id: i64,
    /// What it is about.
    pub topic: String,
    /// What it says, as JSON.
    pub body: String,
}

/// What queries may ask of the database: views, and nothing of the write side.
#[derive(Clone, Debug)]
pub struct ReadModel(Store);

impl Recorded {
    /// The names of all accounts that these happened to.
    fn accounts(events: &[Self]) -> Vec<String> {
        let names: BTreeSet<&str> = events.iter().map(|event| event.account.as_str()).collect();
        names.into_iter().map(str::to_owned).collect()
    }
}

/// Asks the database, whichever it is.
macro_rules! ask {
    ($store:expr, $database:ident => $asked:expr) => {
        match $store {
            Store::Sqlite($database) => $asked.await,
            Store::Postgres($database) => $asked.await,
        }
    };
}

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// All of it fails where the database does.
#[allow(clippy::missing_errors_doc, reason = "said above, once for all")]
impl Store {
    /// Opens the file, or connects to the server: `postgres://…`. Tables that are missing are made.
    pub async fn open(database: &str) -> Result<Self> {
        if database.starts_with("postgres://") || database.starts_with("postgresql://") {
            return Ok(Self::Postgres(Postgres::connect(database).await?));
        }
        let file = database.strip_prefix("sqlite://").unwrap_or(database).to_owned();
        Ok(Self::Sqlite(Sqlite::open(file.as_ref())?))
    }

    /// What queries may ask.
    #[must_use]
    pub fn read_model(&self) -> ReadModel {
        ReadModel(self.clone())
    }

    /// What has happened to an account since its snapshot, and what came of a command if it was done before.
    pub async fn history(&self, account: &str, command: &str) -> Result<History> {
        ask!(self, database => database.history(account, command))
    }

    /// Keeps a snapshot in place of the one before.
    pub async fn keep_snapshot(&self, snapshot: Snapshot) -> Result<()> {
        ask!(self, database => database.keep_snapshot(snapshot))
    }

    /// Appends events if the account is where it is expected to be, and the command is new.
    pub async fn append(&self, append: Append) -> Result<Appended> {
        ask!(self, database => database.append(append))
    }

    /// The events behind a position, in order. None of them is followed by one with a lower position.
    pub async fn events_after(&self, position: i64, limit: i64) -> Result<Vec<Recorded>> {
        ask!(self, database => database.events_after(position, limit))
    }

    /// Messages that were not sent yet, in order.
    pub async fn unsent(&self, limit: i64) -> Result<Vec<Message>> {
        ask!(self, database => database.unsent(limit))
    }

    /// Keeps that a message was sent.
    pub async fn sent(&self, message: i64, at_ms: i64) -> Result<()> {
        ask!(self, database => database.sent(message, at_ms))
    }

    /// Where the views are.
    pub async fn views(&self) -> Result<Views> {
        ask!(self, database => database.views())
    }

    /// How far all is.
    pub async fn progress(&self) -> Result<Progress> {
        ask!(self, database => database.progress())
    }

    /// What is behind the live view or the spare one: at most so many events.
    pub async fn behind(&self, is_live: bool, limit: i64) -> Result<Behind> {
        ask!(self, database => database.behind(is_live, limit))
    }

    /// Moves a view on, in one transaction with its position. Says whether it was as it had to be.
    pub async fn advance(&self, advance: Advance) -> Result<bool> {
        ask!(self, database => database.advance(advance))
    }

    /// Takes at most so many rows out of each table of a view that is not live, and says whether there
    /// may be more. From the first call to the last, nobody can move the view on.
    pub async fn empty(&self, colour: Colour, limit: i64) -> Result<bool> {
        ask!(self, database => database.empty(colour, limit))
    }

    /// Makes the spare view live if it shows as much as the live one. Says whether it did.
    pub async fn switch(&self, to: Colour) -> Result<bool> {
        ask!(self, database => database.switch(to))
    }

    /// Retries or skips a dead letter, and records that, in one transaction: its account goes on from there in
    /// the live view, and in the spare one if it is a dead letter there.
    pub async fn settle(&self, settle: Settle) -> Result<Settled> {
        ask!(self, database => database.settle(settle))
    }

    /// What operators have decided about dead letters, the newest first.
    pub async fn settlements(&self, limit: i64) -> Result<Vec<Settlement>> {
        ask!(self, database => database.settlements(limit))
    }

    /// What can't be applied to a view, in order.
    pub async fn dead_letters(&self, colour: Colour, limit: i64) -> Result<Vec<DeadLetter>> {
        ask!(self, database => database.dead_letters(colour, limit))
    }
}

impl ReadModel {
    /// What the live view says at one moment, for a caller who wants to see at least this position.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn answer(&self, question: &Question, at_least: i64) -> Result<Shown> {
        ask!(&self.0, database => database.answer(question, at_least))
    }
}
