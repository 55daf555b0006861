//! What is read.

use std::time::SystemTime;

use flowgen::report::Status;
use flowgen::run::{Saved, Walked};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use serde_json::value::RawValue;

use super::write::{Part, Text};
use crate::error::Error;
use crate::time;

/// A row of `runs`.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) seq: i64,
    pub(crate) drawing: i64,
    pub(crate) cancelled: bool,
    pub(crate) summary: Summary,
    state: Text,
    last: Part,
}

/// The end of the path of a run.
#[derive(Debug)]
pub(crate) struct Tail {
    /// How many nodes are before it.
    pub(crate) begin: usize,
    pub(crate) walked: Vec<Walked>,
    /// How many nodes of the whole path are not in the row of the run.
    pub(crate) apart: usize,
}

/// A run, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The id of the run.
    pub run: String,
    /// How it is going, or how it ended.
    pub status: Status,
    /// Somebody has cancelled it, so that it rolls back as soon as the step it is in is done.
    pub cancelled: bool,
    /// The run that sent it, where it is a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// When it was started.
    #[serde(serialize_with = "as_text")]
    pub started: SystemTime,
    /// When it was saved last: after its last step, or at its end.
    #[serde(serialize_with = "as_text")]
    pub changed: SystemTime,
    /// Counts the runs of a file as they were started: where a list goes on.
    pub seq: i64,
    /// Why this process does not drive the run, though it is not over: it could not be saved or read back. If the file
    /// is only locked or full, it goes on by itself once the file can be written again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub halted: Option<String>,
    /// Why the program that resumed the runs of the file last could not go on with this one, or what is wrong with
    /// its row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

fn as_text<S: serde::Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time::text(time::millis(*at)))
}

/// How statuses are saved: in the order in which they are listed, what somebody has to see to first.
const STATUSES: [Status; 7] = [
    Status::Stuck,
    Status::RollingBack,
    Status::Running,
    Status::Failed,
    Status::RolledBack,
    Status::Completed,
    Status::Abandoned,
];

/// The statuses of runs that may be forgotten.
pub(super) const ENDED: [Status; 4] =
    [Status::Failed, Status::RolledBack, Status::Completed, Status::Abandoned];

/// SQLite only takes the index of statuses where it is told what the index says: that a run is not completed.
pub(super) const INDEXED: &str = "status <> 5";

pub(crate) fn code(status: Status) -> i64 {
    (0..).zip(STATUSES).find(|(_, other)| *other == status).map_or(0, |(code, _)| code)
}

/// A status that no program saves counts as refused: an operator has to see to it.
fn status(code: i64) -> Status {
    usize::try_from(code).ok().and_then(|at| STATUSES.get(at).copied()).unwrap_or(Status::Refused)
}

pub(crate) fn is_unfinished(code: i64) -> bool {
    [Status::RollingBack, Status::Running].map(self::code).contains(&code)
}

/// The numbers of the runs whose status no program saves.
pub(super) fn of_no_status(from: &Connection) -> Result<Vec<i64>, Error> {
    let sql = format!(
        "SELECT seq FROM runs WHERE {INDEXED} AND status < 0
            UNION ALL SELECT seq FROM runs WHERE {INDEXED} AND status >= {}",
        STATUSES.len()
    );
    numbers(from, &sql, "read which runs have a status that is none")
}

const SUMMARY: &str = "seq, id, sender, status, cancelled, started, changed";

const REST: &str = "drawing, state, first, walked";

fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    Ok(Summary {
        seq: row.get(0)?,
        run: row.get(1)?,
        sender: row.get(2)?,
        status: status(row.get(3)?),
        cancelled: row.get(4)?,
        started: time::instant(row.get(5)?),
        changed: time::instant(row.get(6)?),
        // The file does not know.
        halted: None,
        refused: wrong(row.get(3)?, row.get(5)?, row.get(6)?),
    })
}

