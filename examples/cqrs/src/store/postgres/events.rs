//! The write side: events and receipts of commands.
//!
//! A transaction takes positions when it writes, but its events become visible when it commits, possibly in
//! another order. A reader in order of positions would miss events that become visible late. Appenders therefore
//! hold a shared lock. To find out up to which position all events are committed, a reader takes the lock
//! exclusively for a moment, when no append is in progress.

use sqlx::postgres::PgRow;
use sqlx::{Executor as _, PgConnection, Postgres as Db, Row as _, Transaction};

use super::super::{Append, Appended, History, NewEvent, Receipt, Recorded, Result, Snapshot};
use super::{APPENDING, Postgres};
use crate::history::SHAPE;

const RECEIPT: &str = "SELECT account, wanted, version, position FROM commands WHERE id = $1";
/// The snapshot of an account, if it has the format `$2`, its last event still exists, and so do all events before
/// it.
const SNAPSHOT: &str = "SELECT version, body FROM snapshots AS kept WHERE account = $1 AND shape = $2 \
     AND EXISTS (SELECT 1 FROM events WHERE events.account = kept.account AND events.version = kept.version \
                 AND events.event_id = kept.event_id) \
     AND version = (SELECT count(*) FROM events WHERE events.account = kept.account \
                    AND events.version BETWEEN 1 AND kept.version)";
const KEEP_SNAPSHOT: &str = "INSERT INTO snapshots (account, version, event_id, shape, body) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account) DO UPDATE SET version = excluded.version, \
     event_id = excluded.event_id, shape = excluded.shape, body = excluded.body";
pub(super) const EVENTS: &str = "SELECT position, account, version, kind, shape, body, at_ms, event_id, \
     correlation_id, causation_id, who FROM events";

impl Postgres {
    pub(crate) async fn history(&self, account: &str, command: &str) -> Result<History> {
        let mut moment = self.moment().await?;
        let receipt = receipt(&mut moment, command).await?;
        let kept = sqlx::query_as(SNAPSHOT).bind(account).bind(SHAPE);
        let kept: Option<(i64, String)> = kept.fetch_optional(&mut *moment).await?;
        let snapshot = kept.and_then(|(version, body)| Some((serde_json::from_str(&body).ok()?, version)));
        let after = snapshot.as_ref().map_or(i64::MIN, |(_, version)| *version);
        let sql = format!("{EVENTS} WHERE account = $1 AND version > $2 ORDER BY version");
        let rows = sqlx::query(&sql).bind(account).bind(after).fetch_all(&mut *moment).await?;
        moment.commit().await?;
        let events = rows.iter().map(recorded).collect::<Result<_, _>>()?;
        Ok(History { receipt, snapshot, events })
    }

    pub(crate) async fn keep_snapshot(&self, snapshot: Snapshot) -> Result<()> {
        let Snapshot { account, version, event_id, shape, body } = snapshot;
        let keep =
            sqlx::query(KEEP_SNAPSHOT).bind(account).bind(version).bind(event_id).bind(shape).bind(body);
        keep.execute(&self.pool).await?;
        Ok(())
    }

