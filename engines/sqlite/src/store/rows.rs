//! Reading rows.

use std::time::SystemTime;

use flowgen::report::Status;
use flowgen::run::{PathEntry, Saved};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde_json::value::RawValue;

use super::checksum;
use super::run_row::{COLUMNS, Checked, RunRow};
use super::write::{Json, PathChunk};
use crate::error::Error;
use crate::time;

/// A row of `runs`.
#[derive(Debug)]
pub(crate) struct StoredRun {
    pub(crate) seq: i64,
    pub(crate) drawing: i64,
    pub(crate) cancelled: bool,
    /// When it was last saved.
    pub(crate) changed: i64,
    pub(crate) summary: Summary,
    pub(super) state: Json,
    pub(super) last: PathChunk,
}

/// The end of the path of a run.
#[derive(Debug)]
pub(crate) struct Tail {
    /// The number of nodes before it.
    pub(crate) begin: usize,
    pub(crate) walked: Vec<PathEntry>,
    /// The number of nodes of the whole path that are not in the row of the run.
    pub(crate) in_table: usize,
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The id of the run.
    pub run: String,
    /// Its current status, or how it ended.
    pub status: Status,
    /// The run was cancelled: it rolls back once its current step is done.
    pub cancelled: bool,
    /// The run that sent it, if it is a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// When it was started.
    #[serde(serialize_with = "as_text")]
    pub started: SystemTime,
    /// When it was last saved: after its last step, or at its end.
    #[serde(serialize_with = "as_text")]
    pub changed: SystemTime,
    /// The number of the run, in the order in which runs were started. Identifies the position in a list.
    pub seq: i64,
    /// Why this process does not drive the run, though it is not over: it could not be saved or read back. If the
    /// file is only locked or full, the run continues without a call once the file can be written again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub halted: Option<String>,
    /// Why the program that last resumed the runs of the file could not continue this one, or what is wrong with
    /// its row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

fn as_text<S: serde::Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time::text(time::millis(*at)))
}

/// The codes of statuses in the file are their positions here, ordered by how urgently an operator has to act.
const STATUSES: [Status; 7] = [
    Status::Stuck,
    Status::RollingBack,
    Status::Running,
    Status::Failed,
    Status::RolledBack,
    Status::Completed,
    Status::Abandoned,
];

/// The statuses of runs that may be deleted.
pub(super) const ENDED: [Status; 4] =
    [Status::Failed, Status::RolledBack, Status::Completed, Status::Abandoned];

/// The condition of the index of statuses. SQLite only uses the index if a query contains it.
pub(super) const INDEXED: &str = "status <> 5";

pub(crate) fn code(status: Status) -> i64 {
    (0..).zip(STATUSES).find(|(_, other)| *other == status).map_or(0, |(code, _)| code)
}

/// A status code that no program writes counts as refused, because an operator has to act.
pub(super) fn status(code: i64) -> Status {
    usize::try_from(code).ok().and_then(|at| STATUSES.get(at).copied()).unwrap_or(Status::Refused)
}

pub(crate) fn is_unfinished(code: i64) -> bool {
    [Status::RollingBack, Status::Running].map(self::code).contains(&code)
}

/// Returns the numbers of the runs whose status code no program writes.
pub(super) fn of_no_status(from: &Connection) -> Result<Vec<i64>, Error> {
    let sql = format!(
        "SELECT seq FROM runs WHERE {INDEXED} AND status < 0
            UNION ALL SELECT seq FROM runs WHERE {INDEXED} AND status >= {}",
        STATUSES.len()
    );
    let numbers = || from.prepare(&sql)?.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<_>>();
    numbers().map_err(Error::sqlite("read which runs have a status that is none"))
}

/// Describes the fault of a row; `None` if it has none.
pub(super) fn wrong(status: i64, started: i64, changed: i64) -> Option<String> {
    let is_known = usize::try_from(status).is_ok_and(|at| at < STATUSES.len());
    let status = (!is_known).then(|| format!("its status is {status}, which is none"));
    status.or_else(|| time::wrong("started", started)).or_else(|| time::wrong("changed", changed))
}

/// Turns a row whose checksum does not match into an error that names its run.
fn sound(from: &Connection, row: Checked) -> Result<RunRow, Error> {
    row.map_err(|seq| damaged(from, seq))
}

pub(super) fn damaged(from: &Connection, seq: i64) -> Error {
    Error::DamagedRow { table: "runs", row: format!("{seq} (run `{}`)", name(from, seq)) }
}

pub(super) fn row_by_id(from: &Connection, id: &str) -> Result<RunRow, Error> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE id = ?");
    let found = from.prepare_cached(&sql).and_then(|mut sql| sql.query_row([id], RunRow::checked).optional());
    let found = found.map_err(Error::sqlite(format_args!("read run `{id}`")))?;
    let row = sound(from, found.ok_or_else(|| Error::Unknown { run: id.to_owned() })?)?;
    if row.id == id {
        return Ok(row);
    }
    Err(Error::DamagedFile { found: format!("the index `runs_by_id` has run `{id}` at row {}", row.seq) })
}

