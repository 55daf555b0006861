//! A database with nothing in it, and banks on it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use flowgen::Retry;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;

use cqrs::Bank;
use cqrs::bank::{Handled, Policy, Told};
use cqrs::clock::Clock;
use cqrs::domain::{Command, Event};
use cqrs::lanes::Receiver;
use cqrs::store::{Receipt, Recorded, Store, Views};
use cqrs::view::{AccountView, Answer, Line, Question, Statement};

use crate::postgres::Server;

/// A database with nothing in it. It goes when this does.
pub struct World {
    /// As in the settings.
    pub database: String,
    _folder: Option<TempDir>,
    _server: Option<Arc<Server>>,
}

/// How banks work in tests: nothing pauses for long, and everything has time.
pub fn policy() -> Policy {
    Policy {
        tries: 1_000,
        snapshot_every: 4,
        batch: 50,
        wait: Duration::from_secs(60),
        retry: Retry::max_retries(2).initial_delay(Duration::from_millis(1)),
        timeout: Duration::from_secs(60),
        receiver: Receiver::Log,
    }
}

/// A clock that goes on by a second whenever it is looked at.
pub fn clock() -> Clock {
    let now = AtomicI64::new(0);
    Clock::new(move || now.fetch_add(1_000, Ordering::Relaxed))
}

pub fn open() -> Command {
    Command::Open { owner: "Somebody".to_owned() }
}

pub fn deposit(cents: u64) -> Command {
    Command::Deposit { cents, reference: "wages".to_owned() }
}

pub fn withdraw(cents: u64) -> Command {
    Command::Withdraw { cents, reference: "rent".to_owned() }
}

/// Puts an event into the store without a follower.
pub fn insert(account: &str, version: i64, (kind, shape): (&str, i32), body: &str) -> String {
    format!(
        "INSERT INTO events (account, version, kind, shape, body, at_ms) \
         VALUES ('{account}', {version}, '{kind}', {shape}, '{body}', 0)"
    )
}

/// A deposit, as it is stored.
pub const PAID: &str = r#"{"cents":500,"reference":""}"#;

impl World {
    /// A file.
    pub fn sqlite() -> Self {
        Self::in_folder(tempfile::tempdir().unwrap())
    }

    /// A file in memory where the system has a folder for that: commits wait for no disk.
    pub fn in_memory() -> Self {
        Self::in_folder(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap())
    }

    fn in_folder(folder: TempDir) -> Self {
        let database = folder.path().join("bank.db").to_str().unwrap().to_owned();
        Self { database, _folder: Some(folder), _server: None }
    }

    /// A database on a server, where Postgres is installed.
    pub async fn postgres() -> Option<Self> {
        let server = tokio::task::spawn_blocking(Server::running).await.unwrap()?;
        Some(Self::on(server).await)
    }

    /// A database on this server.
    pub async fn on(server: Arc<Server>) -> Self {
        Self { database: server.database().await, _folder: None, _server: Some(server) }
    }

    pub async fn store(&self) -> Store {
        Store::open(&self.database).await.unwrap()
    }

    pub async fn bank(&self) -> Bank {
        self.bank_with(policy()).await
    }

    pub async fn bank_with(&self, policy: Policy) -> Bank {
        Bank::open(self.store().await, &clock(), policy).await.unwrap()
    }

    /// Does to the database what only an accident would.
    pub async fn execute(&self, sql: &str) {
        if self.is_postgres() {
            let mut connection = PgConnection::connect(&self.database).await.unwrap();
            connection.execute(sql).await.unwrap();
        } else {
            let connection = rusqlite::Connection::open(&self.database).unwrap();
            connection.busy_timeout(Duration::from_secs(60)).unwrap();
            connection.execute_batch(sql).unwrap();
        }
    }

