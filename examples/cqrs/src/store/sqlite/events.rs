//! The write side: events and receipts of commands.

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::super::{Append, Appended, History, NewEvent, Receipt, Recorded, Result, Snapshot};
use super::Sqlite;
use crate::domain::{Account, Written};
use crate::history::SHAPE;

const RECEIPT: &str = "SELECT account, wanted, version, position FROM commands WHERE id = ?1";
/// The snapshot of an account, if it has the format `?2`, its last event still exists, and so do all events before
/// it.
const SNAPSHOT: &str = "SELECT version, body FROM snapshots AS kept WHERE account = ?1 AND shape = ?2 \
     AND EXISTS (SELECT 1 FROM events WHERE events.account = kept.account AND events.version = kept.version \
                 AND events.event_id = kept.event_id) \
     AND version = (SELECT count(*) FROM events WHERE events.account = kept.account \
                    AND events.version BETWEEN 1 AND kept.version)";
const KEEP_SNAPSHOT: &str = "INSERT INTO snapshots (account, version, event_id, shape, body) \
     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (account) DO UPDATE SET version = excluded.version, \
     event_id = excluded.event_id, shape = excluded.shape, body = excluded.body";
pub(super) const EVENTS: &str = "SELECT position, account, version, kind, shape, body, at_ms, event_id, \
     correlation_id, causation_id, who FROM events";

impl Sqlite {
    pub(crate) async fn history(&self, account: &str, command: &str) -> Result<History> {
        let (account, command) = (account.to_owned(), command.to_owned());
        let read = self.readers.read(move |connection| {
            let receipt = receipt(connection, &command)?;
            let snapshot = snapshot(connection, &account)?;
            let after = snapshot.as_ref().map_or(i64::MIN, |(_, version)| *version);
            let sql = format!("{EVENTS} WHERE account = ?1 AND version > ?2 ORDER BY version");
            let mut found = connection.prepare_cached(&sql)?;
            let events = found.query_map((account, after), recorded)?.collect::<rusqlite::Result<_>>()?;
            Ok(History { receipt, snapshot, events })
        });
        read.await
    }

    pub(crate) async fn keep_snapshot(&self, snapshot: Snapshot) -> Result<()> {
        let write = self.writer.write(move |connection| {
            let Snapshot { account, version, event_id, shape, body } = snapshot;
            connection.prepare_cached(KEEP_SNAPSHOT)?.execute((account, version, event_id, shape, body))?;
            Ok(())
        });
        write.await
    }

    pub(crate) async fn append(&self, append: Append) -> Result<Appended> {
        self.writer.write(move |connection| write(connection, &append)).await
    }

    pub(crate) async fn events_after(&self, position: i64, limit: i64) -> Result<Vec<Recorded>> {
        self.readers.read(move |connection| after(connection, position, limit)).await
    }
}

/// The events after a position, in order.
pub(super) fn after(connection: &Connection, position: i64, limit: i64) -> Result<Vec<Recorded>> {
    let sql = format!("{EVENTS} WHERE position > ?1 ORDER BY position LIMIT ?2");
    let mut found = connection.prepare_cached(&sql)?;
    Ok(found.query_map([position, limit], recorded)?.collect::<rusqlite::Result<_>>()?)
}

fn receipt(connection: &Connection, command: &str) -> Result<Option<Receipt>> {
    let mut found = connection.prepare_cached(RECEIPT)?;
    let read = |row: &Row<'_>| {
        let (account, wanted) = (row.get(0)?, row.get(1)?);
        Ok(Receipt { account, wanted, version: row.get(2)?, position: row.get(3)? })
    };
    Ok(found.query_row([command], read).optional()?)
}

fn snapshot(connection: &Connection, account: &str) -> Result<Option<(Account, i64)>> {
    let mut found = connection.prepare_cached(SNAPSHOT)?;
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?));
    let kept = found.query_row((account, SHAPE), read).optional()?;
    Ok(kept.and_then(|(version, body)| Some((serde_json::from_str(&body).ok()?, version))))
}

pub(super) fn recorded(row: &Row<'_>) -> rusqlite::Result<Recorded> {
    Ok(Recorded {
        position: row.get(0)?,
        account: row.get(1)?,
        version: row.get(2)?,
        kind: row.get(3)?,
        shape: row.get(4)?,
        body: row.get(5)?,
        at_ms: row.get(6)?,
        id: row.get(7)?,
        correlation: row.get(8)?,
        causation: row.get(9)?,
        who: row.get(10)?,
    })
}

/// No other transaction writes at the same time, so the checks remain valid until the changes are written.
fn write(connection: &Connection, append: &Append) -> Result<Appended> {
    if let Some(receipt) = receipt(connection, &append.command)? {
        return Ok(Appended::Before(receipt));
    }
    let mut newest =
        connection.prepare_cached("SELECT coalesce(max(version), 0) FROM events WHERE account = ?1")?;
    let is_at: i64 = newest.query_row([&append.account], |row| row.get(0))?;
    if is_at != append.expected {
        return Ok(Appended::MovedOn);
    }
    let mut version = append.expected;
    let mut insert = connection.prepare_cached(
        "INSERT INTO events (account, version, kind, shape, body, at_ms, event_id, correlation_id, \
         causation_id, who) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let Append { command, account, at_ms, origin, .. } = append;
    let correlation = origin.correlation.as_ref().unwrap_or(command);
    for NewEvent { id, written } in &append.events {
        version += 1;
        let Written { kind, shape, body } = written;
        let who = &origin.who;
        insert.execute((account, version, kind, shape, body, at_ms, id, correlation, command, who))?;
    }
    let position = connection.last_insert_rowid();
    let mut insert =
        connection.prepare_cached("INSERT INTO outbox (topic, body, at_ms) VALUES (?1, ?2, ?3)")?;
    for message in &append.messages {
        insert.execute((message.topic, &message.body, append.at_ms))?;
    }
    let mut insert = connection.prepare_cached("INSERT INTO commands VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let Append { command, account, wanted, at_ms, .. } = append;
    insert.execute((command, account, wanted, version, position, at_ms))?;
    let (account, wanted) = (account.clone(), wanted.clone());
    Ok(Appended::Now(Receipt { account, wanted, version, position }))
}