/// What is wrong with a row; `None` where nothing is.
fn wrong(status: i64, started: i64, changed: i64) -> Option<String> {
    let is_known = usize::try_from(status).is_ok_and(|at| at < STATUSES.len());
    let status = (!is_known).then(|| format!("its status is {status}, which is none"));
    status.or_else(|| time::wrong("started", started)).or_else(|| time::wrong("changed", changed))
}

fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let summary = summary(row)?;
    let (seq, cancelled) = (summary.seq, summary.cancelled);
    let first = usize::try_from(row.get::<_, i64>(9)?).unwrap_or(0);
    let last = Part { first, walked: row.get(10)? };
    Ok(Kept { seq, drawing: row.get(7)?, cancelled, state: row.get(8)?, last, summary })
}

pub(crate) fn by_id(from: &Connection, id: &str) -> Result<Kept, Error> {
    let sql = format!("SELECT {SUMMARY}, {REST} FROM runs WHERE id = ?");
    let found = from.prepare_cached(&sql).and_then(|mut sql| sql.query_row([id], kept).optional());
    let found = found.map_err(Error::sqlite(format_args!("read run `{id}`")))?;
    found.ok_or_else(|| Error::Unknown { run: id.to_owned() })
}

/// The id of a run; `None` where it is not there any more.
pub(crate) fn id(from: &Connection, seq: i64) -> Result<Option<String>, Error> {
    let sql = from.prepare_cached("SELECT id FROM runs WHERE seq = ?");
    let found = sql.and_then(|mut sql| sql.query_row([seq], |row| row.get(0)).optional());
    found.map_err(|error| Error::sqlite(format_args!("read run `{}`", name(from, seq)))(error))
}

/// `None` where it is not there any more.
pub(crate) fn by_seq(from: &Connection, seq: i64) -> Result<Option<Kept>, Error> {
    let sql = format!("SELECT {SUMMARY}, {REST} FROM runs WHERE seq = ?");
    let found = from.prepare_cached(&sql).and_then(|mut sql| sql.query_row([seq], kept).optional());
    found.map_err(|error| Error::sqlite(format_args!("read run `{}`", name(from, seq)))(error))
}

/// The id of a run that can't be read, from where ids are kept a second time.
pub(crate) fn name(from: &Connection, seq: i64) -> String {
    let sql = "SELECT id FROM runs INDEXED BY runs_by_id WHERE id > '' AND +seq = ?";
    from.query_row(sql, [seq], |row| row.get(0)).unwrap_or_else(|_| format!("number {seq}"))
}