    /// Takes away what only SQLite needs so that events have ids.
    pub fn drop_ids(&self) -> &'static str {
        if self.is_postgres() { "" } else { "DROP TRIGGER events_without_id; DROP INDEX events_id; " }
    }

    /// Has a table refuse new rows.
    pub async fn refuse(&self, table: &str) {
        let sql = if self.is_postgres() {
            format!("ALTER TABLE {table} ADD CONSTRAINT refuse CHECK (false) NOT VALID")
        } else {
            format!("CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END")
        };
        self.execute(&sql).await;
    }

    /// Has it take them again.
    pub async fn allow(&self, table: &str) {
        let sql = if self.is_postgres() {
            format!("ALTER TABLE {table} DROP CONSTRAINT refuse")
        } else {
            "DROP TRIGGER refuse".to_owned()
        };
        self.execute(&sql).await;
    }

    fn is_postgres(&self) -> bool {
        self.database.starts_with("postgres://")
    }

    /// All that has happened.
    pub async fn events(&self) -> Vec<Recorded> {
        self.store().await.events_after(0, i64::MAX).await.unwrap()
    }

    pub async fn views(&self) -> Views {
        self.store().await.views().await.unwrap()
    }

    /// All that the live view shows.
    pub async fn shown(&self) -> BTreeMap<String, Statement> {
        let view = self.store().await.read_model();
        let all = Question::Accounts { after: String::new(), limit: i64::MAX };
        let Some(Answer::Accounts(accounts)) = view.answer(&all, 0).await.unwrap().answer else {
            panic!("no list")
        };
        let mut shown = BTreeMap::new();
        for AccountView { account, .. } in accounts {
            let (before, limit) = (i64::MAX, i64::MAX);
            let one = Question::Statement { account: account.clone(), before, limit };
            let Some(Answer::Statement(one)) = view.answer(&one, 0).await.unwrap().answer else {
                panic!("no account")
            };
            shown.insert(account, one);
        }
        shown
    }

    /// What the view has to show: all events folded, by other means than the projection's.
    pub async fn folded(&self) -> BTreeMap<String, Statement> {
        let mut folded: BTreeMap<String, Statement> = BTreeMap::new();
        for recorded in self.events().await {
            let Recorded { account: name, version, at_ms: at, .. } = recorded;
            let event = Event::read(&recorded.kind, recorded.shape, &recorded.body).unwrap();
            if let Event::Opened { owner } = event {
                let (account, cents, is_closed) = (name.clone(), 0, false);
                let account =
                    AccountView { account, owner, cents, is_closed, version, opened: at, changed: at };
                folded.insert(name, Statement { account, lines: Vec::new() });
                continue;
            }
            let Statement { account, lines } = folded.get_mut(&name).unwrap();
            (account.version, account.changed) = (version, at);
            let (cents, reference) = match event {
                Event::Deposited { cents, reference } => (i64::try_from(cents).unwrap(), reference),
                Event::Withdrawn { cents, reference } => (-i64::try_from(cents).unwrap(), reference),
                _ => {
                    account.is_closed = true;
                    continue;
                }
            };
            account.cents += cents;
            let balance = account.cents;
            lines.insert(0, Line { account: name, version, cents, balance, reference, at });
        }
        folded
    }

    /// Waits until the live view shows all events, whichever process updates it.
    pub async fn level(&self) {
        let store = self.store().await;
        let newest = self.events().await.last().map_or(0, |event| event.position);
        for _ in 0..6_000 {
            if store.views().await.unwrap().live_at >= newest {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the view does not come to {newest}: {:?}", self.views().await);
    }
}

/// Sends a command, which has to be done now.
pub async fn done(bank: &Bank, id: &str, account: &str, command: Command) -> Receipt {
    match bank.command(id.to_owned(), account.to_owned(), command, None).await.unwrap() {
        Handled::Done(receipt) => receipt,
        other => panic!("{id}: {other:?}"),
    }
}

/// The state of an account in a view that shows at least this position.
pub async fn shown(bank: &Bank, account: &str, at_least: i64) -> AccountView {
    match bank.query(Question::Account(account.to_owned()), at_least).await.unwrap() {
        Told::Answer(Answer::Account(account), shows) => {
            assert!(shows >= at_least, "{shows} is before {at_least}");
            account
        }
        other => panic!("{account}: {other:?}"),
    }
}
