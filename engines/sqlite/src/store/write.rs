//! What is written, each as a whole or not at all.

use std::sync::Arc;

use flowgen::report::Status;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, ToSql, params};

use crate::error::Error;
use crate::store::rows::{ENDED, code, is_unfinished};
use crate::time;

/// Something to be written.
#[derive(Debug)]
pub(crate) enum Write {
    /// A run that has just been started, and the messages that it has sent already.
    Begin(New, Vec<New>),
    /// A run that has moved, and the messages that it sent.
    Keep(Kept),
    /// Somebody cancels a run.
    Cancel(String),
    /// A drawing that runs are begun with, as text.
    Drawing(String),
    /// Those of these runs go that ended before this time.
    Forget { before: i64, runs: Vec<i64> },
    /// An operator has changed a run that is not driven: it is no longer refused.
    Change(Kept),
    /// A run goes, whatever it is.
    Delete { seq: i64, id: String },
    /// These runs are refused, and no others: the reason for each.
    Refuse(Vec<(i64, String)>),
    #[cfg(test)]
    Raw(&'static str),
}

/// A run that was not in the file.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) id: Arc<str>,
    pub(crate) sender: Option<Arc<str>>,
    pub(crate) moved: Moved,
}

/// A run that was.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) seq: i64,
    pub(crate) id: Arc<str>,
    pub(crate) moved: Moved,
    /// It has the drawing and the status that it has in the file.
    pub(crate) goes_on: bool,
    /// Its path was written with the numbers of another drawing, and is written anew.
    pub(crate) path_anew: bool,
    /// A part of its path that does not fit into its row any more.
    pub(crate) part: Option<Part>,
    pub(crate) messages: Vec<New>,
}

/// Where a run stands now.
#[derive(Debug)]
pub(crate) struct Moved {
    pub(crate) drawing: i64,
    pub(crate) status: Status,
    pub(crate) state: Text,
    /// The last of its path.
    pub(crate) last: Part,
}

/// A part of a path.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// How many nodes are before it.
    pub(crate) first: usize,
    /// Where the run was then, as text; empty where that is nowhere.
    pub(crate) walked: Text,
}

/// A text in UTF-8, which JSON is: it is not looked through once more for that.
#[derive(Debug, Default)]
pub(crate) struct Text(pub(crate) Vec<u8>);

impl ToSql for Text {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(&self.0)))
    }
}

impl FromSql for Text {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(value.as_bytes()?.to_owned()))
    }
}

/// The numbers of the rows that were made, or changed.
pub(crate) type Written = Vec<i64>;

/// One transaction, and the statement that most of its writes are.
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
            // What is not named is not looked up, and no index is written.
            None => self.to.prepare_cached(
                "UPDATE runs SET changed = ?, state = ?, first = ?, walked = ? WHERE seq = ?",
            )?,
        };
        Ok(self.goes_on.insert(found))
    }
}