pub(crate) fn by_id(from: &Connection, id: &str) -> Result<StoredRun, Error> {
    row_by_id(from, id).map(RunRow::stored)
}

/// Returns the number of a run, even if its row is damaged.
pub(crate) fn number(from: &Connection, id: &str) -> Result<i64, Error> {
    let sql = from.prepare_cached("SELECT seq FROM runs INDEXED BY runs_by_id WHERE id = ?");
    let found = sql.and_then(|mut sql| sql.query_row([id], |row| row.get(0)).optional());
    let found = found.map_err(Error::sqlite(format_args!("read run `{id}`")))?;
    found.ok_or_else(|| Error::Unknown { run: id.to_owned() })
}

/// Returns the id of a run; `None` if it does not exist any more.
pub(crate) fn id(from: &Connection, seq: i64) -> Result<Option<String>, Error> {
    let sql = from.prepare_cached("SELECT id FROM runs WHERE seq = ?");
    let found = sql.and_then(|mut sql| sql.query_row([seq], |row| row.get(0)).optional());
    let found: Option<String> =
        found.map_err(|error| Error::sqlite(format_args!("read run `{}`", name(from, seq)))(error))?;
    if found.is_none() && is_unfinished_by_index(from, seq)? {
        let found = format!("the index `runs_by_status` has row {seq} of `runs`, which is not there");
        return Err(Error::DamagedFile { found });
    }
    Ok(found)
}

/// Reads only the index, and not the row.
fn is_unfinished_by_index(from: &Connection, seq: i64) -> Result<bool, Error> {
    let sql = format!(
        "SELECT 1 FROM runs INDEXED BY runs_by_status WHERE status IN (?, ?) AND {INDEXED} AND seq = ?"
    );
    let [rolling_back, running] = [Status::RollingBack, Status::Running].map(code);
    let exists = from.prepare_cached(&sql).and_then(|mut sql| sql.exists([rolling_back, running, seq]));
    exists.map_err(Error::sqlite("read which runs are not over"))
}

pub(super) fn row_by_seq(from: &Connection, seq: i64) -> Result<Option<RunRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE seq = ?");
    let found =
        from.prepare_cached(&sql).and_then(|mut sql| sql.query_row([seq], RunRow::checked).optional());
    let found =
        found.map_err(|error| Error::sqlite(format_args!("read run `{}`", name(from, seq)))(error))?;
    found.map(|row| sound(from, row)).transpose()
}

/// Returns `None` if the run does not exist any more.
pub(crate) fn by_seq(from: &Connection, seq: i64) -> Result<Option<StoredRun>, Error> {
    Ok(row_by_seq(from, seq)?.map(RunRow::stored))
}

/// The number of newest runs from which the latest time in the file is determined.
const NEWEST: usize = 100;

/// Returns the latest time among the newest runs.
pub(super) fn latest(from: &Connection) -> Result<i64, Error> {
    let sql = format!("SELECT {COLUMNS} FROM runs ORDER BY seq DESC LIMIT {NEWEST}");
    let rows = || {
        let mut sql = from.prepare(&sql)?;
        // Rows that can't be read are reported when they are read by themselves.
        let rows = sql.query_map((), RunRow::checked)?.filter_map(Result::ok).filter_map(Result::ok);
        let instants = rows.flat_map(|row| [row.started, row.changed]);
        Ok(instants.filter(|at| time::wrong("changed", *at).is_none()).max().unwrap_or(0))
    };
    rows().map_err(Error::sqlite("read the newest runs"))
}

/// Returns the id of a run whose row can't be read, from the index of ids.
pub(crate) fn name(from: &Connection, seq: i64) -> String {
    let sql = "SELECT id FROM runs INDEXED BY runs_by_id WHERE id > '' AND +seq = ?";
    from.query_row(sql, [seq], |row| row.get(0)).unwrap_or_else(|_| format!("number {seq}"))
}

/// Returns the numbers and ids of stuck runs, the oldest first: at most `most` of them, started after the run with
/// the number `after`.
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

/// Returns the numbers of the runs that are not over, the oldest first.
pub(crate) fn unfinished(from: &Connection) -> Result<Vec<i64>, Error> {
    let codes = [Status::RollingBack, Status::Running].map(code);
    let numbers = || {
        let sql = format!("SELECT seq FROM runs WHERE status IN (?, ?) AND {INDEXED} ORDER BY seq");
        let mut sql = from.prepare(&sql)?;
        sql.query_map(codes, |row| row.get(0))?.collect::<rusqlite::Result<_>>()
    };
    numbers().map_err(Error::sqlite("read which runs are not over"))
}

/// Returns the numbers of all runs, from an index.
pub(crate) fn run_numbers(from: &Connection) -> Result<Vec<i64>, Error> {
    Ok(all(from)?.into_iter().rev().map(|(seq, _)| seq).collect())
}

