//! Operator actions on a run that is not driven, using only the data in the file.

use flowgen::Drawing;
use flowgen::report::{PendingUndo, Status};
use flowgen::run::{PathEntry, Saved, StuckResolution};
use rusqlite::Connection;
use serde_json::value::RawValue;

use crate::entry::Entry;
use crate::error::Error;
use crate::store::{self, Json, PathChunk, RunColumns, RunUpdate, StoredRun, Write};
use crate::time;

/// A run as it is saved in the file, with its drawing.
pub(crate) struct InactiveRun {
    stored: StoredRun,
    drawing: Drawing,
    saved: Saved<Box<RawValue>>,
    /// The number of nodes of its path that are not in its row.
    in_table: usize,
}

impl InactiveRun {
    /// Reads a run, and checks it against its drawing.
    pub(crate) fn read(from: &Connection, id: &str) -> Result<Self, Error> {
        Self::of(from, store::by_id(from, id)?)
    }

    pub(crate) fn of(from: &Connection, stored: StoredRun) -> Result<Self, Error> {
        let Entry { drawing, .. } = Entry::read(from, stored.drawing)?;
        let store::Tail { begin, walked, in_table } = stored.path(from, 0)?;
        let saved = stored.saved(drawing.hash())?.with_path_since(begin, walked);
        drawing.check(&saved)?;
        Ok(Self { stored, drawing, saved, in_table })
    }

    pub(crate) fn status(&self) -> Status {
        Status::from(self.saved.state())
    }

    /// Marks the failed compensations for another attempt, once the run is driven.
    pub(crate) fn retry(mut self) -> Result<Write, Error> {
        if !self.saved.retry_stuck(&self.drawing) {
            return Err(self.not_stuck(None));
        }
        self.changed()
    }

    /// Resolves a failed compensation at a node, which is given by its id.
    pub(crate) fn resolve(
        mut self,
        node: &str,
        visit: u32,
        how: StuckResolution,
    ) -> Result<(Write, Status), Error> {
        let unknown = || format!("`{node}`, which its drawing does not have");
        let at = self.drawing.find(node).ok_or_else(|| self.not_stuck(Some(unknown())))?;
        if !self.saved.resolve_stuck(&self.drawing, at, visit, how) {
            return Err(self.not_stuck(Some(format!("`{node}`, visit {visit}"))));
        }
        let status = self.status();
        Ok((self.changed()?, status))
    }

    /// Abandons the run. Returns the write and the undos that are left.
    pub(crate) fn abandon(mut self) -> Result<(Write, Vec<PendingUndo>), Error> {
        if !self.saved.abandon(&self.drawing) {
            return Err(Error::Over { run: self.stored.summary.run, status: self.stored.summary.status });
        }
        let pending_undos = self.drawing.left_behind(&self.saved);
        Ok((self.changed()?, pending_undos))
    }

    fn not_stuck(&self, what: Option<String>) -> Error {
        Error::NotStuck { run: self.stored.summary.run.clone(), what }
    }

    /// Writes only the row: the parts of the path outside of it stay unchanged.
    fn changed(self) -> Result<Write, Error> {
        let Self { stored, saved, in_table, .. } = self;
        let run = stored.summary.run;
        let text = |value: Result<Vec<u8>, serde_json::Error>| {
            value.map(Json).map_err(|source| Error::Unreadable { run: run.clone(), source: source.into() })
        };
        let state = text(serde_json::to_vec(&saved.snapshot().nameless()))?;
        let begin = saved.path_offset();
        let last: Vec<&PathEntry> = saved.path().skip(in_table.saturating_sub(begin)).collect();
        let walked = if last.is_empty() { Json::default() } else { text(serde_json::to_vec(&last))? };
        let status = Status::from(saved.state());
        let changed = time::wall().max(stored.changed);
        let columns = RunColumns {
            drawing: stored.drawing,
            status,
            changed,
            state,
            last: PathChunk { first: in_table, walked },
        };
        let (seq, goes_on, rewrite_path, part, messages) = (stored.seq, false, false, None, Vec::new());
        Ok(Write::Change(RunUpdate {
            seq,
            id: run.as_str().into(),
            columns,
            goes_on,
            rewrite_path,
            part,
            messages,
        }))
    }
}

/// Deletes a run that is over and not stuck, or whose saved data can't be read.
pub(crate) fn delete(from: &Connection, id: &str) -> Result<Write, Error> {
    let stored = match store::by_id(from, id) {
        Err(Error::DamagedRow { .. }) => {
            return Ok(Write::Delete { seq: store::number(from, id)?, id: id.to_owned() });
        }
        read => read?,
    };
    let (seq, status) = (stored.seq, stored.summary.status);
    let may_go = match InactiveRun::of(from, stored) {
        Ok(stored) => stored.status().is_over() && stored.status() != Status::Stuck,
        Err(Error::Refused(_) | Error::Unreadable { .. } | Error::Drawing { .. }) => true,
        Err(error) if error.is_corrupt() => true,
        Err(error) => return Err(error),
    };
    if !may_go {
        return Err(Error::NotOver { run: id.to_owned(), status });
    }
    Ok(Write::Delete { seq, id: id.to_owned() })
}
