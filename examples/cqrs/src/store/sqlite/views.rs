//! The read side: two views, one of which is live, with their positions and dead letters.

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::super::{
    About, Advance, Behind, Colour, DeadLetter, Held, PROGRESS, Progress, Recorded, Result, Shown, Views,
};
use super::Sqlite;
use super::events::after;
use crate::view::{AccountView, Answer, Folded, Line, Question, Statement};

const ACCOUNTS: &str = "SELECT account, owner, cents, is_closed, version, opened, changed FROM view_accounts";
const LETTERS: &str = "SELECT position, account, why, at_ms FROM dead_letters";

impl Sqlite {
    pub(crate) async fn views(&self) -> Result<Views> {
        self.readers.read(|connection| views(connection)).await
    }

    pub(crate) async fn behind(&self, is_live: bool, limit: i64) -> Result<Behind> {
        let read = self.readers.read(move |connection| {
            let views = views(connection)?;
            let (colour, at) = views.one(is_live);
            let events = after(connection, at, limit)?;
            let held = held(connection, colour, &events)?;
            Ok(Behind { views, events, held })
        });
        read.await
    }

    pub(crate) async fn advance(&self, advance: Advance) -> Result<bool> {
        self.writer.write(move |connection| move_on(connection, &advance)).await
    }

    pub(crate) async fn empty(&self, colour: Colour, limit: i64) -> Result<bool> {
        let write = self.writer.write(move |connection| {
            // A negative position matches no update.
            let lock = "UPDATE views SET position = -1 WHERE colour = ?1 AND NOT is_live";
            if connection.execute(lock, [colour.name()])? == 0 {
                return Ok(false);
            }
            let mut most = 0;
            for (table, key) in [
                ("view_accounts", "account"),
                ("view_lines", "account, version"),
                ("dead_letters", "position"),
            ] {
                let sql = format!(
                    "DELETE FROM {table} WHERE colour = ?1 AND ({key}) IN \
                     (SELECT {key} FROM {table} WHERE colour = ?1 LIMIT ?2)"
                );
                most = most.max(connection.execute(&sql, (colour.name(), limit))?);
            }
            if most == 0 {
                connection.execute("UPDATE views SET position = 0 WHERE colour = ?1", [colour.name()])?;
            }
            Ok(most > 0)
        });
        write.await
    }

    pub(crate) async fn switch(&self, to: Colour) -> Result<bool> {
        let write = self.writer.write(move |connection| {
            let sql = "UPDATE views SET is_live = (colour = ?1) WHERE \
                       (SELECT position FROM views WHERE colour = ?1) >= \
                       (SELECT position FROM views WHERE is_live)";
            Ok(connection.execute(sql, [to.name()])? > 0)
        });
        write.await
    }

    pub(crate) async fn progress(&self) -> Result<Progress> {
        let read = self.readers.read(|connection| {
            let progress = connection.prepare_cached(PROGRESS)?.query_row((), |row| {
                let (events, live) = (row.get(0)?, row.get(1)?);
                Ok(Progress { events, live, unsent: row.get(2)?, dead_letters: row.get(3)? })
            })?;
            Ok(progress)
        });
        read.await
    }

    pub(crate) async fn dead_letters(&self, colour: Colour, limit: i64) -> Result<Vec<DeadLetter>> {
        let read = self.readers.read(move |connection| {
            let sql = format!("{LETTERS} WHERE colour = ?1 ORDER BY position LIMIT ?2");
            let mut found = connection.prepare_cached(&sql)?;
            let letters = found.query_map((colour.name(), limit), letter)?;
            Ok(letters.collect::<rusqlite::Result<_>>()?)
        });
        read.await
    }

    pub(crate) async fn answer(&self, question: &Question, at_least: i64) -> Result<Shown> {
        let question = question.clone();
        let read = self.readers.read(move |connection| {
            let live = "SELECT colour, position FROM views WHERE is_live";
            let mut live = connection.prepare_cached(live)?;
            let (colour, position): (String, i64) =
                live.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let answer = answer(connection, &colour, &question)?;
            let held_up = held_up(connection, &colour, &About::of(&question, answer.as_ref()), at_least)?;
            Ok(Shown { answer, position, held_up })
        });
        read.await
    }
}

pub(super) fn views(connection: &Connection) -> Result<Views> {
    let mut found = connection.prepare_cached("SELECT colour, position, is_live, revision FROM views")?;
    let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    Ok(Views::of(rows.collect::<rusqlite::Result<Vec<_>>>()?))
}

/// The content of a view for the accounts of these events.
pub(super) fn held(connection: &Connection, colour: Colour, events: &[Recorded]) -> Result<Held> {
    let mut held = Held::default();
    let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(held) };
    let sql = "SELECT position FROM settlements WHERE decision = 'skip' AND position BETWEEN ?1 AND ?2";
    let mut skipped = connection.prepare_cached(sql)?;
    let skipped = skipped.query_map([first.position, last.position], |row| row.get(0))?;
    held.skipped = skipped.collect::<rusqlite::Result<_>>()?;
    let mut found = connection.prepare_cached(&format!("{ACCOUNTS} WHERE colour = ?1 AND account = ?2"))?;
    let mut dead =
        connection.prepare_cached("SELECT 1 FROM dead_letters WHERE colour = ?1 AND account = ?2 LIMIT 1")?;
    for name in Recorded::accounts(events) {
        let of = (colour.name(), &name);
        if dead.exists(of)? {
            held.dead.insert(name.clone());
        }
        if let Some(account) = found.query_row(of, account).optional()? {
            held.accounts.insert(name, account);
        }
    }
    Ok(held)
}