/// The numbers and ids of runs that are stuck, the oldest first: so many at most, started after the one with this
/// number.
pub(crate) fn stuck(from: &Connection, after: i64, most: usize) -> Result<Vec<(i64, String)>, Error> {
    let found = || {
        let sql = format!(
            "SELECT seq, id FROM runs WHERE status = ? AND {INDEXED} AND seq > ? ORDER BY seq LIMIT ?"
        );
        let mut sql = from.prepare_cached(&sql)?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows =
            sql.query_map(params![code(Status::Stuck), after, most], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<_>>()
    };
    found().map_err(Error::sqlite("read which runs are stuck"))
}

/// The numbers of the runs that are not over, the oldest first.
pub(crate) fn unfinished(from: &Connection) -> Result<Vec<i64>, Error> {
    let codes = [Status::RollingBack, Status::Running].map(code);
    let numbers = || {
        let sql = format!("SELECT seq FROM runs WHERE status IN (?, ?) AND {INDEXED} ORDER BY seq");
        let mut sql = from.prepare(&sql)?;
        sql.query_map(codes, |row| row.get(0))?.collect::<rusqlite::Result<_>>()
    };
    numbers().map_err(Error::sqlite("read which runs are not over"))
}

/// The text of a drawing as its row has it, and as the index has it: two where one of them is damaged.
pub(crate) fn drawing(from: &Connection, number: i64) -> Result<Vec<String>, Error> {
    let read = |sql| from.query_row(sql, [number], |row| row.get::<_, String>(0));
    let row = read("SELECT text FROM drawings WHERE drawing = ?");
    let by_text = "SELECT text FROM drawings INDEXED BY sqlite_autoindex_drawings_1 \
        WHERE text > '' AND +drawing = ?";
    let mut copies = match (row, read(by_text)) {
        (Ok(row), Ok(indexed)) => vec![row, indexed],
        (Ok(only), Err(_)) | (Err(_), Ok(only)) => vec![only],
        (Err(error), Err(_)) => {
            return Err(Error::sqlite(format_args!("read the drawing number {number}"))(error));
        }
    };
    copies.dedup();
    Ok(copies)
}

/// What SQLite finds wrong with its pages and indexes. It gives up where a page is not what it should be at all.
pub(crate) fn quick_check(from: &Connection) -> Vec<String> {
    let lines = || {
        let mut sql = from.prepare("PRAGMA quick_check")?;
        let lines = sql.query_map((), |row| row.get(0))?;
        Ok(lines.map(|line| line.unwrap_or_else(|error| error.to_string())).collect())
    };
    let mut lines: Vec<String> = lines().unwrap_or_else(|error: rusqlite::Error| vec![error.to_string()]);
    lines.retain(|line| line != "ok");
    lines
}

/// The numbers of all drawings.
pub(crate) fn drawings(from: &Connection) -> Result<Vec<i64>, Error> {
    numbers(from, "SELECT drawing FROM drawings ORDER BY drawing", "read the drawings")
}

/// The numbers of all runs, from where they are kept a second time.
pub(crate) fn run_numbers(from: &Connection) -> Result<Vec<i64>, Error> {
    Ok(all(from)?.into_iter().rev().map(|(seq, _)| seq).collect())
}

fn numbers(from: &Connection, sql: &str, doing: &str) -> Result<Vec<i64>, Error> {
    let numbers = || from.prepare(sql)?.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<_>>();
    numbers().map_err(Error::sqlite(doing))
}

/// The runs that this one sent as messages.
pub(crate) fn sent(from: &Connection, id: &str) -> Result<Vec<String>, Error> {
    let ids = || {
        let mut sql = from.prepare_cached("SELECT id FROM runs WHERE sender = ? ORDER BY seq")?;
        sql.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()
    };
    ids().map_err(Error::sqlite(format_args!("read the messages of run `{id}`")))
}

/// The runs of one status before this number, the newest first; an error in the place of each that can't be read.
pub(super) fn list(
    from: &Connection,
    status: Status,
    before: i64,
    most: usize,
) -> Result<Vec<Result<Summary, Error>>, Error> {
    // Completed runs are most of a file: from its end, they are soon found.
    let which = if status == Status::Completed { "TRUE" } else { INDEXED };
    let sql = format!(
        "SELECT {SUMMARY} FROM runs WHERE status = ? AND {which} AND seq < ? ORDER BY seq DESC LIMIT ?"
    );
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = || {
        let mut sql = from.prepare_cached(&sql)?;
        // An error of SQLite may be that of one row, or end the list.
        let rows = sql.query_map(params![code(status), before, most], summary)?;
        Ok(rows.map(|row| row.map_err(Error::sqlite("list runs"))).collect())
    };
    rows().map_err(Error::sqlite("list runs"))
}

/// The numbers and ids of all runs, the newest first, from where they are kept a second time.
pub(super) fn all(from: &Connection) -> Result<Vec<(i64, String)>, Error> {
    let ids = || {
        let mut sql = from.prepare("SELECT seq, id FROM runs INDEXED BY runs_by_id WHERE id > ''")?;
        let rows = sql.query_map((), |row| {
            let id = String::from_utf8_lossy(row.get_ref(1)?.as_bytes()?).into_owned();
            Ok((row.get(0)?, id))
        })?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    let mut all = ids().map_err(Error::sqlite("read the ids of all runs"))?;
    all.sort_unstable_by_key(|(seq, _)| std::cmp::Reverse(*seq));
    Ok(all)
}

/// So many rows are looked at before others may read.
const LOOKED_AT: i64 = 10_000;

/// Some of the runs that ended before this time, from this number on, and from which one on to look for more. `None`
/// where there are no runs from there on. What is stuck did not end.
pub(crate) fn ended_before(
    from: &Connection,
    before: i64,
    first: i64,
    most: usize,
) -> Result<Option<(Vec<i64>, i64)>, Error> {
    let [failed, rolled_back, completed, abandoned] = ENDED.map(code);
    let some = i64::try_from(most).unwrap_or(i64::MAX);
    let numbers = || {
        let mut sql = from.prepare_cached("SELECT min(seq) FROM runs WHERE seq >= ?")?;
        let Some(first) = sql.query_row([first], |row| row.get::<_, Option<i64>>(0))? else {
            return Ok(None);
        };
        let end = first.saturating_add(LOOKED_AT);
        let mut sql = from.prepare_cached(
            "SELECT seq FROM runs
                WHERE seq >= ? AND seq < ? AND status IN (?, ?, ?, ?) AND changed < ? ORDER BY seq LIMIT ?",
        )?;
        let values = params![first, end, failed, rolled_back, completed, abandoned, before, some];
        let runs: Vec<i64> = sql.query_map(values, |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let last = runs.last().filter(|_| runs.len() == most);
        let next = last.map_or(end, |last| last.saturating_add(1));
        Ok(Some((runs, next)))
    };
    numbers().map_err(Error::sqlite("read which runs have ended"))
}

/// Statuses as they are listed: first those that an operator has to see to.
pub(crate) fn statuses() -> impl Iterator<Item = Status> {
    [
        Status::Stuck,
        Status::Refused,
        Status::RollingBack,
        Status::Running,
        Status::Failed,
        Status::Abandoned,
        Status::RolledBack,
        Status::Completed,
    ]
    .into_iter()
}

impl Kept {
    /// The run without its path, and its contexts as text. Its drawing has this hash.
    pub(crate) fn saved(&self, hash: u64) -> Result<Saved<Box<RawValue>>, Error> {
        let saved = serde_json::from_slice::<Saved<_>>(&self.state.0).map_err(self.unreadable())?;
        Ok(saved.named(self.summary.run.as_str().into(), hash))
    }

    /// The part of its path that has what comes after this place.
    pub(crate) fn path(&self, from: &Connection, since: usize) -> Result<Tail, Error> {
        let Part { first, walked: Text(walked) } = &self.last;
        let (mut begin, mut path) = (*first, Vec::new());
        if walked.is_empty() || *first > since {
            for (first, walked) in self.parts(from, since)? {
                if path.is_empty() {
                    begin = usize::try_from(first).unwrap_or(0);
                }
                path.append(&mut self.walked(&walked.0)?);
            }
        }
        let apart = begin + path.len();
        if !walked.is_empty() {
            path.append(&mut self.walked(walked)?);
        }
        Ok(Tail { begin, walked: path, apart })
    }

    fn parts(&self, from: &Connection, since: usize) -> Result<Vec<(i64, Text)>, Error> {
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        let texts = || {
            let mut sql = from.prepare_cached(
                "SELECT first, walked FROM path WHERE run = ?1 AND first >= coalesce(
                    (SELECT max(first) FROM path WHERE run = ?1 AND first <= ?2), 0
                ) ORDER BY first",
            )?;
            sql.query_map([self.seq, since], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()
        };
        texts().map_err(Error::sqlite(format_args!("read the path of run `{}`", self.summary.run)))
    }

    fn walked(&self, text: &[u8]) -> Result<Vec<Walked>, Error> {
        serde_json::from_slice(text).map_err(self.unreadable())
    }

    /// How long its state and the end of its path are.
    pub(crate) fn length(&self) -> usize {
        self.state.0.len() + self.last.walked.0.len()
    }

    fn unreadable(&self) -> impl FnOnce(serde_json::Error) -> Error {
        let run = self.summary.run.clone();
        |source| Error::Unreadable { run, source: source.into() }
    }
}
