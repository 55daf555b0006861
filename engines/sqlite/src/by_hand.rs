//! Operator actions on a run that is not driven, using only the data in the file.

use flowgen::Drawing;
use flowgen::report::{Debt, Status};
use flowgen::run::{Saved, StuckResolution, Walked};
use rusqlite::Connection;
use serde_json::value::RawValue;

use crate::entry::Entry;
use crate::error::Error;
use crate::store::{self, Keep, Kept, Moved, Part, Text, Write};
use crate::time;

/// A run as it is saved in the file, with its drawing.
pub(crate) struct Stored {
    kept: Kept,
    drawing: Drawing,
    saved: Saved<Box<RawValue>>,
    /// The number of nodes of its path that are not in its row.
    apart: usize,
}

impl Stored {
    /// Reads a run, and checks it against its drawing.
    pub(crate) fn read(from: &Connection, id: &str) -> Result<Self, Error> {
        Self::of(from, store::by_id(from, id)?)
    }

    pub(crate) fn of(from: &Connection, kept: Kept) -> Result<Self, Error> {
        let Entry { drawing, .. } = Entry::read(from, kept.drawing)?;
        let store::Tail { begin, walked, apart } = kept.path(from, 0)?;
        let saved = kept.saved(drawing.hash())?.with_path_since(begin, walked);
        drawing.check(&saved)?;
        Ok(Self { kept, drawing, saved, apart })
    }

    pub(crate) fn status(&self) -> Status {
        Status::of(self.saved.state())
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
        nth: u32,
        how: StuckResolution,
    ) -> Result<(Write, Status), Error> {
        let unknown = || format!("`{node}`, which its drawing does not have");
        let at = self.drawing.find(node).ok_or_else(|| self.not_stuck(Some(unknown())))?;
        if !self.saved.resolve_stuck(&self.drawing, at, nth, how) {
            return Err(self.not_stuck(Some(format!("`{node}`, visit {nth}"))));
        }
        let status = self.status();
        Ok((self.changed()?, status))
    }

    /// Abandons the run. Returns the write and the undos that are left.
    pub(crate) fn abandon(mut self) -> Result<(Write, Vec<Debt>), Error> {
        if !self.saved.abandon(&self.drawing) {
            return Err(Error::Over { run: self.kept.summary.run, status: self.kept.summary.status });
        }
        let owed = self.drawing.left_behind(&self.saved);
        Ok((self.changed()?, owed))
    }

    fn not_stuck(&self, what: Option<String>) -> Error {
        Error::NotStuck { run: self.kept.summary.run.clone(), what }
    }

    /// Writes only the row: the parts of the path outside of it stay unchanged.
    fn changed(self) -> Result<Write, Error> {
        let Self { kept, saved, apart, .. } = self;
        let run = kept.summary.run;
        let text = |value: Result<Vec<u8>, serde_json::Error>| {
            value.map(Text).map_err(|source| Error::Unreadable { run: run.clone(), source: source.into() })
        };
        let state = text(serde_json::to_vec(&saved.snapshot().nameless()))?;
        let begin = saved.path_begins();
        let last: Vec<&Walked> = saved.path().skip(apart.saturating_sub(begin)).collect();
        let walked = if last.is_empty() { Text::default() } else { text(serde_json::to_vec(&last))? };
        let status = Status::of(saved.state());
        let changed = time::wall().max(kept.changed);
        let moved =
            Moved { drawing: kept.drawing, status, changed, state, last: Part { first: apart, walked } };
        let (seq, goes_on, path_anew, part, messages) = (kept.seq, false, false, None, Vec::new());
        Ok(Write::Change(Keep { seq, id: run.as_str().into(), moved, goes_on, path_anew, part, messages }))
    }
}

/// Deletes a run that is over and not stuck, or whose saved data can't be read.
pub(crate) fn delete(from: &Connection, id: &str) -> Result<Write, Error> {
    let kept = match store::by_id(from, id) {
        Err(Error::DamagedRow { .. }) => {
            return Ok(Write::Delete { seq: store::number(from, id)?, id: id.to_owned() });
        }
        read => read?,
    };
    let (seq, status) = (kept.seq, kept.summary.status);
    let may_go = match Stored::of(from, kept) {
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
