//! The drawings that runs of a file were begun with.

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

/// The drawings of a file, each compared to that of the program once.
#[derive(Debug)]
pub(super) struct Drawings {
    plan: &'static Plan,
    /// Nodes that runs may come to again where the drawing was changed.
    repeats: Vec<u32>,
    known: Mutex<HashMap<i64, Arc<Known>>>,
}

/// A drawing, and how its runs go on.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) entry: Entry,
    adoption: Adoption,
}

/// A run that was read.
pub(super) struct Loaded<C> {
    pub(super) seq: i64,
    pub(super) cancelled: bool,
    pub(super) run: Run<C>,
    /// How much of its path is not in its row, in numbers of this drawing.
    pub(super) apart: usize,
    /// The path in the file has those of another.
    pub(super) path_anew: bool,
    /// Its drawing and its status in the file.
    pub(super) stands: (i64, Status),
    /// When it was saved last.
    pub(super) changed: i64,
    /// How long what its row holds is.
    pub(super) length: usize,
}

/// How much of a path is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    Whole,
    /// What observers were not told yet: enough for the run to go on.
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

    /// Makes a run of what was read.
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
