//! The drawings that the runs of a file were saved with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use flowgen::plan::Plan;
use flowgen::report::Status;
use flowgen::run::{Interpreter, Migration, Run, Saved};
use rusqlite::Connection;
use serde_json::value::RawValue;

use super::contexts::Origin;
use crate::entry::Entry;
use crate::error::Error;
use crate::store::{self, StoredRun};

/// The drawings of a file. Each is compared with the program's drawing once.
#[derive(Debug)]
pub(super) struct Drawings {
    plan: &'static Plan,
    /// Nodes that runs may reach again where the drawing was changed.
    repeats: Vec<u32>,
    known: Mutex<HashMap<i64, Arc<Known>>>,
}

/// A drawing, and how its runs are migrated to the program's drawing.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) entry: Entry,
    migration: Migration,
}

/// A run that was read from the file.
pub(super) struct Loaded<C> {
    pub(super) seq: i64,
    pub(super) cancelled: bool,
    pub(super) run: Run<C>,
    /// The number of nodes of its path that are outside of its row, with the program's node numbers.
    pub(super) in_table: usize,
    /// The path in the file has the node numbers of another drawing.
    pub(super) rewrite_path: bool,
    /// Its drawing and its status in the file.
    pub(super) saved_as: (i64, Status),
    /// When it was last saved.
    pub(super) changed: i64,
    /// The length of its state and path in the row, in bytes.
    pub(super) length: usize,
}

/// How much of a path is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathScope {
    Whole,
    /// The part that observers have not been notified of: enough to continue the run.
    Unobserved,
}

impl Drawings {
    pub(super) fn new(plan: &'static Plan, repeats: Vec<u32>) -> Self {
        Self { plan, repeats, known: Mutex::new(HashMap::new()) }
    }

    pub(super) fn get(&self, from: &Connection, number: i64) -> Result<Arc<Known>, Error> {
        let known = || store::lock(&self.known);
        if let Some(known) = known().get(&number) {
            return Ok(Arc::clone(known));
        }
        let entry = Entry::read(from, number)?;
        let migration = Migration::new(&entry.drawing, self.plan);
        let migration = migration.accept_repeats(self.repeats.iter().copied());
        let drawing = Arc::new(Known { entry, migration });
        known().insert(number, Arc::clone(&drawing));
        Ok(drawing)
    }

    /// Restores a run from its row and path.
    pub(super) fn load<C>(
        &self,
        from: &Connection,
        stored: &StoredRun,
        scope: PathScope,
        interpreter: Interpreter<C>,
        mut read: impl FnMut(Origin<'_>, &RawValue) -> Result<C, Error>,
    ) -> Result<Loaded<C>, Error> {
        let known = self.get(from, stored.drawing)?;
        let Entry { drawing, context } = &known.entry;
        let (run, version) = (stored.summary.run.as_str(), *context);
        let saved: Saved<Box<RawValue>> = stored.saved(drawing.hash())?;
        let saved = saved.try_map(|branch, text| read(Origin { run, branch, version }, &text))?;
        let is_same = known.migration.is_same();
        let since = if is_same && scope == PathScope::Unobserved { saved.observed() } else { 0 };
        let store::Tail { begin, walked, in_table } = stored.path(from, since)?;
        let in_table = if is_same { in_table } else { 0 };
        let run = interpreter.restore(saved.with_path_since(begin, walked), &known.migration)?;
        let (seq, cancelled, saved_as) =
            (stored.seq, stored.cancelled, (stored.drawing, stored.summary.status));
        let (changed, length) = (stored.changed, stored.length());
        Ok(Loaded { seq, cancelled, run, in_table, rewrite_path: !is_same, saved_as, changed, length })
    }
}
