//! Writes, each of which is done as a whole or not at all.

use std::sync::Arc;

use flowgen::report::Status;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, ToSql, params};

use super::checksum::{self, Body, Head};
use super::rows::{self, ENDED, code, is_unfinished};
use crate::error::Error;

/// A write.
#[derive(Debug)]
pub(crate) enum Write {
    /// Saves a run that was just started, and the messages that it has sent already.
    Begin(New, Vec<New>),
    /// Saves a run that has advanced, and the messages that it sent.
    Update(RunUpdate),
    /// Marks a run as cancelled.
    Cancel(String),
    /// Saves a drawing, as text.
    Drawing(String),
    /// Deletes those of these runs that ended before this time.
    Forget { before: i64, runs: Vec<i64> },
    /// Saves a run that an operator has changed while it was not driven: it is not refused any more.
    Change(RunUpdate),
    /// Deletes a run in any status.
    Delete { seq: i64, id: String },
    /// Replaces all refusals by these runs and their reasons.
    Refuse(Vec<(i64, String)>),
    /// Returns some free pages of the file to the file system.
    Shrink,
    #[cfg(test)]
    Raw(&'static str),
}

/// A run that is not in the file yet.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) id: Arc<str>,
    pub(crate) sender: Option<Arc<str>>,
    pub(crate) columns: RunColumns,
}

/// A run that is in the file.
#[derive(Debug)]
pub(crate) struct RunUpdate {
    pub(crate) seq: i64,
    pub(crate) id: Arc<str>,
    pub(crate) columns: RunColumns,
    /// Its drawing and its status are those in the file.
    pub(crate) goes_on: bool,
    /// Its path was written with the node numbers of another drawing, and is written anew.
    pub(crate) rewrite_path: bool,
    /// A part of its path that does not fit into its row any more.
    pub(crate) part: Option<PathChunk>,
    pub(crate) messages: Vec<New>,
}

/// The columns of a run that change when it advances.
#[derive(Debug)]
pub(crate) struct RunColumns {
    pub(crate) drawing: i64,
    pub(crate) status: Status,
    /// The time of the save, which is not earlier than that of the previous one.
    pub(crate) changed: i64,
    pub(crate) state: Json,
    /// The last part of its path.
    pub(crate) last: PathChunk,
}

/// A part of a path.
#[derive(Debug, Default)]
pub(crate) struct PathChunk {
    /// The number of nodes before it.
    pub(crate) first: usize,
    /// The nodes as text; empty if there are none.
    pub(crate) walked: Json,
}

/// A text known to be UTF-8, as JSON is, so that it is not validated again.
#[derive(Debug, Default)]
pub(crate) struct Json(pub(crate) Vec<u8>);

impl ToSql for Json {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(&self.0)))
    }
}

impl FromSql for Json {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(value.as_bytes()?.to_owned()))
    }
}

/// The numbers of the rows that were created or changed.
pub(crate) type Written = Vec<i64>;

/// A transaction, with the statement that most of its writes use.
pub(crate) struct Transaction<'c> {
    to: &'c Connection,
    goes_on: Option<CachedStatement<'c>>,
}

impl<'c> Transaction<'c> {
    pub(crate) fn new(to: &'c Connection) -> Self {
        Self { to, goes_on: None }
    }

    fn goes_on(&mut self) -> rusqlite::Result<&mut CachedStatement<'c>> {
        let found = match self.goes_on.take() {
            Some(statement) => statement,
            // Columns that are not named need no lookup, and no index is updated.
            None => self.to.prepare_cached(
                "UPDATE runs SET changed = ?, state = ?, first = ?, walked = ?, crc = ? WHERE seq = ?",
            )?,
        };
        Ok(self.goes_on.insert(found))
    }
}

impl Write {
    /// Executes the write. If it fails, the caller has to roll back.
    pub(crate) fn apply(&self, transaction: &mut Transaction<'_>) -> Result<Written, Error> {
        let to = transaction.to;
        match self {
            Self::Begin(new, messages) => start(to, new, messages),
            Self::Update(update) => save_update(transaction, update),
            Self::Cancel(run) => cancel(to, run),
            Self::Drawing(text) => Ok(vec![drawing(to, text).map_err(Error::sqlite("save the drawing"))?]),
            Self::Forget { before, runs } => forget(to, *before, runs),
            Self::Shrink => shrink(to).map_err(Error::sqlite("make the file smaller")),
            Self::Change(update) => {
                accept(to, update.seq).map_err(Error::sqlite(format_args!("save run `{}`", update.id)))?;
                save_update(transaction, update)
            }
            Self::Delete { seq, id } => {
                delete(to, *seq, id).map_err(Error::sqlite(format_args!("delete run `{id}`")))
            }
            Self::Refuse(runs) => refuse(to, runs).map_err(Error::sqlite("note which runs are refused")),
            #[cfg(test)]
            Self::Raw(sql) => to.execute_batch(sql).map(|()| Vec::new()).map_err(Error::sqlite("do this")),
        }
    }
}

