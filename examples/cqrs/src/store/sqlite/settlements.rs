//! Decisions of operators about dead letters.

use rusqlite::{Connection, OptionalExtension as _};

use super::super::read_side::{Effect, effect};
use super::super::{Colour, Decision, Result, Settle, Settled, Settlement};
use super::Sqlite;
use super::events::{EVENTS, recorded};
use super::views::{held, views, write_folded};

impl Sqlite {
    pub(crate) async fn settle(&self, settle: Settle) -> Result<Settled> {
        let write = self.writer.write(move |connection| {
            let live = views(connection)?.live;
            let of = "SELECT account FROM dead_letters WHERE colour = ?1 AND position = ?2";
            // The account comes from the dead letter, since the event itself may have been removed.
            let account: Option<String> =
                connection.query_row(of, (live.name(), settle.position), |row| row.get(0)).optional()?;
            let settled = settle_in(connection, live, &settle)?;
            if settled != Settled::Done {
                return Ok(settled);
            }
            // A spare view that is being rebuilt may have the dead letter, too, and becomes live later.
            settle_in(connection, live.other(), &settle)?;
            connection.execute("UPDATE views SET revision = revision + 1", [])?;
            let Settle { position, decision, reason, who, at } = &settle;
            let sql = "INSERT INTO settlements (position, account, decision, reason, who, at_ms) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            connection.execute(sql, (position, account, decision.name(), reason, who, at))?;
            Ok(settled)
        });
        write.await
    }

    pub(crate) async fn settlements(&self, limit: i64) -> Result<Vec<Settlement>> {
        let read = self.readers.read(move |connection| {
            let sql = "SELECT position, account, decision, reason, who, at_ms FROM settlements \
                       ORDER BY id DESC LIMIT ?1";
            let mut found = connection.prepare_cached(sql)?;
            let settlements = found.query_map([limit], |row| {
                let decision: String = row.get(2)?;
                let (position, account, decision) = (row.get(0)?, row.get(1)?, Decision::of(&decision));
                let (reason, who, at) = (row.get(3)?, row.get(4)?, row.get(5)?);
                Ok(Settlement { position, account, decision, reason, who, at })
            })?;
            Ok(settlements.collect::<rusqlite::Result<_>>()?)
        });
        read.await
    }
}

/// Settles a dead letter in one view. No other transaction writes at the same time.
fn settle_in(connection: &Connection, colour: Colour, settle: &Settle) -> Result<Settled> {
    let sql = "SELECT account, (SELECT min(position) FROM dead_letters AS first WHERE first.colour = ?1 \
               AND first.account = letter.account) FROM dead_letters AS letter \
               WHERE colour = ?1 AND position = ?2";
    let mut letter = connection.prepare_cached(sql)?;
    let found: Option<(String, i64)> = letter
        .query_row((colour.name(), settle.position), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((account, first)) = found else { return Ok(Settled::Unknown) };
    if first != settle.position {
        return Ok(Settled::Behind(first));
    }
    let sql = format!(
        "{EVENTS} WHERE position IN (SELECT position FROM dead_letters WHERE colour = ?1 AND account = ?2) \
         ORDER BY position"
    );
    let mut found = connection.prepare_cached(&sql)?;
    let found = found.query_map((colour.name(), &account), recorded)?;
    let events = found.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut held = held(connection, colour, &events)?;
    held.dead.clear();
    match effect(settle, held, &events) {
        Effect::None(settled) => Ok(settled),
        Effect::GoesOn(folded) => {
            let sql = "DELETE FROM dead_letters WHERE colour = ?1 AND account = ?2";
            connection.execute(sql, (colour.name(), &account))?;
            write_folded(connection, colour.name(), &folded)?;
            Ok(Settled::Done)
        }
    }
}
