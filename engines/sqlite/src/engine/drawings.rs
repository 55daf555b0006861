//! The drawings that the runs of a file were saved with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use flowgen::plan::Plan;
use flowgen::report::Status;
use flowgen::run::{Adoption, Interpreter, Run, Saved};
use rusqlite::Connection;
use serde_json::value::RawValue;

use super::contexts::Origin;
use crate::entry::Entry;
use crate::error::Error;
use crate::store::{self, Kept};

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
    adoption: Adoption,
}

/// A run that was read from the file.
pub(super) struct Loaded<C> {
    pub(super) seq: i64,
    pub(super) cancelled: bool,
    pub(super) run: Run<C>,
    /// The number of nodes of its path that are outside of its row, with the program's node numbers.
    pub(super) apart: usize,
    /// The path in the file has the node numbers of another drawing.
    pub(super) path_anew: bool,
    /// Its drawing and its status in the file.
    pub(super) stands: (i64, Status),
    /// When it was last saved.
    pub(super) changed: i64,
    /// The length of its state and path in the row, in bytes.
    pub(super) length: usize,
}

/// How much of a path is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    Whole,
    /// The part that observers have not been notified of: enough to continue the run.
    Untold,
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
        let adoption = Adoption::new(&entry.drawing, self.plan);
        let adoption = adoption.accept_repeats(self.repeats.iter().copied());
        let drawing = Arc::new(Known { entry, adoption });
        known().insert(number, Arc::clone(&drawing));
        Ok(drawing)
    }

    /// Restores a run from its row and path.
    pub(super) fn load<C>(
        &self,
        from: &Connection,
        kept: &Kept,
        path: Path,
        interpreter: Interpreter<C>,
        mut read: impl FnMut(Origin<'_>, &RawValue) -> Result<C, Error>,
    ) -> Result<Loaded<C>, Error> {
        let known = self.get(from, kept.drawing)?;
        let Entry { drawing, context } = &known.entry;
        let (run, version) = (kept.summary.run.as_str(), *context);
        let saved: Saved<Box<RawValue>> = kept.saved(drawing.hash())?;
        let saved = saved.try_map(|place, text| read(Origin { run, place, version }, &text))?;
        let is_same = known.adoption.is_same();
        let since = if is_same && path == Path::Untold { saved.told() } else { 0 };
        let store::Tail { begin, walked, apart } = kept.path(from, since)?;
        let apart = if is_same { apart } else { 0 };
        let run = interpreter.adopt(saved.with_path_since(begin, walked), &known.adoption)?;
        let (seq, cancelled, stands) = (kept.seq, kept.cancelled, (kept.drawing, kept.summary.status));
        let (changed, length) = (kept.changed, kept.length());
        Ok(Loaded { seq, cancelled, run, apart, path_anew: !is_same, stands, changed, length })
    }
}
