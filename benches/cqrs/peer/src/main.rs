//! The bank of `examples/cqrs` on cqrs-es 0.5 and its SQLite store, under the load of `load.rs`.
//!
//! Arguments: customers at once, commands of each, connections of the pool.

#[path = "../../load.rs"]
mod load;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{GenericQuery, ViewRepository as _};
use cqrs_es::{Aggregate, AggregateError, DomainEvent, EventEnvelope, View};
use serde::{Deserialize, Serialize};
use sqlite_es::{SqliteCqrs, SqliteViewRepository, sqlite_cqrs};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use load::{Bank, Load};

#[derive(Debug, Default, Serialize, Deserialize)]
struct Account {
    is_open: bool,
    cents: u64,
}

enum Command {
    Open { owner: String },
    Deposit { cents: u64, reference: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Opened { owner: String },
    Deposited { cents: u64, reference: String },
}

#[derive(Debug)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("refused")
    }
}

impl std::error::Error for Refused {}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        match self {
            Self::Opened { .. } => "opened",
            Self::Deposited { .. } => "deposited",
        }
        .to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}

impl Aggregate for Account {
    const TYPE: &'static str = "account";
    type Command = Command;
    type Event = Event;
    type Error = Refused;
    type Services = ();

    async fn handle(&mut self, command: Command, (): &(), sink: &EventSink<Self>) -> Result<(), Refused> {
        let event = match command {
            Command::Open { owner } if !self.is_open => Event::Opened { owner },
            Command::Deposit { cents, reference } if self.is_open && cents > 0 => {
                Event::Deposited { cents, reference }
            }
            _ => return Err(Refused),
        };
        sink.write(event, self).await;
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Opened { .. } => self.is_open = true,
            Event::Deposited { cents, .. } => self.cents += cents,
        }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct AccountView {
    owner: String,
    cents: u64,
    version: usize,
}

impl View<Account> for AccountView {
    fn update(&mut self, event: &EventEnvelope<Account>) {
        match &event.payload {
            Event::Opened { owner } => self.owner.clone_from(owner),
            Event::Deposited { cents, .. } => self.cents += cents,
        }
        self.version = event.sequence;
    }
}

type Views = SqliteViewRepository<AccountView, Account>;

struct Peer {
    cqrs: SqliteCqrs<Account>,
    views: Arc<Views>,
}

impl Peer {
    /// The same file, journal and durability as in `flowgen`'s.
    async fn open(file: &std::path::Path, connections: u32) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .busy_timeout(Duration::from_secs(10))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().max_connections(connections).connect_with(options).await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&pool).await?;
        let views = Arc::new(Views::new("account_view", pool.clone()));
        let mut query = GenericQuery::new(Arc::clone(&views));
        query.use_error_handler(Box::new(|why| {
            eprintln!("the view failed: {why}");
            std::process::exit(1);
        }));
        Ok(Self { cqrs: sqlite_cqrs(pool, vec![Box::new(query)], ()), views })
    }

    async fn execute(&self, account: &str, command: impl Fn() -> Command) -> Result<()> {
        loop {
            match self.cqrs.execute(account, command()).await {
                Ok(()) => return Ok(()),
                Err(AggregateError::AggregateConflict) => {}
                Err(why) => anyhow::bail!("{account}: {why}"),
            }
        }
    }
}

/// Views are written before a command is answered, so there is nothing to wait for.
impl Bank for Peer {
    type Token = ();

    async fn open(&self, account: &str) -> Result<()> {
        self.execute(account, || Command::Open { owner: "Somebody".to_owned() }).await
    }

    async fn pay(&self, account: &str, _: String) -> Result<()> {
        self.execute(account, || Command::Deposit { cents: 1, reference: "wages".to_owned() }).await
    }

    async fn show(&self, account: &str, (): ()) -> Result<u64> {
        Ok(self.views.load(account).await?.context("there is no such account")?.cents)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let load = Load::from_args()?;
    let connections = std::env::args().nth(3).context("a number of connections is needed")?.parse()?;
    let folder = tempfile::tempdir()?;
    let bank = Peer::open(&folder.path().join("bank.db"), connections).await?;
    println!("{}", load.measure(bank).await?);
    Ok(())
}
