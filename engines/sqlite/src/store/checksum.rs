//! Checksums of rows, which reveal bits that have changed in the file when a row is read.
//!
//! CRC-32 detects every change that is confined to 32 bits of a row, and all but one in four billion of the
//! others. A row of `runs` has two checksums: one for the columns that each step writes, and one for those that
//! only the start and a cancel request write.

use crc32fast::Hasher;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::run_row;
use super::write::Json;

/// A checksum as it is saved. It always has four bytes, so that a row keeps its length.
pub(super) type Crc = [u8; 4];

/// The checksum of a row, to which its columns are added one by one.
struct Checksum(Hasher);

impl Checksum {
    fn new() -> Self {
        Self(Hasher::new())
    }

    fn number(mut self, number: i64) -> Self {
        self.0.update(&number.to_le_bytes());
        self
    }

    /// Adds the length first, so that a byte that moves to the next column is detected.
    fn text(self, text: &[u8]) -> Self {
        let mut with_length = self.number(i64::try_from(text.len()).unwrap_or(i64::MAX));
        with_length.0.update(text);
        with_length
    }

    fn optional(self, text: Option<&[u8]>) -> Self {
        match text {
            Some(text) => self.text(text),
            None => self.number(-1),
        }
    }

    fn finish(self) -> Crc {
        self.0.finalize().to_le_bytes()
    }
}

/// The columns that the start of a run writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'r> {
    pub(super) seq: i64,
    pub(super) id: &'r str,
    pub(super) sender: Option<&'r str>,
    pub(super) cancelled: i64,
    pub(super) started: i64,
}

impl Head<'_> {
    pub(super) fn checksum(&self) -> Crc {
        let Self { seq, id, sender, cancelled, started } = *self;
        let sum = Checksum::new().number(seq).text(id.as_bytes()).optional(sender.map(str::as_bytes));
        sum.number(cancelled).number(started).finish()
    }
}

/// The columns that each step of a run writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body<'r> {
    pub(super) seq: i64,
    pub(super) drawing: i64,
    pub(super) status: i64,
    pub(super) changed: i64,
    pub(super) first: i64,
    pub(super) state: &'r [u8],
    pub(super) walked: &'r [u8],
}

impl Body<'_> {
    pub(super) fn checksum(&self) -> Crc {
        let Self { seq, drawing, status, changed, first, state, walked } = *self;
        let sum = Checksum::new().number(seq).number(drawing).number(status).number(changed);
        sum.number(first).text(state).text(walked).finish()
    }
}

/// Returns the checksum of a part of a path.
pub(super) fn of_path(run: i64, first: i64, walked: &[u8]) -> Crc {
    Checksum::new().number(run).number(first).text(walked).finish()
}

/// Returns the checksum of a drawing.
pub(super) fn of_drawing(number: i64, text: &[u8]) -> Crc {
    Checksum::new().number(number).text(text).finish()
}

/// Writes all checksums of a file that has none.
pub(super) fn write_all(to: &Connection) -> rusqlite::Result<()> {
    let mut last = i64::MIN;
    let mut update = to.prepare("UPDATE runs SET head_crc = ?, crc = ? WHERE seq = ?")?;
    while let Some(row) = run_row::unverified_after(to, last)? {
        update.execute(params![row.head().checksum(), row.body().checksum(), row.seq])?;
        last = row.seq;
    }
    let (mut run, mut first) = (i64::MIN, i64::MIN);
    let mut part = to.prepare(
        "SELECT run, first, walked FROM path WHERE (run, first) > (?, ?) ORDER BY run, first LIMIT 1",
    )?;
    let mut update = to.prepare("UPDATE path SET crc = ? WHERE run = ? AND first = ?")?;
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, Json>(2)?));
    while let Some((of, from, walked)) = part.query_row([run, first], read).optional()? {
        update.execute(params![of_path(of, from, &walked.0), of, from])?;
        (run, first) = (of, from);
    }
    let mut drawings = to.prepare("SELECT drawing, text FROM drawings")?;
    let drawings = drawings.query_map((), |row| Ok((row.get(0)?, row.get::<_, Json>(1)?)))?;
    for (number, text) in drawings.collect::<rusqlite::Result<Vec<(i64, _)>>>()? {
        let update = "UPDATE drawings SET crc = ? WHERE drawing = ?";
        to.execute(update, params![of_drawing(number, &text.0), number])?;
    }
    Ok(())
}