/// Returns the numbers of the run and of its messages; an empty list if a run with this id exists.
fn start(to: &Connection, new: &New, messages: &[New]) -> Result<Written, Error> {
    let begun = begin(to, new).map_err(Error::sqlite(format_args!("save run `{}`", new.id)))?;
    let Some(seq) = begun else { return Ok(Vec::new()) };
    let mut seqs = vec![seq];
    send(to, &new.id, messages, &mut seqs)?;
    Ok(seqs)
}

fn send(to: &Connection, sender: &str, messages: &[New], seqs: &mut Written) -> Result<(), Error> {
    for message in messages {
        let begun = begin(to, message).map_err(Error::sqlite(format_args!("save run `{}`", message.id)))?;
        let taken = || Error::MessageIdTaken { run: message.id.to_string(), sender: sender.to_owned() };
        seqs.push(begun.ok_or_else(taken)?);
    }
    Ok(())
}

/// Returns `None` if a run with this id exists.
fn begin(to: &Connection, new: &New) -> rusqlite::Result<Option<i64>> {
    let New { id, sender, columns } = new;
    let mut next = to.prepare_cached("SELECT coalesce(max(seq), 0) + 1 FROM runs")?;
    let seq: i64 = next.query_row((), |row| row.get(0))?;
    let mut insert = to.prepare_cached(
        "INSERT INTO runs (seq, id, sender, cancelled, started, head_crc,
                drawing, status, changed, state, first, walked, crc)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    )?;
    let head = Head { seq, id, sender: sender.as_deref(), cancelled: 0, started: columns.changed };
    let Head { cancelled, started, .. } = head;
    let Body { drawing, status, changed, first, .. } = columns.body(seq);
    let (head_crc, crc) = (head.checksum(), columns.body(seq).checksum());
    let RunColumns { state, last: PathChunk { walked, .. }, .. } = columns;
    let is_new = insert.execute(params![
        seq, id, sender, cancelled, started, head_crc, drawing, status, changed, state, first, walked, crc
    ])? > 0;
    Ok(is_new.then_some(seq))
}

impl RunColumns {
    fn body(&self, seq: i64) -> Body<'_> {
        let Self { drawing, status, changed, state, last } = self;
        let (drawing, status, changed, first) = (*drawing, code(*status), *changed, number(last.first));
        Body { seq, drawing, status, changed, first, state: &state.0, walked: &last.walked.0 }
    }
}

fn save_update(transaction: &mut Transaction<'_>, update: &RunUpdate) -> Result<Written, Error> {
    let to = transaction.to;
    if !update_row(transaction, update).map_err(Error::sqlite(format_args!("save run `{}`", update.id)))? {
        return Err(Error::Unknown { run: update.id.to_string() });
    }
    let mut seqs = Vec::new();
    send(to, &update.id, &update.messages, &mut seqs)?;
    Ok(seqs)
}

fn update_row(transaction: &mut Transaction<'_>, update: &RunUpdate) -> rusqlite::Result<bool> {
    let to = transaction.to;
    let RunUpdate { seq, columns, goes_on, rewrite_path, part, .. } = update;
    let RunColumns { state, last: PathChunk { walked, .. }, .. } = columns;
    let body = columns.body(*seq);
    let (crc, Body { drawing, status, changed, first, .. }) = (body.checksum(), body);
    let rows = if *goes_on {
        transaction.goes_on()?.execute(params![changed, state, first, walked, crc, seq])?
    } else {
        let mut update = to.prepare_cached(
            "UPDATE runs SET changed = ?, state = ?, first = ?, walked = ?, crc = ?, drawing = ?, status = ?
                WHERE seq = ?",
        )?;
        update.execute(params![changed, state, first, walked, crc, drawing, status, seq])?
    };
    if *rewrite_path {
        to.prepare_cached("DELETE FROM path WHERE run = ?")?.execute([seq])?;
    }
    if let Some(PathChunk { first, walked }) = part {
        let mut insert =
            to.prepare_cached("INSERT INTO path (run, first, walked, crc) VALUES (?, ?, ?, ?)")?;
        let first = number(*first);
        insert.execute(params![seq, first, walked, checksum::of_path(*seq, first, &walked.0)])?;
    }
    Ok(rows > 0)
}