fn move_on(connection: &Connection, advance: &Advance) -> Result<bool> {
    let colour = advance.colour.name();
    let fence = "UPDATE views SET position = ?4 WHERE colour = ?1 AND is_live = ?2 AND position = ?3 \
                 AND revision = ?5";
    let Advance { is_live, from, to, revision, .. } = advance;
    if connection.prepare_cached(fence)?.execute((colour, is_live, from, to, revision))? == 0 {
        return Ok(false);
    }
    write_folded(connection, colour, &advance.folded)?;
    Ok(true)
}

/// Writes the changes of a view.
pub(super) fn write_folded(connection: &Connection, colour: &str, folded: &Folded) -> Result<()> {
    let mut replace = connection
        .prepare_cached("INSERT OR REPLACE INTO view_accounts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    for view in &folded.accounts {
        let AccountView { account, owner, cents, is_closed, version, opened, changed } = view;
        replace.execute((colour, account, owner, cents, is_closed, version, opened, changed))?;
    }
    let mut insert =
        connection.prepare_cached("INSERT INTO view_lines VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for line in &folded.lines {
        let Line { account, version, cents, balance, reference, at } = line;
        insert.execute((colour, account, version, cents, balance, reference, at))?;
    }
    let mut insert = connection.prepare_cached("INSERT INTO dead_letters VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for letter in &folded.dead {
        let DeadLetter { position, account, why, at } = letter;
        insert.execute((colour, position, account, why, at))?;
    }
    Ok(())
}

fn answer(connection: &Connection, colour: &str, question: &Question) -> Result<Option<Answer>> {
    Ok(match question {
        Question::Account(name) => one(connection, colour, name)?.map(Answer::Account),
        Question::Statement { account: name, before, limit } => {
            let Some(account) = one(connection, colour, name)? else { return Ok(None) };
            let sql = "SELECT account, version, cents, balance, reference, at_ms FROM view_lines \
                       WHERE colour = ?1 AND account = ?2 AND version < ?3 ORDER BY version DESC LIMIT ?4";
            let mut found = connection.prepare_cached(sql)?;
            let lines = found.query_map((colour, name, before, limit), line)?;
            let lines = lines.collect::<rusqlite::Result<_>>()?;
            Some(Answer::Statement(Statement { account, lines }))
        }
        Question::Accounts { after, limit } => {
            let sql = format!("{ACCOUNTS} WHERE colour = ?1 AND account > ?2 ORDER BY account LIMIT ?3");
            let mut found = connection.prepare_cached(&sql)?;
            let accounts = found.query_map((colour, after, limit), account)?;
            Some(Answer::Accounts(accounts.collect::<rusqlite::Result<_>>()?))
        }
    })
}

fn one(connection: &Connection, colour: &str, name: &str) -> Result<Option<AccountView>> {
    let mut found = connection.prepare_cached(&format!("{ACCOUNTS} WHERE colour = ?1 AND account = ?2"))?;
    Ok(found.query_row((colour, name), account).optional()?)
}

/// The first dead letter of these accounts up to a position.
fn held_up(
    connection: &Connection,
    colour: &str,
    about: &About<'_>,
    at_least: i64,
) -> Result<Option<DeadLetter>> {
    let sql = |accounts: &str| {
        format!("{LETTERS} WHERE colour = ?1 AND position <= ?2 AND {accounts} ORDER BY position LIMIT 1")
    };
    let found = match about {
        About::One(account) => {
            let mut found = connection.prepare_cached(&sql("account = ?3"))?;
            found.query_row((colour, at_least, account), letter).optional()?
        }
        About::Range(after, until) => {
            let accounts = "account > ?3 AND (?4 IS NULL OR account <= ?4)";
            let mut found = connection.prepare_cached(&sql(accounts))?;
            found.query_row((colour, at_least, after, until), letter).optional()?
        }
    };
    Ok(found)
}

fn letter(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    Ok(DeadLetter { position: row.get(0)?, account: row.get(1)?, why: row.get(2)?, at: row.get(3)? })
}

fn account(row: &Row<'_>) -> rusqlite::Result<AccountView> {
    Ok(AccountView {
        account: row.get(0)?,
        owner: row.get(1)?,
        cents: row.get(2)?,
        is_closed: row.get(3)?,
        version: row.get(4)?,
        opened: row.get(5)?,
        changed: row.get(6)?,
    })
}

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        account: row.get(0)?,
        version: row.get(1)?,
        cents: row.get(2)?,
        balance: row.get(3)?,
        reference: row.get(4)?,
        at: row.get(5)?,
    })
}
