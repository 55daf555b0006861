//! Checking a whole file for damage.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::drawings::{self, DrawingText};
use super::rows::{damaged, damaged_part};
use super::run_row::{COLUMNS, Checked, RunRow};
use super::{checksum, write::Json};
use crate::error::Error;

/// Checks a whole file: SQLite's own check of pages and indexes, and the checksum of each row. Returns an error
/// for each damage.
pub(crate) fn whole(from: &Connection) -> Vec<Error> {
    let mut found = structure(from, "integrity_check");
    found.extend(damaged_rows(from));
    found
}

/// Returns the results of SQLite's check of the pages of a file. `quick_check` does not compare indexes with their
/// tables.
///
/// SQLite stops the check at a page that it can't read at all.
pub(crate) fn structure(from: &Connection, pragma: &str) -> Vec<Error> {
    let lines = || {
        let mut sql = from.prepare(&format!("PRAGMA {pragma}"))?;
        let lines = sql.query_map((), |row| row.get(0))?;
        Ok(lines.map(|line| line.unwrap_or_else(|error| error.to_string())).collect())
    };
    let lines: Vec<String> = lines().unwrap_or_else(|error: rusqlite::Error| vec![error.to_string()]);
    let damaged = lines.into_iter().filter(|line| line != "ok");
    damaged.map(|found| Error::DamagedFile { found }).collect()
}

/// Returns an error for each row whose checksum does not match, or that can't be read.
fn damaged_rows(from: &Connection) -> Vec<Error> {
    let mut found = Vec::new();
    let mut note = |rows: Result<Vec<Error>, rusqlite::Error>| match rows {
        Ok(rows) => found.extend(rows),
        Err(error) => found.push(Error::sqlite("check the file")(error)),
    };
    note(damaged_runs(from));
    note(damaged_parts(from));
    found.extend(damaged_drawings(from));
    found
}

/// Checks `runs` row by row: a row that can't be read does not hide the rows after it, as long as SQLite can find
/// these.
fn damaged_runs(from: &Connection) -> rusqlite::Result<Vec<Error>> {
    let mut sql = from.prepare(&format!("SELECT {COLUMNS} FROM runs ORDER BY seq"))?;
    let rows = sql.query_map((), RunRow::checked)?;
    let damage = |row: rusqlite::Result<Checked>| match row {
        Ok(row) => row.err().map(|seq| damaged(from, seq)),
        Err(error) => Some(Error::sqlite("read a row of `runs`")(error)),
    };
    Ok(rows.filter_map(damage).collect())
}

fn damaged_parts(from: &Connection) -> rusqlite::Result<Vec<Error>> {
    let mut sql = from.prepare("SELECT run, first, walked, crc FROM path ORDER BY run, first")?;
    let rows = sql.query_map((), |row| {
        let (run, first, walked) = (row.get(0)?, row.get(1)?, row.get::<_, Json>(2)?);
        let is_sound = row.get_ref(3)? == ValueRef::Blob(&checksum::of_path(run, first, &walked.0));
        Ok((!is_sound).then(|| damaged_part(from, run, first)))
    })?;
    let damage = |row: rusqlite::Result<_>| {
        row.unwrap_or_else(|error| Some(Error::sqlite("read a row of `path`")(error)))
    };
    Ok(rows.filter_map(damage).collect())
}

fn damaged_drawings(from: &Connection) -> Vec<Error> {
    let damage = |number| match drawings::drawing(from, number) {
        Ok(DrawingText { is_damaged: true, .. }) => {
            Some(Error::DamagedRow { table: "drawings", row: number.to_string() })
        }
        read => read.err(),
    };
    match drawings::drawings(from) {
        Ok(numbers) => numbers.into_iter().filter_map(damage).collect(),
        Err(error) => vec![error],
    }
}