fn number(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}

fn cancel(to: &Connection, run: &str) -> Result<Written, Error> {
    let row = match rows::row_by_id(to, run) {
        Ok(row) if is_unfinished(row.status) => row.cancelled(),
        Ok(_) | Err(Error::Unknown { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let update = to.prepare_cached("UPDATE runs SET cancelled = 1, head_crc = ? WHERE seq = ?");
    let updated = update.and_then(|mut update| update.execute(params![row.head().checksum(), row.seq]));
    updated.map_err(Error::sqlite(format_args!("note that run `{run}` is cancelled")))?;
    Ok(vec![row.seq])
}

/// Returns the number of a drawing; equal drawings have the same number.
fn drawing(to: &Connection, text: &str) -> rusqlite::Result<i64> {
    let select = "SELECT drawing FROM drawings WHERE text = ?";
    if let Some(number) = to.query_row(select, [text], |row| row.get(0)).optional()? {
        return Ok(number);
    }
    let next = "SELECT coalesce(max(drawing), 0) + 1 FROM drawings";
    let number = to.query_row(next, (), |row| row.get(0))?;
    let crc = checksum::of_drawing(number, text.as_bytes());
    to.execute("INSERT INTO drawings (drawing, text, crc) VALUES (?, ?, ?)", params![number, text, crc])?;
    Ok(number)
}

/// Deletes the runs after checking them again: one may have been retried since the search, or another may have its
/// number. A damaged row is kept, because its run may not have ended.
fn forget(to: &Connection, before: i64, runs: &[i64]) -> Result<Written, Error> {
    let ended = ENDED.map(code);
    let delete = |seq| {
        to.prepare_cached("DELETE FROM runs WHERE seq = ?")?.execute([seq])?;
        to.prepare_cached("DELETE FROM path WHERE run = ?")?.execute([seq])
    };
    let mut gone = Vec::new();
    for &seq in runs {
        match rows::row_by_seq(to, seq) {
            Ok(Some(row)) if ended.contains(&row.status) && row.changed < before => {
                delete(seq).map_err(Error::sqlite(format_args!("delete run `{}`", row.id)))?;
                gone.push(seq);
            }
            Ok(_) => {}
            Err(error @ Error::DamagedRow { .. }) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a run is not deleted");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(gone)
}

/// Returns the number of the run; an empty list if another run has that number by now.
fn delete(to: &Connection, seq: i64, id: &str) -> rusqlite::Result<Written> {
    // Compares with the id in the index, because the row may be damaged.
    let sql =
        "DELETE FROM runs WHERE seq = ? AND seq = (SELECT seq FROM runs INDEXED BY runs_by_id WHERE id = ?)";
    let deleted = to.prepare_cached(sql)?.execute(params![seq, id])?;
    if deleted == 0 {
        return Ok(Vec::new());
    }
    to.prepare_cached("DELETE FROM path WHERE run = ?")?.execute([seq])?;
    accept(to, seq)?;
    Ok(vec![seq])
}

fn accept(to: &Connection, seq: i64) -> rusqlite::Result<()> {
    to.prepare_cached("DELETE FROM refused WHERE run = ?")?.execute([seq]).map(drop)
}

fn refuse(to: &Connection, runs: &[(i64, String)]) -> rusqlite::Result<Written> {
    to.execute("DELETE FROM refused", ())?;
    let mut insert = to.prepare_cached("INSERT INTO refused (run, reason) VALUES (?, ?)")?;
    for (seq, reason) in runs {
        insert.execute(params![seq, reason])?;
    }
    Ok(runs.iter().map(|(seq, _)| *seq).collect())
}

/// The number of pages returned in one transaction, so that other writes don't wait long.
const GIVEN_BACK: u32 = 500;

/// Returns the number of pages that are still free.
fn shrink(to: &Connection) -> rusqlite::Result<Written> {
    // Each step of this statement frees one page.
    let mut vacuum = to.prepare(&format!("PRAGMA incremental_vacuum({GIVEN_BACK})"))?;
    let mut pages = vacuum.query(())?;
    while pages.next()?.is_some() {}
    let free: i64 = to.query_row("PRAGMA freelist_count", (), |row| row.get(0))?;
    Ok(vec![free])
}