/// Returns the ids of the messages that this run sent.
pub(crate) fn sent(from: &Connection, id: &str) -> Result<Vec<String>, Error> {
    let ids = || {
        let mut sql = from.prepare_cached("SELECT id FROM runs WHERE sender = ? ORDER BY seq")?;
        sql.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()
    };
    ids().map_err(Error::sqlite(format_args!("read the messages of run `{id}`")))
}

/// Lists the runs of one status with smaller numbers than this, the newest first. A row that can't be read is an
/// error in its position.
pub(super) fn list(
    from: &Connection,
    status: Status,
    before: i64,
    most: usize,
) -> Result<Vec<Result<Summary, Error>>, Error> {
    // Most runs of a file are completed, so a scan from its end finds them soon.
    let which = if status == Status::Completed { "TRUE" } else { INDEXED };
    let sql = format!(
        "SELECT {COLUMNS} FROM runs WHERE status = ? AND {which} AND seq < ? ORDER BY seq DESC LIMIT ?"
    );
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = || {
        let mut sql = from.prepare_cached(&sql)?;
        let values = params![code(status), before, most];
        // An error of SQLite may concern one row, or end the list.
        Ok(sql.query_map(values, RunRow::checked)?.collect::<Vec<_>>())
    };
    let rows = rows().map_err(Error::sqlite("list runs"))?;
    let summary = |row: rusqlite::Result<Checked>| {
        sound(from, row.map_err(Error::sqlite("list runs"))?).map(RunRow::summary)
    };
    Ok(rows.into_iter().map(summary).collect())
}

/// Returns the numbers and ids of all runs, the newest first, from an index.
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

/// Returns the number of runs with this status.
pub(crate) fn count(from: &Connection, status: Status) -> Result<u64, Error> {
    let which = if status == Status::Completed { "TRUE" } else { INDEXED };
    let sql = format!("SELECT count(*) FROM runs WHERE status = ? AND {which}");
    let counted = || from.prepare_cached(&sql)?.query_row([code(status)], |row| row.get::<_, i64>(0));
    counted().map(i64::cast_unsigned).map_err(Error::sqlite("count runs"))
}

/// The number of rows that are searched before other reads get a turn.
const LOOKED_AT: i64 = 10_000;

/// Returns some of the runs that ended before this time, from the number `first` on, and the number at which to
/// continue the search. `None` if there are no further runs. Stuck runs have not ended.
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

pub(super) fn damaged_part(from: &Connection, run: i64, first: i64) -> Error {
    Error::DamagedRow { table: "path", row: format!("{run}, {first} (run `{}`)", name(from, run)) }
}

/// The statuses in the order of lists: first those in which an operator has to act.
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

impl StoredRun {
    /// Returns the run without its path, and with its contexts as text. `hash` is that of its drawing.
    pub(crate) fn saved(&self, hash: u64) -> Result<Saved<Box<RawValue>>, Error> {
        let saved = serde_json::from_slice::<Saved<_>>(&self.state.0).map_err(self.unreadable())?;
        Ok(saved.named(self.summary.run.as_str().into(), hash))
    }

    /// Reads the parts of its path that contain the nodes from position `since` on.
    pub(crate) fn path(&self, from: &Connection, since: usize) -> Result<Tail, Error> {
        let PathChunk { first, walked: Json(walked) } = &self.last;
        let (mut begin, mut path) = (*first, Vec::new());
        if walked.is_empty() || *first > since {
            for (first, walked, crc) in self.parts(from, since)? {
                if crc != checksum::of_path(self.seq, first, &walked.0) {
                    return Err(damaged_part(from, self.seq, first));
                }
                if path.is_empty() {
                    begin = usize::try_from(first).unwrap_or(0);
                }
                path.append(&mut self.walked(&walked.0)?);
            }
        }
        let in_table = begin + path.len();
        if !walked.is_empty() {
            path.append(&mut self.walked(walked)?);
        }
        Ok(Tail { begin, walked: path, in_table })
    }

    fn parts(&self, from: &Connection, since: usize) -> Result<Vec<(i64, Json, Vec<u8>)>, Error> {
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        let texts = || {
            let mut sql = from.prepare_cached(
                "SELECT first, walked, crc FROM path WHERE run = ?1 AND first >= coalesce(
                    (SELECT max(first) FROM path WHERE run = ?1 AND first <= ?2), 0
                ) ORDER BY first",
            )?;
            sql.query_map([self.seq, since], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<rusqlite::Result<_>>()
        };
        texts().map_err(Error::sqlite(format_args!("read the path of run `{}`", self.summary.run)))
    }

    fn walked(&self, text: &[u8]) -> Result<Vec<PathEntry>, Error> {
        serde_json::from_slice(text).map_err(self.unreadable())
    }

    /// Returns the length of its state and the end of its path in the row, in bytes.
    pub(crate) fn length(&self) -> usize {
        self.state.0.len() + self.last.walked.0.len()
    }

    fn unreadable(&self) -> impl FnOnce(serde_json::Error) -> Error {
        let run = self.summary.run.clone();
        |source| Error::Unreadable { run, source: source.into() }
    }
}
