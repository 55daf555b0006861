//! A row of `runs` as it is in the file, with its checksums.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};

use super::checksum::{Body, Head};
use super::rows::{StoredRun, Summary, status, wrong};
use super::write::{Json, PathChunk};
use crate::time;

/// All columns of a row of `runs`, except its checksums.
#[derive(Debug)]
pub(super) struct RunRow {
    pub(super) seq: i64,
    pub(super) id: String,
    pub(super) sender: Option<String>,
    pub(super) status: i64,
    cancelled: i64,
    pub(super) started: i64,
    pub(super) changed: i64,
    drawing: i64,
    state: Json,
    first: i64,
    walked: Json,
}

/// A row, or only its number if one of its checksums does not match.
pub(super) type Checked = Result<RunRow, i64>;

pub(super) const COLUMNS: &str =
    "seq, id, sender, status, cancelled, started, changed, drawing, state, first, walked, head_crc, crc";

/// The number of columns that are not checksums.
const UNCHECKED: usize = 11;

impl RunRow {
    fn unverified(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            id: row.get(1)?,
            sender: row.get(2)?,
            status: row.get(3)?,
            cancelled: row.get(4)?,
            started: row.get(5)?,
            changed: row.get(6)?,
            drawing: row.get(7)?,
            state: row.get(8)?,
            first: row.get(9)?,
            walked: row.get(10)?,
        })
    }

    pub(super) fn checked(row: &Row<'_>) -> rusqlite::Result<Checked> {
        let run = Self::unverified(row)?;
        let is_sound = row.get_ref(UNCHECKED)? == ValueRef::Blob(&run.head().checksum())
            && row.get_ref(UNCHECKED + 1)? == ValueRef::Blob(&run.body().checksum());
        Ok(if is_sound { Ok(run) } else { Err(run.seq) })
    }

    pub(super) fn head(&self) -> Head<'_> {
        let Self { seq, cancelled, started, .. } = *self;
        Head { seq, id: &self.id, sender: self.sender.as_deref(), cancelled, started }
    }

    pub(super) fn body(&self) -> Body<'_> {
        let Self { seq, drawing, status, changed, first, .. } = *self;
        Body { seq, drawing, status, changed, first, state: &self.state.0, walked: &self.walked.0 }
    }

    /// Marks the row as cancelled.
    pub(super) fn cancelled(self) -> Self {
        Self { cancelled: 1, ..self }
    }

    pub(super) fn summary(self) -> Summary {
        self.stored().summary
    }

    pub(super) fn stored(self) -> StoredRun {
        let Self { seq, drawing, changed, state, walked, .. } = self;
        let last = PathChunk { first: usize::try_from(self.first).unwrap_or(0), walked };
        let cancelled = self.cancelled != 0;
        let summary = Summary {
            seq,
            run: self.id,
            sender: self.sender,
            status: status(self.status),
            cancelled,
            started: time::instant(self.started),
            changed: time::instant(changed),
            // Not saved in the file.
            halted: None,
            refused: wrong(self.status, self.started, changed),
        };
        StoredRun { seq, drawing, cancelled, changed, summary, state, last }
    }
}

/// Returns the first row after this number, without verifying its checksums.
pub(super) fn unverified_after(from: &Connection, seq: i64) -> rusqlite::Result<Option<RunRow>> {
    let columns = COLUMNS.split(", ").take(UNCHECKED).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT {columns} FROM runs WHERE seq > ? ORDER BY seq LIMIT 1");
    from.prepare_cached(&sql)?.query_row([seq], RunRow::unverified).optional()
}