    pub(crate) async fn append(&self, append: Append) -> Result<Appended> {
        let mut transaction = self.pool.begin().await?;
        transaction.execute(&*format!("SELECT pg_advisory_xact_lock_shared({APPENDING})")).await?;
        // Waits here for a concurrent transaction of the same command id.
        let Append { command, account, wanted, expected, events, messages, origin, at_ms } = append;
        let correlation = origin.correlation.as_ref().unwrap_or(&command);
        let claim = sqlx::query("INSERT INTO commands VALUES ($1, $2, $3, 0, 0, $4) ON CONFLICT DO NOTHING");
        let claim = claim.bind(&command).bind(&account).bind(&wanted).bind(at_ms);
        if claim.execute(&mut *transaction).await?.rows_affected() == 0 {
            let before = receipt(&mut transaction, &command).await?;
            return Ok(before.map_or(Appended::MovedOn, Appended::Before));
        }
        let (mut version, mut position) = (expected, 0_i64);
        for NewEvent { id, written: event } in &events {
            version += 1;
            let insert = sqlx::query_scalar(
                "INSERT INTO events (account, version, kind, shape, body, at_ms, event_id, correlation_id, \
                 causation_id, who) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                 ON CONFLICT (account, version) DO NOTHING RETURNING position",
            );
            let insert = insert.bind(&account).bind(version).bind(event.kind).bind(event.shape);
            let insert = insert.bind(&event.body).bind(at_ms).bind(id).bind(correlation).bind(&command);
            let written = insert.bind(&origin.who).fetch_optional(&mut *transaction).await?;
            let Some(at) = written else { return Ok(Appended::MovedOn) };
            position = at;
        }
        for message in &messages {
            let insert = sqlx::query("INSERT INTO outbox (topic, body, at_ms) VALUES ($1, $2, $3)");
            let insert = insert.bind(message.topic).bind(&message.body).bind(at_ms);
            insert.execute(&mut *transaction).await?;
        }
        let settle = sqlx::query("UPDATE commands SET version = $2, position = $3 WHERE id = $1");
        settle.bind(&command).bind(version).bind(position).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Appended::Now(Receipt { account, wanted, version, position }))
    }

    pub(crate) async fn events_after(&self, position: i64, limit: i64) -> Result<Vec<Recorded>> {
        let complete = self.complete(position).await?;
        after(&mut *self.pool.acquire().await?, position, complete, limit).await
    }

    /// The position up to which all events are committed: later reads find no further events up to there. Returns
    /// `position` if there are no newer events.
    pub(super) async fn complete(&self, position: i64) -> Result<i64> {
        // First a read without the lock: if there is nothing new, appenders are not delayed.
        let newest = "SELECT coalesce(max(position), 0) FROM events";
        let seen: i64 = sqlx::query_scalar(newest).fetch_one(&self.pool).await?;
        if seen <= position {
            return Ok(position);
        }
        let mut transaction = self.pool.begin().await?;
        // Appenders queue behind this lock request, so it does not wait for long.
        transaction.execute("SET LOCAL lock_timeout = '1s'").await?;
        transaction.execute(&*format!("SELECT pg_advisory_xact_lock({APPENDING})")).await?;
        let complete: i64 = sqlx::query_scalar(newest).fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(complete)
    }
}

/// The events after a position, in order, up to where they are [complete](Postgres::complete).
pub(super) async fn after(
    connection: &mut PgConnection,
    position: i64,
    complete: i64,
    limit: i64,
) -> Result<Vec<Recorded>> {
    let sql = format!("{EVENTS} WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3");
    let found = sqlx::query(&sql).bind(position).bind(complete).bind(limit);
    let rows = found.fetch_all(connection).await?;
    Ok(rows.iter().map(recorded).collect::<Result<_, _>>()?)
}

async fn receipt(transaction: &mut Transaction<'_, Db>, command: &str) -> Result<Option<Receipt>> {
    let found: Option<(String, String, i64, i64)> =
        sqlx::query_as(RECEIPT).bind(command).fetch_optional(&mut **transaction).await?;
    Ok(found.map(|(account, wanted, version, position)| Receipt { account, wanted, version, position }))
}

pub(super) fn recorded(row: &PgRow) -> Result<Recorded, sqlx::Error> {
    Ok(Recorded {
        position: row.try_get(0)?,
        account: row.try_get(1)?,
        version: row.try_get(2)?,
        kind: row.try_get(3)?,
        shape: row.try_get(4)?,
        body: row.try_get(5)?,
        at_ms: row.try_get(6)?,
        id: row.try_get(7)?,
        correlation: row.try_get(8)?,
        causation: row.try_get(9)?,
        who: row.try_get(10)?,
    })
}
