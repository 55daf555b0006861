//! Lists of runs, including refused runs and rows that can't be read.

use std::collections::HashMap;
use std::time::UNIX_EPOCH;

use flowgen::Fault;
use flowgen::report::Status;
use rusqlite::{Connection, OptionalExtension, params};

use super::rows::{self, Summary};
use crate::error::Error;

/// A filter for lists of runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) statuses: Vec<Status>,
    /// The most runs of each status.
    pub(crate) most: usize,
    /// Only runs with a smaller number than this.
    pub(crate) before: Option<i64>,
}

/// Lists the runs of these statuses, in the order of statuses, and the newest first within each.
///
/// A row that can't be read is listed as refused. Only in that case are all rows read one by one.
pub(crate) fn list(from: &Connection, wanted: &Wanted) -> Result<Vec<Summary>, Error> {
    // Reads all lists in one transaction.
    let from = &*from.unchecked_transaction().map_err(Error::sqlite("list runs"))?;
    let mut refused = refused(from)?;
    // The reason is in their rows.
    refused.extend(rows::of_no_status(from)?.into_iter().map(|seq| (seq, String::new())));
    let before = wanted.before.unwrap_or(i64::MAX);
    let mut runs = Vec::new();
    for status in rows::statuses().filter(|status| wanted.statuses.contains(status)) {
        let listed = match status {
            Status::Refused => Ok(list_refused(from, &refused, before, wanted.most)),
            Status::Running | Status::RollingBack => list_others(from, &refused, status, before, wanted.most),
            _ => rows::list(from, status, before, wanted.most)?.into_iter().collect(),
        };
        match listed {
            Ok(listed) => runs.extend(listed),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "rows are listed one by one");
                return one_by_one(from, &refused, wanted);
            }
        }
    }
    Ok(runs)
}

/// Reasons why runs are refused, by run number.
type Refused = HashMap<i64, String>;

pub(crate) fn refused(from: &Connection) -> Result<Refused, Error> {
    let read = || {
        let mut sql = from.prepare_cached("SELECT run, reason FROM refused")?;
        sql.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()
    };
    read().map_err(Error::sqlite("read which runs are refused"))
}

/// Returns why a run is refused; `None` if it is not.
pub(crate) fn refusal(from: &Connection, seq: i64) -> Result<Option<String>, Error> {
    let sql = from.prepare_cached("SELECT reason FROM refused WHERE run = ?");
    let reason = sql.and_then(|mut sql| sql.query_row(params![seq], |row| row.get(0)).optional());
    reason.map_err(Error::sqlite("read which runs are refused"))
}

/// Marks a summary as refused, unless the run is over by now.
fn as_refused(refused: &Refused, summary: Summary) -> Summary {
    match refused.get(&summary.seq) {
        Some(reason) if !summary.status.is_over() && summary.status != Status::Refused => {
            Summary { status: Status::Refused, refused: Some(reason.clone()), ..summary }
        }
        _ => summary,
    }
}

fn list_refused(from: &Connection, refused: &Refused, before: i64, most: usize) -> Vec<Summary> {
    let mut seqs: Vec<i64> = refused.keys().copied().filter(|seq| *seq < before).collect();
    seqs.sort_unstable_by(|a, b| b.cmp(a));
    let mut listed = Vec::new();
    for seq in seqs {
        let summary = summary(from, seq, refused);
        if listed.len() < most && summary.status == Status::Refused {
            listed.push(summary);
        }
    }
    listed
}

/// Lists the runs of a status that are not refused.
fn list_others(
    from: &Connection,
    refused: &Refused,
    status: Status,
    mut before: i64,
    most: usize,
) -> Result<Vec<Summary>, Error> {
    let mut listed = Vec::new();
    while listed.len() < most {
        let page = rows::list(from, status, before, most)?;
        let is_last = page.len() < most;
        for summary in page {
            let summary = summary?;
            before = summary.seq;
            if !refused.contains_key(&summary.seq) && listed.len() < most {
                listed.push(summary);
            }
        }
        if is_last {
            break;
        }
    }
    Ok(listed)
}

/// Returns the summary of a run, which is refused if its row can't be read.
fn summary(from: &Connection, seq: i64, refused: &Refused) -> Summary {
    match rows::by_seq(from, seq) {
        Ok(Some(stored)) => as_refused(refused, stored.summary),
        Ok(None) => unreadable(from, seq, "its row is gone".to_owned()),
        Err(error) => unreadable(from, seq, format!("{:#}", Fault::new(error))),
    }
}

/// The start time is unknown, so the summary has the beginning of 1970 instead.
fn unreadable(from: &Connection, seq: i64, reason: String) -> Summary {
    Summary {
        run: rows::name(from, seq),
        status: Status::Refused,
        cancelled: false,
        sender: None,
        started: UNIX_EPOCH,
        changed: UNIX_EPOCH,
        seq,
        halted: None,
        refused: Some(reason),
    }
}

fn one_by_one(from: &Connection, refused: &Refused, wanted: &Wanted) -> Result<Vec<Summary>, Error> {
    let mut by_status: HashMap<Status, Vec<Summary>> = HashMap::new();
    for (seq, _) in rows::all(from)? {
        if wanted.before.is_none_or(|before| seq < before) {
            let summary = summary(from, seq, refused);
            let listed = by_status.entry(summary.status).or_default();
            if listed.len() < wanted.most {
                listed.push(summary);
            }
        }
    }
    let wanted = rows::statuses().filter(|status| wanted.statuses.contains(status));
    Ok(wanted.flat_map(|status| by_status.remove(&status).unwrap_or_default()).collect())
}