impl Write {
    /// Writes it. Where that fails, nothing of it must stay.
    pub(crate) fn apply(&self, transaction: &mut Transaction<'_>) -> Result<Written, Error> {
        let to = transaction.to;
        match self {
            Self::Begin(new, messages) => start(to, new, messages),
            Self::Keep(kept) => keep(transaction, kept),
            Self::Cancel(run) => {
                cancel(to, run).map_err(Error::sqlite(format_args!("note that run `{run}` is cancelled")))
            }
            Self::Drawing(text) => Ok(vec![drawing(to, text).map_err(Error::sqlite("save the drawing"))?]),
            Self::Forget { before, runs } => forget(to, *before, runs).map_err(Error::sqlite("delete runs")),
            Self::Change(kept) => {
                accept(to, kept.seq).map_err(Error::sqlite(format_args!("save run `{}`", kept.id)))?;
                keep(transaction, kept)
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

/// The number of the run and those of its messages; none where there is a run with this id.
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
        let taken = || Error::Taken { run: message.id.to_string(), sender: sender.to_owned() };
        seqs.push(begun.ok_or_else(taken)?);
    }
    Ok(())
}

/// `None` where there is a run with this id.
fn begin(to: &Connection, new: &New) -> rusqlite::Result<Option<i64>> {
    let New { id, sender, moved } = new;
    let now = time::now();
    let mut insert = to.prepare_cached(
        "INSERT INTO runs (id, sender, drawing, status, started, changed, state, first, walked)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    )?;
    let Moved { drawing, status, state, last } = moved;
    let values =
        params![id, sender, drawing, code(*status), now, now, state, number(last.first), last.walked];
    let is_new = insert.execute(values)? > 0;
    Ok(is_new.then(|| to.last_insert_rowid()))
}

fn keep(transaction: &mut Transaction<'_>, kept: &Kept) -> Result<Written, Error> {
    let to = transaction.to;
    if !update(transaction, kept).map_err(Error::sqlite(format_args!("save run `{}`", kept.id)))? {
        return Err(Error::Unknown { run: kept.id.to_string() });
    }
    let mut seqs = Vec::new();
    send(to, &kept.id, &kept.messages, &mut seqs)?;
    Ok(seqs)
}

fn update(transaction: &mut Transaction<'_>, kept: &Kept) -> rusqlite::Result<bool> {
    let to = transaction.to;
    let Kept { seq, moved: Moved { drawing, status, state, last }, goes_on, path_anew, part, .. } = kept;
    let (first, walked) = (number(last.first), &last.walked);
    let changed = if *goes_on {
        transaction.goes_on()?.execute(params![time::now(), state, first, walked, seq])?
    } else {
        let mut update = to.prepare_cached(
            "UPDATE runs SET changed = ?, state = ?, first = ?, walked = ?, drawing = ?, status = ?
                WHERE seq = ?",
        )?;
        update.execute(params![time::now(), state, first, walked, drawing, code(*status), seq])?
    };
    if *path_anew {
        to.prepare_cached("DELETE FROM path WHERE run = ?")?.execute([seq])?;
    }
    if let Some(Part { first, walked }) = part {
        let mut insert = to.prepare_cached("INSERT INTO path (run, first, walked) VALUES (?, ?, ?)")?;
        insert.execute(params![seq, number(*first), walked])?;
    }
    Ok(changed > 0)
}

fn number(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}

fn cancel(to: &Connection, run: &str) -> rusqlite::Result<Written> {
    let select = "SELECT seq, status FROM runs WHERE id = ?";
    let found =
        to.prepare_cached(select)?.query_row([run], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((seq, _)) = found.filter(|(_, status)| is_unfinished(*status)) else { return Ok(Vec::new()) };
    to.prepare_cached("UPDATE runs SET cancelled = 1 WHERE seq = ?")?.execute([seq])?;
    Ok(vec![seq])
}

/// The number of a drawing, which is the same for the same drawing.
fn drawing(to: &Connection, text: &str) -> rusqlite::Result<i64> {
    to.execute("INSERT INTO drawings (text) VALUES (?) ON CONFLICT (text) DO NOTHING", [text])?;
    to.query_row("SELECT drawing FROM drawings WHERE text = ?", [text], |row| row.get(0))
}

/// One may have been retried since somebody looked, or another may have its number.
fn forget(to: &Connection, before: i64, runs: &[i64]) -> rusqlite::Result<Written> {
    let [failed, rolled_back, completed, abandoned] = ENDED.map(code);
    let mut delete =
        to.prepare_cached("DELETE FROM runs WHERE seq = ? AND status IN (?, ?, ?, ?) AND changed < ?")?;
    let mut paths = to.prepare_cached("DELETE FROM path WHERE run = ?")?;
    let mut gone = Vec::new();
    for seq in runs {
        if delete.execute(params![seq, failed, rolled_back, completed, abandoned, before])? > 0 {
            paths.execute([seq])?;
            gone.push(*seq);
        }
    }
    Ok(gone)
}

/// The number of the run; none where another run has that number by now.
fn delete(to: &Connection, seq: i64, id: &str) -> rusqlite::Result<Written> {
    let deleted =
        to.prepare_cached("DELETE FROM runs WHERE seq = ? AND id = ?")?.execute(params![seq, id])?;
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
